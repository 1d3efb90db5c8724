"""u probabilities: how often two different people agree by accident.

Counted over pairs of a random record and a random person. Why not Splink's own estimate: its sample
counts true pairs as accidents, which adds one in (people) to every agreeing level, and by default it
stops as soon as each level was seen 100 times, before rare levels have settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linkage.columns import drawn
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import Model
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE_FEATURES

SAMPLED: Final = 2_000
"""Records and people sampled: of their four million pairs, a level that agrees by accident once in
100,000 shows 40."""


@dataclass(frozen=True)
class Accidents:
    """What random pairs of different people show.

    Attributes:
        u: comparison to level to probability.
        counts: comparison to level to pairs that showed it.
        pairs: pairs looked at.
    """

    u: dict[str, dict[str, float]]
    counts: dict[str, dict[str, int]]
    pairs: int


def accidents(engine: DuckDBEngine, tables: LinkTables, model: Model, seed: int) -> Accidents:
    """Share and count of each level among random pairs that are not the same person."""
    both = ", ".join(f'l."{c}" AS "{c}_l", r."{c}" AS "{c}_r"' for c in model.features())
    sampled = (
        f'(SELECT idx FROM "{table}" {drawn(seed, SAMPLED)})'
        for table in (tables.subjects, PEOPLE_FEATURES)
    )
    engine.run(
        "CREATE OR REPLACE TABLE __sampled AS SELECT l.idx AS idx_l, r.idx AS idx_r"
        f" FROM {' l CROSS JOIN '.join(sampled)} r"
    )
    gammas = ", ".join(f'{c.number_sql()} AS "gamma_{c.name}"' for c in model.comparisons)
    engine.run(
        f"CREATE OR REPLACE TABLE __random AS SELECT {gammas} FROM ("
        f'SELECT {both} FROM __sampled JOIN "{tables.subjects}" l ON l.idx = idx_l'
        f" JOIN {PEOPLE_FEATURES} r ON r.idx = idx_r)"
    )
    same = " OR ".join(_likely_same(model)) or "false"
    pairs = engine.number(f"SELECT count(*) FROM __random WHERE NOT ({same})")
    shares: dict[str, dict[str, float]] = {}
    counts: dict[str, dict[str, int]] = {}
    for compared in model.comparisons:
        counted = engine.frame(
            f'SELECT "gamma_{compared.name}" AS gamma, count(*) AS n FROM __random'
            f' WHERE NOT ({same}) AND "gamma_{compared.name}" >= 0 GROUP BY gamma'
        )
        seen = dict(zip(counted["gamma"], counted["n"], strict=True))
        total = max(sum(seen.values()), 1)
        own = {label: seen.get(number, 0) for number, label in enumerate(compared.labels)}
        counts[compared.name] = own
        shares[compared.name] = {
            level.label: level.accident or max(own[level.label], 0.5) / total
            for level in compared.scored
        }
    engine.drop("__random", "__sampled")
    return Accidents(shares, counts, pairs)


def _likely_same(model: Model) -> list[str]:
    """Pairs that are no accident: one number, or one name and birth date or place."""
    by_name = {c.comparison.name: c for c in model.comparisons}

    def at(comparison: str, label: str) -> str:
        compared = by_name[comparison]
        return f'"gamma_{compared.name}" = {compared.gamma(label)}'

    found = []
    if "personal_id" in by_name:
        found.append(at("personal_id", "same number"))
    if {"person_name", "birth_date"} <= set(by_name):
        found.append(f"{at('person_name', 'same name')} AND {at('birth_date', 'same date')}")
    if {"person_name", "address_place"} <= set(by_name):
        found.append(f"{at('person_name', 'same name')} AND {at('address_place', 'same place')}")
    return [f"({condition})" for condition in found]
