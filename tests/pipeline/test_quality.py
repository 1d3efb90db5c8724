"""Quality of the sample job: what hidden numbers let expect, beside what the truth says."""

from __future__ import annotations

import pytest

from linkage.quality.report import QualityReport, quality_report
from linkage.quality.trial import HIDDEN, LABELS
from tests.pipeline.conftest import JOB, SAMPLE

pytestmark = [pytest.mark.slow, pytest.mark.long]

ALL = ("driver_licence", "health_insurance", "vehicle", "sim")


@pytest.fixture(scope="module")
def expected() -> QualityReport:
    """Without labels."""
    return quality_report(JOB, sample=8_000)


@pytest.fixture(scope="module")
def actual() -> QualityReport:
    """With the truth in hand."""
    return quality_report(JOB, truth=SAMPLE / "truth")


def figure(report: QualityReport, name: str, measure: str) -> tuple[float, float, float]:
    """Value, low and high of one measure of a registry."""
    row = report.summary.filter(registry=name, measure=measure).row(0)
    return float(row[2]), float(row[3]), float(row[4])


def test_every_registry_is_tried_in_the_order_of_the_job(
    expected: QualityReport, actual: QualityReport
) -> None:
    assert tuple(expected) == tuple(actual) == ALL
    assert {quality.trial.source for quality in expected.values()} == {HIDDEN}
    assert {quality.trial.source for quality in actual.values()} == {LABELS}


@pytest.mark.parametrize("name", ALL)
def test_the_expected_share_of_wrong_links_holds_the_true_one(
    expected: QualityReport, actual: QualityReport, name: str
) -> None:
    _, low, high = figure(expected, name, "wrong_per_10k")
    _, true_low, true_high = figure(actual, name, "wrong_per_10k")
    assert low <= true_high
    assert true_low <= high


@pytest.mark.parametrize("name", ALL)
def test_the_expected_recall_errs_on_the_safe_side_and_not_by_much(
    expected: QualityReport, actual: QualityReport, name: str
) -> None:
    value, low, _ = figure(expected, name, "recall")
    true, _, true_high = figure(actual, name, "recall")
    assert low <= true_high
    assert abs(value - true) < (0.02 if name == "vehicle" else 0.002)


@pytest.mark.parametrize("name", ALL)
def test_a_hidden_number_is_right_about_its_holder(
    expected: QualityReport, actual: QualityReport, name: str
) -> None:
    told = expected[name].trial.records.select("record_id", "true_person").drop_nulls()
    truth = actual[name].trial.records.select("record_id", "true_person")
    both = told.join(truth, on="record_id", suffix="_actual")
    wrong = both.filter(both["true_person"].ne_missing(both["true_person_actual"])).height
    assert both.height > 3_000
    assert wrong <= both.height / 10_000


def test_reports_show_counts_and_no_person(expected: QualityReport) -> None:
    people = expected["sim"].trial.records["true_person"].drop_nulls()[:200].to_list()
    shown = expected._repr_html_() + repr(expected)
    assert "<svg" in shown
    assert not [person for person in people if person in shown]
