"""Before the work: what a job will take, and whether this machine has it.

Rows are counted where a file says how many it has (Parquet, Arrow) and estimated by the length of its
first lines where it does not (CSV). What a person of the register and a record cost was measured on
generated data; real ones may cost more or less by half, so that only what cannot fit is refused.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from linkage.config import Job
from linkage.config.check import SourcePeek
from linkage.errors import ConfigError
from linkage.read import files
from linkage.resume.place import place_of

GB: Final = 1e9
_UNITS: Final = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_POWERS: Final = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

# Seconds and memory as measured on one million people and their 2.76 million records in four
# registries, on two cores; disk judged from 200,000 people, on the safe side.
BYTES_ON_DISK: Final = {"person": 2500.0, "record": 1500.0}
BYTES_HELD: Final = {"person": 150.0, "record": 400.0}
"""What stays in memory beside the engine: keys of people, and the lists until they are written."""
SECONDS: Final = {"person": 50e-6, "record": 180e-6}
"""Of one core."""
PAIRS: Final = 25.0
"""Proposed for a record, on average over registries of a million people."""
PROGRAM: Final = 0.6 * GB
"""The program itself, its libraries, and one piece of a source at work."""


@dataclass(frozen=True)
class Estimate:
    """What a job will take, about.

    Attributes:
        people: in the register.
        records: of each registry.
        memory: bytes at most, the engine's limit included.
        disk: bytes in the folder that it works in (:mod:`linkage.resume.place`).
        seconds: on this machine, nothing else running.
        pairs: that blocking proposes.
    """

    people: int
    records: Mapping[str, int]
    memory: float
    disk: float
    seconds: float
    pairs: float

    @property
    def text(self) -> str:
        """One line for people."""
        records = sum(self.records.values())
        return (
            f"{self.people:,} people, {records:,} records: about {_duration(self.seconds)},"
            f" {self.memory / GB:.1f} GB of memory, {self.disk / GB:.1f} GB of disk,"
            f" {self.pairs:,.0f} pairs"
        )


def estimate(job: Job, sources: Iterable[SourcePeek]) -> Estimate:
    """Estimate what running a job on some sources will take.

    Args:
        job: the job.
        sources: the population register and the registries to run, as :func:`linkage.config.check`
            has looked at them.

    Example:
        >>> from linkage.config import check, load_job
        >>> from linkage.resources import shipped
        >>> job = load_job(shipped("configs", "sample.yaml"))
        >>> found = estimate(job, check(job))
        >>> found.people, 7_000 < found.records["vehicle"] < 8_000
        (20000, True)
    """
    rows = {source.name: rows_of(source) for source in sources}
    people = rows["population"]
    records = {name: count for name, count in rows.items() if name in job.registries}
    total = sum(records.values())
    index = job.config.population.index
    loaded = 0 if index is not None and index.exists() else people

    def cost(of: Mapping[str, float], persons: int) -> float:
        return of["person"] * persons + of["record"] * total

    threads = job.config.engine.threads or os.cpu_count() or 1
    disk = cost(BYTES_ON_DISK, loaded)
    return Estimate(
        people,
        records,
        memory=PROGRAM + min(engine_limit(job), disk) + cost(BYTES_HELD, people),
        disk=disk,
        # Half of the work runs side by side.
        seconds=cost(SECONDS, loaded) * (0.5 + 0.5 / threads),
        pairs=PAIRS * total,
    )


def rows_of(source: SourcePeek) -> int:
    """Rows of a file: counted, or for a CSV about, by the length of its first lines."""
    if source.format != "csv":
        return int(files.table_scan(source.path, source.format).select(pl.len()).collect().item())
    with source.path.open("rb") as stream:
        head = stream.read(files.PEEK)
    lines = head.count(b"\n")
    return max(round(source.size * lines / len(head)) - 1, 0) if lines else 0


def check_room(job: Job, expected: Estimate) -> None:
    """Refuse a job that this machine cannot hold.

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
            hint="lower 'engine: memory_limit:', or run registries apart (--registry)",
        )
    # Where a run works; only what is masked, and has no place for it, is worked on elsewhere.
    place = place_of(job, job.config.output.path) or Path(tempfile.gettempdir())
    free = shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free
    if expected.disk > free:
        message = "the job does not fit on the disk that its work lies on"
        raise ConfigError(
            message,
            expected=f"about {expected.disk / GB:.1f} GB: {expected.text}",
            found=f"{free / GB:.1f} GB free",
            hint="set 'engine: temp_directory:' to a larger place, keep a population index, or run"
            " registries apart (--registry)",
        )


def engine_limit(job: Job) -> float:
    """The engine's memory limit in bytes; DuckDB's own is four fifths of the machine's."""
    machine = machine_memory() or 16 * GB
    given = job.config.engine.memory_limit
    if given is None:
        return 0.8 * machine
    return limit_in_bytes(given, machine)


def limit_in_bytes(given: str, machine: float) -> float:
    """A limit as DuckDB writes it.

    Example:
        >>> limit_in_bytes("4GB", 8e9), limit_in_bytes("512 MiB", 8e9), limit_in_bytes("50%", 8e9)
        (4000000000.0, 536870912.0, 4000000000.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(?:([KMGT])(i?)B|%)", given)
    assert found is not None, "checked when the job was loaded"
    number, unit, binary = float(found[1]), found[2], found[3]
    if unit is None:
        return machine * number / 100
    return number * (_POWERS if binary else _UNITS)[unit]


def machine_memory() -> float | None:
    """Bytes of memory of this machine, or of the container; None where the system does not say."""
    try:
        whole = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError):
        return None
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(whole, float(text)) if text.isdigit() else whole


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
