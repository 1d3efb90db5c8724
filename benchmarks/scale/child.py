"""One part of a contender at work in a process of its own; writes decisions and facts."""

from __future__ import annotations

import argparse
import importlib
import json
import time
from pathlib import Path
from typing import Any

import polars as pl


class Clock:
    """Seconds of named steps, one after the other, on the wall and of all cores."""

    def __init__(self) -> None:
        """The first step begins now."""
        self._seconds: dict[str, float] = {}
        self._cpu_seconds: dict[str, float] = {}
        self._last = time.perf_counter(), time.process_time()

    def ended(self, step: str) -> None:
        """Count the time since the step before to ``step``."""
        wall, cpu = time.perf_counter(), time.process_time()
        self._seconds[step], self._cpu_seconds[step] = wall - self._last[0], cpu - self._last[1]
        self._last = wall, cpu

    def facts(self) -> dict[str, dict[str, float]]:
        """For the results file."""
        return {"steps": self._seconds, "steps_cpu": self._cpu_seconds}


def wrote(out: Path, registry: str, decided: pl.DataFrame, clock: Clock, pairs: int) -> None:
    """Keep what was decided of a registry, and what it took; the writing is not timed."""
    decided.write_parquet(out / f"{registry}.parquet")
    write_facts(out, registry, clock, pairs=pairs)


def write_facts(out: Path, what: str, clock: Clock, **more: int) -> None:
    """Keep what a part took."""
    text = json.dumps({**clock.facts(), **more})
    (out / f"{what}.json").write_text(text, encoding="utf-8")


def facts(out: Path, what: str) -> dict[str, Any]:
    """What :func:`write_facts` kept."""
    found: dict[str, Any] = json.loads((out / f"{what}.json").read_text(encoding="utf-8"))
    return found


def main() -> None:
    """``python -m benchmarks.scale.child CONTENDER WHAT SAMPLE OUT LIMIT``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contender", help="a module of this package with work(what, ...)")
    parser.add_argument("what", help="a registry, or another part that the contender knows")
    parser.add_argument("sample", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("memory_limit")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    module = importlib.import_module(f"benchmarks.scale.{given.contender}")
    module.work(given.what, given.sample, given.out, given.memory_limit)


if __name__ == "__main__":
    main()
