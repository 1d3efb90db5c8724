"""Driver-licence number (GPLX), 12 digits: ``PP G YY NNNNNNN``.

PP is the issuing province in the 63-province list of the time (the last two digits of its PPP
code), G the same sex and century digit as in the personal number, YY the last two digits of the
year in which the test was passed, then seven serial digits. There is no check digit; pages that
claim one are wrong. One person has one management number, on at most two cards. Licences on paper
(motorbikes, to 2013) carry other numbers, with letters.

>>> parse("790051234567")
LicenceNumber(province='79', sex='male', year_digits='05', serial='1234567')
>>> is_valid("79 0 05 1234567"), is_valid("130051234567")
(True, False)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from cleaners import reference
from cleaners.errors import ComponentError, FormatError
from cleaners.identifiers.protocol import (
    blank_to_null,
    compacted,
    is_valid_by,
    squeeze,
    without_float_residue,
)
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = ["LicenceNumber", "clean", "compact", "format", "is_valid", "parse", "valid", "validate"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "province", "sex", "year_digits"), pl.String()),
    "issues": pl.List(pl.String()),
}
_PAPER = r"^(?:[A-Z]{1,2}\d{5,8}|\d{5,8}[A-Z]{1,2}|[A-Z]{2}\d{2}[A-Z]?\d{5,8})$"


class LicenceNumber(NamedTuple):
    """The parts of a licence number."""

    province: str
    sex: str
    year_digits: str
    serial: str


@lru_cache(maxsize=1)
def _provinces() -> list[str]:
    """Two-digit codes of the 63 provinces."""
    return sorted(reference.provinces()["old_code"])


def compact(text: str) -> str:
    """Remove separators.

    >>> compact("79-005 1234567")
    '790051234567'
    """
    return squeeze(text)


def validate(text: str) -> str:
    """Return the 12 digits.

    Raises:
        FormatError: not 12 digits.
        ComponentError: unknown province, or a century that has not come.
    """
    number = compact(text)
    if not re.fullmatch(r"[0-9]{12}", number):
        raise FormatError(
            expected="12 digits", found=f"{len(number)} characters", hint="pad lost leading zeros"
        )
    if number[:2] not in _provinces():
        raise ComponentError(
            expected="a province code (01-96)", found="another code", hint="check digits 1 and 2"
        )
    if number[2] > "3":
        raise ComponentError(
            expected="a century digit from 0 to 3", found="a later one", hint="check digit 3"
        )
    return number


def is_valid(text: str) -> bool:
    """Whether a text is a well-formed 12-digit licence number."""
    return is_valid_by(validate, text)


def format(text: str) -> str:
    """The number as the card prints it: 12 digits without separators."""
    return validate(text)


def parse(text: str) -> LicenceNumber:
    """Split a valid number into its parts; raises like ``validate``."""
    number = validate(text)
    sex = "female" if int(number[2]) % 2 else "male"
    return LicenceNumber(number[:2], sex, number[3:5], number[5:])


def _well_formed(number: pl.Expr) -> pl.Expr:
    """Whether compact text is a valid number."""
    return number.str.contains(r"^[0-9]{2}[0-3][0-9]{9}$") & number.str.head(2).is_in(_provinces())


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return _well_formed(compacted(column))


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    number, padded, kind = pl.col("number"), pl.col("padded"), pl.col("kind")
    length = number.str.len_bytes()
    is_digits = number.str.contains(r"^[0-9]+$")
    is_pet = kind == "pet"
    found = (
        pl.when(number.str.contains(r"^(?:0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)$"))
        .then(None)
        .when(is_digits & ((length == 12) | ((length == 11) & _well_formed(padded))))
        .then(pl.lit("pet"))
        .when(number.str.contains(_PAPER))
        .then(pl.lit("paper"))
    )
    good = is_pet & _well_formed(padded)
    digit = pl.when(good).then(padded.str.slice(2, 1))
    return (
        raw.with_columns(text=blank_to_null("raw"))
        .with_columns(number=compacted(without_float_residue("text")))
        .with_columns(padded=number.str.zfill(12))
        .with_columns(kind=found)
        .with_columns(
            collect(
                leading_zero_lost=is_pet & (length == 11),
                paper_licence=kind == "paper",
                malformed_number=pl.col("text").is_not_null() & kind.is_null(),
                unknown_province=is_pet & ~padded.str.head(2).is_in(_provinces()),
                impossible_century=is_pet & ~padded.str.slice(2, 1).is_in(list("0123")),
            ),
            value=pl.when(is_pet).then(padded).when(kind == "paper").then(number),
            province=pl.when(good).then(padded.str.head(2)),
            sex=pl.when(digit.is_in(["0", "2"]))
            .then(pl.lit("male"))
            .when(digit.is_not_null())
            .then(pl.lit("female")),
            year_digits=pl.when(good).then(padded.str.slice(3, 2)),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean licence numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value, kind (pet: the 12-digit card; paper), province
        (two-digit code before July 2025), sex, year_digits (year passed), issues
        (``leading_zero_lost``, ``paper_licence``, ``malformed_number``, ``unknown_province``,
        ``impossible_century``).
    """
    return staged(column, _stages, _FIELDS)
