"""The review queue: every record that a person must look at, with its candidates side by side."""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.contracts import REVIEW
from linkage.decide import STILL_THE_HOLDERS
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE

SHOWN: Final = 5
"""Candidates per record; a borrowed number always shows both its owner and the best other."""


def review_queue(
    engine: DuckDBEngine, tables: LinkTables, model: Model, pairing: Pairing
) -> pl.DataFrame:
    """Make the review list of a registry.

    Returns:
        One row per record in review and candidate, best first; for each field compared what the
        record says, what the candidate's record says, and the match weight that it adds.
    """
    return candidates_of(engine, tables, model, pairing, which="d.link_status = 'review'")


def candidates_of(
    engine: DuckDBEngine,
    tables: LinkTables,
    model: Model,
    pairing: Pairing,
    *,
    which: str = "true",
) -> pl.DataFrame:
    """The best candidates of decided records, side by side, as in the review list.

    Args:
        engine: where the tables are.
        tables: names; ``ranked``, ``decisions`` and ``cleaned`` are read.
        model: says which weights make up a field's.
        pairing: fields that are shown.
        which: condition on the decision (alias ``d``).
    """
    frame = engine.frame(candidates_sql(tables, model, pairing, which=which))
    return frame.cast({"rank": REVIEW.columns["rank"].dtype})


CANDIDATE: Final = (
    "record_id", "candidate_id", "rank", "match_weight", "match_probability", "reasons",
)  # fmt: skip
"""Columns of a candidate, before those of its fields."""


def candidates_sql(
    tables: LinkTables, model: Model, pairing: Pairing, *, which: str = "true"
) -> str:
    """SQL for :func:`candidates_of`."""
    fields = "".join(
        f', r."{own}__raw" AS "{own}_record", p."{field}"::VARCHAR AS "{own}_candidate",'
        f' ({_weights(model, field)})::DOUBLE AS "{own}_weight"'
        for field, own in pairing.own.items()
        if field in pairing.compared
    )
    return f"""
    WITH queued AS (
        SELECT c.*, d.reasons,
            row_number() OVER (PARTITION BY c.idx_l ORDER BY
                coalesce(c.idx_r IN (d.candidate, d.other_candidate), false) DESC, c.rank) AS place
        FROM "{tables.ranked}" c JOIN "{tables.decisions}" d ON d.idx = c.idx_l
        WHERE {which}
    )
    SELECT r.record_id, p.person_id AS candidate_id,
        row_number() OVER (PARTITION BY q.idx_l ORDER BY q.rank) AS rank,
        q.match_weight, q.probability * CASE WHEN list_contains(q.reasons, 'BORROWED_ID')
            THEN {STILL_THE_HOLDERS} ELSE 1 END AS match_probability, q.reasons{fields}
    FROM queued q JOIN "{tables.cleaned}" r ON r.idx = q.idx_l JOIN {PEOPLE} p ON p.idx = q.idx_r
    WHERE place <= {SHOWN} ORDER BY r.idx, rank
    """


def _weights(model: Model, field: str) -> str:
    return " + ".join(f'q."w_{c.name}"' for c in model.comparisons if c.field == field) or "NULL"
