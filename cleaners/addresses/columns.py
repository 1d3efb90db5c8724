"""Long columns: worked on side by side in slices, and once per distinct value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from cleaners.distinct import by_distinct

__all__ = ["in_slices", "numbered"]

_SLICE: Final = 25_000  # rows that are worth a core of their own


def in_slices(frame: pl.DataFrame, stage: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
    """Run a row-wise stage on as many slices as there are cores, side by side, in order."""
    slices = max(1, min(pl.thread_pool_size(), frame.height // _SLICE))
    size = -(-frame.height // slices) or 1
    starts = range(0, max(frame.height, 1), size)
    plans = [stage(frame.slice(start, size).lazy()) for start in starts]
    return pl.concat(pl.collect_all(plans))


def numbered(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The distinct values of a column in its order, and for each row the place of its value.

    What was found for the distinct values is spread by one gather, even after several steps of
    this kind: places are gathered like values.
    """
    kept = []

    def number(distinct: pl.Series) -> pl.Series:
        kept.append(distinct)
        return pl.int_range(distinct.len(), dtype=pl.UInt32, eager=True)

    # In one piece: values are then gathered twice as fast.
    places = by_distinct(column.rechunk(), number)
    return kept[-1], places
