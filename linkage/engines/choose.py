"""The engine that a job names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from linkage.engines.duckdb import DATABASE, SPILL, DuckDBEngine

OF_ENGINES: Final = (DATABASE, SPILL, "spark", "scratch", "java")
"""What engines keep in their folder."""


class Limits(Protocol):
    """What a job says of its engine (:class:`~linkage.config.models.EngineConfig`)."""

    @property
    def name(self) -> str:
        """``duckdb`` or ``spark``."""

    @property
    def memory_limit(self) -> str | None:
        """Of DuckDB."""

    @property
    def temp_directory(self) -> Path | None:
        """Where engines put their folders."""

    @property
    def threads(self) -> int | None:
        """None for one per core."""

    @property
    def master(self) -> str | None:
        """Where Spark runs."""

    @property
    def options(self) -> Mapping[str, bool | int | float | str]:
        """Settings of Spark."""

    @property
    def spark_from(self) -> int:
        """Records from which joins are Spark's."""


def open_engine(limits: Limits, folder: Path | None, beside: float = 0.0) -> DuckDBEngine:
    """Open the engine that a job names.

    Args:
        limits: of the job.
        folder: a private folder to work in; None for one of the engine's own.
        beside: bytes of the memory limit that are not the engine's.

    Raises:
        ConfigError: Spark is asked for and not installed, or does not start.
    """
    given = limits.memory_limit, limits.temp_directory, limits.threads
    if limits.name == "duckdb":
        return DuckDBEngine(*given, folder=folder, beside=beside)
    from linkage.engines.spark import SparkEngine  # what it needs is an extra

    return SparkEngine(
        *given,
        folder=folder,
        beside=beside,
        master=limits.master,
        options={name: _text(value) for name, value in limits.options.items()},
        small=limits.spark_from,
    )


def _text(value: bool | float | str) -> str:
    """A setting as Spark writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
