"""Training: m and u probabilities of one registry, written as a model file with provenance.

u comes from pairs of a random record and a random person (:mod:`linkage.link.accidents`). m comes
from Splink's expectation maximisation, from several starts (:mod:`linkage.link.starts`), each carried
on over whole records with all their candidates (:mod:`linkage.link.maximise`); the likeliest outcome
is kept. All look at a sample of *all* records: on what the exact pass leaves, errors are the rule, and
agreement would be taken for rare.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from linkage.columns import INDEX, drawn
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.accidents import Accidents, accidents
from linkage.link.block import block
from linkage.link.linker import linker_of
from linkage.link.maximise import Candidates, Outcome, candidates_of, maximise
from linkage.link.model import MODEL_VERSION, FieldComparison, Model
from linkage.link.name_context import bits_sql, count_contexts
from linkage.link.pairing import Pairing
from linkage.link.starts import Probabilities, starting_points
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE_FEATURES, Population

log: Final = logging.getLogger("linkage")

SAMPLED_RECORDS: Final = 50_000
"""Records whose candidates are looked at: a level of one true pair in 10,000 is seen 5 times."""
LEAST_SEEN: Final = 1.0
"""Expected true pairs that must show a level; with fewer its m is the declared least."""
SAME_OPTIMUM: Final = 0.01
"""Largest difference of any m between starts that came to the same optimum."""


@dataclass(frozen=True)
class Trained:
    """Weights and where they come from.

    Attributes:
        weights: comparison name to level to m, u.
        provenance: rows, pairs, seed, versions; goes into the file as it is.
        unseen: levels that no true pair showed: their m is the least that is declared for them.
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
    rules: Sequence[Sequence[str]],
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
        rules: the registry's blocking rules, exact ones included.
        seed: which records and people are sampled. The same input and seed give the same weights.
    """
    by_accident = accidents(engine, tables, model, seed)
    starts = starting_points(engine, tables, model, pairing, population, by_accident.u, seed=seed)
    given = _sample(
        engine, tables, _filled(model, starts[0], by_accident.u), pairing, population, rules, seed
    )
    outcomes = [maximise(given, model.comparisons, start) for start in starts]
    best = max(outcomes, key=lambda outcome: outcome.likelihood)
    records = engine.number(f'SELECT count(*) FROM "{tables.subjects}"')
    provenance = {
        "records": records,
        "people": population.size,
        "seed": seed,
        "pairs_for_u": by_accident.pairs,
        "records_for_m": given.records,
        "pairs_for_m": len(given.record),
        "starts": _starts(outcomes, best),
        "share_in_register": round(best.share, 6),
    }
    unseen = tuple(
        f"{c.name}: {label}"
        for c in model.comparisons
        for label, count in best.seen[c.name].items()
        if count < LEAST_SEEN
    )
    return Trained(model.comparisons, _weights(model, best, by_accident), provenance, unseen)


def _weights(
    model: Model, best: Outcome, by_accident: Accidents
) -> dict[str, dict[str, tuple[float, float]]]:
    """M and u by level; a level that nothing showed at all says nothing."""
    weights: dict[str, dict[str, tuple[float, float]]] = {}
    for compared in model.comparisons:
        name, levels = compared.name, {}
        for level in compared.scored:
            m, u = best.m[name][level.label], by_accident.u[name][level.label]
            known = level.accident is not None or by_accident.counts[name][level.label] > 0
            if best.seen[name][level.label] < LEAST_SEEN and not known and not level.own_frequency:
                m = u
            levels[level.label] = (m, u)
        total = sum(m for m, _ in levels.values())
        weights[name] = {label: (m / total, u) for label, (m, u) in levels.items()}
    return weights


def _starts(outcomes: Sequence[Outcome], best: Outcome) -> list[dict[str, Any]]:
    """What each start led to, for the provenance; a warning where they disagree."""
    found = [
        {
            "likelihood": round(outcome.likelihood, 6),
            "rounds": outcome.rounds,
            "largest_difference": round(_difference(outcome, best), 6),
        }
        for outcome in outcomes
    ]
    if any(entry["largest_difference"] > SAME_OPTIMUM for entry in found):
        log.warning("training: not all starts came to the same weights; the likeliest are kept")
    return found


def _difference(one: Outcome, other: Outcome) -> float:
    return max(
        abs(m - other.m[name][label])
        for name, levels in one.m.items()
        for label, m in levels.items()
    )


def _filled(model: Model, m: Probabilities, u: Probabilities) -> Model:
    """The model with a start's weights, so that Splink can score with it."""
    weights = {
        c.name: {
            level.label: (max(m[c.name].get(level.label, 0.0), level.least), u[c.name][level.label])
            for level in c.scored
        }
        for c in model.comparisons
    }
    return Model(model.comparisons, weights, model.prior, "training", "")


def _sample(
    engine: DuckDBEngine,
    tables: LinkTables,
    model: Model,
    pairing: Pairing,
    population: Population,
    rules: Sequence[Sequence[str]],
    seed: int,
) -> Candidates:
    """Levels and frequencies of the candidates of sampled records."""
    sample, pairs, scored = "__train_sample", "__train_pairs", "__train_scored"
    engine.run(
        f'CREATE OR REPLACE TABLE {sample} AS FROM "{tables.subjects}"'
        f" {drawn(seed, SAMPLED_RECORDS)}"
    )
    block(engine, rules, pairing, records=sample, people=PEOPLE_FEATURES, pairs=pairs)
    linker = linker_of(engine, model, population, sample, PEOPLE_FEATURES)
    gammas = ", ".join(f'"gamma_{c.name}"' for c in model.comparisons)
    adjusted = [f'"mw_tf_adj_{c.name}"' for c in model.comparisons if c.by_frequency]
    tf = " + ".join(adjusted) or "0.0"
    engine.score(linker, pairs, scored, select=f"idx_l, idx_r, {gammas}, ({tf})::DOUBLE AS tf")
    contexts = count_contexts(engine, model)
    frame = engine.frame(
        f"SELECT * REPLACE (tf - {bits_sql(model)} AS tf) FROM {scored} c"
        f" LEFT JOIN {contexts} x ON x.{INDEX} = c.idx_r ORDER BY idx_l, idx_r"
    )
    u = {name: {label: pair[1] for label, pair in ls.items()} for name, ls in model.weights.items()}
    records = engine.number(f"SELECT count(*) FROM {sample}")
    engine.drop(sample, pairs, scored)
    return candidates_of(
        frame, model.comparisons, u, records=records, prior_weight=model.prior_weight
    )


def as_frame(trained: Trained) -> pl.DataFrame:
    """Weights as a frame: ``comparison, level, m, u, weight`` in bits."""
    rows = [
        {"comparison": comparison, "level": label, "m": m, "u": u}
        for comparison, levels in trained.weights.items()
        for label, (m, u) in levels.items()
    ]
    return pl.DataFrame(rows).with_columns(weight=(pl.col("m") / pl.col("u")).log(2))
