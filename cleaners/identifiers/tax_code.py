"""Tax code (MST): ten digits with a check digit, a branch suffix of three, or a personal number.

Issuer: tax authority. Digits 1 and 2 stand for the province at first registration, 3 to 9 are a
serial, digit 10 checks: 10 minus the weighted sum (31 29 23 19 17 13 7 5 3) modulo 11. A branch
adds ``-001`` to ``-999``. Since July 2025 people use the 12-digit personal number instead.

>>> is_valid("0100233488"), is_valid("0100233489"), is_valid("0314409058-002")
(True, False, True)
"""

from __future__ import annotations

import re
from functools import reduce
from operator import add
from typing import NamedTuple

import polars as pl

from cleaners.errors import ComponentError, FormatError
from cleaners.identifiers import personal_id
from cleaners.identifiers.protocol import (
    blank_to_null,
    compacted,
    is_valid_by,
    squeeze,
    without_float_residue,
)
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = ["TaxCode", "clean", "compact", "format", "is_valid", "parse", "valid", "validate"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "branch"), pl.String()),
    "issues": pl.List(pl.String()),
}
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_FORM = r"^[0-9]{10}(?:[0-9]{3})?$"


class TaxCode(NamedTuple):
    """The parts of a tax code."""

    code: str
    branch: str | None


def compact(text: str) -> str:
    """Remove separators.

    >>> compact("0314409058-002")
    '0314409058002'
    """
    return squeeze(text)


def validate(text: str) -> str:
    """Return the 10 or 13 digits.

    Raises:
        FormatError: another length, or letters.
        ComponentError: the check digit disagrees, or branch 000.
    """
    code = compact(text)
    if not re.fullmatch(_FORM, code):
        raise FormatError(
            expected="10 or 13 digits",
            found=f"{len(code)} characters",
            hint="pad a lost leading zero",
        )
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=False))
    if 10 - total % 11 != int(code[9]):
        raise ComponentError(
            expected="a check digit that agrees",
            found="another one",
            hint="check for a typing error",
        )
    if code[10:] == "000":
        raise ComponentError(
            expected="a branch from 001 to 999", found="000", hint="drop the suffix"
        )
    return code


def is_valid(text: str) -> bool:
    """Whether a text is a tax code with a right check digit."""
    return is_valid_by(validate, text)


def format(text: str) -> str:
    """The form people write: a branch after a dash.

    >>> format("0314409058002")
    '0314409058-002'
    """
    code = validate(text)
    return code if len(code) == 10 else f"{code[:10]}-{code[10:]}"


def parse(text: str) -> TaxCode:
    """Split a valid code into its parts; raises like ``validate``."""
    code = validate(text)
    return TaxCode(code[:10], code[10:] or None)


def _well_formed(code: pl.Expr) -> pl.Expr:
    """Whether compact text is a valid tax code."""
    digits = [code.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(10)]
    total = reduce(add, [w * d for w, d in zip(_WEIGHTS, digits, strict=False)])
    is_form = code.str.contains(_FORM)
    agrees = (10 - total % 11 == digits[9]).fill_null(value=False)
    return is_form & agrees & (code.str.slice(10) != "000")


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return _well_formed(compacted(column))


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, branch and issues."""
    code, kind, padded = pl.col("code"), pl.col("kind"), pl.col("padded")
    length = code.str.len_bytes()
    is_short = code.str.contains(r"^[0-9]+$") & length.is_in([9, 12])
    candidate = pl.when(is_short).then(pl.lit("0") + code).otherwise(code)
    found = (
        pl.when(_well_formed(code))
        .then(pl.lit("tax_code"))
        .when(personal_id.valid(code))
        .then(pl.lit("personal_number"))
        .when(_well_formed(padded))
        .then(pl.lit("tax_code"))
    )
    is_code = kind == "tax_code"
    return (
        raw.with_columns(text=blank_to_null("raw"))
        .with_columns(code=compacted(without_float_residue("text")))
        .with_columns(padded=candidate)
        .with_columns(kind=found)
        .with_columns(
            collect(
                leading_zero_lost=is_code & ~_well_formed(code),
                wrong_check_digit=kind.is_null() & code.str.contains(_FORM),
                malformed_number=pl.col("text").is_not_null()
                & kind.is_null()
                & ~code.str.contains(_FORM),
            ),
            value=pl.when(is_code).then(padded).when(kind.is_not_null()).then(code),
            branch=pl.when(is_code & (padded.str.len_bytes() == 13)).then(padded.str.tail(3)),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean tax codes.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (10 or 13 digits, or a 12-digit personal number),
        kind (tax_code, personal_number), branch, issues (``leading_zero_lost``,
        ``wrong_check_digit``, ``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
