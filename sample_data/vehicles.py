"""Vehicles: plates, chassis and engine numbers, owners without birth date, companies."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from . import addresses, names, passed_on, plates
from .draws import Ints, dates, day, digits, pick
from .holders import Habits, written
from .households import empty_days
from .identity import passports
from .people import Chunk
from .place_tables import COMPANIES, TRADES
from .truth import Registry, kinds, shuffled, table
from .world import World

LAST_DAY: Final = day("2026-08-31")
#: Maker code of the chassis number, engine code, how common among motorbikes and among cars.
MAKES: Final = {
    **{"RLHJF": ("JF66E", 45, 0), "RLHKC": ("KC34E", 15, 0), "RLCUE": ("E3T6E", 25, 0)},
    **{"RLCJC": ("5C64", 9, 0), "RPEKC": ("CG4E", 6, 0)},
    **{"RL4ZR": ("1NZ", 0, 50), "RLUA5": ("G4FA", 0, 35), "RL0SK": ("P5AT", 0, 15)},
}


def records(world: World, part: Chunk) -> Registry:
    """All vehicles registered by people of this chunk, and some by companies and foreigners."""
    rates = world.profile.vehicles
    rng = world.rng(part.index, 3)
    adults = part.people.filter((pl.col("age") >= 18) & _grown_up())
    owners = adults[np.repeat(np.arange(len(adults)), rng.poisson(rates.per_adult, len(adults)))]
    habits = Habits(world.errors["vehicle"], upper=0.45)
    visitors = guests(rng, part, int(len(owners) * rates.foreigners))
    said = written(rng, world, part, pl.concat([owners, visitors], how="diagonal"), habits)
    person = owners.select("died", person_id="number", kind=kinds(owners))
    nobody = visitors.select("died", pl.lit(None, dtype=pl.String).alias("person_id"), "kind")
    held = pl.concat([pl.concat([person, nobody]), said], how="horizontal")
    province = pl.concat([owners["home_province"], visitors["home_province"]])
    bodies = _companies(rng, world, part, int(len(owners) * rates.organisations))
    frame = pl.concat([held.with_columns(province=province), bodies], how="diagonal")
    frame = _machines(rng, world, frame)
    again = pl.Series(rng.random(len(frame)) < rates.registered_twice)
    group = pl.when(again).then(pl.concat_str(pl.lit("XE-"), "plate"))
    frame = frame.with_columns(duplicate_group=group)
    frame = shuffled(rng, pl.concat([frame, _again(rng, frame.filter(again))]))
    frame = _passed_on(world, part, adults, frame)
    return _finish(world, frame)


def _passed_on(
    world: World, part: Chunk, adults: pl.DataFrame, frame: pl.DataFrame
) -> pl.DataFrame:
    """The vehicles, and those of them that were sold or whose plates moved or clash."""
    rates = world.profile.vehicles
    rng = world.rng(part.index, 13)
    again = pl.col("duplicate_group").is_not_null()
    twice, once = frame.filter(again), frame.filter(~again)
    later = twice["plate"].is_duplicated() & ~twice["plate"].is_first_distinct()
    typed = passed_on.mistyped(rng, twice.filter(later), rates.mistyped_again)
    draw = pl.Series(rng.random(len(once)))
    group = pl.concat_str(pl.lit("XE-"), "plate")
    of_person = pl.col("kind").is_in(["genuine", "dead_holder"])
    sold, moved, copied = rates.sold, rates.plate_moved, rates.plate_copied
    is_sold, is_moved = of_person & (draw < sold), of_person & draw.is_between(sold, sold + moved)
    is_copied = of_person & draw.is_between(sold + moved, sold + moved + copied)
    once = once.with_columns(duplicate_group=pl.when(is_sold | is_copied).then(group))
    victims = once.filter(is_copied)
    made = _machines(rng, world, pl.concat([once.filter(is_moved), victims]))
    others = made.with_columns(vehicle=pl.concat([once.filter(is_moved), victims])["vehicle"])
    parts = [
        twice.filter(~later),
        typed,
        once,
        passed_on.sold(rng, world, part, adults, once.filter(is_sold)),
        passed_on.moved(rng, others.head(len(others) - len(victims)), once.filter(is_moved)),
        passed_on.copied(rng, world, part, adults, others.tail(len(victims)), victims),
    ]
    return shuffled(rng, pl.concat(parts, how="diagonal"))


def _grown_up() -> pl.Expr:
    """Alive, or died as an adult."""
    return pl.col("died").is_null() | (pl.col("died") - pl.col("born") > 20 * 366)


def guests(rng: np.random.Generator, part: Chunk, count: int) -> pl.DataFrame:
    """Foreigners who are in no population register: the homes of others, a passport."""
    homes = part.people[rng.integers(len(part.people), size=count)]
    named = names.foreign(rng, count).with_columns(passport=passports(rng, count))
    born = pl.Series(empty_days(rng, rng.integers(1955, 2003, size=count)))
    return homes.with_columns(
        *named.get_columns(),
        born=born,
        kind=pl.lit("foreigner"),
        cmnd=pl.lit(None, dtype=pl.String),
        died=pl.lit(None, dtype=pl.Int64),
        year_only=pl.lit(value=False),
        moved=pl.lit(0, dtype=pl.Int64),
    )


def _companies(rng: np.random.Generator, world: World, part: Chunk, count: int) -> pl.DataFrame:
    """Owners with a tax code (with its check digit) instead of a number."""
    home = rng.integers(len(part.people), size=count)
    place = part.people["place"].to_numpy()[home]
    ward = part.ward[place]
    companies, trades = pl.Series(COMPANIES.split("|")), pl.Series(TRADES.split("|"))
    kind = companies.gather(rng.integers(len(companies), size=count))
    first, second = (trades.gather(rng.integers(len(trades), size=count)) for _ in range(2))
    style = np.where(rng.random(count) < 0.6, 3, 0)
    return pl.DataFrame(
        {
            "province": world.land.province[ward],
            "kind": pl.repeat("organisation", count, eager=True),
            "name": pl.select(pl.concat_str(kind, first, second, separator=" ")).to_series(),
            "tax_code": _tax_codes(rng, world.land.province[ward]),
            "address": addresses.write(world.land, part.detail.gather(place), ward, style),
            "errors": pl.Series([[]] * count, dtype=pl.List(pl.String)),
        }
    )


def _tax_codes(rng: np.random.Generator, province: Ints) -> pl.Series:
    """Ten digits; the last is ten less the weighted sum modulo eleven."""
    body = province * 10_000_000 + rng.integers(10_000_000, size=len(province))
    weights = np.array([31, 29, 23, 19, 17, 13, 7, 5, 3])
    for _ in range(4):
        places = body[:, None] // 10 ** np.arange(8, -1, -1) % 10
        rest = (places * weights).sum(axis=1) % 11
        body = np.where(rest == 0, (body + 1) % 1_000_000_000, body)
    return digits(body * 10 + 10 - rest, 10)


def _machines(rng: np.random.Generator, world: World, frame: pl.DataFrame) -> pl.DataFrame:
    """Plate, chassis, engine, kind and day of registration."""
    rates = world.profile.vehicles
    size = len(frame)
    body = (frame["kind"] == "organisation").to_numpy()
    car = rng.random(size) < np.where(body, 0.7, rates.cars)
    day_in = LAST_DAY - (rng.random(size) ** 1.5 * 7800).astype(np.int64)
    bikes, cars = (pick(rng, [make[k] for make in MAKES.values()], size) for k in (1, 2))
    make = np.where(car, cars, bikes)
    makers, engines = pl.Series(list(MAKES)), pl.Series([make[0] for make in MAKES.values()])
    serial = digits(world.machine.take(make), 7)
    letters = plates.LETTERS.gather(rng.integers(20, size=size))
    year = digits(rng.integers(1000, 9999, size=size), 4)
    modern = pl.concat_str(makers.gather(make), pl.lit(" "), year, letters, pl.lit("-"), serial)
    old = pl.concat_str(pl.lit("C100-"), serial)
    is_old = pl.Series((day_in < day("2004-01-01")) & ~car)
    engine = pl.concat_str(engines.gather(make), pl.lit("-"), serial)
    return frame.with_columns(
        plate=plates.civil(rng, world, frame["province"].to_numpy(), car, day_in),
        chassis=pl.when(is_old).then(old).otherwise(modern),
        engine=engine,
        vehicle=pl.Series(np.where(car, "Ô tô", "Xe máy")),
        registered=dates(day_in),
    )


def _again(rng: np.random.Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """The same vehicle entered once more, some months later."""
    later = pl.Series(rng.integers(10, 300, size=len(frame)))
    end = pl.lit(LAST_DAY).cast(pl.Int32).cast(pl.Date)
    shifted = (pl.col("registered").cast(pl.Int32) + later).cast(pl.Int32).cast(pl.Date)
    return frame.with_columns(registered=pl.min_horizontal(shifted, end))


def _finish(world: World, frame: pl.DataFrame) -> Registry:
    frame = frame.with_columns(record_id=world.keys("XE", len(frame)))
    number = pl.col("number")
    grouped = (
        pl.when(number.str.contains(r"^\d{12}$"))
        .then(number.str.replace(r"^(...)(...)(...)(...)$", "$1 $2 $3 $4"))
        .when(number.str.contains(r"^\d{9}$"))
        .then(number.str.replace(r"^(...)(...)(...)$", "$1-$2-$3"))
        .otherwise(number)
    )
    tax = pl.col("tax_code").str.replace(r"^(....)(...)(...)$", "$1 $2 $3")
    out = frame.select(
        MA_DK="record_id",
        BIEN_SO="plate",
        SO_KHUNG="chassis",
        SO_MAY="engine",
        LOAI_XE="vehicle",
        CHU_XE="name",
        SO_GIAY_TO_CHU_XE=grouped,
        MA_SO_THUE=tax,
        DIA_CHI_CHU_XE="address",
        NGAY_DANG_KY=pl.col("registered").dt.to_string("%d-%m-%Y"),
    )
    return Registry(out, table(frame))
