"""Health-insurance card (BHYT), 15 characters: ``LL D PP NNNNNNNNNN``.

LL is the holder's group (DN enterprise, GD household, HS pupil ...), D the benefit level 1 to 5,
PP the province, then the ten-digit social-insurance number, which is what identifies a person
(see ``insurance_number``). The first five characters change with job and residence. The list of
groups is not complete in public sources: an unlisted group is accepted.

>>> parse("HS4010123456789").group
'HS'
>>> is_valid("HS 4 01 0123456789"), is_valid("0123456789")
(True, False)
"""

from __future__ import annotations

import re

import polars as pl

from cleaners.errors import FormatError
from cleaners.identifiers import insurance_number
from cleaners.identifiers.insurance_number import InsuranceNumber
from cleaners.identifiers.protocol import blank_to_null, compacted, is_valid_by, squeeze
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = ["clean", "compact", "format", "is_valid", "parse", "valid", "validate"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "number", "group", "benefit", "province"), pl.String()),
    "issues": pl.List(pl.String()),
}
_CARD = r"^[A-Z]{2}[1-5][0-9]{12}$"


def compact(text: str) -> str:
    """Remove separators, put letters in upper case.

    >>> compact("hs 4 01 0123456789")
    'HS4010123456789'
    """
    return squeeze(text)


def validate(text: str) -> str:
    """Return the 15 characters; raise a FormatError for any other form."""
    card = compact(text)
    if not re.fullmatch(_CARD, card):
        raise FormatError(
            expected="2 letters, a benefit level 1 to 5 and 12 digits",
            found=f"{len(card)} characters",
            hint="insurance_number, if only the ten digits are given",
        )
    return card


def is_valid(text: str) -> bool:
    """Whether a text is a well-formed card number."""
    return is_valid_by(validate, text)


def format(text: str) -> str:
    """The card's own grouping.

    >>> format("HS4010123456789")
    'HS 4 01 0123456789'
    """
    return insurance_number.format(validate(text))


def parse(text: str) -> InsuranceNumber:
    """Split a valid card number into its parts; raises like ``validate``."""
    return insurance_number.parse(validate(text))


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return compacted(column).str.contains(_CARD)


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    text, value = pl.col("text"), pl.col("value")
    card = compacted(text)
    return (
        raw.with_columns(text=blank_to_null("raw"))
        .with_columns(card=card)
        .with_columns(value=pl.when(pl.col("card").str.contains(_CARD)).then("card"))
        .with_columns(
            collect(malformed_number=text.is_not_null() & value.is_null()),
            number=value.str.tail(10),
            group=value.str.head(2),
            benefit=value.str.slice(2, 1),
            province=value.str.slice(3, 2),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean card numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (15 characters), number (the ten digits), group,
        benefit, province (two-digit code before July 2025), issues (``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
