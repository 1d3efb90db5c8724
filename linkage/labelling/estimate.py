"""What labels say of the links: precision and recall weighted by how the pairs were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from linkage.intervals import Z
from linkage.labelling.pool import Pool
from linkage.quality.trial import LABELS, Trial
from linkage.tuning.curve import at, curve


def weights_of(labels: pl.DataFrame) -> pl.DataFrame | None:
    """How many records each labelled one stands for: its stratum's size by the labels in it.

    Within a stratum chance decided, so this holds whichever of its pairs are labelled so far.

    Args:
        labels: ``record_id, is_match`` without nulls, ``stratum, stratum_size``.

    Returns:
        ``record_id, weight``; None where the labels do not tell of strata.

    Example:
        >>> labels = pl.DataFrame(
        ...     {"record_id": ["a", "b"], "is_match": [True, False], "stratum": [1, 1],
        ...      "stratum_size": [10, 10]}
        ... )
        >>> weights_of(labels)["weight"].to_list()
        [5.0, 5.0]
    """
    if not {"stratum", "stratum_size"} <= set(labels.columns):
        return None
    if labels.select(pl.any_horizontal(pl.col("stratum", "stratum_size").is_null()).any()).item():
        return None
    size, drawn = pl.col("stratum_size").last().over("stratum"), pl.len().over("stratum")
    return labels.select("record_id", weight=size / drawn).unique("record_id", keep="first")


@dataclass(frozen=True, repr=False)
class Labelled:
    """What labels say so far.

    Attributes:
        trial: the labelled records, decided, weighted.
        curve: precision and recall against the threshold, weighted, with intervals.
        row: the same at the threshold in force.
        labelled: pairs with an answer.
        unsure: pairs of which nobody could tell.
        open: pairs without an answer.
        covered: share of the registry's records that are in strata with an answer.
    """

    trial: Trial
    curve: pl.DataFrame
    row: dict[str, Any]
    labelled: int
    unsure: int
    open: int
    covered: float

    def __repr__(self) -> str:
        """Counts only."""
        return f"<Labelled {self.trial.registry}: {self.labelled:,} labelled, {self.open:,} open>"

    @property
    def width(self) -> float | None:
        """Width of the 95 % interval of the precision at the threshold in force."""
        low, high = self.row["precision_low"], self.row["precision_high"]
        return None if low is None or high is None else float(high - low)

    def is_enough(self, width: float) -> bool:
        """Whether the interval is as narrow as wanted."""
        return self.width is not None and self.width <= width

    def more(self, width: float) -> int | None:
        """About how many more labels a width takes; None where nothing is known yet."""
        if self.width is None or not self.labelled:
            return None
        share, have = float(self.row["precision"]), max(float(self.row["effective_links"]), 1.0)
        # Wilson's width at n, solved for n; near 1 the second term rules
        need = max(4 * Z**2 * share * (1 - share) / width**2, Z**2 * (1 - width) / width)
        return max(0, round(self.labelled * (need / have - 1)))


def estimate(pool: Pool, pairs: pl.DataFrame) -> Labelled:
    """Weigh labels up.

    Args:
        pool: the registry's pairs as they are now.
        pairs: labelled ones as :func:`linkage.labelling.pairs_csv.read_pairs` gives them. A pair
            that is no longer the best of its record tells only what it can: nothing if refused.
    """
    limits = pool.session.job.registries[pool.registry].link.thresholds
    known = pairs.filter(pl.col("is_match").is_in(["yes", "no"]))
    now = pool.pairs.select(
        "record_id", "link_status", "decided_by", "match_weight", "match_probability",
        "pair_probability", "runner_up_margin", "stratum", best_id="person_id",
        person_id=pl.when(pl.col("link_status") == "linked").then("person_id"),
        stratum_size=pl.len().over("stratum"),
    )  # fmt: skip
    joined = known.select("record_id", "is_match", judged="person_id").join(
        now, on="record_id", how="inner", maintain_order="left"
    )
    same = pl.col("judged") == pl.col("best_id")
    kept = joined.filter(same | (pl.col("is_match") == "yes")).with_columns(
        true_person=pl.when(pl.col("is_match") == "yes").then("judged")
    )
    kept = kept.unique("record_id", keep="first", maintain_order=True)
    weights = weights_of(kept)
    records = kept if weights is None else kept.join(weights, on="record_id", how="left")
    trial = Trial(
        registry=pool.registry, records=records, thresholds=limits, source=LABELS,
        sampled=records.height, population=pool.pairs.height,
    )  # fmt: skip
    drawn = curve(trial)
    covered = pool.pairs.filter(pl.col("stratum").is_in(kept["stratum"].unique().to_list()))
    return Labelled(
        trial=trial,
        curve=drawn,
        row=at(drawn, limits.link),
        labelled=known.height,
        unsure=pairs.filter(pl.col("is_match") == "unsure").height,
        open=pairs.filter(pl.col("is_match") == "").height,
        covered=covered.height / max(pool.pairs.height, 1),
    )
