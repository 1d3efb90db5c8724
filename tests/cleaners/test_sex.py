"""Sex."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import sex


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Nam", "male"),
        ("NỮ", "female"),
        ("Nữ", "female"),
        ("nu", "female"),
        ("M", "male"),
        ("f", "female"),
        ("gái", "female"),
        ("Trai", "male"),
        ("nữ giới", "female"),
        ("Giới tính: Nam", "male"),
        ("GT: Nữ", "female"),
        ("Phái nữ", "female"),
        ("Đàn ông", "male"),
    ],
)
def test_words(raw: str, value: str) -> None:
    assert pl.select(sex.clean(pl.lit(raw))).item() == {"value": value, "issues": []}


@pytest.mark.parametrize("raw", ["N?", "n??", "N\ufffd"])
def test_a_lost_letter_can_only_be_of_the_female_word(raw: str) -> None:
    done = pl.select(sex.clean(pl.lit(raw))).item()
    assert done == {"value": "female", "issues": ["lost_letters"]}


@pytest.mark.parametrize(
    ("one_is", "expected"),
    [("male", ["male", "female"]), ("female", ["female", "male"]), (None, [None, None])],
)
def test_digits_need_a_stated_polarity(
    one_is: Literal["male", "female"] | None, expected: list[str | None]
) -> None:
    frame = pl.DataFrame({"s": ["1", "0.0"]})
    done = frame.select(sex.clean("s", one_is=one_is)).unnest("s")
    assert done["value"].to_list() == expected
    assert done["issues"].to_list() == ([["ambiguous_sex"]] * 2 if one_is is None else [[], []])


def test_codes_of_the_caller_come_first() -> None:
    frame = pl.DataFrame({"s": ["1", "2", "0", "X-1", "M"]})
    codes: dict[str, sex.Sex] = {"1": "male", "2": "female", "x-1": "female", "M": "female"}
    done = frame.select(sex.clean("s", codes=codes)).unnest("s")
    assert done["value"].to_list() == ["male", "female", None, "female", "female"]
    assert done["issues"].to_list() == [[], [], ["ambiguous_sex"], [], []]


def test_codes_with_another_meaning_are_refused() -> None:
    codes: Any = {"1": "male", "2": "nữ"}
    with pytest.raises(ValueError, match="expected codes for male and female, found 1 other"):
        sex.clean("s", codes=codes)


@pytest.mark.parametrize(
    "column", [pl.Series([1, 0]), pl.Series([True, False]), pl.Series([1.0, 0.0])]
)
def test_columns_of_other_types_are_codes(column: pl.Series) -> None:
    done = pl.DataFrame({"s": column}).select(sex.clean("s", one_is="female")).unnest("s")
    assert done["value"].to_list() == ["female", "male"]


def test_a_code_that_two_offices_read_differently_is_ambiguous() -> None:
    frame = pl.DataFrame({"s": ["0", "1", "2", "N", "true"]})
    done = frame.select(sex.clean("s")).unnest("s")
    assert done["issues"].to_list() == [["ambiguous_sex"]] * 5


def test_anything_else_is_flagged_and_blank_is_not() -> None:
    frame = pl.DataFrame({"s": ["x", "khác", "9", "-", " ", "\u200b", None]})
    done = frame.select(sex.clean("s")).unnest("s")
    assert done["issues"].to_list() == [["unreadable_sex"]] * 4 + [[]] * 3
    assert done["value"].null_count() == 7


@settings(max_examples=12)  # each a long column: a call costs the same for one value
@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=40))
def test_any_text_gives_a_sex_or_nothing_and_cleaning_again_keeps_it(
    values: list[str | None],
) -> None:
    frame = pl.DataFrame({"s": values}, schema={"s": pl.String})
    once = frame.select(sex.clean("s").struct["value"].alias("s"))
    assert set(once["s"]) <= {"male", "female", None}
    assert once.select(sex.clean("s").struct["value"].alias("s")).equals(once)
