"""Record-level probabilities: a record is one of its candidates', or nobody's in the register."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkTables
from linkage.link.model import SHARE
from linkage.link.posterior import LEAST_OUTSIDE, estimate_shares, rank_candidates

TABLES = LinkTables("literal")
PAIRS = {"idx_l": pl.Int64, "idx_r": pl.Int64, "match_weight": pl.Float64}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


def load(
    engine: DuckDBEngine,
    states: Sequence[str],
    candidates: pl.DataFrame,
    settled: Sequence[int] = (),
    seed: int | None = None,
) -> None:
    """A registry's tables: a state of the number for each record, its candidates, who is settled.

    Args:
        engine: where to.
        states: by number of the record.
        candidates: ``idx_l, idx_r, match_weight``.
        settled: records that the exact pass settled.
        seed: of another order of all rows.
    """
    facts = pl.DataFrame({"number_group": states}).with_row_index("idx")
    sure = pl.DataFrame({"idx_l": settled}, schema={"idx_l": pl.Int64})
    tables = {
        TABLES.facts: facts.with_columns(pl.col("idx").cast(pl.Int64)),
        TABLES.subjects: facts.select(pl.col("idx").cast(pl.Int64)),
        TABLES.settled: sure,
        TABLES.candidates: candidates,
    }
    for name, table in tables.items():
        engine.put(
            name, table if seed is None else table.sample(fraction=1, shuffle=True, seed=seed)
        )


def pairs(weights: Mapping[int, Sequence[float]]) -> pl.DataFrame:
    """Candidates of records by their match weights."""
    rows = [(record, n, weight) for record, own in weights.items() for n, weight in enumerate(own)]
    return pl.DataFrame(rows, schema=PAIRS, orient="row")


def ranked(engine: DuckDBEngine, shares: Mapping[str, float]) -> pl.DataFrame:
    rank_candidates(engine, TABLES, shares)
    return engine.frame(f'SELECT * FROM "{TABLES.ranked}" ORDER BY idx_l, rank')


# --- one record and its candidates ----------------------------------------------------------------


@pytest.mark.parametrize("weight", [3.0, 12.0, 40.0])
def test_two_who_fit_equally_have_half_each_at_most(engine: DuckDBEngine, weight: float) -> None:
    load(engine, ["own"], pairs({0: [weight, weight]}))
    first, second = ranked(engine, {"own": 0.9})["probability"]
    assert first == second
    assert first <= 0.5
    assert first == pytest.approx(0.5, abs=2**-weight)


def test_however_well_two_fit_each_alone_would_be_sure(engine: DuckDBEngine) -> None:
    load(engine, ["own"], pairs({0: [20.0, 20.0]}))
    assert ranked(engine, {"own": 0.9})["alone"].min() == pytest.approx(1, abs=1e-5)


def test_the_share_of_holders_in_the_register_is_the_prior(engine: DuckDBEngine) -> None:
    """A weight of 0 at the shipped prior: odds of s / (0.9 (1 - s))."""
    load(engine, ["own", "none"], pairs({0: [0.0], 1: [0.0]}))
    found = ranked(engine, {"own": 0.5, "none": 0.8})
    assert found["odds"].to_list() == pytest.approx([1 / 0.9, 4 / 0.9])
    assert found["probability"].to_list() == pytest.approx([1 / 1.9, 4 / 4.9])


def test_a_state_that_was_never_seen_takes_the_prior_share(engine: DuckDBEngine) -> None:
    load(engine, ["foreign", "own"], pairs({0: [0.0], 1: [0.0]}))
    foreign, own = ranked(engine, {"own": 0.5})["odds"]
    assert foreign == pytest.approx(1 / (1 - SHARE))
    assert foreign > own


def test_without_any_share_all_records_take_the_prior_one(engine: DuckDBEngine) -> None:
    load(engine, ["own", "none"], pairs({0: [1.0], 1: [1.0]}))
    assert ranked(engine, {})["odds"].to_list() == pytest.approx([2 / (1 - SHARE)] * 2)


def test_a_record_may_be_nobodys_though_all_others_were_found(engine: DuckDBEngine) -> None:
    load(engine, ["own"], pairs({0: [0.0]}))
    assert ranked(engine, {"own": 1.0})["odds"].to_list() == pytest.approx(
        [(1 - LEAST_OUTSIDE) / (SHARE * LEAST_OUTSIDE)]
    )


def test_the_margin_is_the_lead_over_the_next_in_bits(engine: DuckDBEngine) -> None:
    load(engine, ["own"], pairs({0: [4.0, 11.5, 1.0]}))
    found = ranked(engine, {"own": 0.9})
    assert found["idx_r"].to_list() == [1, 0, 2]
    assert found["margin"].to_list() == [7.5, 3.0, None]
    assert found["next_idx"].to_list() == [0, 2, None]


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.floats(-30, 150), min_size=1, max_size=6),
    share=st.floats(0.01, 1.0),
)
def test_all_candidates_and_nobody_share_one_unit(
    engine: DuckDBEngine, weights: list[float], share: float
) -> None:
    load(engine, ["own"], pairs({0: weights}))
    found = ranked(engine, {"own": share})
    nobody = 1 / (1 + sum(found["odds"].to_list()))
    assert sum(found["probability"].to_list()) + nobody == pytest.approx(1)
    assert nobody > 0
    assert found["probability"].is_sorted(descending=True)
    assert (found["probability"] <= found["alone"]).all()


# --- the share of holders in the register ---------------------------------------------------------


def register(
    shares: Mapping[str, float], records: int, seed: int, people: int = 100
) -> tuple[list[str], pl.DataFrame]:
    """Records of known shares of holders, each compared with everybody.

    A true pair agrees nine times in ten, another once in 500 (so a record without its holder has
    somebody who agrees with it in one case of five).
    """
    draw = np.random.default_rng(seed)
    m, u = 0.9, 0.002
    states = [state for state in shares for _ in range(records)]
    inside = np.concatenate([draw.random(records) < share for share in shares.values()])
    agrees = draw.random((len(states), people)) < u
    agrees[:, 0] = np.where(inside, draw.random(len(states)) < m, agrees[:, 0])
    prior = math.log2(SHARE / people)
    weight = np.where(agrees, math.log2(m / u), math.log2((1 - m) / (1 - u))) + prior
    idx_l, idx_r = np.indices(weight.shape)
    frame = pl.DataFrame(
        {"idx_l": idx_l.ravel(), "idx_r": idx_r.ravel(), "match_weight": weight.ravel()}
    )
    return states, frame.cast(PAIRS)  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_the_share_of_holders_in_the_register_is_found(engine: DuckDBEngine, share: float) -> None:
    load(engine, *register({"own": share}, 3000, seed=11))
    assert estimate_shares(engine, TABLES)["own"] == pytest.approx(share, abs=0.03)


def test_each_state_of_the_number_has_a_share_of_its_own(engine: DuckDBEngine) -> None:
    load(engine, *register({"none": 0.5, "own": 0.95}, 2000, seed=12))
    found = estimate_shares(engine, TABLES)
    assert found == pytest.approx({"none": 0.5, "own": 0.95}, abs=0.04)


def test_settled_records_are_in_the_register(engine: DuckDBEngine) -> None:
    """Nine in ten are settled, the rest have no candidate."""
    load(engine, ["own"] * 1000, pairs({}), settled=range(900))
    assert estimate_shares(engine, TABLES)["own"] == pytest.approx(0.9, abs=0.001)


def test_records_without_a_candidate_speak_against_the_register(engine: DuckDBEngine) -> None:
    load(engine, ["own"] * 1000, pairs({}))
    assert estimate_shares(engine, TABLES)["own"] < 0.05


def test_no_share_leaves_nobody_outside(engine: DuckDBEngine) -> None:
    load(engine, ["own"] * 5000, pairs({}), settled=range(5000))
    assert estimate_shares(engine, TABLES) == {"own": 1 - LEAST_OUTSIDE}


def test_one_record_of_a_state_says_little_against_the_rest(engine: DuckDBEngine) -> None:
    load(engine, ["own"] * 1000 + ["foreign"], pairs({}), settled=range(1000))
    assert estimate_shares(engine, TABLES)["foreign"] > 0.9


def test_without_records_there_are_no_shares(engine: DuckDBEngine) -> None:
    load(engine, [], pairs({}))
    assert estimate_shares(engine, TABLES) == {}


@pytest.mark.parametrize("seed", [1, 2])
def test_shares_do_not_depend_on_the_order_of_rows(engine: DuckDBEngine, seed: int) -> None:
    states, candidates = register({"own": 0.8, "none": 0.4}, 300, seed=13)
    load(engine, states, candidates, settled=range(50))
    found = estimate_shares(engine, TABLES)
    load(engine, states, candidates, settled=range(50), seed=seed)
    assert estimate_shares(engine, TABLES) == found
