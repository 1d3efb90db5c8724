"""Make the population index ahead of the runs that use it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linkage.config import Job, load_job
from linkage.errors import ConfigError
from linkage.population_index import PopulationIndex, ready_index
from linkage.progress import Progress, quiet
from linkage.session import Session


def index_register(
    config: Path | str | Mapping[str, Any] | Job,
    *,
    anew: bool = False,
    progress: Progress = quiet,
) -> tuple[PopulationIndex, list[str]]:
    """Make the index that a job names in ``population: index:``, if the one there does not fit.

    Args:
        config: a job file, the same as a mapping, or a job already loaded.
        anew: make it again even if it fits.
        progress: called with a label as each step begins.

    Returns:
        The index, and why it was made: what is different now, or that there was none; empty if the
        one that is there fits.

    Raises:
        ConfigError: the job names no index, or something else lies at its place.
        SourceError: the register cannot be read.
    """
    job = config if isinstance(config, Job) else load_job(config)
    if job.config.population.index is None:
        message = "the job keeps no population index"
        raise ConfigError(
            message,
            expected="'population: index:' with the path of a file",
            found="no such key",
            hint="add for example 'index: ../index/people.duckdb' below 'population:'",
        )
    return ready_index(job, Session(job, progress=progress), anew=anew)
