"""Competition: who has one already has hardly a second, and the best assignment is not greedy."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkTables
from linkage.link.competition import SURE, Claims, compete, left_over
from linkage.link.posterior import rank_candidates

TABLES = LinkTables("literal")
SETTLED_ELSEWHERE = 30
"""People outside the examples who have one record each: so a second one is known to be rare."""

Probabilities = Mapping[tuple[str, str], float]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


def ranked(
    engine: DuckDBEngine,
    bits: Mapping[tuple[str, str], float],
    *,
    settled: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
    lawful: int | None = 1,
    shuffled: int | None = None,
) -> Probabilities:
    """Probability of each pair after the competition.

    Args:
        engine: where the tables are made.
        bits: (record, person) to log2 odds against nobody.
        settled: record to person whose it surely is.
        numbers: record to the number it stands under; its own where it is not named.
        lawful: holdings that a person may have.
        shuffled: seed for another order of all rows, and of the numbers of records and people.
    """
    sure, numbers = dict(settled or {}), dict(numbers or {})
    sure |= {f"elsewhere {n}": f"other {n}" for n in range(SETTLED_ELSEWHERE)}
    records = list(dict.fromkeys([*(record for record, _ in bits), *sure]))
    people = list(dict.fromkeys([*(person for _, person in bits), *sure.values()]))
    people += [f"without {n}" for n in range(10)]
    draw = random.Random(shuffled)
    if shuffled is not None:
        draw.shuffle(records)
        draw.shuffle(people)
    idx_l = {record: n for n, record in enumerate(records)}
    idx_r = {person: n for n, person in enumerate(people)}

    def put(name: str, rows: Sequence[Mapping[str, object]]) -> None:
        found = list(rows)
        if shuffled is not None:
            draw.shuffle(found)
        engine.put(name, pl.DataFrame(found))

    put("register_features", [{"idx": idx} for idx in idx_r.values()])
    put(TABLES.facts, [{"idx": idx, "number_group": "own"} for idx in idx_l.values()])
    number = [{"idx": i, "number": numbers.get(r, f"number of {r}")} for r, i in idx_l.items()]
    put(TABLES.cleaned, number)
    put(TABLES.settled, [{"idx_l": idx_l[r], "idx_r": idx_r[p]} for r, p in sure.items()])
    # A share of a half and the prior of 0.9 make odds of 1/0.9 of the weight.
    put(
        TABLES.candidates,
        [
            {"idx_l": idx_l[r], "idx_r": idx_r[p], "match_weight": b + math.log2(0.9)}
            for (r, p), b in bits.items()
        ],
    )
    shares = {"own": 0.5}
    rank_candidates(engine, TABLES, shares)
    compete(engine, TABLES, shares, lawful=lawful, holding="number")
    found = engine.frame(f'SELECT idx_l, idx_r, probability FROM "{TABLES.ranked}"')
    return {(records[left], people[right]): share for left, right, share in found.iter_rows()}


def test_together_two_links_may_be_better_than_the_best_one(engine: DuckDBEngine) -> None:
    """Greedy takes a1-b1 and leaves a2 with nobody; a1-b2 and a2-b1 fit better together."""
    found = ranked(engine, {("a1", "b1"): 9, ("a1", "b2"): 8, ("a2", "b1"): 8})
    assert found["a1", "b2"] > 0.9
    assert found["a2", "b1"] > 0.9


def test_without_a_rival_the_best_pair_stays_the_best(engine: DuckDBEngine) -> None:
    found = ranked(engine, {("a1", "b1"): 9, ("a1", "b2"): 8})
    assert found["a1", "b1"] == pytest.approx(2 / 3, abs=0.01)


def test_records_equally_torn_between_twins_stay_torn(engine: DuckDBEngine) -> None:
    pairs = {(record, twin): 12.0 for record in ("one", "two") for twin in ("An", "Ân")}
    found = ranked(engine, pairs)
    assert found == pytest.approx(dict.fromkeys(pairs, 0.5), abs=0.001)


def test_a_namesake_who_has_a_sure_record_leaves_the_other(engine: DuckDBEngine) -> None:
    pairs = {("torn", "has one"): 12.0, ("torn", "has none"): 12.0}
    found = ranked(engine, pairs, settled={"sure": "has one"})
    assert found["torn", "has none"] > 0.98


def test_a_link_that_is_as_good_as_certain_takes_its_person_too(engine: DuckDBEngine) -> None:
    pairs = {("torn", "p"): 12.0, ("torn", "q"): 12.0, ("sure", "p"): math.log2(1 / (1 - SURE)) + 1}
    assert ranked(engine, pairs)["torn", "q"] > 0.98


def test_a_certain_link_is_not_in_doubt_because_of_others(engine: DuckDBEngine) -> None:
    pairs = {("certain", "p"): 20.0, ("hopeful", "p"): 9.0}
    found = ranked(engine, pairs)
    assert found["certain", "p"] > SURE
    assert found["hopeful", "p"] < 0.8


def test_an_only_candidate_is_less_likely_where_another_claims_him(engine: DuckDBEngine) -> None:
    found = ranked(engine, {("weak", "p"): 3.0, ("strong", "p"): 9.0})
    assert found["weak", "p"] < 0.2
    assert found["strong", "p"] > 0.95


def test_a_second_card_under_one_number_goes_with_the_first(engine: DuckDBEngine) -> None:
    pairs = {("second", "p"): 12.0, ("second", "q"): 12.0}
    numbers = {"first": "79001", "second": "79001"}
    found = ranked(engine, pairs, settled={"first": "p"}, numbers=numbers)
    assert found["second", "p"] > 0.99


def test_a_second_card_goes_with_the_first_whoever_else_claims_its_holder(
    engine: DuckDBEngine,
) -> None:
    pairs = {("second", "p"): 12.0, ("second", "q"): 12.0, ("another", "p"): 8.9}
    numbers = {"first": "79001", "second": "79001"}
    found = ranked(engine, pairs, settled={"first": "p"}, numbers=numbers)
    assert found["second", "p"] > 0.99


def test_two_unsure_cards_under_one_number_are_no_rivals(engine: DuckDBEngine) -> None:
    """The first is rather p's, the second is torn: it is not driven to the twin by its own like."""
    pairs = {
        ("first", "p"): 15.0,
        ("first", "q"): 9.0,
        ("second", "p"): 12.0,
        ("second", "q"): 12.0,
    }
    same = ranked(engine, pairs, numbers={"first": "79001", "second": "79001"})
    apart = ranked(engine, pairs)
    assert same["second", "p"] > 0.49
    assert apart["second", "q"] > 0.8


@pytest.mark.parametrize("lawful", [None, 2])
def test_where_more_is_lawful_one_record_takes_nobody(
    engine: DuckDBEngine, lawful: int | None
) -> None:
    pairs = {("torn", "has one"): 12.0, ("torn", "has none"): 12.0}
    found = ranked(engine, pairs, settled={"sure": "has one"}, lawful=lawful)
    assert found == pytest.approx(dict.fromkeys(pairs, 0.5), abs=0.001)


def test_who_has_all_that_is_lawful_is_taken(engine: DuckDBEngine) -> None:
    pairs = {("torn", "has two"): 12.0, ("torn", "has none"): 12.0}
    sure = {"first": "has two", "second": "has two"}
    assert ranked(engine, pairs, settled=sure, lawful=2)["torn", "has none"] > 0.98


def test_no_law_changes_no_table(engine: DuckDBEngine) -> None:
    ranked(engine, {("a1", "b1"): 9, ("a2", "b1"): 8}, lawful=None)
    before = engine.frame(f'SELECT * FROM "{TABLES.ranked}" ORDER BY ALL')
    assert compete(engine, TABLES, {"own": 0.5}, lawful=None, holding="number") == 0
    assert engine.frame(f'SELECT * FROM "{TABLES.ranked}" ORDER BY ALL').equals(before)


def test_probabilities_stay_one_unit_of_a_record(engine: DuckDBEngine) -> None:
    ranked(engine, {("a1", "b1"): 9, ("a1", "b2"): 8, ("a2", "b1"): 8, ("a2", "b2"): 1})
    sums = engine.frame(
        f'SELECT sum(probability) + 1 / (1 + sum(odds)) AS whole FROM "{TABLES.ranked}"'
        " GROUP BY idx_l"
    )
    assert sums["whole"].to_list() == pytest.approx([1.0, 1.0])


TANGLE = {
    ("r1", "p"): 9.0, ("r1", "q"): 8.0, ("r2", "p"): 8.5, ("r2", "s"): 3.0, ("r3", "q"): 8.0,
    ("r3", "s"): 8.0, ("r4", "t"): 6.0, ("r4", "s"): 7.0, ("r5", "t"): 6.5, ("r5", "p"): 6.0,
}  # fmt: skip
"""A graph with cycles."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_rows_does_not_matter(engine: DuckDBEngine, seed: int) -> None:
    numbers = {"r4": "79", "sure": "79", "r1": "5", "r3": "5"}
    found, again = (
        ranked(engine, TANGLE, settled={"sure": "t"}, numbers=numbers, shuffled=shuffled)
        for shuffled in (None, seed)
    )
    assert again == pytest.approx(found, abs=1e-4)


def enumerated(
    pairs: Sequence[tuple[int, int]],
    odds: Sequence[float],
    holding: Sequence[int],
    taken: Sequence[bool],
    further: float,
) -> list[float]:
    """Probability of each pair by looking at every assignment of records to people.

    A person's k holdings have the weight further^(k-1), or further^k where he is taken already.
    """
    records = sorted({record for record, _ in pairs})
    choices = [[None, *(n for n, (r, _) in enumerate(pairs) if r == record)] for record in records]
    total, by_pair = 0.0, [0.0] * len(pairs)
    for chosen in itertools.product(*choices):
        links = [n for n in chosen if n is not None]
        held: dict[int, set[int]] = {}
        for n in links:
            held.setdefault(pairs[n][1], set()).add(holding[pairs[n][0]])
        weight = math.prod(odds[n] for n in links)
        for person, numbers in held.items():
            weight *= further ** (len(numbers) - (0 if taken[person] else 1))
        total += weight
        for n in links:
            by_pair[n] += weight
    return [weight / total for weight in by_pair]


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[tuple[int, int]], int, int]:
    """Pairs of a graph without cycles: each new record or person hangs on one of the other side."""
    records, people, pairs = 1, 1, [(0, 0)]
    for new_record in draw(st.lists(st.booleans(), max_size=8)):
        if new_record and records < 6:
            pairs.append((records, draw(st.integers(0, people - 1))))
            records += 1
        elif not new_record:
            pairs.append((draw(st.integers(0, records - 1)), people))
            people += 1
    return pairs, records, people


@settings(max_examples=150, deadline=None)
@given(
    forest=forests(),
    further=st.sampled_from([1e-4, 0.01, 0.3, 1.0]),
    one_number=st.booleans(),
    data=st.data(),
)
def test_where_the_graph_has_no_cycles_the_shares_are_exact(
    forest: tuple[list[tuple[int, int]], int, int],
    further: float,
    one_number: bool,
    data: st.DataObject,
) -> None:
    pairs, records, people = forest
    bits = data.draw(
        st.lists(st.floats(-5, 14), min_size=len(pairs), max_size=len(pairs)), label="bits"
    )
    taken = data.draw(st.lists(st.booleans(), min_size=people, max_size=people), label="taken")
    most = min(1, records - 1) if one_number else records - 1
    holding = (
        data.draw(st.lists(st.integers(0, most), min_size=records, max_size=records))
        if one_number
        else list(range(records))
    )
    odds = np.exp2(np.array(bits))
    record, person = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    claims = Claims(
        record=record,
        person=person,
        odds=odds,
        taken=np.array(taken)[person],
        holding=np.array(holding, dtype=np.int64)[record],
        own=np.zeros(len(pairs), dtype=np.bool_),
    )
    offered = odds * left_over(claims, further)
    shares = offered / (1 + np.bincount(record, offered, records)[record])
    assert shares == pytest.approx(
        enumerated(pairs, odds.tolist(), holding, taken, further), abs=1e-4
    )


@settings(max_examples=50, deadline=None)
@given(
    bits=st.lists(st.floats(-5, 90), min_size=9, max_size=9),
    further=st.floats(1e-6, 1.0),
)
def test_what_is_left_of_a_pair_lies_between_a_further_one_and_all(
    bits: list[float], further: float
) -> None:
    """Three records that may each be of three people: full of cycles."""
    pairs = np.array(list(itertools.product(range(3), range(3))), dtype=np.int64)
    none = np.zeros(9, dtype=np.bool_)
    claims = Claims(pairs[:, 0], pairs[:, 1], np.exp2(np.array(bits)), none, pairs[:, 0], none)
    room = left_over(claims, further)
    assert (room >= further * (1 - 1e-9)).all()
    assert (room <= 1 + 1e-9).all()
