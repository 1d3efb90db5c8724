"""Health-insurance card (BHYT), 15 characters: ``LL D PP NNNNNNNNNN``.

Issuer: Vietnam Social Security. LL is the holder's group, D the benefit level (1: 100%; 2: 100%
with drug limits; 3: 95%; 4: 80%; 5: 100% with transport, for QN, CA and CY), PP the issuing
province, then the ten-digit social-insurance number, which is what identifies a person (see
``insurance_number``). The first five characters change with job and residence: compare the last
ten. Since 1 August 2025 the 12-digit personal number replaces the number.

``GROUPS`` says what each group is and whether a public source confirms it; the list is not
complete, so an unlisted group is only an issue. Provinces 97 to 99 (army, police) are [recalled].

>>> parse("hs 4 01 0123456789")
InsuranceCard(group='HS', benefit='4', province='01', number='0123456789')
>>> is_valid("HS 4 01 0123456789"), is_valid("HS 9 01 0123456789"), is_valid("0123456789")
(True, False, False)
>>> format("HS4010123456789"), GROUPS["TE"]
('HS 4 01 0123456789', Group(meaning='child under 6', is_confirmed=False))
"""

from __future__ import annotations

import string
from typing import Final, NamedTuple

import polars as pl

from cleaners import reference
from cleaners.identifiers import personal_number
from cleaners.identifiers.compacting import numbered
from cleaners.identifiers.protocol import Check, Scheme
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "GROUPS",
    "Group",
    "InsuranceCard",
    "clean",
    "columns",
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
    "well_formed",
]


class Group(NamedTuple):
    """What a group code means, and whether a public source says so."""

    meaning: str
    is_confirmed: bool


_CONFIRMED = {
    **{"DN": "enterprise", "HX": "cooperative", "CH": "state body", "GD": "household"},
    **{"NN": "foreign body", "QN": "army", "CA": "police", "CY": "cipher service"},
    **{"CB": "veteran", "HN": "poor household", "HS": "pupil", "SV": "student"},
}
_RECALLED = {
    **{"TE": "child under 6", "HT": "pensioner", "CN": "nearly poor", "DT": "ethnic minority"},
    **{"CC": "merit", "TN": "jobless", "XK": "meaning not found", "BT": "social assistance"},
}
#: Groups of holders; a code that is missing is not wrong.
GROUPS: Final = {
    **{code: Group(meaning, is_confirmed=True) for code, meaning in _CONFIRMED.items()},
    **{code: Group(meaning, is_confirmed=False) for code, meaning in _RECALLED.items()},
}
_FREE_TRANSPORT = ("QN", "CA", "CY")
_PROVINCES = [*reference.provinces()["old_code"], "97", "98", "99"]
_STAND_INS = [digit * 10 for digit in string.digits]


class InsuranceCard(NamedTuple):
    """The parts of a card."""

    group: str
    benefit: str
    province: str
    number: str


def _split(card: str) -> InsuranceCard:
    return InsuranceCard(card[:2], card[2], card[3:5], card[5:])


def columns(card: pl.Expr) -> dict[str, pl.Expr]:
    """The parts of valid compact cards: group, benefit, province, number."""
    return {
        "group": card.str.head(2),
        "benefit": card.str.slice(2, 1),
        "province": card.str.slice(3, 2),
        "number": card.str.tail(10),
    }


def _cut(card: pl.Expr) -> pl.Expr:
    return pl.concat_str(columns(card).values(), separator=" ")


_TYPES = dict.fromkeys(InsuranceCard._fields, pl.String())
_FIELDS: dict[str, pl.DataType] = {
    "value": pl.String(),
    **_TYPES,
    "issues": pl.List(pl.String()),
}
_SCHEME: Final = Scheme(
    form="^[A-Z]{2}[1-5][0-9]{12}$",
    expected="2 letters, a benefit level 1 to 5 and 12 digits",
    hint="insurance_number, if only the ten digits are given",
    split=_split,
    types=_TYPES,
    columns=columns,
    checks=(
        Check(
            lambda card: card[5:] not in _STAND_INS,
            lambda card: ~card.str.tail(10).is_in(_STAND_INS),
            *("somebody's number", "one digit, repeated", "leave it empty"),
        ),
    ),
    write=lambda card: " ".join(_split(card)),
    written=_cut,
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed
well_formed = _SCHEME.well_formed


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    card, value, group = pl.col("card"), pl.col("value"), pl.col("group")
    # Nulls cost little, and most of a column is cards.
    other = pl.when(value.is_null()).then(card)
    is_bare = other.str.contains("^[0-9]{10}$") & ~other.is_in(_STAND_INS)
    is_personal = personal_number.well_formed(other)
    is_stand_in = other.str.tail(10).is_in(_STAND_INS)
    is_explained = pl.col("is_bare") | pl.col("is_personal") | pl.col("is_stand_in")
    parts = columns(value)
    number = pl.when(pl.col("is_bare") | pl.col("is_personal")).then(card)
    return (
        numbered(raw)
        .with_columns(card="number")
        .with_columns(value=pl.when(well_formed(card)).then("card"))
        .with_columns(is_bare=is_bare, is_personal=is_personal, is_stand_in=is_stand_in)
        .with_columns(**{**parts, "number": number.otherwise(parts["number"])})
        .with_columns(
            collect(
                malformed_number=other.is_not_null() & ~is_explained,
                placeholder_number=pl.col("is_stand_in"),
                number_without_card=pl.col("is_bare"),
                personal_number_given=pl.col("is_personal"),
                unknown_group=~group.is_in(list(GROUPS)),
                unknown_province=~pl.col("province").is_in(_PROVINCES),
                benefit_disagrees=(pl.col("benefit") == "5") & ~group.is_in(_FREE_TRANSPORT),
            )
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean card numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (15 characters), group, benefit, province (two-digit
        code before July 2025), number (the ten digits; given alone, or a personal number, too,
        without a value), issues (``malformed_number``, ``placeholder_number``,
        ``number_without_card``, ``personal_number_given``, and the weak ``unknown_group``,
        ``unknown_province``, ``benefit_disagrees``: level 5 outside QN, CA, CY).
    """
    return staged(column, _stages, _FIELDS)
