"""Long columns: seen whole, worked on side by side in slices, and once per distinct value.

A million dates hold some ten thousand different ones. The join that spreads the results runs on
64-bit hashes, which costs half of a join on text; two values that share a hash are noticed.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cleaners.text import as_expr, named_like

__all__ = ["AS_IT_IS", "as_whole", "by_distinct", "in_slices", "numbered"]

_SLICE = 25_000  # rows that are worth a core of their own
AS_IT_IS = pl.QueryOptFlags.none()
"""For plans in which nothing is to be gained: to look for it would take as long as the work."""
_SHORT = 1_000  # rows that are done before anything is set up for many


def as_whole(
    column: str | pl.Expr, run: Callable[[pl.Series], pl.Series], dtype: pl.DataType
) -> pl.Expr:
    """Apply a function of a column to the column as a whole, under the column's name.

    Not elementwise for the engine: it would hand the column over in pieces, and every piece would
    pay for its own start and its own distinct values. Only a literal, which has no column, is
    called elementwise, so that it can be broadcast.
    """
    expr = as_expr(column)
    result = expr.map_batches(run, return_dtype=dtype, is_elementwise=not expr.meta.root_names())
    return named_like(result, expr)


def in_slices(frame: pl.DataFrame, stage: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
    """Run a row-wise stage on as many slices as there are cores, side by side, in order."""
    if frame.height <= _SHORT:  # what makes long columns fast has to be set up
        return stage(frame.lazy()).collect(engine="in-memory", optimizations=AS_IT_IS)
    slices = max(1, min(pl.thread_pool_size(), frame.height // _SLICE))
    size = -(-frame.height // slices) or 1
    starts = range(0, max(frame.height, 1), size)
    plans = [stage(frame.slice(start, size).lazy()) for start in starts]
    # One call, not threads of our own: inside a worker of the engine those could wait for each
    # other.
    return pl.concat(pl.collect_all(plans))


def by_distinct(column: pl.Series, work: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Apply a value-wise function once per distinct value.

    Args:
        column: any type that can be hashed; null is a value like others.
        work: takes distinct values, returns as many results in the same order.

    Returns:
        One result for each row of the column.

    >>> by_distinct(pl.Series(["b", "a", "b"]), lambda s: s.str.to_uppercase()).to_list()
    ['B', 'A', 'B']
    """
    distinct, places = numbered(column)
    done = work(distinct)
    return done if distinct.len() == column.len() else done.gather(places)


def numbered(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The distinct values of a column in its order, and for each row the place of its value.

    What was found for the distinct values is spread by one gather, even after several steps of
    this kind: places are gathered like values.
    """
    if column.len() == 1:
        return column, pl.Series([0], dtype=pl.UInt32)
    # In one piece: values are then gathered twice as fast.
    column = column.rechunk()
    # Arrow numbers the hashes in a third of the time that a join takes.
    codes = column.hash().to_arrow().dictionary_encode().indices
    places = pl.Series(codes, dtype=pl.UInt32)
    firsts = _firsts(places)
    if firsts.len() == column.len():
        return column, places
    distinct = column.gather(firsts)
    if not distinct.gather(places).eq_missing(column).all():
        return _by_value(column)
    return distinct, places


def _firsts(places: pl.Series) -> pl.Series:
    """The row in which each place comes up first; places come up in their order."""
    return (places > places.cum_max().shift(1)).fill_null(value=True).arg_true()


def _by_value(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The same by comparing whole values: for the rare column where two of them share a hash."""
    frame = column.alias("value").to_frame()
    index = frame.unique(maintain_order=True).with_row_index("place")
    places = frame.join(index, on="value", how="left", nulls_equal=True, maintain_order="left")
    return index["value"], places["place"]
