"""The bias table: how linking does by kind of person, and where it does worse than for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import polars as pl

from linkage.intervals import Z, bounds, share, wilson
from linkage.quality.attributes import STRATA
from linkage.quality.trial import Trial

SMALL: Final = 100
"""Fewer true links than this in a stratum: its interval says more than its share."""
_RISK: Final = 0.05
"""Chance that any stratum of a table is flagged although none is worse."""
MEASURES: Final = ("precision", "recall", "review")

LINKED: Final = pl.col("link_status") == "linked"
CORRECT: Final = LINKED & (pl.col("person_id") == pl.col("true_person")).fill_null(value=False)
_COUNTS: Final = (
    pl.len().alias("records"),
    pl.col("true_person").count().alias("true_links"),
    LINKED.sum().alias("linked"),
    CORRECT.sum().alias("correct"),
    (pl.col("link_status") == "review").sum().alias("in_review"),
)
_SHARES: Final = {
    "precision": ("correct", "linked"),
    "recall": ("correct", "true_links"),
    "review": ("in_review", "records"),
}


def overall(trial: Trial) -> pl.DataFrame:
    """Precision, recall and share in review of all records of a trial.

    Returns:
        One row: ``registry, source, records, true_links, linked, correct``, each measure with its
        95 % interval (``precision, precision_low, precision_high, …``) and ``wrong_per_10k``.
    """
    counts = trial.records.select(*_COUNTS)
    wrong = pl.col("linked").cast(pl.Int64) - pl.col("correct").cast(pl.Int64)
    return _measured(counts).select(
        pl.lit(trial.registry).alias("registry"),
        pl.lit(trial.source).alias("source"),
        *("records", "true_links", "linked", "correct"),
        *_columns(),
        wrong_per_10k=10_000 * share(wrong, pl.col("linked")),
    )


def bias_table(trial: Trial, strata: Sequence[str] = STRATA) -> pl.DataFrame:
    """Precision, recall and share in review by stratum, with intervals.

    Args:
        trial: decisions beside the truth.
        strata: columns of the trial to tell records apart by; those it lacks are left out.

    Returns:
        ``stratum, value, records, true_links, linked, correct``, the measures with 95 % intervals,
        ``small`` (fewer than 100 true links) and ``worse``: the measures in which the stratum is
        worse than the rest of the records; over the whole table, a false flag has a chance of 5 %
        at most. ``value`` is null where the stratum is not known.

    Example:
        >>> from linkage.config.models import Thresholds
        >>> rows = pl.DataFrame({
        ...     "record_id": ["a", "b"], "link_status": ["linked", "review"],
        ...     "person_id": ["P1", None], "true_person": ["P1", "P2"], "sex": ["male", "female"],
        ... })
        >>> trial = Trial("sim", rows, Thresholds(), "labels", 2, 2)
        >>> bias_table(trial).select("value", "recall", "small").rows()
        [('female', 0.0, True), ('male', 1.0, True)]
    """
    present = [name for name in strata if name in trial.records.columns]
    parts = [
        trial.records.group_by(pl.col(name).cast(pl.String).alias("value"))
        .agg(*_COUNTS)
        .select(pl.lit(name).alias("stratum"), pl.all())
        for name in present
    ]
    if not parts:
        schema = {"stratum": pl.String, "value": pl.String}
        counted = trial.records.select(*_COUNTS).clear()
        parts = [pl.concat([pl.DataFrame(schema=schema), counted], how="horizontal")]
    counts = pl.concat(parts).sort("stratum", "value", nulls_last=True, maintain_order=True)
    order = {name: place for place, name in enumerate(present)}
    table = _measured(counts).with_columns(
        small=pl.col("true_links") < SMALL, worse=_worse(trial, counts)
    )
    return table.sort(
        pl.col("stratum").replace_strict(order, default=0, return_dtype=pl.Int64),
        maintain_order=True,
    ).select(
        *("stratum", "value", "records", "true_links", "linked", "correct"),
        *_columns(),
        *("small", "worse"),
    )


def _columns() -> list[str]:
    return [f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")]


def _measured(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.with_columns(
        *(share(pl.col(part), pl.col(whole)).alias(n) for n, (part, whole) in _SHARES.items()),
        *(bound for n, (part, whole) in _SHARES.items() for bound in wilson(part, whole, n)),
    )


def _worse(trial: Trial, counts: pl.DataFrame) -> pl.Series:
    """Measures in which a stratum differs from the rest for the worse.

    Newcombe's interval of the difference of two shares, from both Wilson intervals: the stratum is
    worse where all of it lies on the wrong side, at a level shared out over all comparisons
    (Bonferroni).
    """
    total = trial.records.select(*_COUNTS)
    comparisons = max(counts.height, 1) * len(MEASURES)
    z = max(NormalDist().inv_cdf(1 - _RISK / (2 * comparisons)), Z)
    flags = []
    for name, (part, whole) in _SHARES.items():
        few, all_few = pl.col(part).cast(pl.Int64), int(total[part][0])
        many, all_many = pl.col(whole).cast(pl.Int64), int(total[whole][0])
        rest, others = all_few - few, all_many - many
        frame = counts.select(
            share(few, many).alias("own"),
            share(rest, others).alias("other"),
            *bounds(few / many, many, "own", z),
            *bounds(rest / others, others, "other", z),
        )
        sign = -1 if name == "review" else 1  # more in review is worse, less of the others is
        lead = sign * (pl.col("other") - pl.col("own"))
        own_end = pl.col("own_high" if sign > 0 else "own_low")
        other_end = pl.col("other_low" if sign > 0 else "other_high")
        reach = ((own_end - pl.col("own")) ** 2 + (pl.col("other") - other_end) ** 2).sqrt()
        flags.append(frame.select(pl.when(lead > reach).then(pl.lit(name)).alias(name)))
    return (
        pl.concat(flags, how="horizontal")
        .select(pl.concat_list(MEASURES).list.drop_nulls().alias("worse"))
        .to_series()
    )
