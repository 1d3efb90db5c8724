"""What people have said of links: a refused pair is never proposed again, a confirmed one settled.

Applied where pairs are made, before anything is decided: the exact pass and blocking lose the
refused pairs, so that no later step can link them, propose them or show them for review. This is the
one place where feedback touches linking; reading it is :mod:`linkage.life.feedback`.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.columns import PERSON_ID, RECORD_ID
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE

DECIDED_BY: Final = "feedback"

TOLD: Final = {RECORD_ID: pl.String(), PERSON_ID: pl.String(), "is_right": pl.Boolean()}
"""Columns of what was said: each pair once, at most one person right for a record."""


def load_told(engine: DuckDBEngine, told: pl.DataFrame | None, tables: LinkTables) -> None:
    """Make the table ``tables.told`` of judged pairs: ``idx_l, idx_r, is_right``.

    Args:
        engine: holds the people and the registry's ``cleaned`` and ``subjects``.
        told: ``record_id, person_id, is_right``; None for nothing. Pairs whose record or person is
            not there are left out.
        tables: names of the registry's tables.
    """
    incoming = f"{tables.told}_by_key"
    engine.put(incoming, pl.DataFrame(schema=TOLD) if told is None else told.select(*TOLD))
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.told}" AS'
        f" SELECT r.idx AS idx_l, p.idx AS idx_r, t.is_right"
        f' FROM "{incoming}" t JOIN "{tables.cleaned}" r ON r.record_id = t.record_id'
        f" JOIN {PEOPLE} p ON p.person_id = t.person_id"
        f' WHERE r.idx IN (SELECT idx FROM "{tables.subjects}")'
    )
    engine.drop(incoming)


def without_told(engine: DuckDBEngine, tables: LinkTables, pairs: str) -> None:
    """Drop the refused pairs, and every pair of a record whose holder is confirmed."""
    if engine.number(f'SELECT count(*) FROM "{tables.told}"') == 0:
        return  # to look at millions of pairs for nobody takes as long as to look for somebody
    engine.run(
        f'DELETE FROM "{pairs}" p WHERE EXISTS (SELECT 1 FROM "{tables.told}" t'
        " WHERE t.idx_l = p.idx_l AND (t.is_right OR t.idx_r = p.idx_r))"
    )


def confirmed(tables: LinkTables) -> str:
    """SQL of the confirmed pairs as rows of the settled table; a person's word has no weight."""
    return (
        f"SELECT idx_l, idx_r, NULL::DOUBLE AS match_weight, '{DECIDED_BY}' AS decided_by"
        f' FROM "{tables.told}" WHERE is_right'
    )
