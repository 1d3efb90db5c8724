"""Records that are different, linked beside the kept ones and put among them.

Rows have indices in the order of the source as it is now, as in a run of all records. Where the order
of kept rows is what it was, they keep theirs, and what is different lies in a layer over them
(:mod:`.layers`); else all get new ones by a join. So the tables are those of such a run, row by row,
and the steps that follow cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from linkage.clean import ColumnHealth, add_health, clean_frame, column_health
from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkResult, LinkTables
from linkage.link.loading import load_records, show_subjects
from linkage.pipeline import Work
from linkage.read import RawSource
from linkage.read.parts import PART_ROWS
from linkage.updates.keep import Keeper
from linkage.updates.layers import MOST, Layers
from linkage.updates.rows import Delta, chosen
from linkage.updates.state import KeptState

_PLACES: Final = "__places"
_BY_RECORD: Final = ("cleaned", "facts", "features")
_BY_PAIR: Final = ("settled", "candidates")


def delta_tables(tables: LinkTables) -> LinkTables:
    """Names for the records of a registry that are different."""
    return LinkTables(tables.registry, "delta")


def load_delta(work: Work, source: RawSource, delta: Delta) -> tuple[ColumnHealth, ...]:
    """Clean what is different into tables of its own.

    Returns:
        How readable its columns are.
    """
    session, fields = work.session, work.session.job.registries[work.name].fields
    rows = delta.to_link
    raw = chosen(source.pieces(), rows)
    health: tuple[ColumnHealth, ...] = ()

    def pieces() -> Iterator[pl.DataFrame]:
        nonlocal health
        for first in range(0, max(raw.height, 1), PART_ROWS):
            part = raw.slice(first, PART_ROWS)
            own = rows[INDEX].slice(first, part.height)
            cleaned = clean_frame(part, fields, session.context).with_columns(own)
            health = add_health(health, column_health(cleaned, fields))
            yield cleaned

    load_records(session.engine, pieces(), fields, work.pairing, delta_tables(work.tables))
    return health


def put_together(
    engine: DuckDBEngine, tables: LinkTables, state: KeptState, delta: Delta, keeper: Keeper
) -> None:
    """Have the tables of all records: the kept ones that are the same, and what was linked anew.

    Args:
        engine: holds the tables of what is different (:func:`delta_tables`), which go.
        tables: names of the registry's tables.
        state: where the others are kept.
        delta: says which records are the same, and where they stand now.
        keeper: writes the tables that the next update goes on with.
    """
    own = delta_tables(tables)
    engine.put(_PLACES, delta.same)
    for table in (*_BY_RECORD, *_BY_PAIR):
        key = INDEX if table in _BY_RECORD else f"{INDEX}_l"
        kept = Layers(state.folder / tables.registry, table, key)
        rows = f'FROM "{getattr(own, table)}"'
        if delta.gone is not None and kept.count <= MOST:
            keeper.layer(engine, tables, kept, rows, delta.gone)
            continue
        moved = f"m.{INDEX} AS {key}" + (', m."row" AS "row"' if table == "cleaned" else "")
        keeper.place(
            engine,
            tables,
            table,
            f"SELECT k.* REPLACE ({moved})"
            f" FROM ({kept.sql(engine)}) k JOIN {_PLACES} m ON m.was = k.{key}"
            f" UNION ALL BY NAME {rows}",
        )
    engine.put(tables.rows, delta.now)
    show_subjects(engine, tables)
    engine.drop(_PLACES, *own.all)


def counted(engine: DuckDBEngine, tables: LinkTables, link: LinkResult) -> LinkResult:
    """The counts of a linking as they are of all records; what was blocked stays that of the delta."""

    def rows(table: str) -> int:
        return engine.number(f'SELECT count(*) FROM "{table}"')

    return replace(
        link,
        subjects=rows(tables.subjects),
        settled=rows(tables.settled),
        candidates=rows(tables.candidates),
    )
