"""The pipeline: read → clean → link → decide → flag → write, one call each, in order."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import polars as pl

from linkage.clean import ColumnHealth, clean_frame, column_health
from linkage.columns import PERSON_ID, RECORD_ID
from linkage.config import Job, RegistryDeclaration
from linkage.contracts import (
    CORRECTIONS,
    DUPLICATES,
    POPULATION_ISSUES,
    REVIEW,
    case_table,
    check_registry,
)
from linkage.decide import DecisionInput, decide
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ConfigError, ContractError
from linkage.fields import CleanContext
from linkage.link import LinkResult, LinkTables, link_registry
from linkage.link.model import Model, load_model
from linkage.link.pairing import Pairing, pair_fields
from linkage.link.registry import LinkRules, load_records
from linkage.manifest import Journal
from linkage.population import PEOPLE_FEATURES, Population, clean_population
from linkage.progress import Progress, quiet
from linkage.read import RawSource, read_source
from linkage.records import records_list, rejects_list
from linkage.resources import shipped
from linkage.review import review_queue
from linkage.rules.corrections import corrections
from linkage.rules.duplicates import duplicates
from linkage.rules.flags import flag

log: Final = logging.getLogger("linkage")

POPULATION: Final = "population"
STEPS: Final = ("read", "clean", "link", "decide", "flag")
MOST_REPEATED_KEYS: Final = 0.001
"""Share of repeated population keys above which the register cannot be trusted as one."""


@dataclass(frozen=True)
class RegistryLists:
    """What one registry's run yields, before anything is written.

    Attributes:
        lists: checked lists by name, in the contract's order.
        source: facts about the source, for the manifest.
        health: how readable each column was.
        link: counts of the linking.
        model: the weights used.
    """

    lists: Mapping[str, pl.DataFrame]
    source: Mapping[str, Any]
    health: tuple[ColumnHealth, ...]
    link: LinkResult
    model: Model


@dataclass
class Session:
    """One job with its population loaded: registries run on it one after another.

    Args:
        job: the checked job.
        frames: frames handed over in place of files, by registry name or ``population``.
        progress: told about every step.

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

    def __enter__(self) -> Self:
        limits = self.job.config.engine
        self.engine = DuckDBEngine(limits.memory_limit, limits.temp_directory, limits.threads)
        try:
            self._load_population()
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

    def _load_population(self) -> None:
        config, declared = self.job.config.population, self.job.population
        with self._step(POPULATION, "read", "population: reading") as entry:
            self.population_source = read_source(
                POPULATION,
                config.source,
                config.columns,
                PERSON_ID,
                frame=self.frames.get(POPULATION),
            )
            count_rows(entry, self.population_source)
            self._check_keys(self.population_source)
        rows = self.population_source.rows.height
        with self._step(POPULATION, "clean", f"population: cleaning {rows:,} people") as entry:
            self.population: Population = clean_population(
                self.population_source.rows, declared.fields, self.context
            )
            self.population.load(self.engine)
            entry.update(rows_in=rows, rows_out=self.population.size, rows_set_aside=0)

    def _check_keys(self, source: RawSource) -> None:
        repeated = source.rejects.filter(pl.col("reasons").list.contains("DUPLICATE_KEY")).height
        total = source.rows.height + source.rejects.height
        if repeated > MOST_REPEATED_KEYS * total:
            message = f"the population register repeats {repeated:,} of its {total:,} keys"
            raise ConfigError(
                message,
                expected=f"at most {MOST_REPEATED_KEYS:.1%} repeated keys",
                found=f"{repeated / total:.2%}",
                hint="check that 'population: columns: person_id:' names the register's key",
            )

    def _step(self, registry: str, name: str, label: str) -> Any:
        self.progress(label)
        return self.journal.step(registry, name)

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

    def run(self, name: str) -> RegistryLists:
        """Run one registry from its source to its lists.

        Args:
            name: a registry of the job.

        Returns:
            Its lists, checked against the contract and against each other.

        Raises:
            SourceError: the source cannot be read.
            ContractError: rows in and out do not add up.
        """
        declaration = self.job.registries[name]
        with self._step(name, "read", f"{name}: reading") as entry:
            source = self.read(name)
            count_rows(entry, source)
        rows = source.rows.height
        with self._step(name, "clean", f"{name}: cleaning {rows:,} records") as entry:
            cleaned = self.clean(name, source.rows)
            health = column_health(cleaned, declaration.fields)
            entry.update(rows_in=rows, rows_out=cleaned.height, rows_set_aside=0)
        _warn(name, health)
        tables, pairing = LinkTables(name), self.pairing(declaration)
        model = self.model(name, pairing)
        lists, link = self._lists(name, source, cleaned, tables, pairing, model)
        self.engine.drop(*tables.all)
        return RegistryLists(lists, source.source, health, link, model)

    def read(self, name: str) -> RawSource:
        """Read one registry's source."""
        config, declaration = self.job.config.registries[name], self.job.registries[name]
        key = next((f for f, d in declaration.fields.items() if d.type == "key"), RECORD_ID)
        return read_source(name, config.source, config.columns, key, frame=self.frames.get(name))

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
        """Load cleaned records into the engine and link them to the population.

        Args:
            name: the registry.
            cleaned: its records, or some of them.
            tables: names of the engine tables to fill.
            pairing: which fields it shares with the population.
            model: weights.
            rules: exact and blocking rules in place of the declared ones.
        """
        declaration = self.job.registries[name]
        return link_registry(
            self.engine,
            cleaned,
            declaration.fields,
            rules or declaration.link,
            pairing=pairing,
            model=model,
            population=self.population,
            tables=tables,
        )

    def load_records(
        self, name: str, cleaned: pl.DataFrame, tables: LinkTables, pairing: Pairing
    ) -> None:
        """Load cleaned records into the engine without linking them, for training."""
        load_records(self.engine, cleaned, self.job.registries[name].fields, pairing, tables)

    def _lists(
        self,
        name: str,
        source: RawSource,
        cleaned: pl.DataFrame,
        tables: LinkTables,
        pairing: Pairing,
        model: Model,
    ) -> tuple[dict[str, pl.DataFrame], LinkResult]:
        declaration, engine, n = self.job.registries[name], self.engine, cleaned.height
        with self._step(name, "link", f"{name}: linking {n:,} records") as entry:
            link = self.link(name, cleaned, tables, pairing, model)
            entry.update(rows_in=n, rows_out=n, rows_set_aside=n - link.subjects)
        with self._step(name, "decide", f"{name}: deciding {n:,} records") as entry:
            given = DecisionInput(model, pairing, declaration.link.thresholds, PEOPLE_FEATURES)
            decisions = decide(engine, given, tables)
            facts = engine.frame(f'SELECT idx, subject_type FROM "{tables.facts}" ORDER BY idx')
            person_ids = self.population.cleaned[PERSON_ID]
            records = records_list(cleaned, facts, decisions, source.rejects, person_ids)
            review = REVIEW.check(review_queue(engine, tables, model, pairing))
            entry.update(rows_in=n, rows_out=decisions.height, rows_set_aside=0)
        with self._step(name, "flag", f"{name}: flagging {n:,} records") as entry:
            lists = {"records": records, **self._flag(name, tables, pairing), "review": review}
            lists["rejects"] = rejects_list(source.rejects)
            entry.update(rows_in=n, rows_out=n, rows_set_aside=0)
        check_registry(
            name,
            read=n + source.rejects.height,
            rejected=source.rejects.height,
            records=records,
            rejects=lists["rejects"],
        )
        return lists, link

    def _flag(self, name: str, tables: LinkTables, pairing: Pairing) -> dict[str, pl.DataFrame]:
        declaration, table = self.job.registries[name], case_table(name)
        fields = declaration.fields
        counted_by = (declaration.holds_by or "").replace(".", "__") or None
        cases = flag(
            self.engine,
            tables,
            fields,
            declaration.rules,
            opened_on=declaration.opened_on,
            counted_by=counted_by,
            reference_date=self.job.config.reference_date,
        )
        doubled = duplicates(
            self.engine,
            tables,
            fields,
            lawful=lawful_records(declaration.holds),
            counted_by=counted_by,
        )
        corrected = corrections(self.engine, tables, fields, pairing)
        return {
            table.name: table.check(cases),
            "duplicates": DUPLICATES.check(doubled),
            "corrections": CORRECTIONS.check(corrected),
        }

    def population_issues(self) -> pl.DataFrame:
        """Repeated keys of the register, as the contract lists them."""
        rejects = self.population_source.rejects
        issues = rejects.select(
            pl.col(RECORD_ID).str.replace(r"#\d+$", "").alias("person_id"),
            pl.lit("person_id").alias("field"),
            pl.lit(None, dtype=pl.String).alias("current"),
            pl.lit(None, dtype=pl.String).alias("proposed"),
            "reasons",
            pl.lit([], dtype=pl.List(pl.String)).alias("supported_by"),
            pl.lit(1.0).alias("confidence"),
        )
        return POPULATION_ISSUES.check(issues)


def lawful_records(holds: str | int) -> int | None:
    """How many records a person may hold; None for any number.

    Example:
        >>> lawful_records("one"), lawful_records("many"), lawful_records(3)
        (1, None, 3)
    """
    if isinstance(holds, int):
        return holds
    return 1 if holds == "one" else None


def count_rows(entry: dict[str, Any], source: RawSource) -> None:
    """Note rows in, out and set aside of a reading step."""
    kept, rejected = source.rows.height, source.rejects.height
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


def _warn(name: str, health: Iterable[ColumnHealth]) -> None:
    for column in health:
        if column.is_garbage:
            log.warning(
                "registry '%s', field '%s': %d of %d values are unreadable;"
                " check the column mapping and the encoding",
                name,
                column.field,
                column.unreadable,
                column.filled,
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
            hint="see 'registries:' in the job file",
        )
    return chosen


__all__ = ["POPULATION", "STEPS", "RegistryLists", "Session", "registries_of"]
