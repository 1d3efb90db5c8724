"""What a contender says of each record, and how good that is; the same counting for all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.side_by_side import data

THRESHOLD: Final = 0.95
"""At which a user without labels links."""


@dataclass(frozen=True)
class Decided:
    """One contender's answer for one registry.

    Attributes:
        ids: every record.
        best: ``id, person_id, score`` of the records that have a best person; may have ``linked``
            and ``review`` where the contender decides by more than the score.
        seconds: reading included.
        note: what a reader must know of this run.
    """

    ids: pl.Series
    best: pl.DataFrame
    seconds: float
    note: str = ""

    def table(self) -> pl.DataFrame:
        """``record_id, person_id, score, linked, review``, one row per record."""
        best = self.best
        if "linked" not in best.columns:
            best = best.with_columns(
                linked=pl.col("score") >= THRESHOLD, review=pl.lit(value=False)
            )
        records = pl.DataFrame({"record_id": self.ids})
        found = records.join(best.rename({"id": "record_id"}), on="record_id", how="left")
        return found.with_columns(
            pl.col("linked").fill_null(value=False) & pl.col("person_id").is_not_null(),
            pl.col("review").fill_null(value=False),
        ).select("record_id", "person_id", "score", "linked", "review")


def judged(table: pl.DataFrame, folder: Path, registry: str) -> pl.DataFrame:
    """The table with ``is_true`` (its person is right) and ``has_person``; sampled tables too."""
    known = data.truth(folder, registry).select("record_id", true_person="person_id")
    return table.join(known, on="record_id", how="inner", validate="1:1").with_columns(
        is_true=(pl.col("person_id") == pl.col("true_person")).fill_null(value=False),
        has_person=pl.col("true_person").is_not_null(),
    )


def measured(table: pl.DataFrame, links: pl.Expr) -> dict[str, Any]:
    """F1, precision, recall, wrong links per 10,000 and the share in review."""
    linked, right, true = table.select(
        links.sum(), right=(links & pl.col("is_true")).sum(), true=pl.col("has_person").sum()
    ).row(0)
    return {
        "f1": 2 * right / max(linked + true, 1),
        "precision": right / linked if linked else None,
        "recall": right / max(true, 1),
        "wrong_per_10k": 10_000 * (linked - right) / max(linked, 1),
        "review": table["review"].mean(),
    }


def at_decision(table: pl.DataFrame) -> dict[str, Any]:
    """As the contender itself decides, without labels."""
    return measured(table, pl.col("linked"))


def at_best_f1(table: pl.DataFrame) -> dict[str, Any]:
    """At the threshold with the best F1, picked with the truth in hand."""
    return _at_best(table, _steps(table))


def within_budget(table: pl.DataFrame, wrong_per_10k: float) -> dict[str, Any]:
    """At the threshold with the best F1 among those that keep to so many wrong links per 10,000."""
    wrong = pl.col("linked") - pl.col("right")
    return _at_best(table, _steps(table).filter(10_000 * wrong <= wrong_per_10k * pl.col("linked")))


def _at_best(table: pl.DataFrame, steps: pl.DataFrame) -> dict[str, Any]:
    f1 = 2 * pl.col("right") / (pl.col("linked") + int(table["has_person"].sum()))
    cut = steps.filter(f1 == f1.max())["score"].max()
    return {**measured(table, _above(cut)), "threshold": cut}


def _above(cut: Any) -> pl.Expr:
    whole = pl.col("person_id").is_not_null()
    return (whole & (pl.col("score") >= (2.0 if cut is None else cut))).fill_null(value=False)


def _steps(table: pl.DataFrame) -> pl.DataFrame:
    """Links and right ones at every threshold: ``score, linked, right``."""
    best = table.filter(pl.col("person_id").is_not_null() & pl.col("score").is_not_null())
    counted = best.group_by("score").agg(linked=pl.len(), right=pl.col("is_true").sum())
    return counted.sort("score", descending=True).with_columns(
        pl.col("linked", "right").cast(pl.Int64).cum_sum()
    )
