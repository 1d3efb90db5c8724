"""Rules that a declaration or a job adds in YAML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from linkage.rules.expression import canonical
from linkage.rules.protection import PROTECTIONS
from linkage.rules.rule import Parameter, Rule, Step, Value, filled

Text = Annotated[str, Field(min_length=1)]
_FROZEN = ConfigDict(frozen=True, extra="forbid")


class LadderStep(BaseModel):
    """A step that follows the first one, days after the step before."""

    model_config = _FROZEN

    action: Literal["notify", "verify", "lock_outgoing", "lock_both", "terminate"]
    days: Annotated[int, Field(ge=0, strict=True)]


class AddedRule(BaseModel):
    """A rule in YAML; see :class:`linkage.rules.rule.Rule`."""

    model_config = _FROZEN

    predicate: Text
    description: dict[Annotated[str, Field(pattern=r"^[a-z]{2}$")], Text]
    basis: Text
    since: dt.date | None = None
    severity: Literal["info", "low", "medium", "high"]
    action: Literal["none", "ask", "notify", "verify", "lock_outgoing", "lock_both", "terminate"]
    confidence: Annotated[float, Field(gt=0, le=1, strict=True)] = 0.9
    parameters: dict[str, Value] = Field(default_factory=dict)
    evidence: list[Text] = Field(default_factory=list)
    ladder: list[LadderStep] = Field(default_factory=list)
    held_by: list[Text] = Field(default_factory=lambda: list(PROTECTIONS))


def is_definition(setting: object) -> bool:
    """Whether a setting adds a rule, in place of changing one.

    Example:
        >>> is_definition({"predicate": "held > 1"}), is_definition({"ask_from": 4})
        (True, False)
    """
    return isinstance(setting, Mapping) and "predicate" in setting


def rule_of(code: str, registry: str, definition: Mapping[str, Any]) -> Rule:
    """The rule that a checked definition describes; its parameters are filled in.

    Example:
        >>> rule_of("MANY", "sim", {"predicate": "held > {n}", "parameters": {"n": 2},
        ...     "description": {"en": "Many."}, "basis": "ours", "severity": "low",
        ...     "action": "ask"}).predicate
        'held > 2'
    """
    form = AddedRule.model_validate(dict(definition))
    return Rule(
        code=code,
        description=form.description,
        basis=form.basis,
        since=form.since,
        predicate=canonical(filled(form.predicate, form.parameters)),
        severity=f"'{form.severity}'",
        action=f"'{form.action}'",
        confidence=repr(form.confidence),
        parameters={name: Parameter(value, "") for name, value in form.parameters.items()},
        evidence=tuple(form.evidence),
        registries=(registry,),
        ladders={registry: tuple(Step(step.action, step.days) for step in form.ladder)},
        held_by=tuple(form.held_by),
    )
