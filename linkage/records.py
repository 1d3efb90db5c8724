"""The records list: one disposition for every row of the source, in the source's order."""

from __future__ import annotations

import polars as pl

from linkage.columns import INDEX, RECORD_ID, ROW
from linkage.contracts import RECORDS, REJECTS
from linkage.errors import ContractError


def records_list(
    cleaned: pl.DataFrame,
    facts: pl.DataFrame,
    decisions: pl.DataFrame,
    rejects: pl.DataFrame,
    person_ids: pl.Series,
) -> pl.DataFrame:
    """Join decisions and rejects to one row per input row.

    Args:
        cleaned: ``idx, row, record_id`` of every record that was not rejected.
        facts: ``idx, subject_type``.
        decisions: as :func:`linkage.decide.decide` returns them.
        rejects: ``record_id, row, reasons, raw``.
        person_ids: the population's key by person index.

    Returns:
        The ``records`` list of the contract.
    """
    # The keys go to their decision before any join: a join promises no order.
    keyed = decisions.with_columns(
        person_id=_key(person_ids, decisions, "person"),
        runner_up_id=_key(person_ids, decisions, "runner_up"),
    )
    decided = (
        cleaned.select(INDEX, ROW, RECORD_ID)
        .join(facts.select(INDEX, "subject_type"), on=INDEX, how="left")
        .join(keyed, on=INDEX, how="left")
    )
    return (
        pl.concat(
            [decided.select(RECORDS.columns.keys()), rejected_records(rejects)], how="vertical"
        )
        .sort(ROW)
        .pipe(RECORDS.check)
    )


def _key(person_ids: pl.Series, decisions: pl.DataFrame, column: str) -> pl.Series:
    return person_ids.gather(decisions[column]).alias(column)


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
