"""All passes over a column of addresses: cut, read, repair what is left open, judge, spread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from cleaners.addresses import backward, below, cut, judge, tones, wordwise
from cleaners.addresses.match import OUTCOME
from cleaners.addresses.repair import FLAGS

__all__ = ["FIELDS", "resolve"]

FIELDS: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(("value", "detail", "house"), pl.String()),
    **{n: judge.FIELDS[n] for n in ("ward", "ward_candidates", "province", "old_ward", "edition")},
    **{n: judge.FIELDS[n] for n in ("confidence", "issues", "old_district")},
    **dict.fromkeys(("street", "alley", "hamlet", "group"), pl.String()),
}
Pass = Callable[[pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]
# A unit stands before the ward, unread: the ward was perhaps not the ward.
_UNIT: Final = r"(?:^|[ ,])(?:p|x|tt|tx|q|h|phuong|xa|quan|huyen|thi (?:tran|xa))(?: [a-z0-9]|\d)"
_MOSTLY_DISTINCT: Final = 0.7  # above this share, finding distinct values costs more than it saves


def with_how(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of ``HOW`` that are not there, as false."""
    missing = [name for name in judge.HOW if name not in outcomes.columns]
    return outcomes.with_columns(pl.lit(value=False).alias(name) for name in missing)


def _heads(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the heads: distinct ones, where they repeat."""
    distinct = rows.select("head").unique()
    if distinct.height > _MOSTLY_DISTINCT * rows.height:
        return cut.in_slices(rows, below.read).drop("head")
    read = cut.in_slices(distinct, below.read).select(below.FIELDS)
    places = rows.select("head").join(
        distinct.with_row_index("at"),
        on="head",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return pl.concat(
        [rows.drop("head"), read.select(pl.all().gather(places["at"]))], how="horizontal"
    )


def _with_head(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add head, the text before the units."""
    head = pl.col("text").cast(pl.Binary).bin.head(pl.col("head_size")).cast(pl.String)
    return rows.with_columns(head=head)


def _shaken(rows: pl.DataFrame, outcomes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give rows whose lone, loosely met ward follows an unread unit an outcome of their own."""
    is_loose = (pl.col("rank") > 0) | pl.col("by_words")
    loose = outcomes.filter(pl.col("path").is_in(["lone_new", "lone_old"]) & is_loose)
    if loose.is_empty():
        return rows, outcomes
    moved = loose.select("outcome", moved=pl.int_range(pl.len(), dtype=pl.UInt32) + outcomes.height)
    joined = rows.join(moved, on="outcome", how="left", maintain_order="left")
    doubted = pl.col("moved").is_not_null() & pl.col("detail").str.contains(_UNIT)
    rows = joined.with_columns(outcome=pl.when(doubted).then("moved").otherwise("outcome")).drop(
        "moved"
    )
    return rows, pl.concat([outcomes, loose.with_columns(is_shaky=pl.lit(value=True))])


def _is_open() -> pl.Expr:
    """Whether an outcome leaves something to find by other means."""
    unsolved = pl.col("path").is_null() | pl.col("path").is_in(["district", "province"])
    changed = pl.any_horizontal(*FLAGS)
    return (unsolved & pl.col("candidates").is_null()) | changed


def _improved(
    rows: pl.DataFrame, outcomes: pl.DataFrame, other: Pass, flag: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let another pass read the rows that are open, and keep what it understands better."""
    open_ = outcomes.filter(_is_open()).select("outcome", before="used")
    todo = rows.select("id", "text", "outcome").join(open_, on="outcome", how="inner")
    if todo.is_empty():
        return rows, outcomes
    found, answers = other(todo.select("id", "text"))
    answers = with_how(answers.with_columns(pl.lit(value=True).alias(flag)))
    found = found.join(todo.select("id", "before"), on="id").join(
        answers.select("outcome", "used", "candidates"), on="outcome"
    )
    solves = pl.col("candidates").is_not_null() & (pl.col("used") >= pl.col("before"))
    found = found.filter(solves | (pl.col("used") > pl.col("before")))
    numbered = answers.join(found.select("outcome").unique(), on="outcome", how="semi")
    numbered = numbered.with_columns(
        place=pl.int_range(pl.len(), dtype=pl.UInt32) + outcomes.height
    )
    better = found.join(numbered.select("outcome", "place"), on="outcome").select(
        "id", other_head="head", other="place"
    )
    merged = rows.join(better, on="id", how="left", maintain_order="left").with_columns(
        head=pl.when(pl.col("other").is_not_null()).then("other_head").otherwise("head"),
        outcome=pl.coalesce("other", "outcome"),
    )
    added = numbered.with_columns(outcome="place").select(outcomes.columns)
    return merged.drop("other", "other_head"), pl.concat([outcomes, added])


def resolve(raw: pl.DataFrame) -> pl.DataFrame:
    """Resolve addresses.

    Args:
        raw: one column ``raw``.

    Returns:
        One row per address, in order, with ``FIELDS``.
    """
    rows, outcomes = cut.by_commas(cut.prepared(raw))
    outcomes = with_how(outcomes).select("outcome", "tail", *OUTCOME, *judge.HOW)
    rows = cut.in_slices(rows.select("value", "text", "head_size", "outcome"), _with_head)
    rows = rows.drop("head_size").with_row_index("id")
    rows, outcomes = _improved(rows, outcomes, backward.read, "is_reversed")
    rows, outcomes = _improved(rows, outcomes, wordwise.read, "by_words")
    rows = _heads(rows.drop("id", "text"))
    rows, outcomes = _shaken(rows, outcomes)
    judged = judge.judge(tones.settle(outcomes))
    known = rows.select(pl.when(pl.col("value").is_not_null()).then("outcome")).to_series()
    spread = judged.select(pl.all().gather(known))
    no_list = pl.lit([], dtype=pl.List(pl.String))
    return (
        pl.concat([rows.drop("outcome"), spread], how="horizontal")
        .with_columns(issues=pl.col("issues").fill_null(no_list))
        .select(FIELDS.keys())
    )
