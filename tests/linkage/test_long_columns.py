"""What is made of long columns at once is what would be made of each row."""

from __future__ import annotations

import polars as pl

from linkage.columns import RECORD_ID
from linkage.config.models import SourceConfig
from linkage.features import number_features
from linkage.long_columns import different, in_order
from linkage.read import read_source
from linkage.read.source import PIECE_ROWS

NAMES = ["tran van an", "an", "le b a c", "nguyen thi hong le an", "an an", None, "z y x w v u"]
ENOUGH = 300  # times the names: more rows than are done one by one


def test_words_of_a_long_column_are_in_the_order_of_a_sorted_list() -> None:
    frame = pl.DataFrame({"name": NAMES * ENOUGH})
    done = frame.select(in_order(pl.col("name"), "sorted", "letters"))
    words = [sorted(name.split()) if name else None for name in NAMES] * ENOUGH
    assert done["sorted"].to_list() == [w and " ".join(w) for w in words]
    assert done["letters"].to_list() == [w and "".join(one[0] for one in w) for w in words]


def test_members_of_values_and_lists_stand_once_each_in_the_order_in_which_they_come() -> None:
    frame = pl.DataFrame(
        {"own": ["a", None, "a", None], "more": [["b", "a"], ["c", "c", None], None, []]},
        schema={"own": pl.String, "more": pl.List(pl.String)},
    )
    united = frame.select(different(pl.col("own"), pl.col("more"))).to_series()
    assert united.to_list() == [["a", "b"], ["c"], ["a"], None]


def test_lists_with_more_members_than_are_compared_one_by_one_hold_each_once() -> None:
    many = [str(number) for number in range(20)]
    frame = pl.DataFrame({"more": [many + many, ["x"]]})
    assert frame.select(different(pl.col("more"))).to_series().to_list() == [many, ["x"]]


def test_old_numbers_are_those_of_nine_digits_among_all_of_a_person() -> None:
    frame = pl.DataFrame(
        {
            "id": ["001190012345", "123456789", None, None],
            "id__kind": ["personal_number", "cmnd", None, None],
            "olds": [["987654321"], None, ["111222333"], None],
            "passport": [None, "B1234567", None, None],
        },
        schema_overrides={"olds": pl.List(pl.String)},
    )
    made = frame.select(number_features("id", [pl.col("olds")], [pl.col("passport")]))
    assert made["id__numbers"].to_list() == [
        ["001190012345", "987654321"],
        ["123456789", "B1234567"],
        ["111222333"],
        None,
    ]
    assert made["id__old_numbers"].to_list() == [["987654321"], ["123456789"], ["111222333"], None]


def test_parts_of_a_source_are_gathered_into_pieces_and_none_is_lost() -> None:
    height = 2 * PIECE_ROWS + 1
    frame = pl.DataFrame({"key": pl.int_range(height, eager=True)})
    source = read_source("sim", SourceConfig(), {RECORD_ID: "key"}, RECORD_ID, frame=frame)
    pieces = list(source.pieces())
    assert [piece.height >= PIECE_ROWS for piece in pieces] == [True, False]
    assert pl.concat(pieces)["row"].to_list() == list(range(1, height + 1))
