"""The records list: one disposition for every row of the source, in the source's order."""

from __future__ import annotations

import polars as pl

from linkage.columns import RECORD_ID, ROW
from linkage.contracts import RECORDS, REJECTS
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ContractError
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE


def records_list(engine: DuckDBEngine, tables: LinkTables, rejects: pl.DataFrame) -> pl.DataFrame:
    """Join decisions and rejects to one row per input row.

    Args:
        engine: holds the people, and the registry's ``cleaned``, ``facts`` and ``decisions``.
        tables: names of the registry's tables.
        rejects: ``record_id, row, reasons, raw``.

    Returns:
        The ``records`` list of the contract, in the order of the source.
    """
    named = {
        "record_id": "r.record_id",
        "row": 'r."row"',
        "subject_type": "f.subject_type",
        "person_id": "p.person_id",
        "runner_up_id": "q.person_id",
    }
    chosen = ", ".join(
        f"{named.get(column, f'd.{column}')} AS {column}" for column in RECORDS.columns
    )
    decided = engine.frame(
        f'SELECT {chosen} FROM "{tables.cleaned}" r'
        f' LEFT JOIN "{tables.facts}" f USING (idx) LEFT JOIN "{tables.decisions}" d USING (idx)'
        f" LEFT JOIN {PEOPLE} p ON p.idx = d.person"
        # Few have one: the other people need not be hashed for them.
        f" LEFT JOIN (SELECT idx, person_id FROM {PEOPLE}"
        f' WHERE idx IN (SELECT runner_up FROM "{tables.decisions}")) q ON q.idx = d.runner_up'
        ' ORDER BY r."row"'
    )
    typed = decided.cast(pl.Schema(RECORDS.schema))
    if rejects.height:
        typed = pl.concat([typed, rejected_records(rejects)], how="vertical").sort(ROW)
    return RECORDS.check(typed)


def rejected_records(rejects: pl.DataFrame) -> pl.DataFrame:
    """Dispositions of the rows that reading set aside."""
    fixed = {
        "subject_type": "unknown",
        "link_status": "rejected",
        "outcome": "NOT_CHECKED",
        "decided_by": "none",
    }
    known = rejects.select(RECORD_ID, ROW, "reasons").with_columns(
        *(pl.lit(word).alias(name) for name, word in fixed.items()),
        pl.lit([], dtype=pl.List(pl.String)).alias("diff_fields"),
    )
    absent = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in RECORDS.schema.items()
        if name not in known.columns
    ]
    return known.with_columns(absent).select(RECORDS.columns.keys())


def rejects_list(rejects: pl.DataFrame) -> pl.DataFrame:
    """The rejected rows again, as they stood in the source."""
    return REJECTS.check(rejects.select(REJECTS.columns.keys()).sort(ROW))


def check_registry(
    name: str, *, read: int, rejected: int, records: pl.DataFrame, rejects: pl.DataFrame
) -> None:
    """Prove that every input row has exactly one disposition.

    Args:
        name: the registry, for the message.
        read: data rows in the source, rejected ones included.
        rejected: rows that reading or cleaning set aside.
        records: the checked ``records`` list.
        rejects: the checked ``rejects`` list.

    Raises:
        ContractError: if rows were lost or doubled on the way.
    """
    marked = records.filter(pl.col("link_status") == "rejected").height
    rows = records["row"]
    complete = rows.n_unique() == read and (read == 0 or (rows.min(), rows.max()) == (1, read))
    if records.height == read and complete and marked == rejected == rejects.height:
        return
    message = f"registry '{name}': rows in and rows out do not add up"
    raise ContractError(
        message,
        expected=f"{read} rows read, {rejected} of them rejected, each with one disposition",
        found=f"{records.height} dispositions for {rows.n_unique()} rows, {marked} marked as"
        f" rejected, {rejects.height} rejects",
        hint="nothing was written; this is a fault of the toolkit, please report it",
    )
