"""Expectation maximisation over whole records: known weights are found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.link import maximise as module
from linkage.link.comparisons import Comparison, Level
from linkage.link.maximise import Candidates, Outcome, States, candidates_of, maximise
from linkage.link.model import SHARE, FieldComparison
from linkage.link.posterior import LEAST_OUTSIDE

PEOPLE: Final = 30
Probabilities = Mapping[str, Mapping[str, float]]


def compared(field: str, *levels: Level) -> FieldComparison:
    null = Level("missing", "", is_null=True)
    return FieldComparison(field, Comparison(field, (), (null, *levels), ()), first=True)


COMPARISONS = (
    compared("name", Level("same", ""), Level("close", ""), Level("differ", "")),
    compared("birth", Level("same", ""), Level("differ", "", least=0.02)),
    compared("place", Level("same", ""), Level("near", ""), Level("differ", "")),
)
TRUE: Probabilities = {
    "name": {"same": 0.85, "close": 0.1, "differ": 0.05},
    "birth": {"same": 0.93, "differ": 0.07},
    "place": {"same": 0.6, "near": 0.15, "differ": 0.25},
}
BY_ACCIDENT: Probabilities = {
    "name": {"same": 0.02, "close": 0.05, "differ": 0.93},
    "birth": {"same": 0.01, "differ": 0.99},
    "place": {"same": 0.01, "near": 0.1, "differ": 0.89},
}
STARTS: Final[Mapping[str, Probabilities]] = {
    "the truth": TRUE,
    "doubt": {c: {label: 1 / len(ls) for label in ls} for c, ls in TRUE.items()},
    "trust": {c: dict.fromkeys(ls, 0.01) | {"same": 0.98} for c, ls in TRUE.items()},
    "nothing": {},
}


def simulated(records: int = 4000, *, share: float = 0.8, missing: float = 0.1) -> Candidates:
    """Records compared with everybody; the first is the holder, where he is in the register."""
    draw = np.random.default_rng(17)
    inside = draw.random(records) < share
    frame = {"idx_l": np.repeat(np.arange(records), PEOPLE), "tf": np.zeros(records * PEOPLE)}
    for one in COMPARISONS:
        m, u = (list(p[one.name].values())[::-1] for p in (TRUE, BY_ACCIDENT))
        gamma = draw.choice(len(u), size=(records, PEOPLE), p=u)
        gamma[inside, 0] = draw.choice(len(m), size=int(inside.sum()), p=m)
        gamma[draw.random((records, PEOPLE)) < missing] = -1
        frame[f"gamma_{one.name}"] = gamma.ravel()
    prior = float(np.log2(SHARE / PEOPLE))
    scored = pl.DataFrame(frame)
    return candidates_of(scored, COMPARISONS, BY_ACCIDENT, records=records, prior_weight=prior)


@pytest.fixture(scope="module")
def candidates() -> Candidates:
    return simulated()


@pytest.fixture(scope="module")
def found(candidates: Candidates) -> Mapping[str, Outcome]:
    return {name: maximise(candidates, COMPARISONS, start) for name, start in STARTS.items()}


@pytest.mark.parametrize("start", STARTS)
def test_the_true_weights_are_found_from_any_start(
    found: Mapping[str, Outcome], start: str
) -> None:
    for name, levels in TRUE.items():
        assert found[start].m[name] == pytest.approx(levels, abs=0.02)


@pytest.mark.parametrize("start", STARTS)
def test_the_share_in_the_register_is_found(found: Mapping[str, Outcome], start: str) -> None:
    assert found[start].share == pytest.approx(0.8, abs=0.02)


def test_all_starts_explain_the_records_equally_well(found: Mapping[str, Outcome]) -> None:
    likelihoods = [outcome.likelihood for outcome in found.values()]
    assert max(likelihoods) - min(likelihoods) < 1e-4


def test_what_was_seen_is_the_number_of_true_pairs(found: Mapping[str, Outcome]) -> None:
    """4,000 records, four in five with a holder, one value in ten missing."""
    seen = found["doubt"].seen
    for name, levels in TRUE.items():
        for label, m in levels.items():
            assert seen[name][label] == pytest.approx(4000 * 0.8 * 0.9 * m, abs=80)


def test_levels_are_named_from_the_best_to_the_worst(found: Mapping[str, Outcome]) -> None:
    assert list(found["doubt"].m["name"]) == ["same", "close", "differ"]


@pytest.mark.parametrize("start", ["doubt", "trust"])
def test_the_likelihood_never_falls(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    """Of the records and of the prior share, which counts as twenty records."""
    reached, share = [], SHARE
    for rounds in range(1, 9):
        monkeypatch.setattr(module, "ROUNDS", rounds)
        outcome = maximise(candidates, COMPARISONS, STARTS[start])
        # The likelihood is that of the weights and the share with which the round began.
        prior = 20 * (SHARE * np.log2(share) + (1 - SHARE) * np.log2(1 - share))
        reached.append(outcome.likelihood + prior / candidates.records)
        share = outcome.share
    assert reached[-1] > reached[0]
    assert (np.diff(reached) > -1e-9).all()


def test_values_that_are_missing_everywhere_change_nothing(
    candidates: Candidates, found: Mapping[str, Outcome]
) -> None:
    blank = compared("blank", Level("same", ""), Level("differ", ""))
    nothing = np.full(len(candidates.record), -1, dtype=np.int64)
    wider = Candidates(
        candidates.record,
        candidates.records,
        {**candidates.levels, "blank": nothing},
        candidates.fixed,
    )
    outcome = maximise(wider, (*COMPARISONS, blank), STARTS["doubt"])
    assert {name: outcome.m[name] for name in TRUE} == found["doubt"].m
    assert outcome.likelihood == found["doubt"].likelihood
    assert set(outcome.seen["blank"].values()) == {0.0}


def test_an_absent_value_is_no_difference() -> None:
    """The true m is found as well where half of the values are missing."""
    outcome = maximise(simulated(missing=0.5), COMPARISONS, STARTS["doubt"])
    assert outcome.m["place"] == pytest.approx(TRUE["place"], abs=0.05)


def sure(levels: int) -> Candidates:
    """A thousand records that all agree with their one candidate."""
    gamma = np.full(1000, levels - 1, dtype=np.int64)
    return Candidates(np.arange(1000), 1000, {"birth": gamma}, np.full(1000, 20.0))


def test_a_level_that_is_never_seen_keeps_its_least() -> None:
    outcome = maximise(sure(2), COMPARISONS[1:2], {})
    assert outcome.m["birth"]["differ"] == pytest.approx(0.02, abs=1e-12)


def test_where_all_are_found_nobody_in_five_hundred_is_still_outside() -> None:
    outcome = maximise(sure(2), COMPARISONS[1:2], {})
    assert 0.99 < outcome.share <= 1 - LEAST_OUTSIDE


def test_records_without_candidates_lower_the_share() -> None:
    given = sure(2)
    twice = Candidates(given.record, 2000, given.levels, given.fixed)
    assert maximise(twice, COMPARISONS[1:2], {}).share == pytest.approx(0.5, abs=0.01)


LEASTS = [0.0003, 0.02, 0.1, 0.3]


@settings(max_examples=100, deadline=None)
@given(
    leasts=st.lists(st.sampled_from(LEASTS), min_size=2, max_size=4).filter(lambda x: sum(x) < 1),
    data=st.data(),
)
def test_no_m_is_below_its_least(leasts: list[float], data: st.DataObject) -> None:
    size = len(leasts)
    labels = [f"level {n}" for n in range(size)]
    one = compared("any", *(Level(t, "", least=f) for t, f in zip(labels, leasts, strict=True)))
    gamma = data.draw(st.lists(st.integers(-1, size - 1), min_size=1, max_size=12))
    start = dict(zip(labels, data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size)),
                     strict=True))  # fmt: skip
    count = len(gamma)
    given_pairs = Candidates(
        np.arange(count), count, {"any": np.array(gamma)}, np.linspace(-5, 15, count)
    )
    m = maximise(given_pairs, (one,), {"any": start}).m["any"]
    assert sum(m.values()) == pytest.approx(1)
    for label, least in zip(labels, leasts, strict=True):
        assert m[label] >= least * (1 - 1e-9)


def test_u_and_frequencies_stand_in_what_is_fixed() -> None:
    """At a weight before comparing of -5: name close (u 0.05), birth missing, frequency 1.5."""
    scored = pl.DataFrame(
        {"idx_l": [7], "tf": [1.5], "gamma_name": [1], "gamma_birth": [-1], "gamma_place": [2]}
    )
    found = candidates_of(scored, COMPARISONS, BY_ACCIDENT, records=3, prior_weight=-5.0)
    assert found.fixed.tolist() == pytest.approx([-5 + 1.5 - np.log2(0.05) - np.log2(0.01)])
    assert found.levels["birth"].tolist() == [-1]
    assert (found.record.tolist(), found.records) == ([0], 3)


# --- a start that counts, groups of records, and settled pairs -------------------------------------


def test_a_start_that_counts_holds_against_few_records() -> None:
    outcome = maximise(simulated(20), COMPARISONS, TRUE, start_records=10_000)
    for name, levels in TRUE.items():
        assert outcome.m[name] == pytest.approx(levels, abs=0.003)


def test_many_records_speak_for_themselves(candidates: Candidates) -> None:
    wrong = {name: dict.fromkeys(ls, 0.05) | {"same": 0.9} for name, ls in TRUE.items()}
    outcome = maximise(candidates, COMPARISONS, wrong, start_records=200)
    for name, levels in TRUE.items():
        assert outcome.m[name] == pytest.approx(levels, abs=0.05)


def test_without_any_record_the_start_stays() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    given = Candidates(nothing, 0, {name: nothing for name in TRUE}, np.zeros(0))
    outcome = maximise(given, COMPARISONS, TRUE, start_records=200)
    for name, levels in TRUE.items():
        assert outcome.m[name] == pytest.approx(levels)


def test_settled_pairs_count_as_sure() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    settled = {"place": np.array([700.0, 0.0, 300.0])}
    states = States(nothing, np.array([1000.0]), np.array([1000.0]), settled)
    given = Candidates(nothing, 1000, {name: nothing for name in TRUE}, np.zeros(0), states)
    outcome = maximise(given, COMPARISONS, TRUE, start_records=1)
    assert outcome.m["place"]["same"] == pytest.approx(0.3, abs=0.002)
    assert outcome.share > 0.99


def test_each_group_of_records_has_a_share_of_its_own() -> None:
    """The same weak candidate is nobody's where the others of its group have none."""
    level = np.zeros(200, dtype=np.int64)
    group = np.repeat([0, 1], 100)
    states = States(group, np.array([100.0, 10_000.0]), np.zeros(2), {})
    given = Candidates(np.arange(200), 10_100, {"birth": level}, np.full(200, 3.0), states)
    outcome = maximise(given, COMPARISONS[1:2], {"birth": {"same": 0.9, "differ": 0.1}})
    both = sum(outcome.seen["birth"].values())
    assert 90 < both < 150
