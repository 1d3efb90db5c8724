"""Issues of phone numbers as bits of an integer: cheap to carry, one look-up to spell out."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

from cleaners.issues import collect

__all__ = ["bit", "issue_lists"]

_CODES: Final = (
    "renumbered_phone",
    "leading_zero_lost",
    "several_numbers",
    "placeholder_number",
    "malformed_phone",
    "renumbered_landline",
    "unallocated_prefix",
    "extension_removed",
    "typed_letters",
    "text_removed",
)


def bit(code: str, held: pl.Expr) -> pl.Expr:
    """The bit of an issue where it holds, else 0."""
    return held.fill_null(value=False).cast(pl.UInt32) * (1 << _CODES.index(code))


@lru_cache(maxsize=1)
def issue_lists() -> pl.Series:
    """The list of issues of every sum of bits.

    >>> issue_lists()[1 + 2].to_list()
    ['renumbered_phone', 'leading_zero_lost']
    """
    sums = pl.select(sum=pl.int_range(1 << len(_CODES)))
    has = {code: pl.col("sum") // (1 << place) % 2 == 1 for place, code in enumerate(_CODES)}
    issues = collect(
        renumbered_phone=has["renumbered_phone"],
        leading_zero_lost=has["leading_zero_lost"],
        several_numbers=has["several_numbers"],
        placeholder_number=has["placeholder_number"],
        malformed_phone=has["malformed_phone"],
        renumbered_landline=has["renumbered_landline"],
        unallocated_prefix=has["unallocated_prefix"],
        extension_removed=has["extension_removed"],
        typed_letters=has["typed_letters"],
        text_removed=has["text_removed"],
    )
    return sums.select(issues).to_series()
