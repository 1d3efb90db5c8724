"""The benchmark of sizes: data grow by registry, processes are measured, tables say the ratios."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from benchmarks.scale import __main__ as scale
from benchmarks.scale import made, plot, processes, table
from benchmarks.scale.made import Data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 people with two registries, the second asked for later."""
    root = tmp_path_factory.mktemp("scale")
    made.prepare(root, Data(120, 5), ["sim"])
    return made.prepare(root, Data(120, 5), ["driver_licence", "sim"])


def files(sample: Path) -> dict[str, bytes]:
    found = (path for path in sample.rglob("*") if path.is_file())
    return {path.relative_to(sample).as_posix(): path.read_bytes() for path in found}


def test_a_registry_asked_for_later_joins_the_same_people(folder: Path, tmp_path: Path) -> None:
    at_once = made.prepare(tmp_path, Data(120, 5), ["driver_licence", "sim"])
    assert files(folder / "sample_data") == files(at_once / "sample_data")


def test_data_that_are_there_are_not_made_again(folder: Path) -> None:
    before = (folder / "sample_data" / "population.parquet").stat().st_mtime_ns
    made.prepare(folder.parent, Data(120, 5), ["sim"])
    assert (folder / "sample_data" / "population.parquet").stat().st_mtime_ns == before


def test_the_job_has_the_registries_and_the_limit_asked_for(folder: Path) -> None:
    job = yaml.safe_load(made.job(folder, ["sim"], "3GB").read_text("utf-8"))
    assert (list(job["registries"]), job["engine"]["memory_limit"]) == (["sim"], "3GB")
    assert (folder / "configs" / job["registries"]["sim"]["source"]["path"]).exists()


def test_the_most_memory_of_each_process_is_its_own() -> None:
    programs = {"big": "block = bytearray(900_000_000)", "small": "pass"}
    ran = processes.run_all({n: [sys.executable, "-c", p] for n, p in programs.items()})
    assert ran.peak_mb["big"] > ran.peak_mb["small"] + 200


def test_what_follows_a_failed_process_is_not_started(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    fails = [sys.executable, "-c", "raise SystemExit(3)"]
    later = [sys.executable, "-c", f"open({str(touched)!r}, 'w')"]
    ran = processes.run_all({"first": fails, "second": later})
    assert (ran.stopped, touched.exists()) == ("first: exit code 3", False)


def test_the_floor_runs_from_data_to_table_and_plot(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing = tmp_path / "scale.svg"
    stale = folder / "scale" / "floor" / "stale.json"
    stale.parent.mkdir(parents=True)
    stale.touch()
    options = ["--people", "120", "--seed", "5", "--registries", "sim", "--contenders", "floor"]
    scale.main([*options, "--data", str(folder.parent), "--plot", str(drawing)])
    results = json.loads((folder / "scale" / "results.json").read_text("utf-8"))
    sims = results["contenders"][0]["registries"]["sim"]
    truth = pl.read_parquet(folder / "sample_data" / "truth" / "sim.parquet")
    assert results["records"] == {"sim": len(truth)}
    assert not stale.exists()
    assert 0.7 < sims["recall"] < 1.0
    assert f"| sim | {len(truth):,} | floor |" in capsys.readouterr().out
    assert "the floor" in drawing.read_text("utf-8")


def result(name: str, seconds: float, stopped: str = "") -> dict[str, Any]:
    found = {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "wrong_per_10k": 0.0}
    row = {"seconds": seconds, "steps": {"link": seconds}, "pairs": 7, "peak_mb": 512.0, **found}
    return {
        "contender": name,
        "memory_limit": "4GB",
        "process_seconds": {},
        "cpu_seconds": 2 * seconds,
        "peak_mb": 1024.0,
        "stopped": stopped,
        "seconds": seconds,
        "registries": {} if stopped else {"sim": row},
    }


def run(people: int, *results: dict[str, Any]) -> dict[str, Any]:
    records = {"sim": people}
    common = {"people": people, "seed": 1, "error_scale": 1.0, "registries": ["sim"]}
    return {**common, "records": records, "contenders": list(results)}


def test_ratios_are_to_splink_and_to_the_floor_of_the_same_run() -> None:
    found = table.ratios([result("floor", 2.0), result("splink", 100.0), result("ours", 10.0)])
    assert found["ours"] == {"to_splink": 10.0, "to_floor": 5.0}


def test_what_stopped_is_shown_and_compared_with_nobody() -> None:
    results = [result("splink", 1.0, "splink: sim: exit code -9"), result("ours", 10.0)]
    shown = table.shown(run(1000, *results), results)
    assert "| stopped at splink: sim: exit code -9 |" in shown
    assert table.ratios(results) == {"ours": {}}


def test_the_plot_shows_seconds_per_million_records() -> None:
    small = run(1_000, result("splink", 1.0), result("ours", 0.5))
    large = run(10_000, result("splink", 20.0))
    rows = plot.per_million([large, small]).select("people", "splink", "ours").rows()
    assert rows == [(1_000, 1000.0, 500.0), (10_000, 2000.0, None)]
    assert plot.drawn([large, small], ["sim"]).svg.count("<polyline") == 1


def test_the_plot_of_one_size_shows_its_seconds() -> None:
    assert "20" in plot.drawn([run(10_000, result("splink", 20.0))], ["sim"]).svg
