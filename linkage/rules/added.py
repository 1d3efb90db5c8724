"""Rules that a declaration or a job adds in YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from linkage.clean import DeclaredField
from linkage.config.document import Document, KeyPath
from linkage.config.findings import validate
from linkage.config.models import Date, Declared, Probability, Text, Titles
from linkage.errors import did_you_mean
from linkage.rules.columns import known_columns
from linkage.rules.expression import canonical, faults
from linkage.rules.protection import PROTECTIONS
from linkage.rules.rule import Parameter, Rule, Step, Value, filled

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class LadderStep(Declared):
    """A step that follows the first one, days after the step before."""

    action: Literal["notify", "verify", "lock_outgoing", "lock_both", "terminate"]
    days: Annotated[int, Field(ge=0, strict=True)]


class AddedRule(Declared):
    """A rule in YAML; see :class:`linkage.rules.rule.Rule`."""

    predicate: Text
    description: Titles
    basis: Text
    since: Date | None = None
    severity: Literal["info", "low", "medium", "high"]
    action: Literal["none", "ask", "notify", "verify", "lock_outgoing", "lock_both", "terminate"]
    confidence: Probability = 0.9
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


def check_added(
    document: Document,
    where: KeyPath,
    code: str,
    definition: Mapping[str, Any],
    fields: Mapping[str, DeclaredField],
) -> None:
    """Note what is wrong with a rule that is added.

    Args:
        document: the file that adds it.
        where: its place there.
        code: what it is called.
        definition: what it says.
        fields: the registry's declared fields.
    """
    if not _CODE.fullmatch(code):
        document.note(where, "this is no rule code", "capital letters, digits and '_'", code)
    form = validate(document, AddedRule, definition, where)
    if form is None:
        return
    columns = known_columns(fields)
    known = [("evidence", form.evidence, columns), ("held_by", form.held_by, PROTECTIONS)]
    for key, names, choices in known:
        for i, name in enumerate(names):
            if name not in choices:
                document.note((*where, key, i), f"unknown name {name!r}",
                              " | ".join(sorted(choices)), name,
                              did_you_mean(name, choices))  # fmt: skip
    if "en" not in form.description:
        document.note((*where, "description"), "the description has no English text", "en: …")
    place = (*where, "predicate")
    missing = [n for n in _PLACEHOLDER.findall(form.predicate) if n not in form.parameters]
    for name in missing:
        document.note(place, f"the rule has no parameter {name!r}",
                      " | ".join(form.parameters) or "parameters: {name: default}", f"{{{name}}}",
                      did_you_mean(name, form.parameters))  # fmt: skip
    if not missing:
        for fault in faults(filled(form.predicate, form.parameters), columns):
            document.note(place, fault.message, fault.expected, fault.found, fault.hint)
