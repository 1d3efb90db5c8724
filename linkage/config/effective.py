"""The configuration that a run follows: declarations with the job's changes, paths resolved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from linkage.config.models import (
    JobConfig,
    PopulationDeclaration,
    RegistryDeclaration,
    RegistryJob,
    SourceConfig,
    ThresholdOverrides,
    Thresholds,
)
from linkage.fingerprints import value_hash
from linkage.rules.chosen import effective_rules


def merged(declaration: RegistryDeclaration, job: RegistryJob) -> RegistryDeclaration:
    """The declaration with the job's changes; rules that are on, with all parameters."""
    thresholds = _thresholds(declaration.link.thresholds, job.link.thresholds)
    changes = job.link.model_dump(exclude_none=True, exclude={"thresholds"})
    link = declaration.link.model_copy(update={**changes, "thresholds": thresholds})
    rules = effective_rules(declaration.rules, job.rules)
    limit = {**declaration.max_wrongful_per_10k, **job.max_wrongful_per_10k}
    changed = job.duplicates.model_dump(exclude_none=True)
    return declaration.model_copy(
        update={
            "link": link,
            "rules": rules,
            "max_wrongful_per_10k": limit,
            "duplicates": declaration.duplicates.model_copy(update=changed),
        }
    )


def _thresholds(declared: Thresholds, job: ThresholdOverrides) -> Thresholds:
    """The declared thresholds with the job's.

    Another ``link`` was not tuned where that one was, and is not lowered as the declared one is.
    """
    given = job.model_dump(exclude_none=True)
    if "link" in given:
        given.setdefault("tuned_on", None)
        given.setdefault("link_down_to", None)
    if "actions" in given:
        given["actions"] = {**declared.actions, **given["actions"]}
    return declared.model_copy(update=given)


def resolved(config: JobConfig, folder: Path) -> JobConfig:
    """The job with absolute paths, and the population's number as its key where it has no other."""

    def source(given: SourceConfig) -> SourceConfig:
        return given.model_copy(update={"path": given.path and _absolute(folder, given.path)})

    population = config.population
    columns = dict(population.columns)
    columns.setdefault("personal_id", columns["person_id"])
    registries = {
        name: job.model_copy(update={"source": source(job.source)})
        for name, job in config.registries.items()
    }
    spill, state = config.engine.temp_directory, config.output.state
    engine = {"temp_directory": spill and _absolute(folder, spill)}
    return config.model_copy(
        update={
            "population": population.model_copy(
                update={
                    "source": source(population.source),
                    "columns": columns,
                    "index": population.index and _absolute(folder, population.index),
                }
            ),
            "registries": registries,
            "feedback": config.feedback and source(config.feedback),
            "engine": config.engine.model_copy(update=engine),
            "output": config.output.model_copy(
                update={
                    "path": _absolute(folder, config.output.path),
                    "state": state and _absolute(folder, state),
                }
            ),
        }
    )


def _absolute(folder: Path, path: Path) -> Path:
    return (folder / path.expanduser()).resolve()


def content_hash(
    config: JobConfig,
    population: PopulationDeclaration,
    registries: Mapping[str, RegistryDeclaration],
) -> str:
    """SHA-256 of the effective configuration.

    Paths count as the file says them: a moved folder is the same configuration.
    """
    return value_hash(
        {
            "job": config.model_dump(mode="json"),
            "population": population.model_dump(mode="json"),
            "registries": {
                name: found.model_dump(mode="json") for name, found in registries.items()
            },
        }
    )
