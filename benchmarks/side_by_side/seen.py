"""What a person's records in the other registries show and the register does not; told by the truth.

Our linker learns former addresses and old numbers from sure links of the registries before; the oracle
is told of every record in the other ones whose it is. People move alone in the generator's usual
profile, so what is seen of a household says nothing about its other members, and is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.side_by_side import data
from benchmarks.side_by_side.likelihood import CAME, NUMBER_OF_OLD, at
from benchmarks.side_by_side.places import Places
from sample_data import rates

LAST_ADULT_YEAR: Final = 2006
"""Younger people have not moved."""


def of_people(
    folder: Path, registry: str, people: pl.DataFrame, places: Places, error_scale: float
) -> pl.DataFrame:
    """Add to the people what the registries other than ``registry`` show of them.

    Args:
        folder: the generated data.
        registry: the one to be linked; its own records show nothing.
        people: ``p_number, p_year, p_prefix, p_old``, home and home of now.
        places: reads addresses.
        error_scale: of the error rates.

    Returns:
        ``people`` with ``p_old`` filled up; ``p_came``, the probability that the person came from a
        place that the register does not show; ``p_seen_units`` and ``p_seen_detail``, that place, as
        its best record has it.
    """
    shown = pl.concat(
        _shown(folder, other, people, places, error_scale)
        for other in data.REGISTRIES
        if other != registry
    )
    best = pl.struct("no_detail", "wards")
    other_place = pl.col("w_units").is_not_null() & ~pl.col("known")
    seen = shown.group_by("p_number").agg(
        old=pl.col("old").drop_nulls().first(),
        stayed=pl.col("stayed").product(),
        p_seen_units=pl.col("w_units")
        .filter(other_place)
        .sort_by(best.filter(other_place))
        .first(),
        p_seen_detail=(
            pl.col("w_detail").filter(other_place).sort_by(best.filter(other_place)).first()
        ),
    )
    came = CAME * pl.col("stayed").fill_null(1.0)
    is_settled = pl.col("p_now_unit").is_not_null() | (pl.col("p_year") > LAST_ADULT_YEAR)
    return people.join(seen, on="p_number", how="left", maintain_order="left").with_columns(
        p_old=pl.coalesce("p_old", "old"),
        p_came=pl.when(is_settled)
        .then(0.0)
        .when(pl.col("p_seen_units").is_not_null())
        .then(1.0)
        .otherwise(came / (came + 1 - CAME)),
    )


def _shown(
    folder: Path, registry: str, people: pl.DataFrame, places: Places, error_scale: float
) -> pl.DataFrame:
    """Of each record whose person is in the register: its address and, where it fits, old number.

    ``known``: the address is one of the register's; ``stayed``: how likely it shows that one if the
    person came from elsewhere.
    """
    moved = rates.LIFE.errors[registry].scaled(error_scale).address_before_move
    truth = data.truth(folder, registry).select(id="record_id", p_number="person_id").drop_nulls()
    records = places.found(data.named(folder, registry).join(truth, on="id"))
    number = pl.col("number").str.replace_all(r"[ -]", "")
    fits = number.str.slice(0, 2).cast(pl.Int64, strict=False) == pl.col("p_prefix")
    known = at("p_home") | at("p_now")
    return (
        records.rename({"units": "w_units", "detail": "w_detail"})
        .join(people, on="p_number")
        .select(
            "p_number",
            "w_units",
            "w_detail",
            known=known,
            old=pl.when(number.str.contains(NUMBER_OF_OLD) & fits).then(number),
            stayed=pl.when(known).then(1 - moved).otherwise(1.0),
            no_detail=pl.col("w_detail").is_null(),
            wards=pl.col("w_units").list.len(),
        )
    )
