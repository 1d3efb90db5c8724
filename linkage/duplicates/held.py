"""Holdings of one person beyond the lawful number, and one number that two people hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.clean import DeclaredField
from linkage.link.tables import LinkTables

MOST_TOGETHER: Final = 20
"""A value that more records share is no identifier but a filler."""
ENTITIES: Final = "__duplicate_entities"
"""Table ``idx, entity, probability, compared``: whose each record is, by link or by comparison."""


def entities(tables: LinkTables) -> str:
    """SQL of the linked records as entities: people by their links."""
    return (
        "SELECT idx, 'p' || person AS entity, match_probability AS probability, false AS compared"
        f' FROM "{tables.decisions}" WHERE person IS NOT NULL'
    )


def holding(fields: Mapping[str, DeclaredField], counted_by: str | None) -> str:
    """SQL of what counts as a record's holding, over the case view ``c``; null where unknown.

    Two cards under one number are one holding. Where the number of an insurance card cannot be
    read, the registry's own ten-digit insurance number stands in for it; a personal number in that
    column replaces the insurance number by law (dispatch 1804 of 2025) and is no further holding.
    """
    if counted_by is None:
        return "c.record_id"
    column = f'c."{counted_by}"::VARCHAR'
    of_card = counted_by.endswith("__number")
    other = next((n for n, f in fields.items() if f.type == "insurance_number"), None)
    if not of_card or other is None:
        return column
    return f'coalesce({column}, CASE WHEN length(c."{other}") = 10 THEN c."{other}" END)'


def held(tables: LinkTables, lawful: int, holding_sql: str) -> str:
    """SQL of members: records of one entity that has more than its lawful holdings."""
    return f"""
        SELECT 'held' AS kind, e.entity AS key, idx, {holding_sql} AS holding, e.probability,
            CASE WHEN e.compared THEN ['SAME_PERSON_BY_RECORDS']
                 ELSE ['HELD_BY_ONE_PERSON'] END AS reasons,
            CASE WHEN e.compared THEN 'ask' ELSE 'cancel' END AS step, {lawful} AS lawful,
            e.entity LIKE 'p%' AS by_hub
        FROM "{ENTITIES}" e JOIN "{tables.cases}" c USING (idx)
        QUALIFY count(DISTINCT {holding_sql}) OVER (PARTITION BY e.entity) > {lawful}
    """


def shared_number(tables: LinkTables, holding_sql: str) -> str:
    """SQL of members: records of two or more people under one number, which is one person's."""
    return f"""
        SELECT 'number' AS kind, {holding_sql} AS key, idx, e.entity AS holding, e.probability,
            ['NUMBER_OF_TWO_PEOPLE'] AS reasons, 'ask' AS step, 1 AS lawful, true AS by_hub
        FROM "{ENTITIES}" e JOIN "{tables.cases}" c USING (idx)
        WHERE {holding_sql} IS NOT NULL AND NOT e.compared
        WINDOW same AS (PARTITION BY {holding_sql})
        QUALIFY count(DISTINCT e.entity) OVER same > 1 AND count(*) OVER same <= {MOST_TOGETHER}
    """
