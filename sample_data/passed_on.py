"""Vehicles passed on: sold without a transfer, plates that move lawfully, plates that clash.

Draws from random numbers of its own, so that the vehicles before it stay as they are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from . import mistakes, plates
from .draws import Ints, day
from .holders import Habits, written
from .people import Chunk
from .truth import kinds
from .world import World

PLATES_MOVE: Final = day("2023-08-15")
"""Since then a plate is its owner's and may move between his vehicles (Circular 24/2023)."""
_MACHINE: Final = ("chassis", "engine", "vehicle")


def sold(
    rng: np.random.Generator,
    world: World,
    part: Chunk,
    buyers: pl.DataFrame,
    vehicles: pl.DataFrame,
) -> pl.DataFrame:
    """The same vehicles registered again by other people, under plates of their own."""
    size = len(vehicles)
    buyers = buyers[rng.integers(len(buyers), size=size)]
    said = written(rng, world, part, buyers, Habits(world.errors["vehicle"], upper=0.45))
    days = _later(rng, vehicles, 200, 3000)
    car = (vehicles["vehicle"] == "Ô tô").to_numpy()
    return pl.concat(
        [
            buyers.select("died", province="home_province", person_id="number", kind=kinds(buyers)),
            said,
            vehicles.select(*_MACHINE, "duplicate_group"),
            pl.DataFrame({"registered": days}),
        ],
        how="horizontal",
    ).with_columns(
        plate=plates.civil(rng, world, buyers["home_province"].to_numpy(), car, _days(days))
    )


def moved(rng: np.random.Generator, fresh: pl.DataFrame, vehicles: pl.DataFrame) -> pl.DataFrame:
    """Other vehicles of the same owners, to which the plates have moved as the law allows.

    ``fresh`` has ``chassis`` and ``engine`` of vehicles of the same kinds.
    """
    first = np.maximum(_days(vehicles["registered"]) + 30, PLATES_MOVE)
    end = day("2026-08-31")
    days = first + (rng.random(len(vehicles)) * np.maximum(end - first, 0)).astype(np.int64)
    return vehicles.with_columns(
        chassis=fresh["chassis"], engine=fresh["engine"], registered=_dates(np.minimum(days, end))
    )


def copied(
    rng: np.random.Generator,
    world: World,
    part: Chunk,
    owners: pl.DataFrame,
    machines: pl.DataFrame,
    vehicles: pl.DataFrame,
) -> pl.DataFrame:
    """Other people's ``machines`` under the plates of ``vehicles``, on the same days or later."""
    owners = owners[rng.integers(len(owners), size=len(vehicles))]
    said = written(rng, world, part, owners, Habits(world.errors["vehicle"], upper=0.45))
    return pl.concat(
        [
            owners.select("died", province="home_province", person_id="number", kind=kinds(owners)),
            said,
            machines.select(*_MACHINE),
            vehicles.select("plate", "duplicate_group"),
            pl.DataFrame({"registered": _later(rng, vehicles, 0, 2000)}),
        ],
        how="horizontal",
    )


def mistyped(rng: np.random.Generator, vehicles: pl.DataFrame, share: float) -> pl.DataFrame:
    """A share of the chassis numbers with one digit wrong."""
    draws = {name: pl.Series(rng.integers(1 << 40, size=len(vehicles))) for name in ("r1", "r2")}
    chosen = pl.Series(rng.random(len(vehicles)) < share)
    serial = pl.col("chassis").str.tail(6)
    wrong = pl.concat_str(
        pl.col("chassis").str.head(pl.col("chassis").str.len_chars() - 6),
        mistakes.digit_wrong(serial),
    )
    return (
        vehicles.with_columns(**draws)
        .with_columns(chassis=pl.when(chosen).then(wrong).otherwise("chassis"))
        .drop("r1", "r2")
    )


def _later(rng: np.random.Generator, vehicles: pl.DataFrame, least: int, most: int) -> pl.Series:
    days = _days(vehicles["registered"]) + rng.integers(least, most, size=len(vehicles))
    return _dates(np.minimum(days, day("2026-08-31")))


def _days(column: pl.Series) -> Ints:
    return column.cast(pl.Int32).cast(pl.Int64).to_numpy()


def _dates(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)
