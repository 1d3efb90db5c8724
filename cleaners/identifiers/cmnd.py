"""CMND, the old identity-card number, 9 digits: a prefix of the issuing police, then a serial.

Issuer: provincial police; no longer valid since 1 January 2025, still in most registries. Neither
unique nor stable: moving province gave a new number, thousands were issued twice, and 271450001 to
271500000 were issued by two provinces (issue ``shared_number_range``). There is no check digit.

The first two or three digits name the province that issued it, not that of birth: a weak feature.
``provinces`` holds the PPP codes of the 63-province list for prefixes found in a published table,
``recalled_provinces`` those that are only remembered. Odd cases: a lost leading zero (8 digits),
O or I for 0 and 1, and 000 in front, which no office used.

>>> parse("011987654")
Cmnd(prefix='011', serial='987654', provinces=['001'], recalled_provinces=[])
>>> parse("184 000 123")[2:]
(['042'], ['040'])
>>> is_valid("011987654"), is_valid("000123456"), is_valid("123456789")
(True, False, False)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from cleaners.identifiers.compacting import prepared
from cleaners.identifiers.personal_number import PLACEHOLDERS
from cleaners.identifiers.protocol import Check, Scheme, unlike
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "Cmnd",
    "clean",
    "compact",
    "compacted",
    "format",
    "formatted",
    "is_shared",
    "is_valid",
    "parse",
    "parsed",
    "shared_range",
    "valid",
    "validate",
    "validated",
    "well_formed",
]

# Prefix to PPP codes. Confirmed: vilado.vn table w148. Hà Tây (11) has been part of Hà Nội since 2008.
_CONFIRMED = {
    **{"01": "001", "02": "079", "03": "031", "05": "014", "07": "002", "095": "006", "10": "022"},
    **{"11": "001 017", "12": "024 027", "13": "025", "14": "030 033", "16": "035", "18": "042"},
    **{"19": "044 045", "20": "049", "21": "051 052", "22": "054 056", "230": "064", "231": "064"},
    **{"26": "058 060", "27": "077", "280": "074", "285": "070", "29": "072", "32": "083"},
    **{"35": "089", "36": "093 094", "38": "095"},
}
_RECALLED = {
    **{"04": "011 012", "06": "010 015", "07": "008", "08": "004 020", "09": "019", "13": "026"},
    **{"15": "034", "16": "036 037", "17": "038", "18": "040", "19": "046", "20": "048"},
    **{"23": "062", "24": "066 067", "25": "068", "27": "075", "30": "080", "31": "082"},
    **{"33": "084 086", "34": "087", "36": "092", "37": "091", "38": "096"},
}
_SHARED = (271_450_001, 271_500_000)


class Cmnd(NamedTuple):
    """The parts; the lists hold PPP codes of the provinces that may have issued it."""

    prefix: str
    serial: str
    provinces: list[str]
    recalled_provinces: list[str]


def _by_prefix(table: dict[str, str]) -> list[list[str]]:
    """PPP codes for each of the thousand three-digit prefixes; three digits known beat two."""
    special = {prefix for prefix in (*_CONFIRMED, *_RECALLED) if len(prefix) == 3}
    prefixes = [f"{number:03}" for number in range(1000)]
    keys = [prefix if prefix in special else prefix[:2] for prefix in prefixes]
    return [table.get(key, "").split() for key in keys]


_ISSUERS: Final = {"provinces": _by_prefix(_CONFIRMED), "recalled_provinces": _by_prefix(_RECALLED)}
_LISTS: Final = {
    name: pl.Series(name, lists, dtype=pl.List(pl.String)) for name, lists in _ISSUERS.items()
}


def _split(number: str) -> Cmnd:
    place = int(number[:3])
    return Cmnd(number[:3], number[3:], *(lists[place] for lists in _ISSUERS.values()))


def _columns(number: pl.Expr) -> dict[str, pl.Expr]:
    """Twin of ``_split``."""
    place = number.str.head(3).cast(pl.UInt32, strict=False)
    return {
        "prefix": number.str.head(3),
        "serial": number.str.tail(6),
        **{name: pl.lit(lists).gather(place) for name, lists in _LISTS.items()},
    }


_TYPES: dict[str, pl.DataType] = {
    "prefix": pl.String(),
    "serial": pl.String(),
    "provinces": pl.List(pl.String()),
    "recalled_provinces": pl.List(pl.String()),
}
_FIELDS: dict[str, pl.DataType] = {"value": pl.String(), **_TYPES, "issues": pl.List(pl.String())}
_SCHEME: Final = Scheme(
    form="^[0-9]{9}$",
    expected="9 digits",
    hint="pad a lost leading zero",
    split=_split,
    types=_TYPES,
    columns=_columns,
    checks=(
        Check(
            lambda number: not number.startswith("000"),
            lambda number: ~number.str.starts_with("000"),
            *("a prefix above 000", "000", "check for lost digits"),
        ),
        unlike(PLACEHOLDERS),
    ),
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed
well_formed = _SCHEME.well_formed


def is_shared(whole: int) -> bool:
    """Twin of ``shared_range``."""
    return _SHARED[0] <= whole <= _SHARED[1]


def shared_range(whole: pl.Expr) -> pl.Expr:
    """Whether nine digits, as a number, lie in the range that two provinces issued."""
    return whole.is_between(*_SHARED)


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    number, value = pl.col("number"), pl.col("value")
    is_short = number.str.contains("^[0-9]{8}$") & ~number.is_in(PLACEHOLDERS)
    padded = pl.when(is_short).then(pl.lit("0") + number).otherwise(number)
    is_lost, is_stand_in = pl.col("is_lost").fill_null(value=False), number.is_in(PLACEHOLDERS)
    bad = number.is_not_null() & value.is_null() & ~is_stand_in & ~is_lost
    return (
        prepared(raw, is_good=well_formed(pl.col("fixed")))
        .with_columns(padded=padded)
        .with_columns(value=pl.when(well_formed(pl.col("padded"))).then("padded"))
        .with_columns(**_columns(value))
        .with_columns(
            collect(
                leading_zero_lost=value.is_not_null() & is_short,
                placeholder_number=is_stand_in,
                typed_letters=pl.col("is_typed"),
                digits_lost=is_lost,
                malformed_number=bad,
                shared_number_range=shared_range(value.cast(pl.Int64, strict=False)),
                unknown_prefix=(pl.col("provinces").list.len() == 0)
                & (pl.col("recalled_provinces").list.len() == 0),
            )
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean a column of CMND numbers (``personal_id`` tells them from other numbers).

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (9 digits), prefix (first 3), serial, provinces and
        recalled_provinces (lists of PPP codes), issues (``leading_zero_lost``,
        ``placeholder_number``, ``typed_letters``, ``digits_lost``, ``malformed_number``,
        ``shared_number_range``, ``unknown_prefix``: weak, the table has gaps).

    >>> pl.select(clean(pl.lit("271.450.001").alias("x")).struct["issues"]).item().to_list()
    ['shared_number_range']
    """
    return staged(column, _stages, _FIELDS)
