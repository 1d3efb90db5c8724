"""Frames of any library to polars, and their columns to text as a CSV would hold it."""

from __future__ import annotations

import hashlib
import io

import polars as pl

from linkage.errors import SourceError


def to_polars(name: str, frame: object) -> pl.DataFrame:
    """A polars, pandas or pyarrow frame, or a DuckDB relation, as a polars frame.

    Args:
        name: what messages call the source.
        frame: anything with the Arrow PyCapsule interface (``__arrow_c_stream__``), or a LazyFrame.

    Raises:
        SourceError: something else, or a column that Arrow cannot express.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if not hasattr(frame, "__arrow_c_stream__"):
        msg = f"{name}: this object cannot be read as a frame"
        raise SourceError(msg, expected="a polars, pandas or pyarrow frame, or a DuckDB relation",
                          found=type(frame).__name__,
                          hint="pass a frame, or set source.path")  # fmt: skip
    try:
        # the capsule interface is pyarrow's, pandas', DuckDB's and many others'
        return pl.DataFrame(frame)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        # the text of such errors quotes values: it stays out of the message
        msg = f"{name}: a column of the {type(frame).__name__} cannot be read"
        raise SourceError(msg, expected="one type per column", found=type(error).__name__,
                          hint="cast mixed columns to text first") from None  # fmt: skip


class Fingerprint:
    """SHA-256 of the content of text columns, given in pieces however they are cut.

    Over the columns as CSV, not as Arrow: equal columns may differ in Arrow's memory (what lies
    under a null, how chunks were joined).
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._begun = False

    def update(self, text: pl.DataFrame) -> None:
        """Take in more rows."""
        stream = io.BytesIO()
        text.write_csv(stream, include_header=not self._begun)
        self._begun = True
        self._digest.update(stream.getbuffer())

    def hexdigest(self) -> str:
        """The hash of all rows so far."""
        return self._digest.hexdigest()


def as_text(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as String: dates ISO, whole numbers plain, NaN null.

    Args:
        name: what messages call the source.
        frame: columns of plain types.

    Raises:
        SourceError: a nested or binary column.

    Example:
        >>> import datetime as dt
        >>> frame = pl.DataFrame({"a": [7.0, 7.5], "b": [dt.date(2026, 10, 1), None]})
        >>> as_text("sim", frame).rows()
        [('7', '2026-10-01'), ('7.5', None)]
    """
    return frame.select(_text(name, column, dtype) for column, dtype in frame.schema.items())


def _text(name: str, column: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(column)
    if isinstance(dtype, pl.Datetime):
        midnight = value.dt.time() == pl.time(0)
        return (
            pl.when(midnight)
            .then(value.dt.strftime("%Y-%m-%d"))
            .otherwise(value.dt.strftime("%Y-%m-%dT%H:%M:%S"))
            .alias(column)
        )
    if dtype.is_float():
        small = value.is_finite() & (value == value.floor()) & (value.abs() < 2.0**63)
        whole = value.cast(pl.Int64, strict=False).cast(pl.String)
        return (
            pl.when(small).then(whole).otherwise(value.fill_nan(None).cast(pl.String)).alias(column)
        )
    if isinstance(dtype, pl.Decimal):
        return value.cast(pl.String).str.replace(r"\.0+$", "")
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        msg = f"{name}: column {column!r} does not hold plain values"
        raise SourceError(msg, expected="text, numbers or dates", found=str(dtype),
                          hint="cast it to text at the source")  # fmt: skip
    return value.cast(pl.String)
