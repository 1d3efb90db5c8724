"""Records of one registry among themselves: pairs, each once, and groups."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import Model, comparisons_of
from linkage.link.pairing import Pairing
from linkage.link.within import block_within, group_within, score_within

TYPES = {"name": "name_words", "postcode": "code"}
PAIRING = Pairing({field: field for field in TYPES}, TYPES)
COMPARED = comparisons_of(PAIRING.compared)

# Six records: two of Mary Price, three of Tom Boyle (one mistyped), one of nobody else.
CLEANED = pl.DataFrame(
    {
        "idx": range(6),
        "name": ["n"] * 6,
        "name__fold": [
            "mary price", "tom boyle", "price mary", "tom boyle", "tom boyl", "ann lee",
        ],
        "postcode": ["tq138df", "ex52tr", "tq138df", "ex52tr", "ex52tr", "sw75tq"],
    },
    schema_overrides={"idx": pl.Int64},
)  # fmt: skip


def weights() -> Model:
    """Full agreement speaks for one person, partial agreement too, the last level against."""
    levels = {}
    for compared in COMPARED:
        best, *some, last = (lv.label for lv in compared.comparison.levels if not lv.is_null)
        levels[compared.name] = {
            best: (0.9, 0.3), **dict.fromkeys(some, (0.3, 0.02)), last: (0.01, 0.9),
        }  # fmt: skip
    return Model(COMPARED, levels, 0.2, "test", "")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        engine.put("records", PAIRING.record_features(CLEANED))
        yield engine


def proposed(engine: DuckDBEngine, *rules: list[str]) -> list[tuple[int, int]]:
    block_within(engine, rules, PAIRING, records="records", pairs="pairs")
    return engine.frame("SELECT idx_l, idx_r FROM pairs ORDER BY ALL").rows()


def test_each_pair_stands_once_and_no_record_with_itself(engine: DuckDBEngine) -> None:
    assert proposed(engine, ["postcode"], ["name.last"]) == [(0, 2), (1, 3), (1, 4), (3, 4)]


def test_pairs_are_counted_by_the_first_rule_that_proposes_them(engine: DuckDBEngine) -> None:
    rules = [["name"], ["postcode"]]
    blocked = block_within(engine, rules, PAIRING, records="records", pairs="pairs")
    assert dict(blocked.pairs) == {"name": 1, "postcode": 3}


def test_scored_pairs_are_those_proposed_with_a_match_weight(engine: DuckDBEngine) -> None:
    pairs = proposed(engine, ["postcode"])
    kept = score_within(engine, weights(), records="records", pairs="pairs", scored="scored")
    scored = engine.frame("SELECT * FROM scored ORDER BY idx_l, idx_r")
    assert scored.select("idx_l", "idx_r").rows() == pairs
    assert kept == len(pairs)
    assert (scored["match_weight"] > 0).all()


def test_nothing_proposed_is_nothing_scored(engine: DuckDBEngine) -> None:
    engine.run("CREATE OR REPLACE TABLE pairs AS SELECT 1::BIGINT AS idx_l, 2::BIGINT AS idx_r,"
               " '0' AS match_key WHERE false")  # fmt: skip
    assert score_within(engine, weights(), records="records", pairs="pairs", scored="scored") == 0
    assert engine.frame("SELECT * FROM scored").height == 0


def test_six_records_of_three_people_are_three_groups(engine: DuckDBEngine) -> None:
    proposed(engine, ["postcode"], ["name.last"])
    score_within(engine, weights(), records="records", pairs="pairs", scored="scored")
    count = group_within(engine, records="records", scored="scored", groups="groups", weight=0.0)
    groups = engine.frame("SELECT idx, grp FROM groups ORDER BY idx")
    assert groups["grp"].to_list() == [0, 1, 0, 1, 1, 5]
    assert count == 3


def test_a_value_that_a_person_has_many_times_over_counts_once(engine: DuckDBEngine) -> None:
    proposed(engine, ["postcode"])
    args = {"records": "records", "pairs": "pairs"}
    score_within(engine, weights(), scored="by_record", **args)
    # All three records of Tom Boyle are known to be one person's.
    engine.put("known", pl.DataFrame({"idx": range(6), "grp": [0, 1, 0, 1, 1, 5]},
                                     schema={"idx": pl.Int64, "grp": pl.Int64}))  # fmt: skip
    score_within(engine, weights(), scored="by_group", groups="known", **args)
    mean = "SELECT match_weight FROM {} WHERE idx_l = 1 AND idx_r = 3"
    one, other = (engine.frame(mean.format(t)).item() for t in ("by_record", "by_group"))
    assert other > one


# --- groups ---------------------------------------------------------------------------------------

Edges = dict[tuple[int, int], float]


def grouped(engine: DuckDBEngine, records: int, edges: Edges, weight: float = 0.0) -> list[int]:
    """Group of every record, given the match weights of pairs."""
    idx = pl.DataFrame({"idx": range(records)}, schema={"idx": pl.Int64})
    engine.put("nodes", idx)
    rows = [(left, right, bits) for (left, right), bits in edges.items()]
    schema = {"idx_l": pl.Int64, "idx_r": pl.Int64, "match_weight": pl.Float64}
    engine.put("edges", pl.DataFrame(rows, schema=schema, orient="row"))
    group_within(engine, records="nodes", scored="edges", groups="made", weight=weight)
    return engine.frame("SELECT grp FROM made ORDER BY idx")["grp"].to_list()


def clique(*members: int, bits: float = 8.0) -> Edges:
    return dict.fromkeys(itertools.combinations(members, 2), bits)


def test_one_link_alone_joins_two_records(engine: DuckDBEngine) -> None:
    assert grouped(engine, 3, {(0, 2): 5.0}) == [0, 1, 0]


def test_a_single_link_does_not_glue_two_groups(engine: DuckDBEngine) -> None:
    edges = clique(0, 1, 2) | clique(3, 4, 5) | {(2, 3): 12.0}
    found = grouped(engine, 6, edges)
    # The strongest pair comes together first; its groups then pull in neither side wholly.
    assert len(set(found)) > 1
    edges[2, 3] = 5.0
    assert grouped(engine, 6, edges) == [0, 0, 0, 3, 3, 3]


def test_not_even_a_sure_link_glues_two_pairs_that_nothing_else_holds_together(
    engine: DuckDBEngine,
) -> None:
    edges = {(0, 1): 8.0, (2, 3): 8.0, (1, 2): 30.0}
    assert grouped(engine, 4, edges) == [0, 0, 2, 2]


def test_a_record_that_fits_most_of_a_group_joins_it(engine: DuckDBEngine) -> None:
    edges = clique(0, 1, 2, 3) | {(0, 4): 9.0, (1, 4): 9.0, (2, 4): 9.0}
    assert grouped(engine, 5, edges) == [0, 0, 0, 0, 0]


def test_a_chain_of_links_is_not_one_group(engine: DuckDBEngine) -> None:
    chain = {(n, n + 1): 4.0 for n in range(9)}
    found = grouped(engine, 10, chain)
    assert max(found.count(group) for group in found) == 2


def test_links_below_the_threshold_join_nothing(engine: DuckDBEngine) -> None:
    assert grouped(engine, 2, {(0, 1): 3.0}, weight=4.0) == [0, 1]


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] < p[1]),
        st.floats(-7, 20),
        max_size=20,
    )
)
def test_a_group_is_named_by_its_first_record_and_hangs_together(
    engine: DuckDBEngine, edges: Edges
) -> None:
    found = grouped(engine, 8, edges)
    for record, group in enumerate(found):
        assert group <= record
        assert found[group] == group
        members = [n for n, g in enumerate(found) if g == group]
        linked = [edges.get(pair, -3.0) for pair in itertools.combinations(members, 2)]
        assert not linked or max(linked) > 0
