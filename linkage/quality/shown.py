"""Quality tables as a terminal shows them: fewer rows, both bounds of an interval in one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from linkage.evaluation_shown import with_intervals
from linkage.quality.report import EXPLAINED

if TYPE_CHECKING:
    from linkage.quality.report import RegistryQuality

MANY: str = "province"
"""A stratum of so many values that only those are shown that are worse than the rest."""


def tables(quality: RegistryQuality) -> dict[str, pl.DataFrame]:
    """What a terminal shows of one registry.

    Returns:
        Explanation to frame, in order.
    """
    bias = quality.bias.filter((pl.col("stratum") != MANY) | (pl.col("worse").list.len() > 0))
    hidden = quality.bias.height - bias.height
    more = f" {hidden} provinces that are not worse are left out." if hidden else ""
    frames = {
        EXPLAINED["estimate"]: _measures(quality.estimate),
        EXPLAINED["overall"]: quality.overall.drop("registry", "source"),
        EXPLAINED["bias"] + more: bias.drop("linked", "correct", "review_low", "review_high")
        .with_columns(pl.col("worse").list.join(", "))
        .with_columns(pl.col("worse").replace("", None)),
        EXPLAINED["blocking"]: quality.blocking,
        EXPLAINED["rules"]: quality.rules,
        EXPLAINED["calibration"]: quality.calibration.errors.with_columns(
            pl.col(pl.Float64).round(5)
        ),
    }
    return {text: _plain(with_intervals(frame)) for text, frame in frames.items() if frame.height}


def _measures(estimate: pl.DataFrame) -> pl.DataFrame:
    """Bounds of a measure named so that they become one column."""
    return estimate.rename({"low": "value_low", "high": "value_high"})


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Shares with the digits that tell 0.9999 from 1."""
    return frame.with_columns(pl.col(pl.Float64).round(5).cast(pl.String))
