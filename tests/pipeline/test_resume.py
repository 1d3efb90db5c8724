"""Killed at random points twenty times, continued each time: the lists are those of a quiet run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from linkage.starting import make_sample
from tests.pipeline.conftest import JOB, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.long]

PEOPLE, SEED = 2_000, 7
REGISTRIES = ("driver_licence", "sim")
KILLS = (*[1] * 16, *[2] * 2)
"""Kills of each run before it is left alone: twenty in all."""
KILLS_WITH_INDEX = {14: 1, 6: 1, 9: 1, 11: 2}
"""The same by seed of what is drawn; the first run of all dies while it makes the index."""
FIRST_REGISTRY = 2 + 6
"""Steps until the first registry is finished."""

RUN = """
import sys
import linkage
linkage.run(sys.argv[1], out=sys.argv[2], progress=lambda label: print(label, flush=True))
"""


@dataclass(frozen=True)
class Quiet:
    """A run that nobody disturbed: its job, its lists, and how long each of its steps took."""

    job: Path
    lists: dict[str, pl.DataFrame]
    seconds: list[float]


def start(job: Path, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(job), str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def lists(out: Path) -> dict[str, pl.DataFrame]:
    return {
        path.relative_to(out).as_posix(): pl.read_parquet(path)
        for path in sorted(out.rglob("*.parquet"))
    }


def manifest(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Quiet:
    folder = tmp_path_factory.mktemp("quiet")
    make_sample(folder / "data", PEOPLE, SEED, registries=REGISTRIES)
    job = yaml.safe_load(JOB.read_text(encoding="utf-8").replace("../sample_data", "data"))
    job["registries"] = {name: job["registries"][name] for name in REGISTRIES}
    job["engine"] = {"threads": 1}
    path = folder / "job.yaml"
    path.write_text(yaml.safe_dump(job, allow_unicode=True), encoding="utf-8")
    run = start(path, folder / "out")
    run.communicate()
    assert run.returncode == 0
    seconds = [step["seconds"] for step in manifest(folder / "out")["steps"]]
    return Quiet(path, lists(folder / "out"), [*seconds, 0.3])  # writing is no step


def killed(quiet: Quiet, job: Path, out: Path, draw: random.Random) -> bool:
    """Run until a step that was drawn, kill some time into it; False if the run was done by then."""
    wanted = draw.randrange(len(quiet.seconds))
    run = start(job, out)
    assert run.stdout is not None
    for _, _label in zip(range(wanted + 1), run.stdout, strict=False):
        pass
    timer = threading.Timer(draw.random() * quiet.seconds[wanted], run.kill)
    timer.start()
    run.communicate()
    timer.cancel()
    assert run.returncode in (0, -9)
    return run.returncode == -9 and out.with_name(f".{out.name}.unfinished").exists()


def continued(quiet: Quiet, job: Path, out: Path, kills: int, draw: random.Random) -> int:
    """Kill a run so many times, then let it end; how many steps it did not do again."""
    while kills:
        if killed(quiet, job, out, draw):
            kills -= 1
        else:
            out.rename(out.with_name(f"{out.name}.faster.{draw.random()}"))  # and once more
    run = start(job, out)
    run.communicate()
    assert run.returncode == 0
    return int((manifest(out)["resumed"] or {"steps_skipped": 0})["steps_skipped"])


def different(quiet: Quiet, out: Path) -> list[str]:
    """Lists that are not those of the quiet run."""
    found = lists(out)
    assert list(found) == list(quiet.lists)
    return [name for name, one in found.items() if not one.equals(quiet.lists[name])]


def test_killed_twenty_times_and_continued_the_lists_are_the_same(
    quiet: Quiet, tmp_path: Path
) -> None:
    def once(position: int) -> int:
        out = tmp_path / f"out{position}"
        return continued(quiet, quiet.job, out, KILLS[position], random.Random(position))

    with ThreadPoolExecutor(2) as pool:
        skipped = list(pool.map(once, range(len(KILLS))))
    assert sum(KILLS) == 20
    assert len(quiet.lists) == 1 + 6 * len(REGISTRIES)
    for position in range(len(KILLS)):
        assert different(quiet, tmp_path / f"out{position}") == []
    assert sum(steps >= FIRST_REGISTRY for steps in skipped) >= 4, skipped
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_with_an_index_of_the_register_the_lists_are_the_same_too(
    quiet: Quiet, tmp_path: Path
) -> None:
    def once(seed: int) -> int:
        job = yaml.safe_load(quiet.job.read_text(encoding="utf-8"))
        job["population"]["index"] = str(tmp_path / f"index{seed}" / "people.duckdb")
        path = quiet.job.with_name(f"indexed{seed}.yaml")
        path.write_text(yaml.safe_dump(job, allow_unicode=True), encoding="utf-8")
        out = tmp_path / f"out{seed}"
        return continued(quiet, path, out, KILLS_WITH_INDEX[seed], random.Random(seed))

    with ThreadPoolExecutor(2) as pool:
        skipped = dict(zip(KILLS_WITH_INDEX, pool.map(once, KILLS_WITH_INDEX), strict=True))
    for seed in KILLS_WITH_INDEX:
        assert different(quiet, tmp_path / f"out{seed}") == []
        assert [path.name for path in (tmp_path / f"index{seed}").iterdir()] == ["people.duckdb"]
    assert skipped[14] == 0
    assert max(skipped.values()) >= FIRST_REGISTRY - 2, skipped  # the register's two are no steps
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
