"""Expectation maximisation over whole records: m as decisions will use it.

Splink's own maximisation looks at pairs, block by block, and takes the fields for independent within
the pairs of a block. Decisions look at a record with all its candidates, of whom one at most is its
holder. Here the same view learns m: each record shares one unit of probability among its candidates
and the chance that its holder is not among them (:mod:`linkage.link.posterior`), and m of a level is
the share of that probability which lies on pairs of that level. So what a model claims on the records
that it was trained on adds up to what it claims pair by pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.link.model import SHARE, FieldComparison
from linkage.link.posterior import LEAST_OUTSIDE

ROUNDS: Final = 500
CONVERGED: Final = 1e-5
"""Largest change of any m at which the maximisation stops."""
_PSEUDO_RECORDS: Final = 20.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Outcome:
    """Where one start led.

    Attributes:
        m: comparison to level to probability.
        seen: comparison to level to expected number of true pairs that show it.
        likelihood: mean log-likelihood of a record, in bits.
        share: share of records whose holder is in the register.
        rounds: rounds until nothing changed.
    """

    m: dict[str, dict[str, float]]
    seen: dict[str, dict[str, float]]
    likelihood: float
    share: float
    rounds: int


@dataclass(frozen=True)
class States:
    """Groups of records with a share in the register of their own, and the records that are settled.

    Attributes:
        of_pair: which group the record of each pair is in, from 0.
        records: records of each group, those without candidates and the settled included.
        settled: of these, whose holder is certain; they have no pair among the candidates.
        certain: comparison to how many settled pairs show each level, by Splink's number.
        least_outside: by group, share of holders who are not in the register at least; None for
            the usual one.
    """

    of_pair: Ints
    records: Floats
    settled: Floats
    certain: Mapping[str, Floats]
    least_outside: Floats | None = None


@dataclass(frozen=True)
class Candidates:
    """Candidate pairs of a sample of records, as arrays.

    Attributes:
        record: which record a pair is of, from 0.
        records: how many records were sampled, those without candidates included.
        levels: comparison to Splink's number of each pair's level; -1 where there is no evidence.
        fixed: what does not depend on m, in bits: prior, u, and term frequencies.
        states: what is known of the records beside their candidates; None for nothing.
    """

    record: Ints
    records: int
    levels: Mapping[str, Ints]
    fixed: Floats
    states: States | None = None


def candidates_of(
    scored: pl.DataFrame,
    comparisons: Sequence[FieldComparison],
    u: Mapping[str, Mapping[str, float]],
    *,
    records: int,
    prior_weight: float,
) -> Candidates:
    """Arrays from scored pairs.

    Args:
        scored: ``idx_l``, ``gamma_<comparison>`` and ``tf`` (sum of the term-frequency
            adjustments, in bits).
        comparisons: what is compared.
        u: by comparison and level.
        records: records sampled.
        prior_weight: match weight before anything is compared.
    """
    record = scored["idx_l"].rank("dense").to_numpy().astype(np.int64) - 1
    fixed = scored["tf"].to_numpy().astype(np.float64) + prior_weight
    levels = {}
    for compared in comparisons:
        level = scored[f"gamma_{compared.name}"].to_numpy().astype(np.int64)
        by_number = np.array([u[compared.name][label] for label in compared.labels])
        fixed = fixed - np.where(level >= 0, np.log2(by_number)[np.maximum(level, 0)], 0.0)
        levels[compared.name] = level
    return Candidates(record, records, levels, fixed)


def maximise(
    given: Candidates,
    comparisons: Sequence[FieldComparison],
    start: Mapping[str, Mapping[str, float]],
    *,
    start_records: float | Mapping[str, float] = 0.0,
) -> Outcome:
    """Maximise the likelihood of the sampled records from one start.

    Args:
        given: their candidate pairs.
        comparisons: what is compared.
        start: m to begin with; a level that it does not have begins at the level's least.
        start_records: how many records more the start counts for, of all comparisons or of each
            by name; 0 where it is but a beginning.

    Returns:
        m, and how well it explains the records. No m falls below the level's declared least.
    """
    floors = {c.name: _floors(c) for c in comparisons}
    m = {c.name: _start(c, start.get(c.name, {})) for c in comparisons}
    known = {
        name: m[name]
        * (start_records[name] if isinstance(start_records, Mapping) else start_records)
        for name in m
    }
    states = given.states or _one_state(given)
    shares, rounds, change = np.full(len(states.records), SHARE), 0, 1.0
    while change >= CONVERGED and rounds < ROUNDS:
        inside, likelihood = _responsibilities(given, states, m, shares)
        seen = {name: _counts(given, states, name, inside, len(m[name])) for name in m}
        new = {
            name: _normal(np.maximum(seen[name] + known[name], 1e-9), floors[name]) for name in m
        }
        shares, share = _shares(states, inside)
        change = max(float(np.abs(new[name] - m[name]).max()) for name in m)
        m, rounds = new, rounds + 1
    return Outcome(
        {c.name: _named(c, m[c.name]) for c in comparisons},
        {c.name: _named(c, seen[c.name]) for c in comparisons},
        likelihood,
        share,
        rounds,
    )


def _one_state(given: Candidates) -> States:
    """All records alike, none settled."""
    one = np.zeros(len(given.record), dtype=np.int64)
    return States(one, np.array([float(given.records)]), np.zeros(1), {})


def _shares(states: States, inside: Floats) -> tuple[Floats, float]:
    """Share of holders in the register by state, drawn towards that of all; and that of all."""
    found = np.bincount(states.of_pair, inside, len(states.records)) + states.settled
    most = 1 - (LEAST_OUTSIDE if states.least_outside is None else states.least_outside)
    overall = (found.sum() + _PSEUDO_RECORDS * SHARE) / (states.records.sum() + _PSEUDO_RECORDS)
    if len(states.records) == 1:
        overall = min(float(overall), 1 - LEAST_OUTSIDE)
        return np.array([overall]), overall
    shares = (found + _PSEUDO_RECORDS * overall) / (states.records + _PSEUDO_RECORDS)
    return np.minimum(shares, most), min(float(overall), 1 - LEAST_OUTSIDE)


def _responsibilities(
    given: Candidates, states: States, m: Mapping[str, Floats], shares: Floats
) -> tuple[Floats, float]:
    """Probability of each pair among its record's, and the mean log-likelihood of a record."""
    share = shares[states.of_pair]
    weight = given.fixed.copy()
    for name, level in given.levels.items():
        weight += np.where(level >= 0, np.log2(m[name])[np.maximum(level, 0)], 0.0)
    odds = np.exp2(np.minimum(weight, 100.0)) * (share / SHARE)
    proposed = int(given.record.max()) + 1 if len(given.record) else 0
    outside = np.ones(proposed)
    outside[given.record] = 1 - share
    whole = np.bincount(given.record, odds, proposed) + outside
    inside: Floats = odds / whole[given.record]
    alone = states.records - states.settled  # without a candidate: nobody in the register
    if proposed:
        first = np.unique(given.record, return_index=True)[1]
        alone = alone - np.bincount(states.of_pair[first], minlength=len(alone))
    bits = np.log2(whole).sum() + (alone * np.log2(1 - shares)).sum()
    return inside, float(bits / max(states.records.sum() - states.settled.sum(), 1))


def _counts(given: Candidates, states: States, name: str, inside: Floats, size: int) -> Floats:
    level = given.levels[name]
    known = level >= 0
    found = np.bincount(level[known], inside[known], size).astype(np.float64)
    return found + states.certain.get(name, 0.0)


def _floors(compared: FieldComparison) -> Floats:
    return np.array([level.least for level in reversed(compared.scored)])


def _start(compared: FieldComparison, start: Mapping[str, float]) -> Floats:
    floors = _floors(compared)
    given = [start.get(label, 0.0) for label in compared.labels]
    return _normal(np.array(given), floors)


def _normal(counts: Floats, floors: Floats) -> Floats:
    """Shares that add up to one, none below its floor."""
    shares = counts / counts.sum() if counts.sum() > 0 else np.full(len(counts), 1 / len(counts))
    held = np.zeros(len(floors), dtype=np.bool_)
    while True:  # what is raised to its floor is taken from the others, who may fall below theirs
        rest = (1 - floors[held].sum()) / shares[~held].sum()
        normal: Floats = np.where(held, floors, shares * rest)
        low = ~held & (normal < floors)
        if not low.any():
            return normal
        held |= low


def _named(compared: FieldComparison, values: Floats) -> dict[str, float]:
    """By label, best level first."""
    pairs = zip(compared.labels, (float(value) for value in values), strict=True)
    return dict(reversed(list(pairs)))
