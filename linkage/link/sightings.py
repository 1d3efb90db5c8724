"""Sightings: what other registries' sure links say of a person, and the register does not.

A licence that agrees on number, name and birth date, but gives another address, tells where its holder
has lived; an insurance card, which old number he had. The next registry of the same run may be borne
out by that: a motorbike's papers carry no birth date, and were written before its owner moved.

Sightings stand in features of their own (``seen_places``, ``seen_wards``, ``seen_numbers``), beside
the register's and never among them: the look-up's outcome, the differing fields and the corrections
know the register alone. They have levels and weights of their own, too. Only links that are as good as
certain are learnt from, and a number that two people seem to have is nobody's.
"""

from __future__ import annotations

from typing import Final

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE, REGISTER_FEATURES, SEEN, show_seen

SURE: Final = 0.999
"""Least probability of a link that is learnt from."""
_TABLE: Final = "sightings"
_LARGEST_HOUSEHOLD: Final = 20
"""Barracks and homes for the old are households too, and say nothing about where one moved from."""


def learn(engine: DuckDBEngine, tables: LinkTables, pairing: Pairing) -> int:
    """Add what a decided registry's sure links show to the features of the people.

    Args:
        engine: holds people, features, and the registry's ``features`` and ``decisions``.
        tables: names of the registry's tables.
        pairing: which fields are shared.

    Returns:
        Number of values learnt: places, wards and numbers that the register does not have.
    """
    engine.run(f"CREATE TABLE IF NOT EXISTS {_TABLE} (idx BIGINT, feature VARCHAR, value VARCHAR)")
    before = engine.number(f"SELECT count(*) FROM {_TABLE}")
    features = [
        (field, name) for field, type_ in pairing.types.items() for name in _LEARNT.get(type_, ())
    ]
    for field, name in features:
        engine.run(_seen(tables, field, name))
    _apply(engine)
    return engine.number(f"SELECT count(*) FROM {_TABLE}") - before


_LEARNT: Final = {"address": ("places", "wards"), "personal_id": ("numbers",)}
"""Field type to the list features that sightings add to."""


def _seen(tables: LinkTables, field: str, name: str) -> str:
    """Values of one feature on sure links that the register does not give the person."""
    feature = f"{field}__{name}"
    # Joins, not NOT IN: that would hold all numbers of the register to look up a few.
    others = (
        f' ANTI JOIN (SELECT unnest("{feature}") AS value FROM {REGISTER_FEATURES}) USING (value)'
        if name == "numbers"
        else ""
    )
    return f"""
        INSERT INTO {_TABLE}
        SELECT idx, '{feature}', value FROM (
            SELECT DISTINCT idx, value FROM (
                SELECT d.person AS idx, unnest(r."{feature}") AS value, p."{feature}" AS known
                FROM "{tables.decisions}" d JOIN "{tables.features}" r ON r.idx = d.idx
                JOIN {REGISTER_FEATURES} p ON p.idx = d.person
                WHERE d.link_status = 'linked' AND d.match_probability >= {SURE}
            ) WHERE NOT list_contains(coalesce(known, []), value)
        ){others}
        ANTI JOIN (SELECT idx, value FROM {_TABLE} WHERE feature = '{feature}') USING (idx, value)
    """


def _apply(engine: DuckDBEngine) -> None:
    """Show all sightings among the people's features."""
    seen = engine.frame(f"SELECT DISTINCT feature FROM {_TABLE} ORDER BY feature")["feature"]
    if not seen.len():
        return
    lists = ", ".join(
        f"list(value ORDER BY value) FILTER (feature = '{feature}' AND value IS NOT NULL)"
        f' AS "{_seen_column(feature)}"'
        for feature in seen
    )
    each = " UNION ALL ".join(_shown(engine, feature) for feature in seen)
    engine.run(f"CREATE OR REPLACE TABLE {SEEN} AS SELECT idx, {lists} FROM ({each}) GROUP BY idx")
    show_seen(engine)


def _seen_column(feature: str) -> str:
    """``address__places`` as seen elsewhere: ``address__seen_places``."""
    field, _, name = feature.partition("__")
    return f"{field}__seen_{name}"


def _shown(engine: DuckDBEngine, feature: str) -> str:
    """Sightings of one feature that may be shown: ``idx, feature, value``."""
    own = f"SELECT idx, value FROM {_TABLE} WHERE feature = '{feature}'"
    if feature.endswith("__numbers"):
        # Nobody's as soon as a second person is seen with it: the first loses it as well.
        own = (
            "SELECT idx, CASE WHEN count(*) OVER (PARTITION BY value) = 1 THEN value END AS value"
            f" FROM {_TABLE} WHERE feature = '{feature}'"
        )
    if feature.endswith("__places") and "household_id" in engine.columns(PEOPLE):
        own += f" UNION {_of_the_household(own)}"
    return f"SELECT idx, '{feature}' AS feature, value FROM ({own})"


def _of_the_household(own: str) -> str:
    """The same places for those who live with the person seen there: households move together."""
    return f"""
        SELECT q.idx, s.value FROM ({own}) s
        JOIN {PEOPLE} p ON p.idx = s.idx
        JOIN (SELECT idx, household_id FROM {PEOPLE}
              QUALIFY count(*) OVER (PARTITION BY household_id) <= {_LARGEST_HOUSEHOLD}) q
        ON q.household_id = p.household_id
    """
