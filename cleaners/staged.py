"""Run a cleaner in stages over a column, and only over its distinct values where that pays.

A cleaner with many dependent parts, written as one nested expression, repeats its inner work for
every part that uses it. Here each stage is a ``with_columns`` on a small frame, still columnar.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cleaners.text import as_expr, named_like

__all__ = ["Stages", "staged"]

Stages = Callable[[pl.LazyFrame], pl.LazyFrame]


def staged(
    column: str | pl.Expr, stages: Stages, fields: dict[str, pl.DataType], *, distinct: bool = False
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

    def run(series: pl.Series) -> pl.Series:
        raw = series.cast(pl.String).alias("raw").to_frame()
        todo = raw.unique(maintain_order=True) if distinct else raw
        done = stages(todo.lazy()).select(pl.struct(list(fields)).alias("done")).collect()
        if distinct and todo.height < raw.height:
            pairs = todo.with_columns(done["done"])
            kept = raw.join(pairs, on="raw", how="left", nulls_equal=True, maintain_order="left")
            done = kept.select("done")
        return done["done"].cast(dtype).alias(series.name)

    dtype = pl.Struct(fields)
    expr = as_expr(column)
    result = expr.map_batches(run, return_dtype=dtype, is_elementwise=True)
    return named_like(result, expr)
