"""Cases and duplicates of an update: anew for the records that hang together with what is different.

All others have the cases that they had (:mod:`.local`). How often each rule failed is counted anew for
those records as they are and as they were; of all records it is the former figure and the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from linkage.columns import INDEX, RECORD_ID
from linkage.contracts import case_table
from linkage.duplicates.listing import DuplicateInput, attached_of
from linkage.engines.duckdb import DuckDBEngine
from linkage.flagging import (
    Counts,
    FlaggedLists,
    duplicate_input,
    flagged_lists,
    judged_cases,
)
from linkage.link.tables import LinkTables
from linkage.pipeline import Work
from linkage.rules.alive import LAST_SEEN, unseen
from linkage.updates.layers import Layers
from linkage.updates.lists import whole_list
from linkage.updates.local import TOGETHER, hang_together, is_local
from linkage.updates.rows import Delta
from linkage.updates.whole import DEAD, KeptRegistry

ATTACHED: Final = "attached"
_TABLES: Final = ("cleaned", "decisions", "facts")
MOST_SHARE: Final = 0.3
"""Share of the records from which looking at some is no less work than looking at all."""


def flag_together(
    work: Work, folder: Path, delta: Delta, decided: pl.DataFrame
) -> FlaggedLists | None:
    """Cases and duplicates of all records of a registry that an update has decided.

    Args:
        work: the registry at work; its tables are those of all records.
        folder: where its tables and lists are kept.
        delta: what is different.
        decided: ``idx`` of the records that were decided anew.

    Returns:
        Its lists and the counts of its rules; None where all records have to be looked at.
    """
    engine, name, given = work.session.engine, work.name, duplicate_input(work.session, work.name)
    kept = folder / f"{ATTACHED}.parquet"
    columns = work.session.job.config.registries[name].columns
    if delta.gone is None or not is_local(columns) or (given.lawful and not kept.exists()):
        return None
    now = work.tables
    before = {t: Layers(folder, t, INDEX).sql(engine) for t in _TABLES}
    attached = _attached(engine, now, given, kept)
    changed = pl.concat([delta.gone, decided.select(INDEX)]).unique()
    concerned = hang_together(engine, now, before, given, attached, changed)
    if concerned > MOST_SHARE * delta.now.height:
        engine.drop(TOGETHER)
        return flagged_lists(work.session, name, now, replace(given, attached=attached[1]))
    some, then = LinkTables(name, "together"), LinkTables(name, "then")
    for tables, all_of in ((some, None), (then, before)):
        for table in _TABLES:
            sql = all_of[table] if all_of else f'FROM "{getattr(now, table)}"'
            engine.run(
                f'CREATE OR REPLACE TABLE "{getattr(tables, table)}" AS'
                f" FROM ({sql}) SEMI JOIN {TOGETHER} USING (idx)"
            )
    was = judged_cases(work.session, name, then, given).counts
    own = attached[1].join(engine.frame(f"FROM {TOGETHER}"), on=INDEX, how="semi")
    lists, counts = flagged_lists(work.session, name, some, replace(given, attached=own))
    engine.put(now.attached, attached[1])
    _the_dead(engine, some, then, folder)
    records = engine.frame(
        f'SELECT record_id FROM "{some.cleaned}" UNION SELECT record_id FROM "{then.cleaned}"'
    )
    engine.drop(*some.all, *then.all, TOGETHER)
    rules = KeptRegistry.read(folder).rules
    return _all_of(name, folder, lists, records, delta), _difference(rules, was, counts)


def _attached(
    engine: DuckDBEngine, tables: LinkTables, given: DuplicateInput, kept: Path
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Whose unlinked records are by comparison, as it was and as it is: that hangs on all records."""
    engine.run(f'CREATE OR REPLACE VIEW "{tables.cases}" AS FROM "{tables.cleaned}"')
    after = attached_of(engine, tables, given)
    engine.drop(tables.cases)
    before = pl.read_parquet(kept) if kept.exists() else after.clear()
    return before.select(after.columns).cast(pl.Schema(after.schema)), after


def _the_dead(engine: DuckDBEngine, some: LinkTables, then: LinkTables, folder: Path) -> None:
    """What the registry saw of the dead: of the others what it had seen."""
    people = " UNION ALL ".join(
        f'SELECT person AS idx FROM "{tables.decisions}" WHERE person IS NOT NULL'
        for tables in (some, then)
    )
    engine.run(
        f"INSERT INTO {LAST_SEEN} BY NAME FROM {engine.saved(folder / f'{LAST_SEEN}.parquet')}"
        f" ANTI JOIN ({people}) USING (idx)"
    )
    engine.run(
        f'INSERT INTO "{unseen(some).cases}" BY NAME'
        f" FROM {engine.saved(folder / f'{DEAD}.parquet')} ANTI JOIN {TOGETHER} USING (idx)"
    )


def _all_of(
    name: str, folder: Path, made: Mapping[str, pl.DataFrame], records: pl.DataFrame, delta: Delta
) -> dict[str, pl.DataFrame]:
    """The lists of all records: kept rows of the others, and those made anew, in order."""
    lists = {}
    for table, frame in made.items():
        others = whole_list(folder, table).join(records, on=RECORD_ID, how="anti")
        lists[table] = pl.concat([others, frame.select(others.columns)])
    cases, places = case_table(name).name, delta.now.select(RECORD_ID, INDEX)
    lists[cases] = lists[cases].join(places, on=RECORD_ID).sort(INDEX).drop(INDEX)
    order = ["group_id", "keep", RECORD_ID]
    lists["duplicates"] = lists["duplicates"].sort(order, descending=[False, True, False])
    return lists


def _difference(all_then: Counts, some_then: Counts, some_now: Counts) -> Counts:
    """How often each rule failed, passed and could not be judged, of all records."""
    return {
        code: {
            verdict: n + some_now[code][verdict] - some_then[code][verdict]
            for verdict, n in counts.items()
        }
        for code, counts in all_then.items()
    }
