"""Old ward codes to the codes of today, without any text to read."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from cleaners import reference
from cleaners.text import as_expr, named_like

__all__ = ["convert", "to_new"]


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, int], pl.Series]:
    """Place of every old code in a column of lists of new codes."""
    table = reference.successors()
    return {code: place for place, code in enumerate(table["old_ward_code"])}, table[
        "new_ward_codes"
    ]


def convert(column: str | pl.Expr) -> pl.Expr:
    """The wards since July 2025 that hold the territory of a ward of before.

    A code alone does not say its edition: nearly all codes of today were codes of other wards
    before. Give only codes from before July 2025.

    Args:
        column: old ward codes, String, five digits (leading zeros may be missing).

    Returns:
        List(String) named after the column: one code, or several where the ward was split; null
        for null and for codes that no ward had.

    >>> frame = pl.DataFrame({"old": ["00001", "454", "99999"]})
    >>> frame.select(convert("old"))["old"].to_list()
    [['00097'], ['00454', '00466', '00475'], None]
    """
    expr = as_expr(column)
    places, lists = _table()
    place = (
        expr.cast(pl.String)
        .str.strip_chars(" ")
        .str.zfill(5)
        .replace_strict(places, default=None, return_dtype=pl.UInt32)
    )
    return named_like(pl.lit(lists).gather(place), expr)


def to_new(frame: pl.DataFrame, column: str, *, name: str = "new_ward") -> pl.DataFrame:
    """Add the wards of today to a frame of old ward codes.

    Args:
        frame: any frame.
        column: its column of ward codes from before July 2025.
        name: what to call the new columns.

    Returns:
        The frame with ``name`` (String, 2025 edition; null where the ward was split or the code is
        unknown) and ``<name>_candidates`` (List(String), all of them).

    >>> to_new(pl.DataFrame({"old": ["00001", "00454"]}), "old")["new_ward"].to_list()
    ['00097', None]
    """
    candidates = pl.col(f"{name}_candidates")
    return frame.with_columns(convert(column).alias(f"{name}_candidates")).with_columns(
        pl.when(candidates.list.len() == 1).then(candidates.list.first()).alias(name)
    )
