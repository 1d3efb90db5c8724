"""Numbers that never repeat, over any number of chunks, without remembering the ones given.

A counter per prefix is spread over the number space by ``x -> a * x + b (mod m)``, which hits every
number once; only the counters are carried from chunk to chunk.
"""

from __future__ import annotations

from math import gcd

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Counter:
    """Gives each prefix its own sequence of numbers below ``space``, in scattered order."""

    def __init__(self, space: int, seed: int) -> None:
        """``space`` numbers per prefix; ``seed`` fixes the order in which they are given."""
        self.space = space
        step = int(space * 0.6180339887) + 2 * (seed % 997)
        while gcd(step, space) != 1:
            step += 1
        self._step = step
        self._used: tuple[dict[int, int], dict[int, int]] = ({}, {})

    def take(self, prefixes: Ints, *, spare: bool = False) -> Ints:
        """One new number for each entry of ``prefixes`` (whole numbers below 2**40).

        Spare numbers come from the other end of the sequence: nobody else is given them.
        """
        kinds, inverse = np.unique(prefixes, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        sizes = np.bincount(inverse, minlength=len(kinds))
        rank = np.empty(len(prefixes), dtype=np.int64)
        rank[order] = np.arange(len(prefixes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        known = self._used[spare]
        used = np.array([known.get(int(kind), 0) for kind in kinds], dtype=np.int64)
        known.update(zip(kinds.tolist(), (used + sizes).tolist(), strict=True))
        if len(kinds):
            rank += used[inverse]
        rank = self.space - 1 - rank if spare else rank
        turn = (kinds * 7919) % self.space
        return (rank % self.space * self._step + turn[inverse]) % self.space


def digits(values: Ints, width: int) -> pl.Series:
    """Whole numbers as text with leading zeros."""
    return pl.Series(values).cast(pl.String).str.zfill(width)


def pick(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> Ints:
    """``size`` indices drawn by weight."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int64)


def dates(days: Ints) -> pl.Series:
    """Days since 1970 as a date column."""
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def day(iso: str) -> int:
    """Days since 1970 of one ISO date."""
    return int(np.datetime64(iso, "D").astype(np.int64))
