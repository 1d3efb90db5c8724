"""Levels and comparisons: an ordered list of conditions, from full agreement down to the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Level:
    """One way to agree.

    Attributes:
        label: name of the level, also its key in a model file.
        sql: condition; ``{f}`` stands for the field. ``ELSE`` for the last level.
        is_null: no evidence either way.
        frequency: feature whose frequency in the population register adjusts the weight.
        own_frequency: the frequency *is* the chance of agreeing here by accident; otherwise it
            only scales that of the exact level.
        accident: chance of this level between two different people where it is known better than a
            sample of pairs could show it, else None.
        least: the chance of this level between records of one person is never taken to be less:
            clerks make mistakes that a training sample does not happen to show.
    """

    label: str
    sql: str
    is_null: bool = False
    frequency: str | None = None
    own_frequency: bool = False
    accident: float | None = None
    least: float = 1e-4


@dataclass(frozen=True)
class Comparison:
    """The levels of one field type.

    Attributes:
        name: how a model file calls it.
        features: parts of the field that the conditions read.
        levels: from no evidence and full agreement down to the rest.
        agrees: labels of the levels at which the two values count as the same.
        equal: SQL for values that a look-up would call the same although they are no evidence that
            the people are (1 January on both sides), else None.
    """

    name: str
    features: tuple[str, ...]
    levels: tuple[Level, ...]
    agrees: tuple[str, ...]
    equal: str | None = None


ELSE: Final = Level("differ", "ELSE")
"""The level of pairs that agree in no way named before."""
