"""Duplicates: groups listed against groups of the truth, pair by pair and record by record."""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.evaluation.measures import scored, with_wilson


def pairs(labelled: pl.DataFrame, duplicates: pl.DataFrame) -> pl.DataFrame:
    """One row per reason: see :attr:`linkage.evaluation.Evaluation.duplicates`."""
    if "true_duplicate_group" not in labelled.columns:
        return scored(pl.DataFrame(schema=_DUPLICATES), **_PAIRS)
    reasons = duplicates.explode("reasons", empty_as_null=True)["reasons"].drop_nulls()
    rows = [
        _compared_groups(labelled, duplicates, reason)
        for reason in reasons.unique().sort().to_list() or [None]
    ]
    return scored(pl.DataFrame(rows, schema=_DUPLICATES), **_PAIRS)


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


# --- extra records and groups ---------------------------------------------------------------------


def groups(labelled: pl.DataFrame, duplicates: pl.DataFrame) -> pl.DataFrame:
    """Extra records found and groups that hold one thing, for the list and for each reason.

    A true group of n records has n - 1 *extra* ones. One is found where it is listed, not as the
    record to keep, beside another of its true group; a true group has at most its extra records
    found. A listed group is *pure* if all its records belong to one true group.

    Args:
        labelled: records of the run whose truth is known.
        duplicates: the list.

    Returns:
        See :attr:`linkage.evaluation.Evaluation.groups`; empty if the truth has no groups.
    """
    if "true_duplicate_group" not in labelled.columns:
        return pl.DataFrame(schema=_GROUPS)
    known = labelled.select("record_id", pl.col("true_duplicate_group").alias("true"))
    listed = duplicates.join(known, on="record_id", how="inner")
    reasons = duplicates["reasons"].explode(empty_as_null=True).drop_nulls().unique().sort()
    rows = [
        {"reason": reason, **_counted(known, _of_reason(listed, reason))}
        for reason in (None, *reasons)
    ]
    counts = pl.DataFrame(rows, schema={k: _GROUPS[k] for k in list(_GROUPS)[:5]})
    counts = with_wilson(counts, "found_extra", "true_extra", "recall")
    return with_wilson(counts, "pure", "groups", "purity").select(*_GROUPS)


_GROUPS: Final = {
    "reason": pl.String(),
    **dict.fromkeys(("true_extra", "found_extra", "groups", "pure"), pl.Int64()),
    **{f"recall{end}": pl.Float64() for end in ("", "_low", "_high")},
    **{f"purity{end}": pl.Float64() for end in ("", "_low", "_high")},
}


def _of_reason(listed: pl.DataFrame, reason: str | None) -> pl.DataFrame:
    return listed if reason is None else listed.filter(pl.col("reasons").list.contains(reason))


def _counted(known: pl.DataFrame, listed: pl.DataFrame) -> dict[str, int]:
    extra = _group_sizes(known, "true") - 1
    beside = pl.len().over("group_id", "true") > 1
    found = (
        listed.drop_nulls("true")
        .filter(beside & ~pl.col("keep").fill_null(value=False))
        .group_by("true")
        .agg(pl.col("record_id").n_unique().cast(pl.Int64).alias("found"))
        .join(_sizes(known), on="true")
    )
    together = listed.group_by("group_id").agg(
        is_pure=(pl.col("true").null_count() == 0) & (pl.col("true").n_unique() == 1)
    )
    return {
        "true_extra": int(extra.sum()),
        "found_extra": int(found.select(pl.min_horizontal("found", "extra")).to_series().sum()),
        "groups": together.height,
        "pure": int(together["is_pure"].sum()),
    }


def _sizes(known: pl.DataFrame) -> pl.DataFrame:
    """``true, extra``: the records beyond one of each true group."""
    sizes = known.drop_nulls("true").group_by("true").len("extra")
    return sizes.with_columns(pl.col("extra").cast(pl.Int64) - 1)
