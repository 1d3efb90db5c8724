"""Measures that every part of an evaluation takes: shares, F1, and their intervals."""

from __future__ import annotations

import polars as pl

from linkage.intervals import share, wilson


def scored(
    counts: pl.DataFrame, *, found: str, true: str, correct: str = "correct"
) -> pl.DataFrame:
    """Add ``precision``, ``recall`` and ``f1``.

    Args:
        counts: columns of counts.
        found: what was found.
        true: what there is to find.
        correct: what of it was found.

    Example:
        >>> frame = pl.DataFrame({"found": [2], "true": [4], "correct": [1]})
        >>> scored(frame, found="found", true="true").select("precision", "recall").row(0)
        (0.5, 0.25)
    """
    right = pl.col(correct)
    return counts.with_columns(
        precision=share(right, pl.col(found)),
        recall=share(right, pl.col(true)),
        f1=share(2.0 * right, pl.col(found).cast(pl.Int64) + pl.col(true).cast(pl.Int64)),
    )


def with_wilson(counts: pl.DataFrame, part: str, whole: str, name: str) -> pl.DataFrame:
    """Add the share ``name`` of one column of counts in another, and both Wilson bounds of it."""
    return counts.with_columns(
        share(pl.col(part), pl.col(whole)).alias(name), *wilson(part, whole, name)
    )


def codes(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row ``record_id, rule`` per record and code of a list column."""
    return (
        frame.select("record_id", pl.col(column).alias("rule"))
        .explode("rule", empty_as_null=True)
        .filter(pl.col("rule").is_not_null() & (pl.col("rule") != ""))
        .unique()
    )
