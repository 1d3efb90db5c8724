"""The population index: the register cleaned once, for all registries and runs that follow.

One DuckDB file that holds what :func:`linkage.register.load_register` makes (cleaned people, their
features), the frequencies of names and places, and how common names are in their surroundings. A run
attaches it, read-only, in place of reading and cleaning the register.

It says what it was made from. A run takes it only where all of that is the same now, and makes it anew
where something differs: it is never stale. It is written beside its place and renamed when whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import duckdb
import polars as pl

from linkage.clean import ColumnHealth
from linkage.config import Job
from linkage.engines.duckdb import DuckDBEngine, peek
from linkage.errors import ConfigError
from linkage.fingerprints import code_hash, value_hash
from linkage.limits import beside
from linkage.link.model import Model, comparisons_of
from linkage.link.name_context import count_contexts
from linkage.link.pairing import pair_fields
from linkage.manifest import versions
from linkage.population import Population, is_of_what_was_seen, show_people
from linkage.read import content_hash, locate
from linkage.register import POPULATION, Register, Steps, load_register, register_context

_CODE: Final = (
    "cleaners",
    "linkage/read",
    "linkage/clean.py",
    "linkage/fields.py",
    "linkage/population.py",
    "linkage/population_index.py",
    "linkage/features.py",
    "linkage/features_plain.py",
    "linkage/link/name_context.py",
)
"""What the content of an index hangs on."""
_CONTENT: Final = "content of the source"
_ATTACHED: Final = "population_index"
_ABOUT: Final = "about_index"
_REJECTS: Final = "register_rejects"

Origin = Mapping[str, str]
"""Part of what an index is made from to its state: see :func:`origin_of`."""


def origin_of(job: Job) -> dict[str, str]:
    """What an index of the job's register is made from, part by part.

    Args:
        job: its population source is a file.

    Returns:
        ``content of the source`` (its hash), ``reading`` (format, encoding, mapping),
        ``declaration``, ``date``, ``cleaners`` (hash of their code and tables), ``versions``.
    """
    config = job.config.population
    reading = config.source.model_dump(mode="json", exclude={"path", "as_of"})
    parts = {
        "reading": {**reading, "columns": config.columns},
        "declaration": job.population.model_dump(mode="json")["fields"],
        "versions": versions(),
    }
    return {
        _CONTENT: content_hash(locate(POPULATION, config.source.path)),
        **{name: value_hash(part) for name, part in parts.items()},
        "date": register_context(job).reference_date.isoformat(),
        "cleaners": code_hash(*_CODE),
    }


@dataclass(frozen=True)
class PopulationIndex:
    """An index on disk.

    Attributes:
        path: the file.
        origin: what it was made from.
        about: what a run says of the register: ``size``, ``types``, ``source``, ``health``.
    """

    path: Path
    origin: Origin
    about: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Look at the index at a path; None if there is none.

        Raises:
            ConfigError: something else is there, or an index that cannot be read.
        """
        if not path.exists():
            return None
        try:
            rows = peek(path, f"SELECT origin, about FROM {_ABOUT}")
        except duckdb.Error as error:
            message = f"{path.name} is no population index"
            raise ConfigError(
                message,
                expected="a file that linkage index wrote, or none yet",
                found=type(error).__name__,
                hint="name another place in 'population: index:', or delete the file",
            ) from None
        origin, about = (json.loads(text) for text in rows[0])
        return cls(path, origin, about)

    def differences(self, origin: Origin) -> list[str]:
        """Parts of what it was made from that are different now; empty if it fits."""
        return [part for part, state in origin.items() if self.origin.get(part) != state]

    def attach(self, engine: DuckDBEngine, source: Path | None) -> Register:
        """Show an engine everything that the index holds, under the names that steps ask for.

        Args:
            engine: where to. In a database that a killed run has left, what it has made of its own
                stays, and so does what other registries have shown of people.
            source: where the register's file lies now; the same content may have moved.
        """
        placed = {"path": str(source)} if source else {}
        for table in engine.attach(self.path, _ATTACHED):
            if not engine.has(table):
                engine.run(f'CREATE VIEW "{table}" AS FROM {_ATTACHED}."{table}"')
        show_people(engine)
        about = self.about
        return Register(
            Population(about["size"], about["types"]),
            {**about["source"], **placed},
            engine.frame(f"FROM {_REJECTS} ORDER BY row"),
            tuple(ColumnHealth(**column) for column in about["health"]),
        )


def ready_index(job: Job, steps: Steps, *, anew: bool = False) -> tuple[PopulationIndex, list[str]]:
    """The index of a job's register: the one that is there if it fits, else a new one.

    Args:
        job: names a place in ``population: index:``, and a file as source.
        steps: does reading and cleaning, and keeps neither: an index is made in one go.
        anew: make it again even if it fits.

    Returns:
        The index, and why it was made: empty if it was there.

    Raises:
        ConfigError: something else lies at the place; or the register's keys repeat too often.
        SourceError: the register cannot be read.
    """
    path = job.config.population.index
    assert path is not None
    origin = origin_of(job)
    found = PopulationIndex.read(path)
    reasons = ["there was none"] if found is None else found.differences(origin)
    if anew and not reasons:
        reasons = ["it was asked for"]
    if found is not None and not reasons:
        return found, []
    return _build(job, steps, path, origin), reasons


def _build(job: Job, steps: Steps, path: Path, origin: Origin) -> PopulationIndex:
    limits = job.config.engine
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with DuckDBEngine(
        limits.memory_limit, path.parent, limits.threads, lasting=True, beside=beside(0)
    ) as engine:
        register = load_register(engine, job, steps)
        _prepare(engine, job, register)
        # What was read counts, should the file have changed since it was looked at.
        made_from = {**origin, _CONTENT: register.source["content_hash"]}
        about = {
            "size": register.population.size,
            "types": dict(register.population.types),
            "source": dict(register.source),
            "health": [asdict(column) for column in register.health],
        }
        engine.put(_REJECTS, register.rejects)
        texts = {"origin": json.dumps(made_from), "about": json.dumps(about)}
        engine.put(_ABOUT, pl.DataFrame([texts]))
        engine.save_as(path)
    return PopulationIndex(path, made_from, json.loads(texts["about"]))


def _prepare(engine: DuckDBEngine, job: Job, register: Register) -> None:
    """Count what linking the job's registries asks of the register."""
    for declaration in job.registries.values():
        types = {name: field.type for name, field in declaration.fields.items()}
        pairing = pair_fields(types, register.population.types)
        model = Model(comparisons_of(pairing.compared), {}, prior=0.5, source="", sha256="")
        for feature in model.frequencies():
            if not is_of_what_was_seen(feature):  # nothing has been seen yet
                register.population.frequencies(engine, feature)
        if model.compared("person_name"):
            count_contexts(engine, model)
