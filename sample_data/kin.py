"""What the default country lacks: clans, namesakes in a family, absent people, joint moves.

All draw from random numbers of their own and draw nothing where their rate is nought, so the
default country stays as it was.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from . import addresses, names
from .draws import Flags, Ints, pick
from .households import (
    CAME_FROM_ELSEWHERE,
    FIRST_CHILD,
    LIVES_ELSEWHERE,
    TWIN,
    Members,
)
from .rates import People
from .world import World

#: Streams of random numbers; 0 to 4 are those of people and registries.
_CLANS, _NAMES, _MOVES, _LISTED, _HAMLETS = range(20, 25)
_SEED_OF_CLANS: Final = 1 << 21
_OWN_SURNAMES: Final = 5  # of a province


class Clans:
    """Surnames by place: a few of each province, and communes in which one is everywhere."""

    def __init__(self, world: World, index: int) -> None:
        """For the ``index``-th chunk; the places are the same in all."""
        self._rng = world.rng(index, _CLANS)
        self._rates = world.profile.people
        rng = np.random.default_rng([world.seed, _SEED_OF_CLANS])
        shares = names.vocabulary().family_shares
        tail = np.argsort(-shares)[12:60]
        self._provincial = rng.choice(tail, size=(100, _OWN_SURNAMES))
        communes = world.land.homes
        clans = int(np.ceil(self._rates.surname_communes * len(communes)))
        places = rng.choice(communes, size=clans, replace=False)
        rare = np.sqrt(shares)
        rare[0] = 0.0  # Nguyễn is everywhere anyway
        self._clan = np.full(len(world.land.province), -1, dtype=np.int64)
        self._clan[places] = pick(rng, rare, clans)

    def drawn(self, families: Ints, province: Ints, home: Ints) -> Ints:
        """The surnames given, some of them replaced by those of province and commune (rows)."""
        rates, rng, size = self._rates, self._rng, len(families)
        if rates.provincial_surnames > 0:
            own = self._provincial[province, rng.integers(_OWN_SURNAMES, size=size)]
            families = np.where(rng.random(size) < rates.provincial_surnames, own, families)
        if rates.surname_communes > 0:
            in_clan = (self._clan[home] >= 0) & (rng.random(size) < rates.surname_share)
            families = np.where(in_clan, self._clan[home], families)
        return families


def named_alike(
    world: World, index: int, who: Members, home: Ints, parts: tuple[Ints, Ints, Ints, Ints]
) -> None:
    """Give siblings names that rhyme, and cousins the same ones; changes ``parts`` in place.

    ``parts`` are family, first middle, second middle and given name.
    """
    rates, rng = world.profile.people, world.rng(index, _NAMES)
    if rates.siblings_alike == rates.cousins_alike == 0:
        return
    family, first, second, given = parts
    child = (who.slot >= FIRST_CHILD) & (who.slot != TWIN)
    beside = np.flatnonzero(child[1:] & child[:-1] & _same(who.household) & _same(who.female)) + 1
    beside = beside[rng.random(len(beside)) < rates.siblings_alike]
    first[beside], second[beside] = first[beside - 1], second[beside - 1]
    near = names.vocabulary().twins
    given[beside] = near[given[beside - 1], rng.integers(4, size=len(beside))]
    order = np.lexsort((who.year, who.female, home))
    kin = _same(home[order]) & _same(who.female[order]) & ~_same(who.household[order])
    kin &= np.abs(np.diff(who.year[order])) <= 3
    later = np.flatnonzero(kin & (rng.random(len(kin)) < rates.cousins_alike)) + 1
    for part in (family, first, second, given):
        part[order[later]] = part[order[later - 1]]


def _same(values: Ints | Flags) -> Flags:
    """For each but the first entry, whether it equals the one before."""
    return np.asarray(values[1:] == values[:-1])


def moved_together(
    world: World, index: int, who: Members, ward: Ints, frame: pl.DataFrame
) -> tuple[Ints, pl.DataFrame]:
    """Some households moved with all members; ``ward`` grows by their other homes."""
    share = world.profile.people.households_moved
    if share == 0:
        return ward, frame
    rng = world.rng(index, _MOVES)
    households = int(who.household.max()) + 1
    moves = np.flatnonzero(rng.random(households) < share)
    stays = world.profile.people.moved_still_at_old_home_in_register
    state = np.where(rng.random(len(moves)) < stays, LIVES_ELSEWHERE, CAME_FROM_ELSEWHERE)
    place = np.full(households, -1, dtype=np.int64)
    place[moves] = len(ward) + np.arange(len(moves))
    moved = np.zeros(households, dtype=np.int64)
    moved[moves] = state
    of_house = pl.Series(place[who.household])
    return np.concatenate([ward, addresses.elsewhere(rng, world.land, len(moves))]), (
        frame.with_columns(
            other_place=pl.when(of_house >= 0).then(of_house).otherwise("other_place"),
            moved=pl.when(of_house >= 0).then(pl.Series(moved[who.household])).otherwise("moved"),
        )
    )


def missing(rates: People, size: int) -> int:
    """How many people hold records beside ``size`` of the register."""
    return round(size * rates.absent / (1 - rates.absent))


def listed(world: World, index: int, who: Members, count: int) -> list[pl.Series]:
    """Columns ``absent``, true for ``count`` people, and ``current_known``."""
    rates, size = world.profile.people, len(who)
    rng = world.rng(index, _LISTED)
    absent = np.zeros(size, dtype=np.bool_)
    known = np.ones(size, dtype=np.bool_)
    if count:
        together = int(count * rates.absent_households)
        draw = rng.random(int(who.household.max()) + 1)
        absent[np.argsort(draw[who.household], kind="stable")[:together]] = True
        # Births not yet registered, young adults abroad, and anybody.
        weight = np.where(who.year >= 2024, 8.0, np.where(np.abs(who.year - 1994) <= 10, 2.0, 1.0))
        order = np.argsort(np.where(absent, np.inf, rng.exponential(size=size) / weight))
        absent[order[: count - together]] = True
    if rates.current_unknown > 0:
        draw = rng.random(int(who.household.max()) + 1)
        known = draw[who.household] >= rates.current_unknown
    return [pl.Series("absent", absent), pl.Series("current_known", known)]


def hamlets_alone(world: World, index: int, detail: pl.Series, ward: Ints) -> pl.Series:
    """In villages some homes have no number: the hamlet is all."""
    share = world.profile.people.village_homes_without_number
    if share == 0:
        return detail
    bare = ~world.land.urban[ward] & (world.rng(index, _HAMLETS).random(len(ward)) < share)
    hamlet = addresses.hamlet_only(pl.lit(detail))
    return pl.select(pl.when(pl.Series(bare)).then(hamlet).otherwise(detail)).to_series()
