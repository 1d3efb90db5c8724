"""Social-insurance number (BHXH), ten digits, in whatever form a registry has it.

Issuer: Vietnam Social Security. The first two digits are the province code in the 63-province
list; there is no check digit. The health-insurance card writes five characters before it (group,
benefit level, province) which change when the holder's group or province changes: compare the ten
digits, never the card's fifteen. Since 1 August 2025 the 12-digit personal number replaces it. One
person may have several numbers from several jobs.

>>> parse("GD4797912345678")
InsuranceNumber(number='7912345678', group='GD', benefit='4', card_province='79')
>>> is_valid("79 1234 5678"), is_valid("7912345")
(True, False)
"""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from cleaners.errors import FormatError
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

__all__ = [
    "InsuranceNumber",
    "clean",
    "compact",
    "format",
    "is_valid",
    "parse",
    "valid",
    "validate",
]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "card", "group", "benefit", "province"), pl.String()),
    "issues": pl.List(pl.String()),
}
_CARD = r"^[A-Z]{2}[1-5][0-9]{12}$"
_EITHER = r"^(?:[A-Z]{2}[1-5][0-9]{2})?[0-9]{10}$"
_SAME = r"^(?:0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)$"


class InsuranceNumber(NamedTuple):
    """The parts of a number or card; the card's parts are None for a bare number."""

    number: str
    group: str | None
    benefit: str | None
    card_province: str | None


def compact(text: str) -> str:
    """Remove separators, put letters in upper case.

    >>> compact("gd 4 79 7912345678")
    'GD4797912345678'
    """
    return squeeze(text)


def validate(text: str) -> str:
    """Return the ten digits, or the fifteen characters of a card.

    Raises:
        FormatError: neither form.
    """
    number = compact(text)
    if not re.fullmatch(_EITHER, number):
        raise FormatError(
            expected="10 digits, or 2 letters and 13 digits with benefit 1 to 5",
            found=f"{len(number)} characters",
            hint="pad a lost leading zero",
        )
    return number


def is_valid(text: str) -> bool:
    """Whether a text is a well-formed number or card."""
    return is_valid_by(validate, text)


def format(text: str) -> str:
    """The form on the card: groups separated by spaces.

    >>> format("GD4797912345678")
    'GD 4 79 7912345678'
    """
    number = validate(text)
    return (
        number if len(number) == 10 else " ".join((number[:2], number[2], number[3:5], number[5:]))
    )


def parse(text: str) -> InsuranceNumber:
    """Split a valid number or card; raises like ``validate``."""
    number = validate(text)
    if len(number) == 10:
        return InsuranceNumber(number, None, None, None)
    return InsuranceNumber(number[5:], number[:2], number[2], number[3:5])


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return compacted(column).str.contains(_EITHER)


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, card parts and issues."""
    number, kind = pl.col("number"), pl.col("kind")
    length = number.str.len_bytes()
    is_card = kind == "card"
    digits = number.str.contains(r"^[0-9]+$")
    found = (
        pl.when(number.str.contains(_SAME))
        .then(None)
        .when(number.str.contains(_CARD) & ~number.str.ends_with("0000000000"))
        .then(pl.lit("card"))
        .when(digits & length.is_in([9, 10]))
        .then(pl.lit("number"))
        .when(personal_id.valid(number))
        .then(pl.lit("personal_number"))
    )
    is_number = kind == "number"
    return (
        raw.with_columns(text=blank_to_null("raw"))
        .with_columns(number=compacted(without_float_residue("text")))
        .with_columns(kind=found)
        .with_columns(
            collect(
                leading_zero_lost=is_number & (length == 9),
                personal_number_given=kind == "personal_number",
                placeholder_number=number.str.contains(_SAME),
                malformed_number=pl.col("text").is_not_null()
                & kind.is_null()
                & ~number.str.contains(_SAME),
            ),
            value=pl.when(is_card)
            .then(number.str.tail(10))
            .when(is_number)
            .then(number.str.zfill(10))
            .when(kind == "personal_number")
            .then(number),
            card=pl.when(is_card).then(number),
            group=pl.when(is_card).then(number.str.head(2)),
            benefit=pl.when(is_card).then(number.str.slice(2, 1)),
            province=pl.when(is_card).then(number.str.slice(3, 2)),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean insurance numbers given as number, card, or personal number.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (the last ten digits; the twelve of a personal
        number), kind (number, card, personal_number), card (15 characters), group, benefit,
        province (two-digit code on the card), issues (``leading_zero_lost``,
        ``personal_number_given``, ``placeholder_number``, ``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
