"""What the chunks of one run share: the country, and counters so that no number is given twice."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from .addresses import Country, country
from .draws import Counter, Ints, digits
from .rates import LIFE, Errors, Profile


@dataclass
class World:
    """Carried from chunk to chunk, in order."""

    seed: int
    profile: Profile
    land: Country
    error_scale: float
    errors: dict[str, Errors]
    personal: Counter
    cmnd: Counter
    double_issued: Counter
    licence: Counter
    insurance: Counter
    motorbike: Counter
    car: Counter
    machine: Counter
    phone: Counter
    phone_block: Counter
    issued: dict[str, int] = field(default_factory=dict)

    def rng(self, chunk: int, part: int) -> np.random.Generator:
        """The random numbers of one part of one chunk, independent of all others."""
        return np.random.default_rng([self.seed, chunk, part])

    def keys(self, prefix: str, count: int, width: int = 7) -> pl.Series:
        """The next record keys of one registry: prefix and a running number."""
        start = self.issued.get(prefix, 0) + 1
        self.issued[prefix] = start + count - 1
        running: Ints = np.arange(start, start + count)
        return pl.select(pl.concat_str(pl.lit(prefix), digits(running, width))).to_series()


def world(
    people: int,
    seed: int,
    error_scale: float,
    *,
    communes: int | None = None,
    profile: Profile = LIFE,
) -> World:
    """The state before the first chunk."""
    return World(
        seed=seed,
        profile=profile,
        land=country(people, seed, communes),
        error_scale=error_scale,
        errors={name: table.scaled(error_scale) for name, table in profile.errors.items()},
        personal=Counter(500_000, seed),
        cmnd=Counter(10_000_000, seed),
        double_issued=Counter(50_000, 1),
        licence=Counter(10_000_000, seed + 1),
        insurance=Counter(100_000_000, seed + 2),
        motorbike=Counter(20 * 9 * 100_000, seed + 3),
        car=Counter(20 * 100_000, seed + 4),
        machine=Counter(10_000_000, seed + 5),
        phone=Counter(5_000_000, seed + 6),
        phone_block=Counter(50_000, seed + 7),
    )
