"""What the steps of a run are made from, part by part: if a part is different, they are stale.

What nothing before publishing reads is no part: formats, the output folder, the previous lists. A
continued run reads them anew. Nor are the engine's limits: they decide how long a step takes, not what
comes of it, and a run that was killed for its memory may be continued within other limits.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from typing import Final

from linkage.config import Job
from linkage.config.models import SourceConfig
from linkage.fingerprints import code_hash, value_hash
from linkage.read import content_hash
from linkage.resources import shipped

_PACKAGES: Final = (
    "duckdb", "numpy", "pandas", "polars", "pyarrow", "pydantic", "recordlinkage", "scikit-learn",
    "splink", "sqlglot", "unidecode",
)  # fmt: skip
"""Other people's code that has a say in lists."""


def made_from(job: Job, names: Iterable[str], feedback: str | None) -> dict[str, str] | None:
    """Fingerprints of all that the steps of a run read.

    Args:
        job: the job.
        names: registries that run.
        feedback: content hash of what people have decided; None where the job names no file.

    Returns:
        Part, in words, to SHA-256: values of the job may be credentials and are not told. None if a
        source is no file that can be read.
    """
    names = tuple(names)
    sources = {"population": job.config.population.source}
    sources |= {name: job.config.registries[name].source for name in names}
    try:
        files = {source_part(name): _file(source) for name, source in sources.items()}
        models = {f"the model of '{name}'": model_part(job, name) for name in names}
    except (OSError, ValueError):
        return None
    written = job.config.model_dump(mode="json", exclude={"engine", "output", "reference_date"})
    return {
        "the job": value_hash(written),
        "the engine": job.config.engine.name,
        "the reference date": value_hash(str(job.config.reference_date)),
        **declarations(job, names),
        "the registries asked for": value_hash(names),
        **models,
        **files,
        "the feedback": feedback or "none",
        "what is kept": "the state" if job.config.output.state else "nothing",
        **code_and_libraries(),
    }


def declarations(job: Job, names: Iterable[str]) -> dict[str, str]:
    """Fingerprints of the register's declaration and of those of registries."""
    declared = {f"the declaration of '{name}'": job.registries[name] for name in names}
    return {
        name: value_hash(declaration.model_dump(mode="json"))
        for name, declaration in {
            "the declaration of the population": job.population,
            **declared,
        }.items()
    }


def code_and_libraries() -> dict[str, str]:
    """Fingerprints of the toolkit's own code and of the libraries below it."""
    return {
        "the toolkit": code_hash("linkage", "cleaners"),
        "the libraries": value_hash([platform.python_version(), platform.machine(), *_versions()]),
    }


def source_part(name: str) -> str:
    """The part that is a source's content."""
    return f"the source '{name}'"


def changed(before: Mapping[str, object], now: Mapping[str, str]) -> list[str]:
    """Parts that are not what they were, in the order of ``now``.

    Example:
        >>> changed({"the job": "a", "the toolkit": "b"}, {"the job": "a", "the toolkit": "c"})
        ['the toolkit']
    """
    parts = [*now, *(part for part in before if part not in now)]
    return [part for part in parts if before.get(part) != now.get(part)]


def _file(source: SourceConfig) -> str:
    if source.path is None:
        raise ValueError
    return content_hash(source.path)


def model_part(job: Job, name: str) -> str:
    """Fingerprint of the model file that a registry follows, and of the one that completes it."""
    default = shipped("configs", "models", "default.json")
    own = job.model_paths[name] or default
    return value_hash([own.name, content_hash(own), content_hash(default)])


def _versions() -> list[str]:
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            found.append(f"{package} is not there")
    return found
