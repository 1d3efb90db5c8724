"""Draws names: surnames by region, middle and given names by sex and birth cohort."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from .draws import Flags, Ints, pick
from .name_tables import FOREIGN, GIVEN, HIGHLAND_CLANS, HIGHLAND_GIVEN, MIDDLES, SURNAMES

COHORTS = ("old", "mid", "young")
#: Chance of a two-word middle name: (male, female) x cohort (young: HCMC births 2007-2011).
TWO_WORDS = np.array([[0.06, 0.10, 0.26], [0.05, 0.16, 0.65]])
NO_MIDDLE = np.array([0.009, 0.002])


@dataclass(frozen=True)
class Vocabulary:
    """All words of each part of a name, and how often each is drawn."""

    families: pl.Series
    family_shares: npt.NDArray[np.float64]
    middles: pl.Series
    middle_shares: npt.NDArray[np.float64]  # [sex * 3 + cohort, middle]
    givens: pl.Series
    given_shares: npt.NDArray[np.float64]  # [sex * 3 + cohort, given]
    twins: Ints  # [given, 4]: names of the same sex that sound alike
    is_given: Ints  # [middle]: the same word among the given names, or -1


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The tables of ``name_tables`` as arrays; middle 0 is 'none', families end in Huỳnh, Võ."""
    surnames = dict(word.rsplit(":", 1) for word in SURNAMES.split())
    kinds = [(sex, cohort) for sex in ("male", "female") for cohort in COHORTS]
    middles = ["", *sorted({w.split(":")[0] for kind in kinds for w in MIDDLES[kind].split()})]
    givens = sorted({word for kind in kinds for word in GIVEN[kind].split()})
    middle_shares = np.zeros((6, len(middles)))
    given_shares = np.zeros((6, len(givens)))
    for row, kind in enumerate(kinds):
        for word in MIDDLES[kind].split():
            name, share = word.split(":")
            middle_shares[row, middles.index(name)] += float(share)
        for rank, name in enumerate(GIVEN[kind].split()):
            given_shares[row, givens.index(name)] += 1 / (rank + 14)
    return Vocabulary(
        families=pl.Series([*surnames, "Huỳnh", "Võ"]),
        family_shares=np.array([*map(float, surnames.values()), 0.0, 0.0]),
        middles=pl.Series(middles),
        middle_shares=middle_shares,
        givens=pl.Series(givens),
        given_shares=given_shares,
        twins=_twin_names(givens, given_shares),
        is_given=np.array([givens.index(m) if m in givens else -1 for m in middles]),
    )


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in bare if not unicodedata.combining(c)).lower()


def _twin_names(givens: list[str], shares: npt.NDArray[np.float64]) -> Ints:
    """For each name four that share its first letter or its rhyme, as parents name twins."""
    males, females = shares[:3].sum(axis=0) > 0, shares[3:].sum(axis=0) > 0
    near = np.zeros((len(givens), 4), dtype=np.int64)
    for i, name in enumerate(givens):
        alike = [
            (_plain(other)[1:] != _plain(name)[1:], _plain(other), j)
            for j, other in enumerate(givens)
            if j != i and ((males[i] and males[j]) or (females[i] and females[j]))
            if _plain(other)[0] == _plain(name)[0] or _plain(other)[-2:] == _plain(name)[-2:]
        ]
        found = [j for *_, j in sorted(alike)[:4]] or [i]
        near[i] = [found[k % len(found)] for k in range(4)]
    return near


def cohort(years: Ints) -> Ints:
    """0 (before 1965), 1 (to 1989), 2 (since)."""
    return (years >= 1965).astype(np.int64) + (years >= 1990)


def families(rng: np.random.Generator, region: Ints) -> Ints:
    """Surnames; in the south (region 2) and half of the centre (1) Hoàng is Huỳnh and Vũ is Võ."""
    words = vocabulary()
    drawn = pick(rng, words.family_shares, len(region))
    southern = rng.random(len(region)) < np.array([0.02, 0.5, 0.9])[region]
    names = words.families.to_list()
    for northern, twin in (("Hoàng", "Huỳnh"), ("Vũ", "Võ")):
        drawn[southern & (drawn == names.index(northern))] = names.index(twin)
    return drawn


def _by_row(rng: np.random.Generator, shares: npt.NDArray[np.float64], rows: Ints) -> Ints:
    """One draw per entry of ``rows`` from that row's shares."""
    drawn = np.zeros(len(rows), dtype=np.int64)
    for row in range(len(shares)):
        chosen = np.flatnonzero(rows == row)
        drawn[chosen] = pick(rng, shares[row], len(chosen))
    return drawn


def personal(
    rng: np.random.Generator, female: Flags, years: Ints, *, power: float = 1.0
) -> tuple[Ints, Ints, Ints]:
    """First middle, second middle (0: none) and given name for each person.

    With a ``power`` above 1 frequent names become more frequent still.
    """
    words, size = vocabulary(), len(years)
    middles, givens = words.middle_shares, words.given_shares
    if power != 1.0:
        middles, givens = middles**power, givens**power
    sex = female.astype(np.int64)
    rows = sex * 3 + cohort(years)
    first = _by_row(rng, middles, rows)
    second = _by_row(rng, middles, rows)
    given = _by_row(rng, givens, rows)
    two = (rng.random(size) < TWO_WORDS[sex, cohort(years)]) & (first != second)
    thi = words.middles.to_list().index("Thị")
    second[~two | (second == thi)] = 0
    first[rng.random(size) < NO_MIDDLE[sex]] = 0
    second[first == 0] = 0
    same = np.flatnonzero(words.is_given[first] == given)
    given[same] = _by_row(rng, givens, rows[same])
    second[words.is_given[second] == given] = 0
    return first, second, given


def texts(family: Ints, first: Ints, second: Ints, given: Ints) -> pl.DataFrame:
    """Columns ``family``, ``middle``, ``given``, ``full_name`` from drawn indices."""
    words = vocabulary()
    parts = pl.DataFrame(
        {
            "family": words.families.gather(family),
            "first": words.middles.gather(first),
            "second": words.middles.gather(second),
            "given": words.givens.gather(given),
        }
    )
    middle = pl.concat_str("first", pl.lit(" "), "second").str.strip_chars()
    return parts.select("family", middle.alias("middle"), "given").with_columns(full_name())


def full_name() -> pl.Expr:
    """Family, middle and given name in one text."""
    whole = pl.concat_str("family", "middle", "given", separator=" ")
    return whole.str.replace_all("  ", " ", literal=True).str.strip_chars().alias("full_name")


def highland(rng: np.random.Generator, female: Flags, group: Ints, clans: Ints) -> pl.DataFrame:
    """Y Blim Niê, H' Hoa Êban (group 0); A and Y in Kon Tum (1); K' and Ka in Lâm Đồng (2)."""
    mark = pl.Series(np.array(["Y", "H'", "A", "Y", "K'", "Ka"])[female + 2 * group])
    given = [pl.Series(HIGHLAND_GIVEN[sex].split()) for sex in ("male", "female")]
    size = len(female)
    chosen = pl.select(
        pl.when(pl.Series(female))
        .then(given[1].gather(rng.integers(len(given[1]), size=size)))
        .otherwise(given[0].gather(rng.integers(len(given[0]), size=size)))
    ).to_series()
    clan = pl.Series(HIGHLAND_CLANS.split())
    columns = {"family": mark, "middle": chosen, "given": clan.gather(clans % len(clan))}
    return pl.DataFrame(columns).with_columns(full_name())


def foreign(rng: np.random.Generator, size: int) -> pl.DataFrame:
    """Columns ``nationality``, ``family``, ``middle`` (empty), ``given``, ``full_name``."""
    nations = list(FOREIGN)
    nation = pick(rng, [FOREIGN[n][0] for n in nations], size)
    family_lists = [FOREIGN[n][1].split() for n in nations]
    given_lists = [FOREIGN[n][2].split("|") for n in nations]
    family, given = rng.integers(1 << 30, size=size), rng.integers(1 << 30, size=size)
    return pl.DataFrame(
        {
            "nationality": pl.Series(nations).gather(nation),
            "family": _from_lists(family_lists, nation, family),
            "middle": pl.repeat("", size, eager=True),
            "given": _from_lists(given_lists, nation, given),
        }
    ).with_columns(full_name())


def _from_lists(lists: list[list[str]], which: Ints, draw: Ints) -> pl.Series:
    """An entry of list ``which[i]`` for each i."""
    sizes = np.array([len(entries) for entries in lists])
    starts = np.cumsum(sizes) - sizes
    return pl.Series([entry for entries in lists for entry in entries]).gather(
        starts[which] + draw % sizes[which]
    )
