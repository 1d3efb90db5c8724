"""From a trial to the registry: how many of its links are expected to be wrong, and how many missed.

A trial with hidden numbers is of records that have no number to link on. Most records of a registry
have one, and where it agrees with its owner the link is as good as the number. So the registry falls
into three parts: *known* (the number tells the holder: linked, and right by assumption), *absent* (the
register lacks the holder: any link is wrong) and the *rest*, linked as the records of the trial are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import polars as pl

from linkage.intervals import wilson
from linkage.quality.strata import CORRECT, LINKED
from linkage.quality.trial import HIDDEN, Trial

_ENOUGH: Final = 20
_SCHEMA: Final = {
    "measure": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class _Count:
    """A number of records with its 95 % interval."""

    value: float = 0.0
    below: float = 0.0
    above: float = 0.0

    def __add__(self, other: _Count) -> _Count:
        """The sum of two independent counts: distances to the bounds add up as squares."""
        return _Count(
            self.value + other.value,
            math.hypot(self.below, other.below),
            math.hypot(self.above, other.above),
        )

    def over(self, whole: float) -> tuple[float | None, float | None, float | None]:
        """Share of a whole, with its bounds."""
        if whole <= 0:
            return None, None, None
        low, high = max(self.value - self.below, 0.0), min(self.value + self.above, whole)
        return self.value / whole, low / whole, high / whole


def registry_estimate(trial: Trial) -> pl.DataFrame:
    """Precision, wrong links and recall of the whole registry, as the trial lets expect.

    With hidden numbers the rest is weighted by how its records are written (day of birth, ward,
    initials), and taken to be linked as if it had no number at all. That is on the safe side:
    many of these records do have a number, mistyped by a digit, that helps.

    Args:
        trial: with hidden numbers, or with labels, which are taken for a fair sample.

    Returns:
        ``measure, value, low, high`` for ``precision``, ``wrong_per_10k`` (links) and ``recall``
        (of records whose holder is in the register), with 95 % intervals; null where there is
        nothing to take a share of. The share in review needs no estimate: a run counts it.
    """
    known, rest, _ = _parts(trial)
    present = trial.records.filter(pl.col("true_person").is_not_null())
    sure, total = _Count(known), known + float(rest["records"].sum())
    without, linked = _wrong_and_linked(trial)
    wrong = without.over((sure + linked).value)
    right = (sure + _counted(present, CORRECT, rest)).over(total)
    rows = [
        ("precision", *(None if v is None else 1 - v for v in (wrong[0], wrong[2], wrong[1]))),
        ("wrong_per_10k", *(None if v is None else 10_000 * v for v in wrong)),
        ("recall", *right),
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _wrong_and_linked(trial: Trial) -> tuple[_Count, _Count]:
    """Wrong links, and links, of the records whose number does not tell the holder."""
    _, rest, absent = _parts(trial)
    present = trial.records.filter(pl.col("true_person").is_not_null())
    alone = trial.records.filter(pl.col("true_person").is_null())
    of_absent = pl.DataFrame({"written": [None], "records": [absent]}, schema=REST_COUNTS)
    wrong, linked = (
        _counted(present, hit, rest) + _counted(alone, hit, of_absent)
        for hit in (LINKED & ~CORRECT, LINKED)
    )
    return wrong, linked


REST_COUNTS: Final = {"written": pl.String, "records": pl.Float64}


def _parts(trial: Trial) -> tuple[float, pl.DataFrame, float]:
    """Records known by their number, ``written, records`` of the rest, and holders not there."""
    total = float(max(trial.registered, trial.sampled, 1))
    if trial.source != HIDDEN:
        nobody = trial.records["true_person"].null_count() / max(trial.records.height, 1)
        rest = pl.DataFrame({"written": [None], "records": [total * (1 - nobody)]}, REST_COUNTS)
        return 0.0, rest, total * nobody
    known = min(float(trial.population), total)
    absent = min(trial.absent * total, total - known)
    rest = trial.rest.cast(REST_COUNTS)  # type: ignore[arg-type]
    if not rest["records"].sum():
        rest = pl.DataFrame({"written": [None], "records": [total - known]}, REST_COUNTS)
    scale = (total - known - absent) / max(float(rest["records"].sum()), 1.0)
    return known, rest.with_columns(pl.col("records") * scale), absent


def _counted(tried: pl.DataFrame, hit: pl.Expr, stands_for: pl.DataFrame) -> _Count:
    """How many of the records are hit, from those that were tried and are written alike.

    Args:
        tried: records of the trial.
        hit: what is counted of them.
        stands_for: ``written, records`` that are to be told about. Where fewer than 20 records of
            a kind were tried, all that were tried speak for it.
    """
    if not tried.height:
        return _Count()
    counts = (pl.len().cast(pl.Int64).alias("n"), hit.sum().cast(pl.Int64).alias("hits"))
    whole = tried.select(*counts)
    kinds = whole.clear().with_columns(written=pl.lit(None, dtype=pl.String))
    if "written" in tried.columns:
        kinds = tried.group_by("written").agg(*counts).filter(pl.col("n") >= _ENOUGH)
    told = stands_for.join(kinds, on="written", how="left").sort("written")
    cells = told.with_columns(
        pl.when(pl.col("n").is_null()).then(None).otherwise(pl.col("written")).alias("written")
    )
    cells = (
        cells.group_by("written", "n", "hits", maintain_order=True)
        .agg(pl.col("records").sum())
        .with_columns(
            pl.col("n").fill_null(whole["n"][0]), pl.col("hits").fill_null(whole["hits"][0])
        )
        .with_columns(*wilson("hits", "n", "share"), share=pl.col("hits") / pl.col("n"))
        .select(
            (pl.col("records") * pl.col("share")).alias("value"),
            (pl.col("records") * (pl.col("share") - pl.col("share_low"))).alias("below"),
            (pl.col("records") * (pl.col("share_high") - pl.col("share"))).alias("above"),
        )
    )
    total = _Count()
    for row in cells.rows():
        total += _Count(*row)
    return total


def wrong_without_number(trial: Trial) -> tuple[float | None, float | None, float | None]:
    """Share of wrong links among those for which no number speaks, with its 95 % interval.

    Args:
        trial: with hidden numbers.

    Returns:
        Wrong links of all links, weighted to be like the registry's records without a number that
        agrees: in how they are written, and in how many of their holders the register lacks. None
        where nothing was linked.
    """
    wrong, links = _wrong_and_linked(trial)
    return wrong.over(links.value)


def measured_wrong_links(trial: Trial) -> dict[str, float | int | str | None]:
    """The manifest's figure beside the model's own belief: wrong links as measured.

    Args:
        trial: of the registry.

    Returns:
        ``source``, ``entries`` (records tried), ``per_10k`` and the interval's ``low`` and
        ``high``, of the registry's links as a whole.
    """
    row = registry_estimate(trial).row(1, named=True)
    rounded = {name: None if row[key] is None else round(row[key], 3) for name, key in (
        ("per_10k", "value"), ("low", "low"), ("high", "high"))}  # fmt: skip
    return {"source": trial.source, "entries": trial.sampled, **rounded}
