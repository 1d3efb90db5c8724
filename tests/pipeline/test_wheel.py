"""The installed wheel works outside the repository: init, sample, run, evaluate."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def linkage(site: Path, where: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "linkage", *arguments],
        cwd=where,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_no_sample_and_no_tests(unpacked: Path) -> None:
    names = {path.name for path in unpacked.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"cleaners", "linkage"}
    shipped = unpacked / "linkage" / "_shipped"
    assert (shipped / "configs" / "models" / "sim.json").is_file()
    assert (shipped / "sample_data" / "generate.py").is_file()
    assert not [*shipped.rglob("*.csv"), *shipped.rglob("*.parquet")]


@pytest.mark.slow
@pytest.mark.long
def test_init_sample_run_evaluate(unpacked: Path, tmp_path: Path) -> None:
    linkage(unpacked, tmp_path, "init", "configs")
    linkage(unpacked, tmp_path, "sample", "sample_data", "--people", "1000", "--seed", "5")
    linkage(unpacked, tmp_path, "check", "configs/sample.yaml")
    linkage(unpacked, tmp_path, "run", "configs/sample.yaml")
    shown = linkage(unpacked, tmp_path, "evaluate", "out/sample", "sample_data/truth")
    assert "driver_licence" in shown
    assert (tmp_path / "out" / "sample" / "report.html").is_file()
