"""Which people the oracle weighs for a record: those of its name whose number may be as written.

Nobody who has a chance is left out (:func:`~.likelihood.possible` says who has). A number of the
register is looked up instead of being compared with that of every namesake, and pairs are made a few
million at a time: at a million people a common name has two thousand bearers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from benchmarks.side_by_side import likelihood

RECORDS_AT_ONCE: Final = 100_000
PAIRS_AT_ONCE: Final = 1_000_000
_HALF: Final = 10**6
"""Cuts a number of twelve digits into halves: one wrong digit leaves one of them whole."""
_MIDDLE: Final = 10**5
"""Two neighbours exchanged across the middle leave the five digits at each end."""
_LOOKED_UP: Final = ("own", "short", "passport")


def pairs(records: pl.DataFrame, people: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Records side by side with the people who may be meant, all of a record's in one frame.

    Args:
        records: ``id, key, w_form, w_value, w_number`` and what else there is (``w_*``).
        people: ``key, p_number, p_value, p_old, p_prefix, p_passport, p_year`` and more (``p_*``).
    """
    looked_up = pl.col("w_form").is_in(_LOOKED_UP)
    for part in records.filter(looked_up).iter_slices(RECORDS_AT_ONCE):
        yield _side_by_side(part, _by_number(part, people), people)
    namesakes = people.group_by("key").agg(namesakes=pl.len())
    rest = records.filter(~looked_up).join(namesakes, on="key", maintain_order="left")
    chunk = pl.col("namesakes").cast(pl.Int64).cum_sum() // PAIRS_AT_ONCE
    for part in rest.with_columns(chunk=chunk).partition_by("chunk", maintain_order=True):
        joined = part.drop("namesakes", "chunk").join(people, on="key")
        yield joined.filter(likelihood.possible())


def _by_number(records: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """``id, p_number`` of namesakes whose number is the written one or at most one slip from it."""
    found = [
        _equal(records, people, {"value": pl.col("w_value")}, {"value": pl.col("p_value")}),
        _equal(records, people, {"text": pl.col("w_number")}, {"text": pl.col("p_passport")}),
    ]
    own = records.filter(pl.col("w_form") == "own")
    for cut in (_left, _right, _ends):
        found.append(_equal(own, people, cut(pl.col("w_value")), cut(pl.col("p_value"))))
    return pl.concat(found).unique()


def _left(number: pl.Expr) -> dict[str, pl.Expr]:
    return {"left": number // _HALF}


def _right(number: pl.Expr) -> dict[str, pl.Expr]:
    return {"right": number % _HALF}


def _ends(number: pl.Expr) -> dict[str, pl.Expr]:
    return {"first": number // (_HALF * 10), "last": number % _MIDDLE}


def _equal(
    records: pl.DataFrame,
    people: pl.DataFrame,
    of_record: dict[str, pl.Expr],
    of_person: dict[str, pl.Expr],
) -> pl.DataFrame:
    """Pairs of one name for which the expressions agree; what is missing agrees with nothing."""
    left = records.select("id", "key", **of_record)
    return left.join(
        people.select("p_number", "key", **of_person), on=["key", *of_record]
    ).select("id", "p_number")  # fmt: skip


def _side_by_side(records: pl.DataFrame, found: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    joined = found.join(records, on="id").join(people.drop("key"), on="p_number")
    return joined.filter(likelihood.possible())
