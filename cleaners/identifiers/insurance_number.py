"""Social-insurance number (BHXH), ten digits: two of the province, eight of a serial.

Issuer: Vietnam Social Security. The first two digits are the code of the issuing province in the
63-province list [recalled], which is not checked; there is no check digit. The health-insurance
card writes five characters before it (see ``insurance_card``). One person may have several numbers
from several jobs. Since 1 August 2025 the 12-digit personal number replaces it by itself (dispatch
1804/BHXH-QLT): a column may hold numbers, cards and personal numbers, and ``clean`` takes all.

>>> parse("79 1234 5678")
InsuranceNumber(province='79', serial='12345678')
>>> is_valid("7912345678"), is_valid("7912345"), is_valid("0000000000")
(True, False, False)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from cleaners.identifiers import insurance_card, personal_number
from cleaners.identifiers.compacting import SAME_DIGIT, prepared
from cleaners.identifiers.protocol import Scheme, unlike
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "InsuranceNumber",
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


class InsuranceNumber(NamedTuple):
    """The parts; the province is a weak sign."""

    province: str
    serial: str


def _columns(number: pl.Expr) -> dict[str, pl.Expr]:
    return {"province": number.str.head(2), "serial": number.str.tail(8)}


_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "card", "group", "benefit", "province"), pl.String()),
    "issues": pl.List(pl.String()),
}
_SCHEME: Final = Scheme(
    form="^[0-9]{10}$",
    expected="10 digits",
    hint="pad a lost leading zero, or insurance_card for 15 characters",
    split=lambda number: InsuranceNumber(number[:2], number[2:]),
    types=dict.fromkeys(InsuranceNumber._fields, pl.String()),
    columns=_columns,
    checks=(unlike(SAME_DIGIT),),
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, card parts and issues."""
    number, kind, card = pl.col("number"), pl.col("kind"), pl.col("card")
    is_number, is_stand_in = kind == "number", pl.col("is_stand_in")
    is_lost = pl.col("is_lost").fill_null(value=False)
    found = (
        pl.when(~is_stand_in & number.str.contains("^[0-9]{9,10}$"))
        .then(pl.lit("number"))
        .when(insurance_card.well_formed(number))
        .then(pl.lit("card"))
        .when(personal_number.well_formed(number))
        .then(pl.lit("personal_number"))
    )
    parts = insurance_card.columns(card)
    fixed = pl.col("fixed")
    is_typed = _SCHEME.well_formed(fixed) | personal_number.well_formed(fixed)
    return (
        prepared(raw, is_good=is_typed)
        .with_columns(is_stand_in=number.is_in(SAME_DIGIT))
        .with_columns(kind=found)
        .with_columns(card=pl.when(kind == "card").then(number))
        .with_columns(
            collect(
                leading_zero_lost=is_number & (number.str.len_bytes() == 9),
                personal_number_given=kind == "personal_number",
                placeholder_number=is_stand_in,
                typed_letters=pl.col("is_typed"),
                digits_lost=is_lost,
                malformed_number=number.is_not_null() & kind.is_null() & ~is_stand_in & ~is_lost,
            ),
            value=pl.when(is_number)
            .then(number.str.zfill(10))
            .when(kind == "personal_number")
            .then(number)
            .otherwise(parts["number"]),
            **{name: parts[name] for name in ("group", "benefit", "province")},
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
        ``personal_number_given``, ``placeholder_number``, ``typed_letters``, ``digits_lost``,
        ``malformed_number``).
    """
    return staged(column, _stages, _FIELDS)
