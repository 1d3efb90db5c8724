"""Choosing a threshold: for a precision that holds with confidence, or for the least cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from linkage.config.models import Thresholds
from linkage.errors import ConfigError
from linkage.intervals import Z
from linkage.tuning.curve import LINKS, at, curve, decided_at, judged, with_thresholds

if TYPE_CHECKING:
    from linkage.quality.trial import Trial

REVIEWS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Review thresholds that are tried for the least cost."""


@dataclass(frozen=True)
class Costs:
    """What a mistake costs against another, in any unit.

    Attributes:
        wrong: a record linked to somebody else.
        missed: a record left unlinked, or reviewed without its person among the candidates.
        review: a record that a person looks at.
    """

    wrong: float = 20.0
    missed: float = 1.0
    review: float = 0.2

    def __post_init__(self) -> None:
        """Refuse costs that mean nothing."""
        given = (self.wrong, self.missed, self.review)
        if any(not cost >= 0 or cost == float("inf") for cost in given) or not any(given):
            message = "these costs say nothing"
            raise ConfigError(
                message,
                expected="numbers from 0, at least one of them above",
                found=", ".join(f"{cost:g}" for cost in given),
                hint="a wrong link 20, a missed one 1, a review 0.2",
            )


@dataclass(frozen=True)
class Choice:
    """Thresholds, and why these.

    Attributes:
        thresholds: the ones chosen; those in force where none reaches what was asked.
        reached: whether what was asked is reached.
        why: one sentence.
        row: the curve at the chosen threshold.
    """

    thresholds: Thresholds
    reached: bool
    why: str
    row: dict[str, Any]


def by_precision(trial: Trial, wanted: float, *, margin: float | None = None) -> Choice:
    """The lowest threshold at which links are right at least as often as wanted, with confidence.

    The lower bound of the precision must reach it, not its estimate; for shares near 1 Wilson's lies
    at or below the exact one (three wrong of 10,000: 0.99912 both). Thresholds are tried from the
    strictest down to the first that fails: tests in a fixed order, each passed before the next,
    keep the confidence of a single one however many are tried. Thresholds with too few links to
    show such a precision at all are passed over.

    Args:
        trial: decided records whose people are known.
        wanted: least share of right links, below 1.
        margin: least lead over the runner-up (bits); by default the one in force.

    Raises:
        ConfigError: a precision that no trial can show.
    """
    _check_precision(wanted)
    drawn = curve(trial, margin=margin)
    shown = drawn.filter(pl.col("linked") > 0).sort("link", descending=True)
    passed = shown.filter(_enough(wanted)).with_columns(
        holds=(pl.col("precision_low") >= wanted).cum_prod().cast(pl.Boolean)
    )
    best = passed.filter("holds").tail(1)
    if best.height:
        row = at(drawn, best["link"][0])
        limits = with_thresholds(trial.thresholds, link=row["link"], margin=row["margin"])
        why = (
            f"the lowest threshold whose precision is at least {wanted:g} with confidence:"
            f" {row['precision']:.5f}, from {row['precision_low']:.5f}"
        )
        return Choice(limits, reached=True, why=why, row=row)
    return Choice(
        _as_form(trial.thresholds), reached=False, why=_why_not(shown, wanted),
        row=at(drawn, trial.thresholds.link),
    )  # fmt: skip


def _enough(wanted: float) -> pl.Expr:
    """Thresholds with so many links that the bound would be reached if all were right.

    The number of links says nothing of whether they are right, so leaving these out is no peeking.
    """
    return pl.col("effective_links") >= records_needed(wanted)


def records_needed(precision: float) -> int:
    """Links that must all be right for the lower bound to reach a precision.

    Example:
        >>> records_needed(0.999)
        3838
    """
    return int(Z**2 * precision / (1 - precision)) + 1


def _why_not(shown: pl.DataFrame, wanted: float) -> str:
    if shown.height == 0:
        return "no record of the trial links at any threshold"
    needed = records_needed(wanted)
    most = shown.select(pl.col("effective_links").max()).item()
    best = shown.sort("precision_low", "link").row(-1, named=True)
    reach = (
        f"the best lower bound is {best['precision_low']:.5f}, at {best['link']:g}"
        f" ({best['wrong']:.0f} of {best['linked']:,.0f} links wrong)"
    )
    if most < needed:
        return (
            f"too few links to show {wanted:g}: {needed:,} right ones are needed, the trial has"
            f" {most:,.0f}; {reach}"
        )
    return f"no threshold reaches {wanted:g} with confidence: {reach}"


def cost_curve(
    trial: Trial,
    costs: Costs,
    *,
    links: Iterable[float] | None = None,
    margin: float | None = None,
    review: float | None = None,
) -> pl.DataFrame:
    """Expected cost per 10,000 records against the link threshold.

    Returns:
        One row per threshold, in order: ``link, cost, cost_low, cost_high`` (a 95 % interval) and
        its parts ``wrong, missed, review``, all per 10,000 records; ``extra`` over the cheapest
        and ``extra_error``, the standard error of that difference on the same records.
    """
    tried = sorted({*(links or (*LINKS, trial.thresholds.link))})
    fixed = {k: v for k, v in (("margin", margin), ("review", review)) if v is not None}
    limits = [with_thresholds(trial.thresholds, link=link, **fixed) for link in tried]
    return _costs(judged(trial), costs, limits).select(pl.lit(pl.Series("link", tried)), pl.all())


def _costs(rows: pl.DataFrame, costs: Costs, limits: list[Thresholds]) -> pl.DataFrame:
    """One row of costs per set of thresholds, per 10,000 records."""
    units = {"wrong": costs.wrong, "missed": costs.missed, "review": costs.review}
    share = 10_000 * pl.col("weight") / pl.col("weight").sum()
    each = rows.select(
        share.alias("share"),
        *(mistake for n, one in enumerate(limits) for mistake in _mistakes(one, n)),
    )
    means = each.select(
        (pl.col(f"{part} {n}") * unit * pl.col("share")).sum().alias(f"{part} {n}")
        for n in range(len(limits))
        for part, unit in units.items()
    ).row(0, named=True)
    parts = {part: [means[f"{part} {n}"] for n in range(len(limits))] for part in units}
    frame = pl.DataFrame(parts, schema=dict.fromkeys(parts, pl.Float64)).with_columns(
        cost=pl.sum_horizontal(*parts)
    )
    least = frame["cost"].arg_min() or 0
    each_cost = [pl.sum_horizontal(pl.col(f"{part} {n}") * unit for part, unit in units.items())
                 for n in range(len(limits))]  # fmt: skip
    errors = each.select(_error(cost, f"{n}") for n, cost in enumerate(each_cost)).row(0)
    over = each.select(
        _error(cost - each_cost[least], f"{n}") for n, cost in enumerate(each_cost)
    ).row(0)
    error = pl.Series("error", errors, dtype=pl.Float64)
    return frame.with_columns(error).select(
        "cost",
        (pl.col("cost") - Z * pl.col("error")).clip(0).alias("cost_low"),
        (pl.col("cost") + Z * pl.col("error")).alias("cost_high"),
        *parts,
        (pl.col("cost") - pl.col("cost").min()).alias("extra"),
        pl.Series("extra_error", over, dtype=pl.Float64),
    )


def _mistakes(limits: Thresholds, n: int) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """What goes wrong with a record at some thresholds, as numbers from 0 to 1."""
    status, right, known = decided_at(limits), pl.col("is_right"), pl.col("has_link")
    linked, review = status == "linked", status == "review"
    found = linked | (review & right)
    kinds = {"wrong": linked & ~right, "missed": known & ~found, "review": review}
    wrong, missed, looked_at = (
        kind.cast(pl.Float64).alias(f"{name} {n}") for name, kind in kinds.items()
    )
    return wrong, missed, looked_at


def _error(cost: pl.Expr, name: str) -> pl.Expr:
    """Standard error of a weighted mean; ``share`` adds up to what the mean is scaled by."""
    share = pl.col("share")
    mean = (cost * share).sum() / share.sum()
    return ((share * (cost - mean)) ** 2).sum().sqrt().alias(name)


def by_cost(trial: Trial, costs: Costs, *, margin: float | None = None) -> Choice:
    """The thresholds of the least expected cost; the strictest of those that are as good as it.

    As good is what costs more by no more than one standard error of the difference: a sample sees
    few wrong links, and in doubt the stricter threshold is taken. The review threshold follows, of
    those in :data:`REVIEWS`, at the link threshold chosen.

    Args:
        trial: decided records whose people are known.
        costs: of a wrong link, a missed one and a review.
        margin: least lead over the runner-up (bits); by default the one in force.
    """
    drawn = cost_curve(trial, costs, margin=margin)
    as_good = drawn.filter(pl.col("extra") <= pl.col("extra_error") + 1e-9)
    link = float(as_good["link"].to_list()[-1])
    limits = with_thresholds(trial.thresholds, link=link)
    if margin is not None:
        limits = with_thresholds(limits, margin=margin)
    tried = [with_thresholds(limits, review=at) for at in sorted({*REVIEWS, limits.review})]
    reviews = _costs(judged(trial), costs, tried)
    good = reviews.with_row_index().filter(pl.col("extra") <= 1e-9)
    limits = tried[good["index"][-1]] if good.height else limits
    row = at(curve(trial, margin=limits.margin, review=limits.review), link)
    cost = _costs(judged(trial), costs, [limits]).row(0, named=True)
    why = (
        f"the least expected cost, {cost['cost']:.1f} per 10,000 records"
        f" (a wrong link {costs.wrong:g}, a missed one {costs.missed:g}, a review {costs.review:g});"
        " the strictest of those as good as it"
    )
    return Choice(limits, reached=True, why=why, row=row)


def _as_form(limits: Any) -> Thresholds:
    return with_thresholds(limits)


def _check_precision(wanted: float) -> None:
    if not 0.5 <= wanted < 1:
        message = "this precision cannot be asked for"
        raise ConfigError(
            message,
            expected="a share of right links from 0.5 and below 1: no sample shows that all are",
            found=f"{wanted:g}",
            hint="0.999 is 10 wrong links per 10,000",
        )
