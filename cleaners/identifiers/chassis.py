"""Chassis numbers: VIN of 17 characters, and the short numbers of old motorbikes.

A VIN (ISO 3779) has 17 letters and digits without I, O and Q, which are misread 1 and 0; its first
three characters name the maker, RL to RR in front a vehicle made in Vietnam. The North-American
check digit is not required [recalled] and not used. Old motorbikes have short numbers of no fixed
form, so any 5 to 20 letters and digits with at least one digit are accepted; link on chassis and
engine number (see ``engine``) together.

>>> compact("rlhj-f1234 by 005678")
'RLHJF1234BY005678'
>>> parse("RLHJF1234BY005678")
Chassis(kind='vin', maker='RLH', rest='JF1234BY005678')
>>> is_valid("RLHJF1234BY005678"), is_valid("RLHJFI234BY005678"), is_valid("HONDA")
(True, False, False)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from cleaners.identifiers.compacting import SAME_DIGIT, numbered
from cleaners.identifiers.protocol import Check, Scheme, unlike
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "HAS_DIGIT",
    "Chassis",
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

_VIN_LENGTH = 17
_MISREAD = {"I": "1", "O": "0", "Q": "0"}
#: A word alone is no number.
HAS_DIGIT: Final = Check(
    lambda number: not number.isalpha(),
    lambda number: number.str.contains("[0-9]"),
    *("one digit at least", "letters only", "check the column"),
)


class Chassis(NamedTuple):
    """Maker and rest of a VIN; a short number has no maker."""

    kind: str
    maker: str | None
    rest: str


def _split(number: str) -> Chassis:
    if len(number) != _VIN_LENGTH:
        return Chassis("short", None, number)
    return Chassis("vin", number[:3], number[3:])


def _columns(number: pl.Expr) -> dict[str, pl.Expr]:
    """Twin of ``_split``."""
    is_vin = number.str.len_bytes() == _VIN_LENGTH
    return {
        "kind": pl.when(is_vin).then(pl.lit("vin")).when(~is_vin).then(pl.lit("short")),
        "maker": pl.when(is_vin).then(number.str.head(3)),
        "rest": pl.when(is_vin).then(number.str.slice(3)).otherwise(number),
    }


_TYPES = dict.fromkeys(Chassis._fields, pl.String())
_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "maker"), pl.String()),
    "issues": pl.List(pl.String()),
}
_SCHEME: Final = Scheme(
    form="^[A-Z0-9]{5,20}$",
    expected="5 to 20 letters and digits",
    hint="check the column",
    split=_split,
    types=_TYPES,
    columns=_columns,
    checks=(
        HAS_DIGIT,
        Check(
            lambda number: len(number) != _VIN_LENGTH or not set(_MISREAD) & set(number),
            lambda number: (number.str.len_bytes() != _VIN_LENGTH) | ~number.str.contains("[IOQ]"),
            *("no I, O or Q in a VIN", "one of them", "read 1 for I, 0 for O and Q"),
        ),
        unlike(SAME_DIGIT),
    ),
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    number, value, given = pl.col("number"), pl.col("value"), pl.col("given")
    is_misread = (given.str.len_bytes() == _VIN_LENGTH) & given.str.contains("[IOQ]")
    odd = pl.when(is_misread).then(given)
    repaired = odd.str.replace_many(list(_MISREAD), list(_MISREAD.values()))
    is_stand_in = number.is_in(SAME_DIGIT)
    parts = _columns(value)
    return (
        numbered(raw)
        .with_columns(given="number")
        .with_columns(number=pl.coalesce(repaired, given))
        .with_columns(value=pl.when(_SCHEME.well_formed(number)).then(number))
        .with_columns(
            collect(
                misread_letters=value != given,
                placeholder_number=is_stand_in,
                malformed_number=number.is_not_null() & value.is_null() & ~is_stand_in,
            ),
            kind=parts["kind"],
            maker=parts["maker"],
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean chassis numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (compact; I, O and Q of a VIN put right), kind (vin,
        short), maker (first three characters of a VIN), issues (``misread_letters``,
        ``placeholder_number``, ``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
