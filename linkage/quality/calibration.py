"""Calibration: of the best candidates given a probability p, is a share p right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from linkage.charts import Chart
from linkage.charts.lines import Axes, Line, line_chart
from linkage.intervals import share, wilson
from linkage.link.maximise import Floats
from linkage.quality.trial import Trial

EDGES: Final = (
    0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999,
    1.0,
)  # fmt: skip
"""Ends of the bins: tenths in the middle, finer where thresholds lie."""
MIDDLE: Final = (0.01, 0.99)
"""The doubtful candidates: their error is told apart, for nearly all others are sure."""
_DRAWS: Final = 1_000
_STEPS_PER_BIT: Final = 16
_LEAST_DRAWN: Final = 1e-9

_LEAST_PLACE: Final = 1e-5


@dataclass(frozen=True, repr=False)
class Calibration:
    """How far match probabilities may be taken at their word.

    Attributes:
        registry: where the records stand.
        bins: ``low, high, candidates, right, expected, share, share_low, share_high``: best
            candidates by probability, the mean probability given and the share that is right.
        errors: ``over, candidates, error, error_low, error_high, chance, chance_most``: expected
            calibration error (mean distance between share and probability, bins weighted by
            candidates) over all best candidates and over those between 0.01 and 0.99 alone; its
            95 % interval by drawing the records again. Few records show an error even where every
            probability is true: ``chance`` is the mean error if each candidate were right with
            just its probability, and 95 times in 100 that error is at most ``chance_most``. What
            lies above is a fault of the probabilities, what lies below need not be one.
    """

    registry: str
    bins: pl.DataFrame
    errors: pl.DataFrame

    def __repr__(self) -> str:
        """The errors."""
        told = ", ".join(
            f"{row['over']} {row['error']:.4f}" if row["error"] is not None else row["over"]
            for row in self.errors.to_dicts()
        )
        return f"<Calibration {self.registry}: {told}>"

    def chart(self) -> Chart:
        """Reliability diagram: share that is right against probability, on the scale of odds."""
        shown = self.bins.filter(pl.col("candidates") > 0).with_columns(
            place=pl.col("expected").clip(_LEAST_PLACE, 1 - _LEAST_PLACE)
        )
        axes = Axes(
            title=f"{self.registry}: best candidates",
            x_label="match probability",
            scale="odds",
            percent=True,
            y_range=(0.0, 1.0),
            diagonal=True,
        )
        line = Line("share", "share_low", "share_high", name="share that is right")
        return line_chart(shown, "place", [line], axes=axes)

    def _repr_html_(self) -> str:
        """Both tables and the diagram."""
        tables = (self.errors, self.bins)
        shown = "".join(t.with_columns(pl.col(pl.Float64).round(5))._repr_html_() for t in tables)
        return shown + self.chart().svg


def calibration(
    trial: Trial, edges: Sequence[float] = EDGES, middle: tuple[float, float] = MIDDLE
) -> Calibration:
    """Compare match probabilities with the truth, over the best candidates of a trial.

    Args:
        trial: decisions beside the truth. What the exact pass settled counts with the probability
            that its links are given; records without a candidate do not count.
        edges: ends of the bins, ascending from 0 to 1.
        middle: the range whose error is told apart, both ends left out.

    Returns:
        Bins and expected calibration errors.

    Example:
        >>> from linkage.config.models import Thresholds
        >>> rows = pl.DataFrame({
        ...     "best_id": ["P1", "P2"], "true_person": ["P1", None], "match_probability": [0.9, 0.3]
        ... })
        >>> found = calibration(Trial("sim", rows, Thresholds(), "labels", 2, 2))
        >>> found.errors.select("over", "candidates", pl.col("error").round(2)).rows()
        [('all', 2, 0.2), ('0.01 to 0.99', 2, 0.2)]
    """
    scored = trial.records.select(
        p="match_probability",
        right=(pl.col("best_id") == pl.col("true_person")).fill_null(value=False),
        is_best=pl.col("best_id").is_not_null(),
    ).filter(pl.col("is_best") & pl.col("p").is_not_null())
    bins = _bins(scored, edges)
    inside = scored.filter(pl.col("p").is_between(*middle, closed="none"))
    rows = [
        {"over": "all", **_error(scored, edges)},
        {"over": f"{middle[0]:g} to {middle[1]:g}", **_error(inside, edges)},
    ]
    schema = {
        "over": pl.String, "candidates": pl.Int64, "error": pl.Float64, "error_low": pl.Float64,
        "error_high": pl.Float64, "chance": pl.Float64, "chance_most": pl.Float64,
    }  # fmt: skip
    return Calibration(trial.registry, bins, pl.DataFrame(rows, schema=schema))


def _bin_of(p: pl.Series, edges: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Number of the bin: its lower end belongs to it, and 1 to the last."""
    inner = np.asarray(edges[1:-1])
    return np.searchsorted(inner, p.to_numpy(), side="right").astype(np.int64)


def _bins(scored: pl.DataFrame, edges: Sequence[float]) -> pl.DataFrame:
    ends = pl.DataFrame(
        {"bin": list(range(len(edges) - 1)), "low": list(edges[:-1]), "high": list(edges[1:])},
        schema={"bin": pl.Int64, "low": pl.Float64, "high": pl.Float64},
    )
    counts = (
        scored.with_columns(bin=pl.Series(_bin_of(scored["p"], edges), dtype=pl.Int64))
        .group_by("bin")
        .agg(
            candidates=pl.len().cast(pl.Int64),
            right=pl.col("right").sum().cast(pl.Int64),
            expected=pl.col("p").mean(),
        )
    )
    return (
        ends.join(counts, on="bin", how="left", maintain_order="left")
        .with_columns(pl.col("candidates", "right").fill_null(0))
        .with_columns(
            share(pl.col("right"), pl.col("candidates")).alias("share"),
            *wilson("right", "candidates", "share"),
        )
        .drop("bin")
    )


def _error(scored: pl.DataFrame, edges: Sequence[float]) -> dict[str, float | int | None]:
    """Expected calibration error with its bootstrap interval, and what chance alone would show."""
    empty = ("error", "error_low", "error_high", "chance", "chance_most")
    n = scored.height
    if not n:
        return dict.fromkeys(empty) | {"candidates": 0}
    place, count = _bin_of(scored["p"], edges), len(edges) - 1
    p, right = scored["p"].to_numpy(), scored["right"].to_numpy().astype(np.float64)
    gap = np.bincount(place, right - p, count)
    # Draws of whole bins: sums over a bin are nearly normal, and n may be a million.
    sizes = np.bincount(place, minlength=count).clip(1)
    variance = np.bincount(place, (right - p) ** 2, count) - gap**2 / sizes
    rng = np.random.default_rng(1)
    draws = np.abs(gap + rng.standard_normal((_DRAWS, count)) * np.sqrt(variance.clip(0)))
    low, high = np.quantile(draws.sum(axis=1) / n, (0.025, 0.975))
    error = float(np.abs(gap).sum() / n)
    by_chance = _by_chance(p, place)
    return {
        "candidates": n,
        "error": error,
        "error_low": float(min(low, error)),
        "error_high": float(max(high, error)),
        "chance": float(by_chance.mean()),
        "chance_most": float(np.quantile(by_chance, 0.95, method="higher")),
    }


def _by_chance(p: Floats, place: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    """Errors of draws in which each candidate is right with just its probability.

    Candidates of nearly one probability are drawn together, with their mean: n may be a million.
    """
    sure = np.clip(p, _LEAST_DRAWN, 1 - _LEAST_DRAWN)
    step = np.round(np.log2(sure / (1 - sure)) * _STEPS_PER_BIT)
    alike, cell = np.unique(np.stack([place, step]), axis=1, return_inverse=True)
    cell = cell.reshape(-1)
    size = np.bincount(cell)
    mean = np.clip(np.bincount(cell, p) / size, 0.0, 1.0)
    drawn = np.random.default_rng(2).binomial(size, mean, (_DRAWS, len(size))) - size * mean
    order = np.argsort(alike[0], kind="stable")
    starts = np.unique(alike[0][order], return_index=True)[1]
    gaps = np.add.reduceat(drawn[:, order], starts, axis=1)
    errors: Floats = np.abs(gaps).sum(axis=1) / len(p)
    return errors
