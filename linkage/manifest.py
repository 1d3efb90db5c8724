"""The manifest: what a run read, did, counted and found, so that it can be checked and repeated."""

from __future__ import annotations

import datetime as dt
import math
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Final

import polars as pl

_PACKAGES: Final = ("registry-linkage", "splink", "duckdb", "polars", "pyarrow")
_Z: Final = 1.96
"""Two-sided 95 % of the normal distribution."""


@dataclass
class Journal:
    """Seconds, memory and rows of each step, in the order they ran.

    The wall clock is read here and nowhere else: it goes into the manifest, never into a rule.
    """

    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    steps: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, registry: str | None, name: str) -> Iterator[dict[str, Any]]:
        """Time a step; the caller adds rows in, out and set aside to the entry it gets."""
        entry: dict[str, Any] = {"registry": registry, "step": name}
        began = time.perf_counter()
        yield entry
        entry["seconds"] = round(time.perf_counter() - began, 3)
        entry["peak_memory_mb"] = peak_memory_mb()
        self.steps.append(entry)

    @property
    def began(self) -> str:
        """When the run began, as the manifest says it."""
        return self.started.isoformat(timespec="seconds")

    def finished(self) -> dt.datetime:
        """Now, in UTC."""
        return dt.datetime.now(dt.UTC)


def peak_memory_mb() -> int:
    """Largest resident memory so far, in millions of bytes: as ``memory_limit`` counts."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that shape a result."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed as a package"
    return found


def expected_wrong(probabilities: pl.Series) -> dict[str, float | int | None]:
    """How many of the entries are expected to be wrong, per 10,000, with a 95 % interval.

    Args:
        probabilities: probability that each entry is right.

    Returns:
        ``entries``, ``per_10k`` and the interval's ``low`` and ``high``: the sum of independent
        wrongs with these probabilities has that mean and variance. It says what the model
        believes; whether the model is right, only labels can say.

    Example:
        >>> expected_wrong(pl.Series([0.99, 0.97]))["per_10k"]
        200.0
    """
    known = probabilities.drop_nulls()
    n = known.len()
    if n == 0:
        return {"entries": 0, "per_10k": None, "low": None, "high": None}
    wrong = 1 - known
    mean = float(wrong.sum())
    spread = _Z * math.sqrt(float((wrong * known).sum()))
    low, high = max(mean - spread, 0.0), min(mean + spread, float(n))
    scale = 10_000 / n
    return {
        "entries": n,
        "per_10k": round(mean * scale, 3),
        "low": round(low * scale, 3),
        "high": round(high * scale, 3),
    }
