"""Explanations: what they say of literal records, and of a run whose inputs have changed since."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from linkage import run
from linkage.errors import ConfigError
from linkage.explain import Explanation
from linkage.result import RunResult, open_run
from tests.linkage.tables import Row, mapping, run_literal, sources

LAN: Row = {
    "record_id": "a",
    "phone": "0912345678",
    "full_name": "NGUYEN THI LAN",
    "birth_date": "12/03/1990",
    "personal_id": "001190012345",
    "activated_on": "2020-01-01",
}
LAN_BY_OLD_NUMBER: Row = {**LAN, "record_id": "b", "personal_id": "011987654"}
STRANGER: Row = {
    "record_id": "c",
    "phone": "0912345679",
    "full_name": "Hồ Quỳnh Xuyến",
    "birth_date": "01/02/1933",
    "activated_on": "2020-01-01",
}
COMPANY: Row = {
    "record_id": "d",
    "plate": "51G-123.45",
    "full_name": "CÔNG TY TNHH MINH PHÁT",
    "registered_on": "2020-01-01",
}


@pytest.fixture(scope="module")
def result() -> RunResult:
    """Three SIMs and a vehicle."""
    return run_literal({"sim": [LAN, LAN_BY_OLD_NUMBER, STRANGER], "vehicle": [COMPANY]})


def level(explanation: Explanation, comparison: str) -> str:
    return str(explanation.fields.row(by_predicate=_of(comparison), named=True)["level"])


def _of(comparison: str) -> pl.Expr:
    return (pl.col("comparison") == comparison) & (pl.col("rank") == 1)


# --- what it says ---------------------------------------------------------------------------------


def test_the_weights_add_up_to_the_match_weight(result: RunResult) -> None:
    found = result["sim"].explain("a")
    best = found.candidates.row(0, named=True)
    own = sum(found.fields.filter(rank=1)["weight"].to_list())
    of_her_age = result.manifest["registries"]["sim"]["model"]["bits_of_holders"]["1990 female"]
    prior = found.prior_weight + of_her_age
    assert prior + own == pytest.approx(best["match_weight"])
    assert f"match weight {best['match_weight']:+.1f} = prior {prior:+.1f} +" in found.text


def test_a_present_number_is_just_the_same(result: RunResult) -> None:
    assert level(result["sim"].explain("a"), "personal_id") == "same number"


def test_an_old_number_is_said_to_be_one(result: RunResult) -> None:
    assert level(result["sim"].explain("b"), "personal_id") == "same number (an old one)"


def test_a_record_without_candidates_shows_its_own_values(result: RunResult) -> None:
    text = result["sim"].explain("c").text
    assert "nobody shares a blocking key" in text
    assert "full_name: Hồ Quỳnh Xuyến" in text
    assert "personal_id: -" in text


def test_organisations_are_not_looked_for(result: RunResult) -> None:
    found = result["vehicle"].explain("d")
    assert "organisations are not looked for among people" in found.text
    assert "blocking key" not in found.text
    assert "organisations are not looked for among people" in found._repr_html_()


def test_a_chart_without_candidates_has_the_prior_alone(result: RunResult) -> None:
    assert "prior" in result["sim"].explain("c").chart().svg


# --- which record ---------------------------------------------------------------------------------


def test_a_key_may_be_given_as_a_number() -> None:
    found = run_literal({"sim": [{**LAN, "record_id": "5"}]})["sim"].explain(5)
    assert found.disposition["record_id"] == "5"


@pytest.mark.parametrize("key", [79088001234, None, "079088001234", 1.5])
def test_an_unknown_key_is_not_repeated(result: RunResult, key: object) -> None:
    with pytest.raises(ConfigError, match="no record of this id") as caught:
        result["sim"].explain(key)
    assert "79088001234" not in str(caught.value)


# --- what has changed since the run ---------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job file with its sources and its finished run in ``out``."""
    for name, frame in sources({"sim": [LAN, STRANGER]}).items():
        frame.write_csv(tmp_path / f"{name}.csv")
    job = mapping("sim", sim={"source": {"path": "sim.csv"}})
    job["population"]["source"] = {"path": "population.csv"}
    (tmp_path / "job.yaml").write_text(json.dumps(job), encoding="utf-8")
    run(tmp_path / "job.yaml")
    return tmp_path


def explained(folder: Path) -> Explanation:
    return open_run(folder / "out")["sim"].explain("a")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_nothing_changed_nothing_noted(folder: Path) -> None:
    assert explained(folder).notes == ()


def test_a_changed_job_is_noted_first(folder: Path) -> None:
    edit(folder / "job.yaml", '"a test"', '"another test"')
    found = explained(folder)
    note = "note: the job or a declaration has changed since the run; scored with the present one"
    assert found.text.splitlines()[0] == note
    assert found._repr_html_().startswith(f"<p>{note}</p>")
    assert found.candidates.height == 1


def test_a_changed_source_is_noted(folder: Path) -> None:
    edit(folder / "sim.csv", "1933", "1934")
    assert explained(folder).text.startswith("note: the source has changed since the run\n")


def test_a_changed_register_is_noted(folder: Path) -> None:
    edit(folder / "population.csv", "1995-01-23", "1995-01-24")
    assert explained(folder).notes == ("the population register has changed since the run",)


def test_a_removed_job_cannot_explain(folder: Path) -> None:
    (folder / "job.yaml").unlink()
    with pytest.raises(ConfigError, match="found: no job file"):
        explained(folder)


def test_a_broken_job_leaves_the_lists_readable(folder: Path) -> None:
    (folder / "job.yaml").write_text("job: x\n", encoding="utf-8")
    assert open_run(folder / "out")["sim"].records.height == 2
    with pytest.raises(ConfigError, match="a job file with errors"):
        explained(folder)
