"""Corrections: proposals that are right, by kind.

A proposal is right if the record is truly the person's from whom it is taken. Where the truth knows
the person's value (a file ``population`` beside the truth about the registries: ``person_id`` and
standard fields), the proposal must also be that value: a register may be wrong itself.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.evaluation.measures import with_wilson


def corrections(
    labelled: pl.DataFrame, proposals: pl.DataFrame, people: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Right proposals of all, for the list and for each kind.

    Args:
        labelled: records of the run whose truth is known.
        proposals: the corrections list.
        people: ``person_id`` and true values by standard field, as text; None if not known.

    Returns:
        See :attr:`linkage.evaluation.Evaluation.corrections`.
    """
    told = proposals.join(
        labelled.select("record_id", "true_person"), on="record_id", how="inner"
    ).with_columns(of_person=(pl.col("person_id") == pl.col("true_person")).fill_null(value=False))
    told = _with_value(told, people)
    counts = pl.concat([told.with_columns(kind=pl.lit(None, pl.String)), told])
    table = counts.group_by("kind").agg(
        proposals=pl.len().cast(pl.Int64),
        other_person=(~pl.col("of_person")).sum().cast(pl.Int64),
        other_value=(pl.col("of_person") & ~pl.col("has_value")).sum().cast(pl.Int64),
        right=(pl.col("of_person") & pl.col("has_value")).sum().cast(pl.Int64),
    )
    table = with_wilson(table, "right", "proposals", "precision")
    return table.select(*_CORRECTIONS).sort("kind", nulls_last=False)


_CORRECTIONS: Final = {
    "kind": pl.String(),
    **dict.fromkeys(("proposals", "other_person", "other_value", "right"), pl.Int64()),
    **{f"precision{end}": pl.Float64() for end in ("", "_low", "_high")},
}


def _with_value(told: pl.DataFrame, people: pl.DataFrame | None) -> pl.DataFrame:
    """Add ``has_value``: the proposal is the person's true value, or that is not known."""
    if people is None:
        return told.with_columns(has_value=pl.lit(value=True))
    fields = [name for name in people.columns if name != "person_id"]
    values = people.select("person_id", pl.col(fields).cast(pl.String)).unpivot(
        index="person_id", variable_name="field", value_name="true_value"
    )
    joined = told.join(values, on=["person_id", "field"], how="left", maintain_order="left")
    agrees = pl.col("proposed") == pl.col("true_value")
    return joined.with_columns(has_value=agrees.fill_null(value=True))
