"""Passport numbers of Vietnamese citizens and of foreigners.

A Vietnamese passport has one letter and seven digits (``B1234567``, ``C1234567``); since 2022 eight
digits also occur. Other countries write two letters and six or seven digits, or nine digits alone;
there is no common form and no check digit on the number itself, so up to three letters, six to
nine digits and perhaps a last letter are accepted [recalled: foreign forms].

>>> compact("b 123-4567")
'B1234567'
>>> parse("B1234567")
Passport(letters='B', digits='1234567')
>>> is_valid("B1234567"), is_valid("ABCDEFG"), is_valid("00000000")
(True, False, False)
"""

from __future__ import annotations

import string
from typing import Final, NamedTuple

import polars as pl

from cleaners.identifiers.compacting import SAME_DIGIT, numbered
from cleaners.identifiers.protocol import Scheme, unlike
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "Passport",
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


class Passport(NamedTuple):
    """Leading letters, and the rest of the number."""

    letters: str
    digits: str


def _split(number: str) -> Passport:
    digits = number.lstrip(string.ascii_uppercase)
    return Passport(number[: len(number) - len(digits)], digits)


def _columns(number: pl.Expr) -> dict[str, pl.Expr]:
    """Twin of ``_split``."""
    digits = number.str.strip_chars_start(string.ascii_uppercase)
    return {
        "letters": number.str.head(number.str.len_bytes() - digits.str.len_bytes()),
        "digits": digits,
    }


_FIELDS: dict[str, pl.DataType] = {"value": pl.String(), "issues": pl.List(pl.String())}
_SCHEME: Final = Scheme(
    form="^[A-Z]{0,3}[0-9]{6,9}[A-Z]?$",
    expected="up to 3 letters and 6 to 9 digits",
    hint="personal_id, if the column holds identity numbers",
    split=_split,
    types={"letters": pl.String(), "digits": pl.String()},
    columns=_columns,
    checks=(unlike(SAME_DIGIT),),
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value and issues."""
    number, good = pl.col("number"), pl.col("good")
    is_stand_in = number.is_in(SAME_DIGIT)
    return (
        numbered(raw)
        .with_columns(good=_SCHEME.well_formed(number))
        .with_columns(
            collect(malformed_number=~good & ~is_stand_in, placeholder_number=is_stand_in),
            value=pl.when("good").then(number),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean passport numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (compact), issues (``malformed_number``,
        ``placeholder_number``).
    """
    return staged(column, _stages, _FIELDS)
