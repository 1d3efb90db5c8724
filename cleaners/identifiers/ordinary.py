"""Ordinary personal numbers, most of any column, told by their first four digits alone.

Twelve plain digits of a known place and century need no repair and have no issue: what they say is
looked up in a table of the ten thousand ways in which they can begin. All else is taken out, goes
the long way, and is put back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import polars as pl

from cleaners.identifiers.personal_number import PLACEHOLDERS, read

__all__ = ["apart", "begins"]

_LENGTH = 12
_BEGINS = 10_000
_FIELDS = ["kind", "province", "sex", "birth_year", "issues"]


@lru_cache(maxsize=1)
def begins() -> pl.DataFrame:
    """What the first four digits say, a row for each; sex is null where more must be looked at.

    The year of birth is that of someone born in year 00 of the century.
    """
    begin, is_ordinary = pl.col("number").str.head(4), pl.col("is_known") & pl.col("is_sane")
    stand_ins = sorted({text[:4] for text in PLACEHOLDERS if len(text) == _LENGTH})
    numbers = pl.LazyFrame({"number": [f"{begin:04}00567890" for begin in range(_BEGINS)]})
    told = read(numbers.with_columns(is_lost=pl.lit(value=False))).with_columns(
        pl.when(is_ordinary & ~begin.is_in(stand_ins)).then("sex"),
        kind=pl.lit("personal_number"),
        issues=pl.lit([], dtype=pl.List(pl.String)),
    )
    return told.select(pl.lit(None, dtype=pl.String).alias("value"), *_FIELDS).collect()


def _indexed(text: pl.Series) -> pl.DataFrame:
    """Columns: raw, begin (the first digits, null where more must be looked at), year (two digits)."""
    raw, whole, begin = pl.col("raw"), pl.col("whole"), pl.col("begin")
    # A sign would pass as part of a number when cast.
    is_full = (raw.str.len_bytes() == _LENGTH) & ~raw.str.starts_with("+")
    told = pl.lit(begins()["sex"].is_not_null()).gather(begin)
    return (
        text.alias("raw")
        .to_frame()
        .lazy()
        .with_columns(whole=raw.cast(pl.Int64, strict=False))
        .with_columns(begin=pl.when(is_full).then(whole // 10**8).cast(pl.UInt32, strict=False))
        .select(
            "raw",
            begin=pl.when(told).then("begin"),
            year=(whole // 10**6 % 100).cast(pl.Int32),
        )
        .collect()
    )


def apart(text: pl.Series, long_way: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.Series:
    """Read ordinary numbers by the table, the others the long way.

    Args:
        text: what was given.
        long_way: takes a frame with the column ``raw``; adds value, kind, province, sex,
            birth_year (Int32), issues.

    Returns:
        A struct of these for each row.
    """
    frame = _indexed(text)
    is_odd = frame["begin"].is_null()
    table = begins()
    if is_odd.any():
        odd = long_way(frame.select("raw").filter(is_odd).lazy()).select("value", *_FIELDS)
        table = pl.concat([table, odd.collect()], rechunk=True)
    place = is_odd.cast(pl.UInt32).cum_sum() + (_BEGINS - 1)
    row = frame["begin"].fill_null(place)
    done = {name: pl.lit(table[name]).gather(row) for name in table.columns}
    done["value"] = pl.when(is_odd).then(done["value"]).otherwise("raw")
    done["birth_year"] += pl.when(is_odd).then(0).otherwise("year")
    return frame.select(**done).to_struct()
