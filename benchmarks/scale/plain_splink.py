"""Plain Splink 5 on the same files: the register is normalised once and serves all registries.

Blocks are those of the side by side but for the largest: a competent user counts first
(:func:`benchmarks.side_by_side.splink_plain.linked`, ``many``).
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks.scale import child, processes
from benchmarks.scale.judging import judged_all
from benchmarks.side_by_side import data, splink_plain
from benchmarks.side_by_side.decisions import Decided

PEOPLE: Final = "people"


def commands(work: processes.Work) -> dict[str, list[str]]:
    """The register first, then one process a registry: memory is told apart."""
    parts = (PEOPLE, *work.registries)
    return {f"splink: {part}": processes.child("plain_splink", part, work) for part in parts}


def result(work: processes.Work, ran: processes.Ran) -> dict[str, Any]:
    """Figures of every registry; seconds without the start of the interpreter."""
    found = judged_all(work, ran, "splink")
    once = child.facts(work.out, PEOPLE)["steps"]
    return {
        **found,
        "seconds": found["seconds"] + sum(once.values()),
        "population": once,
    }


def work(part: str, sample: Path, out: Path, memory_limit: str) -> None:
    """Normalise the register, or link one registry with it."""
    clock = child.Clock()
    if part == PEOPLE:
        data.normalised_people(sample).write_parquet(out / f"{PEOPLE}.parquet")
        clock.ended("read and normalise")
        child.write_facts(out, PEOPLE, clock)
        return
    records = data.normalised_registry(sample, part)
    clock.ended("read and normalise")
    limits = {"memory_limit": memory_limit, "temp_directory": str(out / "spill")}
    with duckdb.connect(config=limits) as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        register = connection.read_parquet(str(out / f"{PEOPLE}.parquet"))
        best, pairs = splink_plain.linked(
            connection, records, register, many=True, ended=clock.ended
        )
    decided = Decided(records["id"], best, 0.0).table()
    child.wrote(out, part, decided, clock, pairs)
