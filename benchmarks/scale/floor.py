"""The floor: read the files, and join on the number as it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.scale import child, processes
from benchmarks.scale.judging import judged_all
from benchmarks.side_by_side.data import SOURCES


def commands(work: processes.Work) -> dict[str, list[str]]:
    """One process a registry."""
    return {f"floor: {name}": processes.child("floor", name, work) for name in work.registries}


def result(work: processes.Work, ran: processes.Ran) -> dict[str, Any]:
    """Figures of every registry; seconds without the start of the interpreter."""
    return judged_all(work, ran, "floor")


def work(registry: str, sample: Path, out: Path, memory_limit: str) -> None:
    """Link one registry; it needs so little memory that the limit does not matter."""
    clock = child.Clock()
    source = SOURCES[registry]
    written = _scanned(sample / source.path, ";" if registry == "sim" else ",").select(
        record_id=source.columns["id"], number=source.columns["number"]
    )
    people = pl.scan_parquet(sample / "population.parquet").select(
        number="so_dinh_danh", person_id="so_dinh_danh"
    )
    found = written.join(people, on="number", how="left").collect()
    clock.ended("read and join")
    linked = pl.col("person_id").is_not_null()
    decided = found.select(
        "record_id",
        "person_id",
        score=pl.when(linked).then(1.0),
        linked=linked,
        review=pl.lit(value=False),
    )
    child.wrote(out, registry, decided, clock, int(decided["linked"].sum()))


def _scanned(path: Path, separator: str) -> pl.LazyFrame:
    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    # Names may be in a legacy encoding; keys and numbers are plain in all of them.
    return pl.scan_csv(path, separator=separator, infer_schema=False, encoding="utf8-lossy")
