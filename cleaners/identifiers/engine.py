"""Engine numbers: whatever the maker stamped.

No law and no standard fixes a form. Most have the engine's model, then digits (``JF66E-9250952``);
5 to 20 letters and digits with at least one digit are accepted. Alone it is a weak key: link on
chassis and engine number together. ``parse`` takes the last run of digits for the serial, which is
a guess where the model ends in a digit.

>>> parse("jf66e-9250952")
Engine(model='JF66E', serial='9250952')
>>> is_valid("JF66E-9250952"), is_valid("HONDA"), is_valid("00000")
(True, False, False)
"""

from __future__ import annotations

import string
from typing import Final, NamedTuple

import polars as pl

from cleaners.identifiers.chassis import HAS_DIGIT
from cleaners.identifiers.compacting import SAME_DIGIT, numbered
from cleaners.identifiers.protocol import Scheme, unlike
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "Engine",
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


class Engine(NamedTuple):
    """What stands before the last run of digits, and that run; either may be empty."""

    model: str
    serial: str


def _split(number: str) -> Engine:
    model = number.rstrip(string.digits)
    return Engine(model, number[len(model) :])


def _columns(number: pl.Expr) -> dict[str, pl.Expr]:
    """Twin of ``_split``."""
    model = number.str.strip_chars_end(string.digits)
    return {"model": model, "serial": number.str.slice(model.str.len_bytes())}


_FIELDS: dict[str, pl.DataType] = {"value": pl.String(), "issues": pl.List(pl.String())}
_SCHEME: Final = Scheme(
    form="^[A-Z0-9]{5,20}$",
    expected="5 to 20 letters and digits",
    hint="check the column",
    split=_split,
    types=dict.fromkeys(Engine._fields, pl.String()),
    columns=_columns,
    checks=(HAS_DIGIT, unlike(SAME_DIGIT)),
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
            collect(placeholder_number=is_stand_in, malformed_number=~good & ~is_stand_in),
            value=pl.when("good").then(number),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean engine numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (compact), issues (``placeholder_number``,
        ``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
