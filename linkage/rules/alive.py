"""Signs of life: when the sure links of each registry last saw people whom the register holds dead.

A licence issued after the day of death says that somebody stood there in person: the death may have
been entered for another, and the holder's family is asked instead of acting. What a registry saw is
known when it is decided, and so what all of them saw only at the end of the run. The cases of the dead
are therefore judged again then (:func:`keep_the_dead`, :func:`recall_the_dead`): the order in which
registries are linked does not matter. A registry's own records are no sign for it: a number opened
after the death is what the case is about.
"""

from __future__ import annotations

from typing import Final

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables

LAST_SEEN: Final = "last_seen"
"""Engine table: the last sign of life of a dead person (``idx``) in a registry, and its day."""
SURE: Final = 0.999
"""Least probability of a link that counts as a sign."""


def keep_the_dead(engine: DuckDBEngine, tables: LinkTables) -> None:
    """Keep what a registry saw of the dead, and its case view of them, beyond the registry's tables.

    Records are signs where number and name were agreed upon exactly, or the link is as good as certain.

    Args:
        engine: holds the registry's case view.
        tables: names of the registry's tables.
    """
    engine.run(f"CREATE TABLE IF NOT EXISTS {LAST_SEEN} (idx BIGINT, registry VARCHAR, day DATE)")
    engine.run(f"""
        INSERT INTO {LAST_SEEN}
        SELECT person, '{tables.registry}', max(opened_on) FROM "{tables.cases}"
        WHERE person_death_date IS NOT NULL AND opened_on <= reference_date
            AND match_probability >= {SURE}
        GROUP BY person
    """)
    engine.run(
        f'CREATE OR REPLACE TABLE "{unseen(tables).cases}" AS'
        f' FROM "{tables.cases}" WHERE person_death_date IS NOT NULL'
    )


def recall_the_dead(engine: DuckDBEngine, tables: LinkTables) -> bool:
    """Bring the case view of the dead back, with what all other registries saw of them.

    Args:
        engine: where :func:`keep_the_dead` was called for every registry of the run.
        tables: names of the registry's tables. The case view is made anew, of the dead alone whom
            another registry has seen; that of :func:`unseen` keeps the same rows without it.

    Returns:
        Whether there are any; if not, neither view is there.
    """
    kept = unseen(tables).cases
    engine.run(f"""
        CREATE OR REPLACE TABLE "{tables.cases}" AS
        WITH elsewhere AS (
            SELECT idx AS person, day, registry FROM {LAST_SEEN}
            WHERE registry <> '{tables.registry}' AND day IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY idx ORDER BY day DESC, registry) = 1
        )
        SELECT k.* REPLACE (e.day AS person_last_seen, e.registry AS last_seen_in)
        FROM "{kept}" k JOIN elsewhere e USING (person)
    """)
    engine.run(f'DELETE FROM "{kept}" WHERE idx NOT IN (SELECT idx FROM "{tables.cases}")')
    if engine.number(f'SELECT count(*) FROM "{tables.cases}"'):
        return True
    engine.drop(tables.cases, kept)
    return False


def unseen(tables: LinkTables) -> LinkTables:
    """Names for the case view of the dead as it was when the registry was flagged."""
    return LinkTables(f"{tables.registry}_unseen")
