"""Feedback on links in the work beside runs: explaining, labelling, trying."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linkage import label_pairs, quality_report, run
from linkage.life.append import Decision, append_feedback
from linkage.result import RunResult
from tests.linkage.tables import PEOPLE, REFERENCE_DATE, Row, mapping, sources

LAN, BAO, HAI, NHUNG, *_ = PEOPLE


def sim(record_id: str, person: Row) -> Row:
    return {
        "record_id": record_id,
        "phone": f"091234567{len(record_id)}",
        **{name: person[name] for name in ("full_name", "birth_date", "address")},
        "personal_id": person["person_id"],
    }


RECORDS = {"sim": [sim("r", LAN), sim("wr", BAO), sim("bao", BAO), sim("nhun", NHUNG)]}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A job whose feedback says that r is Lan's and wr is not Bảo's."""
    file = tmp_path_factory.mktemp("feedback") / "feedback.csv"
    day = pl.Series([REFERENCE_DATE]).str.to_date()[0]
    said = {"decided_on": day, "registry": "sim"}
    append_feedback(
        file,
        [
            Decision("right_link", record_id="r", person_id=LAN["person_id"], **said),
            Decision("wrong_link", record_id="wr", person_id=BAO["person_id"], **said),
        ],
    )
    return {**mapping("sim"), "feedback": {"path": str(file)}}


@pytest.fixture(scope="module")
def result(job: dict[str, Any]) -> RunResult:
    return run(job, sources=sources(RECORDS), write=False)


def test_an_explanation_says_that_feedback_decided(result: RunResult) -> None:
    confirmed, refused = (result["sim"].explain(key) for key in ("r", "wr"))
    assert "decided by feedback" in confirmed.text
    assert any(f"is {LAN['person_id']}'s" in note for note in confirmed.notes)
    assert any(f"is not {BAO['person_id']}'s" in note for note in refused.notes)


def test_an_explanation_of_another_record_says_nothing_of_feedback(result: RunResult) -> None:
    assert not result["sim"].explain("bao").notes


def test_pairs_that_feedback_decided_are_not_asked_about_again(
    job: dict[str, Any], tmp_path: Path
) -> None:
    label_pairs(job, "sim", tmp_path / "pairs.csv", sources=sources(RECORDS))
    asked = pl.read_csv(tmp_path / "pairs.csv", infer_schema=False)
    assert set(asked["record_id"]) == {"bao", "nhun"}


def test_records_that_feedback_decided_are_not_tried(job: dict[str, Any]) -> None:
    tried = quality_report(job, sources=sources(RECORDS))["sim"].trial
    assert set(tried.records["record_id"]) == {"bao", "nhun"}
