"""What a contender decided, held against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.scale import child, processes
from benchmarks.side_by_side.decisions import at_decision, judged


def accuracy(decided: pl.DataFrame, sample: Path, registry: str) -> dict[str, Any]:
    """Precision, recall, F1, wrong links per 10,000 and review, as the contender decides."""
    return at_decision(judged(decided, sample, registry))


def judged_all(work: processes.Work, ran: processes.Ran, name: str) -> dict[str, Any]:
    """Seconds in all; and of each registry seconds by step, pairs, memory and accuracy."""
    found = {
        registry: _one(work, ran.peak_mb[f"{name}: {registry}"], registry)
        for registry in work.registries
    }
    return {"seconds": total(list(found.values())), "registries": found}


def total(rows: Sequence[dict[str, Any]]) -> float:
    """Seconds of all registries."""
    return float(sum(row["seconds"] for row in rows))


def _one(work: processes.Work, peak_mb: float, registry: str) -> dict[str, Any]:
    facts = child.facts(work.out, registry)
    decided = pl.read_parquet(work.out / f"{registry}.parquet")
    return {
        "seconds": sum(facts["steps"].values()),
        **facts,
        "peak_mb": peak_mb,
        **accuracy(decided, work.folder / "sample_data", registry),
    }
