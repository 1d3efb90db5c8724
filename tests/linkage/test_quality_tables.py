"""Quality tables over literal trials: strata, blocking, calibration, and the registry's estimate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from linkage.config.models import Thresholds
from linkage.errors import ConfigError
from linkage.quality.blocking import blocking_recall, rule_contributions
from linkage.quality.calibration import Calibration, calibration
from linkage.quality.estimate import (
    measured_wrong_links,
    registry_estimate,
    wrong_without_number,
)
from linkage.quality.strata import bias_table, overall
from linkage.quality.trial import HIDDEN, LABELS, Trial

SCHEMA = {
    "record_id": pl.String, "link_status": pl.String, "person_id": pl.String, "best_id": pl.String,
    "true_person": pl.String, "match_probability": pl.Float64, "sex": pl.String,
    "written": pl.String, "proposed_by": pl.List(pl.String),
}  # fmt: skip


def trial(rows: Sequence[dict[str, Any]], **changes: Any) -> Trial:
    """A trial of literal records."""
    named = [
        {name: row.get(name, f"r{number}" if name == "record_id" else None) for name in SCHEMA}
        for number, row in enumerate(rows)
    ]
    records = pl.DataFrame(named, schema=SCHEMA)
    given = {"source": LABELS, "sampled": len(rows), "population": len(rows)} | changes
    return Trial("sim", records, Thresholds(), **given)


def linked(person: str = "P1", true: str | None = "P1", **more: Any) -> dict[str, Any]:
    """A linked record."""
    return {
        "link_status": "linked",
        "person_id": person,
        "best_id": person,
        "true_person": true,
    } | more


def left(status: str = "unlinked", true: str | None = "P1", **more: Any) -> dict[str, Any]:
    """A record that is not linked."""
    return {"link_status": status, "true_person": true} | more


# --- strata ---------------------------------------------------------------------------------------


def test_overall_counts_wrong_links_and_links_of_nobodys_records() -> None:
    rows = [linked(), linked(true="P2"), linked(true=None), left("review")]
    found = overall(trial(rows)).row(0, named=True)
    assert (found["records"], found["true_links"], found["linked"], found["correct"]) == (
        4,
        3,
        3,
        1,
    )
    assert found["precision"] == pytest.approx(1 / 3)
    assert found["recall"] == pytest.approx(1 / 3)
    assert found["review"] == 0.25
    assert found["wrong_per_10k"] == pytest.approx(20_000 / 3)


def test_strata_have_a_row_each_and_the_unknown_one_too() -> None:
    rows = [linked(sex="male"), left(sex="female"), linked(sex=None)]
    found = bias_table(trial(rows), ["sex"])
    assert found.select("value", "records", "recall").rows() == [
        ("female", 1, 0.0), ("male", 1, 1.0), (None, 1, 1.0),
    ]  # fmt: skip


def test_intervals_of_strata_are_wilsons() -> None:
    rows = [linked(sex="male")] * 8 + [left(sex="male")] * 2
    found = bias_table(trial(rows), ["sex"]).row(0, named=True)
    assert found["recall_low"] == pytest.approx(0.4902, abs=1e-4)
    assert found["recall_high"] == pytest.approx(0.9433, abs=1e-4)


def test_a_stratum_of_few_true_links_is_small() -> None:
    rows = (
        [linked(sex="male")] * 100 + [linked(sex="female")] * 99 + [linked(sex="female", true=None)]
    )
    found = bias_table(trial(rows), ["sex"])
    assert dict(found.select("value", "small").rows()) == {"male": False, "female": True}


def test_a_stratum_that_is_worse_by_far_is_flagged_and_the_other_is_not() -> None:
    rows = [linked(sex="male")] * 500 + [linked(sex="female")] * 400 + [left(sex="female")] * 100
    found = bias_table(trial(rows), ["sex"])
    assert dict(found.select("value", "worse").rows()) == {"male": [], "female": ["recall"]}


def test_more_in_review_is_worse() -> None:
    rows = (
        [left(sex="male")] * 500 + [left("review", sex="female")] * 50 + [left(sex="female")] * 450
    )
    found = bias_table(trial(rows), ["sex"])
    assert dict(found.select("value", "worse").rows()) == {"male": [], "female": ["review"]}


def test_a_difference_that_chance_makes_is_not_flagged() -> None:
    rows = [linked(sex="male")] * 50 + [linked(sex="female")] * 48 + [left(sex="female")] * 2
    assert bias_table(trial(rows), ["sex"])["worse"].to_list() == [[], []]


def test_strata_that_the_trial_lacks_are_left_out() -> None:
    assert bias_table(trial([linked()]), ["no such"]).height == 0


# --- blocking -------------------------------------------------------------------------------------

RULES = [["full_name"], ["birth_date", "sex"], ["phone"]]
PROPOSED = [
    {"proposed_by": ["full_name", "birth_date + sex"]},
    {"proposed_by": ["full_name"]},
    {"proposed_by": []},
    {"proposed_by": ["full_name"]},
    {"proposed_by": None},
]
"""Three found, one missed, one whose person is not known."""


def test_pairs_that_no_rule_proposes_are_counted() -> None:
    found = blocking_recall(trial(PROPOSED)).row(0, named=True)
    assert (found["known"], found["missed"], found["missed_share"]) == (4, 1, 0.25)
    assert found["missed_share_low"] == pytest.approx(0.0456, abs=1e-4)


def test_labels_say_nothing_beyond_their_records() -> None:
    assert blocking_recall(trial(PROPOSED)).height == 1


def test_of_the_registry_only_those_are_missed_whose_number_does_not_find_them() -> None:
    hidden = trial(PROPOSED, source=HIDDEN, population=90, registered=100)
    found = blocking_recall(hidden)
    assert found["missed_share"].to_list() == pytest.approx([0.25, 0.025])
    assert found["missed_share_high"][1] == pytest.approx(found["missed_share_high"][0] / 10)


def test_each_rule_finds_and_finds_alone() -> None:
    found = rule_contributions(trial(PROPOSED), RULES)
    assert found.select("rule", "found", "found_share", "alone", "alone_share").rows() == [
        ("full_name", 3, 0.75, 2, 0.5),
        ("birth_date + sex", 1, 0.25, 0, 0.0),
        ("phone", 0, 0.0, 0, 0.0),
    ]


def test_a_trial_without_proposals_is_refused() -> None:
    bare = trial([linked()])
    lacking = Trial("sim", bare.records.drop("proposed_by"), bare.thresholds, LABELS, 1, 1)
    with pytest.raises(ConfigError, match="rules=True"):
        blocking_recall(lacking)


# --- calibration ----------------------------------------------------------------------------------


def scored(probability: float, *, right: bool) -> dict[str, Any]:
    """A best candidate with its probability."""
    return {
        "best_id": "P1",
        "true_person": "P1" if right else "P2",
        "match_probability": probability,
    }


def error(found: Calibration, over: str) -> float:
    """Expected calibration error of one range."""
    return float(found.errors.row(by_predicate=pl.col("over") == over, named=True)["error"])


def test_probabilities_that_come_true_have_no_error() -> None:
    rows = [scored(0.75, right=True)] * 3 + [scored(0.75, right=False)]
    assert error(calibration(trial(rows)), "all") == 0.0


def test_the_error_is_the_mean_distance_weighted_by_candidates() -> None:
    rows = [scored(1.0, right=True)] * 6 + [scored(0.8, right=False)] + [scored(0.35, right=True)]
    found = calibration(trial(rows))
    assert error(found, "all") == pytest.approx((0.8 + 0.65) / 8)
    assert error(found, "0.01 to 0.99") == pytest.approx((0.8 + 0.65) / 2)


def test_too_sure_and_not_sure_enough_do_not_cancel_across_bins() -> None:
    rows = [scored(0.75, right=False), scored(0.25, right=True)]
    assert error(calibration(trial(rows)), "all") == pytest.approx(0.75)


def test_bins_hold_their_lower_end_and_the_last_one_holds_one() -> None:
    found = calibration(trial([scored(0.5, right=True), scored(1.0, right=True)])).bins
    held = found.filter(pl.col("candidates") > 0)
    assert held.select("low", "high").rows() == [(0.5, 0.6), (0.9999, 1.0)]


def test_records_without_a_candidate_do_not_count() -> None:
    rows = [scored(0.5, right=True), left()]
    assert calibration(trial(rows)).errors["candidates"].to_list() == [1, 1]


def test_no_candidates_no_error() -> None:
    found = calibration(trial([left()]))
    assert found.errors["error"].to_list() == [None, None]
    assert found.bins["share"].null_count() == found.bins.height
    assert "<svg" in found.chart().svg


def test_the_interval_holds_the_error_and_narrows_with_more_records() -> None:
    few = [scored(0.7, right=True)] * 4 + [scored(0.7, right=False)] * 6
    widths = []
    for rows in (few, few * 25):
        row = calibration(trial(rows)).errors.row(0, named=True)
        assert row["error_low"] <= row["error"] <= row["error_high"]
        widths.append(row["error_high"] - row["error_low"])
    assert widths[1] < widths[0] / 3


def test_chance_alone_shows_an_error_where_records_are_few() -> None:
    row = calibration(trial([scored(0.5, right=True)] * 4)).errors.row(0, named=True)
    # four coins: 2 heads 6 times in 16, 1 or 3 of them 8 times, none or all twice
    assert row["chance"] == pytest.approx(8 / 16 * 0.25 + 2 / 16 * 0.5, abs=0.01)
    assert row["chance_most"] == 0.5


def test_what_chance_shows_shrinks_with_the_square_root_of_the_records() -> None:
    rows = [scored(p, right=True) for p in (0.15, 0.35, 0.55, 0.75)]
    few, many = (calibration(trial(rows * n)).errors.row(1, named=True) for n in (25, 2_500))
    assert many["chance"] == pytest.approx(few["chance"] / 10, rel=0.05)
    assert many["chance_most"] == pytest.approx(few["chance_most"] / 10, rel=0.1)


def test_a_score_that_is_right_as_often_as_it_says_lies_within_chance_and_a_wrong_one_beyond() -> (
    None
):
    said = [scored(0.8, right=n % 5 > 0) for n in range(200)]
    boasted = [scored(0.8, right=n % 2 > 0) for n in range(200)]
    for rows, beyond in ((said, False), (boasted, True)):
        row = calibration(trial(rows)).errors.row(1, named=True)
        assert (row["error"] > row["chance_most"]) is beyond


def test_sure_links_that_are_right_show_next_to_nothing_by_chance() -> None:
    rows = [scored(1.0, right=True)] * 10
    assert calibration(trial(rows)).errors["chance_most"].to_list() == [0.0, None]


def test_the_diagram_shows_every_bin_that_holds_candidates() -> None:
    rows = [scored(0.3, right=True), scored(0.7, right=True), scored(1.0, right=True)]
    assert calibration(trial(rows)).chart().svg.count("<circle") == 3


# --- the registry as a whole ----------------------------------------------------------------------


def estimate(tried: Trial) -> dict[str, tuple[float, float, float]]:
    """Measure to value, low and high."""
    return {name: (value, low, high) for name, value, low, high in registry_estimate(tried).rows()}


def rest(**kinds: int) -> pl.DataFrame:
    """How the other records are written."""
    schema = {"written": pl.String, "records": pl.Int64}
    return pl.DataFrame(list(kinds.items()), schema=schema, orient="row")


def test_known_records_count_as_right_and_the_rest_as_tried() -> None:
    rows = [linked(written="full")] * 90 + [left(written="full")] * 10
    tried = trial(rows, source=HIDDEN, population=900, registered=1000, rest=rest(full=100))
    value, low, high = estimate(tried)["recall"]
    assert value == pytest.approx(0.99)  # 900 of 900, and 90 of 100
    assert low < 0.99 < high


def test_the_rest_is_weighted_by_how_it_is_written() -> None:
    rows = [linked(written="full")] * 80 + [left(written="no day")] * 20
    tried = trial(
        rows, source=HIDDEN, population=0, registered=100, rest=rest(full=50, **{"no day": 50})
    )
    assert estimate(tried)["recall"][0] == pytest.approx(0.5)


def test_a_kind_that_was_hardly_tried_is_told_by_all() -> None:
    rows = [linked(written="full")] * 75 + [left(written="full")] * 25
    tried = trial(rows, source=HIDDEN, population=0, registered=100, rest=rest(initials=100))
    assert estimate(tried)["recall"][0] == pytest.approx(0.75)


def test_links_of_absent_holders_are_wrong() -> None:
    rows = [linked()] * 90 + [linked(true=None)] * 5 + [left(true=None)] * 5
    tried = trial(
        rows, source=HIDDEN, population=800, registered=1000, absent=0.1, rest=rest(full=200)
    )
    # 800 known, 100 absent of which half are linked, 100 others that are all linked
    assert estimate(tried)["wrong_per_10k"][0] == pytest.approx(10_000 * 50 / 950)
    assert estimate(tried)["precision"][0] == pytest.approx(900 / 950)


def test_labels_of_all_records_give_their_own_figures() -> None:
    rows = [linked()] * 97 + [linked(true="P2")] + [left()] * 2
    found = estimate(trial(rows, registered=100))
    assert found["precision"][0] == pytest.approx(97 / 98)
    assert found["recall"][0] == pytest.approx(0.97)


def test_no_wrong_link_seen_still_leaves_an_upper_bound() -> None:
    found = measured_wrong_links(trial([linked()] * 1000, registered=1000))
    assert (found["entries"], found["per_10k"], found["low"]) == (1000, 0.0, 0.0)
    assert found["high"] == pytest.approx(38.3, abs=0.1)


def test_links_without_a_number_are_measured_apart_from_those_with_one() -> None:
    rows = [linked(written="full")] * 95 + [linked("P2", written="full")] * 5
    tried = trial(rows, source=HIDDEN, population=9_900, registered=10_000, rest=rest(full=100))
    share, low, high = wrong_without_number(tried)
    assert share == pytest.approx(0.05)
    assert low is not None
    assert high is not None
    assert 0 < low < 0.05 < high < 0.12
    assert estimate(tried)["wrong_per_10k"][0] == pytest.approx(5.0)  # of the registry as a whole


def test_holders_whom_the_register_lacks_weigh_as_in_the_registry() -> None:
    rows = [linked(written="full")] * 90 + [linked("P2", None, written="full")] * 10
    tried = trial(
        rows, source=HIDDEN, population=900, registered=1000, rest=rest(full=100), absent=0.05
    )
    assert wrong_without_number(tried)[0] == pytest.approx(0.5)  # 50 of the 100 without a number


def test_nothing_is_measured_where_nothing_is_linked() -> None:
    tried = trial([left()] * 30, source=HIDDEN, population=900, registered=1000)
    assert wrong_without_number(tried) == (None, None, None)
