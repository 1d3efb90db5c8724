"""Signs of life: when the sure links of each registry last saw a person.

A licence issued after the day of death says that somebody stood there in person: the death may have
been entered for another. The registries that follow ask the holder's family instead of acting.
"""

from __future__ import annotations

from typing import Final

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables

LAST_SEEN: Final = "last_seen"
"""Engine table: the last sign of life of a person (``idx``), its day and the registry."""
SURE: Final = 0.999
"""Least probability of a link that counts as a sign."""


def note_signs_of_life(engine: DuckDBEngine, tables: LinkTables) -> None:
    """Keep the latest opening of a record on a sure link, for the registries that follow.

    Records are signs where number and name were agreed upon exactly, or the link is as good as certain.

    Args:
        engine: holds the registry's case view.
        tables: names of the registry's tables.
    """
    engine.run(
        f"CREATE TABLE IF NOT EXISTS {LAST_SEEN}"
        " (idx BIGINT PRIMARY KEY, day DATE, registry VARCHAR)"
    )
    engine.run(f"""
        INSERT INTO {LAST_SEEN}
        SELECT person, max(opened_on), '{tables.registry}' FROM "{tables.cases}"
        WHERE person IS NOT NULL AND opened_on <= reference_date AND match_probability >= {SURE}
        GROUP BY person
        ON CONFLICT (idx) DO UPDATE SET day = excluded.day, registry = excluded.registry
        WHERE excluded.day > {LAST_SEEN}.day
    """)
