"""Run a cleaner in stages over a column: in slices on all cores, over distinct values where it pays.

A cleaner with many dependent parts, written as one nested expression, repeats its inner work for
every part that uses it. Here each stage is a ``with_columns`` on a small frame, still columnar.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cleaners.distinct import by_distinct
from cleaners.text import as_expr, named_like

__all__ = ["Stages", "staged"]

Stages = Callable[[pl.LazyFrame], pl.LazyFrame]
_SLICE = 50_000  # rows that are worth a core of their own


def _in_slices(raw: pl.DataFrame, stages: Stages, fields: list[str]) -> pl.Series:
    """Run the stages on as many slices as there are cores, side by side."""
    slices = max(1, min(pl.thread_pool_size(), raw.height // _SLICE))
    size = -(-raw.height // slices) or 1
    plans = [
        stages(raw.slice(start, size).lazy()).select(done=pl.struct(fields))
        for start in range(0, max(raw.height, 1), size)
    ]
    # One call, not threads of our own: inside a worker of the engine those could wait for each
    # other.
    return pl.concat(pl.collect_all(plans))["done"]


def staged(
    column: str | pl.Expr,
    stages: Stages,
    fields: dict[str, pl.DataType],
    *,
    distinct: bool = False,
    first: Stages | None = None,
) -> pl.Expr:
    """Turn frame-wise stages into one struct expression.

    Args:
        column: a String column.
        stages: takes a frame with the one column ``raw`` and returns a frame of the same height
            and order that has every field.
        fields: the result's fields and their types.
        distinct: run the stages once per distinct value and spread the results; for columns
            whose values repeat (dates, codes).
        first: a stage of its own for all values at once, before they are sliced: for work that
            costs much however few the values are. Its frame goes to ``stages``.

    Returns:
        A struct named after the column.
    """
    dtype = pl.Struct(fields)

    def work(raw: pl.Series) -> pl.Series:
        frame = raw.alias("raw").to_frame()
        if first is not None:
            frame = first(frame.lazy()).collect()
        return _in_slices(frame, stages, list(fields)).cast(dtype)

    def run(series: pl.Series) -> pl.Series:
        raw = series.cast(pl.String)
        return (by_distinct(raw, work) if distinct else work(raw)).alias(series.name)

    expr = as_expr(column)
    # Not elementwise: the engine would hand the column over in pieces, and every piece would pay
    # for its own start. A literal has no column: only an elementwise call lets it be broadcast.
    elementwise = not expr.meta.root_names()
    result = expr.map_batches(run, return_dtype=dtype, is_elementwise=elementwise)
    return named_like(result, expr)
