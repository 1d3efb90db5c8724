"""Functions of one value at a time, applied to columns: costly ones only where they are needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

import polars as pl

__all__ = [
    "Form",
    "Matching",
    "Run",
    "as_expr",
    "named_like",
    "on_all_cores",
    "only_where",
    "repairing",
    "searching",
]

_LONG: Final = 50_000  # rows from which more than one core pays

Form = Callable[[pl.Expr], pl.Expr]
Run = Callable[[pl.Series], pl.Series]


def as_expr(column: str | pl.Expr) -> pl.Expr:
    """Take a column name or an expression, give an expression."""
    return pl.col(column) if isinstance(column, str) else column


def named_like(result: pl.Expr, source: pl.Expr) -> pl.Expr:
    """Give the result of a cleaner the name of the column that it cleans."""
    return result.alias(source.meta.output_name(raise_if_undetermined=False) or "value")


def searching(pattern: str) -> Callable[[str], re.Match[str] | None]:
    r"""Search one value for a pattern that is written for a column.

    Args:
        pattern: without ``\p``; what it says of words and digits means ASCII where it is marked so, or
            where the text is.

    >>> bool(searching(r"(?-u:\b)thi$")("le thi"))
    True
    """
    # Python's $ also stands before a line's end.
    return re.compile(pattern.replace(r"(?-u:\b)", r"(?a:\b)").replace("$", r"\Z")).search


class Matching:
    r"""Whether a value matches a pattern, or with ``denied`` does not; a null never does.

    For a column an expression. For a lone value, where the query would cost some hundred times what
    the test does, the same pattern in Python: it has to mean the same there, so no ``\p``,
    but classes that are written out.
    """

    def __init__(self, pattern: str, *, denied: bool = False) -> None:
        self._pattern, self._denied = pattern, denied
        self._search = searching(pattern)

    def __call__(self, column: pl.Expr) -> pl.Expr:
        """The expression for a column."""
        found = column.str.contains(self._pattern)
        return ~found if self._denied else found

    def says(self, value: str) -> bool:
        """The answer for one value."""
        return (self._search(value) is None) == self._denied


def repairing(needed: Form, repair: Form) -> Run:
    """What ``only_where`` does, as a function of a column."""

    @cache
    def asked() -> pl.Expr:
        return needed(pl.col("v")).fill_null(value=False)

    def run(series: pl.Series) -> pl.Series:
        if series.null_count() == series.len():
            return series
        if isinstance(needed, Matching) and series.len() == 1 and not needed.says(series.item()):
            return series
        frame = series.alias("v").to_frame()
        mask = frame.select(asked()).to_series()
        if not mask.any():
            return series
        repaired = frame.filter(mask).select(repair(pl.col("v")).alias("v")).to_series()
        if mask.all():
            return repaired.alias(series.name)
        place = (mask.cast(pl.Int64).cum_sum() - 1).clip(lower_bound=0)
        chosen = pl.when(mask).then(repaired.gather(place)).otherwise(pl.col("v"))
        return frame.select(chosen.alias(series.name)).to_series()

    return run


def only_where(column: str | pl.Expr, needed: Form, repair: Form) -> pl.Expr:
    """Apply a costly repair to the few values that need it; the others pass untouched.

    Args:
        column: a String column.
        needed: expression to a Boolean: whether a value needs the repair; a null never does.
        repair: expression to the repaired String.
    """
    run = repairing(needed, repair)
    return as_expr(column).map_batches(run, return_dtype=pl.String, is_elementwise=True)


def on_all_cores(column: str | pl.Expr, run: Run) -> pl.Expr:
    """Apply a function that looks at one value at a time to a long column, on all cores.

    The engine works on the chunks of a column side by side, and within a chunk on one core alone.

    Args:
        column: a String column.
        run: a String column to a String column, row by row.
    """

    def in_chunks(series: pl.Series) -> pl.Series:
        if series.n_chunks() > 1 or series.len() < _LONG:
            return run(series) if series.n_chunks() == 1 else side_by_side(series)
        size = -(-series.len() // pl.thread_pool_size())
        parts = [series.slice(start, size) for start in range(0, series.len(), size)]
        return side_by_side(pl.concat(parts, rechunk=False))

    def side_by_side(series: pl.Series) -> pl.Series:
        done = pl.col("v").map_batches(run, return_dtype=pl.String, is_elementwise=True)
        return series.to_frame("v").select(done.alias(series.name)).to_series()

    return as_expr(column).map_batches(in_chunks, return_dtype=pl.String, is_elementwise=True)
