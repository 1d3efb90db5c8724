"""The register that a run links to: read, checked for being one, and cleaned into the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import polars as pl

from linkage.clean import ColumnHealth
from linkage.columns import PERSON_ID
from linkage.config import Job
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ConfigError, ContractError, SourceError
from linkage.fields import CleanContext
from linkage.population import Population, load_population
from linkage.read import RawSource, read_source
from linkage.resume import Entry, Form, forms

T = TypeVar("T")
POPULATION: Final = "population"
MOST_REPEATED_KEYS: Final = 0.001
"""Share of repeated population keys above which the register cannot be trusted as one."""


class Steps(Protocol):
    """Who announces, times and may keep the steps."""

    def once(
        self, registry: str, name: str, label: str, form: Form[T], work: Callable[[Entry], T], /
    ) -> T:
        """Do a step, or take over its outcome where it is finished; see :class:`~.session.Session`.

        The work is given the step's entry: it takes rows in, out and set aside.
        """


@dataclass(frozen=True)
class Register:
    """The cleaned register and what a run says of its source.

    Attributes:
        population: the people, in the engine.
        source: facts for the manifest, see :attr:`linkage.read.RawSource.source`.
        rejects: rows that were set aside, repeated keys among them.
        health: how readable each column was.
    """

    population: Population
    source: Mapping[str, Any]
    rejects: pl.DataFrame
    health: tuple[ColumnHealth, ...]


def register_context(job: Job) -> CleanContext:
    """What the cleaners of the register may know: the day whose state it shows.

    A register is what it is whenever it is asked: a job with another reference date cleans it to the
    same values.
    """
    return CleanContext(job.config.population.source.as_of or job.config.reference_date)


def load_register(
    engine: DuckDBEngine, job: Job, steps: Steps, *, frame: object | None = None
) -> Register:
    """Read and clean the population register into an engine.

    Args:
        engine: where to, see :func:`linkage.population.load_population`.
        job: says where the register is.
        steps: does reading and cleaning, and may keep what comes of them.
        frame: a frame handed over in place of the file.

    Raises:
        SourceError: it cannot be read, or holds nobody.
        ConfigError: its keys repeat too often for a register.
    """
    columns = job.config.population.columns

    def read(entry: Entry) -> RawSource:
        return _read(engine, job, frame, entry)

    def clean(entry: Entry) -> tuple[Population, tuple[ColumnHealth, ...]]:
        cleaned = load_population(
            engine, source.pieces(), job.population.fields, register_context(job)
        )
        entry.update(rows_in=source.height, rows_out=cleaned[0].size, rows_set_aside=0)
        return cleaned

    kept = forms.of_source(columns, engine.folder)
    source = steps.once(POPULATION, "read", "population: reading", kept, read)
    label = f"population: cleaning {source.height:,} people"
    population, health = steps.once(POPULATION, "clean", label, forms.POPULATION, clean)
    source.discard()
    return Register(population, source.source, source.rejects, health)


def _read(engine: DuckDBEngine, job: Job, frame: object | None, entry: Entry) -> RawSource:
    """The register's rows, put aside in the engine's folder."""
    config = job.config.population
    source = read_source(
        POPULATION, config.source, config.columns, PERSON_ID, frame=frame, folder=engine.folder
    )
    count_rows(entry, source)
    _check_keys(source)
    _check_size(source)
    return source


def count_rows(entry: dict[str, Any], source: RawSource) -> None:
    """Note rows in, out and set aside of a reading step."""
    kept, rejected = source.height, source.rejects.height
    total = int(source.source["rows"])
    entry.update(rows_in=total, rows_out=kept, rows_set_aside=rejected)
    if kept + rejected != total:
        message = "rows read and rows in the source do not add up"
        raise ContractError(
            message,
            expected=f"{total} rows",
            found=f"{kept} kept and {rejected} rejected",
            hint="nothing was written; this is a fault of the toolkit, please report it",
        )


def _check_keys(source: RawSource) -> None:
    repeated = source.rejects.filter(pl.col("reasons").list.contains("DUPLICATE_KEY")).height
    total = source.height + source.rejects.height
    if repeated > MOST_REPEATED_KEYS * total:
        message = f"the population register repeats {repeated:,} of its {total:,} keys"
        raise ConfigError(
            message,
            expected=f"at most {MOST_REPEATED_KEYS:.1%} repeated keys",
            found=f"{repeated / total:.2%}",
            hint="check that 'population: columns: person_id:' names the register's key",
        )


def _check_size(source: RawSource) -> None:
    if source.height == 0:
        message = "the population register holds no people"
        raise SourceError(
            message,
            expected="the whole register: against an empty one every holder looks invented",
            found="no usable row",
            hint="was the export cut off? see 'population: source:' in the job",
        )
