"""Households: who lives together, their sex, birth year and who is whose child or twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .draws import Flags, Ints, day, pick
from .rates import People

AS_OF: Final = day("2026-10-01")
THIS_YEAR: Final = 2026
FATHER, MOTHER, GRANDFATHER, GRANDMOTHER, FIRST_CHILD = range(5)
CHILDREN: Final = 6
#: Where a person lives: as registered; elsewhere; as registered, but came lately.
STAYED, LIVES_ELSEWHERE, CAME_FROM_ELSEWHERE = range(3)
TWIN: Final = FIRST_CHILD + CHILDREN
SLOTS: Final = TWIN + 1
#: One day in so many has no births, so that an invented person can never be a real one by chance.
_EMPTY_EVERY: Final = 53
_EMPTY: Final = 11
#: Birth years of household heads: decade, relative size.
_HEADS: Final = {1930: 0.9, 1940: 2.2, 1950: 7.0, 1960: 13, 1970: 16, 1980: 20, 1990: 17, 2000: 7}


@dataclass(frozen=True)
class Members:
    """People of one chunk, household by household."""

    household: Ints  # position of the household in the chunk
    slot: Ints
    year: Ints
    female: Flags
    born: Ints  # days since 1970
    father: Ints  # row of the father in this chunk, or -1
    twin_of: Ints  # row of the sibling born the same day, or -1

    def __len__(self) -> int:
        """Number of people."""
        return len(self.year)


def members(rng: np.random.Generator, people: int, rates: People) -> Members:
    """Exactly ``people`` people; the last household is cut where the number is reached."""
    count = people // 2 + 10
    year, there = _adults(rng, count)
    _children(rng, year, there)
    female = rng.random((count, SLOTS)) < 0.482
    female[:, [FATHER, GRANDFATHER]] = False
    female[:, [MOTHER, GRANDMOTHER]] = True
    twin = _twins(rng, year, there, female, rates.twins)
    household, slot = np.nonzero(there)
    household, slot = household[:people], slot[:people]
    row = np.full((count, SLOTS), -1, dtype=np.int64)
    row[household, slot] = np.arange(people)
    father = np.full(people, -1, dtype=np.int64)
    child = slot >= FIRST_CHILD
    father[child] = row[household[child], FATHER]
    father[slot == FATHER] = row[household[slot == FATHER], GRANDFATHER]
    twin_of = np.full(people, -1, dtype=np.int64)
    born_twice = slot == TWIN
    twin_of[born_twice] = row[household[born_twice], twin[household[born_twice]]]
    years = year[household, slot]
    born = _birthdays(rng, years)
    born[born_twice] = born[twin_of[born_twice]]
    return Members(household, slot, years, female[household, slot], born, father, twin_of)


def _adults(rng: np.random.Generator, count: int) -> tuple[Ints, Flags]:
    """Birth years and presence of the couple and of the grandparents."""
    year = np.zeros((count, SLOTS), dtype=np.int64)
    there = np.zeros((count, SLOTS), dtype=np.bool_)
    decade = np.array(list(_HEADS))[pick(rng, list(_HEADS.values()), count)]
    father = np.minimum(decade + rng.integers(10, size=count), 2006)
    mother = np.clip(np.rint(father + rng.normal(3, 3, count)), father - 8, 2006).astype(np.int64)
    mother = np.maximum(mother, 1930)
    alone = rng.random(count)
    lonely = np.where(father >= 1998, 0.62, np.where(father < 1955, 0.36, 0.22))
    there[:, FATHER] = (alone >= lonely * 0.58) | (alone >= lonely)
    there[:, MOTHER] = (alone < lonely * 0.58) | (alone >= lonely)
    grandfather = father - 22 - rng.poisson(5, count)
    grandmother = grandfather + rng.integers(-1, 6, count)
    roof = there[:, FATHER] & (rng.random(count) < 0.16)
    there[:, GRANDFATHER] = roof & (grandfather >= 1930) & (rng.random(count) < 0.62)
    there[:, GRANDMOTHER] = roof & (grandmother >= 1930) & (rng.random(count) < 0.85)
    for slot, years in enumerate((father, mother, grandfather, grandmother)):
        year[:, slot] = years
    return year, there


def _children(rng: np.random.Generator, year: Ints, there: Flags) -> None:
    """Fill in children that still live at home."""
    mother, count = year[:, MOTHER], len(year)
    wanted = np.where(mother < 1955, 4.0, np.where(mother < 1965, 3.2, 2.15))
    number = np.minimum(rng.poisson(wanted), CHILDREN)
    couple = there[:, FATHER] & there[:, MOTHER]
    number[~couple & (rng.random(count) < 0.6)] = 0
    born = mother + 19 + rng.poisson(5, count)
    for child in range(CHILDREN):
        age = THIS_YEAR - born
        home = np.select([age < 0, age < 19, age < 24, age < 30], [0.0, 0.97, 0.7, 0.42], 0.12)
        can = (number > child) & (born - mother <= 45)
        year[:, FIRST_CHILD + child] = born
        there[:, FIRST_CHILD + child] = can & (rng.random(count) < home)
        born = born + 2 + rng.poisson(1.4, count)


def _twins(rng: np.random.Generator, year: Ints, there: Flags, female: Flags, share: float) -> Ints:
    """Give some households a twin of one child; returns the slot of that child."""
    children = there[:, FIRST_CHILD:TWIN]
    number = children.sum(axis=1)
    twin = rng.random(len(year)) < 1 - (1 - share) ** number
    order = np.argsort(np.where(children, rng.random(children.shape), 2.0), axis=1)
    sibling = order[:, 0] + FIRST_CHILD
    rows = np.arange(len(year))
    there[:, TWIN] = twin & (number > 0)
    year[:, TWIN] = year[rows, sibling]
    alike = rng.random(len(year)) < 0.62
    female[:, TWIN] = np.where(alike, female[rows, sibling], ~female[rows, sibling])
    return sibling


def new_year(years: Ints) -> Ints:
    """The first of January of each year, in days since 1970."""
    return (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def _birthdays(rng: np.random.Generator, years: Ints) -> Ints:
    """A day of each year, never an empty one; nobody is born after the register's date."""
    start, end = new_year(years), np.minimum(new_year(years + 1), AS_OF)
    born = start + (rng.random(len(years)) * (end - start)).astype(np.int64)
    return np.where(born % _EMPTY_EVERY == _EMPTY, np.maximum(born - 1, start), born)


def empty_days(rng: np.random.Generator, years: Ints) -> Ints:
    """A day of each year on which nobody of the register was born, for people who do not exist."""
    start = new_year(years)
    first = (_EMPTY - start - 1) % _EMPTY_EVERY + 1
    return start + first + _EMPTY_EVERY * rng.integers(6, size=len(years))


def deaths(rng: np.random.Generator, born: Ints) -> tuple[Flags, Ints]:
    """Who has died (two to four in a hundred, by age) and the day of death."""
    age = (AS_OF - born) // 365
    chance = np.select(
        [age < 20, age < 40, age < 60, age < 70, age < 80, age < 90],
        [0.0015, 0.005, 0.018, 0.055, 0.12, 0.28],
        0.5,
    )
    dead = rng.random(len(born)) < chance
    earliest = np.maximum(born + 1, day("2014-01-01"))
    died = earliest + (np.sqrt(rng.random(len(born))) * (AS_OF - earliest)).astype(np.int64)
    return dead, np.where(dead, died, 0)
