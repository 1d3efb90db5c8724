"""Identity numbers that agree with their holder, old numbers, passports."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from .draws import Flags, Ints, day, digits
from .households import FIRST_CHILD, Members
from .world import World

#: Province of registration : first two digits of the 9-digit number (weak: some are recalled).
CMND_PREFIXES: Final = (
    "1:1 2:7 4:8 6:9 8:7 10:6 11:4 12:4 14:5 15:6 17:11 19:9 20:8 22:10 24:12 25:13 "
    "26:13 27:12 30:14 31:3 33:14 34:15 35:16 36:16 37:16 38:17 40:18 42:18 44:19 "
    "45:19 46:19 48:20 49:20 51:21 52:21 54:22 56:22 58:26 60:26 62:23 64:23 66:24 "
    "67:24 68:25 70:28 72:29 74:28 75:27 77:27 79:2 80:30 82:31 83:32 84:33 86:33 "
    "87:34 89:35 91:37 92:36 93:36 94:36 95:38 96:38"
)


def numbers(
    rng: np.random.Generator, world: World, who: Members, province: Ints, new_province: Ints
) -> pl.DataFrame:
    """The 12-digit number PPP G YY NNNNNN and the old 9-digit one, where there is one."""
    size, rates = len(who), world.profile.people
    provinces = np.unique(world.land.province)
    roam = (who.slot < FIRST_CHILD) & (rng.random(size) < rates.born_in_other_province)
    origin = np.where(roam, rng.choice(provinces, size=size), province)
    origin = np.where(who.born >= day("2025-07-01"), new_province, origin)
    abroad = rng.random(size) < rates.born_abroad
    origin = np.where(abroad, rng.integers(101, 296, size=size), origin)
    key = number_key(origin, who.female, who.year)
    pair = world.personal.take(key)
    bit = pair * 40_503 >> 4 & 1
    serial = 2 * pair + bit
    twins = np.flatnonzero(who.twin_of >= 0)
    sibling = who.twin_of[twins]
    same = (who.female[twins] == who.female[sibling]) & ~abroad[sibling]
    twins, sibling = twins[same], sibling[same]
    serial[twins] = 2 * pair[sibling] + 1 - bit[sibling]
    key[twins] = key[sibling]
    return pl.DataFrame({"number": digits(key * 1_000_000 + serial, 12)}).hstack(
        _cmnd(rng, world, who, np.where(origin > 96, province, origin))
    )


def number_key(origin: Ints, female: Flags, years: Ints) -> Ints:
    """The first six digits: place of registration, sex and century, year."""
    return origin * 1000 + (2 * (years // 100 - 19) + female) * 100 + years % 100


def _cmnd(rng: np.random.Generator, world: World, who: Members, origin: Ints) -> pl.DataFrame:
    """``cmnd`` (the last one issued) and ``cmnd_listed`` (what the register knows, or null)."""
    rates = world.profile.people
    chance = np.where(who.year < 2000, rates.has_cmnd_before_2000, rates.has_cmnd_2000_to_2004)
    has = (who.year < 2005) & (rng.random(len(who)) < chance)
    pairs = np.array([pair.split(":") for pair in CMND_PREFIXES.split()], dtype=np.int64)
    prefix_of = np.zeros(100, dtype=np.int64)
    prefix_of[pairs[:, 0]] = pairs[:, 1]
    prefix = prefix_of[origin]
    last = prefix * 10_000_000 + world.cmnd.take(prefix)
    twice = np.isin(origin, (75, 77)) & (rng.random(len(who)) < rates.double_issued_cmnd)
    last = np.where(twice, 271_450_001 + world.double_issued.take(origin), last)
    several = rng.random(len(who)) < rates.second_cmnd
    before = prefix * 10_000_000 + world.cmnd.take(prefix)
    known = rng.random(len(who)) < rates.cmnd_known_to_register
    frame = pl.DataFrame({"last": digits(last, 9), "before": digits(before, 9)})
    both = pl.concat_str("before", pl.lit(";"), "last")
    listed = pl.when(pl.Series(several)).then(both).otherwise("last")
    return frame.select(
        pl.when(pl.Series(has)).then("last").alias("cmnd"),
        pl.when(pl.Series(has & known)).then(listed).alias("cmnd_listed"),
    )


def passports(rng: np.random.Generator, size: int) -> pl.Series:
    """One capital letter and eight digits."""
    letter = pl.Series(list("ABCEGHKMNPRTXYZ")).gather(rng.integers(15, size=size))
    return pl.select(pl.concat_str(letter, digits(rng.integers(10**8, size=size), 8))).to_series()
