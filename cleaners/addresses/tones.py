"""Units that differ only by their tone marks (Sa Pa and Sa Pả), told apart by those of the text."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

from cleaners import reference
from cleaners.addresses import keys
from cleaners.addresses.match import codes_of
from cleaners.text import tone_normal

__all__ = ["settle"]

_IS_TONED: Final = r"[^\x00-\x7f]"


@lru_cache(maxsize=1)
def _names() -> pl.DataFrame:
    """Toned names by edition and code: code, is_old, name and short (without type word)."""
    old = reference.wards().drop_nulls("old_ward_code").unique("old_ward_code")
    both = pl.concat(
        [
            old.select(code="old_ward_code", name="old_ward", is_old=pl.lit(value=True)),
            reference.new_wards().select(
                code="new_ward_code", name="new_ward", is_old=pl.lit(value=False)
            ),
        ]
    )
    toned = tone_normal("name").str.replace(" - ", " ", literal=True)
    return both.with_columns(
        name=toned, short=toned.str.replace("^(?:phường|xã|thị trấn|đặc khu) ", "")
    )


def _options(rows: pl.DataFrame) -> pl.DataFrame:
    """Every unit that each row may mean, with how well its toned name stands in the text."""
    sides = [
        rows.select(
            *("row", "text", "is_contradicted"),
            code=codes_of(name),
            is_old=pl.lit(value=is_old),
        ).explode("code")
        for name, is_old in (("old", True), ("rivals", True), ("new", False))
    ]
    listed = pl.concat(sides).drop_nulls("code").join(_names(), on=["code", "is_old"])
    text = pl.lit(" ") + tone_normal("text").str.replace_all(r"[\s,.]+", " ") + pl.lit(" ")
    stands = [
        text.str.contains(pl.lit(" ") + pl.col(name) + pl.lit(" "), literal=True).cast(pl.Int8)
        for name in ("name", "short")
    ]
    # Where no reading contradicts the ward of today, an old ward of the same name gives way to it.
    first = (~pl.col("is_old") & ~pl.col("is_contradicted")).cast(pl.Int8)
    score = stands[0] + stands[1]
    return listed.with_columns(score=pl.when(score > 0).then(2 * score + first).otherwise(0))


def _winners(options: pl.DataFrame) -> pl.DataFrame:
    """The one unit of a row whose name fits best: row, code, is_old; nothing where several do."""
    best = options.filter(pl.col("score") == pl.col("score").max().over("row"), pl.col("score") > 0)
    return best.filter(pl.len().over("row") == 1).select("row", win="code", win_is_old="is_old")


def settle(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Narrow several units of one key to the one whose toned name stands in the text.

    Args:
        outcomes: columns of ``OUTCOME`` and ``tail``, the text with its tone marks.

    Returns:
        The frame, in order, narrowed where exactly one name fits best.
    """
    several = [pl.col(n).str.contains(keys.SEPARATOR, literal=True) for n in ("old", "new")]
    is_open = several[0] | several[1] | pl.col("rival") | pl.col("is_contradicted")
    numbered = outcomes.with_row_index("row")
    # Text without any tone mark says nothing, even where a name has none either.
    rows = numbered.filter(is_open, pl.col("tail").str.contains(_IS_TONED)).rename({"tail": "text"})
    if rows.is_empty():
        return outcomes
    options = _options(rows.filter(pl.col("path") != "earlier"))
    found = _winners(options)
    after = keys.successors(found.filter("win_is_old")["win"]).rename({"codes": "win"})
    won = numbered.join(found, on="row", how="left", maintain_order="left").join(
        after, on="win", how="left", maintain_order="left"
    )
    # An earlier name of an old ward, or a ward of today? Not the latter, if the tone marks differ.
    earlier = _options(
        rows.filter(pl.col("path") == "earlier").with_columns(old=pl.lit(None, dtype=pl.String))
    )
    denied = earlier.group_by("row").agg(denied=pl.col("score").max() == 0)
    won = won.join(denied, on="row", how="left", maintain_order="left")
    old_wins, new_wins = pl.col("win_is_old"), ~pl.col("win_is_old")
    was_new = pl.col("path").is_in(["new", "lone_new"])
    old_after = keys.successors(won.filter("denied")["old"]).rename(
        {"codes": "old", "after": "earlier_after"}
    )
    won = won.join(old_after, on="old", how="left", maintain_order="left")
    settled = pl.col("win").is_not_null() | pl.col("denied").fill_null(value=False)
    return won.with_columns(
        old=pl.when(old_wins).then("win").otherwise("old"),
        path=pl.when(old_wins & was_new).then(pl.lit("lone_old")).otherwise("path"),
        candidates=pl.when("denied")
        .then("earlier_after")
        .when(old_wins)
        .then("after")
        .when(new_wins)
        .then("win")
        .otherwise("candidates"),
        is_contradicted=pl.col("is_contradicted") & ~settled,
        rival=pl.col("rival") & ~(settled & (old_wins | pl.col("is_contradicted"))),
    ).select(outcomes.columns)
