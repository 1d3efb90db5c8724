"""Comparisons: how two values of one field type may agree, from best to worst.

A comparison is an ordered list of levels; the first level whose condition holds is the pair's level,
and each level carries a match weight log2(m/u). Conditions are SQL over the features of
:mod:`linkage.link.features`, symmetric in left and right, because Splink decides which side is left.

Correlated evidence is counted once:

* tone marks are judged only where the folded names are equal (else they say what the name said);
* the digits of a personal number that repeat sex, birth year and province are not compared again:
  the number agrees as a whole, or is an edit apart, or differs;
* day and month are not judged where either side holds a year only or a placeholder.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    least: float = 3e-4


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


def _both(column: str) -> str:
    return f'"{{f}}__{column}_l" IS NOT NULL AND "{{f}}__{column}_r" IS NOT NULL'


def _same(column: str) -> str:
    return f'"{{f}}__{column}_l" = "{{f}}__{column}_r"'


def _shared(column: str) -> str:
    return f'list_has_any("{{f}}__{column}_l", "{{f}}__{column}_r")'


def _missing(column: str) -> str:
    return f'"{{f}}__{column}_l" IS NULL OR "{{f}}__{column}_r" IS NULL'


def _edits(column: str, most: int) -> str:
    """At most so many edits; the lengths are looked at first, because that is much cheaper."""
    left, right = f'"{{f}}__{column}_l"', f'"{{f}}__{column}_r"'
    return (
        f"(abs(length({left}) - length({right})) <= {most}"
        f" AND damerau_levenshtein({left}, {right}) <= {most})"
    )


def _one_digit(column: str, ends: int) -> str:
    """At most one edit between numbers of one length: one of their ends must be the same."""
    left, right = f'"{{f}}__{column}_l"', f'"{{f}}__{column}_r"'
    return (
        f"((left({left}, {ends}) = left({right}, {ends})"
        f" OR right({left}, {ends}) = right({right}, {ends}))"
        f" AND damerau_levenshtein({left}, {right}) <= 1)"
    )


_ELSE: Final = Level("differ", "ELSE")

_NAME: Final = Comparison(
    "person_name",
    ("fold", "initials", "given", "family_given", "sorted", "abbreviated"),
    (
        Level("missing", _missing("fold"), is_null=True),
        Level("same name", _same("fold"), frequency="fold"),
        Level(
            "abbreviated",
            f'("{{f}}__abbreviated_l" OR "{{f}}__abbreviated_r") AND {_same("initials")}'
            f" AND {_same('given')}",
            frequency="fold",
        ),
        Level("other order", _same("sorted"), frequency="fold"),
        Level("one edit apart", _edits("fold", 1), frequency="fold"),
        Level("middle name differs", _same("family_given")),
        Level(
            "similar",
            f"{_edits('fold', 2)} OR"
            ' jaro_winkler_similarity("{f}__fold_l", "{f}__fold_r") >= 0.94',
        ),
        Level("same given name", _same("given")),
        _ELSE,
    ),
    agrees=("same name",),
)

_TONES: Final = Comparison(
    "person_name_tones",
    ("fold", "tone", "has_tones"),
    (
        Level(
            "nothing to compare",
            f"({_missing('fold')}) OR NOT ({_same('fold')})"
            ' OR NOT ("{f}__has_tones_l" AND "{f}__has_tones_r")',
            is_null=True,
        ),
        Level("same tone marks", _same("tone")),
        _ELSE,
    ),
    agrees=("same tone marks",),
)

_NUMBER: Final = Comparison(
    "personal_id",
    ("numbers", "number", "old_numbers"),
    (
        Level(
            "nothing to compare",
            f"NOT ({_both('number')})"
            ' AND NOT coalesce(len("{f}__old_numbers_l") > 0 AND len("{f}__old_numbers_r") > 0,'
            " false)"
            f" AND NOT coalesce({_shared('numbers')}, false)",
            is_null=True,
        ),
        # Two people do share an old number now and then (double issues), hence not smaller.
        Level("same number", _shared("numbers"), accident=1e-7),
        Level("one edit apart", _one_digit("number", 5), accident=1e-6),
        # One person had two or three old numbers in 421,999 known cases; moving gave a new one.
        Level("old numbers differ", _missing("number"), least=0.03),
        _ELSE,
    ),
    agrees=("same number",),
)

_BIRTH: Final = Comparison(
    "birth_date",
    ("value", "year", "exact", "digits", "day", "month"),
    (
        Level("missing", _missing("year"), is_null=True),
        Level("same date", _same("exact")),
        Level("same year, day unknown", f"({_missing('exact')}) AND {_same('year')}"),
        Level(
            "day and month swapped",
            f"{_same('year')} AND"
            ' "{f}__day_l" = "{f}__month_r" AND "{f}__month_l" = "{f}__day_r"',
        ),
        Level("one digit apart", _one_digit("digits", 3)),
        Level("within two days", 'abs(date_diff(\'day\', "{f}__exact_l", "{f}__exact_r")) <= 2'),
        Level("same day and month", f"{_same('day')} AND {_same('month')}"),
        Level("same year", _same("year")),
        _ELSE,
    ),
    agrees=("same date",),
    equal='"{f}__value_l" IS NOT DISTINCT FROM "{f}__value_r" AND "{f}__year_l" = "{f}__year_r"'
    # 30 February has no value, but it has digits: it is neither 31 February nor a year alone.
    ' AND "{f}__digits_l" IS NOT DISTINCT FROM "{f}__digits_r"',
)

_ADDRESS: Final = Comparison(
    "address",
    ("wards", "ward", "places", "place", "houses", "provinces"),
    (
        Level(
            "missing",
            f"({_missing('provinces')})",
            is_null=True,
        ),
        Level("same place", _shared("places"), frequency="place", own_frequency=True),
        Level("same house number and ward", _shared("houses")),
        Level("same ward", _shared("wards"), frequency="ward", own_frequency=True),
        Level("ward unknown, same province", f"({_missing('wards')}) AND {_shared('provinces')}"),
        Level("same province", _shared("provinces")),
        _ELSE,
    ),
    agrees=("same place", "same house number and ward", "same ward"),
)

_SEX: Final = Comparison(
    "sex",
    ("value",),
    (
        Level("missing", _missing("value"), is_null=True),
        Level("same", _same("value")),
        _ELSE,
    ),
    agrees=("same",),
)

COMPARISONS: Final[Mapping[str, tuple[Comparison, ...]]] = {
    "person_name": (_NAME, _TONES),
    "personal_id": (_NUMBER,),
    "birth_date": (_BIRTH,),
    "address": (_ADDRESS,),
    "sex": (_SEX,),
}
"""Default comparisons of a field type (:attr:`linkage.fields.FieldType.comparison`)."""
