"""Before the work: what a job will take, and whether this machine has it.

Rows are counted where a file says how many it has (Parquet, Arrow) and estimated by the length of its
first lines where it does not (CSV). What a person of the register and a record cost was measured on
generated data; real ones may cost more or less by half, so that only what cannot fit is refused.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from linkage.config import Job, check
from linkage.config.check import SourcePeek
from linkage.errors import ConfigError
from linkage.limits import GB, beside, in_bytes, machine_memory
from linkage.progress import WRITING, Step, duration
from linkage.read import files
from linkage.resume.place import place_of

log: Final = logging.getLogger("linkage")

# Seconds and memory as measured on one million people and their 2.76 million records in four
# registries, on two cores; disk judged from 200,000 people, on the safe side.
BYTES_ON_DISK: Final = {"person": 2500.0, "record": 1500.0}
SECONDS: Final = {"person": 50e-6, "record": 180e-6}
"""Of one core."""
OF_STEPS: Final = {
    "read": 0.05, "clean": 0.22, "link": 0.32, "measure": 0.09, "decide": 0.13, "flag": 0.12,
}  # fmt: skip
"""Each step's share of a registry's seconds; the rest is for writing."""
KEEPING: Final = {"keep": 0.02}
"""The same of keeping what an update goes on with (``output: state:``)."""
BYTES_OF_STATE: Final = 600.0
"""Of a record, on disk."""
PAIRS: Final = 25.0
"""Proposed for a record, on average over registries of a million people."""
LEAST_FOR_ENGINE: Final = 0.4 * GB
"""With less the engine may fail, or take more than its share."""


@dataclass(frozen=True)
class Estimate:
    """What a job will take, about.

    Attributes:
        people: in the register.
        records: of each registry.
        memory: bytes at most: ``engine: memory_limit`` where the work would take more.
        disk: bytes in the folder that it works in (:mod:`linkage.resume.place`).
        seconds: on this machine, nothing else running.
        pairs: that blocking proposes.
        steps: seconds by step, in about the order in which they are done.
        least: the smallest memory limit that can hold.
    """

    people: int
    records: Mapping[str, int]
    memory: float
    disk: float
    seconds: float
    pairs: float
    steps: Mapping[Step, float]
    least: float

    @property
    def largest(self) -> int:
        """Records of the largest registry."""
        return max(self.records.values(), default=0)

    @property
    def text(self) -> str:
        """One line for people."""
        records = sum(self.records.values())
        return (
            f"{self.people:,} people, {records:,} records: about {duration(self.seconds)},"
            f" {self.memory / GB:.1f} GB of memory, {self.disk / GB:.1f} GB of disk,"
            f" {self.pairs:,.0f} pairs"
        )


def estimate(
    job: Job, sources: Iterable[SourcePeek], handed: Mapping[str, int] | None = None
) -> Estimate:
    """Estimate what running a job on some sources will take.

    Args:
        job: the job.
        sources: the population register and the registries to run, as :func:`linkage.config.check`
            has looked at them.
        handed: rows of those that are handed over as frames.

    Example:
        >>> from linkage.config import check, load_job
        >>> from linkage.resources import shipped
        >>> job = load_job(shipped("configs", "sample.yaml"))
        >>> found = estimate(job, check(job))
        >>> found.people, 7_000 < found.records["vehicle"] < 8_000
        (20000, True)
    """
    rows = {**(handed or {}), **{source.name: rows_of(source) for source in sources}}
    people = rows.get("population", 0)
    records = {name: count for name, count in rows.items() if name in job.registries}
    total = sum(records.values())
    index = job.config.population.index
    loaded = 0 if index is not None and index.exists() else people

    def cost(of: Mapping[str, float], persons: int) -> float:
        return of["person"] * persons + of["record"] * total

    threads = job.config.engine.threads or os.cpu_count() or 1
    at_once = 0.5 + 0.5 / threads  # half of the work runs side by side
    keeps = job.config.output.state is not None
    disk = cost(BYTES_ON_DISK, loaded) + (BYTES_OF_STATE * total if keeps else 0)
    others = beside(max(records.values(), default=0))
    return Estimate(
        people,
        records,
        memory=min(limit_of(job), others + disk),
        disk=disk,
        seconds=cost(SECONDS, loaded) * at_once,
        pairs=PAIRS * total,
        steps=_steps(records, loaded, at_once, OF_STEPS | KEEPING if keeps else OF_STEPS),
        least=others + LEAST_FOR_ENGINE,
    )


def _steps(
    records: Mapping[str, int], people: int, at_once: float, shares: Mapping[str, float]
) -> dict[Step, float]:
    """Seconds by step; the register's only where it is read."""
    register = SECONDS["person"] * people * at_once
    steps = {("population", "read"): 0.1 * register, ("population", "clean"): 0.9 * register}
    steps = steps if people else {}
    whole = {name: SECONDS["record"] * count * at_once for name, count in records.items()}
    for name, seconds in whole.items():
        steps |= {(name, step): part * seconds for step, part in shares.items()}
    return {**steps, WRITING: (1 - sum(shares.values())) * sum(whole.values())}


def look_ahead(job: Job, names: Iterable[str], frames: Mapping[str, object]) -> Estimate:
    """Estimate what a run will take, and see that all its sources can be read, before any work.

    Args:
        job: the job.
        names: registries that run.
        frames: those handed over in place of files; they are counted, as far as they can be.

    Raises:
        SourceError: a file is not there, or is not what the job says.
    """
    left_out = set(job.registries) - set(names)
    return estimate(job, check(job, frames={*frames, *left_out}), rows_by_name(frames))


def rows_by_name(frames: Mapping[str, object]) -> dict[str, int]:
    """Rows of frames of any library; none of what cannot be counted without being worked out.

    Example:
        >>> rows_by_name({"sim": pl.DataFrame({"n": [1, 2]}), "vehicle": object()})
        {'sim': 2, 'vehicle': 0}
    """
    heights = {name: getattr(frame, "shape", (0,))[0] for name, frame in frames.items()}
    return {name: rows if isinstance(rows, int) else 0 for name, rows in heights.items()}


def rows_of(source: SourcePeek) -> int:
    """Rows of a file: counted, or for a CSV about, by the length of its first lines."""
    if source.format != "csv":
        return int(files.table_scan(source.path, source.format).select(pl.len()).collect().item())
    with source.path.open("rb") as stream:
        head = stream.read(files.PEEK)
    lines = head.count(b"\n")
    return max(round(source.size * lines / len(head)) - 1, 0) if lines else 0


def check_room(job: Job, expected: Estimate, target: Path | None = None) -> None:
    """Refuse a job that this machine cannot hold; warn of a memory limit that is too small to hold.

    Args:
        job: the job.
        expected: what it will take.
        target: where its lists go; the job's output folder by default.

    Raises:
        ConfigError: memory, or the disk of the folder that it works in, is too small; says what to
            change.
    """
    machine = machine_memory()
    if machine is not None and expected.memory > machine:
        message = "the job does not fit into this machine's memory"
        raise ConfigError(
            message,
            expected=f"about {expected.memory / GB:.1f} GB: {expected.text}",
            found=f"{machine / GB:.1f} GB",
            hint=f"lower 'engine: memory_limit:', or run registries apart (--registry){_ANYWAY}",
        )
    # Where a run works; only what is masked, and has no place for it, is worked on elsewhere.
    kept = place_of(job, target or job.config.output.path)
    place = kept or Path(tempfile.gettempdir())
    free = shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free
    if expected.disk > free + _taken(kept):
        message = "the job does not fit on the disk that its work lies on"
        raise ConfigError(
            message,
            expected=f"about {expected.disk / GB:.1f} GB: {expected.text}",
            found=f"{free / GB:.1f} GB free",
            hint="set 'engine: temp_directory:' to a larger place, keep a population index, or run"
            f" registries apart (--registry){_ANYWAY}",
        )
    if limit_of(job) < expected.least:
        log.warning(
            "engine: memory_limit: %s is too small for %s records of one registry: the run may take"
            " about %.1f GB, or fail for want of memory",
            job.config.engine.memory_limit, f"{expected.largest:,}", expected.least / GB,
        )  # fmt: skip


_ANYWAY: Final = "; to run it all the same: --anyway"


def _taken(kept: Path | None) -> int:
    """Bytes that a killed run has left in its folder: the run that continues it has them already."""
    if kept is None or not kept.is_dir():
        return 0
    return sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())


def limit_of(job: Job) -> float:
    """The memory limit of a job in bytes; the engine's own is four fifths of the machine's."""
    given = job.config.engine.memory_limit
    return 0.8 * (machine_memory() or 16 * GB) if given is None else in_bytes(given)
