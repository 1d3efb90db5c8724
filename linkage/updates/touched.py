"""Decisions of an update: the records that are different, and those whose rivals are.

Given weights, shares and threshold, a decision hangs on the record alone, and on what the competition
for people adds to its candidates. So the competition is held again, over all records; who is different,
or has another standing in it, is decided anew, and all others keep what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from linkage.columns import INDEX, RECORD_ID, ROW
from linkage.contracts import CORRECTIONS, RECORDS, REVIEW, Table
from linkage.decide import decide
from linkage.deciding import Outcome, decision_input
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.competition import rivalry
from linkage.link.loading import show_subjects
from linkage.link.model import Model
from linkage.link.posterior import rank_candidates
from linkage.link.tables import LinkTables
from linkage.pipeline import Decided, Linked, Work
from linkage.records import records_list
from linkage.review import review_queue
from linkage.rules.corrections import corrections
from linkage.rules.testimony import TESTIMONIES, testify
from linkage.shelf import Lists, PutAside
from linkage.updates.frozen import Frozen
from linkage.updates.keep import Keeper
from linkage.updates.layers import MOST, Layers
from linkage.updates.lists import in_pieces, in_rows, layers_of
from linkage.updates.rows import Delta

_TOUCHED: Final = "__touched"
_STILL: Final = "__still"
_PEOPLE: Final = "__touched_people"
_MOVED: Final = "__moved"
_NR: Final = "nr"
_PAIR: Final = ("idx_l", "idx_r", "bits")


@dataclass(frozen=True)
class _Touched:
    """Records that are decided anew, and the others.

    Attributes:
        records: ``idx`` of those that are.
        still: the others: ``was``, ``idx``, ``row``, ``record_id``.
        bits: what the competition adds to weights, of all records; None without one.
    """

    records: pl.DataFrame
    still: pl.DataFrame
    bits: pl.DataFrame | None


def decide_touched(
    work: Work, linked: Linked, frozen: Frozen, folder: Path, delta: Delta, keeper: Keeper
) -> tuple[Decided, pl.DataFrame]:
    """Decide the records of a linked registry that an update touches; the others stay decided.

    Args:
        work: the registry at work; its tables are those of all records.
        linked: it is linked.
        frozen: what the run before has learnt.
        folder: where its tables and lists are kept.
        delta: what is different.
        keeper: writes the decisions, for the next update.

    Returns:
        Decisions are in the engine; records, review and corrections are lists of all records. And
        ``idx`` of the records that were decided anew.
    """
    session, name, tables = work.session, work.name, work.tables
    engine, source, own = session.engine, linked.source, LinkTables(work.name, "touched")
    given = decision_input(
        session, name, work.pairing, linked.link.model, frozen.shares, frozen.link_threshold
    )
    label = f"{name}: deciding {source.height:,} records"
    with session.step(name, "decide", label) as entry:
        bits = None
        if given.lawful is not None:
            bits = _rivalry(engine, tables, frozen, given.lawful, given.holding)
        touched = _touched(delta, folder, bits)
        _some(engine, tables, own, delta, touched)
        decide(engine, given, own, rivalry=_of(touched.bits, touched.records))
        _keep_decisions(engine, tables, own, folder, delta, touched, keeper)
        _testify(work, folder, own, keeper)
        made = _made(work, linked, own, given.model)
        entry.update(rows_in=source.height, rows_out=source.height, rows_set_aside=0)
        entry.update(
            learnt=0, link_threshold=frozen.link_threshold, decided_anew=len(touched.records)
        )
        engine.drop(*own.all, _TOUCHED, _STILL)
        lists = _lists(work, folder, delta, touched, made, source.rejects, keeper)
    outcome = Outcome(frozen.shares, 0, frozen.link_threshold)
    return Decided(outcome, lists), touched.records


def _rivalry(
    engine: DuckDBEngine, tables: LinkTables, frozen: Frozen, lawful: int, holding: str | None
) -> pl.DataFrame:
    """What the competition between all records adds to weights."""
    slim = LinkTables(tables.registry, "slim")
    views = {
        slim.candidates: f'SELECT idx_l, idx_r, match_weight FROM "{tables.candidates}"',
        slim.facts: f'FROM "{tables.facts}"',
        slim.settled: f'FROM "{tables.settled}"',
        slim.cleaned: f'FROM "{tables.cleaned}"',
    }
    for view, sql in views.items():
        engine.run(f'CREATE OR REPLACE VIEW "{view}" AS {sql}')
    rank_candidates(engine, slim, frozen.shares)
    bits = rivalry(engine, slim, lawful=lawful, holding=holding)
    engine.drop(*views, slim.ranked)
    engine.put(tables.rivalry, bits)
    return bits


def _of(bits: pl.DataFrame | None, records: pl.DataFrame) -> pl.DataFrame:
    """What the competition adds to the weights of some records."""
    if bits is None:
        return pl.DataFrame(schema={"idx_l": pl.Int64, "idx_r": pl.Int64, "bits": pl.Float64})
    return bits.join(records, left_on="idx_l", right_on=INDEX, how="semi")


def _touched(delta: Delta, folder: Path, bits: pl.DataFrame | None) -> _Touched:
    """The records that are different, or have another standing in the competition."""
    records = delta.to_link.select(INDEX)
    kept = folder / "rivalry.parquet"
    if bits is not None and kept.exists():
        moved = delta.same.select(idx_l="was", now=INDEX)
        before = (
            pl.read_parquet(kept)
            .join(moved, on="idx_l")
            .select(pl.col("now").alias("idx_l"), *_PAIR[1:])
        )
        bits = bits.select(_PAIR)
        other = [a.join(b, on=_PAIR, how="anti") for a, b in ((bits, before), (before, bits))]
        rivals = pl.concat(other).select(idx="idx_l")
        records = pl.concat([records, rivals]).unique().sort(INDEX)
    named = delta.same.join(delta.now.select(INDEX, RECORD_ID), on=INDEX, maintain_order="left")
    return _Touched(records, named.join(records, on=INDEX, how="anti"), bits)


def _some(
    engine: DuckDBEngine, tables: LinkTables, own: LinkTables, delta: Delta, touched: _Touched
) -> None:
    """The touched records in tables of their own."""
    engine.put(_TOUCHED, touched.records.join(delta.now.select(INDEX, ROW), on=INDEX))
    engine.put(_STILL, touched.still)
    keys = {
        **dict.fromkeys(("cleaned", "facts", "features"), INDEX),
        **dict.fromkeys(("settled", "candidates", "told"), "idx_l"),
    }
    for table, key in keys.items():
        engine.run(
            f'CREATE OR REPLACE TABLE "{getattr(own, table)}" AS'
            f' FROM "{getattr(tables, table)}" WHERE {key} IN (SELECT idx FROM {_TOUCHED})'
        )
    # Rows that keep their index may stand elsewhere in the source.
    engine.run(
        f'UPDATE "{own.cleaned}" c SET "row" = t."row" FROM {_TOUCHED} t WHERE t.idx = c.idx'
    )
    show_subjects(engine, own)


def _gone(folder: Path, delta: Delta, touched: _Touched) -> pl.DataFrame | None:
    """``idx`` of kept rows that count no longer, where all others stay as they are."""
    if delta.gone is None or Layers(folder, "decisions", INDEX).count > MOST:
        return None
    return pl.concat([delta.gone, touched.records]).unique()


def _keep_decisions(
    engine: DuckDBEngine,
    tables: LinkTables,
    own: LinkTables,
    folder: Path,
    delta: Delta,
    touched: _Touched,
    keeper: Keeper,
) -> None:
    """All decisions: of the touched records as they are now, of the others as kept."""
    kept, made = Layers(folder, "decisions", INDEX), f'FROM "{own.decisions}"'
    if (gone := _gone(folder, delta, touched)) is not None:
        keeper.layer(engine, tables, kept, made, gone)
        return
    keeper.place(
        engine,
        tables,
        "decisions",
        f"SELECT k.* REPLACE (m.idx AS idx) FROM ({kept.sql(engine)}) k"
        f" JOIN {_STILL} m ON m.was = k.idx UNION ALL BY NAME {made}",
    )


def _testify(work: Work, folder: Path, own: LinkTables, keeper: Keeper) -> None:
    """What sure links say of people: anew of those whose records are touched, were or are."""
    engine, tables = work.session.engine, work.tables
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {_PEOPLE} AS"
        f" SELECT person FROM ({Layers(folder, 'decisions', INDEX).sql(engine)})"
        f" WHERE person IS NOT NULL AND idx NOT IN (SELECT was FROM {_STILL})"
        f' UNION SELECT person FROM "{own.decisions}" WHERE person IS NOT NULL'
    )
    some = LinkTables(tables.registry, "testifying")
    views = {
        some.decisions: f'FROM "{tables.decisions}" SEMI JOIN {_PEOPLE} USING (person)',
        some.features: f'FROM "{tables.features}"',
        some.cleaned: f'FROM "{tables.cleaned}"',
    }
    for view, sql in views.items():
        engine.run(f'CREATE OR REPLACE TEMP VIEW "{view}" AS {sql}')
    testify(engine, some, work.pairing)
    kept = Layers(folder, TESTIMONIES, INDEX)
    if kept.count <= MOST:
        over = kept.under(keeper.folder_of(work.name), engine.frame(f"FROM {_PEOPLE}"))
        made = f"FROM {TESTIMONIES} WHERE registry = '{tables.registry}'"
        engine.save_query(made, over.next)
    engine.run(
        f"INSERT INTO {TESTIMONIES} BY NAME FROM ({kept.sql(engine)})"
        f" WHERE idx NOT IN (SELECT person FROM {_PEOPLE})"
    )
    engine.drop(*views, _PEOPLE)


def _made(
    work: Work, linked: Linked, own: LinkTables, model: Model
) -> dict[str, tuple[Table, pl.DataFrame]]:
    """The lists of the touched records."""
    engine, shown = work.session.engine, work.shown
    fields = work.session.job.registries[work.name].fields
    return {
        "records": (RECORDS, records_list(engine, own, linked.source.rejects.clear())),
        "review": (REVIEW, review_queue(engine, own, model, shown)),
        "corrections": (CORRECTIONS, corrections(engine, own, fields, shown)),
    }


def _lists(
    work: Work,
    folder: Path,
    delta: Delta,
    touched: _Touched,
    made: Mapping[str, tuple[Table, pl.DataFrame]],
    rejects: pl.DataFrame,
    keeper: Keeper,
) -> Lists:
    """The lists of all records: kept rows and those made anew, in order of the records.

    They go aside as they are put together, piece by piece: the rows of millions are never held.
    """
    engine, places = work.session.engine, delta.now.select(RECORD_ID, INDEX)
    gone, held = _gone(folder, delta, touched), {}
    for table, (contract, frame) in made.items():
        kept = layers_of(folder, table)
        schema = pl.read_parquet_schema(kept.rows(0))
        own = contract.check(frame).join(places, on=RECORD_ID, maintain_order="left")
        own = own.select(*schema).cast(pl.Schema(schema))
        if gone is not None:
            keeper.layer_list(work.name, kept, own, gone)
            rows = in_pieces(keeper.folder_of(work.name), table)
        else:
            rows = moved(engine, in_pieces(folder, table), touched.still, own)
        if table == RECORDS.name:
            pieces = in_rows(rows, delta.now.select(INDEX, ROW), rejects)
        else:
            pieces = (piece.drop(INDEX) for piece in rows)
        held[table] = PutAside.write_pieces(pieces, engine.folder.parent)
    return Lists(held, engine.folder.parent)


def moved(
    engine: DuckDBEngine, kept: Iterable[pl.DataFrame], still: pl.DataFrame, own: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """Rows of a list where records have other places than they had, sorted by the engine.

    Args:
        engine: where to.
        kept: rows as they were kept, with the former index of their records.
        still: the records of which they count: ``was, idx``.
        own: rows of the others.
    """
    places = still.select(pl.col("was").alias(INDEX), now=INDEX)
    in_order = f"SELECT * EXCLUDE {_NR} FROM {_MOVED} ORDER BY {INDEX}, {_NR}"
    try:
        engine.put(_MOVED, own.with_row_index(_NR).cast({_NR: pl.Int64}))
        first = own.height
        for piece in kept:
            placed = piece.with_row_index(_NR, first).join(places, on=INDEX, maintain_order="left")
            engine.append(_MOVED, placed.drop(INDEX).rename({"now": INDEX}))
            first += piece.height
        with closing(engine.batches(in_order)) as batches:
            for batch in batches:
                yield pl.DataFrame(batch).select(own.columns).cast(own.schema)
        yield own.clear()  # there may be no rows at all
    finally:
        engine.drop(_MOVED)
