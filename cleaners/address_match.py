"""From the last parts of an address to wards: the joins and the judgement.

Works on distinct tails (``c1`` the last part, ``c2`` and ``c3`` before it, as keys without
spaces), so that a million addresses cost a few thousand decisions. The rules, in order:

1. a district and one of its old wards: the old reading;
2. a district and a new ward on its territory: the new reading;
3. no district, a new ward of the province: the new reading, unless only the old province has that
   name and the old ward of that name went elsewhere: then both are candidates;
4. no district, old wards of the province: the old reading if there is only one.

Nothing is guessed: what fits several units keeps all of them as candidates.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from cleaners import address_keys, reference

__all__ = ["match", "with_upper"]

_LIST = pl.List(pl.String())


def with_upper(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add province and district to parts c1 and c2.

    Args:
        pairs: columns c1, c2 (keys, null where there is no such part).

    Returns:
        The frame with old_province, new_province, is_new_name, district, district_rank.
    """
    districts = address_keys.districts().rename({"rank": "district_rank"})
    return pairs.join(
        address_keys.provinces(), left_on="c1", right_on="key", how="left", maintain_order="left"
    ).join(
        districts,
        left_on=["old_province", "c2"],
        right_on=["scope", "key"],
        how="left",
        maintain_order="left",
    )


@lru_cache(maxsize=1)
def _whole_districts() -> pl.DataFrame:
    """Districts that became one ward (islands): naming the district is enough."""
    targets = reference.wards().group_by(district="old_district_code")
    only = targets.agg(only=pl.col("new_ward_code").unique())
    return only.filter(pl.col("only").list.len() == 1)


def _joined(tails: pl.DataFrame) -> pl.DataFrame:
    """Every reading of every tail: in the district, and in the province without a district."""
    by_new = address_keys.by_new_province()
    by_old = address_keys.by_old_province()
    no_district = pl.when(pl.col("district").is_null()).then("c2")
    return (
        with_upper(tails)
        .with_columns(lone=no_district)
        .join(
            address_keys.by_district(),
            left_on=["district", "c3"],
            right_on=["scope", "key"],
            how="left",
        )
        .join(
            by_new.select("scope", "key", lone_new="codes", lone_new_rank="rank"),
            left_on=["new_province", "lone"],
            right_on=["scope", "key"],
            how="left",
        )
        .join(
            by_old.select(
                "scope", "key", lone_old="codes", lone_old_rank="rank", lone_after="after"
            ),
            left_on=["old_province", "lone"],
            right_on=["scope", "key"],
            how="left",
        )
        .join(
            by_new.select("scope", "key", namesake="codes"),
            left_on=["new_province", "c2"],
            right_on=["scope", "key"],
            how="left",
        )
        .join(_whole_districts(), on="district", how="left")
    )


def _readings(frame: pl.DataFrame) -> pl.DataFrame:
    """Choose the reading: ``path`` names the rule that applied."""
    better_old = pl.col("new_codes").is_null() | (pl.col("old_rank") <= pl.col("new_rank"))
    old_first = pl.col("lone_new").is_null() | (
        (pl.col("lone_new_rank") > pl.col("lone_old_rank")) & pl.col("lone_old").is_not_null()
    )
    path = (
        pl.when(pl.col("old_codes").is_not_null() & better_old)
        .then(pl.lit("old"))
        .when(pl.col("new_codes").is_not_null())
        .then(pl.lit("new"))
        .when(pl.col("only").is_not_null())
        .then(pl.lit("island"))
        .when(pl.col("district").is_not_null())
        .then(pl.lit("district"))
        .when(pl.col("lone_old").is_not_null() & old_first)
        .then(pl.lit("lone_old"))
        .when(pl.col("lone_new").is_not_null())
        .then(pl.lit("lone_new"))
        .when(pl.col("new_province").is_not_null())
        .then(pl.lit("province"))
    )
    return frame.with_columns(path=path).with_columns(
        old=pl.when(pl.col("path") == "old")
        .then("old_codes")
        .when(pl.col("path") == "lone_old")
        .then("lone_old"),
        new=pl.when(pl.col("path") == "new")
        .then("new_codes")
        .when(pl.col("path") == "island")
        .then("only")
        .when(pl.col("path") == "lone_new")
        .then("lone_new"),
        rank=pl.when(pl.col("path") == "old")
        .then("old_rank")
        .when(pl.col("path") == "new")
        .then("new_rank")
        .when(pl.col("path") == "lone_old")
        .then("lone_old_rank")
        .when(pl.col("path") == "lone_new")
        .then("lone_new_rank")
        .fill_null(0),
    )


def _candidates(frame: pl.DataFrame) -> pl.DataFrame:
    """New wards that the reading allows, and whether another reading contradicts it."""
    is_lone_new = pl.col("path") == "lone_new"
    rival = pl.when(is_lone_new).then(pl.col("lone_after"))
    contradicted = is_lone_new & ~pl.col("is_new_name") & rival.list.len().fill_null(0).gt(0)
    contradicted &= rival.list.set_difference("new").list.len() > 0
    after = (
        pl.when(pl.col("path") == "old")
        .then("old_after")
        .when(pl.col("path") == "lone_old")
        .then("lone_after")
    )
    # "Ba Đình, Hà Nội": the old district, or the new ward of that name?
    unsaid = (pl.col("path") == "district") & (pl.col("district_rank") == 0)
    namesake = pl.when(unsaid).then("namesake")
    return frame.with_columns(is_contradicted=contradicted.fill_null(value=False)).with_columns(
        candidates=pl.when("is_contradicted")
        .then(pl.col("new").list.set_union("lone_after"))
        .otherwise(pl.coalesce("new", after, namesake))
        .fill_null(pl.lit([], dtype=_LIST)),
        rival=rival.list.set_difference("new").list.len().fill_null(0) > 0,
    )


def match(tails: pl.DataFrame) -> pl.DataFrame:
    """Resolve distinct tails.

    Args:
        tails: columns c1, c2, c3 (keys, null where there is no such part), one row per tail.

    Returns:
        One row per tail: c1, c2, c3, path (old, new, island, district, lone_old, lone_new,
        province, or null for nothing), old (codes of old wards), candidates (codes of new wards),
        rank (how the ward's name was met), rival (another reading exists), is_contradicted,
        new_province, used (how many parts were understood).
    """
    done = _candidates(_readings(_joined(tails)))
    path = pl.col("path")
    used = (
        pl.when(path.is_in(["old", "new"]))
        .then(3)
        .when(path.is_in(["island", "district", "lone_old", "lone_new"]))
        .then(2)
        .when(path == "province")
        .then(1)
        .otherwise(0)
    )
    return done.select(
        *("c1", "c2", "c3", "path", "old", "candidates", "rank", "rival", "is_contradicted"),
        "new_province",
        used=used,
    )
