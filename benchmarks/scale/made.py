"""The data of one size: generated once, a registry at a time as they are asked for, and kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from benchmarks.pipeline import ROOT
from benchmarks.side_by_side.data import SOURCES


@dataclass(frozen=True)
class Data:
    """What determines the generated files."""

    people: int
    seed: int
    error_scale: float = 1.0
    communes: int | None = None

    @property
    def name(self) -> str:
        """The name of their folder."""
        name = f"{self.people}-{self.seed}-{self.error_scale:g}"
        return name + (f"-{self.communes}" if self.communes else "")

    def facts(self) -> dict[str, Any]:
        """For the results file."""
        return asdict(self)


def prepare(root: Path, data: Data, registries: Sequence[str]) -> Path:
    """The folder with ``sample_data/``; what is not there yet is made.

    A registry is the same whichever others are written with it, so more can be added later.
    """
    folder = root / data.name
    sample, making = folder / "sample_data", folder / "making"
    missing = [name for name in registries if not _truth(sample, name).exists()]
    if missing:
        shutil.rmtree(making, ignore_errors=True)
        command = [sys.executable, "-m", "linkage", "sample", str(making)]
        command += ["--people", str(data.people), "--seed", str(data.seed)]
        command += ["--error-scale", str(data.error_scale)]
        command += ["--communes", str(data.communes)] if data.communes else []
        command += [word for name in missing for word in ("--registry", name)]
        subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr)
        (sample / "truth").mkdir(parents=True, exist_ok=True)
        (making / "population.parquet").replace(sample / "population.parquet")
        for name in missing:  # the truth last: where it stands, all stands
            (making / SOURCES[name].path).replace(sample / SOURCES[name].path)
            _truth(making, name).replace(_truth(sample, name))
        shutil.rmtree(making)
    return folder


def job(folder: Path, registries: Sequence[str], memory_limit: str) -> Path:
    """The sample's job with these registries, this limit and an index, beside the data."""
    written = yaml.safe_load((ROOT / "configs" / "sample.yaml").read_text(encoding="utf-8"))
    written["registries"] = {name: written["registries"][name] for name in registries}
    written["engine"]["memory_limit"] = memory_limit
    written["population"]["index"] = "../index/people.duckdb"
    (folder / "configs").mkdir(parents=True, exist_ok=True)
    path = folder / "configs" / "scale.yaml"
    path.write_text(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def records(folder: Path, registries: Sequence[str]) -> dict[str, int]:
    """How many records each registry has."""
    sample = folder / "sample_data"
    return {
        name: int(pl.scan_parquet(_truth(sample, name)).select(pl.len()).collect().item())
        for name in registries
    }


def _truth(sample: Path, registry: str) -> Path:
    return sample / "truth" / f"{registry}.parquet"
