"""Profile a whole frame."""

from __future__ import annotations

import datetime
from typing import Any, Final

import polars as pl

from cleaners.profiling.columns import line
from cleaners.profiling.result import NO_LIMIT, Profile, Recipe

__all__ = ["profile"]

_ISSUE: Final = pl.Struct({"code": pl.String, "rows": pl.Int64, "share": pl.Float64})
_COLUMNS: Final = pl.Schema(
    {
        "column": pl.String(),
        "looks_like": pl.String(),
        "confidence": pl.Float64(),
        "filled": pl.Float64(),
        "distinct": pl.Float64(),
        "valid": pl.Float64(),
        "encoding": pl.String(),
        "issues": pl.List(_ISSUE),
    }
)


def _frame(given: Any) -> pl.DataFrame:
    """A polars frame from whatever was handed over."""
    if isinstance(given, pl.DataFrame):
        return given
    if isinstance(given, pl.LazyFrame):
        return given.collect()
    if hasattr(given, "__arrow_c_stream__"):
        return pl.DataFrame(given)
    message = (
        f"expected a polars, pandas or pyarrow frame, found {type(given).__name__}; "
        "try: polars.DataFrame(...)"
    )
    raise TypeError(message)


def profile(
    frame: Any, *, reference_date: datetime.date | None = None, sample: int | None = 100_000
) -> Profile:
    """Tell for each column what it looks like, how much is valid, and what is odd about it.

    Kinds are found by trying the cleaners on up to 1,000 values, taken evenly from the column.
    Nothing random, no clock, and nothing leaves the machine.

    Args:
        frame: a polars DataFrame or LazyFrame, or a pandas or pyarrow table. Text columns tell
            most: numbers and dates that were parsed before have lost zeros and odd spellings.
        reference_date: the day that counts as today for dates. None: no date counts as too late,
            and two-digit years are taken for this century's.
        sample: values of a column on which validity and issues are counted, taken evenly; None:
            all.

    Returns:
        A Profile.

    Raises:
        TypeError: the frame is of no known kind.
        ValueError: ``sample`` is not positive.
    """
    if sample is not None and sample < 1:
        message = f"expected a positive sample or None, found {sample}; try: sample=100_000"
        raise ValueError(message)
    table = _frame(frame)
    date = reference_date or NO_LIMIT
    lines, recipes = [], []
    for series in table.iter_columns():
        row, found = line(series, sample, date)
        lines.append({"column": series.name, **row})
        if found.kind is not None:
            is_text, is_damaged = series.dtype == pl.String, row["encoding"] is not None
            recipes.append(Recipe(series.name, found.kind, is_text, is_damaged))
    columns = pl.DataFrame(lines, schema=_COLUMNS)
    checked = table.height if sample is None else min(sample, table.height)
    return Profile(table.height, checked, columns, reference_date, tuple(recipes))
