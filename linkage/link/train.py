"""Training: m and u probabilities of one registry, written as a model file with provenance.

u comes from pairs of a random record and a random person, m from Splink's expectation maximisation
with u fixed. Both look at a sample of *all* records: on what the exact pass leaves, errors are the
rule, and agreement would be taken for rare.

Why u is not Splink's own: its sample counts true pairs as accidents, which adds one in (people) to
every agreeing level, and by default it stops as soon as each level was seen 100 times, before rare
levels have settled.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from splink import Linker

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.comparisons import Level
from linkage.link.model import MODEL_VERSION, FieldComparison, Model, level_settings
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE_FEATURES, Population

log: Final = logging.getLogger("linkage")

SAMPLED: Final = 2_000
"""Records and people sampled: of their four million pairs, a level that agrees by accident once in
100,000 shows 40."""
SESSIONS: Final = (("number",), ("name", "birth"), ("name", "place"))
"""Blocks of the EM sessions; each trains the comparisons that its own block does not use."""

_BLOCKS: Final = {
    "number": ("personal_id", "number"),
    "name": ("person_name", "fold"),
    "birth": ("birth_date", "exact"),
    "place": ("address", "place"),
}


@dataclass(frozen=True)
class Trained:
    """Weights and where they come from.

    Attributes:
        weights: comparison name to level to m, u.
        provenance: rows, pairs, seed, versions; goes into the file as it is.
        unseen: levels that no pair showed; their m or u is half an observation.
        comparisons: what was compared.
    """

    comparisons: tuple[FieldComparison, ...]
    weights: Mapping[str, Mapping[str, tuple[float, float]]]
    provenance: Mapping[str, Any]
    unseen: tuple[str, ...]

    def content(self, registry: str) -> dict[str, Any]:
        """The model file."""
        return {
            "model_version": MODEL_VERSION,
            "registry": registry,
            "provenance": dict(self.provenance),
            "unseen": list(self.unseen),
            "weights": {
                comparison: {label: {"m": m, "u": u} for label, (m, u) in levels.items()}
                for comparison, levels in self.weights.items()
            },
        }


def train(
    engine: DuckDBEngine,
    tables: LinkTables,
    model: Model,
    pairing: Pairing,
    population: Population,
    *,
    seed: int,
) -> Trained:
    """Estimate m and u for every level of a registry's comparisons.

    Args:
        engine: holds the population and ``tables.subjects``.
        tables: names of the registry's tables.
        model: gives the comparisons; its weights are not used.
        pairing: which fields are shared.
        population: for sizes and frequencies.
        seed: which records and people are sampled for u.
    """
    u, counts, pairs = _accidents(engine, tables, model, seed)
    m = _agreements(engine, tables, model, pairing, population, u)
    weights, unseen = {}, []
    for compared in model.comparisons:
        levels = {}
        for level in compared.comparison.levels:
            if level.is_null:
                continue
            by_m, by_u = m[compared.name].get(level.label), u[compared.name][level.label]
            seen = level.accident is not None or counts[compared.name][level.label] > 0
            if by_m is None or not seen:
                unseen.append(f"{compared.name}: {level.label}")
            levels[level.label] = _smoothed(level, by_m, by_u, seen=seen)
        total = sum(pair[0] for pair in levels.values())
        weights[compared.name] = {k: (by_m / total, by_u) for k, (by_m, by_u) in levels.items()}
    records = engine.number(f'SELECT count(*) FROM "{tables.subjects}"')
    provenance = {"records": records, "people": population.size, "pairs_for_u": pairs, "seed": seed}
    return Trained(model.comparisons, weights, provenance, tuple(unseen))


def _smoothed(level: Level, m: float | None, u: float, *, seen: bool) -> tuple[float, float]:
    """M and u of a level that training may not have seen; never seen at all says nothing."""
    if (m is None or m < level.least) and not seen:
        return u, u
    return max(m or 0.0, level.least), u


def _gamma(compared: FieldComparison) -> str:
    cases = " ".join(
        f"WHEN {compared.sql(level)} THEN {-1 if level.is_null else compared.gamma(level.label)}"
        for level in compared.comparison.levels
        if level.label != "differ"
    )
    return f'CASE {cases} ELSE 0 END AS "gamma_{compared.name}"'


def _accidents(
    engine: DuckDBEngine, tables: LinkTables, model: Model, seed: int
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, int]], int]:
    """Share and count of each level among random pairs that are not the same person."""
    both = ", ".join(f'l."{c}" AS "{c}_l", r."{c}" AS "{c}_r"' for c in model.features())
    sampled = (
        f'(SELECT idx FROM "{table}" ORDER BY hash(idx + {seed} * 1000003), idx LIMIT {SAMPLED})'
        for table in (tables.subjects, PEOPLE_FEATURES)
    )
    engine.run(
        "CREATE OR REPLACE TABLE __sampled AS SELECT l.idx AS idx_l, r.idx AS idx_r"
        f" FROM {' l CROSS JOIN '.join(sampled)} r"
    )
    gammas = ", ".join(_gamma(compared) for compared in model.comparisons)
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
        levels = [level for level in compared.comparison.levels if not level.is_null]
        own = {level.label: seen.get(compared.gamma(level.label), 0) for level in levels}
        counts[compared.name] = own
        shares[compared.name] = {
            level.label: level.accident or max(own[level.label], 0.5) / total for level in levels
        }
    engine.drop("__random", "__sampled")
    return shares, counts, pairs


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
    if {"person_name", "address"} <= set(by_name):
        found.append(f"{at('person_name', 'same name')} AND {at('address', 'same place')}")
    return [f"({condition})" for condition in found]


def _agreements(
    engine: DuckDBEngine,
    tables: LinkTables,
    model: Model,
    pairing: Pairing,
    population: Population,
    u: Mapping[str, Mapping[str, float]],
) -> dict[str, dict[str, float]]:
    """M of every level, from EM sessions on different blocks."""
    linker = _untrained(engine, tables, model, population, u)
    fields = {pairing.types[c.field]: c.field for c in model.comparisons}
    for session in SESSIONS:
        blocks = [_BLOCKS[name] for name in session]
        if not all(type_ in fields for type_, _ in blocks):
            continue
        rule = " AND ".join(
            f'l."{fields[type_]}__{feature}" = r."{fields[type_]}__{feature}"'
            for type_, feature in blocks
        )
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    learned: dict[str, dict[str, float]] = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        learned[comparison["output_column_name"]] = {
            level["label_for_charts"]: level["m_probability"]
            for level in comparison["comparison_levels"]
            if isinstance(level.get("m_probability"), float)
        }
    return learned


def _untrained(
    engine: DuckDBEngine,
    tables: LinkTables,
    model: Model,
    population: Population,
    u: Mapping[str, Mapping[str, float]],
) -> Linker:
    """A linker with u filled in and m left to learn."""
    settings = model.settings()
    for compared, comparison in zip(model.comparisons, settings["comparisons"], strict=True):
        comparison["comparison_levels"] = [
            {**level_settings(compared, level, {}), **_fixed_u(u[compared.name], level.label)}
            for level in compared.comparison.levels
        ]
    columns = (INDEX, *model.features())
    frequencies = {
        feature: population.frequencies(engine, feature) for feature in model.frequencies()
    }
    return engine.linker(tables.subjects, PEOPLE_FEATURES, columns, settings, frequencies)


def _fixed_u(u: Mapping[str, float], label: str) -> dict[str, Any]:
    return {"u_probability": u[label], "fix_u_probability": True} if label in u else {}


def as_frame(trained: Trained) -> pl.DataFrame:
    """Weights as a frame: ``comparison, level, m, u, weight`` in bits."""
    rows = [
        {"comparison": comparison, "level": label, "m": m, "u": u}
        for comparison, levels in trained.weights.items()
        for label, (m, u) in levels.items()
    ]
    return pl.DataFrame(rows).with_columns(weight=(pl.col("m") / pl.col("u")).log(2))
