"""What a date means: value, precision, alternatives and issues from the numbers read."""

from __future__ import annotations

import datetime
from typing import Final

import polars as pl

from cleaners.issues import collect

__all__ = ["FIELDS", "judged"]

FIELDS: Final[dict[str, pl.DataType]] = {
    "value": pl.Date(),
    "year": pl.Int32(),
    "month": pl.Int8(),
    "day": pl.Int8(),
    "precision": pl.String(),
    "is_placeholder": pl.Boolean(),
    "swapped": pl.Date(),
    "nearest": pl.Date(),
    "issues": pl.List(pl.String()),
}
# Day zero of spreadsheets and the last day of databases stand for "unknown", like 01/01.
_STAND_INS: Final = [
    datetime.date(1899, 12, 30), datetime.date(1899, 12, 31), datetime.date(9999, 12, 31)
]  # fmt: skip


def _full_year(reference_date: datetime.date) -> pl.Expr:
    """Two-digit years: the latest century that does not pass the reference date."""
    number = pl.col("written_year")
    recent = number + reference_date.year // 100 * 100
    in_year = pl.col("m") * 100 + pl.col("d")
    latest = reference_date.month * 100 + reference_date.day
    is_past = (recent < reference_date.year) | (
        (recent == reference_date.year) & (in_year <= latest)
    )
    full = pl.when(is_past).then(recent).otherwise(recent - 100)
    return pl.when("is_short_year").then(full).otherwise(number)


def _date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The date of three numbers, null where there is none."""
    digits = year * 10000 + month * 100 + day
    possible = year.is_between(1, 9999) & month.is_between(1, 12) & day.is_between(1, 31)
    text = pl.when(possible).then(digits).cast(pl.String).str.zfill(8)
    return text.str.to_date("%Y%m%d", strict=False)


def _parted(frame: pl.LazyFrame, reference_date: datetime.date) -> pl.LazyFrame:
    """Year, month and day; null where not known."""
    is_zero = pl.sum_horizontal("written_year", "m", "d") == 0
    nothing = pl.col("written_year").is_not_null() & is_zero
    month, day = pl.col("m"), pl.col("d")
    return (
        frame.with_columns(is_unknown=(pl.col("is_unknown") | nothing).fill_null(value=False))
        .with_columns(
            year=pl.when(~pl.col("is_unknown")).then(_full_year(reference_date)),
            month=pl.when(~pl.col("is_unknown") & (month != 0)).then(month),
        )
        .with_columns(
            day=pl.when(pl.col("month").is_not_null() & (day != 0)).then(day),
        )
    )


def judged(frame: pl.LazyFrame, *, reference_date: datetime.date, oldest_year: int) -> pl.LazyFrame:
    """Add every field of ``FIELDS``.

    Args:
        frame: what ``written.numbers`` returns.
        reference_date: the day that counts as today.
        oldest_year: earlier years are out of range.
    """
    year, month, day, real = (pl.col(n) for n in ("year", "month", "day", "real"))
    has_year, exact = year.is_not_null(), day.is_not_null()

    def plausible(date: pl.Expr) -> pl.Expr:
        sensible = (date.dt.year() >= oldest_year) & (date <= reference_date)
        return pl.when(sensible & ~pl.col("is_lunar")).then(date)

    impossible = has_year & ((exact & real.is_null()) | (month > 12).fill_null(value=False))
    in_range = (year >= oldest_year) & (year <= reference_date.year)
    out = has_year & (~in_range | (real > reference_date).fill_null(value=False))
    first_day = exact & (month == 1) & (day == 1)
    stand_in = has_year & (first_day | real.is_in(_STAND_INS).fill_null(value=False))
    precision = pl.when(exact).then(pl.lit("day")).when(month.is_not_null()).then(pl.lit("month"))
    on_paper = impossible & (month <= 12) & day.is_between(29, 31)
    following = _date(pl.when(on_paper).then(year), month + 1, pl.lit(1, dtype=pl.Int32))
    return (
        _parted(frame, reference_date)
        .with_columns(real=_date(year, month, day), exchanged=_date(year, day, month))
        .with_columns(
            collect(
                unreadable_date=~pl.col("is_blank") & ~has_year & ~pl.col("is_unknown"),
                impossible_date=impossible,
                swapped_day_month=impossible & (month > 12) & (month <= 31) & (day <= 12),
                out_of_range=out,
                placeholder_date=stand_in | pl.col("is_unknown"),
                two_digit_year=has_year & pl.col("is_short_year"),
                excel_serial=has_year & pl.col("is_serial"),
                leading_zero_lost=has_year & pl.col("is_short"),
                lunar_date=has_year & pl.col("is_lunar"),
                approximate_date=has_year & pl.col("is_near"),
                typed_letters=has_year & pl.col("is_typed"),
                utc_midnight=has_year & pl.col("is_utc"),
            ),
            value=plausible(real),
            precision=pl.when(has_year).then(precision.otherwise(pl.lit("year"))),
            is_placeholder=pl.when(has_year | pl.col("is_unknown")).then(
                (stand_in | pl.col("is_unknown")).fill_null(value=False)
            ),
            swapped=plausible(pl.when(day != month).then("exchanged")),
            nearest=plausible(following),
        )
    )
