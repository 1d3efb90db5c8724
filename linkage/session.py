"""A job at work: its engine open, its population loaded, its registries read, cleaned and linked.

Running a job, training and explaining share it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import polars as pl

from linkage.alarms import about_columns
from linkage.clean import ColumnHealth, clean_frame, total_health
from linkage.columns import RECORD_ID
from linkage.config import Job, RegistryDeclaration
from linkage.engines.choose import open_engine
from linkage.errors import ConfigError, did_you_mean
from linkage.fields import CleanContext
from linkage.limits import beside
from linkage.link import LinkResult, LinkTables, link_registry
from linkage.link.loading import load_pieces, load_records
from linkage.link.model import Model, load_model
from linkage.link.pairing import Pairing, pair_fields
from linkage.link.registry import LinkRules
from linkage.manifest import Journal
from linkage.population_index import PopulationIndex, ready_index
from linkage.progress import Begun, Progress, quiet
from linkage.read import RawSource, read_source
from linkage.register import POPULATION, load_register
from linkage.resources import shipped
from linkage.resume import Entry, Form, State
from linkage.updates.frozen import Frozen
from linkage.updates.rows import note_rows

log: Final = logging.getLogger("linkage")

T = TypeVar("T")


@dataclass
class Session:
    """One job with its engine open and its population loaded.

    Args:
        job: the checked job.
        frames: frames handed over in place of files, by registry name or ``population``.
        progress: told about every step.
        journal: what the run notes of its steps.
        told: what people have said of links: ``registry, record_id, person_id, is_right``.
        state: where finished steps are kept for a rerun; None for nowhere.
        frozen: what a former run learnt of registries, for those that take it as it is.
        aside: put lists aside on disk as they are made; False to hold all of them in memory.
        largest: records of the largest registry, about: their lists take memory beside the engine.

    Example:
        >>> from linkage.config import load_job
        >>> from linkage.resources import shipped
        >>> with Session(load_job(shipped("configs", "sample.yaml"))) as session:
        ...     session.population.size
        20000
    """

    job: Job
    frames: Mapping[str, object] = field(default_factory=dict)
    progress: Progress = quiet
    journal: Journal = field(default_factory=Journal)
    told: pl.DataFrame | None = None
    state: State | None = None
    frozen: Mapping[str, Frozen] = field(default_factory=dict)
    aside: bool = False
    largest: int = 0
    folder: Path | None = field(default=None, init=False)
    """Where rows are put aside: the engine's folder, once the session is entered."""
    index: Mapping[str, Any] | None = field(default=None, init=False)
    """Which index of the register was taken, and why it had to be made; None without one."""

    def __enter__(self) -> Self:
        index = self._index()
        kept = self.state.folder if self.state else None
        self.engine = open_engine(self.job.config.engine, kept, beside(self.largest))
        self.folder = self.engine.folder
        try:
            self._take_register(index)
        except BaseException:
            self.engine.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.engine.close()

    @property
    def context(self) -> CleanContext:
        """What cleaners may know."""
        return CleanContext(self.job.config.reference_date)

    def _index(self) -> PopulationIndex | None:
        """The index of the register, made if need be; None where the job keeps none."""
        if self.job.config.population.index is None or POPULATION in self.frames:
            return None
        # Its engine is its own: none of its steps is kept with those of the run.
        index, reasons = ready_index(self.job, replace(self, state=None))
        self.index = {"path": str(index.path), "made_because": reasons}
        return index

    def _take_register(self, index: PopulationIndex | None) -> None:
        """Have the people in the engine: of the index, or read and cleaned."""
        engine, path = self.engine, self.job.config.population.source.path
        # Attached first: what a killed run has left may be views over the index.
        register = index.attach(engine, path) if index is not None else None
        if self.state is not None:
            self.state.open(engine)
            if register is not None:
                self.state.rests_on(POPULATION, register.source["content_hash"])
        if register is None:
            register = load_register(engine, self.job, self, frame=self.frames.get(POPULATION))
        self.register, self.population = register, register.population
        self.warn(*about_columns(POPULATION, register.health))

    def warn(self, *alarms: str) -> None:
        """Log alarms and keep them for the manifest."""
        for alarm in alarms:
            log.warning(alarm)
        self.journal.warnings.extend(alarms)

    def step(self, registry: str, name: str, label: str) -> AbstractContextManager[dict[str, Any]]:
        """Announce and time a step."""
        self.progress(Begun.of(label, (registry, name)))
        return self.journal.step(registry, name)

    def once(
        self, registry: str, name: str, label: str, form: Form[T], work: Callable[[Entry], T]
    ) -> T:
        """Do a step, or take over its outcome where this run continues one that has finished it.

        Args:
            registry: whose step it is.
            name: of the step.
            label: for the progress.
            form: how its outcome is kept.
            work: does it, and notes what it counts in the journal's entry.
        """
        if self.state is None:
            with self.step(registry, name, label) as entry:
                made = work(entry)
            if not self.aside or not form.lets_go:
                return made
            return form.put_aside(made, self.engine.folder.parent)
        return self.state.once(self, registry, name, label, form, work)

    def in_passing(self) -> AbstractContextManager[None]:
        """Work on finished steps; a run that continues this one finds them as they were."""
        return nullcontext() if self.state is None else self.engine.in_passing()

    def pairing(self, declaration: RegistryDeclaration) -> Pairing:
        """Fields that a registry shares with the population."""
        types = {name: f.type for name, f in declaration.fields.items()}
        return pair_fields(types, self.population.types)

    def model(self, name: str, pairing: Pairing) -> Model:
        """The registry's weights, completed from the default model."""
        default = shipped("configs", "models", "default.json")
        path = self.job.model_paths.get(name) or default
        return load_model(path, default, pairing.compared, self.population.size)

    def clean(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Clean rows of one registry."""
        return clean_frame(rows, self.job.registries[name].fields, self.context)

    def load(
        self, name: str, source: RawSource, tables: LinkTables, pairing: Pairing
    ) -> tuple[ColumnHealth, ...]:
        """Clean a registry and load it into the engine, piece by piece.

        What was put aside stays, until the step is over and :meth:`RawSource.discard` is called.

        Returns:
            How readable its columns are.
        """

        def pieces() -> Iterator[pl.DataFrame]:
            first = 0
            for raw in source.pieces():
                if self.job.config.output.state is not None:
                    note_rows(self.engine, tables, raw, first=first)
                first += raw.height
                yield raw

        health = load_pieces(
            self.engine,
            pieces(),
            self.job.registries[name].fields,
            pairing,
            tables,
            self.context,
        )
        return total_health(health)

    def read(self, name: str) -> RawSource:
        """Read one registry's source."""
        config = self.job.config.registries[name]
        return read_source(
            name,
            config.source,
            config.columns,
            self.key_of(name),
            frame=self.frames.get(name),
            folder=self.folder,
        )

    def key_of(self, name: str) -> str:
        """The field that keys a registry's rows, mapped or not."""
        fields = self.job.registries[name].fields
        return next((f for f, d in fields.items() if d.type == "key"), RECORD_ID)

    def link(
        self,
        name: str,
        cleaned: pl.DataFrame,
        tables: LinkTables,
        pairing: Pairing,
        model: Model,
        *,
        rules: LinkRules | None = None,
    ) -> LinkResult:
        """Load cleaned records, or some of them, and link them (:meth:`link_loaded`)."""
        self.load_records(name, cleaned, tables, pairing)
        return self.link_loaded(name, tables, pairing, model, rules=rules)

    def link_loaded(
        self,
        name: str,
        tables: LinkTables,
        pairing: Pairing,
        model: Model,
        *,
        rules: LinkRules | None = None,
    ) -> LinkResult:
        """Link records that are in the engine (:meth:`load`) to the population.

        Args:
            name: the registry.
            tables: names of the engine tables to fill.
            pairing: which fields it shares with the population.
            model: weights.
            rules: exact and blocking rules in place of the declared ones.
        """
        declaration, frozen = self.job.registries[name], self.frozen.get(name)
        return link_registry(
            self.engine,
            rules or declaration.link,
            pairing=pairing,
            model=model,
            population=self.population,
            tables=tables,
            told=None if self.told is None else self.told.filter(pl.col("registry") == name),
            frozen=frozen.of(model) if frozen else None,
        )

    def load_records(
        self, name: str, cleaned: pl.DataFrame, tables: LinkTables, pairing: Pairing
    ) -> None:
        """Load cleaned records into the engine without linking them, for training."""
        load_records(self.engine, [cleaned], self.job.registries[name].fields, pairing, tables)


def check_sources(job: Job, frames: Mapping[str, object]) -> None:
    """Refuse a frame for a source that the job does not have.

    Raises:
        ConfigError: names the source and the nearest one.
    """
    known = (POPULATION, *job.registries)
    for name in frames:
        if name not in known:
            message = f"a frame is given for '{name}', which the job does not read"
            raise ConfigError(
                message,
                expected=f"one of {', '.join(known)}",
                found=name,
                hint=did_you_mean(name, known),
            )


def registries_of(job: Job, only: Iterable[str] | None = None) -> tuple[str, ...]:
    """Names of the registries to run.

    Raises:
        ConfigError: a name is not one of the job's.
    """
    chosen = tuple(only or job.registries)
    unknown = [name for name in chosen if name not in job.registries]
    if unknown:
        message = f"the job has no registry '{unknown[0]}'"
        raise ConfigError(
            message,
            expected=f"one of {', '.join(job.registries)}",
            found=unknown[0],
            hint=did_you_mean(unknown[0], job.registries) or "see 'registries:' in the job file",
        )
    return chosen
