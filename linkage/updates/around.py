"""Runs of registries by what a former run has learnt: of all records, or of what is different."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from linkage.alarms import about_columns, about_links, about_rows
from linkage.clean import ColumnHealth
from linkage.columns import ROW
from linkage.deciding import Outcome
from linkage.engines.duckdb import DuckDBEngine
from linkage.flagging import FlaggedLists, flagged_lists
from linkage.link import LinkResult
from linkage.link.model import Model
from linkage.link.told import load_told
from linkage.pipeline import Around, Decided, Linked, Measuring, RegistryLists, Work
from linkage.population import SEEN, show_seen
from linkage.read import RawSource, content_hash, locate
from linkage.register import count_rows
from linkage.second_opinion import asked_for
from linkage.shelf import Lists
from linkage.updates.flagging import flag_together
from linkage.updates.frozen import FrozenRegistries
from linkage.updates.keep import Keeper, said_of
from linkage.updates.lists import whole_list
from linkage.updates.merge import counted, delta_tables, load_delta, put_together
from linkage.updates.recognise import LINE, keys_of_repeated, lines_at, recognise
from linkage.updates.rows import Delta, all_hashed, compare, in_place, told_anew
from linkage.updates.state import KeptState
from linkage.updates.touched import decide_touched
from linkage.updates.whole import KeptRegistry, recall_whole, whole_lists


def show_as_seen(engine: DuckDBEngine, seen: Path | None) -> None:
    """Show what other registries had shown of people when a former run linked a registry."""
    engine.drop(SEEN)
    if seen is not None:
        engine.run(f"CREATE TABLE {SEEN} AS FROM {engine.saved(seen)}")
    show_seen(engine)


class FrozenRun(Around):
    """Runs all records of registries with what a former run has learnt, and learns nothing.

    Args:
        frozen: by registry.
        keeper: keeps their tables; None for nothing.
    """

    def __init__(self, frozen: FrozenRegistries, keeper: Keeper | None) -> None:
        self._frozen, self._keeper = frozen, keeper

    def linked(self, work: Work, model: Model, measuring: Measuring | None) -> Linked:
        """Read, clean and link a registry; the former run's trial stands for its own."""
        frozen = self._frozen[work.name]
        show_as_seen(work.session.engine, frozen.seen)
        made = work.linked(model, None)
        return Linked(made.source, made.health, made.link, frozen.measured)

    def made(self, work: Work, linked: Linked, outcome: Outcome, lists: Lists) -> None:
        """Keep the tables of a registry."""
        if self._keeper is not None:
            self._keeper.made(work, linked, outcome, lists)


class Updating(Around):
    """Links the records that are different, and takes all others from a kept state.

    Args:
        state: that of the run before.
        keeper: keeps the tables that come of it.

    Attributes:
        counts: of rows that were different, by registry.
    """

    def __init__(self, state: KeptState, keeper: Keeper) -> None:
        self._state, self._keeper = state, keeper
        self._frozen = state.frozen
        self._deltas: dict[str, Delta] = {}
        self._decided: dict[str, pl.DataFrame] = {}
        self.counts: dict[str, dict[str, int]] = {}

    def whole(self, work: Work, model: Model) -> RegistryLists | None:
        """A registry whose file and feedback are what they were, without reading it."""
        session, name = work.session, work.name
        folder, source = self._state.folder / name, session.job.config.registries[name].source
        kept = KeptRegistry.read(folder)
        if name in session.frames or not self._says_the_same(work, kept.source):
            return None
        frozen, place = self._frozen[name], session.engine.folder.parent
        lists = whole_lists(folder, kept.lists, place)
        with session.step(name, "flag", f"{name}: as it was") as entry:
            recall_whole(session.engine, work.tables, folder)
            self._keeper.carried(name, folder, frozen)
            entry.update(rows_in=kept.height, rows_out=kept.height, rows_set_aside=0)
            entry.update(rules=kept.rules)
        self.counts[name] = {"same": kept.height, "new": 0, "changed": 0, "vanished": 0}
        session.warn(
            *about_links(name, lists.part("records", "link_status"), session.population.size)
        )
        as_of = source.as_of.isoformat() if source.as_of else None
        facts = {**kept.source, "path": str(source.path), "as_of": as_of}
        link = kept.linking(model)
        return RegistryLists(
            lists, facts, kept.columns, link, link.model, frozen.shares, frozen.measured
        )

    def _says_the_same(self, work: Work, kept: Mapping[str, Any]) -> bool:
        path = locate(work.name, work.session.job.config.registries[work.name].source.path)
        if content_hash(path) != kept["content_hash"]:
            return False
        return self._again(work).is_empty()

    def linked(self, work: Work, model: Model, measuring: Measuring | None) -> Linked:
        """Read a registry, clean and link what is different, and put it among the rest."""
        frozen, engine = self._frozen[work.name], work.session.engine
        show_as_seen(engine, frozen.seen)
        source, delta = self._read(work)
        self._deltas[work.name], self.counts[work.name] = delta, delta.counts
        health = self._cleaned(work, source, delta)
        source.discard()
        link = self._linked(work, model, delta)
        return Linked(source, health, link, frozen.measured)

    def decided(self, work: Work, linked: Linked) -> Decided:
        """Decide what is different, and what that changes for others."""
        if self._looks_at_all(work):
            return work.decided(linked.link.model, linked.source)
        folder, delta = self._state.folder / work.name, self._deltas[work.name]
        frozen = self._frozen[work.name]
        decided, self._decided[work.name] = decide_touched(
            work, linked, frozen, folder, delta, self._keeper
        )
        return decided

    def flagged(self, work: Work, decided: Decided, source: RawSource) -> Lists:
        """Cases and duplicates of what hangs together with what is different; others keep theirs."""
        folder, delta = self._state.folder / work.name, self._deltas.pop(work.name)
        touched = self._decided.pop(work.name, None)

        def flagging() -> FlaggedLists:
            some = flag_together(work, folder, delta, touched) if touched is not None else None
            return some or flagged_lists(work.session, work.name, work.tables)

        return work.flagged(decided, source, flagging)

    def made(self, work: Work, linked: Linked, outcome: Outcome, lists: Lists) -> None:
        """Keep the tables of a registry."""
        self._keeper.made(work, linked, outcome, lists)

    def _read(self, work: Work) -> tuple[RawSource, Delta]:
        session, name = work.session, work.name
        with session.step(name, "read", f"{name}: reading") as entry:
            before = pl.read_parquet(self._state.file(name, "rows"))
            source, delta = self._recognised(work, before) or self._compared(work, before)
            if not self._looks_at_all(work):
                delta = in_place(delta, before)
            count_rows(entry, source)
            entry.update(delta.counts)
        session.warn(*about_rows(name, source.height, source.rejects.height))
        return source, delta

    def _looks_at_all(self, work: Work) -> bool:
        """Whether all records are decided again, and so named as they stand in the source."""
        return asked_for(work.session.job.registries[work.name].link)

    def _recognised(self, work: Work, before: pl.DataFrame) -> tuple[RawSource, Delta] | None:
        """Only rows whose line was not there are read; None where lines cannot be told apart."""
        session, name, kept = work.session, work.name, self._state.file(work.name, "lines")
        lines = lines_at(session, name)
        if lines is None:
            return None
        self._keeper.lines[name] = lines
        if not kept.exists():
            return None
        rejects = whole_list(self._state.folder / name, "rejects")
        line = pl.read_parquet(kept)[LINE]
        before = before.with_columns(line.gather(before[ROW] - 1).alias(LINE))
        return recognise(session, name, lines, before, keys_of_repeated(rejects), self._again(work))

    def _compared(self, work: Work, before: pl.DataFrame) -> tuple[RawSource, Delta]:
        """All rows are read."""
        source = work.session.read(work.name)
        return source, compare(all_hashed(source), before, self._again(work))

    def _again(self, work: Work) -> pl.Series:
        then = pl.read_parquet(self._state.file(work.name, "said"))
        return told_anew(then, said_of(work))

    def _cleaned(self, work: Work, source: RawSource, delta: Delta) -> tuple[ColumnHealth, ...]:
        """The records that are different are in the engine, in tables of their own."""
        session, name, rows = work.session, work.name, delta.to_link.height
        with session.step(name, "clean", f"{name}: cleaning {rows:,} records") as entry:
            health = load_delta(work, source, delta)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=0)
        session.warn(*about_columns(name, health))
        return health

    def _linked(self, work: Work, model: Model, delta: Delta) -> LinkResult:
        """All records are in the engine."""
        session, name, rows = work.session, work.name, delta.to_link.height
        own, frozen = delta_tables(work.tables), self._frozen[name]
        with session.step(name, "link", f"{name}: linking {rows:,} records") as entry:
            made = session.link_loaded(name, own, work.pairing, model)
            put_together(session.engine, work.tables, self._state, delta, self._keeper)
            load_told(session.engine, said_of(work), work.tables)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=rows - made.subjects)
        return counted(session.engine, work.tables, replace(made, model=frozen.of(model)))
