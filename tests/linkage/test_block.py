"""Blocking: which pairs are proposed, by which rule, and what the cap keeps back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import pytest

from linkage.duplicates.unlinked import bound_pairs
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.block import MOST_PEOPLE, MOST_TOGETHER, Blocked, block
from linkage.link.pairing import Pairing

TYPES = {"full_name": "person_name", "personal_id": "personal_id", "address": "address"}
PAIRING = Pairing({name: name for name in TYPES}, TYPES)
SCHEMA = {
    "idx": pl.Int64,
    "full_name__fold": pl.String,
    "full_name__given": pl.String,
    "personal_id__numbers": pl.List(pl.String),
    "address__wards": pl.List(pl.String),
}

Rules = Sequence[Sequence[str]]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


def side(*rows: dict[str, Any]) -> pl.DataFrame:
    """Features of one side, numbered from 0; short names stand for the feature columns."""
    long = {name.rpartition("__")[2]: name for name in SCHEMA}
    named = [
        {"idx": n, **{long[name]: value for name, value in row.items()}}
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(named, schema=SCHEMA)


def proposed(
    engine: DuckDBEngine, rules: Rules, records: pl.DataFrame, people: pl.DataFrame
) -> tuple[set[tuple[int, int, str]], Blocked]:
    """Pairs with the number of the rule that proposed them, and the counts."""
    engine.put("records", records)
    engine.put("people", people)
    counts = block(engine, rules, PAIRING, records="records", people="people", pairs="proposals")
    pairs = engine.frame("SELECT idx_l, idx_r, match_key FROM proposals").rows()
    assert len({pair[:2] for pair in pairs}) == len(pairs)
    return set(pairs), counts


def test_a_list_key_agrees_on_any_member(engine: DuckDBEngine) -> None:
    pairs, _ = proposed(
        engine,
        [["personal_id"]],
        side({"numbers": ["old"]}, {"numbers": ["none of these"]}, {"numbers": None}),
        side({"numbers": ["new", "old"]}, {"numbers": ["other"]}, {"numbers": None}),
    )
    assert pairs == {(0, 0, "0")}


def test_two_common_members_propose_the_pair_once(engine: DuckDBEngine) -> None:
    both = side({"numbers": ["a", "b"]})
    pairs, counts = proposed(engine, [["personal_id"]], both, both)
    assert pairs == {(0, 0, "0")}
    assert counts.pairs == {"personal_id": 1}


def test_two_list_keys_are_crossed_and_not_read_in_step(engine: DuckDBEngine) -> None:
    pairs, _ = proposed(
        engine,
        [["personal_id", "address.ward"]],
        side({"numbers": ["n"], "wards": ["w"]}),
        side({"numbers": ["m", "n"], "wards": ["w", "x"]}, {"numbers": ["n"], "wards": ["x"]}),
    )
    assert pairs == {(0, 0, "0")}


def test_all_keys_of_a_rule_must_agree(engine: DuckDBEngine) -> None:
    pairs, _ = proposed(
        engine,
        [["full_name", "address.ward"]],
        side({"fold": "an", "wards": ["w"]}),
        side(
            {"fold": "an", "wards": ["w"]},
            {"fold": "an", "wards": ["x"]},
            {"fold": "binh", "wards": ["w"]},
            {"fold": None, "wards": ["w"]},
        ),
    )
    assert pairs == {(0, 0, "0")}


def test_a_missing_value_agrees_with_nothing(engine: DuckDBEngine) -> None:
    nobody = side({"fold": None, "wards": None})
    pairs, _ = proposed(engine, [["full_name"], ["address.ward"]], nobody, nobody)
    assert pairs == set()


def test_a_pair_counts_under_its_first_rule(engine: DuckDBEngine) -> None:
    one = side({"fold": "le an", "given": "an"})
    two = side({"fold": "le an", "given": "an"}, {"fold": "vu an", "given": "an"})
    pairs, counts = proposed(engine, [["full_name"], ["full_name.given"]], one, two)
    assert pairs == {(0, 0, "0"), (0, 1, "1")}
    assert counts.pairs == {"full_name": 1, "full_name.given": 1}


def test_a_rule_on_a_field_that_the_population_lacks_proposes_nothing(
    engine: DuckDBEngine,
) -> None:
    same = side({"fold": "an"})
    pairs, counts = proposed(engine, [["full_name", "phone"], ["phone"]], same, same)
    assert pairs == set()
    assert counts.pairs == {"full_name + phone": 0, "phone": 0}


def test_no_rules_propose_no_pairs(engine: DuckDBEngine) -> None:
    same = side({"fold": "an"})
    assert proposed(engine, [], same, same) == (set(), Blocked({}, {}))


def common(value: str, **more: Any) -> list[dict[str, Any]]:
    """As many people of one name as the cap allows."""
    return [{"fold": value, **more}] * MOST_PEOPLE


def test_a_single_key_skips_values_that_too_many_people_share_and_counts_them(
    engine: DuckDBEngine,
) -> None:
    people = side(*common("nguyen van an"), {"fold": "nguyen van an"}, {"fold": "vu an"})
    records = side({"fold": "nguyen van an"}, {"fold": "nguyen van an"}, {"fold": "vu an"})
    pairs, counts = proposed(engine, [["full_name"]], records, people)
    assert pairs == {(2, MOST_PEOPLE + 1, "0")}
    assert counts.capped == {"full_name": 2}


def test_as_many_people_as_the_cap_are_still_proposed(engine: DuckDBEngine) -> None:
    people = side(*common("nguyen van an"))
    pairs, counts = proposed(engine, [["full_name"]], side({"fold": "nguyen van an"}), people)
    assert len(pairs) == MOST_PEOPLE
    assert counts.capped == {"full_name": 0}


def test_of_several_keys_the_values_together_are_what_is_common(engine: DuckDBEngine) -> None:
    many = [{"fold": "an", "wards": ["w"]}] * MOST_TOGETHER
    record, rules = side({"fold": "an", "wards": ["w"]}), [["full_name", "address.ward"]]
    pairs, counts = proposed(engine, rules, record, side(*many, {"fold": "an", "wards": ["x"]}))
    assert len(pairs) == MOST_TOGETHER
    assert counts.capped == {}
    pairs, counts = proposed(engine, rules, record, side(*many, *many[:1]))
    assert pairs == set()
    assert counts.capped == {"full_name + address.ward": 1}


def test_numbers_are_never_capped(engine: DuckDBEngine) -> None:
    people = side(*[{"numbers": ["n"]}] * (MOST_PEOPLE + 1))
    pairs, counts = proposed(engine, [["personal_id"]], side({"numbers": ["n"]}), people)
    assert len(pairs) == MOST_PEOPLE + 1
    assert counts.capped == {}


def test_a_record_with_two_values_too_common_counts_once(engine: DuckDBEngine) -> None:
    people = side(*[{"wards": ["w", "x"]}] * (MOST_PEOPLE + 1))
    record = side({"wards": ["w", "x"]})
    _, counts = proposed(engine, [["address.ward"]], record, people)
    assert counts.capped == {"address.ward": 1}


def test_a_number_that_many_records_share_proposes_nothing_where_a_cap_is_given(
    engine: DuckDBEngine,
) -> None:
    shared = [{"numbers": ["placeholder"]}] * 4
    engine.put("records", side(*shared, {"numbers": ["own"]}))
    names = {"records": "records", "people": "records", "pairs": "proposals"}
    counts = block(engine, [["personal_id"]], PAIRING, **names, most_of_number=3)
    assert engine.frame("SELECT idx_l, idx_r FROM proposals").rows() == [(4, 4)]
    assert counts.capped == {"personal_id": 4}
    assert counts.of_numbers == {"personal_id"}
    uncapped = block(engine, [["personal_id"]], PAIRING, **names, most_of_number=4)
    assert uncapped.pairs == {"personal_id": 17}


def test_pairs_beyond_the_most_lose_the_least_telling_keys_record_by_record(
    engine: DuckDBEngine,
) -> None:
    pairs = [(0, 5, "10"), (0, 6, "9"), (0, 7, "9"), (1, 5, "0")]
    schema = {"idx_l": pl.Int64, "idx_r": pl.Int64, "match_key": pl.String}
    engine.put("proposals", pl.DataFrame(pairs, schema=schema, orient="row"))
    assert bound_pairs(engine, "proposals", records=2, most=4) == 0
    assert bound_pairs(engine, "proposals", records=2, most=3) == 2
    assert set(engine.frame("FROM proposals").rows()) == {(0, 6, "9"), (1, 5, "0")}
