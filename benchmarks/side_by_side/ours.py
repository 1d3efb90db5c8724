"""Our own job, started as a user starts it: ``linkage run``, default settings, no labels."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.side_by_side.decisions import Decided


def command(job: Path, out: Path) -> list[str]:
    """The process to start."""
    return [sys.executable, "-m", "linkage", "run", str(job), "--out", str(out)]


def told(out: Path) -> tuple[float, float]:
    """Seconds and the most memory, in MB, that the manifest of finished lists tells of."""
    steps = _steps(out)
    return sum(s["seconds"] for s in steps), float(max(s["peak_memory_mb"] for s in steps))


def _steps(out: Path) -> list[dict[str, Any]]:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    steps: list[dict[str, Any]] = manifest["steps"]
    return steps


def decided(out: Path, registry: str) -> Decided:
    """What the lists say of a registry's records; in review, the first candidate shown."""
    records = pl.read_parquet(out / registry / "records.parquet")
    seconds = sum(s["seconds"] for s in _steps(out) if s["registry"] == registry)
    queue = pl.read_parquet(out / registry / "review.parquet").filter(pl.col("rank") == 1)
    first = queue.select("record_id", "candidate_id").unique("record_id")
    neither = pl.col("reasons").list.contains("BORROWED_ID")  # both are shown, none is meant
    best = records.join(first, on="record_id", how="left").select(
        pl.when(~neither).then(pl.coalesce("person_id", "candidate_id")).alias("person_id"),
        id="record_id",
        score="match_probability",
        linked=pl.col("link_status") == "linked",
        review=pl.col("link_status") == "review",
    )
    return Decided(records["record_id"], best, seconds)
