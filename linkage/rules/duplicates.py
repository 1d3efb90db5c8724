"""Duplicates: more records than the law allows a person, and values that must be unique but repeat.

Linked extras stay linked; the list says which records belong together and which one to keep.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from linkage.clean import DeclaredField
from linkage.contracts import DUPLICATES
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables
from linkage.rules.flags import case_id


def duplicates(
    engine: DuckDBEngine,
    tables: LinkTables,
    fields: Mapping[str, DeclaredField],
    *,
    lawful: int | None,
    counted_by: str | None,
) -> pl.DataFrame:
    """Make the duplicates list of a registry from its case view.

    Args:
        engine: holds ``<registry>_cases``.
        tables: names of the registry's tables.
        fields: declared fields; those declared unique are checked for repeats.
        lawful: records that a person may hold, or None for any number.
        counted_by: field whose distinct values count as holdings (two cards under one licence
            number are one licence); None to count records.

    Returns:
        The list as the contract has it; a record may stand in a group of each kind.
    """
    groups = []
    if lawful is not None:
        groups.append(_held(tables, lawful, counted_by))
    groups += [_repeated(tables, name) for name, f in fields.items() if getattr(f, "unique", False)]
    if not groups:
        return DUPLICATES.empty()
    return engine.frame(f"""
    WITH members AS ({" UNION ALL ".join(groups)}),
    listed AS (
        SELECT kind, key, any_value(reason) AS reason,
            list(record_id ORDER BY record_id) AS together
        FROM members GROUP BY kind, key
    ),
    -- One vehicle entered twice repeats plate and chassis: that is one group, not two.
    groups AS (
        SELECT together, min_by(kind, kind) AS kind, min_by(key, kind) AS key,
            list(DISTINCT reason ORDER BY reason) AS reasons,
            substr(sha256('group of {tables.registry}' || chr(31) || together[1]
                || chr(31) || min(kind)), 1, 16) AS group_id
        FROM listed GROUP BY together
    ),
    grouped AS (
        SELECT m.*, g.group_id, g.reasons,
            row_number() OVER (PARTITION BY g.group_id ORDER BY opened_on DESC NULLS LAST,
                confidence DESC, record_id) = 1 AS keep
        FROM members m JOIN groups g USING (kind, key)
    )
    SELECT {case_id(tables.registry, "kind")} AS case_id, group_id, record_id, person_id, keep,
        reasons, confidence, CASE WHEN keep THEN 'none' ELSE action END AS action, 'new' AS status
    FROM grouped ORDER BY group_id, keep DESC, record_id
    """)


def _held(tables: LinkTables, lawful: int, counted_by: str | None) -> str:
    """Groups of one person's records beyond the lawful number."""
    counted = f'"{counted_by}"' if counted_by else "idx"
    return f"""
        SELECT record_id, person_id, opened_on, match_probability AS confidence,
            'held' AS kind, person_id AS key, 'HELD_BY_ONE_PERSON' AS reason, 'cancel' AS action
        FROM (SELECT *, count(DISTINCT {counted}) OVER (PARTITION BY person_id) AS holdings
              FROM "{tables.cases}" WHERE person_id IS NOT NULL)
        WHERE holdings > {lawful}
    """


def _repeated(tables: LinkTables, field: str) -> str:
    """Groups of records that share a value which is unique by law."""
    return f"""
        SELECT record_id, person_id, opened_on, 1.0::DOUBLE AS confidence,
            '{field}' AS kind, "{field}"::VARCHAR AS key, 'UNIQUE_VALUE_REPEATED' AS reason,
            'ask' AS action
        FROM "{tables.cases}" WHERE "{field}" IS NOT NULL
        QUALIFY count(*) OVER (PARTITION BY "{field}") > 1
    """
