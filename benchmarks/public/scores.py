"""Pairs found against the truth: precision, recall and F1, at one threshold or at the best."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from benchmarks.public.sets import PublicSet


@dataclass(frozen=True)
class Score:
    """Shares from 0 to 1, and the probability from which pairs counted."""

    precision: float
    recall: float
    threshold: float | None = None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __str__(self) -> str:
        """As a line of the table shows it."""
        return f"{self.precision:9.4f} {self.recall:9.4f} {self.f1:9.4f}"


def true_pairs(given: PublicSet) -> int:
    """Pairs of one person: across the two sources, or within the one."""
    first, *others = given.owners.values()
    if others:
        return first.join(others[0], on="owner").height
    sizes = first.group_by("owner").len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def judged(pairs: pl.DataFrame, given: PublicSet) -> pl.DataFrame:
    """Add ``correct`` to pairs ``left, right, match_probability``, the most probable first.

    ``left`` is a key of the registry; ``right`` one of the population, or of the registry too.
    """
    left = given.owners[given.registry]
    right = left if given.within else given.owners["population"]
    return (
        pairs.join(left.rename({"owner": "owner_l"}), left_on="left", right_on="key")
        .join(right.rename({"owner": "owner_r"}), left_on="right", right_on="key")
        .with_columns(correct=pl.col("owner_l") == pl.col("owner_r"))
        .sort("match_probability", "left", "right", descending=[True, False, False])
    )


def score(pairs: pl.DataFrame, possible: int) -> Score:
    """Score of judged pairs, all of which count as found."""
    correct = int(pairs["correct"].sum())
    return Score(correct / max(pairs.height, 1), correct / possible)


def best_score(pairs: pl.DataFrame, possible: int) -> Score:
    """Score at the threshold with the highest F1, picked with the truth in hand."""
    counted = pairs.with_columns(
        found=pl.int_range(1, pl.len() + 1), right=pl.col("correct").cum_sum()
    ).unique("match_probability", keep="last", maintain_order=True)
    f1 = 2 * pl.col("right") / (pl.col("found") + possible)
    best = counted.sort(f1, descending=True).row(0, named=True)
    return Score(best["right"] / best["found"], best["right"] / possible, best["match_probability"])


def group_score(groups: pl.DataFrame, given: PublicSet) -> Score:
    """Score of all pairs within groups ``record_id, group_id``."""
    owned = groups.join(given.owners[given.registry], left_on="record_id", right_on="key")

    def pairs(*keys: str) -> int:
        sizes = owned.group_by(keys).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    correct = pairs("group_id", "owner")
    return Score(correct / max(pairs("group_id"), 1), correct / true_pairs(given))
