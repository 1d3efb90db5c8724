"""Runs of registries by what a former run has learnt: of all records, or of what is different."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from linkage.alarms import about_columns, about_rows
from linkage.clean import ColumnHealth
from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkResult
from linkage.link.model import Model
from linkage.link.told import load_told
from linkage.pipeline import Decided, Linked, Measuring, Work
from linkage.population import SEEN, show_seen
from linkage.read import RawSource
from linkage.register import count_rows
from linkage.updates.frozen import FrozenRegistries
from linkage.updates.keep import Keeper, said_of
from linkage.updates.merge import counted, delta_tables, load_delta, put_in_place, take_over
from linkage.updates.rows import Delta, all_hashed, compare, told_anew
from linkage.updates.state import KeptState


def show_as_seen(engine: DuckDBEngine, seen: Path | None) -> None:
    """Show what other registries had shown of people when a former run linked a registry."""
    engine.drop(SEEN)
    if seen is not None:
        engine.run(f"CREATE TABLE {SEEN} AS FROM {engine.saved(seen)}")
    show_seen(engine)


class Refrained:
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

    def made(self, work: Work, linked: Linked, decided: Decided) -> None:
        """Keep the tables of a registry."""
        if self._keeper is not None:
            self._keeper.made(work, linked, decided)


class Updating:
    """Links the records that are different, and takes all others from a kept state.

    Args:
        state: that of the run before.
        keeper: keeps the tables that come of it.

    Attributes:
        deltas: what was different, by registry.
    """

    def __init__(self, state: KeptState, keeper: Keeper) -> None:
        self._state, self._keeper = state, keeper
        self._frozen = state.frozen
        self.deltas: dict[str, Delta] = {}

    def linked(self, work: Work, model: Model, measuring: Measuring | None) -> Linked:
        """Read a registry, clean and link what is different, and put it among the rest."""
        frozen, engine = self._frozen[work.name], work.session.engine
        show_as_seen(engine, frozen.seen)
        source, delta = self._read(work)
        self.deltas[work.name] = delta
        health = self._cleaned(work, source, delta)
        source.discard()
        link = self._linked(work, model, delta)
        return Linked(source, health, link, frozen.measured)

    def made(self, work: Work, linked: Linked, decided: Decided) -> None:
        """Keep the tables of a registry."""
        self._keeper.made(work, linked, decided)

    def _read(self, work: Work) -> tuple[RawSource, Delta]:
        session, name = work.session, work.name
        with session.step(name, "read", f"{name}: reading") as entry:
            source = session.read(name)
            count_rows(entry, source)
            before = pl.read_parquet(self._state.file(name, "rows"))
            then = pl.read_parquet(self._state.file(name, "said"))
            again = told_anew(then, said_of(work))
            delta = compare(all_hashed(source), before, again)
            entry.update(delta.counts)
        session.warn(*about_rows(name, source.height, source.rejects.height))
        return source, delta

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
            take_over(session.engine, work.tables, self._state, delta)
            put_in_place(session.engine, work.tables, own)
            load_told(session.engine, said_of(work), work.tables)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=rows - made.subjects)
        return counted(session.engine, work.tables, replace(made, model=frozen.of(model)))
