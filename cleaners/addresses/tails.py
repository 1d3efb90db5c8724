"""Tails of addresses that say all by themselves: what they mean, and how most people write them."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners import reference
from cleaners.addresses import cut, judge, tones
from cleaners.addresses.match import OUTCOME, match
from cleaners.addresses.passes import is_loose, is_open, with_how
from cleaners.addresses.repair import repaired
from cleaners.text import fold

__all__ = ["understood", "usual"]

_NO_TYPE: Final = r"(^|, )(?:Thành phố|Thị trấn|Thị xã|Phường|Quận|Huyện|Tỉnh|Xã) (\p{L})"
_SHORT_TYPES: Final = {
    "Thành phố ": "TP. ", "Thị trấn ": "TT. ", "Thị xã ": "TX. ", "Phường ": "P. ", "Quận ": "Q. ",
    "Huyện ": "H. ", "Tỉnh ": "T. ", "Xã ": "X. ",
}  # fmt: skip


def understood(tails: pl.Series) -> pl.DataFrame:
    """What distinct tails mean.

    Args:
        tails: units from the ward up, parted by commas.

    Returns:
        One row per tail, in order: ``tail``; ``is_deep``, whether the part before a tail of two is
        needed; ``is_plain``, whether every word was understood, by itself and without a repair; and
        ``judge.FIELDS``.
    """
    parts = cut.parts_of(tails.alias("tail").to_frame())
    read = with_how(repaired(match(parts)))
    is_plain = (cut.left_over() == 0) & ~is_open() & ~is_loose()
    marks = read.select(is_plain=is_plain.fill_null(value=False))
    deep = cut.needs_third(parts).fill_null(value=False).alias("is_deep")
    judged = judge.judge(tones.settle(read.select("tail", *OUTCOME, *judge.HOW)))
    return pl.concat([read.select("tail"), deep.to_frame(), marks, judged], how="horizontal")


def usual() -> pl.Series:
    """Every ward and district, of today and of before, with what it lies in, as most people write it.

    With and without tone marks; with the words *phường*, *quận*, *tỉnh*, with their letters, and
    without, but for units that have a number for a name.
    """
    old = reference.wards().drop_nulls("old_ward_code").unique("old_ward_code")
    written = pl.concat(
        [
            old.select(
                pl.concat_str("old_ward", "old_district", "old_province", separator=", ")
            ).to_series(),
            old.select(pl.concat_str("old_district", "old_province", separator=", "))
            .to_series()
            .unique(maintain_order=True),
            reference.new_wards()
            .select(pl.concat_str("new_ward", "new_province", separator=", "))
            .to_series(),
        ]
    )
    otherwise = written.to_frame("w").select(
        short=pl.col("w").str.replace_many(list(_SHORT_TYPES), list(_SHORT_TYPES.values())),
        untyped=pl.col("w").str.replace_all(_NO_TYPE, "$1$2"),
    )
    toned = pl.concat([written, *otherwise.iter_columns()])
    bare = toned.to_frame("w").select(fold("w", keep=",.").str.to_titlecase())["w"]
    return pl.concat([toned, bare]).unique(maintain_order=True)
