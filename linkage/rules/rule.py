"""The types of a rule: a named predicate with its meaning, its basis and what it asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = int | float | str | bool
"""What a parameter may be; the type of the default is the type that is asked for."""


@dataclass(frozen=True)
class Parameter:
    """A number or word in a rule that users may change.

    Attributes:
        default: its value where nothing is said.
        meaning: what it decides, in a few words.
    """

    default: Value
    meaning: str


@dataclass(frozen=True)
class Step:
    """One step of a ladder: what follows if the step before it brought nothing.

    Attributes:
        action: a word of :data:`linkage.contracts.ACTIONS`.
        days: days after the step before.
    """

    action: str
    days: int


@dataclass(frozen=True)
class Rule:
    """A rule over the case view of one registry (see :mod:`linkage.rules.columns`).

    Attributes:
        code: what the lists call it.
        description: what it means, by language.
        basis: the law or practice behind it.
        since: since when that holds; None where the basis has no one day.
        predicate: SQL over the case view's columns; ``{name}`` stands for a parameter. True means
            that the rule fails for the record, false that it passes, null that it cannot be
            judged: a missing value never makes a flag.
        severity: how grave, as SQL: a quoted word or a ``CASE`` over the same columns.
        action: the first step due, as SQL in the same way.
        confidence: probability that the rule is right where its predicate holds and the link is
            right, as SQL.
        parameters: by name.
        evidence: case-view columns that go into the evidence.
        requires: standard fields that the registry must declare; without them the rule is not
            evaluated.
        registries: the registries that it is made for; None for all that have the fields.
        ladders: registry to the steps that follow the first one, in order; those not harder than
            the first step due are left out, and a question has none.
        held_by: codes of the protections that turn its step into a question.
    """

    code: str
    description: Mapping[str, str]
    basis: str
    predicate: str
    severity: str
    action: str
    confidence: str = "1.0"
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    since: dt.date | None = None
    registries: tuple[str, ...] | None = None
    ladders: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    held_by: tuple[str, ...] = ()

    @property
    def defaults(self) -> dict[str, Value]:
        """Parameters with their defaults."""
        return {name: parameter.default for name, parameter in self.parameters.items()}


@dataclass(frozen=True)
class Protection:
    """What turns an automatic step into a question: somebody would be harmed who did no wrong.

    Attributes:
        code: what the column ``protected`` calls it.
        description: what it means, by language.
        basis: why.
        predicate: SQL over the case view's columns, as of a rule; unknown does not protect.
        parameters: by name.
        strong: whether it holds back a mere notice as well, and not only the steps above it.
    """

    code: str
    description: Mapping[str, str]
    basis: str
    predicate: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    strong: bool = False

    @property
    def defaults(self) -> dict[str, Value]:
        """Parameters with their defaults."""
        return {name: parameter.default for name, parameter in self.parameters.items()}


def filled(sql: str, parameters: Mapping[str, Any]) -> str:
    """Put parameters in the place of ``{name}``.

    Example:
        >>> filled("held >= {ask_from}", {"ask_from": 4})
        'held >= 4'
    """
    for name, value in parameters.items():
        text = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
        sql = sql.replace("{" + name + "}", text)
    return sql
