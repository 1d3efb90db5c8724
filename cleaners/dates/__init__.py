"""Dates as offices write them: value, precision, alternatives, and whether they are a stand-in.

**What is written.** Day, month, year in this order (``12/3/1990``, ``12-03-90``, ``12.3.1990``,
``12031990``, ``ngày 12 tháng 3 năm 1990``, ``12-Mar-1990``, ``12-III-1990``), or ISO (``1990-03-12``,
``19900312``, with or without a time of day). Papers may lawfully carry a year only: ``1990``,
``00/00/1990``, ``--/--/1990``, ``xx/xx/1990``, ``1990-00-00``; or a month, ``3/1990``. A spreadsheet
gives serial numbers (``32944``), drops the leading zero of ``1051990``, adds ``.0``; a web service
gives Vietnamese midnight as 17:00 UTC of the day before.

**What it means.** 01/01 often stands for an unknown day, as do 30/12/1899 and 31/12/9999 and text
such as ``không rõ``. Impossible dates (30/02, 31/04) exist on valid papers and were re-registered
as the following day: they have parts and ``nearest``, but no value. Day and month may have changed
places: ``swapped`` is the other reading, an alternative for comparing that is never applied. A date
marked as lunar (âm lịch) keeps its parts and has no value, for it names another day. Nothing reads
the clock: two-digit years and "in the future" are judged against a reference date that is passed in.

>>> import datetime, polars as pl
>>> frame = pl.DataFrame({"born": ["12/3/1990", "1985", "30/02/1978"]})
>>> done = frame.select(clean("born", reference_date=datetime.date(2026, 10, 1))).unnest("born")
>>> done.select("value", "year", "precision").rows()
[(datetime.date(1990, 3, 12), 1990, 'day'), (None, 1985, 'year'), (None, 1978, 'day')]
>>> done.select("swapped", "nearest").rows()[::2]
[(datetime.date(1990, 12, 3), None), (None, datetime.date(1978, 3, 1))]
"""

from __future__ import annotations

import datetime

import polars as pl

from cleaners.columns import as_whole, by_distinct
from cleaners.dates.judging import FIELDS, judged
from cleaners.dates.rewriting import DateOrder, ExcelEpoch
from cleaners.dates.written import numbers, without_time

__all__ = ["clean"]


def _comparable(column: pl.Series) -> pl.Series:
    """A column whose equal dates are equal values: no time of day, no NaN."""
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.date()
    if column.dtype == pl.Date or column.dtype.is_integer():
        return column
    if column.dtype.is_float():
        return column.fill_nan(None)
    text = column.cast(pl.String).alias("raw")
    if not (text.str.len_bytes() > len("1990-03-12")).any():
        return text
    return text.to_frame().select(without_time(pl.col("raw"))).to_series()


def clean(
    column: str | pl.Expr,
    *,
    reference_date: datetime.date,
    oldest_year: int = 1900,
    date_order: DateOrder = "dmy",
    excel_epoch: ExcelEpoch = 1900,
) -> pl.Expr:
    """Clean dates.

    Args:
        column: a String, Date, Datetime, integer (``19900312``, serials) or float column.
        reference_date: the day that counts as today: later dates are out of range, and a
            two-digit year means the latest century that does not pass it.
        oldest_year: earlier years are out of range.
        date_order: how numbers that end in the year are ordered: dmy, or mdy (American).
        excel_epoch: 1900, or 1904 for workbooks of old Macintosh versions.

    Returns:
        A struct named after the column: value (Date; null unless a real, plausible full date),
        year, month, day (kept for impossible dates too), precision (day, month, year),
        is_placeholder, swapped (Date: day and month exchanged, where that is another real,
        plausible date), nearest (Date: the real day that follows an impossible 29th to 31st),
        issues: ``unreadable_date``, ``impossible_date``, ``swapped_day_month`` (only the exchanged
        reading is a date), ``out_of_range``, ``placeholder_date``, ``two_digit_year``,
        ``excel_serial``, ``leading_zero_lost``, ``lunar_date``, ``approximate_date`` (khoảng 1990),
        ``typed_letters`` (O for 0), ``utc_midnight`` (moved to the Vietnamese day).
    """
    dtype = pl.Struct(FIELDS)

    def work(distinct: pl.Series) -> pl.Series:
        read = numbers(distinct.cast(pl.String).alias("raw").to_frame(), date_order, excel_epoch)
        done = judged(read, reference_date=reference_date, oldest_year=oldest_year)
        return done.select(pl.struct(list(FIELDS)).alias("done")).collect()["done"].cast(dtype)

    def run(series: pl.Series) -> pl.Series:
        return by_distinct(_comparable(series), work).alias(series.name)

    return as_whole(column, run, dtype)
