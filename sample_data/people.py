"""The population of one chunk: names, identity numbers, homes, deaths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from . import addresses, identity, kin, names
from .draws import Flags, Ints, dates, digits
from .households import (
    AS_OF,
    CAME_FROM_ELSEWHERE,
    FATHER,
    FIRST_CHILD,
    GRANDFATHER,
    LIVES_ELSEWHERE,
    STAYED,
    TWIN,
    Members,
    deaths,
    members,
    new_year,
)
from .world import World

HIGHLANDS: Final = (62, 64, 66, 67, 68)


@dataclass(frozen=True)
class Chunk:
    """People and the places they live in; registries of the chunk are drawn from it.

    ``people`` has one row per person: number, cmnd, cmnd_listed, family, middle, given, full_name,
    born (days since 1970), year_only, female, place, other_place, moved, household, died (days or
    null), nationality, passport, age, home_province (old code), new_province, absent (holds
    records, but is not in the register), current_known (the register knows where they live).
    """

    index: int
    people: pl.DataFrame
    detail: pl.Series  # place -> text below the ward
    ward: Ints  # place -> ward row


def chunk(world: World, index: int, size: int) -> Chunk:
    """The ``index``-th chunk of people."""
    rng, rates = world.rng(index, 0), world.profile.people
    missing = kin.missing(rates, size)
    who = members(rng, size + missing, rates)
    ward, frame = _homes(rng, world, who)
    ward, frame = kin.moved_together(world, index, who, ward, frame)
    home = ward[frame["place"].to_numpy()]
    named = _names(rng, world, index, who, home)
    numbers = identity.numbers(
        rng, world, who, world.land.province[home], world.land.new_province[home]
    )
    dead, died = deaths(rng, who.born)
    early = _years_before(who, 1975) & (rng.random(len(who)) < rates.first_january_before_1975)
    born = np.where(early & (who.twin_of < 0), new_year(who.year), who.born)
    year_only = _years_before(who, 1960) & (rng.random(len(who)) < rates.year_only_before_1960)
    people = pl.concat([numbers, named, frame], how="horizontal").with_columns(
        born=pl.Series(born),
        year_only=pl.Series(year_only),
        female=pl.Series(who.female),
        age=pl.Series((AS_OF - born) // 365.25).cast(pl.Int64),
        died=pl.Series(died).set(pl.Series(~dead), None),
        nationality=pl.lit("Việt Nam"),
        passport=pl.lit(None, dtype=pl.String),
        home_province=pl.Series(world.land.province[home]),
        new_province=pl.Series(world.land.new_province[home]),
    )
    people = _foreigners(rng, world, people, who)
    people = people.with_columns(kin.listed(world, index, who, missing))
    detail = addresses.details(rng, world.land, ward)
    return Chunk(index, people, kin.hamlets_alone(world, index, detail, ward), ward)


def _years_before(who: Members, year: int) -> Flags:
    return who.year < year


def _homes(rng: np.random.Generator, world: World, who: Members) -> tuple[Ints, pl.DataFrame]:
    """Ward row of every place; and for each person the home, the other place and the household."""
    households = int(who.household.max()) + 1
    home = addresses.homes(rng, world.land, households)
    rates, adult = world.profile.people, who.year <= 2006
    moves = np.flatnonzero(adult & (rng.random(len(who)) < rates.moved_adults))
    away = addresses.elsewhere(rng, world.land, len(moves))
    other = np.full(len(who), -1, dtype=np.int64)
    other[moves] = households + np.arange(len(moves))
    stays = rng.random(len(moves)) < rates.moved_still_at_old_home_in_register
    moved = np.full(len(who), STAYED, dtype=np.int64)
    moved[moves] = np.where(stays, LIVES_ELSEWHERE, CAME_FROM_ELSEWHERE)
    book = world.keys("HK", households).gather(who.household)
    columns = {"place": who.household, "other_place": other, "moved": moved, "household": book}
    return np.concatenate([home, away]), pl.DataFrame(columns)


def _names(
    rng: np.random.Generator, world: World, index: int, who: Members, home: Ints
) -> pl.DataFrame:
    """Children, their father and his parents' son share a surname; wives keep theirs."""
    rates, clans = world.profile.people, kin.Clans(world, index)
    region, province = world.land.region[home], world.land.province[home]
    own, paternal = (clans.drawn(names.families(rng, region), province, home) for _ in range(2))
    _, first_row = np.unique(who.household, return_index=True)
    of_house = paternal[first_row][who.household]
    in_line = (who.slot >= FIRST_CHILD) | np.isin(who.slot, (FATHER, GRANDFATHER))
    family = np.where(in_line, of_house, own)
    first, second, given = names.personal(rng, who.female, who.year, power=rates.name_concentration)
    named_as_father = (who.father >= 0) & ~who.female & (who.slot != TWIN)
    named_as_father &= rng.random(len(who)) < rates.son_named_as_father
    _copy(named_as_father, who.father, first, second, given)
    twins = np.flatnonzero(who.twin_of >= 0)
    sibling = who.twin_of[twins]
    alike = who.female[twins] == who.female[sibling]
    twins, sibling = twins[alike], sibling[alike]
    first[twins], second[twins] = first[sibling], second[sibling]
    near = names.vocabulary().twins[given[sibling], rng.integers(4, size=len(twins))]
    given[twins] = near
    kin.named_alike(world, index, who, home, (family, first, second, given))
    text = names.texts(family, first, second, given)
    return _highland_names(rng, world, who, home, text)


def _copy(rows: Flags, source: Ints, *columns: Ints) -> None:
    chosen = np.flatnonzero(rows)
    for column in columns:
        column[chosen] = column[source[chosen]]


def _highland_names(
    rng: np.random.Generator, world: World, who: Members, home: Ints, text: pl.DataFrame
) -> pl.DataFrame:
    """In highland villages a part of the households has names of its own kind."""
    chance = rng.random(int(who.household.max()) + 1)[who.household]
    province = world.land.province[home]
    there = np.isin(province, HIGHLANDS) & ~world.land.urban[home]
    rows = there & (chance < world.profile.people.highland_minority)
    clan = who.household * 31 + np.where(who.slot == FATHER, 3, 0)
    group = np.where(province == 62, 1, np.where(province == 68, 2, 0))
    own = names.highland(rng, who.female, group, clan)
    mask = pl.Series(rows)
    return text.select(
        pl.when(mask).then(own[column]).otherwise(column).alias(column) for column in text.columns
    )


def _foreigners(
    rng: np.random.Generator, world: World, people: pl.DataFrame, who: Members
) -> pl.DataFrame:
    """Some people who live alone are foreigners: a passport, no old number, a country's code."""
    alone = np.bincount(who.household)[who.household] == 1
    alone &= (who.year <= 2002) & (who.year >= 1960)
    share = world.profile.people.resident_foreigners * len(who) / max(1, int(alone.sum()))
    chosen = alone & (rng.random(len(who)) < share)
    rows = np.flatnonzero(chosen)
    key = identity.number_key(
        rng.integers(101, 296, size=len(rows)), who.female[rows], who.year[rows]
    )
    pair = world.personal.take(key)
    own = names.foreign(rng, len(rows)).with_columns(
        number=digits(key * 1_000_000 + 2 * pair, 12),
        passport=identity.passports(rng, len(rows)),
        cmnd=pl.lit(None, dtype=pl.String),
        cmnd_listed=pl.lit(None, dtype=pl.String),
    )
    columns = own.columns
    return people.with_columns(people[column].scatter(rows, own[column]) for column in columns)


def register(world: World, part: Chunk) -> pl.DataFrame:
    """The population register as the state holds it, Vietnamese column names."""
    people, land = part.people.filter(~pl.col("absent")), world.land
    home, other = people["place"].to_numpy(), people["other_place"].to_numpy()
    new = np.zeros(len(people), dtype=np.int64)
    address = addresses.write(land, part.detail.gather(home), part.ward[home], new)
    safe = np.maximum(other, 0)
    away = addresses.write(land, part.detail.gather(safe), part.ward[safe], new)
    day_text = dates(people["born"].to_numpy()).dt.to_string("%Y-%m-%d")
    return people.select(
        so_dinh_danh="number",
        so_cmnd="cmnd_listed",
        ho_ten="full_name",
        ngay_sinh=pl.when("year_only").then(day_text.str.slice(0, 4)).otherwise(day_text),
        gioi_tinh=pl.when("female").then(pl.lit("Nữ")).otherwise(pl.lit("Nam")),
        noi_thuong_tru=address,
        noi_o_hien_tai=pl.when((pl.col("moved") == LIVES_ELSEWHERE) & pl.col("current_known")).then(
            away
        ),
        ma_ho="household",
        ngay_mat=pl.col("died").cast(pl.Int32).cast(pl.Date),
        quoc_tich="nationality",
        so_ho_chieu="passport",
    )
