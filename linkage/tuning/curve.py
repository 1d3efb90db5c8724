"""What becomes of a trial's records at other thresholds: precision, recall, review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from linkage.config.models import Thresholds
from linkage.intervals import bounds

if TYPE_CHECKING:
    from linkage.quality.trial import Trial

LINKS: Final = (
    *(round(0.5 + n / 20, 4) for n in range(8)),
    *(round(1 - (10 - n) / 10**power, power) for power in range(2, 6) for n in range(9)),
    0.99999,
)  # fmt: skip
"""Thresholds that are tried: 0.5 to 0.85, then 0.9, 0.91, …, 0.99, 0.991, … up to 0.99999."""

_TYPES: Final = {
    "record_id": pl.String, "link_status": pl.String, "person_id": pl.String,
    "best_id": pl.String, "true_person": pl.String, "match_weight": pl.Float64,
    "match_probability": pl.Float64, "runner_up_margin": pl.Float64, "decided_by": pl.String,
}  # fmt: skip


def status_at(limits: Any) -> pl.Expr:
    """A record's disposition by the model at some thresholds.

    Args:
        limits: ``link``, ``review`` and ``margin``.

    Example:
        >>> from linkage.config.models import Thresholds
        >>> row = {"match_probability": 0.97, "pair_probability": 0.99, "runner_up_margin": None}
        >>> pl.DataFrame([row]).select(status_at(Thresholds(link=0.95))).item()
        'linked'
    """
    clear = pl.col("runner_up_margin").is_null() | (pl.col("runner_up_margin") >= limits.margin)
    linked = (pl.col("match_probability") >= limits.link) & clear
    return (
        pl.when(linked.fill_null(value=False))
        .then(pl.lit("linked"))
        .when((pl.col("pair_probability") >= limits.review).fill_null(value=False))
        .then(pl.lit("review"))
        .otherwise(pl.lit("unlinked"))
    )


def with_pair_probability(records: pl.DataFrame) -> pl.DataFrame:
    """Add the best candidate's probability as if it were the only one, by which review is decided.

    Where a frame does not have it, the runner-up's share is given back to the best: of ``p`` and
    ``p·2^-margin`` that two candidates have beside the chance of neither, the best alone would have
    ``p / (1 - p·2^-margin)``. A third candidate would raise that a little more. The match weight does
    not tell: it knows the shipped prior, not the share of holders that the run has found.

    Example:
        >>> row = {"match_probability": 0.4, "runner_up_margin": 0.0}
        >>> found = with_pair_probability(pl.DataFrame([row]))["pair_probability"].item()
        >>> round(found, 4)
        0.6667
    """
    if "pair_probability" in records.columns:
        return records
    probability, margin = pl.col("match_probability"), pl.col("runner_up_margin").cast(pl.Float64)
    runner_up = probability * pl.lit(2.0).pow(-margin)
    own = (probability / (1 - runner_up.fill_null(0.0))).clip(0.0, 1.0)
    return records.with_columns(pair_probability=own)


def is_fixed(in_force: Any) -> pl.Expr:
    """Records on which no threshold has a say: settled exactly, a borrowed number, a competition.

    Told by what they are: whoever was not decided by the model, or otherwise than the thresholds
    in force alone would have.
    """
    by_model = pl.col("decided_by").is_in(["model", "none"])
    return ~by_model | (status_at(in_force) != pl.col("link_status"))


def judged(trial: Trial) -> pl.DataFrame:
    """A trial's records with what curves and costs count.

    Returns:
        The trial's columns and ``fixed``, ``has_link`` (its person is known), ``is_right`` (the
        person linked, or the best candidate, is that person), ``weight`` (records that it stands
        for in a sample of unequal shares; 1 where the trial says nothing).
    """
    records = trial.records
    person = pl.coalesce("person_id", "best_id")
    weight = pl.col("weight") if "weight" in records.columns else pl.lit(1.0)
    typed = records.cast({k: v for k, v in _TYPES.items() if k in records.columns})
    return with_pair_probability(typed).with_columns(
        fixed=is_fixed(trial.thresholds),
        has_link=pl.col("true_person").is_not_null(),
        is_right=(person == pl.col("true_person")).fill_null(value=False),
        weight=weight.cast(pl.Float64),
    )


def decided_at(limits: Any) -> pl.Expr:
    """The disposition at some thresholds, of records as :func:`judged` gives them."""
    return pl.when("fixed").then("link_status").otherwise(status_at(limits))


def with_thresholds(limits: Any, **changes: float) -> Thresholds:
    """Thresholds with some of them changed; review is never above link.

    Example:
        >>> with_thresholds(Thresholds(link=0.99, review=0.6), link=0.5).review
        0.5
    """
    values = {name: getattr(limits, name) for name in ("link", "review", "margin")} | changes
    values["review"] = min(values["review"], values["link"])
    return Thresholds(**values)


def curve(
    trial: Trial,
    *,
    links: Iterable[float] | None = None,
    margin: float | None = None,
    review: float | None = None,
) -> pl.DataFrame:
    """Precision, recall and review share against the link threshold.

    Args:
        trial: decided records whose people are known.
        links: thresholds to try; by default :data:`LINKS` and the one in force.
        margin: least lead over the runner-up (bits); by default the one in force.
        review: review threshold; by default the one in force, or ``link`` where that is less.

    Returns:
        One row per threshold, in order: ``link, review_at, margin, records, linked, correct,
        wrong, effective_links, precision, recall, review, wrong_per_10k`` and for each of the last
        four ``_low`` and ``_high``, the bounds of a 95 % interval (Wilson). Precision is of the
        links, recall of the records whose person is known, review of all records; all from 0 to 1.
        Counts are of records that stand for as many as their weights say; ``effective_links`` are
        what the links are worth to an interval, fewer than ``linked`` where weights differ.
    """
    rows = judged(trial)
    tried = sorted({*(links or (*LINKS, trial.thresholds.link))})
    fixed: dict[str, float] = {}
    if margin is not None:
        fixed["margin"] = margin
    if review is not None:
        fixed["review"] = review
    limits = [with_thresholds(trial.thresholds, link=link, **fixed) for link in tried]
    return _measured(_counted(rows, limits))


def at(curve: pl.DataFrame, link: float) -> dict[str, Any]:
    """The row of a curve at a threshold that was tried."""
    return curve.row(by_predicate=(pl.col("link") - link).abs() < 1e-12, named=True)


def _counted(rows: pl.DataFrame, limits: Sequence[Thresholds]) -> pl.DataFrame:
    """One row of counts per set of thresholds; all are counted in one pass."""
    named = [
        expression.alias(f"{n} {name}")
        for n, one in enumerate(limits)
        for name, expression in _counts(decided_at(one)).items()
    ]
    found = rows.select(named).row(0, named=True)
    own = [{"link": one.link, "review_at": one.review, "margin": one.margin} for one in limits]
    counts = [
        {**one, **{name: float(found[f"{n} {name}"]) for name in _counts(pl.lit(""))}}
        for n, one in enumerate(own)
    ]
    return pl.DataFrame(counts)


def _counts(status: pl.Expr) -> dict[str, pl.Expr]:
    weight, linked, known = pl.col("weight"), status == "linked", pl.col("has_link")
    return {
        "records": weight.sum(),
        "linked": weight.filter(linked).sum(),
        "correct": weight.filter(linked & pl.col("is_right")).sum(),
        "known": weight.filter(known).sum(),
        "in_review": weight.filter(status == "review").sum(),
        "all_squares": (weight**2).sum(),
        "linked_squares": (weight**2).filter(linked).sum(),
        "known_squares": (weight**2).filter(known).sum(),
    }


def _measured(counts: pl.DataFrame) -> pl.DataFrame:
    """Shares with their intervals; unequal weights count as fewer records."""
    shares = {
        "precision": ("correct", "linked", "linked_squares"),
        "recall": ("correct", "known", "known_squares"),
        "review": ("in_review", "records", "all_squares"),
    }
    columns: list[pl.Expr] = []
    for name, (part, whole, squares) in shares.items():
        some = pl.when(pl.col(whole) > 0)
        share = some.then((pl.col(part) / pl.col(whole)).clip(0, 1))
        size = some.then(pl.col(whole) ** 2 / pl.col(squares))
        columns += [share.alias(name), *bounds(share, size, name)]
    measured = counts.with_columns(columns, wrong=pl.col("linked") - pl.col("correct"))
    ten = {"wrong_per_10k": "precision", "wrong_per_10k_low": "precision_high",
           "wrong_per_10k_high": "precision_low"}  # fmt: skip
    return measured.with_columns(
        pl.when(pl.col("linked") > 0)
        .then(pl.col("linked") ** 2 / pl.col("linked_squares"))
        .otherwise(0.0)
        .alias("effective_links"),
        *((10_000 * (1 - pl.col(of))).alias(name) for name, of in ten.items()),
    ).select(*_COLUMNS)


_COLUMNS: Final[Sequence[str]] = (
    "link", "review_at", "margin", "records", "linked", "correct", "wrong",
    "effective_links",
    *(
        f"{name}{end}"
        for name in ("precision", "recall", "review", "wrong_per_10k")
        for end in ("", "_low", "_high")
    ),
)  # fmt: skip
