"""Wards that differ only by their tone marks (Sa Pa and Sa Pả), told apart by those of the text."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from cleaners import reference
from cleaners.text import tone_normal

__all__ = ["settle"]


@lru_cache(maxsize=1)
def _names() -> pl.DataFrame:
    """Toned names by edition and code, with and without type word, and the wards of today."""
    wards = reference.wards().filter(pl.col("old_ward_code").is_not_null())
    old = wards.group_by(code="old_ward_code").agg(
        name=pl.col("old_ward").first(), after=pl.col("new_ward_code").unique().sort()
    )
    new = reference.new_wards().select(
        code="new_ward_code", name="new_ward", after=pl.concat_list("new_ward_code")
    )
    both = pl.concat([old.with_columns(is_old=True), new.with_columns(is_old=False)])
    toned = tone_normal("name")
    return both.with_columns(
        name=toned, short=toned.str.replace("^(?:phường|xã|thị trấn|đặc khu) ", "")
    )


def settle(frame: pl.DataFrame) -> pl.DataFrame:
    """Narrow several wards of one key to the one whose toned name stands in the text.

    Args:
        frame: columns value, old, candidates, path; several codes in ``old`` (or, for the paths
            of new wards, in ``candidates``) mean a tie.

    Returns:
        The frame, in order, with ``old`` and ``candidates`` narrowed where exactly one name fits
        best.
    """
    is_new = pl.col("path").is_in(["new", "lone_new"]) & ~pl.col("is_contradicted")
    codes = pl.when(is_new).then("candidates").otherwise("old")
    rows = frame.select("value", codes=codes, is_old=~is_new).with_row_index("row")
    options = (
        rows.filter(pl.col("codes").list.len() > 1)
        # Text without any tone mark says nothing, even where a name has none either.
        .filter(pl.col("value").str.contains(r"[^\x00-\x7f]"))
        .explode("codes")
        .join(_names(), left_on=["codes", "is_old"], right_on=["code", "is_old"])
        .with_columns(text=pl.lit(" ") + tone_normal("value").str.replace_all(r"[\s,.]+", " "))
        .with_columns(
            score=pl.col("text").str.contains(pl.col("name"), literal=True).cast(pl.Int8)
            + pl.col("text").str.contains(pl.col("short"), literal=True).cast(pl.Int8)
        )
    )
    best = options.filter(pl.col("score") == pl.col("score").max().over("row"), pl.col("score") > 0)
    only = best.filter(pl.len().over("row") == 1).select(
        "row", "after", only=pl.when("is_old").then(pl.concat_list("codes"))
    )
    joined = frame.with_row_index("row").join(only, on="row", how="left", maintain_order="left")
    return joined.with_columns(
        old=pl.coalesce("only", "old"), candidates=pl.coalesce("after", "candidates")
    ).drop("row", "after", "only")
