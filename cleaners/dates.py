"""Dates as offices write them: value, precision, and whether they are a stand-in.

Papers may lawfully carry a year only; 01/01 often stands for an unknown day; impossible dates
(30/02, 31/04) exist on valid papers. So a date has parts and a precision besides its value, and an
impossible date keeps its parts for comparing near. Nothing reads the clock: two-digit years and
"in the future" are judged against a reference date that is passed in.

>>> import datetime, polars as pl
>>> frame = pl.DataFrame({"born": ["12/3/1990", "1985", "30/02/1978"]})
>>> done = frame.select(clean("born", reference_date=datetime.date(2026, 10, 1))).unnest("born")
>>> done.select("value", "year", "precision").rows()
[(datetime.date(1990, 3, 12), 1990, 'day'), (None, 1985, 'year'), (None, 1978, 'day')]
"""

from __future__ import annotations

import datetime

import polars as pl

from cleaners.issues import collect
from cleaners.staged import staged
from cleaners.text import tidy

__all__ = ["clean"]

_FIELDS: dict[str, pl.DataType] = {
    "value": pl.Date(),
    "year": pl.Int32(),
    "month": pl.Int8(),
    "day": pl.Int8(),
    "precision": pl.String(),
    "is_placeholder": pl.Boolean(),
    "issues": pl.List(pl.String()),
}
_TIME = r"[t ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:am|pm|sa|ch)?\s*(?:z|[+-]\d{2}:?\d{2})?$"
_WORDS = r"^(?:ngày|ngay|sinh ngày|sinh ngay|sinh năm|sinh nam|sinh|năm|nam|tháng|thang)\s*[:.]?\s*"
_BETWEEN = r"\s*(?:tháng|thang|thg|năm|nam|[-/.,\\ ])\s*"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_EXCEL_EPOCH = datetime.date(1899, 12, 30)
# What is written, as d, m, y. Eight digits are told apart by which reading has a plausible year.
_PATTERNS = (
    r"^(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4}|\d{2})$",
    r"^(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})$",
    r"^(?P<d>[0-3]\d)(?P<m>[01]\d)(?P<y>(?:1[89]|2[01])\d\d)$",
    r"^(?P<y>(?:1[89]|2[01])\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)$",
    r"^(?P<m>\d{1,2})/(?P<y>\d{4})$",
    r"^(?P<y>\d{4})/(?P<m>\d{1,2})$",
    r"^(?P<y>\d{4})$",
)


def _normal(frame: pl.LazyFrame) -> pl.LazyFrame:
    """One spelling: digits and slashes, no time of day, no words."""
    lowered = tidy("raw").str.to_lowercase()
    months = {name: f"{number:02}" for number, name in enumerate(_MONTHS, start=1)}
    text = (
        lowered.str.replace(_TIME, "")
        .str.strip_chars("' ,")
        .str.replace(r"^(\d{4,8})\.0+$", "$1")
        .str.replace(_WORDS, "")
        .str.replace_all(r"([a-z]{3})[a-z]*", "$1")
        .str.replace(r"^([a-z]{3})[-/., ]+(\d{1,2})[-/., ]+(\d{4})$", "$2/$1/$3")
        .str.replace_many(list(months), list(months.values()))
        .str.replace_all(_BETWEEN, "/")
        .str.strip_chars("/ ")
    )
    # Seven digits: a date as a number whose leading zero a spreadsheet dropped.
    is_short = text.str.contains(r"^\d{7}$")
    return frame.with_columns(
        text=text, is_blank=lowered.is_null(), is_short=is_short
    ).with_columns(text=pl.when("is_short").then(pl.lit("0") + pl.col("text")).otherwise("text"))


def _serial(text: pl.Expr) -> pl.Expr:
    """The date of a five-digit spreadsheet serial (days since 1899-12-30)."""
    days = pl.when(text.str.contains(r"^\d{5}$")).then(text).cast(pl.Int64, strict=False)
    return pl.lit(_EXCEL_EPOCH) + pl.duration(days=days)


def _part(name: str) -> pl.Expr:
    """The first pattern's reading of one part."""
    group = f"(?P<{name}>"
    readings = [
        pl.col("text").str.extract_groups(pattern).struct[name]
        for pattern in _PATTERNS
        if group in pattern
    ]
    return pl.coalesce(readings)


def _read(frame: pl.LazyFrame, reference_date: datetime.date) -> pl.LazyFrame:
    """Day, month and year as numbers; zero means not known."""
    written = pl.col("written_year")
    number = written.cast(pl.Int32, strict=False)
    this_century = reference_date.year // 100 * 100
    recent = number + this_century
    in_year = _part("m").cast(pl.Int32, strict=False) * 100 + _part("d").cast(
        pl.Int32, strict=False
    )
    latest = reference_date.month * 100 + reference_date.day
    is_past = (recent < reference_date.year) | (
        (recent == reference_date.year) & (in_year <= latest)
    )
    full_year = pl.when(is_past).then(recent).otherwise(recent - 100)
    serial = pl.col("serial")
    return (
        frame.with_columns(serial=_serial(pl.col("text")), written_year=_part("y"))
        .with_columns(is_two_digit=(written.str.len_chars() == 2).fill_null(value=False))
        .with_columns(
            year=pl.when("is_two_digit").then(full_year).otherwise(number),
            month=_part("m").cast(pl.Int32, strict=False),
            day=_part("d").cast(pl.Int32, strict=False),
        )
        .with_columns(
            year=pl.coalesce("year", serial.dt.year()),
            month=pl.coalesce("month", serial.dt.month().cast(pl.Int32)),
            day=pl.coalesce("day", serial.dt.day().cast(pl.Int32)),
        )
        .with_columns(month=pl.when(pl.col("month") != 0).then("month"))
        .with_columns(day=pl.when((pl.col("day") != 0) & pl.col("month").is_not_null()).then("day"))
    )


def _judge(frame: pl.LazyFrame, reference_date: datetime.date, oldest_year: int) -> pl.LazyFrame:
    """Value, precision and issues from the parts."""
    year, month, day = pl.col("year"), pl.col("month"), pl.col("day")
    has_year, exact = year.is_not_null(), day.is_not_null()
    digits = pl.concat_str(
        year.cast(pl.String).str.zfill(4),
        month.cast(pl.String).str.zfill(2),
        day.cast(pl.String).str.zfill(2),
    )
    real = pl.when(exact).then(digits.str.to_date("%Y%m%d", strict=False))
    precision = pl.when(exact).then(pl.lit("day")).when(month.is_not_null()).then(pl.lit("month"))
    in_range = (year >= oldest_year) & (year <= reference_date.year)
    too_late = (real > reference_date).fill_null(value=False)
    impossible = has_year & ((exact & real.is_null()) | (month > 12).fill_null(value=False))
    out = has_year & (~in_range | too_late)
    first_day = has_year & exact & (month == 1) & (day == 1)
    return frame.with_columns(
        collect(
            unreadable_date=~pl.col("is_blank") & ~has_year,
            impossible_date=impossible,
            swapped_day_month=impossible & (month > 12) & (month <= 31) & (day <= 12),
            out_of_range=out,
            placeholder_date=first_day,
            two_digit_year=pl.col("is_two_digit"),
            excel_serial=pl.col("serial").is_not_null(),
            leading_zero_lost=has_year & pl.col("is_short"),
        ),
        value=pl.when(~out).then(real),
        precision=pl.when(has_year).then(precision.otherwise(pl.lit("year"))),
        is_placeholder=pl.when(has_year).then(first_day.fill_null(value=False)),
    )


def clean(
    column: str | pl.Expr, *, reference_date: datetime.date, oldest_year: int = 1900
) -> pl.Expr:
    """Clean dates.

    Args:
        column: a String column (cast Date columns to ISO text first).
        reference_date: the day that counts as today: later dates are out of range, and a
            two-digit year means the latest century that does not pass it.
        oldest_year: earlier years are out of range.

    Returns:
        A struct named after the column: value (Date; null unless a real, plausible full date),
        year, month, day (kept for impossible dates too), precision (day, month, year),
        is_placeholder (first of January), issues (``unreadable_date``, ``impossible_date``,
        ``swapped_day_month``, ``out_of_range``, ``placeholder_date``, ``two_digit_year``,
        ``excel_serial``, ``leading_zero_lost``).
    """

    def stages(raw: pl.LazyFrame) -> pl.LazyFrame:
        return _judge(_read(_normal(raw), reference_date), reference_date, oldest_year)

    return staged(column, stages, _FIELDS, distinct=True)
