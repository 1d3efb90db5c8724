"""SIM subscribers: lawful ones, and the junk that a cleanup looks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from . import names, phones, relatives
from .draws import Ints, day, digits, pick
from .holders import IDENTITY, Habits, day_first, written
from .households import empty_days
from .identity import number_key
from .people import Chunk
from .rates import Errors
from .truth import Registry, kinds, listed_flags, shuffled, table
from .vehicles import guests
from .world import World

LAST_DAY: Final = day("2026-09-14")
CITIES: Final = (1, 79, 31, 48, 92)


def records(world: World, part: Chunk) -> Registry:
    """All SIMs whose papers name somebody of this chunk, or nobody."""
    rates = world.profile.sims
    rng = world.rng(part.index, 4)
    lawful, mixed = relatives.papers(rng, world, part, _lawful(rng, world, part))
    lawful = _activated(rng, lawful)
    count = len(lawful)
    late = _after_death(rng, world, part)
    foreign = _activated(rng, guests(rng, part, round(count * rates.foreigners)))
    honest = _numbered(rng, world, pl.concat([lawful, late, foreign], how="diagonal"))
    nobody = _activated(rng, _invented(rng, world, part, round(count * rates.nobody)))
    borrowed = _activated(rng, _borrowed(rng, world, part, round(count * rates.borrowed_number)))
    mixed = [_activated(rng, sims) for sims in mixed]
    lying = _numbered(rng, world, pl.concat([nobody, borrowed, *mixed], how="diagonal_relaxed"))
    lying = pl.concat([lying, _farms(rng, world, part)], how="diagonal")
    errors = world.errors["sim"]
    right: Errors = replace(errors, **dict.fromkeys(IDENTITY, 0.0))
    habits = Habits(errors, upper=0.30, lower=0.06)
    said = [
        written(rng, world, part, honest, habits),
        written(rng, world, part, lying, replace(habits, errors=right)),
    ]
    sims = pl.concat([honest, lying], how="diagonal").drop("number")
    frame = pl.concat([sims, pl.concat(said)], how="horizontal")
    return _finish(rng, world, shuffled(rng, frame))


def _lawful(rng: np.random.Generator, world: World, part: Chunk) -> pl.DataFrame:
    """None to some SIMs for everybody from 14; a few hold four to nine, very few more."""
    rates = world.profile.sims
    grown = part.people.filter(
        (pl.col("age") >= 14)
        & (pl.col("died").is_null() | (pl.col("died") - pl.col("born") > 16 * 366))
    )
    size = len(grown)
    band = pick(rng, rates.counts, size)
    many = np.minimum(3 + rng.geometric(0.45, size), 9)
    very_many = rng.integers(10, 15, size=size)
    number = np.select([band == 4, band == 5], [many, very_many], band)
    city = np.isin(grown["home_province"].to_numpy(), CITIES)
    number += (band < 3) & city & (rng.random(size) < rates.city_extra)
    dead = grown["died"].is_not_null().to_numpy()
    number[dead & (rng.random(size) < rates.dead_without)] = 0
    rows = np.repeat(np.arange(size), number)
    held = grown[rows]
    return held.with_columns(person_id="number", kind=kinds(held))


def _activated(rng: np.random.Generator, sims: pl.DataFrame) -> pl.DataFrame:
    """A moment since 2005, after the holder's fourteenth birthday and before death."""
    born = sims["born"].to_numpy()
    earliest = np.maximum(born + 14 * 366, day("2005-01-01"))
    latest = np.minimum(sims["died"].fill_null(LAST_DAY).to_numpy(), LAST_DAY)
    earliest = np.minimum(earliest, latest)
    share = np.maximum(rng.random(len(born)), rng.random(len(born)))
    moment = earliest + (share * (latest - earliest)).astype(np.int64)
    return sims.with_columns(activated=pl.Series(moment))


def _after_death(rng: np.random.Generator, world: World, part: Chunk) -> pl.DataFrame:
    """SIMs sold on the papers of somebody who had died."""
    rates = world.profile.sims
    dead = part.people.filter(
        (pl.col("died") < LAST_DAY - 30)
        & (pl.col("age") >= 18)
        & pl.col("passport").is_null()
        & ~pl.col("absent")
    )
    chosen = dead.filter(pl.Series(rng.random(len(dead)) < rates.activated_after_death))
    died = chosen["died"].to_numpy()
    moment = died + 1 + (rng.random(len(died)) * (LAST_DAY - died - 1)).astype(np.int64)
    return chosen.with_columns(
        person_id="number", kind=pl.lit("dead_holder"), activated=pl.Series(moment)
    )


def _invented(rng: np.random.Generator, world: World, part: Chunk, count: int) -> pl.DataFrame:
    """Papers of nobody: a well-formed number never issued, a name and a birth date of no person."""
    homes = part.people[rng.integers(len(part.people), size=count)]
    year = rng.integers(1950, 2006, size=count)
    female = rng.random(count) < 0.4
    region = world.land.region[part.ward[homes["place"].to_numpy()]]
    words = names.texts(names.families(rng, region), *names.personal(rng, female, year))
    key = number_key(homes["home_province"].to_numpy(), female, year)
    serial = 2 * world.personal.take(key, spare=True) + rng.integers(2, size=count)
    return _strangers(homes).with_columns(
        *words.get_columns(),
        number=digits(key * 1_000_000 + serial, 12),
        born=pl.Series(empty_days(rng, year)),
        female=pl.Series(female),
        kind=pl.lit("nobody"),
    )


def _strangers(homes: pl.DataFrame) -> pl.DataFrame:
    """Rows to fill with an invented person who gives the address of another."""
    return homes.with_columns(
        **{name: pl.lit(None, dtype=pl.String) for name in ("person_id", "cmnd", "passport")},
        died=pl.lit(None, dtype=pl.Int64),
        year_only=pl.lit(value=False),
        moved=pl.lit(0, dtype=pl.Int64),
    )


def _borrowed(rng: np.random.Generator, world: World, part: Chunk, count: int) -> pl.DataFrame:
    """The number of one person under the name and birth date of another, or of nobody."""
    rates = world.profile.sims
    adults = part.people.filter(
        (pl.col("age") >= 18) & pl.col("died").is_null() & pl.col("passport").is_null()
    )
    listed = adults.filter(~pl.col("absent"))
    owner = listed[rng.integers(len(listed), size=count)]
    invented = round(count * rates.borrowed_by_nobody)
    real = adults[rng.integers(len(adults), size=count - invented)]
    unreal = _invented(rng, world, part, invented)
    shown = pl.concat([_strangers(real), unreal], how="diagonal_relaxed")
    owner = owner.head(len(shown))
    other = pl.Series(shown["household"] != owner["household"])
    differs = other & (shown["full_name"] != owner["full_name"]) & (shown["born"] != owner["born"])
    mixed = shown.with_columns(owner["number"], kind=pl.lit("borrowed_number"))
    return mixed.filter(differs)


def _farms(rng: np.random.Generator, world: World, part: Chunk) -> pl.DataFrame:
    """Consecutive numbers on one person's papers, activated at one shop within two days."""
    rates = world.profile.sims
    adults = part.people.filter(
        (pl.col("age") >= 20)
        & pl.col("died").is_null()
        & pl.col("passport").is_null()
        & ~pl.col("absent")
    )
    wanted = int(len(part.people) * rates.farms_per_person + rng.random())
    count = max(wanted, int(part.index == 0))
    sizes = rng.integers(rates.farm_smallest, rates.farm_largest + 1, size=count)
    victims = adults[rng.choice(len(adults), size=count, replace=False)]
    earliest = np.maximum(victims["born"].to_numpy() + 19 * 366, day("2014-01-01"))
    start = earliest + (rng.random(count) * (LAST_DAY - 5 - earliest)).astype(np.int64)
    prefix = phones.prefixes(rng, count)
    first = phones.blocks(rng, world, prefix, sizes)
    farm = np.repeat(np.arange(count), sizes)
    step: Ints = np.arange(len(farm)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    days = np.where(rng.random(len(farm)) < 0.5, 0, rng.integers(0, 2, size=len(farm)))
    return victims[farm].with_columns(
        person_id="number",
        kind=pl.lit("farm"),
        prefix=pl.Series(prefix[farm]),
        serial=pl.Series(first[farm] + step),
        activated=pl.Series(start[farm] + days),
        point=pl.Series(rng.integers(900, size=count)[farm]),
    )


def _numbered(rng: np.random.Generator, world: World, sims: pl.DataFrame) -> pl.DataFrame:
    """A phone number and a point of sale each."""
    prefix = phones.prefixes(rng, len(sims))
    return sims.with_columns(
        prefix=pl.Series(prefix),
        serial=pl.Series(phones.scattered(world, prefix)),
        point=pl.Series(rng.integers(900, size=len(sims))),
    )


def _finish(rng: np.random.Generator, world: World, frame: pl.DataFrame) -> Registry:
    rates = world.profile.sims
    size = len(frame)
    phone, operator = phones.written(rng, world, frame)
    second = pl.Series(rng.integers(7 * 3600, 20 * 3600, size=size))
    moment = (pl.col("activated") * 86_400 + second) * 1_000_000
    postpaid = pl.Series(rng.random(size) < rates.postpaid) & (pl.col("kind") != "farm")
    province = digits(frame["home_province"].to_numpy(), 2)
    point = pl.concat_str(pl.lit("DB"), province, pl.lit("-"), digits(frame["point"].to_numpy(), 4))
    flags = listed_flags(frame.with_columns(postpaid=postpaid))
    frame = frame.with_columns(record_id=world.keys("TB", size), flags=flags)
    out = frame.select(
        ma="record_id",
        so_thue_bao=phone,
        nha_mang=operator,
        ho_ten="name",
        ngay_sinh=day_first(pl.col("birth")),
        so_giay_to="number",
        dia_chi="address",
        ngay_kich_hoat=moment.cast(pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M"),
        diem_ban=point,
        hop_dong=pl.when(postpaid).then(pl.lit("trả sau")).otherwise(pl.lit("trả trước")),
    )
    return Registry(out, table(frame))
