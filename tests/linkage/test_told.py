"""What people said of links: a refused pair is never linked or proposed, a confirmed one stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linkage import RunResult, run
from linkage.errors import SourceError
from tests.linkage.tables import PEOPLE, Row, mapping, rows_by, sources

REGISTRY = "driver_licence"
LAN, BAO, _, NHUNG, NHI, MINH, OTHER_MINH, _ = PEOPLE
HEAD = "case_id,registry,record_id,person_id,decision,decided_on,note\n"


def record(record_id: str, person: Row, **changes: Any) -> Row:
    kept = {name: person[name] for name in ("full_name", "birth_date", "sex", "address")}
    return {"record_id": record_id, "personal_id": person["person_id"], **kept, **changes}


def said(decision: str, record_id: str, person: Row, day: int = 1) -> str:
    return f",{REGISTRY},{record_id},{person['person_id']},{decision},2026-10-{day:02},\n"


def run_with(tmp_path: Path, records: list[Row], *lines: str) -> RunResult:
    path = tmp_path / "feedback.csv"
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    made = {REGISTRY: records}
    job = {**mapping(*made, out=str(tmp_path / "out")), "feedback": {"path": str(path)}}
    return run(job, sources=sources(made))


def linked(result: RunResult) -> dict[str, tuple[str | None, str]]:
    rows = rows_by(result[REGISTRY].records)
    return {key: (row["person_id"], row["decided_by"]) for key, row in rows.items()}


def proposed(result: RunResult) -> set[tuple[str, str]]:
    """Pairs that a list shows."""
    review = result[REGISTRY].review.select("record_id", "candidate_id").rows()
    records = result[REGISTRY].records
    return {*review, *records.select("record_id", "runner_up_id").rows()}


RECORDS = [
    record("exact", LAN),
    record("model", BAO, personal_id="079085004322"),
    record("doubt", MINH, personal_id=None, address=None),
    record("twin", NHUNG, personal_id=None, full_name="Lê Thị Hồng Nh"),
]


def test_a_refused_link_is_undone_and_stays_undone(tmp_path: Path) -> None:
    before = linked(run_with(tmp_path, RECORDS))
    assert before["exact"][0] == LAN["person_id"]
    assert before["model"] == (BAO["person_id"], "model")
    refused = [said("wrong_link", "exact", LAN), said("wrong_link", "model", BAO)]
    for _ in range(2):
        result = run_with(tmp_path, RECORDS, *refused)
        rows = rows_by(result[REGISTRY].records)
        assert [rows[key]["person_id"] for key in ("exact", "model")] == [None, None]
        assert all("REFUSED_LINK" in rows[key]["reasons"] for key in ("exact", "model"))
        assert not proposed(result) & {
            ("exact", LAN["person_id"]), ("model", BAO["person_id"]),
        }  # fmt: skip
    assert result[REGISTRY].corrections.filter(record_id="model")["status"].unique().to_list() == [
        "resolved"
    ]


def test_a_refused_link_makes_no_junk(tmp_path: Path) -> None:
    result = run_with(tmp_path, RECORDS, said("wrong_link", "exact", LAN))
    assert result[REGISTRY].cases.filter(record_id="exact").height == 0


def test_a_refused_candidate_is_not_shown_for_review(tmp_path: Path) -> None:
    pair = ("doubt", MINH["person_id"])
    assert pair in proposed(run_with(tmp_path, RECORDS))
    result = run_with(tmp_path, RECORDS, said("wrong_link", "doubt", MINH))
    assert pair not in proposed(result)
    assert linked(result)["doubt"][0] in (None, OTHER_MINH["person_id"])


def test_a_confirmed_link_is_kept_whatever_the_model_says(tmp_path: Path) -> None:
    before = linked(run_with(tmp_path, RECORDS))
    assert before["doubt"][0] is None
    result = run_with(
        tmp_path, RECORDS,
        said("right_link", "doubt", OTHER_MINH), said("right_link", "exact", BAO),
    )  # fmt: skip
    after = rows_by(result[REGISTRY].records)
    for key, person in (("doubt", OTHER_MINH), ("exact", BAO)):
        assert after[key]["person_id"] == person["person_id"]
        assert after[key]["decided_by"] == "feedback"
        assert after[key]["match_probability"] == 1
        assert after[key]["reasons"] == ["CONFIRMED_LINK"]
    assert linked(result)["model"] == before["model"]


def test_what_is_said_of_one_registry_is_said_of_it_alone(tmp_path: Path) -> None:
    other = f",vehicle,exact,{LAN['person_id']},wrong_link,2026-10-01,\n"
    result = run_with(tmp_path, RECORDS, other)
    assert linked(result)["exact"][0] == LAN["person_id"]
    assert result.manifest["feedback"]["outcomes"] == {"unknown_registry": 1}


def test_every_line_is_counted_and_no_value_is_told(tmp_path: Path) -> None:
    result = run_with(
        tmp_path, RECORDS,
        said("wrong_link", "exact", LAN), said("wrong_link", "nobody", LAN),
        said("right_link", "exact", {"person_id": "999999999999"}),
        "one,two\n",
    )  # fmt: skip
    assert result.manifest["feedback"]["outcomes"] == {
        "applied": 1, "unknown_record": 1, "unknown_person": 1, "unreadable": 1,
    }  # fmt: skip
    assert len(result.manifest["warnings"]) >= 3
    assert "999999999999" not in str(result.manifest["warnings"])
    decisions = pl.read_parquet(tmp_path / "out" / "decisions.parquet")
    assert decisions["row"].to_list() == [1, 2, 3, 4]


def test_an_organisation_has_no_link_to_confirm(tmp_path: Path) -> None:
    company = record("firm", LAN, full_name="Công ty TNHH Hoa Sen", personal_id=None)
    result = run_with(tmp_path, [company], said("right_link", "firm", LAN))
    assert rows_by(result[REGISTRY].records)["firm"]["link_status"] == "not_applicable"
    assert result.manifest["feedback"]["outcomes"] == {"not_a_person": 1}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "no such file"), ("case_id,decision\n", "registry"), ("", "the file is empty")],
)
def test_a_feedback_file_that_cannot_be_read_stops_the_run(
    tmp_path: Path, content: str | None, complaint: str
) -> None:
    path = tmp_path / "feedbak.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    job = {**mapping(REGISTRY, out=str(tmp_path / "out")), "feedback": {"path": str(path)}}
    with pytest.raises(SourceError, match=complaint):
        run(job, sources=sources({REGISTRY: RECORDS}))
    assert not (tmp_path / "out").exists()


def test_feedback_is_relative_to_the_job(tmp_path: Path) -> None:
    from linkage.config import load_job

    (tmp_path / "job.yaml").write_text(
        "job: j\npurpose: p\nreference_date: 2026-10-01\n"
        "population: {columns: {person_id: person_id, full_name: n, birth_date: d}}\n"
        "registries: {sim: {columns: {full_name: n}}}\n"
        "output: {path: out}\nfeedback: {path: said.csv}\n",
        encoding="utf-8",
    )
    feedback = load_job(tmp_path / "job.yaml").config.feedback
    assert feedback is not None
    assert feedback.path == tmp_path.resolve() / "said.csv"
