"""All passes over a column of addresses: cut, read, repair what is left open, judge, spread."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import polars as pl

from cleaners import legacy
from cleaners.addresses import backward, below, cut, judge, tones, wordwise
from cleaners.addresses.match import OUTCOME
from cleaners.addresses.repair import FLAGS
from cleaners.columns import in_slices, numbered
from cleaners.legacy.oddness import is_odd

__all__ = ["FIELDS", "is_loose", "is_open", "resolve", "with_how"]

FIELDS: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(("value", "detail", "house"), pl.String()),
    **{n: judge.FIELDS[n] for n in ("ward", "ward_candidates", "province", "old_ward", "edition")},
    **{n: judge.FIELDS[n] for n in ("confidence", "issues", "old_district")},
    **dict.fromkeys(("street", "alley", "hamlet", "group"), pl.String()),
}
_FEW: Final = 100  # rows
Pass = Callable[[pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]
# A unit stands before the ward, unread: the ward was perhaps not the ward.
_UNIT: Final = r"(?:^|[ ,])(?:p|x|tt|tx|q|h|phuong|xa|quan|huyen|thi (?:tran|xa))(?: [a-z0-9]|\d)"
_NO_ISSUE: Final = pl.lit([], dtype=pl.List(pl.String))


def with_how(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of ``HOW`` that are not there, as false."""
    missing = [name for name in judge.HOW if name not in outcomes.columns]
    return outcomes.with_columns(pl.lit(value=False).alias(name) for name in missing)


def _heads(heads: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Read the distinct heads: their fields, and for each row the place of its head there."""
    distinct, places = numbered(heads)
    read = in_slices(distinct.cast(pl.String).to_frame(), below.read)
    return read.select(below.FIELDS), places


def is_loose() -> pl.Expr:
    """Whether an outcome is a lone ward that was loosely met: what stands before it counts."""
    is_lone = pl.col("path").is_in(["lone_new", "lone_old"])
    return is_lone & ((pl.col("rank") > 0) | pl.col("by_words"))


def _shaken(
    rows: pl.DataFrame, outcomes: pl.DataFrame, details: pl.Series
) -> tuple[pl.Series, pl.DataFrame]:
    """Give rows whose lone, loosely met ward follows an unread unit an outcome of their own.

    Args:
        rows: ``outcome`` and ``place``, that of the detail.
        outcomes: one row per outcome.
        details: folded text below the ward.

    Returns:
        The outcome of each row, and the outcomes.
    """
    loose = outcomes.filter(is_loose())
    if loose.is_empty():
        return rows["outcome"], outcomes
    moved = loose.select("outcome", moved=pl.int_range(pl.len(), dtype=pl.UInt32) + outcomes.height)
    asked = rows.select("outcome", "place").with_row_index("row").join(moved, on="outcome")
    found = asked.filter(details.gather(asked["place"]).str.contains(_UNIT).fill_null(value=False))
    outcome = rows["outcome"].clone().scatter(found["row"], found["moved"])
    return outcome, pl.concat([outcomes, loose.with_columns(is_shaky=pl.lit(value=True))])


@cache
def is_open() -> pl.Expr:
    """Whether an outcome leaves something to find by other means."""
    unsolved = pl.col("path").is_null() | pl.col("path").is_in(["district", "province"])
    changed = pl.any_horizontal(*FLAGS)
    return (unsolved & pl.col("candidates").is_null()) | changed


def _improved(
    rows: pl.DataFrame, outcomes: pl.DataFrame, other: Pass, flag: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Let another pass read the rows that are open, and keep what it understands better."""
    open_ = outcomes.filter(is_open()).select("outcome", before="used")
    if open_.is_empty():
        return rows, outcomes
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
        "id", other_head=pl.col("head").cast(pl.Binary), other="place"
    )
    merged = rows.join(better, on="id", how="left", maintain_order="left").with_columns(
        head=pl.when(pl.col("other").is_not_null()).then("other_head").otherwise("head"),
        outcome=pl.coalesce("other", "outcome"),
    )
    added = numbered.with_columns(outcome="place").select(outcomes.columns)
    return merged.drop("other", "other_head"), pl.concat([outcomes, added])


def _noted(
    known: pl.Series, judged: pl.DataFrame, converted: pl.Series
) -> tuple[pl.Series, pl.DataFrame]:
    """Give rows whose text was converted a judgement of their own, which says so."""
    if not converted.any():
        return known, judged
    rows = converted.arg_true()
    note = pl.concat_list(pl.col("issues").fill_null(_NO_ISSUE), pl.lit("legacy_encoding"))
    noted = judged.select(pl.all().gather(known.gather(rows))).with_columns(issues=note)
    places = pl.int_range(rows.len(), dtype=pl.UInt32, eager=True) + judged.height
    return known.scatter(rows, places), pl.concat([judged, noted])


def _converted(raw: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Text with old encodings repaired, and whether more than the composition changed."""
    if raw.len() <= _FEW and not is_odd(raw).any():  # sooner seen than asked of the repair
        return raw, pl.Series([False]).new_from_index(0, raw.len())
    text = raw.to_frame("raw").select(legacy.repaired("raw")).to_series()
    changed = (text != raw).fill_null(value=False)
    if changed.any():
        rows = changed.arg_true()
        changed = changed.scatter(rows, text.gather(rows) != raw.gather(rows).str.normalize("NFC"))
    return text, changed


def resolve(raw: pl.Series, places: pl.Series) -> pl.DataFrame:
    """Resolve addresses.

    Args:
        raw: distinct addresses.
        places: the place in ``raw`` of each row that is asked for.

    Returns:
        One row per place, in order, with ``FIELDS``.
    """
    text, converted = _converted(raw)
    rows, outcomes = cut.by_commas(cut.prepared(text.to_frame("raw")))
    outcomes = with_how(outcomes).select("outcome", "tail", *OUTCOME, *judge.HOW)
    rows = rows.select("value", "text", "head", "outcome").with_row_index("id")
    if outcomes.select(is_open().any()).item():
        rows, outcomes = _improved(rows, outcomes, backward.read, "is_reversed")
        rows, outcomes = _improved(rows, outcomes, wordwise.read, "by_words")
    details, place = _heads(rows["head"])
    rows = rows.select("value", "outcome").with_columns(place=place)
    outcome, outcomes = _shaken(rows, outcomes, details["detail"])
    known = outcome.to_frame("o").select(pl.when(rows["value"].is_not_null()).then("o")).to_series()
    known, judged = _noted(known, judge.judge(tones.settle(outcomes)), converted)
    found = (
        (rows.select("value"), places),
        (details, place.gather(places)),
        (judged, known.gather(places)),
    )
    # In one piece, values are gathered twice as fast.
    spread = [table.rechunk().select(pl.all().gather(at)) for table, at in found]
    return (
        pl.concat(spread, how="horizontal")
        .with_columns(issues=pl.col("issues").fill_null(_NO_ISSUE))
        .select(FIELDS.keys())
    )
