"""The comparison: a run and the truth about its records in, one frame per question out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import polars as pl

from linkage.contracts import living
from linkage.errors import SourceError
from linkage.evaluation.corrections import corrections
from linkage.evaluation.duplicates import groups, pairs
from linkage.evaluation.harm import honest_flagged, wrongly_doubled
from linkage.evaluation.links import by_reason, links
from linkage.evaluation.lists import by_rule, lists
from linkage.result import RegistryResult, RunResult, open_run
from linkage.truth import read_people, read_truth

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
            has no ``reasons``; precision is null for rules that the truth does not know.
        duplicates: ``registry, reason, true_groups, true_extra, found_groups, found_extra,
            true_pairs, found_pairs, correct_pairs, precision, recall, f1``: groups listed for one
            reason against all groups of the truth, pair by pair; ``extra`` are records beyond one
            per group; a null reason where none is listed; empty if the truth has no
            ``duplicate_group``.
        groups: ``registry, reason, true_extra, found_extra, groups, pure``, ``recall`` and
            ``purity`` with intervals: extra records found, and listed groups that hold one thing;
            a null reason for the whole list (:func:`linkage.evaluation.duplicates.groups`).
        lists: ``registry, by, value, flagged, true, correct``, ``precision`` and ``recall`` with
            intervals: cases of severity medium and above, and by ``kind`` of record, which has
            recall only (:mod:`linkage.evaluation.lists` says what is right).
        harm: ``registry, by, value, cases, wrongful, honest, per_10k`` with its interval: honest
            holders with a case, per 10,000 of them, by ``action`` (``automatic``: beyond notify),
            by ``severity``, and by ``duplicate action`` (:mod:`linkage.evaluation.harm`).
        corrections: ``registry, kind, proposals, other_person, other_value, right``, ``precision``
            with its interval; a null kind for the whole list.
    """

    links: pl.DataFrame
    by_reason: pl.DataFrame
    cases: pl.DataFrame
    duplicates: pl.DataFrame
    groups: pl.DataFrame
    lists: pl.DataFrame
    harm: pl.DataFrame
    corrections: pl.DataFrame

    def __repr__(self) -> str:
        """Counts only."""
        rows = self.links.select("registry", "records").rows()
        counts = ", ".join(f"{name} {n:,} labelled" for name, n in rows)
        return f"<Evaluation: {counts}>"

    def _repr_html_(self) -> str:
        """All frames, so that a notebook cell shows them."""
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
            also ``reasons`` and ``kind``, for duplicates ``duplicate_group``. In a CSV, lists are
            joined by ``;``. A file ``population`` (``person_id`` and standard fields) tells
            people's true values, for corrections.
        registries: which ones; all of the run's by default.

    Returns:
        Evaluation: frames with one row per registry, reason or rule.

    Raises:
        SourceError: the truth is missing, lacks columns, repeats records, or is of other records;
            or the run's lists are masked.
        ConfigError: a name is not a registry of the run.
    """
    result = out if isinstance(out, RunResult) else open_run(out)
    names, folder = tuple(registries or result), Path(truth)
    people = read_people(folder)
    parts = [_evaluate(result[name], read_truth(folder, name), people) for name in names]
    return Evaluation(*(_joined(frames) for frames in zip(*parts, strict=True)))


def _evaluate(
    result: RegistryResult, truth: pl.DataFrame, people: pl.DataFrame | None
) -> Iterator[pl.DataFrame]:
    """The frames of one registry, in the order of :class:`Evaluation`."""
    _refuse_masked(result)
    labelled = _labelled(result, truth)
    unlabelled = result.records.height - labelled.height
    cases, doubled, proposals = (
        _standing(frame) for frame in (result.cases, result.duplicates, result.corrections)
    )
    frames = (
        links(labelled).with_columns(unlabelled=pl.lit(unlabelled)),
        by_reason(labelled),
        by_rule(labelled, cases),
        pairs(labelled, doubled),
        groups(labelled, doubled),
        lists(labelled, cases),
        pl.concat([honest_flagged(labelled, cases), wrongly_doubled(labelled, doubled)]),
        corrections(labelled, proposals, people),
    )
    return (f.select(pl.lit(result.name).alias("registry"), pl.all()) for f in frames)


def _standing(frame: pl.DataFrame) -> pl.DataFrame:
    """Cases that somebody may act on: those of no status count as new."""
    return living(frame.with_columns(pl.col("status").fill_null("new")))


def _labelled(result: RegistryResult, truth: pl.DataFrame) -> pl.DataFrame:
    """The run's records whose truth is known: ``records`` columns, ``true_person``, ``shown``."""
    kept = [name for name in ("kind", "reasons", "duplicate_group") if name in truth.columns]
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


def _joined(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="vertical_relaxed")


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Float64).round(4))
