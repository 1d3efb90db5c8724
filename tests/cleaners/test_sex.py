"""Sex."""

from __future__ import annotations

from typing import Literal

import polars as pl
import pytest

from cleaners import sex


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Nam", "male"),
        ("NỮ", "female"),
        ("nu", "female"),
        ("M", "male"),
        ("f", "female"),
        ("gái", "female"),
        ("Trai", "male"),
        ("nữ giới", "female"),
    ],
)
def test_words(raw: str, value: str) -> None:
    assert pl.select(sex.clean(pl.lit(raw))).item() == {"value": value, "issues": []}


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


def test_anything_else_is_flagged_and_blank_is_not() -> None:
    frame = pl.DataFrame({"s": ["x", " ", None]})
    done = frame.select(sex.clean("s")).unnest("s")
    assert done["issues"].to_list() == [["unreadable_sex"], [], []]
