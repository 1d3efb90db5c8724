"""Numbers that name a person: the 12-digit personal number, the old 9-digit CMND, a passport.

**Personal number** (số định danh, on the CCCD): ``PPP G YY NNNNNN``; issuer: Ministry of Public
Security (Decree 137/2015 art. 13, Circulars 07/2016 and 59/2021). PPP is the province, or from
101 to 295 the country, where the birth was registered, in the 63-province list of the time; G is
2 x (century - 20) for men and one more for women, so 0-1 for 1900s and 2-3 for 2000s; YY is the
year of birth; six digits follow. There is no check digit. G from 4 means born in 2100 or later
and is refused.

**CMND**, 9 digits: expired at the end of 2024 but still in most registries; neither unique nor
stable. **Passport**: one or two letters and six to eight digits.

Odd cases: spreadsheets drop leading zeros (10 or 11 digits, 8 for a CMND), add ``.0``, or write
``7.9E+10`` (which has lost digits and cannot be repaired); counters type 123456789 or 000000000.

>>> parse("001190012345")
PersonalNumber(province='001', sex='female', birth_year=1990, serial='012345')
>>> is_valid("001 190 012345"), is_valid("999190012345")
(True, False)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from cleaners import reference
from cleaners.errors import ComponentError, FormatError
from cleaners.identifiers.protocol import (
    blank_to_null,
    compacted,
    is_valid_by,
    squeeze,
    without_float_residue,
)
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = ["PersonalNumber", "clean", "compact", "format", "is_valid", "parse", "valid", "validate"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "province", "sex"), pl.String()),
    "birth_year": pl.Int32(),
    "issues": pl.List(pl.String()),
}
_FOREIGN = range(101, 296)
_RUNS = ("0123456789012345", "1234567890123456", "9876543210987654")
_PLACEHOLDERS = [run[:length] for run in _RUNS for length in (9, 10, 11, 12)] + [
    digit * length for digit in "0123456789" for length in range(4, 16)
]
_PASSPORT = r"^(?:[A-Z]\d{7,8}|[A-Z]{2}\d{6,7})$"


class PersonalNumber(NamedTuple):
    """The parts of a 12-digit personal number."""

    province: str
    sex: str
    birth_year: int
    serial: str


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    """Every code that can stand in front: 63 provinces, 195 countries."""
    return frozenset(reference.provinces()["ppp"]) | {str(code) for code in _FOREIGN}


def compact(text: str) -> str:
    """Remove separators.

    >>> compact("001.190.012 345")
    '001190012345'
    """
    return squeeze(text)


def validate(text: str) -> str:
    """Return the 12 digits.

    Raises:
        FormatError: not 12 digits.
        ComponentError: unknown place, or a century that has not come.
    """
    number = compact(text)
    if not re.fullmatch(r"[0-9]{12}", number):
        raise FormatError(
            expected="12 digits", found=f"{len(number)} characters", hint="pad lost leading zeros"
        )
    if number[:3] not in _places():
        raise ComponentError(
            expected="a province (001-096) or country (101-295) code",
            found="another code",
            hint="check digits 1 to 3",
        )
    if number[3] > "3":
        raise ComponentError(
            expected="a century digit from 0 to 3", found="a later one", hint="check digit 4"
        )
    return number


def is_valid(text: str) -> bool:
    """Whether a text is a well-formed 12-digit personal number."""
    return is_valid_by(validate, text)


def format(text: str) -> str:
    """The number as the card prints it: 12 digits without separators."""
    return validate(text)


def parse(text: str) -> PersonalNumber:
    """Split a valid number into its parts; raises like ``validate``."""
    number = validate(text)
    century = 1900 + 100 * (int(number[3]) // 2)
    sex = "female" if int(number[3]) % 2 else "male"
    return PersonalNumber(number[:3], sex, century + int(number[4:6]), number[6:])


def _well_formed(number: pl.Expr) -> pl.Expr:
    """Whether compact text is a valid 12-digit number."""
    known = number.str.head(3).is_in(sorted(_places()))
    return number.str.contains(r"^\d{3}[0-3]\d{8}$") & known


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return _well_formed(compacted(column))


def _kinds(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Compact text, and what kind of number it is."""
    number, length, digits = pl.col("number"), pl.col("length"), pl.col("digits")
    is_long = digits & length.is_in([10, 11, 12])
    kind = (
        pl.when("placeholder")
        .then(None)
        .when(is_long & ((length == 12) | pl.col("well_formed")))
        .then(pl.lit("personal_number"))
        .when(digits & length.is_in([8, 9]) & ~number.str.starts_with("000"))
        .then(pl.lit("cmnd"))
        .when(~digits & number.str.contains(_PASSPORT))
        .then(pl.lit("passport"))
    )
    return (
        frame.with_columns(text=blank_to_null("raw"))
        .with_columns(number=compacted(without_float_residue("text")))
        .with_columns(
            length=number.str.len_bytes(),
            digits=number.str.contains(r"^[0-9]+$"),
            placeholder=number.is_in(_PLACEHOLDERS),
            padded=number.str.zfill(12),
        )
        .with_columns(
            known=pl.col("padded").str.head(3).is_in(sorted(_places())),
            sane=pl.col("padded").str.slice(3, 1).is_in(list("0123")),
        )
        .with_columns(well_formed=pl.col("known") & pl.col("sane"))
        .with_columns(kind=kind)
    )


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    kind, padded, length = pl.col("kind"), pl.col("padded"), pl.col("length")
    is_full = kind == "personal_number"
    sane = is_full & pl.col("sane")
    century = pl.when(sane).then(padded.str.slice(3, 1)).cast(pl.Int32, strict=False)
    year = pl.when(sane).then(padded.str.slice(4, 2)).cast(pl.Int32, strict=False)
    issues = collect(
        leading_zero_lost=(is_full & (length < 12)) | ((kind == "cmnd") & (length == 8)),
        old_number=kind == "cmnd",
        placeholder_number=pl.col("placeholder"),
        malformed_number=pl.col("text").is_not_null() & kind.is_null() & ~pl.col("placeholder"),
        unknown_province=is_full & ~pl.col("known"),
        impossible_century=is_full & ~pl.col("sane"),
    )
    return _kinds(raw).with_columns(
        issues,
        value=pl.when(is_full)
        .then(padded)
        .when(kind == "cmnd")
        .then(pl.col("number").str.zfill(9))
        .when(kind == "passport")
        .then("number"),
        province=pl.when(is_full & pl.col("known")).then(padded.str.head(3)),
        sex=pl.when(century % 2 == 0).then(pl.lit("male")).when(sane).then(pl.lit("female")),
        birth_year=1900 + 100 * (century // 2) + year,
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean a column of personal numbers, CMND and passport numbers.

    A 12-digit number with an unknown place or an impossible century is kept and flagged: it may
    be one typing error away from a good one.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (12 or 9 digits, or a passport number), kind
        (personal_number, cmnd, passport), province (PPP), sex, birth_year, issues
        (``leading_zero_lost``, ``old_number``, ``placeholder_number``, ``malformed_number``,
        ``unknown_province``, ``impossible_century``).

    >>> frame = pl.DataFrame({"id": ["1190012345", "012345678", "024 681 357"]})
    >>> frame.select(clean("id")).unnest("id").select("value", "kind").rows()
    [('001190012345', 'personal_number'), (None, None), ('024681357', 'cmnd')]
    """
    return staged(column, _stages, _FIELDS)
