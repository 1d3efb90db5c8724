"""Comparisons of words, codes and choices of any country, by the very SQL that Splink runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.comparisons import COMPARISONS, Comparison
from tests.linkage.test_comparisons import features, level_of, levels

(NAME,), (WORDS,) = COMPARISONS["name_words"], COMPARISONS["words"]
(CODE,), (CHOICE,) = COMPARISONS["code"], COMPARISONS["choice"]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


NAMES = [
    (None, "Mary Price", "missing"),
    ("  ", "Mary Price", "missing"),
    ("Mary Price", "MARY  PRICE", "same name"),
    ("Zoë Brontë", "Zoe Bronte", "same name"),
    ("Price Mary", "Mary Price", "other order"),
    ("Price Ann Mary", "Mary Jane Price", "other order"),
    ("Mary Ann Price", "Mary Jane Price", "same ends"),
    ("Mary Price", "Mary Prise", "one edit apart"),
    ("Mary Price", "Mray Price", "one edit apart"),
    ("M Price", "Mary Price", "last same, first alike"),
    ("Thomas Price", "Thom Price", "last same, first alike"),
    ("Mary Macdonald", "Mary Macdonnell", "first same, last alike"),
    ("Catherine Macdonald", "Kate Macdonnell", "differ"),
    ("Katherine Macdonald", "Katharin Macdonnell", "alike"),
    ("Mary", "Jane Mary Price", "one holds the other"),
    ("William Price", "Mary Price", "last word same"),
    ("Mary Price", "Mary Robinson", "first word same"),
    ("Anne Clifford of Chudleigh", "Thomas Clifford Boyle", "a word in common"),
    ("Mary Price", "John Robinson", "differ"),
]


@pytest.mark.parametrize(("left", "right", "label"), NAMES)
def test_names_of_any_language(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, NAME, left, right) == label


TEXTS = [
    (None, "Exeter", "missing"),
    ("Exeter, Devon", "exeter devon", "same"),
    ("Devon Exeter", "Exeter Devon", "other order"),
    ("Exeter", "Exetre", "one edit apart"),
    ("Stanley Street North", "Stanley Stret Nort", "alike"),
    ("Devon", "West Devon", "one holds the other"),
    ("12 Church Lane", "40 Church Row", "a word in common"),
    ("Wellington", "Wllingtown", "alike"),
    ("Pinehill", "Pinhilll", "alike"),
    ("Broadbeach", "Brodbaech", "alike"),
    ("Kelgoola", "Kalgolaa", "somewhat alike"),
    ("Exeter", "Paris", "differ"),
]


@pytest.mark.parametrize(("left", "right", "label"), TEXTS)
def test_words(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, WORDS, left, right) == label


CODES = [
    (None, "TQ13 8DF", "missing"),
    ("-", "TQ13 8DF", "missing"),
    ("TQ13 8DF", "tq138df", "same"),
    ("TQ13 8DF", "TQ13 8DP", "one edit apart"),
    ("TQ13 8DF", "TQ13 8FD", "one edit apart"),
    ("TQ13 8DF", "TQ13 8HU", "same but for the end"),
    ("TQ13 8DF", "TX13 8DE", "two edits apart"),
    ("TQ13 8DF", "TQ13 1AB", "same beginning"),
    ("TQ13 8DF", "EX5 2TR", "differ"),
    ("12", "34", "two edits apart"),
    ("123", "456", "differ"),
]


@pytest.mark.parametrize(("left", "right", "label"), CODES)
def test_codes(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, CODE, left, right) == label


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [(None, "poet", "missing"), ("poet", "poet", "same"), ("poet", "painter", "differ")],
)
def test_choices(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, CHOICE, left, right) == label


def test_a_date_of_any_era_is_compared_to_the_day(engine: DuckDBEngine) -> None:
    (birth,) = COMPARISONS["birth_date"]
    old = features("historical_date", ["1630-08-01"])
    assert levels(engine, birth, old, features("historical_date", ["01/08/1630"])) == ["same date"]
    assert levels(engine, birth, old, features("historical_date", ["1630-08-11"])) == [
        "one digit apart"
    ]


def test_a_contact_phone_is_compared_as_a_code(engine: DuckDBEngine) -> None:
    one, other = (features("contact_phone", [t]) for t in ("0912 345 678", "+84 912 345 687"))
    assert levels(engine, CODE, one, one) == ["same"]
    assert levels(engine, CODE, one, other) == ["one edit apart"]


WORD = st.text("abcé '-.1", max_size=6)


@pytest.mark.parametrize(
    ("type_", "comparison"), [("name_words", NAME), ("words", WORDS), ("code", CODE)]
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pairs=st.lists(st.tuples(WORD, WORD), min_size=1, max_size=30))
def test_the_level_is_the_same_whichever_side_is_left(
    engine: DuckDBEngine, type_: str, comparison: Comparison, pairs: list[tuple[str, str]]
) -> None:
    left, right = (features(type_, [pair[side] for pair in pairs]) for side in (0, 1))
    assert levels(engine, comparison, left, right) == levels(engine, comparison, right, left)
    assert set(levels(engine, comparison, left, left)) <= {comparison.levels[0].label,
                                                           comparison.levels[1].label}  # fmt: skip
