"""Groups of duplicates keep their name while at least half of their members persist."""

from __future__ import annotations

import polars as pl


def kept_names(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Give groups the ``group_id`` that they had in the previous run.

    A group passes its name to one group at most: to that which holds most of its members, if these
    are at least half of them. A group that comes of several takes the name of that of which it holds
    most.

    Args:
        now: the duplicates list; groups with names of their own.
        before: the previous one; resolved rows belong to no group any more.

    Returns:
        The list in the same order, ``group_id`` kept where it can be, and never the name of two.

    Example:
        >>> now = pl.DataFrame({"case_id": ["b", "c"], "group_id": ["new", "new"]})
        >>> cases, lived = ["a", "b", "c"], ["open"] * 3
        >>> before = pl.DataFrame({"case_id": cases, "group_id": ["old"] * 3, "status": lived})
        >>> kept_names(now, before)["group_id"].to_list()
        ['old', 'old']
    """
    was = before.filter(pl.col("status") != "resolved").select(
        "case_id", was="group_id", size=pl.len().cast(pl.Int64).over("group_id")
    )
    shared = (
        now.select("case_id", "group_id")
        .join(was, on="case_id")
        .group_by("group_id", "was")
        .agg(shared=pl.len().cast(pl.Int64), size=pl.col("size").first())
        .filter(2 * pl.col("shared") >= pl.col("size"))
    )
    # Two halves of a group: the larger inherits, then the one whose own name comes first.
    heirs = shared.sort(-pl.col("shared"), "group_id").unique(
        "was", keep="first", maintain_order=True
    )
    named = heirs.sort(-pl.col("shared"), "was").unique(
        "group_id", keep="first", maintain_order=True
    )
    joined = now.join(
        named.select("group_id", "was"), on="group_id", how="left", maintain_order="left"
    )
    taken = pl.col("was").is_null() & pl.col("group_id").is_in(named["was"].implode())
    first = pl.col("case_id").min().over("group_id")
    own = pl.when(taken).then(pl.col("group_id") + "-" + first).otherwise(pl.col("group_id"))
    return joined.with_columns(group_id=pl.coalesce("was", own)).drop("was")
