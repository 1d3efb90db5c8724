"""Keeping the state of a run while it is at work, and putting it beside its lists."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.config import Job
from linkage.deciding import Outcome
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.folder import LOCK
from linkage.link.tables import LinkTables
from linkage.link.told import TOLD
from linkage.pipeline import Around, Linked, Work
from linkage.population import SEEN
from linkage.read import Lines
from linkage.resume import Entry, State, forms
from linkage.shelf import Lists
from linkage.updates.frozen import Frozen
from linkage.updates.layers import Layers, linked_or_copied
from linkage.updates.lists import LISTS
from linkage.updates.parts import REGISTER, parts_of
from linkage.updates.recognise import keep_lines, lines_at
from linkage.updates.state import VERSION, Note, id_of, place_of, sweep
from linkage.updates.whole import KeptRegistry, keep_whole
from linkage.write import Output, manifest_text, publish, tidy

STEP: Final = "keep"
_STAGED: Final = "state"
_KEPT: Final = ("rows", "cleaned", "facts", "features", "settled", "candidates", "decisions")
"""Tables of a registry that an update goes on with."""
_FOLDERS: Final = forms.plain(dict[str, list[str]])


class Keeper(Around):
    """Keeps what an update needs of a run.

    Args:
        place: folder of states.
        target: output folder of the lists.
        parts: what the state is made from.
        began: when the run began.
        resumed: folder of the run that can be continued; None for a run that cannot.
        is_locked: whether the caller holds the lock of the folder.
    """

    def __init__(
        self,
        place: Path,
        target: Path,
        parts: Mapping[str, str],
        *,
        began: str,
        resumed: Path | None = None,
        is_locked: bool = False,
    ) -> None:
        self._is_locked = is_locked
        self._place, self._target = place, target.resolve()
        self._parts, self._began = dict(parts), began
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._partial = place / f".{self._target.name}.{os.getpid()}.partial"
        self._staging = self._partial if resumed is None else resumed / _STAGED
        self._order: list[str] = []
        self._placed: dict[str, set[str]] = {}
        self._frozen: dict[str, Frozen] = {}
        self.lines: dict[str, Lines] = {}
        """Of sources, where somebody has told them apart already."""

    def made(self, work: Work, linked: Linked, outcome: Outcome, lists: Lists) -> None:
        """Keep the tables and lists of a registry that is flagged."""
        session, name, rows = work.session, work.name, linked.source.height

        def keep(entry: Entry) -> dict[str, list[str]]:
            self._tables(work, session.frozen.get(name))
            lines = self.lines.pop(name, None) or lines_at(session, name)
            keep_lines(lines, self._file(name, "lines"), linked.source.source)
            keep_whole(session.engine, work.tables, lists, self._staging / name)
            KeptRegistry.of(work, linked, lists).write(self._staging / name)
            entry.update(rows_in=rows, rows_out=rows, rows_set_aside=0)
            return {"rows": [_STAGED]}  # the folder that a continued run must leave alone

        session.once(name, STEP, f"{name}: keeping its state", _FOLDERS, keep)
        model, limit = linked.link.model, outcome.link_threshold
        self._learnt(name, Frozen.learnt(model, outcome.shares, limit, linked.measured))

    def carried(self, name: str, folder: Path, frozen: Frozen) -> None:
        """Keep a registry that is as it was.

        Args:
            name: of the registry.
            folder: where it was kept.
            frozen: what its run has learnt.
        """
        self._staging.mkdir(mode=0o700, exist_ok=True)
        shutil.copytree(folder, self._staging / name, copy_function=linked_or_copied)
        self._learnt(name, frozen)

    def _learnt(self, name: str, frozen: Frozen) -> None:
        before = self._taught(self._order[-1]) if self._order else None
        self._order.append(name)
        self._frozen[name] = replace(frozen, seen=before, taught=self._taught(name))

    def place(self, engine: DuckDBEngine, tables: LinkTables, table: str, sql: str) -> None:
        """Write a table where it is kept, and show it to the engine from there.

        Args:
            engine: where to.
            tables: names of the registry's tables.
            table: which of them, as :class:`LinkTables` calls it.
            sql: its rows.
        """
        self.folder_of(tables.registry)
        self._placed.setdefault(tables.registry, set()).add(table)
        path, name = self._file(tables.registry, table), getattr(tables, table)
        engine.save_query(sql, path)
        engine.run(f'CREATE VIEW "{name}" AS FROM {engine.saved(path)}')

    def layer(
        self, engine: DuckDBEngine, tables: LinkTables, kept: Layers, sql: str, gone: pl.DataFrame
    ) -> None:
        """Put rows over those of a kept table, and show all that count to the engine.

        Args:
            engine: where to.
            tables: names of the registry's tables.
            kept: the table as it is kept.
            sql: further rows.
            gone: keys of kept rows that count no longer.
        """
        self._placed.setdefault(tables.registry, set()).add(kept.table)
        folder = self.folder_of(tables.registry)
        own = kept.under(folder, gone)
        engine.save_query(sql, own.next)
        name = getattr(tables, kept.table)
        engine.run(f'CREATE OR REPLACE VIEW "{name}" AS {own.sql(engine)}')

    def layer_list(
        self, registry: str, kept: Layers, rows: pl.DataFrame, gone: pl.DataFrame
    ) -> None:
        """Put rows over those of a kept list.

        Args:
            registry: whose it is.
            kept: the list as it is kept.
            rows: further rows, with the index of their records.
            gone: ``idx`` of records whose kept rows count no longer.
        """
        own = kept.under(self.folder_of(registry) / LISTS, gone)
        rows.write_parquet(own.next, compression="lz4")

    def folder_of(self, registry: str) -> Path:
        """Where the tables of a registry are kept."""
        folder = self._staging / registry
        for path in (self._staging, folder):
            path.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _file(self, registry: str, table: str) -> Path:
        return self._staging / registry / f"{table}.parquet"

    def _taught(self, registry: str) -> Path | None:
        path = self._file(registry, "taught")
        return path if path.exists() else None

    def _tables(self, work: Work, frozen: Frozen | None) -> None:
        """Write the tables of a registry, and what all registries so far have shown of people."""
        engine, name = work.session.engine, work.name
        placed = self._placed.pop(name, set())
        if not placed:  # a killed run may have left half of it
            shutil.rmtree(self._staging / name, ignore_errors=True)
        self.folder_of(name)
        for table in _KEPT:
            if table not in placed:
                engine.save_table(getattr(work.tables, table), self._file(name, table))
        if engine.has(work.tables.rivalry):
            engine.save_table(work.tables.rivalry, self._file(name, "rivalry"))
        if engine.has(work.tables.attached):
            engine.save_table(work.tables.attached, self._file(name, "attached"))
        said_of(work).write_parquet(self._file(name, "said"))
        if frozen is not None:
            if frozen.taught is not None:
                linked_or_copied(frozen.taught, self._file(name, "taught"))
        elif engine.has(SEEN):
            engine.save_table(SEEN, self._file(name, "taught"))

    def close(self) -> None:
        """Delete what was put together and not published."""
        shutil.rmtree(self._partial, ignore_errors=True)

    def publish(self, output: Output, *, formats: Sequence[str], masked: bool) -> None:
        """Put the state in its place, then the lists in theirs, and take the former state away."""
        with nullcontext() if self._is_locked else locking(self._place):
            tidy(self._place / self._target.name)  # what a killed run has left
            self._put(id_of(manifest_text(output.manifest)), output.manifest)
            publish(self._target, output, formats=formats, masked=masked)
            sweep(self._place)

    def _put(self, name: str, manifest: Mapping[str, Any]) -> None:
        parts = {**self._parts, REGISTER: manifest["population"]["content_hash"]}
        plain = Note.plain(self._frozen, self._staging)
        note = Note(VERSION, str(self._target), self._began, self._order, parts, plain)
        partial = self._partial
        if self._staging != partial:  # stays where it is: the run may yet have to be continued
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(self._staging, partial, copy_function=linked_or_copied)
        partial.chmod(0o700)
        note.write(partial)
        for path in partial.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        partial.rename(self._place / name)


@contextmanager
def keeping_state(
    job: Job,
    target: Path | None,
    names: Sequence[str],
    began: str,
    resumed: State | None,
    *,
    is_locked: bool = False,
) -> Iterator[Keeper | None]:
    """Keep the state of a run; what is not published goes with the ``with``.

    Args:
        job: the job.
        target: output folder of the lists; None where none are written.
        names: registries that run.
        began: when the run began.
        resumed: state of the run that can be continued, if it can.
        is_locked: whether the caller holds the lock of the folder of states.

    Yields:
        The keeper; None where the job keeps no state.

    Raises:
        ConfigError: the state and the lists would lie in one folder.
    """
    place = None if target is None else place_of(job, target)
    if target is None or place is None:
        yield None
        return
    folder = None if resumed is None else resumed.folder
    parts = parts_of(job, names)
    keeper = Keeper(place, target, parts, began=began, resumed=folder, is_locked=is_locked)
    try:
        yield keeper
    finally:
        keeper.close()


def said_of(work: Work) -> pl.DataFrame:
    """What people have said of a registry's links: ``record_id, person_id, is_right``."""
    told = work.session.told
    if told is None:
        return pl.DataFrame(schema=TOLD)
    return told.filter(pl.col("registry") == work.name).select(*TOLD)


@contextmanager
def locking(place: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a folder of states.

    Args:
        place: the folder.
        wait: for whoever holds it; else go on without it.

    Yields:
        Whether it is held.
    """
    with (place / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        except OSError:  # a file system without locks
            yield True
            return
        yield True
