"""Phone numbers: operators' ranges, the forms before September 2018, and how they are written."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from .draws import Ints, day, digits, pick
from .world import World

RENUMBERED: Final = day("2018-09-15")
#: First three digits -> operator, the four digits before 2018 (or none), how common.
RANGES: Final = {
    **{"032": ("Viettel", "0162", 5), "033": ("Viettel", "0163", 5), "034": ("Viettel", "0164", 5)},
    **{"035": ("Viettel", "0165", 5), "036": ("Viettel", "0166", 5), "037": ("Viettel", "0167", 5)},
    **{"038": ("Viettel", "0168", 5), "039": ("Viettel", "0169", 5), "086": ("Viettel", None, 4)},
    **{"096": ("Viettel", None, 4), "097": ("Viettel", None, 5), "098": ("Viettel", None, 6)},
    **{"070": ("MobiFone", "0120", 2), "076": ("MobiFone", "0126", 2)},
    **{"077": ("MobiFone", "0122", 2), "078": ("MobiFone", "0128", 2)},
    **{"079": ("MobiFone", "0121", 2), "090": ("MobiFone", None, 4), "093": ("MobiFone", None, 4)},
    **{"081": ("VinaPhone", "0127", 2), "082": ("VinaPhone", "0129", 2)},
    **{"083": ("VinaPhone", "0123", 2), "084": ("VinaPhone", "0124", 2)},
    **{"085": ("VinaPhone", "0125", 2), "088": ("VinaPhone", None, 3)},
    **{"091": ("VinaPhone", None, 4), "094": ("VinaPhone", None, 4)},
    **{"056": ("Vietnamobile", "0186", 1.5), "058": ("Vietnamobile", "0188", 1.5)},
    **{"092": ("Vietnamobile", None, 2), "059": ("Gmobile", "0199", 1)},
}
PREFIXES: Final = pl.Series(list(RANGES))
OPERATORS: Final = pl.Series([operator for operator, _, _ in RANGES.values()])
BEFORE_2018: Final = pl.Series([old for _, old, _ in RANGES.values()], dtype=pl.String)


def prefixes(rng: np.random.Generator, count: int) -> Ints:
    """A range for each SIM, by how common it is."""
    return pick(rng, [share for _, _, share in RANGES.values()], count)


def scattered(world: World, prefix: Ints) -> Ints:
    """Seven digits after the prefix, in the even hundreds."""
    index = world.phone.take(prefix)
    return index // 100 * 200 + index % 100


def blocks(rng: np.random.Generator, world: World, prefix: Ints, sizes: Ints) -> Ints:
    """The first seven-digit number of a run of consecutive ones, in the odd hundreds."""
    start = (world.phone_block.take(prefix) * 2 + 1) * 100
    return start + (rng.random(len(sizes)) * (100 - sizes)).astype(np.int64)


def written(
    rng: np.random.Generator, world: World, sims: pl.DataFrame
) -> tuple[pl.Series, pl.Series]:
    """The number as the operator's file has it, and the operator."""
    rates = world.profile.sims
    prefix, size = sims["prefix"].to_numpy(), len(sims)
    serial = digits(sims["serial"].to_numpy(), 7)
    old = BEFORE_2018.gather(prefix)
    kept = (sims["activated"].to_numpy() < RENUMBERED) & (
        rng.random(size) < rates.old_eleven_digits
    )
    is_old = pl.Series(kept) & old.is_not_null()
    whole = (
        pl.when(is_old)
        .then(pl.concat_str(old, serial))
        .otherwise(pl.concat_str(PREFIXES.gather(prefix), serial))
    )
    form = pl.Series(pick(rng, rates.forms, size))
    text = (
        pl.when(form == 0)
        .then(whole)
        .when(form == 1)
        .then(pl.concat_str(pl.lit("84"), whole.str.slice(1)))
        .when(form == 2)
        .then(pl.concat_str(pl.lit("+84"), whole.str.slice(1)))
        .otherwise(whole.str.slice(1))
    )
    ported = rng.random(size) < rates.ported
    operator = np.where(ported & (prefix < 12), 18, np.where(ported, 9, prefix))
    return pl.select(text).to_series(), OPERATORS.gather(operator)
