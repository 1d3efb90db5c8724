"""Processes that are timed: seconds from start to end, and the most memory that each held."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.pipeline import ROOT


@dataclass(frozen=True)
class Work:
    """What one contender is asked to do.

    Attributes:
        folder: of the data, see :func:`~benchmarks.scale.made.prepare`.
        out: where it writes, its own.
        registries: which to link.
        memory_limit: of its engine, as DuckDB writes it.
        steps: of ours, see :data:`~benchmarks.scale.ours.STEPS`.
    """

    folder: Path
    out: Path
    registries: tuple[str, ...]
    memory_limit: str
    steps: tuple[str, ...] = ()


@dataclass
class Ran:
    """Processes of one contender, by name, in order.

    Attributes:
        seconds: start to end of each, start of the interpreter included.
        cpu_seconds: of all cores, by each; beside other work they vary less than seconds.
        peak_mb: the most memory that each held.
        stopped: which process failed and how; empty if none did.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    stopped: str = ""

    def facts(self) -> dict[str, Any]:
        """For the results file."""
        return {
            "process_seconds": self.seconds,
            "process_peak_mb": self.peak_mb,
            "cpu_seconds": sum(self.cpu_seconds.values()),
            "peak_mb": max(self.peak_mb.values(), default=0.0),
            "stopped": self.stopped,
        }


def run_all(commands: Mapping[str, Sequence[str]]) -> Ran:
    """Run processes one after the other; the first that fails is the last."""
    ran = Ran()
    for name, command in commands.items():
        print(f"{name} ...", file=sys.stderr, flush=True)
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        ran.seconds[name] = time.perf_counter() - began
        ran.cpu_seconds[name] = usage.ru_utime + usage.ru_stime
        ran.peak_mb[name] = usage.ru_maxrss * 1024 / 1e6
        if process.returncode:
            ran.stopped = f"{name}: exit code {process.returncode}"
            break
    return ran


def child(contender: str, what: str, work: Work) -> list[str]:
    """The command that starts a part of a contender, see :mod:`benchmarks.scale.child`."""
    module = [sys.executable, "-m", "benchmarks.scale.child", contender, what]
    return [*module, str(work.folder / "sample_data"), str(work.out), work.memory_limit]
