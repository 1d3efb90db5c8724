"""From what a tail was understood to mean to ward, edition, confidence and issues.

The confidence is the measured share of right wards among texts met by the same rule (see
``benchmarks/addresses.py``), divided among the candidates.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import polars as pl

from cleaners import reference
from cleaners.addresses import keys
from cleaners.addresses.match import codes_of
from cleaners.addresses.repair import FLAGS
from cleaners.columns import AS_IT_IS
from cleaners.issues import collect

__all__ = ["FIELDS", "HOW", "judge"]

FIELDS: Final[dict[str, pl.DataType]] = {
    "ward": pl.String(),
    "ward_candidates": pl.List(pl.String()),
    "province": pl.String(),
    "old_ward": pl.String(),
    "old_district": pl.String(),
    "edition": pl.String(),
    "confidence": pl.Float64(),
    "issues": pl.List(pl.String()),
}
#: How the tail was found; each is a Boolean column beside those of ``OUTCOME``.
HOW: Final = (*FLAGS, "by_words", "is_reversed", "is_shaky")
_LOOSE_HOW: Final = ("is_misspelt", "is_guessed", "is_shaky")

# How sure each rule is, before discounts.
_TRUST: Final = {
    **{"old": 0.99, "earlier": 0.95, "new": 0.97, "island": 0.95, "lone_new": 0.97},
    **{"lone_old": 0.92, "namesake": 0.9, "stray": 0.6, "district": 0.5},
}
_RANK_TRUST: Final = [1.0, 0.97, 0.95, 0.93, 0.9, 0.88]
_HOW_TRUST: Final = {
    **{"by_words": 0.98, "is_reversed": 0.98, "is_repaired": 0.93, "is_misspelt": 0.85},
    **{"is_guessed": 0.5, "is_skipped": 0.95, "is_countrywide": 0.92, "is_shaky": 0.5},
}
_RIVAL_TRUST: Final = 0.88
_OLD_PATHS: Final = ["old", "lone_old", "earlier", "island", "stray"]


@lru_cache(maxsize=1)
def _districts() -> pl.DataFrame:
    """The district of every old ward: old, ward_district."""
    wards = reference.wards().drop_nulls("old_ward_code").unique("old_ward_code")
    return wards.select(old="old_ward_code", ward_district="old_district_code")


def _is_vague() -> pl.Expr:
    """Whether the one candidate there may be is not to be taken for the ward."""
    loose = pl.col("path").is_in(["district", "stray"])
    return (loose | pl.col("is_contradicted") | pl.any_horizontal(*_LOOSE_HOW)).fill_null(
        value=True
    )


def _confidence(count: pl.Expr) -> pl.Expr:
    """Trust in the rule, discounted for how the name was met, shared by the candidates."""
    path = pl.col("path")
    base = path.replace_strict(_TRUST, default=0.0, return_dtype=pl.Float64)
    by_rank = pl.col("rank").replace_strict(
        list(range(6)), _RANK_TRUST, default=0.85, return_dtype=pl.Float64
    )
    trust = base * by_rank
    for name, share in _HOW_TRUST.items():
        trust = trust * pl.when(pl.col(name)).then(share).otherwise(1.0)
    trust = trust * pl.when(pl.col("rival") & (path == "lone_new")).then(_RIVAL_TRUST).otherwise(
        1.0
    )
    several_old = pl.col("old").str.contains(keys.SEPARATOR, literal=True).fill_null(value=False)
    shared = trust / count.clip(lower_bound=1)
    return (
        pl.when(count == 0).then(0.0).when(_is_vague() | several_old).then(shared).otherwise(trust)
    )


def _with_district(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Add the district of the old ward."""
    if outcomes["old"].null_count() == outcomes.height:
        return outcomes.with_columns(ward_district=pl.lit(None, dtype=pl.String))
    return outcomes.join(_districts(), on="old", how="left", maintain_order="left")


@cache
def _judgements() -> list[pl.Expr]:
    """Every field but ``ward_candidates``, which is there."""
    path, old = pl.col("path"), pl.col("old")
    count = pl.col("ward_candidates").list.len()
    is_one_old = old.is_not_null() & ~old.str.contains(keys.SEPARATOR, literal=True)
    is_settled = (count == 1) & ~_is_vague()
    is_split = (is_one_old & (count > 1) & ~_is_vague()).fill_null(value=False)
    edition = (
        pl.when(path.is_in(_OLD_PATHS) & ~((path == "earlier") & pl.col("is_contradicted")))
        .then(pl.lit("pre-2025"))
        .when(path.is_in(["new", "lone_new", "namesake"]) & ~pl.col("is_contradicted"))
        .then(pl.lit("2025"))
    )
    in_one = ~pl.col("district").str.contains(keys.SEPARATOR, literal=True)
    retired_province = pl.col("new_province").is_not_null() & ~pl.col("is_new_name")
    return [
        collect(
            ward_split=is_split,
            ward_ambiguous=(count > 0) & ~is_settled & ~is_split,
            ward_unknown=count == 0,
            ward_repaired=pl.any_horizontal("is_repaired", "is_misspelt", "is_guessed")
            & (count > 0),
            province_unknown=pl.col("new_province").is_null(),
            order_reversed=pl.col("is_reversed"),
            retired_unit=(edition == "pre-2025")
            | pl.col("district").is_not_null() & (path != "namesake")
            | retired_province,
            contradictory_parts=path == "stray",
        ),
        pl.when(is_settled).then(pl.col("ward_candidates").list.first()).alias("ward"),
        pl.col("new_province").alias("province"),
        pl.when(is_one_old).then("old").alias("old_ward"),
        pl.coalesce("ward_district", pl.when(in_one).then("district")).alias("old_district"),
        edition.alias("edition"),
        _confidence(count).alias("confidence"),
    ]


def judge(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Decide.

    Args:
        outcomes: columns of ``OUTCOME`` and ``HOW``.

    Returns:
        One row per outcome, in order, with ``FIELDS``.
    """
    candidates = codes_of("candidates")
    return (
        _with_district(outcomes)
        .lazy()
        .with_columns(ward_candidates=candidates)
        .with_columns(_judgements())
        .select(pl.col(name).cast(dtype) for name, dtype in FIELDS.items())
        .collect(optimizations=AS_IT_IS)
    )
