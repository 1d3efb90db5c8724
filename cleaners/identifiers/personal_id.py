"""Numbers that name a person: the 12-digit personal number, the old 9-digit CMND, a passport.

A registry's column "số giấy tờ" holds all three; ``clean`` tells them apart. The scalar verbs and
their twins are those of ``personal_number``; see there, in ``cmnd`` and in ``passport`` for the
schemes. A passport has here one letter and seven or eight digits, or two and six or seven.

Odd cases: lost leading zeros (10 or 11 digits, 8 for a CMND), ``.0`` or ``7.9E+10`` from a
spreadsheet, O or I typed for 0 and 1, and stand-ins such as 123456789 or 000000000.

>>> parse("001190012345")
PersonalNumber(province='001', sex='female', birth_year=1990, serial='012345')
>>> is_valid("001 190 012345"), is_valid("999190012345")
(True, False)
"""

from __future__ import annotations

from functools import partial

import polars as pl

from cleaners.identifiers import cmnd
from cleaners.identifiers.compacting import prepared
from cleaners.identifiers.ordinary import apart
from cleaners.identifiers.personal_number import (
    PersonalNumber,
    compact,
    compacted,
    format,
    formatted,
    is_valid,
    parse,
    parsed,
    read,
    valid,
    validate,
    validated,
    well_formed,
)
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "PersonalNumber",
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

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "province", "sex"), pl.String()),
    "birth_year": pl.Int32(),
    "issues": pl.List(pl.String()),
}
_PASSPORT = "^(?:[A-Z][0-9]{7,8}|[A-Z]{2}[0-9]{6,7})$"


def _is_typed() -> pl.Expr:
    """Whether O, I and L stand for digits: they also begin passport numbers."""
    number, fixed = pl.col("number"), pl.col("fixed")
    return well_formed(fixed) | (cmnd.well_formed(fixed) & ~number.str.contains(_PASSPORT))


def _long_way(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, kind, parts and issues, of anything."""
    number, length, whole, kind = (pl.col(c) for c in ("number", "length", "whole", "kind"))
    is_full, is_empty = pl.col("full").is_not_null(), number.is_null()
    is_old = kind == "cmnd"
    found = (
        pl.when(is_full)
        .then(pl.lit("personal_number"))
        .when((length < 10) & ~number.str.starts_with("000"))
        .then(pl.lit("cmnd"))
        .when(pl.when(whole.is_null()).then(number).str.contains(_PASSPORT))
        .then(pl.lit("passport"))
    )
    is_short = (is_full & (length < 12)) | (is_old & (length == 8))
    return (
        read(prepared(raw, is_good=_is_typed()))
        .with_columns(kind=found)
        .with_columns(
            collect(
                leading_zero_lost=is_short,
                old_number=is_old,
                placeholder_number=pl.col("is_stand_in"),
                malformed_number=~is_empty & kind.is_null() & ~pl.col("is_explained"),
                unknown_province=is_full & ~pl.col("is_known"),
                impossible_century=is_full & ~pl.col("is_sane"),
                typed_letters=pl.col("is_typed"),
                digits_lost=pl.col("is_lost"),
                shared_number_range=is_old & cmnd.shared_range(whole),
            ),
            value=pl.when(kind == "passport")
            .then(number)
            .when(is_old)
            .then(pl.when(is_old).then(number).str.zfill(9))
            .otherwise("full"),
        )
    )


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, kind, parts and issues."""
    work = partial(apart, long_way=_long_way)
    # Not elementwise: the engine would hand it over in small pieces, at twice the cost.
    done = pl.col("raw").map_batches(work, return_dtype=pl.Struct(_FIELDS))
    return raw.select(done.alias("done")).unnest("done")


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean a column of personal numbers, CMND and passport numbers.

    A 12-digit number with an unknown place or an impossible century is kept and flagged: it may
    be one typing error away from a good one.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (12 or 9 digits, or a passport number), kind
        (personal_number, cmnd, passport), province (PPP), sex, birth_year, issues
        (``leading_zero_lost``, ``placeholder_number``, ``unknown_province``,
        ``impossible_century``, ``typed_letters``: O, I or L read as digits, ``digits_lost``:
        scientific notation, ``malformed_number``, ``old_number``: a CMND,
        ``shared_number_range``: a CMND from the range that was issued twice).

    >>> frame = pl.DataFrame({"id": ["1190012345", "012345678", "024 681 357"]})
    >>> frame.select(clean("id")).unnest("id").select("value", "kind").rows()
    [('001190012345', 'personal_number'), (None, None), ('024681357', 'cmnd')]
    """
    return staged(column, _stages, _FIELDS)
