"""Run a cleaner in stages over a column: in slices on all cores, over distinct values where it pays.

A cleaner with many dependent parts, written as one nested expression, repeats its inner work for
every part that uses it. Here each stage is a ``with_columns`` on a small frame, still columnar.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cleaners.columns import as_whole, by_distinct, in_slices

__all__ = ["Stages", "staged"]

Stages = Callable[[pl.LazyFrame], pl.LazyFrame]


def staged(
    column: str | pl.Expr,
    stages: Stages,
    fields: dict[str, pl.DataType],
    *,
    distinct: bool = False,
) -> pl.Expr:
    """Turn frame-wise stages into one struct expression.

    Args:
        column: a String column.
        stages: takes a frame with the one column ``raw`` and returns a frame of the same height
            and order that has every field.
        fields: the result's fields and their types.
        distinct: run the stages once per distinct value and spread the results; for columns
            whose values repeat (dates, codes).

    Returns:
        A struct named after the column.
    """
    dtype = pl.Struct(fields)

    def work(raw: pl.Series) -> pl.Series:
        frame = raw.alias("raw").to_frame()
        done = in_slices(frame, lambda part: stages(part).select(done=pl.struct(list(fields))))
        return done["done"].cast(dtype)

    def run(series: pl.Series) -> pl.Series:
        raw = series.cast(pl.String)
        return (by_distinct(raw, work) if distinct else work(raw)).alias(series.name)

    return as_whole(column, run, dtype)
