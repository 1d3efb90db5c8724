"""Groups from pairs, such that no single weak link glues them together.

A pair is *strong* or *weak* by its probability. Strong pairs join what they connect. A weak pair joins
two single records, which then are a group of two that is only as sure as the pair. Two groups of
which one has several members are joined by weak pairs only if there are two or more of them. In a group
of more than two, cutting any one weak pair leaves the group whole: a chain A-B-C with A-B and B-C weak
and nothing between A and C is cut at its weaker pair.
"""

from __future__ import annotations

from typing import Final

import polars as pl

STRONG: Final = 0.97
"""Probability from which one pair is enough to hold two groups together."""


def hold_together(pairs: pl.DataFrame, *, strong: float = STRONG) -> pl.DataFrame:
    """Group records by pairs; see the module for the rule.

    Args:
        pairs: ``idx_l, idx_r, probability``, each unordered pair at most once.
        strong: least probability of a strong pair.

    Returns:
        ``idx, grp`` of the records that share a group with another; ``grp`` is the least of the
        group's records. The order of the pairs does not matter.

    Example:
        >>> pairs = pl.DataFrame({"idx_l": [1, 2], "idx_r": [2, 3], "probability": [0.9, 0.8]})
        >>> hold_together(pairs)["idx"].to_list()
        [1, 2]
    """
    groups = _joined(pairs, strong)
    while (cut := _glue(pairs, groups, strong)).height:
        pairs = pairs.join(cut, on=["idx_l", "idx_r"], how="anti")
        groups = _joined(pairs, strong)
    return groups


def _joined(pairs: pl.DataFrame, strong: float) -> pl.DataFrame:
    """Groups that are each other's best partner are joined until none may be."""
    ends = pl.concat([pairs["idx_l"], pairs["idx_r"]]).unique().sort()
    groups = pl.DataFrame({"idx": ends, "grp": ends})
    while (merged := _partners(pairs, groups, strong)).height:
        groups = groups.join(merged, on="grp", how="left", maintain_order="left").select(
            "idx", grp=pl.coalesce("into", "grp")
        )
    return groups.filter(pl.len().over("grp") > 1)


def _glue(pairs: pl.DataFrame, groups: pl.DataFrame, strong: float) -> pl.DataFrame:
    """``idx_l, idx_r``: weak pairs without which a group of more than two would fall apart."""
    sizes = groups.with_columns(size=pl.len().over("grp"))
    inside = (
        pairs.join(sizes.rename({"idx": "idx_l"}), on="idx_l")
        .join(groups.select(idx_r="idx", grp_r="grp"), on="idx_r")
        .filter((pl.col("grp") == pl.col("grp_r")) & (pl.col("size") > 2))
    )
    weak = inside.filter(pl.col("probability") < strong).with_row_index("cut")
    tried = weak.select("cut", "grp", cut_l="idx_l", cut_r="idx_r")
    left = tried.join(inside.select("grp", "idx_l", "idx_r"), on="grp").filter(
        (pl.col("cut_l") != pl.col("idx_l")) | (pl.col("cut_r") != pl.col("idx_r"))
    )
    edges = pl.concat(
        [left.select("cut", a=a, b=b) for a, b in (("idx_l", "idx_r"), ("idx_r", "idx_l"))]
    )
    # What can be reached from one end of the cut pair without it.
    reached, before = tried.select("cut", a="cut_l"), 0
    while reached.height > before:
        before = reached.height
        further = reached.join(edges, on=["cut", "a"]).select("cut", a="b")
        reached = pl.concat([reached, further]).unique()
    whole = weak.join(reached, left_on=["cut", "idx_r"], right_on=["cut", "a"], how="semi")
    return weak.join(whole, on="cut", how="anti").select("idx_l", "idx_r")


def _partners(pairs: pl.DataFrame, groups: pl.DataFrame, strong: float) -> pl.DataFrame:
    """``grp, into``: groups that are each other's best partner and may be joined."""
    sizes = groups.group_by("grp").agg(size=pl.len())
    sided = groups.join(sizes, on="grp")
    left, right = (
        sided.rename({"idx": f"idx_{side}", "grp": f"grp_{side}", "size": f"size_{side}"})
        for side in ("l", "r")
    )
    between = (
        pairs.join(left, on="idx_l")
        .join(right, on="idx_r")
        .filter(pl.col("grp_l") != pl.col("grp_r"))
        .group_by(
            least=pl.min_horizontal("grp_l", "grp_r"), most=pl.max_horizontal("grp_l", "grp_r")
        )
        .agg(
            pairs=pl.len(),
            best=pl.col("probability").max(),
            single=(pl.col("size_l") + pl.col("size_r") == 2).all(),
        )
        .filter((pl.col("best") >= strong) | pl.col("single") | (pl.col("pairs") > 1))
    )
    chosen = (
        pl.concat(
            [
                between.select("best", own=own, other=other)
                for own, other in (("least", "most"), ("most", "least"))
            ]
        )
        .sort(
            "best",
            pl.min_horizontal("own", "other"),
            pl.max_horizontal("own", "other"),
            descending=[True, False, False],
        )
        .unique("own", keep="first", maintain_order=True)
        .select("own", "other")
    )
    mutual = chosen.join(chosen, left_on=["own", "other"], right_on=["other", "own"])
    return mutual.filter(pl.col("own") > pl.col("other")).select(grp="own", into="other")
