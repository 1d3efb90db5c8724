"""Links: how many were made, how many are right, registry by registry and reason by reason."""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.evaluation.measures import scored
from linkage.intervals import share, wilson

_IS_LINKED: Final = pl.col("link_status") == "linked"
_HAS_LINK: Final = pl.col("true_person").is_not_null()
_IS_CORRECT: Final = _IS_LINKED & (pl.col("person_id") == pl.col("true_person")).fill_null(
    value=False
)
_COUNTS: Final = (
    pl.len().alias("records"),
    _HAS_LINK.sum().alias("true_links"),
    _IS_LINKED.sum().alias("linked"),
    _IS_CORRECT.sum().alias("correct"),
)


def links(labelled: pl.DataFrame) -> pl.DataFrame:
    """One row: see :attr:`linkage.evaluation.Evaluation.links`."""
    counts = labelled.select(*_COUNTS, in_review=(pl.col("link_status") == "review").sum())
    return scored(counts, found="linked", true="true_links").select(
        "records",
        "true_links",
        "linked",
        "correct",
        "precision",
        *wilson("correct", "linked", "precision"),
        "recall",
        *wilson("correct", "true_links", "recall"),
        "f1",
        wrong_per_10k=10_000 * share(pl.col("linked") - pl.col("correct"), pl.col("linked")),
        review=share(pl.col("in_review"), pl.col("records")),
    )


def by_reason(labelled: pl.DataFrame) -> pl.DataFrame:
    """One row per way of deciding and reason: see ``Evaluation.by_reason``."""
    in_review = (pl.col("link_status") == "review") & _HAS_LINK
    counts = (
        labelled.explode("reasons", empty_as_null=True)
        .group_by("link_status", "decided_by", pl.col("reasons").alias("reason"))
        .agg(
            *_COUNTS,
            shown=share((in_review & pl.col("shown")).sum(), in_review.sum()),
        )
    )
    counts = scored(counts, found="linked", true="true_links")
    order = ("link_status", "records", "decided_by", "reason")
    return counts.select(pl.all().exclude("shown"), "shown").sort(
        *order, descending=[False, True, False, False], nulls_last=True
    )
