"""Cases: what is flagged against what the truth flags; by rule, by severity, by kind of record.

What counts as right:

* By rule, a case is right if the truth gives the record that rule's code. Codes that the truth does
  not know (:data:`KNOWN`, and those that stand in it) are counted without a precision.
* For severity medium and above, the truth must hold the record *grave*: flagged by it for anything
  but the mere count of numbers, however many. The case is right if the record is grave, and for a
  reason that the case has, or has one that the truth does not know.
* By kind, a record that the truth flags is found if it has a case of severity medium and above that
  is right.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.contracts import SEVERITIES
from linkage.evaluation.measures import codes, scored, with_wilson

KNOWN: Final = (
    "NUMBER_OF_NOBODY", "BORROWED_ID", "HOLDER_DECEASED", "CONSECUTIVE_BLOCK", "OVER_LIMIT",
)  # fmt: skip
"""Codes of which every truth with reasons is taken to tell: there, absence means no."""

COUNTED: Final = "OVER_LIMIT"
"""A count of numbers: it makes nobody's record grave."""

GRAVE: Final = SEVERITIES[SEVERITIES.index("medium") :]


def by_rule(labelled: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """One row per rule: see :attr:`linkage.evaluation.Evaluation.cases`."""
    if "true_reasons" not in labelled.columns:
        empty = {"rule": pl.String, **dict.fromkeys(("flagged", "true", "correct"), pl.UInt32)}
        return scored(pl.DataFrame(schema=empty), found="flagged", true="true")
    flagged = codes(cases.join(labelled, on="record_id", how="semi"), "reasons")
    expected = codes(labelled, "true_reasons")
    both = flagged.with_columns(flagged=True).join(
        expected.with_columns(true=True), on=["record_id", "rule"], how="full", coalesce=True
    )
    counts = both.group_by("rule").agg(
        flagged=pl.col("flagged").sum(),
        true=pl.col("true").sum(),
        correct=(pl.col("flagged") & pl.col("true")).sum(),
    )
    is_known = pl.col("rule").is_in(known_codes(labelled))
    measured = scored(counts, found="flagged", true="true").sort("rule")
    return measured.with_columns(
        pl.when(is_known).then(name).alias(name) for name in ("precision", "f1")
    )


def known_codes(labelled: pl.DataFrame) -> list[str]:
    """Codes that the truth tells of."""
    return sorted({*KNOWN, *codes(labelled, "true_reasons")["rule"]})


def with_grave(labelled: pl.DataFrame) -> pl.DataFrame:
    """Add ``true_grave``: the codes for which the truth holds the record grave, maybe none."""
    given = pl.col("true_reasons").fill_null([])
    return labelled.with_columns(
        true_grave=given.list.set_difference(["", COUNTED])  # "": none, in a CSV
    )


def lists(labelled: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Precision and recall by severity, recall by kind.

    Args:
        labelled: records of the run whose truth is known.
        cases: the case list.

    Returns:
        See :attr:`linkage.evaluation.Evaluation.lists`; empty if the truth has no reasons.
    """
    if "true_reasons" not in labelled.columns:
        return pl.DataFrame(schema=_LISTS)
    truth = with_grave(labelled)
    grave = judged(truth, cases).filter(pl.col("severity").is_in(GRAVE))
    found = truth.join(
        grave.select("record_id", "is_right"), on="record_id", how="left", maintain_order="left"
    ).with_columns(is_true=pl.col("true_grave").list.len() > 0)
    counts = [_counts(found, by="severity", value="medium and above")]
    if "true_kind" in found.columns:
        of_kind = found.filter("is_true")
        kinds = of_kind["true_kind"].drop_nulls().unique().sort()
        counts += [
            # which of a kind are flagged is recall; there is no precision within one kind
            _counts(of_kind.filter(true_kind=kind), by="kind", value=kind)
            for kind in kinds
        ]
    table = pl.concat(counts)
    table = with_wilson(with_wilson(table, "correct", "flagged", "precision"), "correct", "true",
                        "recall")  # fmt: skip
    ends = [f"precision{end}" for end in ("", "_low", "_high")]
    whole = pl.col("by") == "severity"
    return table.with_columns(pl.when(whole).then(name).alias(name) for name in ends).select(
        *_LISTS
    )


_LISTS: Final = {
    **dict.fromkeys(("by", "value"), pl.String()),
    **dict.fromkeys(("flagged", "true", "correct"), pl.Int64()),
    **{f"precision{end}": pl.Float64() for end in ("", "_low", "_high")},
    **{f"recall{end}": pl.Float64() for end in ("", "_low", "_high")},
}


def judged(truth: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """The cases of labelled records with ``is_right``: grave in truth, for a reason of the case.

    Args:
        truth: labelled records with ``true_grave`` (:func:`with_grave`).
        cases: the case list.
    """
    told = cases.join(truth.select("record_id", "true_grave"), on="record_id", how="inner")
    shared = pl.col("reasons").list.set_intersection("true_grave").list.len() > 0
    unknown = pl.col("reasons").list.set_difference(known_codes(truth)).list.len() > 0
    return told.with_columns(is_right=(pl.col("true_grave").list.len() > 0) & (shared | unknown))


def _counts(found: pl.DataFrame, *, by: str, value: str) -> pl.DataFrame:
    """Counts of one row; ``is_right`` is null where nothing is flagged."""
    return found.select(
        by=pl.lit(by),
        value=pl.lit(value),
        flagged=pl.col("is_right").is_not_null().sum().cast(pl.Int64),
        true=pl.col("is_true").sum().cast(pl.Int64),
        correct=pl.col("is_right").fill_null(value=False).sum().cast(pl.Int64),
    )
