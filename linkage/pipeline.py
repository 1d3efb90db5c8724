"""The pipeline: read → clean → link → decide → flag, one registry at a time, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import polars as pl

from linkage.alarms import about_columns, about_links, about_rows, about_thresholds
from linkage.clean import ColumnHealth
from linkage.columns import RECORD_ID, ROW
from linkage.config import RegistryDeclaration
from linkage.contracts import (
    CORRECTIONS,
    DUPLICATES,
    POPULATION_ISSUES,
    REVIEW,
    case_table,
)
from linkage.decide import DecisionInput, decide
from linkage.duplicates.listing import DuplicateInput, duplicates
from linkage.duplicates.unlinked import Comparing
from linkage.harm import Measured
from linkage.link import LinkResult, LinkTables
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.link.posterior import Shares, estimate_shares
from linkage.link.sightings import learn
from linkage.population import PEOPLE_FEATURES
from linkage.read import RawSource
from linkage.records import check_registry, records_list, rejects_list
from linkage.register import count_rows
from linkage.resume import Entry, Form, Kept, forms
from linkage.review import review_queue
from linkage.rules.alive import keep_the_dead
from linkage.rules.corrections import corrections
from linkage.rules.flags import flag
from linkage.rules.testimony import contradicted, testify
from linkage.second_opinion import asked_for, reviewed
from linkage.session import Session
from linkage.shelf import Lists, part_of

T = TypeVar("T")

Measuring = Callable[[Session, str, LinkTables, Model], Measured | None]
"""A trial of a registry that is linked and not yet decided (:mod:`linkage.quality.measured`)."""


@dataclass(frozen=True)
class RegistryLists:
    """What one registry's run yields, before anything is written.

    Attributes:
        lists: checked lists by name, in the contract's order.
        source: facts about the source, for the manifest.
        health: how readable each column was.
        link: counts of the linking.
        model: the weights used.
        shares: share of holders in the register, by group of the record's number.
        measured: its links tried without numbers; None where they were not.
    """

    lists: Lists
    source: Mapping[str, Any]
    health: tuple[ColumnHealth, ...]
    link: LinkResult
    model: Model
    shares: Shares
    measured: Measured | None = None


def run_registry(session: Session, name: str, measuring: Measuring | None = None) -> RegistryLists:
    """Run one registry from its source to its lists.

    Args:
        session: the job at work.
        name: a registry of the job.
        measuring: tries the links for the bound on harm; None for no trial.

    Returns:
        Its lists, checked against the contract and against each other.

    Raises:
        SourceError: the source cannot be read.
        ContractError: rows in and out do not add up.
    """
    run = _AtWork(session, name)
    source, health = run.read_and_cleaned()
    rows = source.height
    session.warn(*about_rows(name, rows, source.rejects.height), *about_columns(name, health))
    model = session.model(name, run.pairing)
    link = run.linked(model, rows)
    measured = run.measured(measuring, link.model, rows) if measuring else None
    decided = run.decided(link.model, source)
    lists = run.flagged(decided, source)
    statuses = part_of(lists, "records", "link_status")
    session.warn(*about_links(name, statuses, session.population.size))
    tuned_on = session.job.registries[name].link.thresholds.tuned_on
    session.warn(*about_thresholds(name, tuned_on, session.population.size))
    session.engine.drop(*run.tables.all)
    shares = decided.outcome.shares
    return RegistryLists(lists, source.source, health, link, link.model, shares, measured)


@dataclass(frozen=True)
class Outcome:
    """What deciding a registry showed.

    Attributes:
        shares: share of holders in the register, by group of the record's number.
        learnt: values of people that the register does not have.
        link_threshold: the least probability of a link that was in force.
    """

    shares: Shares
    learnt: int
    link_threshold: float


@dataclass(frozen=True)
class _Decided:
    """What deciding hands on to flagging."""

    outcome: Outcome
    lists: Mapping[str, pl.DataFrame]


_OUTCOME: Final = forms.plain(Outcome)
_DECIDED: Final = Form[_Decided](
    lambda made: Kept(_OUTCOME.keep(made.outcome).plain, made.lists),
    lambda kept: _Decided(_OUTCOME.recall(kept), kept.frames),
    lets_go=True,
)


class _AtWork:
    """The steps of one registry, in order; only what they do is not done again after a kill."""

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name = session, name
        self.tables = LinkTables(name)
        self.pairing = session.pairing(session.job.registries[name])

    def _once(self, step: str, doing: str, form: Form[T], work: Callable[[Entry], T]) -> T:
        return self.session.once(self.name, step, f"{self.name}: {doing}", form, work)

    def read_and_cleaned(self) -> tuple[RawSource, tuple[ColumnHealth, ...]]:
        """The source, and how readable it was; its records are in the engine."""
        session, name = self.session, self.name

        def read(entry: Entry) -> RawSource:
            source = session.read(name)
            count_rows(entry, source)
            return source

        def clean(entry: Entry) -> tuple[ColumnHealth, ...]:
            health = session.load(name, source, self.tables, self.pairing)
            entry.update(rows_in=source.height, rows_out=source.height, rows_set_aside=0)
            return health

        columns = session.job.config.registries[name].columns
        source = self._once("read", "reading", forms.of_source(columns, session.folder), read)
        label = f"cleaning {source.height:,} records"
        health = self._once("clean", label, forms.HEALTH, clean)
        source.discard()
        return source, health

    def linked(self, model: Model, rows: int) -> LinkResult:
        """Candidates and settled records are in the engine."""

        def link(entry: Entry) -> LinkResult:
            made = self.session.link_loaded(self.name, self.tables, self.pairing, model)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=rows - made.subjects)
            return made

        return self._once("link", f"linking {rows:,} records", forms.of_link(model), link)

    def measured(self, measuring: Measuring, model: Model, rows: int) -> Measured | None:
        """The trial of its links."""

        def measure(entry: Entry) -> Measured | None:
            measured = measuring(self.session, self.name, self.tables, model)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=0)
            return measured

        return self._once("measure", "trying links without numbers", forms.MEASURED, measure)

    def decided(self, model: Model, source: RawSource) -> _Decided:
        """Decisions are in the engine; records and review are lists."""
        session, tables, rows = self.session, self.tables, source.height

        def decide(entry: Entry) -> _Decided:
            outcome = decide_and_learn(session, self.name, tables, self.pairing, model)
            records = records_list(session.engine, tables, source.rejects)
            review = REVIEW.check(review_queue(session.engine, tables, model, self._shown))
            decided = records.height - source.rejects.height
            entry.update(rows_in=rows, rows_out=decided, rows_set_aside=0)
            entry.update(learnt=outcome.learnt, link_threshold=outcome.link_threshold)
            return _Decided(outcome, {"records": records, "review": review})

        return self._once("decide", f"deciding {rows:,} records", _DECIDED, decide)

    def flagged(self, decided: _Decided, source: RawSource) -> Lists:
        """All lists of the registry, held against each other."""
        rows = source.height

        def flag(entry: Entry) -> Mapping[str, pl.DataFrame]:
            lists = _flag(self.session, self.name, self.tables, self._shown, entry)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=0)
            return lists

        flagged = self._once("flag", f"flagging {rows:,} records", forms.LISTS, flag)
        rejects = rejects_list(source.rejects)
        check_registry(
            self.name,
            read=rows + source.rejects.height,
            rejected=source.rejects.height,
            records=part_of(decided.lists, "records", ROW, "link_status"),
            rejects=rejects,
        )
        lists = Lists.of(decided.lists).beside(Lists.of(flagged)).replaced({"rejects": rejects})
        return lists.ordered("records", *flagged, "review", "rejects")

    @property
    def _shown(self) -> Pairing:
        """What lists may show of a person."""
        return self.pairing.only(self.session.job.config.registries[self.name].columns)


def decide_and_learn(
    session: Session, name: str, tables: LinkTables, pairing: Pairing, model: Model
) -> Outcome:
    """Decide a linked registry, and learn from its sure links for the registries that follow.

    Args:
        session: the job at work; the registry is linked (:meth:`linkage.session.Session.link`).
        name: the registry.
        tables: names of its tables.
        pairing: which fields it shares with the population.
        model: the weights that it was linked with.

    Returns:
        What came of it; the decisions are in ``tables.decisions`` (:func:`linkage.decide.decide`).
    """
    shares = estimate_shares(session.engine, tables)
    declaration = session.job.registries[name]
    given = DecisionInput(
        model,
        pairing,
        declaration.link.thresholds,
        PEOPLE_FEATURES,
        shares,
        lawful=lawful_records(declaration.holds),
        holding=counted_by(declaration),
    )
    threshold = decide(session.engine, given, tables)
    if asked_for(declaration.link):  # off unless the job says so
        reviewed(session.engine, tables, model)
    testify(session.engine, tables, pairing)
    return Outcome(shares, learn(session.engine, tables, pairing), threshold)


def linking_order(session: Session, names: Iterable[str]) -> tuple[str, ...]:
    """Registries in the order in which they are linked: what identifies best goes first.

    A registry learns from those before it (:mod:`linkage.link.sightings`): one without birth dates
    comes after all that have them. The order does not hang on that of the job file.
    """

    def rank(name: str) -> tuple[bool, int, str]:
        compared = session.pairing(session.job.registries[name]).compared
        return "birth_date" not in compared.values(), -len(compared), name

    return tuple(sorted(names, key=rank))


def _flag(
    session: Session, name: str, tables: LinkTables, pairing: Pairing, entry: dict[str, Any]
) -> dict[str, pl.DataFrame]:
    declaration, table = session.job.registries[name], case_table(name)
    fields = declaration.fields
    judged = flag(
        session.engine,
        tables,
        fields,
        declaration.rules,
        opened_on=declaration.opened_on,
        counted_by=counted_by(declaration),
        reference_date=session.job.config.reference_date,
        least=declaration.link.thresholds.actions,
    )
    everything = session.pairing(declaration)
    model, limits = session.model(name, everything), declaration.duplicates
    doubled = duplicates(
        session.engine,
        tables,
        DuplicateInput(
            fields,
            limits,
            lawful=lawful_records(declaration.holds),
            counted_by=counted_by(declaration),
            comparing=Comparing(
                everything, model, declaration.link.block, limits.match, warn=session.warn
            ),
        ),
    )
    corrected = corrections(session.engine, tables, fields, pairing)
    entry["rules"] = {code: dict(counts) for code, counts in judged.counts.items()}
    keep_the_dead(session.engine, tables)
    return {
        table.name: table.check(judged.cases),
        "duplicates": DUPLICATES.check(doubled),
        "corrections": CORRECTIONS.check(corrected),
    }


def population_issues(session: Session) -> pl.DataFrame:
    """Repeated keys of the register, and what the registries agree on against it."""
    rejects = session.register.rejects
    issues = rejects.select(
        pl.col(RECORD_ID).str.replace(r"#\d+$", "").alias("person_id"),
        pl.lit("person_id").alias("field"),
        pl.lit(None, dtype=pl.String).alias("current"),
        pl.lit(None, dtype=pl.String).alias("proposed"),
        "reasons",
        pl.lit([], dtype=pl.List(pl.String)).alias("supported_by"),
        pl.lit(1.0).alias("confidence"),
    )
    return POPULATION_ISSUES.check(pl.concat([issues, contradicted(session.engine)]))


def counted_by(declaration: RegistryDeclaration) -> str | None:
    """Column of the cleaned registry whose distinct values are a person's holdings."""
    return (declaration.holds_by or "").replace(".", "__") or None


def lawful_records(holds: str | int) -> int | None:
    """How many records a person may hold; None for any number.

    Example:
        >>> lawful_records("one"), lawful_records("many"), lawful_records(3)
        (1, None, 3)
    """
    if isinstance(holds, int):
        return holds
    return 1 if holds == "one" else None
