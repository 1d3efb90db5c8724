"""Dates: value, precision, placeholders, alternatives, issues."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import dates
from cleaners.text import tidy

TODAY = datetime.date(2026, 10, 1)
THAT_DAY = datetime.date(1990, 3, 12)


@cache
def clean(raw: str | None, **settings: Any) -> dict[str, Any]:
    column = pl.lit(raw, dtype=pl.String).alias("d")
    expr = dates.clean(column, reference_date=TODAY, **settings)
    return pl.select(expr).unnest("d").row(0, named=True)


@pytest.mark.parametrize(
    "raw",
    [
        "12/3/1990",
        "12-03-1990",
        "12.3.1990",
        "12,3,1990",
        "12 3 1990",
        "12_3_1990",
        "12\\3\\1990",
        "12 / 03 / 1990",
        "12–03–1990",
        "１２/０３/１９９０",
        "'12/03/1990",
        '="12/03/1990"',
        "1990-03-12",
        "1990/3/12",
        "12031990",
        "19900312",
        "19900312.0",
        "199003120000",
        "19900312102231",
        "ngày 12 tháng 3 năm 1990",
        "12 thang 3 nam 1990",
        "Sinh ngày: 12/3/1990",
        "năm 1990 tháng 3 ngày 12",
        "12/T3/1990",
        "12-III-1990",
        "12-Mar-1990",
        "12 March 1990",
        "12th March 1990",
        "Mar 12 1990",
        "March 12, 1990",
        "1990-Mar-12",
        "12/3/1990 (dương lịch)",
    ],
)
def test_many_forms_of_one_day(raw: str) -> None:
    done = clean(raw)
    assert (done["value"], done["precision"], done["issues"]) == (THAT_DAY, "day", [])


@pytest.mark.parametrize(
    "raw",
    [
        "1990-03-12 00:00:00",
        "1990-03-12 10:22:31.123456",
        "1990-03-12T07:30:00.000Z",
        "1990-03-12T07:30:00+07:00",
        "12/03/1990 00:00:00",
        "12/03/1990 8:00 AM",
        "12/3/1990 7:30",
        "12/3/1990 8h30'",
        "8h30 ngày 12/3/1990",
        "08:30, 12/03/1990",
        "Thứ hai, ngày 12/03/1990",
        "Mon Mar 12 00:00:00 ICT 1990",
        "Mon, 12 Mar 1990 10:00:00 GMT",
    ],
)
def test_the_time_of_day_and_the_weekday_are_left_out(raw: str) -> None:
    assert (clean(raw)["value"], clean(raw)["issues"]) == (THAT_DAY, [])


@pytest.mark.parametrize(
    ("raw", "issues"),
    [
        ("12/03/90", ["two_digit_year"]),
        ("12.3.90", ["two_digit_year"]),
        ("12-Mar-90", ["two_digit_year"]),
        ("12-thg 3-90", ["two_digit_year"]),
        ("90-03-12", ["two_digit_year"]),
        ("120390", ["two_digit_year"]),
        ("32944", ["excel_serial"]),
        ("32944.0", ["excel_serial"]),
        ("32944.5", ["excel_serial"]),
        ("l2/O3/1990", ["typed_letters"]),
        ("khoảng 12/3/1990", ["approximate_date"]),
        ("1990-03-11T17:00:00.000Z", ["utc_midnight"]),
        ("1990-03-11T17:00:00+00:00", ["utc_midnight"]),
    ],
)
def test_a_day_with_a_remark(raw: str, issues: list[str]) -> None:
    assert (clean(raw)["value"], clean(raw)["issues"]) == (THAT_DAY, issues)


@pytest.mark.parametrize(
    ("raw", "parts", "precision"),
    [
        ("1985", (1985, None, None), "year"),
        ("1985.0", (1985, None, None), "year"),
        ("00/00/1985", (1985, None, None), "year"),
        ("--/--/1985", (1985, None, None), "year"),
        ("??/??/1985", (1985, None, None), "year"),
        ("xx/xx/1985", (1985, None, None), "year"),
        ("../../1985", (1985, None, None), "year"),
        ("12/--/1985", (1985, None, None), "year"),
        ("12//1985", (1985, None, None), "year"),
        ("1985-00-00", (1985, None, None), "year"),
        ("19850000", (1985, None, None), "year"),
        ("Sinh năm 1985", (1985, None, None), "year"),
        ("SN 1985", (1985, None, None), "year"),
        ("ngày     tháng     năm 1985", (1985, None, None), "year"),
        ("05/1985", (1985, 5, None), "month"),
        ("5/1985", (1985, 5, None), "month"),
        ("1985-05", (1985, 5, None), "month"),
        ("198505", (1985, 5, None), "month"),
        ("051985", (1985, 5, None), "month"),
        ("00/05/1985", (1985, 5, None), "month"),
        ("xx/05/1985", (1985, 5, None), "month"),
        ("tháng 5 năm 1985", (1985, 5, None), "month"),
        ("May 1985", (1985, 5, None), "month"),
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
        ("45/04/1978", ["impossible_date"]),
        ("03/25/1978", ["impossible_date", "swapped_day_month"]),
        ("02/10/2026", ["out_of_range"]),
        ("05/05/1850", ["out_of_range"]),
        ("12/3/0090", ["out_of_range"]),
        ("2030", ["out_of_range"]),
        ("12/3/1990 (âm lịch)", ["lunar_date"]),
        ("abc", ["unreadable_date"]),
        ("12/3", ["unreadable_date"]),
        ("12/3/19900", ["unreadable_date"]),
        ("200103", ["unreadable_date"]),  # March 2001, or 20 January 2003
        ("8.4901E+10", ["unreadable_date"]),
        ("١٢/٠٣/١٩٩٠", ["unreadable_date"]),
    ],
)
def test_no_value_and_a_reason(raw: str, issues: list[str]) -> None:
    assert (clean(raw)["value"], clean(raw)["issues"]) == (None, issues)


def test_impossible_date_keeps_its_parts() -> None:
    done = clean("30/02/1978")
    assert [done[part] for part in ("year", "month", "day", "precision")] == [1978, 2, 30, "day"]


@pytest.mark.parametrize(
    ("raw", "nearest"),
    [
        ("29/02/1979", datetime.date(1979, 3, 1)),
        ("30/02/1980", datetime.date(1980, 3, 1)),
        ("31/02/1980", datetime.date(1980, 3, 1)),
        ("31/04/1980", datetime.date(1980, 5, 1)),
        ("31/11/1980", datetime.date(1980, 12, 1)),
        ("29/02/1980", None),
        ("32/01/1980", None),
        ("03/25/1980", None),
        ("31/11/2030", None),
    ],
)
def test_an_impossible_date_lies_next_to_the_following_day(
    raw: str, nearest: datetime.date | None
) -> None:
    assert clean(raw)["nearest"] == nearest


@pytest.mark.parametrize(
    ("raw", "swapped"),
    [
        ("12/03/1990", datetime.date(1990, 12, 3)),
        ("1990-03-12", datetime.date(1990, 12, 3)),
        ("03/25/1978", datetime.date(1978, 3, 25)),
        ("12/12/1990", None),
        ("25/03/1990", None),
        ("12/05/2026", None),  # the exchanged day has not come yet
        ("05/1990", None),
        ("12/3/1990 âm lịch", None),
    ],
)
def test_day_and_month_exchanged_are_an_alternative(
    raw: str, swapped: datetime.date | None
) -> None:
    assert clean(raw)["swapped"] == swapped


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        ("01/01/1970", True),
        ("01/01/1900", True),
        ("30/12/1899", True),
        ("9999-12-31", True),
        ("0001-01-01", True),
        ("02/01/1970", False),
        ("1970", False),
        ("1/1970", False),
    ],
)
def test_first_of_january_and_the_ends_of_time_are_placeholders(raw: str, flag: bool) -> None:
    done = clean(raw)
    assert done["is_placeholder"] is flag
    assert ("placeholder_date" in done["issues"]) is flag


@pytest.mark.parametrize(
    "raw", ["00/00/0000", "0000-00-00", "00000000", "0", "xx/xx/xxxx", "--/--/----", "không rõ"]
)
def test_nothing_known_is_a_placeholder_without_parts(raw: str) -> None:
    done = clean(raw)
    assert (done["is_placeholder"], done["issues"]) == (True, ["placeholder_date"])
    assert {done[part] for part in ("value", "year", "month", "day", "precision")} == {None}


@pytest.mark.parametrize(
    ("raw", "year"),
    [("05/12/27", 1927), ("05/12/26", 1926), ("01/10/26", 2026), ("01/02/05", 2005)],
)
def test_two_digit_year_never_passes_the_reference_date(raw: str, year: int) -> None:
    assert (clean(raw)["year"], clean(raw)["issues"]) == (year, ["two_digit_year"])


def test_lost_leading_zero_is_repaired_and_said() -> None:
    done = clean("1051990")
    assert (done["value"], done["issues"]) == (datetime.date(1990, 5, 1), ["leading_zero_lost"])


@pytest.mark.parametrize(
    "raw",
    ["03/12/1990", "03121990", "3121990", "3/12/90", "1990-03-12", "12-Mar-1990",
     "12 tháng 3 năm 1990", "12-III-1990", "90-03-12", "19900312"],
)  # fmt: skip
def test_american_order_is_a_setting_that_words_and_iso_override(raw: str) -> None:
    assert clean(raw, date_order="mdy")["value"] == THAT_DAY


@pytest.mark.parametrize(("epoch", "serial"), [(1900, "32944"), (1904, "31482")])
def test_the_epoch_of_serials_is_a_setting(epoch: Literal[1900, 1904], serial: str) -> None:
    assert clean(serial, excel_epoch=epoch)["value"] == THAT_DAY


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([THAT_DAY, None]),
        pl.Series([datetime.datetime(1990, 3, 12, 10, 22), None]),
        pl.Series([19900312, None]),
        pl.Series([12031990, None], dtype=pl.UInt32),
        pl.Series([32944.25, None]),
        pl.Series(["12/3/1990", None], dtype=pl.Categorical),
    ],
    ids=lambda column: str(column.dtype),
)
def test_columns_of_other_types_are_taken_as_they_are(column: pl.Series) -> None:
    frame = pl.DataFrame({"d": column}).select(dates.clean("d", reference_date=TODAY))
    assert frame.unnest("d")["value"].to_list() == [THAT_DAY, None]


def test_nan_is_no_date_and_no_issue() -> None:
    frame = pl.DataFrame({"d": [float("nan")]}).select(dates.clean("d", reference_date=TODAY))
    assert frame.unnest("d").select("value", "issues").row(0) == (None, [])


@pytest.mark.parametrize("raw", ["", "  ", None])
def test_blank_gives_nulls_and_no_issue(raw: str | None) -> None:
    done = clean(raw)
    assert {key: value for key, value in done.items() if value is not None} == {"issues": []}


def test_it_is_an_expression_among_others() -> None:
    frame = pl.DataFrame({"d": ["12/3/1990", "1985", "12/3/1990"], "n": [1, 2, 3]})
    done = frame.lazy().filter(pl.col("n") > 1).with_columns(
        born=dates.clean("d", reference_date=TODAY),
        fixed=dates.clean(pl.lit("12/3/1990"), reference_date=TODAY),
    ).collect()  # fmt: skip
    assert done["born"].struct["year"].to_list() == [1985, 1990]
    assert done["fixed"].struct["year"].to_list() == [1990, 1990]
    assert frame.clear().select(dates.clean("d", reference_date=TODAY)).is_empty()


def test_a_column_in_chunks_keeps_its_order() -> None:
    days = ["12/3/1990", "1985", None, "abc"]
    chunks = pl.concat([pl.DataFrame({"d": days}) for _ in range(5)], rechunk=False)
    done = chunks.select(dates.clean("d", reference_date=TODAY).struct["year"])
    assert done["year"].to_list() == [1990, 1985, None, None] * 5


FORMS = [
    "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%-d/%-m/%Y", "%Y-%m-%d", "%Y/%m/%d",
    "%d%m%Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT08:00:00Z", "%d/%m/%Y %H:%M",
    "ngày %-d tháng %-m năm %Y", "%-d thang %-m nam %Y", "%d-%b-%Y", "%b %-d %Y", "%B %d, %Y",
    "%A, %d %B %Y", "%a %b %d 00:00:00 ICT %Y", "%-d/%-m/%Y 8h30", "%Y%m%d%H%M",
]  # fmt: skip


# A call costs the same for one value as for a hundred: few examples, each a long column.
few_columns = settings(max_examples=12)


def days_since(first: datetime.date) -> st.SearchStrategy[list[datetime.date]]:
    return st.lists(st.dates(first, TODAY), min_size=5, max_size=20)


def values(texts: list[str]) -> list[datetime.date | None]:
    frame = pl.DataFrame({"d": texts}).select(dates.clean("d", reference_date=TODAY))
    return frame["d"].struct["value"].to_list()


@few_columns
@given(days_since(datetime.date(1900, 1, 1)))
def test_every_day_is_read_back_from_every_form(days: list[datetime.date]) -> None:
    texts = [day.strftime(form) for day in days for form in FORMS]
    expected = [day for day in days for _ in FORMS]
    read = values(texts)
    assert list(zip(texts, read, strict=True)) == list(zip(texts, expected, strict=True))


@few_columns
@given(days_since(TODAY - datetime.timedelta(days=36_500)))
def test_every_day_of_a_century_is_read_back_from_two_digits(days: list[datetime.date]) -> None:
    forms = ("%d/%m/%y", "%-d.%-m.%y", "%d-%b-%y")
    texts = [day.strftime(form) for day in days for form in forms]
    assert values(texts) == [day for day in days for _ in forms]


@few_columns
@given(days_since(datetime.date(1928, 1, 1)), st.sampled_from([0.0, 0.25]))
def test_every_day_is_read_back_from_its_serial(days: list[datetime.date], time: float) -> None:
    serials = [(day - datetime.date(1899, 12, 30)).days + time for day in days]
    assert values([str(serial) for serial in serials]) == days


DATE_LIKE = st.text(alphabet="0123456789/-. xX?:thángnăml|TZ", max_size=20)


@few_columns
@given(st.lists(st.one_of(st.none(), st.text(max_size=20), DATE_LIKE), min_size=8, max_size=40))
def test_garbage_never_breaks_and_never_passes_silently(values: list[str | None]) -> None:
    frame = pl.DataFrame({"d": values}, schema={"d": pl.String})
    done = frame.select(pl.col("d").alias("raw"), dates.clean("d", reference_date=TODAY)).unnest(
        "d"
    )
    silent = (pl.col("year").is_null()) & (pl.col("issues").list.len() == 0)
    kept = done.filter(silent)["raw"].drop_nulls()
    assert pl.DataFrame({"raw": kept}).select(tidy("raw"))["raw"].null_count() == kept.len()


@few_columns
@given(st.lists(st.one_of(st.text(max_size=20), DATE_LIKE), min_size=8, max_size=40))
def test_cleaning_a_value_again_changes_nothing(values: list[str]) -> None:
    once = pl.DataFrame({"d": values}).select(
        dates.clean("d", reference_date=TODAY).struct["value"].alias("d")
    )
    text = once.with_columns(pl.col("d").dt.strftime("%Y-%m-%d"))
    for again in (once, text):
        twice = again.select(dates.clean("d", reference_date=TODAY).struct["value"].alias("d"))
        assert twice.equals(once)
