"""Checks between fields: true, false, or not to be told."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import checks, dates, sex
from cleaners.identifiers import insurance_card, licence_number, personal_id

TODAY = datetime.date(2026, 10, 1)
TEXT, NUMBER, DATE = pl.String, pl.Int32, pl.Date


def told(expr: pl.Expr, types: dict[str, Any], **row: Any) -> bool | None:
    frame = pl.DataFrame({name: [value] for name, value in row.items()}, schema=types)
    done = frame.select(expr).item()
    assert done is None or isinstance(done, bool)
    return done


@pytest.mark.parametrize(
    ("number", "of", "disagrees"),
    [
        ("001190012345", "female", False),
        ("001190012345", "male", True),
        ("001290012345", "male", False),
        ("001390012345", "male", True),
        ("001190012345", None, None),
        ("011987654", "male", None),
        ("C12345678", "male", None),
        ("AB1234567890", "male", None),
        (None, "male", None),
    ],
)
def test_sex_digit(number: str | None, of: str | None, disagrees: bool | None) -> None:
    expr = checks.sex_digit_disagrees("n", "s")
    assert told(expr, {"n": TEXT, "s": TEXT}, n=number, s=of) is disagrees


@pytest.mark.parametrize(
    ("number", "year", "disagrees"),
    [
        ("001190012345", 1990, False),
        ("001190012345", 1991, True),
        ("001190012345", 2090, True),
        ("001205012345", 2005, False),
        ("001205012345", 1905, True),
        ("001190012345", None, None),
        ("011987654", 1990, None),
    ],
)
def test_year_digits(number: str, year: int | None, disagrees: bool | None) -> None:
    expr = checks.year_digit_disagrees("n", "y")
    assert told(expr, {"n": TEXT, "y": NUMBER}, n=number, y=year) is disagrees


PEOPLE = st.tuples(st.integers(1900, 2099), st.booleans(), st.integers(0, 999_999))


@settings(max_examples=12)  # each a long column: a call costs the same for one row
@given(st.lists(PEOPLE, min_size=5, max_size=30))
def test_a_number_made_from_a_person_agrees_with_it(people: list[tuple[int, bool, int]]) -> None:
    digits = [2 * (year // 100 - 19) + is_female for year, is_female, _ in people]
    rows = [
        {
            "n": f"001{digit}{year % 100:02}{serial:06}",
            "l": f"01{digit}051234567",
            "s": "female" if is_female else "male",
            "y": year,
        }
        for digit, (year, is_female, serial) in zip(digits, people, strict=True)
    ]
    frame = pl.DataFrame(rows)
    disagree = [
        checks.sex_digit_disagrees("n", "s").alias("a"),
        checks.year_digit_disagrees("n", "y").alias("b"),
        checks.licence_digit_disagrees("l", "n").alias("c"),
        checks.licence_digit_disagrees("l", sex="s", birth_year="y").alias("d"),
    ]
    assert set(frame.select(disagree).rows()) == {(False, False, False, False)}


@pytest.mark.parametrize(
    ("licence", "number", "of", "year", "disagrees"),
    [
        ("790051234567", "001090012345", None, None, False),
        ("790051234567", "001190012345", None, None, True),
        ("790051234567", "011987654", "male", 1990, False),
        ("790051234567", "011987654", "female", 1990, True),
        ("790051234567", "011987654", "male", 2001, True),
        ("790051234567", "011987654", "male", None, None),
        ("AB123456", "001090012345", None, None, None),
    ],
)
def test_licence_digit(
    licence: str, number: str, of: str | None, year: int | None, disagrees: bool | None
) -> None:
    expr = checks.licence_digit_disagrees("l", "n", sex="s", birth_year="y")
    types = {"l": TEXT, "n": TEXT, "s": TEXT, "y": NUMBER}
    assert told(expr, types, l=licence, n=number, s=of, y=year) is disagrees


def test_licence_digit_needs_something_to_compare_with() -> None:
    with pytest.raises(ValueError, match=r"expected .* found neither; try"):
        checks.licence_digit_disagrees("l")


@pytest.mark.parametrize(
    ("licence", "year", "youngest", "is_early"),
    [
        ("790051234567", 1989, 16, False),
        ("790051234567", 1990, 16, True),
        ("790051234567", 1988, 18, True),
        ("790991234567", 1970, 16, False),
        ("790991234567", 1990, 16, True),
        ("790261234567", 2009, 16, False),
        ("AB123456", 1990, 16, None),
        ("790051234567", None, 16, None),
    ],
)
def test_licence_too_early(
    licence: str, year: int | None, youngest: int, is_early: bool | None
) -> None:
    expr = checks.licence_too_early("l", "y", reference_date=TODAY, youngest=youngest)
    assert told(expr, {"l": TEXT, "y": NUMBER}, l=licence, y=year) is is_early


@pytest.mark.parametrize(
    ("born", "year", "on", "is_under"),
    [
        (datetime.date(2012, 10, 1), 2012, TODAY, False),
        (datetime.date(2012, 10, 2), 2012, TODAY, True),
        (datetime.date(2008, 2, 29), 2008, datetime.date(2022, 2, 28), True),
        (datetime.date(2008, 2, 29), 2008, datetime.date(2022, 3, 1), False),
        (None, 2011, TODAY, False),
        (None, 2012, TODAY, None),
        (None, 2013, TODAY, True),
        (None, None, TODAY, None),
        (datetime.date(2012, 10, 1), 2012, None, None),
    ],
)
def test_under_14(
    born: datetime.date | None,
    year: int | None,
    on: datetime.date | None,
    is_under: bool | None,
) -> None:
    types = {"b": DATE, "y": NUMBER, "d": DATE}
    assert told(checks.under_14("b", "y", "d"), types, b=born, y=year, d=on) is is_under


def test_a_day_may_be_given_once_for_all() -> None:
    frame = pl.DataFrame({"b": [None, None], "y": [2020, 1990]}, schema={"b": DATE, "y": NUMBER})
    assert frame.select(checks.under_14("b", "y", TODAY)).to_series().to_list() == [True, False]


def test_a_licence_before_the_eighteenth_birthday() -> None:
    frame = pl.DataFrame(
        {
            "born": [datetime.date(1990, 5, 2)] * 2,
            "year": [1990, 1990],
            "given": [datetime.date(2008, 5, 1), datetime.date(2008, 5, 2)],
        }
    )
    done = frame.select(checks.holder_too_young("born", "year", "given"))
    assert done.to_series().to_list() == [True, False]


@pytest.mark.parametrize(
    ("group", "year", "disagrees"),
    [("TE", 2015, True), ("TE", 2023, False), ("TE", 2020, None), ("DN", 2015, None)],
)
def test_group_age(group: str, year: int, disagrees: bool | None) -> None:
    expr = checks.group_age_disagrees("g", "b", "y", TODAY)
    types = {"g": TEXT, "b": DATE, "y": NUMBER}
    assert told(expr, types, g=group, b=None, y=year) is disagrees


def issues(**raw: str | None) -> list[str]:
    cleaners = {
        "number": personal_id.clean("number"),
        "sex": sex.clean("sex"),
        "birth": dates.clean("birth", reference_date=TODAY),
        "licence": licence_number.clean("licence"),
        "issued": dates.clean("issued", reference_date=TODAY),
        "started": dates.clean("started", reference_date=TODAY),
        "card": insurance_card.clean("card"),
    }
    frame = pl.DataFrame(raw, schema=dict.fromkeys(raw, TEXT))
    cleaned = frame.select(cleaners[name] for name in raw)
    found = checks.person(**{name: name for name in raw}, reference_date=TODAY)  # type: ignore[arg-type]
    done: list[str] = cleaned.select(found)["issues"].to_list()[0]
    return done


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"number": "001190012345", "sex": "Nữ", "birth": "12/3/1990"}, []),
        ({"number": "001190012345", "sex": "Nam"}, ["sex_digit_disagrees"]),
        ({"number": "001190012345", "birth": "01/01/1991"}, ["year_digit_disagrees"]),
        ({"number": "001190012345", "birth": "1991"}, ["year_digit_disagrees"]),
        ({"number": "1190012345", "birth": "30/02/1991"}, ["year_digit_disagrees"]),
        ({"number": "001190012345", "licence": "790121234567"}, ["licence_digit_disagrees"]),
        ({"sex": "nữ", "birth": "1990", "licence": "790121234567"}, ["licence_digit_disagrees"]),
        ({"birth": "5/5/1990", "licence": "790051234567"}, ["licence_too_early"]),
        ({"birth": "5/5/1990", "issued": "4/5/2008"}, ["holder_too_young"]),
        ({"birth": "01/01/1990", "issued": "4/5/2008"}, []),
        ({"birth": "5/5/2010", "started": "4/5/2024"}, ["under_14"]),
        ({"birth": "5/5/2010", "started": None}, []),
        ({"birth": "5/5/2010", "card": "TE1010123456789"}, ["group_age_disagrees"]),
        ({"number": None, "sex": None, "birth": None}, []),
    ],
)
def test_person_lists_what_disagrees(raw: dict[str, str | None], expected: list[str]) -> None:
    assert issues(**raw) == expected


def test_person_takes_a_day_for_the_start() -> None:
    frame = pl.DataFrame({"birth": ["2020"]})
    cleaned = frame.select(dates.clean("birth", reference_date=TODAY))
    assert cleaned.select(checks.person(birth="birth", started=TODAY)).item().to_list() == [
        "under_14"
    ]


def test_person_wants_a_reference_date_for_licences() -> None:
    with pytest.raises(ValueError, match=r"expected reference_date .* found None; try"):
        checks.person(licence="licence")
