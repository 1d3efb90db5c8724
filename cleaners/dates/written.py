"""What is written: from the text of a date to day, month and year as numbers.

Plain forms (``12/03/1990``, ``1990-03-12``, ``1985``) go straight to the numbers, everything else
through ``rewriting``.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.dates.rewriting import MARKS, PLAIN, DateOrder, ExcelEpoch, rewritten
from cleaners.text import only_where

__all__ = ["numbers", "without_time"]

_DAY_FIRST: Final = r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})$"
_YEAR_FIRST: Final = r"^([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2}))?$"
# A date of fixed width or d/m/yyyy with a time of day behind it.
_STAMP: Final = (
    r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
    r"[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$"
)


def without_time(column: pl.Expr) -> pl.Expr:
    """Cut the time of day off usual timestamps, so that their dates repeat.

    Midnight in Vietnam written as UTC (17:00 of the day before) is left for ``numbers``.
    """

    def cut(text: pl.Expr) -> pl.Expr:
        wide = text.str.slice(10, 1).is_in([" ", "T"])
        return pl.when(wide).then(text.str.slice(0, 10)).otherwise(
            only_where(text, lambda t: t.str.slice(8, 2).str.contains("[ T]"),
                       lambda t: t.str.replace("[ T].*$", ""))
        )  # fmt: skip

    def is_stamp(text: pl.Expr) -> pl.Expr:
        return text.str.contains(_STAMP) & ~text.str.contains("T17:00", literal=True)

    return only_where(column, is_stamp, cut)


def _as_number(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int32, strict=False)


def numbers(frame: pl.DataFrame, order: DateOrder, epoch: ExcelEpoch) -> pl.LazyFrame:
    """Read texts.

    Args:
        frame: one column ``raw``, String.
        order: how three numbers that end in the year are ordered.
        epoch: what a spreadsheet counts its days from.

    Returns:
        In the order of the input: d, m, written_year (Int32; null where not readable), is_short_year
        and the marks.
    """
    indexed = frame.with_row_index("place")
    is_plain = indexed["raw"].str.contains(PLAIN).fill_null(value=False)
    marks = [pl.lit(value=False).alias(name) for name in ("is_blank", *MARKS)]
    columns = ["place", "text", "is_blank", *MARKS]
    plain = indexed.lazy().filter(is_plain).with_columns(*marks, text=pl.col("raw"))
    both = plain.select(columns)
    if not is_plain.all():
        odd = rewritten(indexed.lazy().filter(~is_plain), order, epoch)
        both = pl.concat([both, odd.select(columns)]).collect().sort("place").lazy()
    parts = pl.col("text").str.extract_groups(_DAY_FIRST)
    first, second, last = (parts.struct[n] for n in range(3))
    ymd = pl.col("text").str.extract_groups(_YEAR_FIRST)
    year, month, day = (ymd.struct[n] for n in range(3))
    if order == "mdy":
        first, second = (
            pl.when("is_fixed").then(first).otherwise(second),
            pl.when("is_fixed").then(second).otherwise(first),
        )
    return both.with_columns(
        d=_as_number(pl.coalesce(first, day)),
        m=_as_number(pl.coalesce(second, month)),
        written_year=_as_number(pl.coalesce(last, year)),
        is_short_year=(last.str.len_bytes() == 2).fill_null(value=False),
    )
