"""Which pairs to ask about: uncertain and diverse ones first, by chance within each stratum."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

_LEAST_SPREAD: Final = 0.05
"""What is taken for the spread of a stratum that looks certain: it may be wrong about itself."""


def draw(pairs: pl.DataFrame, taken: pl.DataFrame, count: int, *, seed: int = 1) -> pl.DataFrame:
    """Draw pairs to label: at most one per record, none that was drawn before.

    Every stratum that has none yet gets one, the most uncertain first, with up to half of the
    draw; the rest is shared so that the estimate gains most: by a stratum's size times the spread of
    its answers (Neyman), certain ones not left out. Within a stratum chance alone decides.

    Args:
        pairs: ``record_id, match_probability, stratum`` and others, one row per record.
        taken: ``record_id`` of the pairs drawn before.
        count: how many to draw; fewer where no more are left.
        seed: which. The same pairs and seed give the same draw, whatever the order of the rows.

    Returns:
        Rows of ``pairs`` with ``stratum_size``, the most uncertain strata first, in turn.
    """
    ordered = pairs.sort("record_id")
    chance = np.random.default_rng(seed).permutation(ordered.height)
    ordered = ordered.with_columns(
        pl.Series("__chance", chance, dtype=pl.Int64), stratum_size=pl.len().over("stratum")
    )
    left = ordered.join(taken.select("record_id"), on="record_id", how="anti")
    strata = allocate(_strata(ordered, left), count)
    chosen = (
        left.sort("__chance")
        .with_columns(__turn=pl.int_range(pl.len()).over("stratum"))
        .join(strata.select("stratum", "draw", "spread"), on="stratum", how="left")
        .filter(pl.col("__turn") < pl.col("draw"))
    )
    turns = chosen.sort(
        "__turn", "spread", "stratum", "__chance", descending=[False, True, False, False]
    )
    return turns.drop("__chance", "__turn", "draw", "spread")


def _strata(pairs: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """``stratum, size, left, spread``."""
    share = pl.col("match_probability").mean()
    spread = (share * (1 - share)).clip(_LEAST_SPREAD**2).sqrt()
    return (
        pairs.group_by("stratum")
        .agg(size=pl.len(), spread=spread)
        .join(left.group_by("stratum").agg(left=pl.len()), on="stratum", how="left")
        .with_columns(pl.col("left").fill_null(0))
        .sort("stratum")
    )


def allocate(strata: pl.DataFrame, count: int) -> pl.DataFrame:
    """Share a number of draws among strata.

    Args:
        strata: ``stratum, size, left`` (not drawn yet), ``spread``.
        count: draws.

    Returns:
        The strata with ``draw``, adding up to ``count``, or to all that are left.

    Example:
        >>> strata = pl.DataFrame(
        ...     {"stratum": [1, 2], "size": [900, 100], "left": [900, 100], "spread": [0.05, 0.5]}
        ... )
        >>> allocate(strata, 20)["draw"].to_list()
        [9, 11]
    """
    size, left = strata["size"].to_numpy(), strata["left"].to_numpy()
    spread = strata["spread"].to_numpy()
    count = int(min(count, left.sum()))
    taken = size - left
    untouched = np.flatnonzero((taken == 0) & (left > 0))
    first = untouched[np.argsort(-spread[untouched], kind="stable")][: (count + 1) // 2]
    drawn = np.zeros(len(size), dtype=np.int64)
    drawn[first] = 1
    wanted = size * spread
    while (missing := count - int(drawn.sum())) > 0:
        room = left - drawn
        # what each stratum lacks of its share of everything drawn so far and now
        ideal = wanted * (room > 0)
        ideal = ideal / ideal.sum() * (taken.sum() + count)
        lacks = np.clip(ideal - taken - drawn, 0, room)
        if lacks.sum() <= 0:
            lacks = np.minimum(wanted * (room > 0), room)
        more = np.minimum(np.floor(lacks / lacks.sum() * missing + 1e-9).astype(np.int64), room)
        if more.sum() == 0:
            order = np.argsort(-lacks, kind="stable")
            more[order[room[order] > 0][:missing]] = 1
        drawn += more
    return strata.with_columns(pl.Series("draw", drawn, dtype=pl.Int64))
