"""Shortcuts: the same answer for every pair of values, lists and nulls."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.comparisons import Comparison, Level
from linkage.link.comparisons.level import ELSE
from linkage.link.comparisons.sql import alike, edits, missing, shared
from linkage.link.model import FieldComparison, Model
from linkage.link.shortcuts import Shortcuts

LISTS = (None, [], ["a"], ["b"], ["a", "b"], ["b", "c"], ["d", "e"])
NAMES = (
    None, "nguyen thi lan", "nguyen thi loan", "nguyen thi lna", "nguyen thi hoang",
    "nguyen van lan", "tran thi lan", "lan", "mai", "mia", "ngoc anh", "ngoc ah",
)  # fmt: skip


def model_of(*features: str, **levels: str) -> Model:
    found = Comparison(
        "words",
        features,
        (
            Level("missing", missing(features[0]), is_null=True),
            *(Level(name, sql) for name, sql in levels.items()),
            ELSE,
        ),
        agrees=(),
    )
    return Model((FieldComparison("f", found, first=True),), {}, prior=0.5, source="", sha256="")


def both_ways(model: Model, rows: pl.DataFrame, lists: tuple[str, ...]) -> list[tuple[int, int]]:
    """The level of every pair of rows, as it is written and by shortcuts."""
    (compared,) = model.comparisons
    short = Shortcuts.of(model, lists)
    assert short != Shortcuts()
    columns = [
        c for feature in model.features() for c in short.side(feature, is_list=feature in lists)
    ]
    with DuckDBEngine() as engine:
        engine.put("rows", rows)
        engine.run(f"CREATE TABLE sides AS SELECT idx, {', '.join(columns)} FROM rows s")
        found = []
        for table, named, sql in (
            ("rows", model.features(), compared.number_sql()),
            ("sides", [c for f in model.features() for c in short.named(f)],
             short.condition(compared.number_sql())),
        ):  # fmt: skip
            pairs = ", ".join(f'{s}."{c}" AS "{c}_{s}"' for c in named for s in ("l", "r"))
            level = f"SELECT l.idx, r.idx, {pairs} FROM {table} l, {table} r ORDER BY l.idx, r.idx"
            found.append(engine.frame(f"SELECT {sql} AS level FROM ({level})")["level"].to_list())
    return list(zip(*found, strict=True))


def test_lists_have_a_member_in_common_or_not() -> None:
    rows = pl.DataFrame(
        {"idx": range(len(LISTS)), "f__list": LISTS},
        schema={"idx": pl.Int64, "f__list": pl.List(pl.String)},
    )
    model = model_of("list", same=shared("list"))
    pairs = both_ways(model, rows, ("f__list",))
    assert {as_written for as_written, _ in pairs} == {-1, 0, 1}
    assert [as_written for as_written, _ in pairs] == [short for _, short in pairs]


@pytest.mark.parametrize(
    "condition", [edits("fold", 1), edits("fold", 2), alike("fold", 0.94), alike("fold", 0.8)]
)
def test_texts_are_near_or_far(condition: str) -> None:
    rows = pl.DataFrame({"idx": range(len(NAMES)), "f__fold": NAMES})
    pairs = both_ways(model_of("fold", near=condition), rows, ())
    assert {as_written for as_written, _ in pairs} == {-1, 0, 1}
    assert [as_written for as_written, _ in pairs] == [short for _, short in pairs]


def test_a_list_that_is_asked_for_anything_else_is_left_whole() -> None:
    model = model_of("list", same=shared("list"), several='len("{f}__list_l") > 1')
    assert Shortcuts.of(model, ("f__list",)) == Shortcuts()


def test_lists_that_are_compared_with_each_other_are_split_together_or_not_at_all() -> None:
    across = 'list_has_any("{f}__list_l", "{f}__other_r")'
    apart = model_of("list", "other", same=across, several='len("{f}__other_l") > 1')
    both = model_of("list", "other", same=across)
    lists = ("f__list", "f__other")
    assert Shortcuts.of(apart, lists).single == frozenset()
    assert Shortcuts.of(both, lists).single == frozenset(lists)


def test_letters_are_noted_of_texts_whose_edits_are_counted() -> None:
    short = Shortcuts.of(model_of("fold", near=edits("fold", 1)), ())
    assert dataclasses.asdict(short) == {"single": frozenset(), "spelt": frozenset({"f__fold"})}
