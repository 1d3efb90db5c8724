"""The damage of a whole column: which kinds, how many values, how sure."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.legacy.repair import clean

__all__ = ["detect"]

_SAMPLE: Final = 200_000


def _sample(values: pl.Series) -> pl.Series:
    """Evenly spread values of a long column: the same ones every time."""
    if values.len() <= _SAMPLE:
        return values
    return values.gather_every(-(-values.len() // _SAMPLE))


def detect(column: pl.Series) -> pl.DataFrame:
    """What happened to a column on its way to Unicode.

    A long column is judged by some 200,000 values, evenly spread. No value is returned.

    Args:
        column: String, as it came.

    Returns:
        One row per kind of damage that was seen, the most frequent first: ``encoding``; ``rows``,
        how many of the values looked at, converted or suspected; ``share`` of the values that are
        not null; ``confidence``, the mean over these rows. Empty where nothing is odd. The
        first ``encoding`` is what ``clean(expect=...)`` takes, where it is one of ``KINDS`` and
        its share is high.

    >>> detect(pl.Series(["NguyÔn V¨n Hµ", "TrÇn ThÞ B×nh", "Lan", None])).drop("confidence").rows()
    [('tcvn3', 2, 0.6666666666666666)]
    """
    values = _sample(column.cast(pl.String).drop_nulls())
    judged = values.alias("v").to_frame().select(clean("v")).unnest("v").drop_nulls("encoding")
    return (
        judged.group_by("encoding")
        .agg(pl.len().alias("rows"), pl.col("confidence").mean())
        .with_columns(share=pl.col("rows") / max(values.len(), 1))
        .select("encoding", "rows", "share", "confidence")
        .sort("rows", "encoding", descending=[True, False])
    )
