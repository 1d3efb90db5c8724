"""Passport numbers of Vietnamese citizens and of foreigners.

A Vietnamese passport has one letter and seven digits (``B1234567``, ``C1234567``), since 2022 eight
digits also occur. Other countries write two letters and six or seven digits, or nine digits alone;
there is no common form, so 6 to 9 letters and digits with at least six digits are accepted.

>>> compact("b 123-4567")
'B1234567'
>>> is_valid("B1234567"), is_valid("ABCDEFG")
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

__all__ = ["Passport", "clean", "compact", "format", "is_valid", "parse", "valid", "validate"]

_FIELDS: dict[str, pl.DataType] = {"value": pl.String(), "issues": pl.List(pl.String())}
_FORM = r"^[A-Z]{0,3}[0-9]{6,9}[A-Z]?$"


class Passport(NamedTuple):
    """Leading letters and the rest of a passport number."""

    letters: str
    digits: str


def compact(text: str) -> str:
    """Remove separators, put letters in upper case."""
    return squeeze(text)


def validate(text: str) -> str:
    """Return the compact number; raise a FormatError for no usable form."""
    number = compact(text)
    if not re.fullmatch(_FORM, number):
        raise FormatError(
            expected="up to 3 letters and 6 to 9 digits",
            found=f"{len(number)} characters",
            hint="personal_id, if the column holds identity numbers",
        )
    return number


def is_valid(text: str) -> bool:
    """Whether a text can be a passport number."""
    return is_valid_by(validate, text)


def format(text: str) -> str:
    """The number as printed: without separators."""
    return validate(text)


def parse(text: str) -> Passport:
    """Split a number into its parts; raises like ``validate``.

    >>> parse("B1234567")
    Passport(letters='B', digits='1234567')
    """
    number = validate(text)
    letters = number[: len(number) - len(number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
    return Passport(letters, number[len(letters) :])


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return compacted(column).str.contains(_FORM)


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value and issues."""
    number = pl.col("number")
    good = number.str.contains(_FORM).fill_null(value=False)
    return (
        raw.with_columns(text=blank_to_null("raw"))
        .with_columns(number=compacted("text"))
        .with_columns(
            collect(malformed_number=pl.col("text").is_not_null() & ~good),
            value=pl.when(good).then(number),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean passport numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (compact), issues (``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
