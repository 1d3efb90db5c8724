"""Driver-licence number (GPLX), 12 digits: ``PP G YY NNNNNNN``.

Issuer: until March 2025 the road administration, since then the traffic police. PP is the issuing
province in the 63-province list of the time (the last two digits of its PPP code), G the same sex
and century digit as in the holder's personal number, YY the last two digits of the year in which
the test was passed (of the highest class, on a combined card), then seven serial digits. There is
no check digit; pages that claim one are wrong.

Odd cases: one person has one management number, on at most two cards (with and without expiry), so
two records sharing a number are normal. Licences on paper (motorbikes, to 2013) carry other
numbers, with letters; their forms are [recalled].

>>> parse("790051234567")
LicenceNumber(province='79', sex='male', year_digits='05', serial='1234567')
>>> is_valid("79 0 05 1234567"), is_valid("130051234567")
(True, False)
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
    "LicenceNumber",
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

_PAPER = "^(?:[A-Z]{1,2}[0-9]{5,8}|[0-9]{5,8}[A-Z]{1,2}|[A-Z]{2}[0-9]{2}[A-Z]?[0-9]{5,8})$"
_PROVINCES: Final = frozenset(reference.provinces()["old_code"])


class LicenceNumber(NamedTuple):
    """The parts: issuing province before July 2025, holder's sex, year passed, serial."""

    province: str
    sex: str
    year_digits: str
    serial: str


def _split(number: str) -> LicenceNumber:
    sex = "female" if int(number[2]) % 2 else "male"
    return LicenceNumber(number[:2], sex, number[3:5], number[5:])


def _columns(number: pl.Expr) -> dict[str, pl.Expr]:
    """Twin of ``_split``."""
    digit = number.str.slice(2, 1)
    sex = (
        pl.when(digit.is_in(["0", "2"]))
        .then(pl.lit("male"))
        .when(digit.is_in(["1", "3"]))
        .then(pl.lit("female"))
    )
    return {
        "province": number.str.head(2),
        "sex": sex,
        "year_digits": number.str.slice(3, 2),
        "serial": number.str.tail(7),
    }


_TYPES = dict.fromkeys(LicenceNumber._fields, pl.String())
_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "province", "sex", "year_digits"), pl.String()),
    "issues": pl.List(pl.String()),
}
_SCHEME: Final = Scheme(
    form="^[0-9]{12}$",
    expected="12 digits",
    hint="pad lost leading zeros",
    split=_split,
    types=_TYPES,
    columns=_columns,
    checks=(
        among(0, 2, _PROVINCES, "a province code (01-96)", "check digits 1 and 2"),
        among(2, 3, "0123", "a century digit from 0 to 3", "check digit 3"),
        unlike(SAME_DIGIT),
    ),
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed


def _read(raw: pl.LazyFrame) -> pl.LazyFrame:
    """The compact number, the twelve digits, and what holds of them."""
    number, length, full = pl.col("number"), pl.col("length"), pl.col("full")
    plain = number.str.contains("^[0-9]{11,12}$") & ~pl.col("is_stand_in")
    # Paper numbers have letters.
    is_typed = _SCHEME.well_formed(pl.col("fixed")) & ~number.str.contains(_PAPER)
    return (
        prepared(raw, is_good=is_typed)
        .with_columns(is_stand_in=number.is_in(SAME_DIGIT))
        .with_columns(length=pl.when(plain).then(number.str.len_bytes()))
        .with_columns(
            full=pl.when(length == 12).then(number).when(length == 11).then(pl.lit("0") + number)
        )
        .with_columns(
            is_known=full.str.head(2).is_in(sorted(_PROVINCES)),
            is_sane=full.str.slice(2, 1).is_in(list("0123")),
        )
        .with_columns(is_good=pl.col("is_known") & pl.col("is_sane"))
        .with_columns(full=pl.when((length == 12) | pl.col("is_good")).then(full))
    )


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    number, full, kind = pl.col("number"), pl.col("full"), pl.col("kind")
    is_pet, is_stand_in = kind == "pet", pl.col("is_stand_in")
    is_lost = pl.col("is_lost").fill_null(value=False)
    parts = _columns(pl.when("is_good").then(full))
    return (
        _read(raw)
        .with_columns(
            kind=pl.when(full.is_not_null())
            .then(pl.lit("pet"))
            .when(pl.when(full.is_null()).then(number).str.contains(_PAPER))
            .then(pl.lit("paper"))
        )
        .with_columns(
            collect(
                leading_zero_lost=is_pet & (pl.col("length") == 11),
                paper_licence=kind == "paper",
                placeholder_number=is_stand_in,
                typed_letters=pl.col("is_typed"),
                digits_lost=is_lost,
                malformed_number=number.is_not_null() & kind.is_null() & ~is_stand_in & ~is_lost,
                unknown_province=is_pet & ~pl.col("is_known"),
                impossible_century=is_pet & ~pl.col("is_sane"),
            ),
            value=pl.when(is_pet).then(full).when(kind == "paper").then(number),
            **{name: parts[name] for name in ("province", "sex", "year_digits")},
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean licence numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value, kind (pet: the 12-digit card; paper), province
        (two-digit code before July 2025), sex, year_digits (year passed), issues
        (``leading_zero_lost``, ``paper_licence``, ``placeholder_number``, ``typed_letters``,
        ``digits_lost``, ``malformed_number``, ``unknown_province``, ``impossible_century``).
    """
    return staged(column, _stages, _FIELDS)
