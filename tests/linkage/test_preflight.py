"""Before the work: rows counted or estimated, and what cannot fit is refused with what to change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import linkage
from linkage.cli import call
from linkage.config import Job, check, load_job
from linkage.config.check import peek
from linkage.config.models import SourceConfig
from linkage.errors import ConfigError, SourceError
from linkage.limits import GB
from linkage.preflight import Estimate, check_room, estimate, limit_of, look_ahead, rows_of
from linkage.progress import Begun, Step
from linkage.resume.place import place_of
from tests.linkage.tables import PEOPLE, PERSON, REGISTRY, frame, mapping

NAMES = pl.DataFrame({"name": [f"Nguyễn Văn {'A' * (n % 7)}" for n in range(5_000)]})


def rows(path: Path) -> int:
    return rows_of(peek("people", SourceConfig(path=path), {"full_name": "name"}))


def test_rows_of_a_table_file_are_counted(tmp_path: Path) -> None:
    NAMES.write_parquet(tmp_path / "people.parquet")
    NAMES.write_ipc(tmp_path / "people.arrow", compression="uncompressed")
    assert rows(tmp_path / "people.parquet") == 5_000
    assert rows(tmp_path / "people.arrow") == 5_000


def test_rows_of_a_csv_are_told_by_the_length_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    pl.concat([NAMES] * 20).write_csv(path)  # above the megabyte that is looked at
    assert rows(path) == pytest.approx(100_000, rel=0.01)


def test_a_csv_of_one_line_without_an_end_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name", encoding="utf-8")
    assert rows(path) == 0


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return load_job(given(tmp_path))


def given(folder: Path, **engine: Any) -> dict[str, Any]:
    frame(PEOPLE, PERSON).write_csv(folder / "people.csv")
    frame([], REGISTRY["sim"]).write_csv(folder / "sims.csv")
    found = mapping("sim", out=str(folder / "out"))
    found["population"]["source"] = {"path": str(folder / "people.csv")}
    found["registries"]["sim"]["source"] = {"path": str(folder / "sims.csv")}
    return {**found, "engine": {"temp_directory": str(folder / "spill" / "here"), **engine}}


def expected_of(written: dict[str, Any]) -> Estimate:
    job = load_job(written)
    return estimate(job, check(job))


def test_a_small_job_fits(job: Job) -> None:
    expected = estimate(job, check(job))
    assert expected.people == pytest.approx(len(PEOPLE), abs=1)
    assert expected.records == {"sim": 0}
    check_room(job, expected)


def test_what_the_memory_cannot_hold_is_refused(job: Job) -> None:
    expected = replace(estimate(job, check(job)), memory=1e15)
    with pytest.raises(ConfigError, match="machine's memory") as refused:
        check_room(job, expected)
    assert "memory_limit" in str(refused.value)


def test_what_the_disk_cannot_hold_is_refused_before_its_folder_is_made(job: Job) -> None:
    expected = replace(estimate(job, check(job)), disk=1e18)
    with pytest.raises(ConfigError, match="disk that its work lies on") as refused:
        check_room(job, expected)
    assert "temp_directory" in str(refused.value)
    place = job.config.engine.temp_directory
    assert place is not None
    assert not place.exists()


def test_without_a_temporary_directory_the_disk_is_that_of_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []
    of_disk = shutil.disk_usage

    def usage(place: Path) -> object:
        looked_at.append(place)
        return of_disk(place)

    monkeypatch.setattr("linkage.preflight.shutil.disk_usage", usage)
    job = load_job(given(tmp_path, temp_directory=None))
    check_room(job, estimate(job, check(job)))
    assert looked_at == [tmp_path]


def test_an_index_takes_the_people_out_of_the_work(tmp_path: Path) -> None:
    without = expected_of(given(tmp_path))
    (tmp_path / "index.duckdb").touch()
    written = given(tmp_path)
    written["population"]["index"] = str(tmp_path / "index.duckdb")
    found = expected_of(written)
    assert found.seconds < without.seconds
    assert found.disk < without.disk


def test_a_state_to_keep_is_a_step_and_takes_disk(tmp_path: Path) -> None:
    frames = {"sim": pl.DataFrame({"n": range(1_000)})}
    without, keeping = given(tmp_path), given(tmp_path)
    keeping["output"] = {**keeping["output"], "state": str(tmp_path / "state")}
    less, more = (look_ahead(load_job(job), ["sim"], frames) for job in (without, keeping))
    assert {step[1] for step in more.steps.keys() - less.steps.keys()} == {"keep"}
    assert more.disk > less.disk
    assert sum(more.steps.values()) == pytest.approx(sum(less.steps.values()))


@pytest.mark.parametrize(("written", "limit"), [("3GB", 3 * GB), ("512MiB", 2**29)])
def test_the_engines_limit_is_the_jobs(tmp_path: Path, written: str, limit: float) -> None:
    assert limit_of(load_job(given(tmp_path, memory_limit=written))) == limit


def test_half_of_the_memory_is_half_of_the_machines(tmp_path: Path) -> None:
    half = limit_of(load_job(given(tmp_path, memory_limit="50%")))
    whole = limit_of(load_job(given(tmp_path, memory_limit="100%")))
    assert 0 < half == pytest.approx(whole / 2)


# --- before a run ---------------------------------------------------------------------------------


class Told:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.expected: list[tuple[str, dict[Step, float]]] = []
        self.begun: list[str] = []

    def expect(self, told: str, seconds: Mapping[Step, float]) -> None:
        self.expected.append((told, dict(seconds)))

    def __call__(self, label: str) -> None:
        self.begun.append(label)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that holds nothing."""
    monkeypatch.setattr("linkage.preflight.machine_memory", lambda: 1e6)


def test_a_run_tells_the_estimate_before_its_first_step(tmp_path: Path) -> None:
    told = Told()
    linkage.run(given(tmp_path), progress=told)
    [(text, seconds)] = told.expected
    assert " people, 0 records: about " in text
    begun = [label.step for label in told.begun if isinstance(label, Begun)]
    assert begun == [*seconds]


@pytest.mark.usefixtures("small")
def test_a_run_that_does_not_fit_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "job.json"
    path.write_text(json.dumps(given(tmp_path)), encoding="utf-8")
    before = {*tmp_path.iterdir()}
    messages = []
    for command in ("check", "run"):
        assert call([command, str(path)]) == 2
        messages.append(capsys.readouterr().err.partition("error: ")[2])
    assert messages[0] == messages[1]
    assert "--anyway" in messages[0]
    assert {*tmp_path.iterdir()} == before


@pytest.mark.usefixtures("small")
def test_a_run_that_does_not_fit_is_done_all_the_same_if_asked_for(tmp_path: Path) -> None:
    result = linkage.run(given(tmp_path), anyway=True)
    assert result["sim"].records.height == 0


def test_a_run_looks_at_all_its_sources_before_any_work(tmp_path: Path) -> None:
    job, told = given(tmp_path), Told()
    (tmp_path / "sims.csv").unlink()
    with pytest.raises(SourceError, match="there is no such file"):
        linkage.run(job, progress=told)
    assert told.begun == []


def test_frames_are_counted_too(tmp_path: Path) -> None:
    job = load_job(given(tmp_path))
    found = look_ahead(job, ["sim"], {"sim": pl.DataFrame({"n": [1, 2]})})
    assert found.records == {"sim": 2}


def test_only_registries_that_run_are_looked_at(tmp_path: Path) -> None:
    job = load_job(given(tmp_path))
    (tmp_path / "sims.csv").unlink()
    assert look_ahead(job, [], {}).records == {}


def test_too_small_a_limit_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    job = load_job(given(tmp_path, memory_limit="500MB"))
    check_room(job, estimate(job, check(job)))
    assert "memory_limit: 500MB is too small" in caplog.text


def test_what_a_killed_run_has_left_is_no_more_to_find_room_for(tmp_path: Path) -> None:
    job = load_job(given(tmp_path))
    place = place_of(job, job.config.output.path)
    assert place is not None
    place.mkdir(parents=True)
    (place / "work.duckdb").write_bytes(b"x" * 100_000)
    free = shutil.disk_usage(tmp_path).free
    expected = replace(estimate(job, check(job)), disk=free + 50_000.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linkage.preflight.shutil.disk_usage", lambda _: SimpleNamespace(free=free))
        check_room(job, expected)
        (place / "work.duckdb").unlink()
        with pytest.raises(ConfigError, match="disk"):
            check_room(job, expected)
