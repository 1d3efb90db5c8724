"""Harm: how many holders who did nothing wrong a list concerns, step by step.

A record is *honest* if the truth does not hold it grave (:mod:`linkage.evaluation.lists`): those of
genuine holders, foreigners, organisations, holders of any count of numbers. Cases that only count the
holder's numbers and are severity info (OVER_LIMIT, 4 to 9 numbers) are left aside: the law asks it of
honest holders too. Those of 10 and more, severity low, count as honest holders asked.

Of duplicates, a record is honest if the truth knows no group of it, and one that is to be merged or
cancelled is wronged if it stands beside no other of its true group.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.contracts import ACTIONS, DUPLICATE_ACTIONS, SEVERITIES
from linkage.evaluation.lists import COUNTED, GRAVE, with_grave
from linkage.evaluation.measures import with_wilson

AUTOMATIC: Final = ACTIONS[ACTIONS.index("notify") + 1 :]
"""Steps that do more than tell the holder: the record is verified, locked or terminated."""


def honest_flagged(labelled: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Honest holders with a case, per 10,000 honest holders, by action and by severity.

    Args:
        labelled: records of the run whose truth is known.
        cases: the case list.

    Returns:
        See :attr:`linkage.evaluation.Evaluation.harm`; empty if the truth has no reasons.
    """
    if "true_reasons" not in labelled.columns:
        return pl.DataFrame(schema=_HARM)
    honest = with_grave(labelled).filter(pl.col("true_grave").list.len() == 0).select("record_id")
    merely_counted = (pl.col("severity") == "info").fill_null(value=False) & (
        pl.col("reasons") == [COUNTED]
    )
    told = cases.filter(~merely_counted).join(
        labelled.select("record_id"), on="record_id", how="semi"
    )
    told = told.join(
        honest.with_columns(is_honest=pl.lit(value=True)), on="record_id", how="left"
    ).with_columns(pl.col("is_honest").fill_null(value=False))
    parts = [
        told.select(by=pl.lit(name), value=pl.col(name), is_honest="is_honest")
        for name in ("action", "severity")
    ]
    grave, automatic = pl.col("severity").is_in(GRAVE), pl.col("action").is_in(AUTOMATIC)
    for name, chosen, value in (
        ("severity", grave, "medium and above"),
        ("action", automatic, "automatic"),
        ("action", pl.lit(value=True), "any"),
    ):
        concerned = told.filter(chosen)
        parts.append(concerned.select(by=pl.lit(name), value=pl.lit(value), is_honest="is_honest"))
    counted = _all_values().join(
        pl.concat(parts)
        .group_by("by", "value")
        .agg(cases=pl.len().cast(pl.Int64), wrongful=pl.col("is_honest").sum().cast(pl.Int64)),
        on=["by", "value"],
        how="left",
        maintain_order="left",
    )
    table = counted.with_columns(
        pl.col("cases", "wrongful").fill_null(0), honest=pl.lit(honest.height, pl.Int64)
    )
    return _per_10k(table)


def wrongly_doubled(labelled: pl.DataFrame, duplicates: pl.DataFrame) -> pl.DataFrame:
    """Records wrongly called doubled, per 10,000 that are not, by action of the duplicates list.

    Args:
        labelled: records of the run whose truth is known.
        duplicates: the list.

    Returns:
        As :func:`honest_flagged`; empty if the truth has no groups.
    """
    if "true_duplicate_group" not in labelled.columns:
        return pl.DataFrame(schema=_HARM)
    known = labelled.select("record_id", pl.col("true_duplicate_group").alias("true"))
    beside = pl.col("true").is_not_null() & (pl.len().over("group_id", "true") > 1)
    told = duplicates.join(known, on="record_id", how="inner").with_columns(is_right=beside)
    counted = told.group_by(value="action").agg(
        cases=pl.len().cast(pl.Int64), wrongful=(~pl.col("is_right")).sum().cast(pl.Int64)
    )
    actions = pl.DataFrame({"value": [a for a in DUPLICATE_ACTIONS if a != "none"]})
    table = actions.join(counted, on="value", how="left", maintain_order="left").with_columns(
        pl.col("cases", "wrongful").fill_null(0),
        by=pl.lit("duplicate action"),
        honest=pl.lit(known["true"].null_count(), pl.Int64),
    )
    return _per_10k(table)


def _per_10k(table: pl.DataFrame) -> pl.DataFrame:
    """Add the wrongful per 10,000 honest ones, with its interval."""
    return (
        with_wilson(table, "wrongful", "honest", "per_10k")
        .with_columns(pl.col(f"per_10k{end}") * 10_000 for end in ("", "_low", "_high"))
        .select(*_HARM)
    )


_HARM: Final = {
    **dict.fromkeys(("by", "value"), pl.String()),
    **dict.fromkeys(("cases", "wrongful", "honest"), pl.Int64()),
    **{f"per_10k{end}": pl.Float64() for end in ("", "_low", "_high")},
}


def _all_values() -> pl.DataFrame:
    """Every row of the table: a step that nobody suffered is worth saying."""
    actions = [a for a in ACTIONS if a != "none"]
    rows = [("action", a) for a in (*actions, "automatic", "any")]
    rows += [("severity", s) for s in (*SEVERITIES, "medium and above")]
    return pl.DataFrame(rows, schema=["by", "value"], orient="row")
