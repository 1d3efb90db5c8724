"""Working on distinct values and spreading the results."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cleaners import columns

VALUES = st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=12)


def measured(column: pl.Series) -> pl.Series:
    return column.str.len_chars()


@given(VALUES)
def test_spreading_is_the_same_as_working_on_every_row(values: list[str | None]) -> None:
    column = pl.Series(values, dtype=pl.String)
    expected = measured(column).to_list()
    assert columns.by_distinct(column, measured).to_list() == expected
    distinct, places = columns._by_value(column)
    assert measured(distinct).gather(places).to_list() == expected


def test_work_sees_each_value_once() -> None:
    seen: list[str] = []

    def work(column: pl.Series) -> pl.Series:
        seen.extend(column)
        return column

    columns.by_distinct(pl.Series(["b", "a", "b", "b"]), work)
    assert sorted(seen) == ["a", "b"]
