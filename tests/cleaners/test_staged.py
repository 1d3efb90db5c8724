"""Running a cleaner in slices and over distinct values changes nothing but the time."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import columns as module
from cleaners.staged import staged

FIELDS: dict[str, pl.DataType] = {"value": pl.String(), "length": pl.UInt32()}
COLUMNS = st.lists(st.one_of(st.none(), st.sampled_from("abc"), st.text(max_size=3)), max_size=30)


def stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    return raw.with_columns(
        value=pl.col("raw").str.to_uppercase(), length=pl.col("raw").str.len_chars()
    )


@given(values=COLUMNS, distinct=st.booleans())
def test_slices_and_distinct_values_give_each_row_its_own_result(
    values: list[str | None], distinct: bool
) -> None:
    frame = pl.DataFrame({"v": values}, schema={"v": pl.String})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SLICE", 4)
        done = frame.select(staged("v", stages, FIELDS, distinct=distinct)).unnest("v")
    assert done["value"].to_list() == [v and v.upper() for v in values]
    assert done["length"].to_list() == [None if v is None else len(v) for v in values]


def test_the_result_is_named_after_the_column() -> None:
    frame = pl.DataFrame({"name": ["a"]})
    assert frame.select(staged(pl.col("name"), stages, FIELDS)).columns == ["name"]
