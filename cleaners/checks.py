"""Checks between fields: what a number says against what the person's other fields say.

Every check is an expression over cleaned columns and has three outcomes: true (they disagree),
false (they agree), null (something is missing, so nothing can be told). The small functions take
plain columns; ``person`` takes the struct columns that the cleaners give and lists the issues.

==========================  ===========================================================
``sex_digit_disagrees``     digit 4 of the personal number is of the other sex
``year_digit_disagrees``    digits 4 to 6 mean another year or century of birth
``licence_digit_disagrees`` digit 3 of the licence number is not digit 4 of the number
``licence_too_early``       the licence number says passed before 16 (``youngest``)
``holder_too_young``        issued before 18 (``youngest``), the lowest age of any class
``under_14``                not yet 14 on the day: a SIM goes through parent or guardian
``group_age_disagrees``     group TE of an insurance card is children under 6 [recalled]
==========================  ===========================================================

Ages are counted on the day: nobody is 14 before the birthday, and who was born on 29 February
turns 14 on 1 March. A birth date that is only a year, or a stand-in 01/01, tells the age only
where every day of the year gives the same answer. No clock is read: days are passed in.

>>> import datetime
>>> from cleaners import dates, sex
>>> from cleaners.identifiers import personal_id
>>> today = datetime.date(2026, 10, 1)
>>> frame = pl.DataFrame({"id": ["001190012345"], "sex": ["Nam"], "born": ["1991"]})
>>> cleaned = frame.select(
...     personal_id.clean("id"), sex.clean("sex"), dates.clean("born", reference_date=today)
... )
>>> cleaned.select(person(number="id", sex="sex", birth="born")).item().to_list()
['sex_digit_disagrees', 'year_digit_disagrees']
"""

from __future__ import annotations

import datetime

import polars as pl

from cleaners.issues import collect
from cleaners.text import as_expr

__all__ = [
    "group_age_disagrees",
    "holder_too_young",
    "licence_digit_disagrees",
    "licence_too_early",
    "person",
    "sex_digit_disagrees",
    "under_14",
    "under_age",
    "year_digit_disagrees",
]

Column = str | pl.Expr
Day = datetime.date | str | pl.Expr
_FULL = 12
_CHILD_GROUP, _CHILD_AGE = "TE", 6


def _digits(number: Column, start: int, length: int) -> pl.Expr:
    """Some digits of a 12-digit number; null for a CMND, a passport or a paper licence."""
    text = as_expr(number)
    whole = pl.when(text.str.len_bytes() == _FULL).then(text).cast(pl.Int64, strict=False)
    shifted: pl.Expr = whole // 10 ** (_FULL - start - length)
    digits: pl.Expr = shifted % 10**length
    return digits


def _century_digit(sex: Column, birth_year: Column) -> pl.Expr:
    """The digit that sex and birth year call for: 0-1 for the 1900s, 2-3 for the 2000s."""
    century = as_expr(birth_year) // 100 - 19
    return 2 * century + (as_expr(sex) == "female").cast(pl.Int32)


def sex_digit_disagrees(number: Column, sex: Column) -> pl.Expr:
    """Whether a personal number is of the other sex.

    Args:
        number: clean numbers; other than 12 digits give null.
        sex: ``male`` or ``female``.

    >>> frame = pl.DataFrame({"n": ["001190012345", "011987654"], "s": ["male", "male"]})
    >>> frame.select(sex_digit_disagrees("n", "s")).to_series().to_list()
    [True, None]
    """
    return (_digits(number, 3, 1) % 2 == 1) != (as_expr(sex) == "female")


def year_digit_disagrees(number: Column, birth_year: Column) -> pl.Expr:
    """Whether a personal number means another birth year or century.

    Args:
        number: clean numbers; other than 12 digits give null.
        birth_year: four digits; that of a placeholder date is as good.

    >>> frame = pl.DataFrame({"n": ["001190012345"] * 2, "y": [1990, 2090]})
    >>> frame.select(year_digit_disagrees("n", "y")).to_series().to_list()
    [False, True]
    """
    year = 1900 + 100 * (_digits(number, 3, 1) // 2) + _digits(number, 4, 2)
    return year != as_expr(birth_year)


def licence_digit_disagrees(
    licence: Column,
    number: Column | None = None,
    *,
    sex: Column | None = None,
    birth_year: Column | None = None,
) -> pl.Expr:
    """Whether a licence number's sex and century digit is not the holder's.

    Args:
        licence: clean licence numbers; paper ones give null.
        number: clean personal numbers, which carry the same digit.
        sex: where there is no 12-digit number: ``male`` or ``female``, with ``birth_year``.
        birth_year: four digits.

    >>> frame = pl.DataFrame({"l": ["790051234567"], "n": ["001190012345"]})
    >>> frame.select(licence_digit_disagrees("l", "n")).item()
    True
    """
    known = [] if number is None else [_digits(number, 3, 1)]
    if sex is not None and birth_year is not None:
        known.append(_century_digit(sex, birth_year))
    if not known:
        message = "expected a number, or sex and birth_year, found neither; try: pass one"
        raise ValueError(message)
    return _digits(licence, 2, 1) != pl.coalesce(known)


def licence_too_early(
    licence: Column, birth_year: Column, *, reference_date: datetime.date, youngest: int = 16
) -> pl.Expr:
    """Whether a licence number says that the test was passed too young.

    Args:
        licence: clean licence numbers; paper ones give null.
        birth_year: four digits.
        reference_date: two digits mean the latest year up to this day's.
        youngest: age in the year of passing; 18 is the law today, 16 leaves room for errors.

    >>> frame = pl.DataFrame({"l": ["790051234567"] * 2, "y": [1990, 1980]})
    >>> day = datetime.date(2026, 10, 1)
    >>> frame.select(licence_too_early("l", "y", reference_date=day)).to_series().to_list()
    [True, False]
    """
    digits = _digits(licence, 3, 2)
    century = reference_date.year // 100 * 100
    is_later = digits > reference_date.year % 100
    passed = digits + century - 100 * is_later.cast(pl.Int32)
    return passed < as_expr(birth_year) + youngest


def under_age(born: Column, birth_year: Column, on: Day, *, age: int) -> pl.Expr:
    """Whether somebody has not reached an age on a day.

    Args:
        born: Date, null where only the year can be trusted.
        birth_year: four digits.
        on: the day, or a Date column of days.
        age: in years.

    Returns:
        Boolean; null without a year or a day, and where the year alone cannot tell.
    """
    day = pl.lit(on) if isinstance(on, datetime.date) else as_expr(on)
    date = as_expr(born)
    years = day.dt.year() - as_expr(birth_year)
    # As numbers yyyymmdd, so that 29 February needs no calendar.
    is_under = _ordinal(day) < _ordinal(date) + age * 10_000
    by_year = pl.when(years < age).then(True).when(years > age).then(False)
    return pl.when(date.is_not_null()).then(is_under).otherwise(by_year)


def _ordinal(date: pl.Expr) -> pl.Expr:
    """A date as the number yyyymmdd."""
    return date.dt.year() * 10_000 + date.dt.month().cast(pl.Int32) * 100 + date.dt.day()


def under_14(born: Column, birth_year: Column, on: Day) -> pl.Expr:
    """Whether a SIM holder is not yet 14: lawful only through parent or guardian.

    >>> frame = pl.DataFrame({"y": [2015, 2012, 2000]}).with_columns(d=pl.lit(None, pl.Date))
    >>> frame.select(under_14("d", "y", datetime.date(2026, 10, 1))).to_series().to_list()
    [True, None, False]
    """
    return under_age(born, birth_year, on, age=14)


def holder_too_young(born: Column, birth_year: Column, issued: Day, youngest: int = 18) -> pl.Expr:
    """Whether a licence was issued before its holder could have one.

    Args:
        born: Date, null where only the year can be trusted.
        birth_year: four digits.
        issued: day or Date column.
        youngest: years; no class has a lower age than 18 (Law 36/2024; old classes alike).

    >>> frame = pl.DataFrame({"y": [1990], "d": [datetime.date(1990, 5, 2)]})
    >>> frame.select(holder_too_young("d", "y", datetime.date(2008, 5, 1))).item()
    True
    """
    return under_age(born, birth_year, issued, age=youngest)


def group_age_disagrees(group: Column, born: Column, birth_year: Column, on: Day) -> pl.Expr:
    """Whether an insurance card for children under 6 is held by somebody older: a weak sign.

    Args:
        group: clean group codes of the card.
        born: Date, null where only the year can be trusted.
        birth_year: four digits.
        on: day, or Date column of the card's first days.

    Returns:
        Boolean; null for every group but TE.
    """
    is_child = as_expr(group) == _CHILD_GROUP
    return pl.when(is_child).then(~under_age(born, birth_year, on, age=_CHILD_AGE))


def person(
    *,
    number: Column | None = None,
    sex: Column | None = None,
    birth: Column | None = None,
    licence: Column | None = None,
    issued: Column | None = None,
    started: Day | None = None,
    card: Column | None = None,
    reference_date: datetime.date | None = None,
) -> pl.Expr:
    """List the issues between the fields of a person; what is not passed is not checked.

    Args:
        number: struct column of ``personal_id.clean`` (or ``personal_number.clean``).
        sex: struct column of ``sex.clean``.
        birth: struct column of ``dates.clean``, of the birth date.
        licence: struct column of ``licence_number.clean``.
        issued: struct column of ``dates.clean``, of the licence's issue date.
        started: the day, or a struct column of ``dates.clean``, on which a SIM's holder must be 14.
        card: struct column of ``insurance_card.clean``; judged on ``reference_date``.
        reference_date: the day that counts as today; needed for ``licence`` and ``card``.

    Returns:
        List(String) named ``issues``, never null: the names of the checks that failed.

    Raises:
        ValueError: a licence or a card without a reference date.
    """
    if reference_date is None and (licence is not None or card is not None):
        message = "expected reference_date beside licence or card, found None; try: pass the day"
        raise ValueError(message)
    own, of_sex = _part(number, "value"), _part(sex, "value")
    held, group = _part(licence, "value"), _part(card, "group")
    year = _part(birth, "year", pl.Int32())
    is_exact = ~_part(birth, "is_placeholder", pl.Boolean())
    born = pl.when(is_exact).then(_part(birth, "value", pl.Date()))
    given = _part(issued, "value", pl.Date())
    start = started if isinstance(started, datetime.date) else _part(started, "value", pl.Date())
    today = reference_date or datetime.date.max
    return collect(
        sex_digit_disagrees=sex_digit_disagrees(own, of_sex),
        year_digit_disagrees=year_digit_disagrees(own, year),
        licence_digit_disagrees=licence_digit_disagrees(held, own, sex=of_sex, birth_year=year),
        licence_too_early=licence_too_early(held, year, reference_date=today),
        holder_too_young=holder_too_young(born, year, given),
        under_14=under_14(born, year, start),
        group_age_disagrees=group_age_disagrees(group, born, year, today),
    )


def _part(column: Column | None, field: str, dtype: pl.DataType | None = None) -> pl.Expr:
    """A field of a struct column; null of the type, else text, where there is no column."""
    if column is None:
        return pl.lit(None, dtype or pl.String())
    return as_expr(column).struct[field]
