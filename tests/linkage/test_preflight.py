"""Before the work: rows counted or estimated, and what cannot fit is refused with what to change."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linkage.config import Job, check, load_job
from linkage.config.check import peek
from linkage.config.models import SourceConfig
from linkage.errors import ConfigError
from linkage.preflight import GB, Estimate, check_room, engine_limit, estimate, rows_of
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


@pytest.mark.parametrize(("written", "limit"), [("3GB", 3 * GB), ("512MiB", 2**29)])
def test_the_engines_limit_is_the_jobs(tmp_path: Path, written: str, limit: float) -> None:
    assert engine_limit(load_job(given(tmp_path, memory_limit=written))) == limit


def test_half_of_the_memory_is_half_of_the_machines(tmp_path: Path) -> None:
    half = engine_limit(load_job(given(tmp_path, memory_limit="50%")))
    whole = engine_limit(load_job(given(tmp_path, memory_limit="100%")))
    assert 0 < half == pytest.approx(whole / 2)
