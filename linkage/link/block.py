"""Blocking: which pairs are worth comparing.

Each rule is a list of keys; a pair is proposed where all keys of one rule agree. A key that is a list
(every number a person has had, every ward an address may mean) agrees on any common member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.pairing import Pairing


def block(
    engine: DuckDBEngine,
    rules: Sequence[Sequence[str]],
    pairing: Pairing,
    *,
    records: str,
    people: str,
    pairs: str,
) -> dict[str, int]:
    """Propose candidate pairs into a table ``idx_l, idx_r, match_key``.

    Args:
        engine: where the feature tables are.
        rules: blocking rules as declared; rules on fields that the population lacks propose nothing.
        pairing: which fields the two sides share.
        records: table of record features.
        people: table of population features.
        pairs: name of the table to make; each pair once, under the first rule that proposes it.

    Returns:
        Rule (``full_name + birth_date``) to the number of pairs that it was the first to propose.
    """
    lists = engine.list_columns(people)
    proposals = [
        sql
        for number, rule in enumerate(rules)
        if (sql := _proposal(number, rule, pairing, lists, records=records, people=people))
    ]
    union = " UNION ALL ".join(proposals) or (
        "SELECT NULL::BIGINT AS idx_l, NULL::BIGINT AS idx_r, NULL::INTEGER AS rule WHERE false"
    )
    engine.run(
        f'CREATE OR REPLACE TABLE "{pairs}" AS'
        f" SELECT idx_l, idx_r, min(rule)::VARCHAR AS match_key FROM ({union})"
        " GROUP BY idx_l, idx_r"
    )
    counted = engine.frame(f'SELECT match_key, count(*) AS n FROM "{pairs}" GROUP BY match_key')
    counts: Mapping[str, int] = dict(zip(counted["match_key"], counted["n"], strict=True))
    return {" + ".join(rule): counts.get(str(number), 0) for number, rule in enumerate(rules)}


def _proposal(
    number: int,
    rule: Sequence[str],
    pairing: Pairing,
    lists: frozenset[str],
    *,
    records: str,
    people: str,
) -> str | None:
    columns = [pairing.key_column(key) for key in rule]
    keys = [column for column in columns if column]
    if len(keys) < len(rule):
        return None
    join = " AND ".join(f"l.k{i} = r.k{i}" for i in range(len(keys)))
    left, right = (_keyed(table, keys, lists) for table in (records, people))
    return (
        f"SELECT l.{INDEX} AS idx_l, r.{INDEX} AS idx_r, {number} AS rule"
        f" FROM ({left}) l JOIN ({right}) r ON {join}"
    )


def _keyed(table: str, keys: Sequence[str], lists: frozenset[str]) -> str:
    """The key columns of one side; one row per member where a key is a list."""
    selected = ", ".join(
        f'unnest("{key}") AS k{i}' if key in lists else f'"{key}" AS k{i}'
        for i, key in enumerate(keys)
    )
    present = " AND ".join(f'"{key}" IS NOT NULL' for key in keys)
    # Two unnests in one SELECT run in step, not crossed: nest them where a rule has several lists.
    several = [key for key in keys if key in lists]
    if len(several) <= 1:
        return f'SELECT {INDEX}, {selected} FROM "{table}" WHERE {present}'
    inner = f'"{table}"'
    for key in several:
        inner = f'(SELECT * REPLACE (unnest("{key}") AS "{key}") FROM {inner})'
    flat = ", ".join(f'"{key}" AS k{i}' for i, key in enumerate(keys))
    return f"SELECT {INDEX}, {flat} FROM {inner} WHERE {present}"
