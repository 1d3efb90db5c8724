"""Classes of driver licences, whose meaning depends on the day of issue.

Law 36/2024 art. 57 made new classes on 1 January 2025; cards issued before keep the old ones. **A1
and B1 changed meaning**: old A1 was motorbikes below 175 cm3, new A1 is to 125 cm3; old B1 was cars,
new B1 is three-wheelers. So ``clean`` wants the day of issue, and flags A1 and B1 without one
(``class_changed_meaning``).

Validity: old A1, A2, A3 and new A1, A, B1 do not expire; old A4, B2 and new B, C1 last ten years,
the others five; old B1 runs to age 55 (women) or 60 (men), ten years if issued after 45 or 50.
Lowest age: 18 for A1, A, B1, B, C1. A class names no person and no thing, so it is not one of
``identifiers.SCHEMES``, but it has the same verbs.

>>> parse("b 2"), is_valid("B2"), is_valid("Z")
(LicenceClass(name='B2', is_old=True, is_new=False), True, False)
>>> TERMS["B2", False], TERMS["B1", True]
(Terms(years=10, expires=True, youngest=None), Terms(years=None, expires=False, youngest=18))
"""

from __future__ import annotations

import datetime
from typing import Final, NamedTuple

import polars as pl

from cleaners.identifiers.protocol import Scheme, among
from cleaners.issues import collect
from cleaners.text import as_expr, named_like

__all__ = [
    "CHANGED",
    "SINCE",
    "TERMS",
    "LicenceClass",
    "Terms",
    "clean",
    "compact",
    "compacted",
    "format",
    "formatted",
    "is_valid",
    "parse",
    "parsed",
    "valid",
    "validate",
    "validated",
]

#: The day on which the new classes began.
SINCE: Final = datetime.date(2025, 1, 1)
#: Classes that exist before and after with another meaning.
CHANGED: Final = ("A1", "B1")


class Terms(NamedTuple):
    """Years of validity (None: unlimited, or to an age), whether it expires, the lowest age."""

    years: int | None
    expires: bool
    youngest: int | None


_FOREVER, _TEN, _FIVE = (Terms(n, expires=n is not None, youngest=None) for n in (None, 10, 5))
_OLD = {
    **dict.fromkeys(("A1", "A2", "A3"), _FOREVER),
    **dict.fromkeys(("A4", "B2"), _TEN),
    "B1": Terms(None, expires=True, youngest=None),
    **dict.fromkeys(("C", "D", "E", "FB2", "FC", "FD", "FE"), _FIVE),
}
_NEW = {
    **dict.fromkeys(("A1", "A", "B1"), _FOREVER._replace(youngest=18)),
    **dict.fromkeys(("B", "C1"), _TEN._replace(youngest=18)),
    **dict.fromkeys(("C", "D1", "D2", "D", "BE", "C1E", "CE", "D1E", "D2E", "DE"), _FIVE),
}
#: Class, and whether it is one of the law since 2025, to its terms.
TERMS: Final = {
    **{(name, False): terms for name, terms in _OLD.items()},
    **{(name, True): terms for name, terms in _NEW.items()},
}


class LicenceClass(NamedTuple):
    """The class, and whether it is one of before 2025, of today, or of both."""

    name: str
    is_old: bool
    is_new: bool


def _columns(name: pl.Expr) -> dict[str, pl.Expr]:
    return {"name": name, "is_old": name.is_in(list(_OLD)), "is_new": name.is_in(list(_NEW))}


_SCHEME: Final = Scheme(
    form="^[A-Z][A-Z0-9]{0,2}$",
    expected="a letter, and up to two letters or digits",
    hint="one class a value",
    split=lambda name: LicenceClass(name, name in _OLD, name in _NEW),
    types={"name": pl.String(), "is_old": pl.Boolean(), "is_new": pl.Boolean()},
    columns=_columns,
    checks=(among(0, 3, {*_OLD, *_NEW}, "a class of the law", "check the column"),),
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed


def clean(column: str | pl.Expr, issued: str | pl.Expr | None = None) -> pl.Expr:
    """Clean licence classes.

    Args:
        column: a String column.
        issued: Date column of the days of issue; without it only the class itself can tell.

    Returns:
        A struct named after the column: value, is_new (of the law since 2025; null if that cannot
        be told), issues (``unknown_class``, ``class_changed_meaning``: A1 or B1 of an unknown day,
        ``class_date_disagrees``: a class that was not given on that day).

    >>> frame = pl.DataFrame({"class": ["A1", "A1"], "day": [None, datetime.date(2026, 1, 5)]})
    >>> frame.select(clean("class", issued="day")).unnest("class").rows()
    [('A1', None, ['class_changed_meaning']), ('A1', True, [])]
    """
    source = as_expr(column)
    given = pl.lit(None, pl.Boolean) if issued is None else as_expr(issued) >= SINCE
    value = validated(source)
    parts = _columns(value)
    by_class = pl.when(parts["is_old"] != parts["is_new"]).then(parts["is_new"])
    is_new = pl.when(value.is_not_null()).then(pl.coalesce(given, by_class))
    issues = collect(
        unknown_class=(compacted(source) != "") & value.is_null(),
        class_changed_meaning=value.is_in(CHANGED) & given.is_null(),
        class_date_disagrees=(given & ~parts["is_new"]) | (~given & ~parts["is_old"]),
    )
    return named_like(pl.struct(value.alias("value"), is_new.alias("is_new"), issues), source)
