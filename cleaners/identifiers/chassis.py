"""Chassis and engine numbers.

A VIN (ISO 3779) has 17 characters without I, O and Q, which are misread 1 and 0; vehicles made in
Vietnam start with RL to RR. The North-American check digit is not used. Old motorbikes have short
chassis numbers of no fixed form, and engine numbers have none either, so any 5 to 20 letters and
digits with at least one digit are accepted.

>>> compact("rlhj-f1234 by 005678")
'RLHJF1234BY005678'
>>> is_valid("RLHJF1234BY005678"), is_valid("HONDA")
(True, False)
"""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from cleaners.errors import FormatError
from cleaners.identifiers.protocol import blank_to_null, compacted, is_valid_by, squeeze
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = ["Chassis", "clean", "compact", "format", "is_valid", "parse", "valid", "validate"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind"), pl.String()),
    "issues": pl.List(pl.String()),
}
_FORM = r"^[A-Z0-9]{5,20}$"
_VIN_LENGTH = 17
_SAME = r"^(?:0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)$"


class Chassis(NamedTuple):
    """Maker and rest of a VIN; a short number has no maker."""

    kind: str
    maker: str | None
    rest: str


def compact(text: str) -> str:
    """Remove separators, put letters in upper case."""
    return squeeze(text)


def validate(text: str) -> str:
    """Return the compact number; raise a FormatError for no usable form."""
    number = compact(text)
    if not re.fullmatch(_FORM, number) or not re.search("[0-9]", number):
        raise FormatError(
            expected="5 to 20 letters and digits, one digit at least",
            found=f"{len(number)} characters",
            hint="check the column",
        )
    return number


def is_valid(text: str) -> bool:
    """Whether a text can be a chassis or engine number."""
    return is_valid_by(validate, text)


def format(text: str) -> str:
    """The number as stamped: without separators."""
    return validate(text)


def parse(text: str) -> Chassis:
    """Split a number into its parts; raises like ``validate``.

    >>> parse("RLHJF1234BY005678")
    Chassis(kind='vin', maker='RLH', rest='JF1234BY005678')
    """
    number = validate(text)
    if len(number) != _VIN_LENGTH:
        return Chassis("short", None, number)
    return Chassis("vin", number[:3], number[3:])


def _usable(number: pl.Expr) -> pl.Expr:
    """Whether compact text is acceptable."""
    return number.str.contains(_FORM) & number.str.contains("[0-9]")


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return _usable(compacted(column))


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, kind and issues."""
    number, is_vin = pl.col("number"), pl.col("is_vin")
    good = _usable(number) & ~number.str.contains(_SAME)
    misread = is_vin & number.str.contains("[IOQ]")
    repaired = number.str.replace_many(["I", "O", "Q"], ["1", "0", "0"])
    return (
        raw.with_columns(text=blank_to_null("raw"))
        .with_columns(number=compacted("text"))
        .with_columns(good=good.fill_null(value=False))
        .with_columns(is_vin=pl.col("good") & (number.str.len_bytes() == _VIN_LENGTH))
        .with_columns(
            collect(
                misread_letters=misread,
                malformed_number=pl.col("text").is_not_null() & ~pl.col("good"),
            ),
            value=pl.when(is_vin).then(repaired).when("good").then(number),
            kind=pl.when(is_vin).then(pl.lit("vin")).when("good").then(pl.lit("short")),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean chassis or engine numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (compact; I, O and Q of a VIN put right), kind (vin,
        short), issues (``misread_letters``, ``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
