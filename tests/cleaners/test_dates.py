"""Dates: value, precision, placeholders, issues."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import dates
from cleaners.text import tidy

TODAY = datetime.date(2026, 10, 1)


def clean(raw: str | None) -> dict[str, object]:
    expr = dates.clean(pl.lit(raw, dtype=pl.String).alias("d"), reference_date=TODAY)
    return pl.select(expr).unnest("d").row(0, named=True)


@pytest.mark.parametrize(
    "raw",
    [
        "12/3/1990",
        "12-03-1990",
        "12.3.1990",
        "12 / 03 / 1990",
        "1990-03-12",
        "1990-03-12 00:00:00",
        "1990-03-12T07:30:00.000Z",
        "12/03/1990 8:00 AM",
        "12031990",
        "19900312",
        "12/03/90",
        "32944",
        "32944.0",
        "ngày 12 tháng 3 năm 1990",
        "12-Mar-1990",
        "March 12, 1990",
    ],
)
def test_many_forms_of_one_day(raw: str) -> None:
    assert (clean(raw)["value"], clean(raw)["precision"]) == (datetime.date(1990, 3, 12), "day")


@pytest.mark.parametrize(
    ("raw", "parts", "precision"),
    [
        ("1985", (1985, None, None), "year"),
        ("1985.0", (1985, None, None), "year"),
        ("00/00/1985", (1985, None, None), "year"),
        ("05/1985", (1985, 5, None), "month"),
        ("1985-05", (1985, 5, None), "month"),
        ("00/05/1985", (1985, 5, None), "month"),
        ("Sinh năm 1985", (1985, None, None), "year"),
    ],
)
def test_less_than_a_day_has_parts_and_no_value(
    raw: str, parts: tuple[int | None, ...], precision: str
) -> None:
    done = clean(raw)
    assert (done["year"], done["month"], done["day"]) == parts
    assert (done["precision"], done["value"], done["issues"]) == (precision, None, [])


@pytest.mark.parametrize(
    ("raw", "issues"),
    [
        ("30/02/1978", ["impossible_date"]),
        ("31/04/1978", ["impossible_date"]),
        ("03/25/1978", ["impossible_date", "swapped_day_month"]),
        ("02/10/2026", ["out_of_range"]),
        ("05/05/1850", ["out_of_range"]),
        ("2030", ["out_of_range"]),
        ("abc", ["unreadable_date"]),
        ("12/3", ["unreadable_date"]),
    ],
)
def test_no_value_and_a_reason(raw: str, issues: list[str]) -> None:
    assert (clean(raw)["value"], clean(raw)["issues"]) == (None, issues)


def test_impossible_date_keeps_its_parts() -> None:
    done = clean("30/02/1978")
    assert [done[part] for part in ("year", "month", "day", "precision")] == [1978, 2, 30, "day"]


@pytest.mark.parametrize(
    ("raw", "flag"), [("01/01/1970", True), ("02/01/1970", False), ("1970", False)]
)
def test_first_of_january_is_a_placeholder(raw: str, flag: bool) -> None:
    assert clean(raw)["is_placeholder"] is flag


@pytest.mark.parametrize(
    ("raw", "year"),
    [("05/12/27", 1927), ("05/12/26", 1926), ("01/10/26", 2026), ("01/02/05", 2005)],
)
def test_two_digit_year_never_passes_the_reference_date(raw: str, year: int) -> None:
    assert (clean(raw)["year"], clean(raw)["issues"]) == (year, ["two_digit_year"])


def test_lost_leading_zero_is_repaired_and_said() -> None:
    done = clean("1051990")
    assert (done["value"], done["issues"]) == (datetime.date(1990, 5, 1), ["leading_zero_lost"])


@pytest.mark.parametrize("raw", ["", "  ", None])
def test_blank_gives_nulls_and_no_issue(raw: str | None) -> None:
    done = clean(raw)
    assert {key: value for key, value in done.items() if value is not None} == {"issues": []}


@given(st.dates(datetime.date(1900, 1, 1), TODAY))
def test_every_day_is_read_back_from_every_common_form(day: datetime.date) -> None:
    forms = ["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d%m%Y", "%Y%m%d", "%d.%m.%Y"]
    frame = pl.DataFrame({"d": [day.strftime(form) for form in forms]})
    done = frame.select(dates.clean("d", reference_date=TODAY).struct["value"])
    assert done["value"].to_list() == [day] * len(forms)


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), min_size=1, max_size=6))
def test_garbage_never_breaks_and_never_passes_silently(values: list[str | None]) -> None:
    frame = pl.DataFrame({"d": values}, schema={"d": pl.String})
    done = frame.select(pl.col("d").alias("raw"), dates.clean("d", reference_date=TODAY)).unnest(
        "d"
    )
    silent = (pl.col("year").is_null()) & (pl.col("issues").list.len() == 0)
    kept = done.filter(silent)["raw"].drop_nulls()
    assert pl.DataFrame({"raw": kept}).select(tidy("raw"))["raw"].null_count() == kept.len()
