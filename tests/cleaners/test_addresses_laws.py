"""Addresses: laws that hold for any text."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import addresses

WORDS = [
    *("Phường Phúc Xá", "P. Phúc Xá", "Q. Ba Đình", "Quận 3", "P.1", "Hà Nội", "TP.HCM", "Xã"),
    *("Huyện Đông Anh", "Đắk Lắk", "Số 12/3A", "Tổ 5", "Thôn Hạ", "ba đình", "Vietnam", "Bà Rịa"),
    *("xa", "tt", ",", ", ", " - ", ";", " ", "Sa Pả", "ward", "District 1", "Xã Tân Hòa"),
]
MADE = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
ANY = st.one_of(st.none(), st.text(max_size=60), MADE)


def clean(values: list[str | None]) -> list[dict[str, Any]]:
    frame = pl.DataFrame({"a": values}, schema={"a": pl.String})
    return frame.select(addresses.clean("a")).unnest("a").to_dicts()


@settings(max_examples=8, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=5))
def test_a_value_has_the_same_answer_in_any_company(values: list[str | None]) -> None:
    alone = [clean([value])[0] for value in values]
    assert clean(values) == alone
    assert clean(values[::-1]) == alone[::-1]
    assert clean(values + values) == alone + alone


@settings(max_examples=8, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=5))
def test_the_tidy_value_is_cleaned_to_itself(values: list[str | None]) -> None:
    once = [row["value"] for row in clean(values)]
    assert [row["value"] for row in clean(once)] == once


@settings(max_examples=15, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=5))
def test_a_ward_is_one_of_its_candidates_and_doubt_is_named(values: list[str | None]) -> None:
    for row in clean(values):
        if row["value"] is None:
            assert row["issues"] == []
            continue
        assert 0 <= row["confidence"] <= 1
        if row["ward"] is not None:
            assert row["ward_candidates"] == [row["ward"]]
        else:
            reasons = {"ward_split", "ward_ambiguous", "ward_unknown"}
            assert reasons & set(row["issues"])


def test_a_frame_without_rows_gives_one() -> None:
    assert clean([]) == []
    assert pl.DataFrame({"a": [None]}).select(addresses.clean("a")).height == 1


def test_a_frame_in_pieces_and_a_lazy_one_give_the_same() -> None:
    whole = pl.DataFrame({"a": ["P1 Q3 TPHCM", None, "Hà Nội", "P1 Q3 TPHCM"] * 3})
    pieces = pl.concat([whole.head(5), whole.tail(7)], rechunk=False)
    expected = whole.select(addresses.clean("a"))
    assert pieces.select(addresses.clean("a")).equals(expected)
    assert pieces.lazy().select(addresses.clean("a")).collect().equals(expected)


def test_a_literal_is_given_to_every_row() -> None:
    done = pl.DataFrame({"n": [1, 2]}).select("n", addresses.clean(pl.lit("Hà Nội")).alias("a"))
    assert done["a"].struct.field("province").to_list() == ["01", "01"]
