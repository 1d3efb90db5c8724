"""Evaluation: a finished run against the truth about its records.

Precision counts among the links that were made, recall among the records whose person is known.
Records without a person in the truth (nobody's number, an organisation) have no true link: linking
one of them is a wrong link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import polars as pl

from linkage.errors import SourceError
from linkage.intervals import share, wilson
from linkage.result import RegistryResult, RunResult, open_run
from linkage.truth import read_truth

_LEAST_OVERLAP: Final = 0.5
"""Share of the truth's records that the run must hold: below, they are of different sources."""


@dataclass(frozen=True, repr=False)
class Evaluation:
    """How well a run did, registry by registry.

    Attributes:
        links: ``registry, records, true_links, linked, correct, precision, precision_low,
            precision_high, recall, recall_low, recall_high, f1, wrong_per_10k, review,
            unlabelled``: shares from 0 to 1, Wilson 95 % intervals, wrong links per 10,000 linked,
            share of records in review, records of the run that the truth does not know.
        by_reason: ``registry, link_status, decided_by, reason, records, true_links, linked,
            correct, precision, recall, f1, shown``: a record with two reasons counts under both;
            ``shown`` is, for records in review, the share of true links whose person is among
            the candidates shown.
        cases: ``registry, rule, flagged, true, correct, precision, recall, f1``; empty if the truth
            has no ``reasons``.
        duplicates: ``registry, reason, true_groups, true_extra, found_groups, found_extra,
            true_pairs, found_pairs, correct_pairs, precision, recall, f1``: groups listed for one
            reason against all groups of the truth, pair by pair; ``extra`` are records beyond one
            per group; a null reason where none is listed; empty if the truth has no
            ``duplicate_group``.
    """

    links: pl.DataFrame
    by_reason: pl.DataFrame
    cases: pl.DataFrame
    duplicates: pl.DataFrame

    def __repr__(self) -> str:
        """Counts only."""
        rows = self.links.select("registry", "records").rows()
        counts = ", ".join(f"{name} {n:,} labelled" for name, n in rows)
        return f"<Evaluation: {counts}>"

    def _repr_html_(self) -> str:
        """All four frames, so that a notebook cell shows them."""
        return "".join(
            f"<h4>{field.name.replace('_', ' ')}</h4>{_rounded(frame)._repr_html_()}"
            for field in fields(self)
            if (frame := getattr(self, field.name)).height
        )


def evaluate(
    out: RunResult | Path | str,
    truth: Path | str,
    *,
    registries: Iterable[str] | None = None,
) -> Evaluation:
    """Compare a run's lists with the truth about its records.

    Args:
        out: a run, or the folder that it was written to.
        truth: folder with ``<registry>.parquet`` or ``<registry>.csv`` for each registry, with the
            columns ``record_id`` and ``person_id`` (null: nobody in the register); for cases
            also ``reasons``, for duplicates ``duplicate_group``. In a CSV, lists are joined by
            ``;``.
        registries: which ones; all of the run's by default.

    Returns:
        Evaluation: frames with one row per registry, reason or rule.

    Raises:
        SourceError: the truth is missing, lacks columns, repeats records, or is of other records;
            or the run's lists are masked.
        ConfigError: a name is not a registry of the run.
    """
    result = out if isinstance(out, RunResult) else open_run(out)
    names = tuple(registries or result)
    parts = [_evaluate(result[name], read_truth(Path(truth), name)) for name in names]
    return Evaluation(*(_joined(frames) for frames in zip(*parts, strict=True)))


def _evaluate(result: RegistryResult, truth: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The four frames of one registry."""
    _refuse_masked(result)
    labelled = _labelled(result, truth)
    unlabelled = result.records.height - labelled.height
    frames = (
        _links(labelled).with_columns(unlabelled=pl.lit(unlabelled)),
        _by_reason(labelled),
        _cases(labelled, result.cases),
        _duplicates(labelled, result.duplicates),
    )
    return (f.select(pl.lit(result.name).alias("registry"), pl.all()) for f in frames)


def _labelled(result: RegistryResult, truth: pl.DataFrame) -> pl.DataFrame:
    """The run's records whose truth is known: ``records`` columns, ``true_person``, ``shown``."""
    kept = [name for name in ("reasons", "duplicate_group") if name in truth.columns]
    known = truth.select(
        "record_id",
        pl.col("person_id").alias("true_person"),
        *(pl.col(name).alias(f"true_{name}") for name in kept),
    )
    labelled = result.records.join(known, on="record_id", how="inner")
    if labelled.height < _LEAST_OVERLAP * truth.height or not labelled.height:
        message = f"the truth about '{result.name}' is of other records than the run's"
        raise SourceError(
            message,
            expected=f"the record_id of the run's {result.records.height} records",
            found=f"{labelled.height} of its {truth.height} records in the run",
            hint="take the truth that was made with this source",
        )
    candidates = result.review.select("record_id", pl.col("candidate_id").alias("true_person"))
    return labelled.join(
        candidates.unique().with_columns(shown=pl.lit(value=True)),
        on=["record_id", "true_person"],
        how="left",
    ).with_columns(pl.col("shown").fill_null(value=False))


def _refuse_masked(result: RegistryResult) -> None:
    masked = result.records["person_id"].str.contains("*", literal=True).sum()
    if masked:
        message = f"the lists of '{result.name}' are masked: their people cannot be compared"
        raise SourceError(
            message,
            expected="whole keys in person_id",
            found=f"{masked} masked ones",
            hint="run the job again without 'output: mask', into another folder",
        )


# --- the four frames ------------------------------------------------------------------------------

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


def _links(labelled: pl.DataFrame) -> pl.DataFrame:
    counts = labelled.select(*_COUNTS, in_review=(pl.col("link_status") == "review").sum())
    return _scored(counts, found="linked", true="true_links").select(
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


def _by_reason(labelled: pl.DataFrame) -> pl.DataFrame:
    in_review = (pl.col("link_status") == "review") & _HAS_LINK
    counts = (
        labelled.explode("reasons", empty_as_null=True)
        .group_by("link_status", "decided_by", pl.col("reasons").alias("reason"))
        .agg(
            *_COUNTS,
            shown=share((in_review & pl.col("shown")).sum(), in_review.sum()),
        )
    )
    scored = _scored(counts, found="linked", true="true_links")
    order = ("link_status", "records", "decided_by", "reason")
    return scored.select(pl.all().exclude("shown"), "shown").sort(
        *order, descending=[False, True, False, False], nulls_last=True
    )


def _cases(labelled: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    empty = {"rule": pl.String, "flagged": pl.UInt32, "true": pl.UInt32, "correct": pl.UInt32}
    if "true_reasons" not in labelled.columns:
        return _scored(pl.DataFrame(schema=empty), found="flagged", true="true")
    flagged = _codes(cases.join(labelled, on="record_id", how="semi"), "reasons")
    expected = _codes(labelled, "true_reasons")
    both = flagged.with_columns(flagged=True).join(
        expected.with_columns(true=True), on=["record_id", "rule"], how="full", coalesce=True
    )
    counts = both.group_by("rule").agg(
        flagged=pl.col("flagged").sum(),
        true=pl.col("true").sum(),
        correct=(pl.col("flagged") & pl.col("true")).sum(),
    )
    return _scored(counts, found="flagged", true="true").sort("rule")


def _codes(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row per record and code."""
    return (
        frame.select("record_id", pl.col(column).alias("rule"))
        .explode("rule", empty_as_null=True)
        .filter(pl.col("rule").is_not_null() & (pl.col("rule") != ""))
        .unique()
    )


def _duplicates(labelled: pl.DataFrame, duplicates: pl.DataFrame) -> pl.DataFrame:
    if "true_duplicate_group" not in labelled.columns:
        return _scored(pl.DataFrame(schema=_DUPLICATES), **_PAIRS)
    reasons = duplicates.explode("reasons", empty_as_null=True)["reasons"].drop_nulls()
    rows = [
        _compared_groups(labelled, duplicates, reason)
        for reason in reasons.unique().sort().to_list() or [None]
    ]
    return _scored(pl.DataFrame(rows, schema=_DUPLICATES), **_PAIRS)


_DUPLICATES: Final = {
    "reason": pl.String(),
    "true_groups": pl.Int64(),
    "true_extra": pl.Int64(),
    "found_groups": pl.Int64(),
    "found_extra": pl.Int64(),
    "true_pairs": pl.Int64(),
    "found_pairs": pl.Int64(),
    "correct_pairs": pl.Int64(),
}
_PAIRS: Final = {"found": "found_pairs", "true": "true_pairs", "correct": "correct_pairs"}


def _compared_groups(
    labelled: pl.DataFrame, duplicates: pl.DataFrame, reason: str | None
) -> dict[str, object]:
    """Groups of one reason against those of the truth, counted as pairs of members."""
    listed = duplicates.filter(pl.col("reasons").list.contains(pl.lit(reason, pl.String)))
    members = labelled.select("record_id", pl.col("true_duplicate_group").alias("true")).join(
        listed.select("record_id", pl.col("group_id").alias("found")), on="record_id", how="left"
    )
    true = _group_sizes(members.unique(["record_id", "true"]), "true")
    found = _group_sizes(members, "found")
    return {
        "reason": reason,
        "true_groups": true.len(),
        "true_extra": int((true - 1).sum()),
        "found_groups": found.len(),
        "found_extra": int((found - 1).sum()),
        "true_pairs": _pairs(true),
        "found_pairs": _pairs(found),
        "correct_pairs": _pairs(_group_sizes(members, "true", "found")),
    }


def _group_sizes(members: pl.DataFrame, *keys: str) -> pl.Series:
    """Members per group, of groups with at least two."""
    sizes = members.drop_nulls(keys).group_by(*keys).len()["len"].cast(pl.Int64)
    return sizes.filter(sizes > 1)


def _pairs(sizes: pl.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


# --- measures -------------------------------------------------------------------------------------


def _scored(
    counts: pl.DataFrame, *, found: str, true: str, correct: str = "correct"
) -> pl.DataFrame:
    """Add ``precision``, ``recall`` and ``f1``."""
    right = pl.col(correct)
    return counts.with_columns(
        precision=share(right, pl.col(found)),
        recall=share(right, pl.col(true)),
        f1=share(2.0 * right, pl.col(found).cast(pl.Int64) + pl.col(true).cast(pl.Int64)),
    )


def _joined(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="vertical_relaxed")


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Float64).round(4))
