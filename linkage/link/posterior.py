"""Record-level probabilities: a record is one of its candidates', or nobody's in the register.

A match weight looks at one pair. A record has one holder at most, so its candidates share one unit of
probability with the chance that its holder is not in the register (or was never proposed):

    P(candidate i) = s·o_i / (s·sum(o) + 1 - s),    o_i = 2^weight_i per unit of share

where s is the share of such records whose holder is in the register. Two namesakes who fit equally
well have half each at most, however well they fit. The share is not assumed but estimated from the
registry itself (expectation maximisation over the records that the exact pass left, with those that it
settled counted in), for each state of the identity number apart: a record without a number is a
foreigner's more often than one with a number that exists, and a number that is nobody's is oftener
shown by people who are not in the register (:mod:`linkage.link.number_groups`). The prior of a pair
is the share over the size of the register, so it follows the register's size by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import SHARE
from linkage.link.tables import LinkTables

LEAST_OUTSIDE: Final = 0.002
"""A holder may always be missing: registers lag behind, and blocking does not propose everybody."""
_MOST_OUTSIDE: Final = 0.2
"""What is taken for granted without being seen goes no further than this."""
_PSEUDO_RECORDS: Final = 20.0
"""Weight of the prior share, and of the registry's share for one state of the number, in records."""
_ROUNDS: Final = 200
_STEPS_PER_BIT: Final = 8

UNKNOWN: Final = "_unknown"
"""Ends the group of records whose number is nobody's in the register."""
OWN: Final = "own"
"""Records with a whole number of today that the register knows."""
NOBODYS: Final = OWN + UNKNOWN
"""Records with one that it does not."""

Shares = Mapping[str, float]
"""Group of a record by its number (``own``, ``own_unknown``, ``none``, …) to share of holders in the
register."""


def least_outside(group: str, records: Mapping[str, int]) -> float:
    """Share of a group's holders who are not in the register, at least.

    People whom the register lacks have numbers that it lacks: the few of all holders who are missed
    are among those whose whole number of today is nobody's. Of old numbers and passports the register
    knows some only, so that one more which it does not know is nothing special.

    Args:
        group: of records, by their number.
        records: of each group.

    Example:
        >>> least_outside("own", {"own": 900, "own_unknown": 100})
        0.002
        >>> least_outside("own_unknown", {"own": 900, "own_unknown": 100})
        0.02
    """
    if group != NOBODYS:
        return LEAST_OUTSIDE
    both = records[NOBODYS] + records.get(OWN, 0)
    return min(LEAST_OUTSIDE * both / records[NOBODYS], _MOST_OUTSIDE)


def estimate_shares(engine: DuckDBEngine, tables: LinkTables) -> dict[str, float]:
    """Share of records whose holder is in the register, by group of the record's number.

    Args:
        engine: where the tables are.
        tables: names; ``subjects``, ``facts``, ``settled`` and ``candidates`` are read.

    Returns:
        One share for each state that occurs. The same tables give the same shares, whatever the
        order of their rows.
    """
    counted = engine.frame(f"""
        WITH sums AS (
            SELECT idx_l, sum(least(pow(2, match_weight), 1e30)) AS odds
            FROM "{tables.candidates}" GROUP BY idx_l
        )
        SELECT f.number_group AS state, s.idx_l IS NOT NULL AS settled,
            round(log2(c.odds) * {_STEPS_PER_BIT})::INTEGER AS step, count(*) AS n
        FROM "{tables.subjects}" r JOIN "{tables.facts}" f USING (idx)
        LEFT JOIN "{tables.settled}" s ON s.idx_l = r.idx LEFT JOIN sums c ON c.idx_l = r.idx
        GROUP BY ALL ORDER BY ALL
    """)
    return _maximise(counted)


def _maximise(counted: pl.DataFrame) -> dict[str, float]:
    """EM over counts of records by ``state, settled, step`` (an eighth of a bit of summed odds)."""
    states = counted["state"].unique(maintain_order=True).to_list()
    if not states:
        return {}
    which = counted["state"].replace_strict(dict(zip(states, range(len(states)), strict=True)))
    place, n = which.to_numpy(), counted["n"].to_numpy().astype(np.float64)
    settled = counted["settled"].to_numpy()
    steps = counted["step"].cast(pl.Float64).fill_null(-np.inf).to_numpy()
    odds = np.exp2(steps / _STEPS_PER_BIT) / SHARE
    total = np.bincount(place, n, len(states))
    shares = np.full(len(states), SHARE)
    records = dict(zip(states, total.astype(int).tolist(), strict=True))
    most = 1 - np.array([least_outside(state, records) for state in states])
    for _ in range(_ROUNDS):
        own = shares[place]
        inside = np.where(settled, 1.0, own * odds / (own * odds + 1 - own))
        found = np.bincount(place, n * inside, len(states))
        overall = (found.sum() + _PSEUDO_RECORDS * SHARE) / (total.sum() + _PSEUDO_RECORDS)
        new = (found + _PSEUDO_RECORDS * overall) / (total + _PSEUDO_RECORDS)
        new = np.minimum(new, most)
        if np.abs(new - shares).max() < 1e-6:
            break
        shares = new
    return dict(zip(states, (round(float(share), 6) for share in new), strict=True))


def rank_candidates(
    engine: DuckDBEngine, tables: LinkTables, shares: Shares, *, rivalry: bool = False
) -> None:
    """Rank each record's candidates into ``tables.ranked``, each with its probabilities.

    Adds to the candidates ``rank``, ``odds`` (against the holder being nobody in the register),
    ``probability`` (among all of the record's candidates), ``alone`` (as if it were the only one),
    ``margin`` (lead over the next, in bits), ``next_idx``, and ``next_bits``: what the competition
    took from the next.

    Args:
        engine: where the tables are.
        tables: names; ``candidates`` and ``facts`` are read.
        shares: by group of the number; a state that is not named has the shipped prior's.
        rivalry: whether ``tables.rivalry`` holds what competition adds to weights, in bits
            (:mod:`linkage.link.competition`).
    """
    known = "".join(
        f" WHEN '{state}' THEN {min(share, 1 - LEAST_OUTSIDE)!r}" for state, share in shares.items()
    )
    share = f"CASE f.number_group{known} ELSE {SHARE!r} END" if known else repr(SHARE)
    bits, joined = "0.0", ""
    if rivalry:
        bits, joined = "coalesce(v.bits, 0)", f'LEFT JOIN "{tables.rivalry}" v USING (idx_l, idx_r)'
    engine.run(f"""
        CREATE OR REPLACE TABLE "{tables.ranked}" AS
        WITH weighed AS (
            SELECT c.*, {share} AS share, {bits} AS bits, c.match_weight + {bits} AS standing
            FROM "{tables.candidates}" c JOIN "{tables.facts}" f ON f.idx = c.idx_l {joined}
        ), priced AS (
            SELECT *, least(pow(2, standing), 1e30) * share / ({SHARE!r} * (1 - share)) AS odds
            FROM weighed
        )
        SELECT * EXCLUDE (share, bits, standing), row_number() OVER best AS rank,
            odds / (1 + sum(odds) OVER (PARTITION BY idx_l)) AS probability,
            odds / (1 + odds) AS alone,
            standing - lead(standing) OVER best AS margin,
            lead(idx_r) OVER best AS next_idx, lead(bits) OVER best AS next_bits
        FROM priced
        WINDOW best AS (PARTITION BY idx_l ORDER BY standing DESC, idx_r)
    """)
