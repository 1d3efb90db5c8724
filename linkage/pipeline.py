"""The pipeline: read → clean → link → decide → flag, one registry at a time, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import polars as pl

from linkage.alarms import about_columns, about_links, about_rows, about_thresholds
from linkage.clean import ColumnHealth
from linkage.columns import RECORD_ID, ROW
from linkage.contracts import (
    CORRECTIONS,
    DUPLICATES,
    POPULATION_ISSUES,
    RECORDS,
    REVIEW,
    case_table,
)
from linkage.deciding import Outcome, decide_and_learn
from linkage.flagging import FlaggedLists, flagged_lists
from linkage.harm import Measured
from linkage.link import LinkResult, LinkTables
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.link.posterior import Shares
from linkage.read import RawSource
from linkage.records import check_registry, records_list, rejects_list
from linkage.register import count_rows
from linkage.resume import Entry, Form, Kept, forms
from linkage.review import review_queue
from linkage.rules.corrections import corrections
from linkage.rules.testimony import contradicted
from linkage.session import Session
from linkage.shelf import Lists, part_of

T = TypeVar("T")

Flagging = Callable[[], FlaggedLists]

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


@dataclass(frozen=True)
class Linked:
    """A registry that is linked: its tables are in the engine.

    Attributes:
        source: what was read.
        health: how readable each column was.
        link: counts of the linking, and the weights.
        measured: its links tried without numbers; None where they were not.
    """

    source: RawSource
    health: tuple[ColumnHealth, ...]
    link: LinkResult
    measured: Measured | None


class Around:
    """What stands around the run of a registry: nothing here, more in :mod:`linkage.updates`."""

    def whole(self, work: Work, model: Model) -> RegistryLists | None:
        """The registry as a run before has left it; None where it has to be run."""
        return None

    def linked(self, work: Work, model: Model, measuring: Measuring | None) -> Linked:
        """Read, clean and link the registry."""
        return work.linked(model, measuring)

    def decided(self, work: Work, linked: Linked) -> Decided:
        """Decide the linked registry."""
        return work.decided(linked.link.model, linked.source)

    def flagged(self, work: Work, decided: Decided, source: RawSource) -> Lists:
        """All lists of the decided registry."""
        return work.flagged(decided, source)

    def made(self, work: Work, linked: Linked, outcome: Outcome, lists: Lists) -> None:
        """Keep what is wanted of the registry, before its tables go."""


def run_registry(
    session: Session,
    name: str,
    measuring: Measuring | None = None,
    around: Around | None = None,
) -> RegistryLists:
    """Run one registry from its source to its lists.

    Args:
        session: the job at work.
        name: a registry of the job.
        measuring: tries the links for the bound on harm; None for no trial.
        around: may do a step in another way, and keep the tables; None for neither.

    Returns:
        Its lists, checked against the contract and against each other.

    Raises:
        SourceError: the source cannot be read.
        ContractError: rows in and out do not add up.
    """
    work, around = Work(session, name), around or Around()
    model = session.model(name, work.pairing)
    if (whole := around.whole(work, model)) is not None:
        return whole
    linked = around.linked(work, model, measuring)
    source, link = linked.source, linked.link
    decided = around.decided(work, linked)
    lists = around.flagged(work, decided, source)
    statuses = part_of(lists, "records", "link_status")
    session.warn(*about_links(name, statuses, session.population.size))
    tuned_on = session.job.registries[name].link.thresholds.tuned_on
    session.warn(*about_thresholds(name, tuned_on, session.population.size))
    around.made(work, linked, decided.outcome, lists)
    session.engine.drop(*work.tables.all)
    shares = decided.outcome.shares
    return RegistryLists(
        lists, source.source, linked.health, link, link.model, shares, linked.measured
    )


@dataclass(frozen=True)
class Decided:
    """What deciding hands on to flagging."""

    outcome: Outcome
    lists: Mapping[str, pl.DataFrame]
    """Records and review; corrections where they are known already, and checked."""


_OUTCOME: Final = forms.plain(Outcome)
_DECIDED: Final = Form[Decided](
    lambda made: Kept(_OUTCOME.keep(made.outcome).plain, made.lists),
    lambda kept: Decided(_OUTCOME.recall(kept), kept.frames),
    lets_go=True,
)


class Work:
    """The steps of one registry, in order; only what they do is not done again after a kill."""

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name = session, name
        self.tables = LinkTables(name)
        self.pairing = session.pairing(session.job.registries[name])

    def _once(self, step: str, doing: str, form: Form[T], work: Callable[[Entry], T]) -> T:
        return self.session.once(self.name, step, f"{self.name}: {doing}", form, work)

    def linked(self, model: Model, measuring: Measuring | None) -> Linked:
        """The registry read, cleaned and linked, and its links tried."""
        source, health = self._read_and_cleaned()
        rows = source.height
        told = about_rows(self.name, rows, source.rejects.height)
        self.session.warn(*told, *about_columns(self.name, health))
        link = self._link(model, rows)
        measured = self._measured(measuring, link.model, rows) if measuring else None
        return Linked(source, health, link, measured)

    def _read_and_cleaned(self) -> tuple[RawSource, tuple[ColumnHealth, ...]]:
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

    def _link(self, model: Model, rows: int) -> LinkResult:
        """Candidates and settled records are in the engine."""

        def link(entry: Entry) -> LinkResult:
            made = self.session.link_loaded(self.name, self.tables, self.pairing, model)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=rows - made.subjects)
            return made

        return self._once("link", f"linking {rows:,} records", forms.of_link(model), link)

    def _measured(self, measuring: Measuring, model: Model, rows: int) -> Measured | None:
        """The trial of its links."""

        def measure(entry: Entry) -> Measured | None:
            measured = measuring(self.session, self.name, self.tables, model)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=0)
            return measured

        return self._once("measure", "trying links without numbers", forms.MEASURED, measure)

    def decided(self, model: Model, source: RawSource) -> Decided:
        """Decisions are in the engine; records and review are lists."""
        session, tables, rows = self.session, self.tables, source.height

        def decide(entry: Entry) -> Decided:
            outcome = decide_and_learn(session, self.name, tables, self.pairing, model)
            records = records_list(session.engine, tables, source.rejects)
            review = REVIEW.check(review_queue(session.engine, tables, model, self.shown))
            decided = records.height - source.rejects.height
            entry.update(rows_in=rows, rows_out=decided, rows_set_aside=0)
            entry.update(learnt=outcome.learnt, link_threshold=outcome.link_threshold)
            return Decided(outcome, {"records": records, "review": review})

        return self._once("decide", f"deciding {rows:,} records", _DECIDED, decide)

    def flagged(
        self, decided: Decided, source: RawSource, flagging: Flagging | None = None
    ) -> Lists:
        """All lists of the registry, held against each other.

        Args:
            decided: it is decided.
            source: what was read.
            flagging: makes its case lists and what the journal says of them; None for all anew.
        """
        rows = source.height

        def flag(entry: Entry) -> Mapping[str, pl.DataFrame]:
            lists, counts = (flagging or self._flagged)()
            if CORRECTIONS.name not in decided.lists:
                fields = self.session.job.registries[self.name].fields
                made = corrections(self.session.engine, self.tables, fields, self.shown)
                lists = {**lists, CORRECTIONS.name: CORRECTIONS.check(made)}
            entry["rules"] = counts
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
        middle = (case_table(self.name).name, DUPLICATES.name, CORRECTIONS.name)
        return lists.ordered(RECORDS.name, *middle, REVIEW.name, "rejects")

    def _flagged(self) -> FlaggedLists:
        return flagged_lists(self.session, self.name, self.tables)

    @property
    def shown(self) -> Pairing:
        """What lists may show of a person."""
        return self.pairing.only(self.session.job.config.registries[self.name].columns)


def linking_order(session: Session, names: Iterable[str]) -> tuple[str, ...]:
    """Registries in the order in which they are linked: what identifies best goes first.

    A registry learns from those before it (:mod:`linkage.link.sightings`): one without birth dates
    comes after all that have them. The order does not hang on that of the job file.
    """

    def rank(name: str) -> tuple[bool, int, str]:
        compared = session.pairing(session.job.registries[name]).compared
        return "birth_date" not in compared.values(), -len(compared), name

    return tuple(sorted(names, key=rank))


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
