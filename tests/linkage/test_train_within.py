"""Training from blocking rules: what two tables, or one with itself, teach without labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import Model, comparisons_of
from linkage.link.pairing import Pairing
from linkage.link.train import Trained
from linkage.link.train_within import (
    Sides,
    expected_matches,
    train_blocks,
    with_weights,
)
from linkage.link.within import block_within

TYPES = {"colour": "choice", "shape": "choice", "town": "choice", "day": "choice"}
PAIRING = Pairing({field: field for field in TYPES}, TYPES)
UNTRAINED = Model(comparisons_of(PAIRING.compared), {}, 0.5, "none", "")
RULES = [["colour", "shape"], ["town", "day"], ["colour", "day"], ["shape", "town"]]
PEOPLE, ERROR = 1_500, 0.1


def table() -> pl.DataFrame:
    """Every person twice; each value of the second record is wrong once in ten."""
    draw = np.random.default_rng(7)
    sizes = {"colour": 40, "shape": 60, "town": 80, "day": 300}
    first = {f: draw.integers(0, n, PEOPLE) for f, n in sizes.items()}
    second = {
        f: np.where(draw.random(PEOPLE) < ERROR, draw.integers(0, sizes[f], PEOPLE), values)
        for f, values in first.items()
    }
    both = {f: np.concatenate([first[f], second[f]]).astype(str) for f in sizes}
    return pl.DataFrame(both).with_row_index("idx").with_columns(pl.col("idx").cast(pl.Int64))


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        records = PAIRING.record_features(table())
        engine.put("records", records)
        engine.put("originals", records.head(PEOPLE))
        engine.put("copies", records.tail(PEOPLE))
        yield engine


@pytest.fixture(scope="module")
def within(engine: DuckDBEngine) -> Trained:
    return train_blocks(engine, Sides("records", "records"), UNTRAINED, PAIRING, RULES)


@pytest.fixture(scope="module")
def between(engine: DuckDBEngine) -> Trained:
    return train_blocks(engine, Sides("copies", "originals"), UNTRAINED, PAIRING, RULES)


@pytest.mark.parametrize("sides", ["within", "between"])
def test_m_is_the_share_of_values_without_error(sides: str, request: pytest.FixtureRequest) -> None:
    trained: Trained = request.getfixturevalue(sides)
    found = [trained.weights[field]["same"][0] for field in TYPES]
    assert found == pytest.approx([1 - ERROR] * 4, abs=0.04)


@pytest.mark.parametrize("sides", ["within", "between"])
def test_u_is_the_chance_of_agreeing_by_accident(
    sides: str, request: pytest.FixtureRequest
) -> None:
    trained: Trained = request.getfixturevalue(sides)
    for field, values in (("colour", 40), ("shape", 60), ("town", 80), ("day", 300)):
        assert trained.weights[field]["same"][1] == pytest.approx(1 / values, rel=0.1)


def test_m_and_u_of_a_comparison_add_up_to_one(within: Trained) -> None:
    for levels in within.weights.values():
        for side in (0, 1):
            assert sum(pair[side] for pair in levels.values()) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_weights(engine: DuckDBEngine, within: Trained) -> None:
    again = train_blocks(engine, Sides("records", "records"), UNTRAINED, PAIRING, RULES)
    assert again.weights == within.weights


def test_as_many_pairs_are_expected_as_there_are(engine: DuckDBEngine, within: Trained) -> None:
    block_within(engine, RULES, PAIRING, records="records", pairs="pairs")
    possible = PEOPLE * (2 * PEOPLE - 1.0)
    model = with_weights(UNTRAINED, within, 0.5)
    found = expected_matches(engine, Sides("records", "records"), model, "pairs", possible)
    assert found == pytest.approx(PEOPLE, rel=0.05)


def test_nothing_to_learn_from_says_that_no_level_was_seen(engine: DuckDBEngine) -> None:
    engine.run("CREATE OR REPLACE TABLE two AS FROM records WHERE idx < 2")
    trained = train_blocks(engine, Sides("two", "two"), UNTRAINED, PAIRING, RULES)
    assert "day: same" in trained.unseen
    assert all(m > 0 and u > 0 for levels in trained.weights.values() for m, u in levels.values())
