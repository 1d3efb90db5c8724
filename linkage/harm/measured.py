"""Measured harm: what a trial with hidden numbers says of the links that a list's cases rest on.

A run hides the identity numbers of some records whose holder they tell, links these without them, and
counts the wrong links (:mod:`linkage.quality.measured`). That measures links for which no number
speaks; of those whose number is the person's own it says nothing. A list's cases are weighed twice: as
their probabilities have it, and with every link of the measured kind as wrong as such links were. The
higher figure counts, so a measurement never makes a list look better.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

LEVERAGE: Final = "leverage"
"""Column of cases: confidence that would be left if the link were certain; null for other links."""
READ: Final = (
    "record_id", "link_status", "outcome", "diff_fields", "decided_by", "match_probability",
)  # fmt: skip
"""Columns of the records list that tell which links a trial speaks for."""
_NO_NUMBER: Final = ("NOT_FOUND", "BAD_ID", "NOT_CHECKED")


@dataclass(frozen=True)
class Measured:
    """Wrong links among those for which no number speaks.

    Attributes:
        tried: records that were linked again without their number.
        share: wrong ones of the links made, from 0 to 1, weighted to be like the registry's records
            without a number that agrees.
        low: lower end of the 95 % interval.
        high: upper end.
        whole: wrong links per 10,000 of the registry as a whole, for the manifest
            (:func:`linkage.quality.estimate.measured_wrong_links`).
    """

    tried: int
    share: float
    low: float
    high: float
    whole: Mapping[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """What the manifest says of it."""
        ends = {"per_10k": self.share, "low": self.low, "high": self.high}
        without = {name: round(10_000 * share, 3) for name, share in ends.items()}
        return {**self.whole, "without_number": {"tried": self.tried, **without}}


def measured_kind(records: pl.DataFrame, numbers: Collection[str]) -> pl.DataFrame:
    """The links that a trial with hidden numbers speaks for.

    Args:
        records: the records list.
        numbers: fields with an identity number.

    Returns:
        ``record_id, probability`` of linked records whose number is missing, unreadable, unknown to
        the register, or another person's; without those that feedback decided.
    """
    differs = pl.col("diff_fields").list.set_intersection(list(numbers)).list.len() > 0
    unborne = pl.col("outcome").is_in(_NO_NUMBER) | differs.fill_null(value=False)
    return records.filter(
        pl.col("link_status") == "linked", unborne, pl.col("decided_by") != "feedback"
    ).select("record_id", probability="match_probability")


def with_leverage(cases: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Add :data:`LEVERAGE` to cases: their confidence by that of their link, where it was measured.

    Args:
        cases: ``record_id`` and ``confidence``.
        links: see :func:`measured_kind`.

    Example:
        >>> cases = pl.DataFrame({"record_id": ["a", "b"], "confidence": [0.45, 0.9]})
        >>> links = pl.DataFrame({"record_id": ["a"], "probability": [0.9]})
        >>> with_leverage(cases, links)["leverage"].to_list()
        [0.5, None]
    """
    known = links.rename({"probability": LEVERAGE})
    joined = cases.join(known, on="record_id", how="left", maintain_order="left")
    ratio = pl.col("confidence") / pl.col(LEVERAGE)
    return joined.with_columns(pl.when(pl.col(LEVERAGE) > 0).then(ratio.clip(0, 1)).alias(LEVERAGE))
