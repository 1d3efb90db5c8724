"""Training on any two tables of features, or one with itself, from the blocking rules alone.

Where :mod:`linkage.link.train` knows what a population register is like, this knows nothing: each
blocking rule gives a set of pairs in which expectation maximisation tells records of one person from
accidents by the fields that the rule does not use. u comes from random pairs, each counted by the
probability that it is an accident, so that a table full of duplicates does not take them for such.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from linkage.columns import drawn
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.block import block
from linkage.link.comparisons import Level
from linkage.link.model import FieldComparison, Model
from linkage.link.pairing import Pairing
from linkage.link.train import Trained

SAMPLED: Final = 1_000
"""Records of each side whose pairs show what agrees by accident: a million pairs."""
MOST_PAIRS: Final = 60_000
"""Pairs of one blocking rule that are looked at."""
LEAST_MATCHES: Final = 50.0
"""A rule that finds fewer pairs of one person teaches nothing."""
STARTS: Final = (0.02, 0.3, 0.9)
"""Shares of matches that expectation maximisation starts from; the likeliest outcome is kept."""
ROUNDS: Final = 3
"""How often u is counted anew without the pairs that m by now tells to be of one person."""
STEPS: Final = 300

Floats = npt.NDArray[np.float64]
Levels = dict[str, Floats]
"""Comparison to the probability of each of its levels, the last one (``ELSE``) first."""


@dataclass(frozen=True)
class Sides:
    """Two tables of features; the same name twice for records among themselves."""

    left: str
    right: str

    @property
    def within(self) -> bool:
        """Whether records are compared among themselves."""
        return self.left == self.right

    def random(self, seed: int) -> str:
        """SQL for random pairs ``idx_l, idx_r``, none of a record with itself."""
        one, other = (
            f'(SELECT idx FROM "{table}" {drawn(salt, SAMPLED)})'
            for table, salt in ((self.left, seed), (self.right, seed + 1))
        )
        unequal = " WHERE l.idx <> r.idx" if self.within else ""
        return f"SELECT l.idx AS idx_l, r.idx AS idx_r FROM {one} l CROSS JOIN {other} r{unequal}"


@dataclass(frozen=True)
class _Patterns:
    """Pairs by how they agree.

    Attributes:
        levels: comparison to the level of each pattern; -1 where there is nothing to compare.
        count: pairs of each pattern.
    """

    levels: Mapping[str, npt.NDArray[np.int64]]
    count: Floats


@dataclass(frozen=True)
class _Learned:
    """What one set of pairs taught: m by comparison, and how many pairs are of one person."""

    m: Levels
    matches: float
    likelihood: float


def train_blocks(
    engine: DuckDBEngine,
    sides: Sides,
    model: Model,
    pairing: Pairing,
    rules: Sequence[Sequence[str]],
    *,
    seed: int = 1,
) -> Trained:
    """Estimate m and u of every level from two tables of features and the rules that block them.

    Args:
        engine: holds the tables.
        sides: their names.
        model: gives the comparisons; its weights are not used.
        pairing: which fields are compared.
        rules: blocking rules as declared; what is compared must stand outside at least one of them.
        seed: which random pairs are drawn. The same input and seed give the same weights.

    Returns:
        Weights with provenance; ``unseen`` lists the levels that no pair of one person, or no
        random pair, showed.
    """
    random = _patterns(engine, sides, model, sides.random(seed))
    blocked = [
        (_fields(rule, pairing), _blocked(engine, sides, model, pairing, rule)) for rule in rules
    ]
    doubt = np.ones_like(random.count)
    sessions: list[_Learned | None] = [None] * len(blocked)
    for _ in range(ROUNDS):
        u = {c.name: _shares(random, c, random.count * doubt, 0.5) for c in model.comparisons}
        sessions = [
            _learn(model, pairs, u, fields, before)
            for (fields, pairs), before in zip(blocked, sessions, strict=True)
        ]
        m = {c.name: _pooled(c, sessions) for c in model.comparisons}
        doubt = 1.0 - _probability(random, m, u, _share(m, u, random))
    provenance = {
        "records": engine.number(f'SELECT count(*) FROM "{sides.left}"'),
        "pairs_for_u": int(random.count.sum()),
        "seed": seed,
        "by": "blocking rules",
    }
    return _trained(model, m, u, _Patterns(random.levels, random.count * doubt), provenance)


def expected_matches(
    engine: DuckDBEngine, sides: Sides, model: Model, pairs: str, possible: float
) -> float:
    """Number of blocked pairs that are of one person, with the prior that agrees with it.

    Args:
        engine: holds the tables.
        sides: their names.
        model: trained weights.
        pairs: table of blocked pairs.
        possible: number of all pairs that there could be.
    """
    patterns = _patterns(engine, sides, model, f'SELECT idx_l, idx_r FROM "{pairs}"')
    m, u = (
        {
            c.name: np.array([model.weights[c.name][label][side] for label in c.labels])
            for c in model.comparisons
        }
        for side in (0, 1)
    )
    matches = 0.01 * math.sqrt(possible) + 1.0
    for _ in range(STEPS):
        before = matches
        share = min(matches / possible, 0.5)
        matches = float((_probability(patterns, m, u, share) * patterns.count).sum())
        if abs(matches - before) <= 1e-6 * before:
            break
    return matches


# --- pairs to patterns ----------------------------------------------------------------------------


def _fields(rule: Sequence[str], pairing: Pairing) -> frozenset[str]:
    return frozenset(pairing.canonical(key.partition(".")[0]) or key for key in rule)


def _patterns(engine: DuckDBEngine, sides: Sides, model: Model, pairs: str) -> _Patterns:
    """Compare pairs and count those that agree alike."""
    both = "".join(f', l."{c}" AS "{c}_l", r."{c}" AS "{c}_r"' for c in model.features())
    levels = ", ".join(f'({c.number_sql()})::BIGINT AS "{c.name}"' for c in model.comparisons)
    counted = engine.frame(
        f"SELECT {levels}, count(*)::DOUBLE AS pairs FROM (SELECT idx_l, idx_r{both}"
        f' FROM ({pairs}) JOIN "{sides.left}" l ON l.idx = idx_l'
        f' JOIN "{sides.right}" r ON r.idx = idx_r) GROUP BY ALL ORDER BY ALL'
    )
    names = [compared.name for compared in model.comparisons]
    return _Patterns({n: counted[n].to_numpy() for n in names}, counted["pairs"].to_numpy())


def _blocked(
    engine: DuckDBEngine, sides: Sides, model: Model, pairing: Pairing, rule: Sequence[str]
) -> _Patterns:
    """The pairs of one rule, or a sample of them."""
    table = "__rule_pairs"
    block(engine, [rule], pairing, records=sides.left, people=sides.right, pairs=table)
    once = " WHERE idx_l < idx_r" if sides.within else ""
    sample = f" ORDER BY hash(idx_l, idx_r), idx_l, idx_r LIMIT {MOST_PAIRS}"
    patterns = _patterns(engine, sides, model, f'SELECT idx_l, idx_r FROM "{table}"{once}{sample}')
    engine.drop(table)
    return patterns


# --- expectation maximisation ---------------------------------------------------------------------


def _shares(patterns: _Patterns, compared: FieldComparison, weight: Floats, least: float) -> Floats:
    """Share of each level among weighted pairs that have something to compare."""
    level, size = patterns.levels[compared.name], len(compared.labels)
    seen = level >= 0
    counts = np.bincount(level[seen], weights=weight[seen], minlength=size)
    counts = np.maximum(counts, least)
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def _log_odds(patterns: _Patterns, m: Levels, u: Levels) -> Floats:
    """Natural logarithm of m/u, summed over comparisons."""
    total = np.zeros_like(patterns.count)
    for name, probabilities in m.items():
        ratio = np.append(np.log(probabilities / u[name]), 0.0)  # level -1 is the last: nothing
        total += ratio[patterns.levels[name]]
    return total


def _probability(patterns: _Patterns, m: Levels, u: Levels, share: float) -> Floats:
    odds = np.log(share) - np.log1p(-share) + _log_odds(patterns, m, u)
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500))), dtype=np.float64)


def _share(m: Levels, u: Levels, patterns: _Patterns) -> float:
    """Share of matches that explains the pairs best, m and u given."""
    share = 1e-4
    total = float(patterns.count.sum())
    for _ in range(STEPS):
        found = _probability(patterns, m, u, share) * patterns.count
        share = min(max(float(found.sum()) / total, 1e-12), 0.999)
    return share


def _learn(
    model: Model,
    pairs: _Patterns,
    u: Levels,
    blocked: frozenset[str],
    before: _Learned | None,
) -> _Learned | None:
    """M of the comparisons that the rule leaves free; None where it has no pairs of one person.

    Several starts are tried once; what they found is only brought up to date afterwards.
    """
    free = [c for c in model.comparisons if c.field not in blocked]
    if not free or pairs.count.sum() < LEAST_MATCHES:
        return None
    if before is not None:
        best = _maximised(free, pairs, u, before.matches / float(pairs.count.sum()), before.m)
    else:
        guess = {c.name: _first_guess(len(c.labels)) for c in free}
        tried = [_maximised(free, pairs, u, start, guess) for start in STARTS]
        best = max(tried, key=lambda found: found.likelihood)
    return best if best.matches >= LEAST_MATCHES else None


def _maximised(
    free: Sequence[FieldComparison], pairs: _Patterns, u: Levels, start: float, m: Levels
) -> _Learned:
    """One run of expectation maximisation with u fixed."""
    share, total = start, pairs.count.sum()
    likelihood = -np.inf
    for _ in range(STEPS):
        odds = _log_odds(pairs, m, u)
        mixed = np.logaddexp(np.log(share) + odds, np.log1p(-share))
        found = np.exp(np.log(share) + odds - mixed) * pairs.count
        before, likelihood = likelihood, float((mixed * pairs.count).sum())
        share = min(max(float(found.sum() / total), 1e-9), 1 - 1e-9)
        m = {c.name: _shares(pairs, c, found, 0.5) for c in free}
        if likelihood - before < 1e-6 * total:
            break
    return _Learned(m, share * float(total), likelihood)


def _first_guess(levels: int) -> Floats:
    """Nine in ten at the best level, the rest spread evenly."""
    guess = np.full(levels, 0.1 / max(levels - 1, 1))
    guess[-1] = 0.9
    return guess


def _pooled(compared: FieldComparison, sessions: Sequence[_Learned | None]) -> Floats:
    """Mean of what the rules taught, rules that found more pairs counting more, up to a point."""
    taught = [s for s in sessions if s is not None and compared.name in s.m]
    if not taught:
        return _first_guess(len(compared.labels))
    weights = np.sqrt([s.matches for s in taught])
    return np.asarray(np.average([s.m[compared.name] for s in taught], axis=0, weights=weights))


# --- result ---------------------------------------------------------------------------------------


def _trained(
    model: Model, m: Levels, u: Levels, random: _Patterns, provenance: Mapping[str, object]
) -> Trained:
    weights: dict[str, dict[str, tuple[float, float]]] = {}
    unseen = []
    for compared in model.comparisons:
        levels = {level.label: level for level in compared.scored}
        seen = _shares(random, compared, random.count, 0.0)
        pairs = {
            label: _floored(levels[label], float(m[compared.name][i]), float(u[compared.name][i]))
            for i, label in enumerate(compared.labels)
        }
        unseen += [
            f"{compared.name}: {label}" for i, label in enumerate(compared.labels) if not seen[i]
        ]
        total = sum(by_m for by_m, _ in pairs.values())
        weights[compared.name] = {
            label: (pairs[label][0] / total, pairs[label][1]) for label in levels
        }
    return Trained(model.comparisons, weights, provenance, tuple(unseen))


def _floored(level: Level, m: float, u: float) -> tuple[float, float]:
    return max(m, level.least), level.accident or u


def with_weights(model: Model, trained: Trained, prior: float) -> Model:
    """The same comparisons with trained weights and a prior."""
    return replace(model, weights=trained.weights, prior=prior)
