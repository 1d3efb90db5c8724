"""Addresses written from the province down: ``Hà Nội, Ba Đình, Phúc Xá, 12 Hàng Bè``."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.addresses import cut, keys
from cleaners.addresses.match import OUTCOME, match

__all__ = ["read"]

_FRONT: Final = r"^[^,]*,[^,]*(?:,[^,]*)?"


def read(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read addresses whose first part is a province.

    Args:
        rows: ``id`` and ``text``.

    Returns:
        The rows that were understood: id, head, outcome; and the outcomes, with ``tail``.
    """
    found = rows.with_columns(tail=pl.col("text").str.extract(_FRONT, 0)).drop_nulls("tail")
    fronts = cut.parts_of(found.select("tail").unique(), order=(0, 1, 2))
    fronts = fronts.join(keys.provinces().select("key"), left_on="c1", right_on="key", how="semi")
    read_ = match(fronts).filter(pl.col("candidates").is_not_null())
    outcomes = read_.with_row_index("outcome").with_columns(is_reversed=pl.lit(value=True))
    behind = (
        found.join(outcomes.select("tail", "outcome", "used"), on="tail", how="inner")
        .with_columns(parts=pl.col("text").str.split(","))
        .with_columns(head=pl.col("parts").list.slice(pl.col("used")).list.join(","))
    )
    return behind.select("id", "outcome", "head"), outcomes.select(
        "outcome", "tail", "is_reversed", *OUTCOME
    )
