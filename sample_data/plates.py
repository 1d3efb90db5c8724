"""Number plates: the codes of each province, and the forms of cars and motorbikes."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl

from cleaners import reference

from .draws import Flags, Ints, day, digits
from .world import World

LETTERS: Final = pl.Series(list("ABCDEFGHKLMNPSTUVXYZ"))


@lru_cache(maxsize=1)
def _codes() -> Ints:
    """Twelve plate codes for each old province code, repeated where a province has fewer."""
    table = np.full((100, 12), 80, dtype=np.int64)  # 80: central agencies
    provinces = reference.provinces()
    for old_code, plates in zip(provinces["old_code"], provinces["plates"], strict=True):
        table[int(old_code)] = np.resize([int(plate) for plate in plates], 12)
    return table


def civil(
    rng: np.random.Generator,
    world: World,
    province: Ints,
    car: Flags,
    day_in: Ints,
) -> pl.Series:
    """29-H1 123.45 on motorbikes, 30A-123.45 on cars, four digits before 2010."""
    code = _codes()[province, rng.integers(12, size=len(province))]
    bike = world.motorbike.take(code)
    four = world.car.take(code + 1000)
    index = np.where(car, world.car.take(code), bike)
    number = digits(index % 100_000, 5)
    letter = LETTERS.gather(index // 100_000 % 20)
    figure = pl.Series(index // 2_000_000 % 9 + 1).cast(pl.String)
    place = digits(code, 2)
    dotted = pl.concat_str(number.str.slice(0, 3), pl.lit("."), number.str.slice(3))
    of_car = pl.concat_str(place, letter, pl.lit("-"), dotted)
    of_bike = pl.concat_str(place, pl.lit("-"), letter, figure, pl.lit(" "), dotted)
    old_letter = LETTERS.gather(four // 100_000 % 20)
    old_number = digits(four % 10_000, 4)
    old_figure = pl.Series(four // 10_000 % 9 + 1).cast(pl.String)
    of_old = pl.concat_str(place, pl.lit("-"), old_letter, old_figure, pl.lit(" "), old_number)
    is_old = pl.Series((day_in < day("2010-01-01")) & ~car & (four // 10_000 % 10 < 9))
    chosen = pl.when(pl.Series(car)).then(of_car).when(is_old).then(of_old).otherwise(of_bike)
    return pl.select(chosen).to_series()
