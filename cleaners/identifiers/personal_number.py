"""Personal number (số định danh, on the CCCD), 12 digits: ``PPP G YY NNNNNN``.

Issuer: Ministry of Public Security (Decree 137/2015 art. 13, Circulars 07/2016 and 59/2021,
Identification Law 26/2023 art. 12). PPP is the province (001 to 096), or from 101 to 295 the
country, where the birth was registered, in the 63-province list of the time; numbers given before
the merger of July 2025 stay. G is 2 x (century - 20) for men and one more for women: 0-1 for
1900s, 2-3 for 2000s; from 4 it means born in 2100 or later and is refused. YY is the year of
birth; six random digits follow. There is no check digit: pages that claim one are wrong [recalled].

Odd cases: spreadsheets drop leading zeros (10 or 11 digits), add ``.0``, or write ``7.9E+10``,
which has lost digits; typists put O, I or l for 0 and 1. A corrected birth year, sex or place
means a new number, and the 12-digit CMND of 2012-2016 shares the number space [recalled].

>>> parse("001190012345")
PersonalNumber(province='001', sex='female', birth_year=1990, serial='012345')
>>> is_valid("001 190 012345"), is_valid("999190012345")
(True, False)
>>> pl.select(clean(pl.lit("OO1I90 01Z345").alias("id")).struct["issues"]).item().to_list()
['malformed_number']
>>> pl.select(clean(pl.lit("OO1I90 012345").alias("id")).struct["value"]).item()
'001190012345'
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from cleaners import reference
from cleaners.identifiers.compacting import SAME_DIGIT, prepared
from cleaners.identifiers.protocol import Scheme, among, unlike
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "PLACEHOLDERS",
    "PersonalNumber",
    "clean",
    "compact",
    "compacted",
    "format",
    "formatted",
    "is_valid",
    "parse",
    "parsed",
    "read",
    "valid",
    "validate",
    "validated",
    "well_formed",
]

_LENGTH = 12
_COUNTRIES = range(101, 296)
_PLACES: Final = frozenset(reference.provinces()["ppp"]) | {str(code) for code in _COUNTRIES}
_RUNS = ("0123456789012345", "1234567890123456", "9876543210987654")
#: What is typed where there is no number.
PLACEHOLDERS: Final = [run[:length] for run in _RUNS for length in (9, 10, 11, 12)] + SAME_DIGIT


class PersonalNumber(NamedTuple):
    """The parts: province or country of birth registration (PPP), sex, birth year, serial."""

    province: str
    sex: str
    birth_year: int
    serial: str


def _split(number: str) -> PersonalNumber:
    century = 1900 + 100 * (int(number[3]) // 2)
    sex = "female" if int(number[3]) % 2 else "male"
    return PersonalNumber(number[:3], sex, century + int(number[4:6]), number[6:])


def _born(whole: pl.Expr) -> dict[str, pl.Expr]:
    """Sex and birth year, by arithmetic on the number, which is faster than slicing text."""
    digit = whole // 10**8 % 10
    sex = pl.when(digit % 2 == 0).then(pl.lit("male")).when(digit % 2 == 1).then(pl.lit("female"))
    year = 1900 + 100 * (digit // 2) + whole // 10**6 % 100
    return {"sex": sex, "birth_year": year.cast(pl.Int32)}


def _columns(number: pl.Expr) -> dict[str, pl.Expr]:
    """Twin of ``_split``."""
    born = _born(number.cast(pl.Int64, strict=False))
    return {"province": number.str.head(3), **born, "serial": number.str.tail(6)}


_TYPES = {
    "province": pl.String(),
    "sex": pl.String(),
    "birth_year": pl.Int32(),
    "serial": pl.String(),
}
_FIELDS: dict[str, pl.DataType] = {"value": pl.String(), **_TYPES, "issues": pl.List(pl.String())}
_SCHEME: Final = Scheme(
    form="^[0-9]{12}$",
    expected="12 digits",
    hint="pad lost leading zeros",
    split=_split,
    types=_TYPES,
    columns=_columns,
    checks=(
        among(
            *(0, 3, _PLACES),
            "a province (001-096) or country (101-295) code",
            "check digits 1 to 3",
        ),
        among(3, 4, "0123", "a century digit from 0 to 3", "check digit 4"),
        unlike(PLACEHOLDERS),
    ),
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed
well_formed = _SCHEME.well_formed


def read(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add what the compact text ``number`` is as a personal number.

    Args:
        frame: as ``prepared`` gives it.

    Returns:
        The frame with is_stand_in and is_explained (no number, and why is known). For 8 to 12
        digits, null for others: whole (as a number), length, is_known (place), is_sane (century).
        For 12 of them, or 10 and 11 that are valid with their zeros back: full (12 digits),
        province, sex, birth_year.
    """
    number, whole, length, full = (pl.col(c) for c in ("number", "whole", "length", "full"))
    # A sign would pass as part of a number when cast.
    plain = number.str.len_bytes().is_between(8, 12) & ~number.str.starts_with("+")
    is_full = (length == _LENGTH) | ((length >= 10) & pl.col("is_known") & pl.col("is_sane"))
    # Nulls cost little, and most numbers are full.
    short = pl.when(length < _LENGTH).then(number)
    padded = pl.when(length == _LENGTH).then(number).otherwise(short.str.zfill(_LENGTH))
    return (
        frame.with_columns(is_stand_in=number.is_in(PLACEHOLDERS))
        .with_columns(
            whole=pl.when(plain & ~pl.col("is_stand_in")).then(number).cast(pl.Int64, strict=False)
        )
        .with_columns(
            length=pl.when(whole.is_not_null()).then(number.str.len_bytes()),
            is_known=(whole // 10**9).is_in(sorted(map(int, _PLACES))),
            is_sane=whole // 10**8 % 10 < 4,
            is_explained=pl.col("is_stand_in") | pl.col("is_lost").fill_null(value=False),
        )
        .with_columns(full=pl.when(is_full).then(padded))
        .with_columns(
            province=pl.when("is_known").then(full.str.head(3)),
            **_born(pl.when(full.is_not_null() & pl.col("is_sane")).then(whole)),
        )
    )


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    full, is_full = pl.col("full"), pl.col("full").is_not_null()
    is_empty = pl.col("number").is_null()
    start = prepared(raw, is_good=well_formed(pl.col("fixed")))
    return read(start).with_columns(
        collect(
            leading_zero_lost=is_full & (pl.col("length") < _LENGTH),
            placeholder_number=pl.col("is_stand_in"),
            malformed_number=~is_empty & ~is_full & ~pl.col("is_explained"),
            unknown_province=is_full & ~pl.col("is_known"),
            impossible_century=is_full & ~pl.col("is_sane"),
            typed_letters=pl.col("is_typed"),
            digits_lost=pl.col("is_lost"),
        ),
        value=full,
        serial=full.str.tail(6),
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean a column of personal numbers (``personal_id`` also takes CMND and passports).

    A number with an unknown place or an impossible century is kept and flagged, without the part:
    it may be one typing error away from a good one.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (12 digits), province (PPP), sex, birth_year, serial,
        issues (``leading_zero_lost``, ``placeholder_number``, ``typed_letters``, ``digits_lost``,
        ``malformed_number``, ``unknown_province``, ``impossible_century``).
    """
    return staged(column, _stages, _FIELDS)
