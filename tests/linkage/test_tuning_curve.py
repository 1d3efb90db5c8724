"""Curves and choices: what becomes of a trial's records at other thresholds."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.config.models import Thresholds
from linkage.errors import ConfigError
from linkage.quality.trial import Trial
from linkage.tuning.choose import (
    Costs,
    by_cost,
    by_precision,
    cost_curve,
    records_needed,
)
from linkage.tuning.curve import LINKS, at, curve, status_at, with_pair_probability, with_thresholds

SCHEMA = {
    "record_id": pl.String, "link_status": pl.String, "person_id": pl.String,
    "best_id": pl.String, "true_person": pl.String, "match_weight": pl.Float64,
    "match_probability": pl.Float64, "runner_up_margin": pl.Float64, "decided_by": pl.String,
}  # fmt: skip


def trial(
    rows: list[tuple[float | None, bool | None]],
    *,
    margins: list[float | None] | None = None,
    limits: Thresholds | None = None,
    weights: list[float] | None = None,
) -> Trial:
    """A trial of (probability, right: true, false, or None for nobody's) in the model's hands."""
    limits = limits or Thresholds()
    frame = pl.DataFrame(
        [
            {
                "record_id": f"r{n}",
                "best_id": None if probability is None else "p",
                "true_person": {True: "p", False: "q", None: None}[right],
                "match_weight": None
                if probability is None
                else min(math.log2(probability / (1 - probability)), 40.0),
                "match_probability": probability,
                "runner_up_margin": margins[n] if margins else None,
                "decided_by": "none" if probability is None else "model",
            }
            for n, (probability, right) in enumerate(rows)
        ],
        schema=SCHEMA,
    )
    frame = with_pair_probability(frame).with_columns(link_status=status_at(limits))
    frame = frame.with_columns(person_id=pl.when(pl.col("link_status") == "linked").then("best_id"))
    if weights:
        frame = frame.with_columns(weight=pl.Series(weights))
    return Trial("sim", frame, limits, "labels", frame.height, frame.height)


def measured(given: Trial, link: float, **changes: float) -> dict[str, Any]:
    return at(curve(given, links=[link], **changes), link)


# --- curves ---------------------------------------------------------------------------------------


def test_precision_is_of_links_and_recall_of_records_with_a_person() -> None:
    row = measured(trial([(0.999, True), (0.999, False), (0.4, True), (0.999, None)]), 0.9)
    assert (row["linked"], row["correct"], row["wrong"]) == (3, 1, 2)
    assert row["precision"] == pytest.approx(1 / 3)
    assert row["recall"] == pytest.approx(1 / 3)
    assert row["wrong_per_10k"] == pytest.approx(20_000 / 3)


def test_what_falls_below_the_threshold_goes_to_review() -> None:
    given = trial([(0.95, True), (0.02, True)])
    assert measured(given, 0.9)["review"] == 0
    assert measured(given, 0.99)["review"] == pytest.approx(1 / 2)


def test_a_runner_up_too_close_keeps_a_record_in_review() -> None:
    given = trial([(0.9999, True), (0.9999, True)], margins=[1.0, 5.0])
    assert measured(given, 0.9)["linked"] == 1
    assert measured(given, 0.9, margin=0.0)["linked"] == 2
    assert measured(given, 0.9, margin=6.0)["linked"] == 0


@pytest.mark.parametrize(
    ("status", "decided_by", "linked"),
    [("linked", "exact:personal_id", 1), ("review", "model", 0), ("unlinked", "feedback", 0)],
)
def test_what_thresholds_did_not_decide_they_do_not_change(
    status: str, decided_by: str, linked: int
) -> None:
    given = trial([(0.995, True)])
    frame = given.records.with_columns(
        link_status=pl.lit(status), decided_by=pl.lit(decided_by)
    )  # a borrowed number: review although probability and margin are high
    fixed = Trial("sim", frame, given.thresholds, "labels", 1, 1)
    assert [measured(fixed, link)["linked"] for link in (0.5, 0.999)] == [linked] * 2


def test_intervals_hold_the_shares() -> None:
    row = measured(trial([(0.999, True)] * 98 + [(0.999, False)] * 2), 0.9)
    assert row["precision_low"] == pytest.approx(0.93, abs=0.001)
    assert row["precision_high"] == pytest.approx(0.9945, abs=0.0005)


def test_weights_count_as_the_records_that_they_stand_for() -> None:
    row = measured(trial([(0.999, True), (0.999, False)], weights=[3.0, 1.0]), 0.9)
    assert row["precision"] == pytest.approx(0.75)
    assert row["effective_links"] == pytest.approx(16 / 10)


def test_a_threshold_without_links_has_no_precision() -> None:
    row = measured(trial([(0.6, True)]), 0.99)
    assert (row["precision"], row["precision_low"], row["recall"]) == (None, None, 0.0)


def test_records_without_candidate_are_missed() -> None:
    assert measured(trial([(None, True), (0.999, True)]), 0.9)["recall"] == pytest.approx(0.5)


def test_the_review_threshold_is_never_above_link() -> None:
    limits = with_thresholds(Thresholds(link=0.99, review=0.8), link=0.6)
    assert (limits.link, limits.review) == (0.6, 0.6)


RECORDS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(0.001, 0.99999)),
        st.sampled_from([True, False, None]),
        st.one_of(st.none(), st.floats(0, 20)),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25, deadline=None)
@given(RECORDS)
def test_stricter_thresholds_link_fewer_and_find_fewer(
    rows: list[tuple[float | None, bool | None, float | None]],
) -> None:
    given_ = trial([(p, right) for p, right, _ in rows], margins=[m for *_, m in rows])
    drawn = curve(given_)
    assert drawn["link"].is_sorted()
    assert drawn["linked"].is_sorted(descending=True)
    assert drawn["recall"].drop_nulls().is_sorted(descending=True)
    for name in ("precision", "recall", "review"):
        known = drawn.drop_nulls(name)
        assert known.filter(
            (pl.col(f"{name}_low") > pl.col(name)) | (pl.col(f"{name}_high") < pl.col(name))
        ).is_empty()


@settings(max_examples=15, deadline=None)
@given(RECORDS)
def test_the_curve_at_the_threshold_in_force_is_what_the_run_decided(
    rows: list[tuple[float | None, bool | None, float | None]],
) -> None:
    given_ = trial([(p, right) for p, right, _ in rows], margins=[m for *_, m in rows])
    row = at(curve(given_), given_.thresholds.link)
    statuses = given_.records["link_status"].to_list()
    assert row["linked"] == statuses.count("linked")
    assert row["review"] == pytest.approx(statuses.count("review") / len(statuses))


# --- choices --------------------------------------------------------------------------------------


def mixed(right: int, *, wrong_below: float, wrong: int) -> Trial:
    """Many sure links that are right, and wrong ones just below a probability."""
    return trial([(0.99999, True)] * right + [(wrong_below - 0.001, False)] * wrong)


def test_the_lowest_threshold_that_keeps_the_precision_is_chosen() -> None:
    choice = by_precision(mixed(4000, wrong_below=0.9, wrong=50), 0.999)
    assert choice.reached
    assert choice.thresholds.link == 0.9


def test_the_lower_bound_must_reach_it_not_the_share() -> None:
    given_ = trial([(0.99999, True)] * 1998 + [(0.99999, False)] * 2)  # 0.999 as counted
    choice = by_precision(given_, 0.999)
    assert not choice.reached
    assert choice.thresholds.link == given_.thresholds.link


def test_too_few_links_are_told_from_bad_ones() -> None:
    few = by_precision(trial([(0.99999, True)] * 100), 0.999)
    assert not few.reached
    assert "too few links" in few.why
    assert "3,838" in few.why
    bad = by_precision(trial([(0.99999, True)] * 9000 + [(0.99999, False)] * 900), 0.999)
    assert "no threshold reaches 0.999" in bad.why


def test_thresholds_below_the_first_that_fails_are_not_looked_at() -> None:
    # wrong ones at 0.95, then so many right ones at 0.6 that the share recovers
    rows = [(0.99999, True)] * 4000 + [(0.951, False)] * 20 + [(0.61, True)] * 60_000
    choice = by_precision(trial(rows), 0.999)
    assert choice.thresholds.link == 0.96


@pytest.mark.parametrize("wanted", [1.0, 0.0, 99.9, float("nan")])
def test_precisions_that_cannot_be_shown_are_refused(wanted: float) -> None:
    with pytest.raises(ConfigError, match="cannot be asked for"):
        by_precision(trial([(0.999, True)]), wanted)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(LINKS), st.integers(0, 600), st.integers(0, 3)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([0.9, 0.99, 0.995]),
)
def test_a_choice_never_violates_the_bound(
    bands: list[tuple[float, int, int]], wanted: float
) -> None:
    rows = [
        (link, right) for link, good, bad in bands
        for right, count in ((True, good), (False, bad)) for _ in range(count)
    ]  # fmt: skip
    if not rows:
        return
    given_ = trial(rows)
    choice = by_precision(given_, wanted)
    row = at(curve(given_), choice.thresholds.link)
    assert choice.row == row
    assert choice.reached is bool(choice.reached and row["precision_low"] >= wanted)


def test_the_number_of_links_needed_is_enough_and_not_too_many() -> None:
    needed = records_needed(0.999)
    assert measured(trial([(0.999, True)] * needed), 0.9)["precision_low"] >= 0.999
    assert measured(trial([(0.999, True)] * (needed - 1)), 0.9)["precision_low"] < 0.999


# --- costs ----------------------------------------------------------------------------------------


def test_cost_counts_wrong_missed_and_reviewed_records() -> None:
    given_ = trial([(0.999, False), (0.01, True), (0.6, True), (0.999, True)])
    row = cost_curve(given_, Costs(wrong=20, missed=1, review=0.2), links=[0.9]).row(0, named=True)
    assert row["wrong"] == pytest.approx(10_000 * 20 / 4)
    assert row["missed"] == pytest.approx(10_000 * 1 / 4)
    assert row["review"] == pytest.approx(10_000 * 0.2 / 4)
    assert row["cost"] == pytest.approx(row["wrong"] + row["missed"] + row["review"])


def test_dear_mistakes_ask_for_strict_thresholds() -> None:
    rows = [(0.999, True)] * 500 + [(0.93, True)] * 200 + [(0.93, False)] * 20
    dear = by_cost(trial(rows), Costs(wrong=100, missed=1, review=0.2)).thresholds
    cheap = by_cost(trial(rows), Costs(wrong=1, missed=5, review=2)).thresholds
    assert dear.link > 0.93 >= cheap.link


def test_of_thresholds_as_good_as_each_other_the_strictest_is_taken() -> None:
    choice = by_cost(trial([(0.9992, True)] * 50), Costs())
    assert choice.thresholds.link == 0.9992


def test_cheap_reviews_are_made_for_less() -> None:
    rows = [(0.9999, True)] * 50 + [(0.06, True)] * 5 + [(0.06, False)] * 70
    cheap = by_cost(trial(rows), Costs(wrong=20, missed=1, review=0.001)).thresholds
    dear = by_cost(trial(rows), Costs(wrong=20, missed=1, review=5)).thresholds
    assert cheap.review <= 0.06 < dear.review


@pytest.mark.parametrize("costs", [{"wrong": -1}, {"wrong": 0, "missed": 0, "review": 0}])
def test_costs_that_mean_nothing_are_refused(costs: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="costs say nothing"):
        Costs(**costs)


@settings(max_examples=15, deadline=None)
@given(RECORDS, st.floats(1, 100), st.floats(0.1, 10), st.floats(0.01, 2))
def test_no_threshold_is_cheaper_beyond_doubt(
    rows: list[tuple[float | None, bool | None, float | None]],
    wrong: float,
    missed: float,
    review: float,
) -> None:
    given_ = trial([(p, right) for p, right, _ in rows], margins=[m for *_, m in rows])
    costs = Costs(wrong, missed, review)
    drawn = cost_curve(given_, costs)
    chosen = by_cost(given_, costs).thresholds.link
    row = at(drawn, chosen)
    assert row["extra"] <= row["extra_error"] + 1e-6
    assert drawn["cost"].min() == pytest.approx(row["cost"] - row["extra"])
