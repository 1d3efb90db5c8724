"""The type of a rule: a named predicate with its meaning, its basis and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """A rule over the case view of one registry (see :mod:`linkage.rules.cases`).

    Attributes:
        code: what the lists call it.
        description: what it means, by language.
        basis: the law or practice behind it, with its date.
        predicate: SQL over the case view's columns; ``{name}`` stands for a parameter. True means
            that the rule fails for the record; false *and unknown* mean that it does not, so that
            a missing value never makes a flag.
        severity: how grave, as SQL: a quoted word or a ``CASE`` over the same columns.
        action: the first step due, as SQL in the same way.
        confidence: probability that the rule is right where its predicate holds and the link is
            right, as SQL.
        parameters: name to default; the type of the default is the type that is asked for.
        evidence: case-view columns that go into the evidence.
        requires: standard fields that the registry must declare; without them the rule is not
            evaluated.
    """

    code: str
    description: Mapping[str, str]
    basis: str
    predicate: str
    severity: str
    action: str
    confidence: str = "1.0"
    parameters: Mapping[str, int | float | str | bool] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
