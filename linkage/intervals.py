"""Shares with their intervals, as every table of the toolkit gives them."""

from __future__ import annotations

from typing import Final

import polars as pl

Z: Final = 1.959964
"""Two-sided 95 % of the normal distribution."""


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """A ratio; null where there is nothing to take a share of."""
    return pl.when(whole > 0).then(part.cast(pl.Float64) / whole)


def bounds(
    ratio: pl.Expr, size: pl.Expr, name: str, z: float | pl.Expr = Z
) -> tuple[pl.Expr, pl.Expr]:
    """Wilson's score interval of a share: right for shares near 0 and 1, and for few records.

    Args:
        ratio: from 0 to 1.
        size: number of records behind it.
        name: the bounds are called ``<name>_low`` and ``<name>_high``; null without records.
        z: quantile of the normal distribution.

    Example:
        >>> frame = pl.DataFrame({"p": [1.0], "n": [96]})
        >>> frame.select(bounds(pl.col("p"), pl.col("n"), "p")[0].round(4)).item()
        0.9615
    """
    n = size.cast(pl.Float64)
    middle = ratio + z**2 / (2 * n)
    spread = z * (ratio * (1 - ratio) / n + z**2 / (4 * n**2)).sqrt()
    scale = 1 + z**2 / n
    # at 0 and 1 a bound equals the share; rounding must not push it past
    low = pl.min_horizontal(((middle - spread) / scale).clip(0, 1), ratio)
    high = pl.max_horizontal(((middle + spread) / scale).clip(0, 1), ratio)
    return (
        pl.when(n > 0).then(low).alias(f"{name}_low"),
        pl.when(n > 0).then(high).alias(f"{name}_high"),
    )


def wilson(part: str, whole: str, name: str, z: float = Z) -> tuple[pl.Expr, pl.Expr]:
    """Both bounds of the share of one column of counts in another; see :func:`bounds`."""
    return bounds(pl.col(part) / pl.col(whole).cast(pl.Float64), pl.col(whole), name, z)
