"""Results: what their short forms show. A notebook stores them beside what it draws."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from linkage.evaluation import evaluate
from linkage.result import RunResult
from tests.linkage.tables import Row, run_literal

NAME = "Nguyễn Thị Lan"
NUMBER = "001190012345"
PHONE = "0912345678"
KEY = "TB-7781"

RECORDS: tuple[Row, ...] = (
    {"record_id": KEY, "phone": PHONE, "full_name": NAME, "birth_date": "12/03/1990",
     "personal_id": NUMBER, "activated_on": "2020-01-01"},
    {"record_id": "TB-7782", "phone": PHONE, "full_name": "Trần Quốc Bảo",
     "birth_date": "29/07/1985", "activated_on": "2020-01-01"},
)  # fmt: skip


@pytest.fixture(scope="module")
def result() -> RunResult:
    """Two SIMs."""
    return run_literal({"sim": RECORDS})


def test_a_run_shows_its_name_and_rows(result: RunResult) -> None:
    assert repr(result) == "<RunResult literal: sim 2 rows>"


def test_a_registry_shows_its_rows_and_flags(result: RunResult) -> None:
    flagged = result["sim"].cases.height
    assert repr(result["sim"]) == f"<RegistryResult sim: 2 rows, {flagged} flagged>"


def test_an_explanation_shows_its_status(result: RunResult) -> None:
    explanation = result["sim"].explain(KEY)
    assert repr(explanation) == "<Explanation sim: linked, 1 candidate>"
    assert NUMBER in str(explanation)


def test_no_short_form_holds_a_personal_value(result: RunResult, tmp_path: Path) -> None:
    truth = pl.DataFrame({"record_id": [KEY, "TB-7782"], "person_id": [NUMBER, "079085004321"]})
    truth.write_parquet(tmp_path / "sim.parquet")
    explanation = result["sim"].explain(KEY)
    evaluation = evaluate(result, tmp_path)
    things = (result, result["sim"], explanation, explanation.chart(), evaluation, [result["sim"]])
    shown = " ".join(map(repr, things))
    for value in (NAME, NUMBER, PHONE, KEY, "TB-7782", "079085004321", "┌"):
        assert value not in shown


def test_an_evaluation_shows_counts(result: RunResult, tmp_path: Path) -> None:
    pl.DataFrame({"record_id": [KEY], "person_id": [NUMBER]}).write_parquet(
        tmp_path / "sim.parquet"
    )
    assert repr(evaluate(result, tmp_path)) == "<Evaluation: sim 1 labelled>"
