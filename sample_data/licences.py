"""Driver licences: old paper ones, two cards under one number, two numbers for one person."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from .draws import Ints, dates, day, digits, pick
from .holders import Habits, day_first, written
from .people import Chunk
from .truth import Registry, kinds, number_flags, shuffled, table
from .world import World

OLD_CLASSES: Final = {"A1": 74.0, "A2": 3.0, "B1": 2.0, "B2": 16.0, "C": 4.0, "D": 1.0}
NEW_CLASSES: Final = {"A1": 60.0, "A": 8.0, "B": 27.0, "C1": 4.0, "D1": 1.0}
YEARS: Final = {"B1": 10, "B2": 10, "B": 10, "C1": 10, "C": 5, "D": 5, "D1": 5}
LAST_DAY: Final = day("2026-08-31")
NEW_LAW: Final = day("2025-01-01")
MERGER: Final = day("2025-07-01")


def records(world: World, part: Chunk) -> Registry:
    """All licences of the people of this chunk."""
    rates = world.profile.licences
    rng = world.rng(part.index, 1)
    first = _holders(rng, world, part)
    other_card = first.filter(pl.Series(rng.random(len(first)) < rates.second_card_same_number))
    one_card = first.filter(~pl.col("number").is_in(other_card["number"].implode()))
    twice = pl.Series(rng.random(len(one_card)) < rates.second_number)
    other_number = one_card.filter(twice)
    first = _numbered(rng, world, _dated(rng, first))
    second = other_card.join(first.select("number", "licence", "issued"), on="number", how="left")
    later = pl.Series((rng.random(len(second)) * 3000).astype(np.int64)) + second["issued"]
    second = second.with_columns(issued=later.clip(upper_bound=LAST_DAY), second_card=pl.lit(True))
    replaced = _numbered(rng, world, _dated(rng, other_number))
    everything = pl.concat([first, second, replaced], how="diagonal")
    doubled = pl.col("number").is_in(other_number["number"].implode())
    group = pl.when(doubled).then(pl.concat_str(pl.lit("GPLX-"), "number"))
    everything = shuffled(rng, everything.with_columns(duplicate_group=group))
    return _written(rng, world, part, _classed(rng, everything))


def _holders(rng: np.random.Generator, world: World, part: Chunk) -> pl.DataFrame:
    rates = world.profile.licences
    share = pl.when("female").then(rates.women).otherwise(rates.men)
    adult = pl.col("age").is_between(19, 86) & (
        pl.col("died").is_null() | (pl.col("died") - pl.col("born") > 20 * 366)
    )
    chance = pl.Series(rng.random(len(part.people)))
    return part.people.filter(adult & (chance < share))


def _dated(rng: np.random.Generator, holders: pl.DataFrame) -> pl.DataFrame:
    """A day of issue between the eighteenth birthday and now or death; mostly when young."""
    born = holders["born"].to_numpy()
    earliest = np.maximum(born + 18 * 366, day("1985-01-01"))
    latest = np.minimum(holders["died"].fill_null(LAST_DAY).to_numpy(), LAST_DAY)
    latest = np.maximum(latest, earliest)
    share = np.minimum(rng.random(len(born)), rng.random(len(born)))
    issued = earliest + (share * (latest - earliest)).astype(np.int64)
    return holders.with_columns(issued=pl.Series(np.minimum(issued, LAST_DAY)))


def _numbered(rng: np.random.Generator, world: World, holders: pl.DataFrame) -> pl.DataFrame:
    """PP G YY NNNNNNN: province, sex and century of the holder, year of issue, serial."""
    issued = holders["issued"].to_numpy()
    old, new = holders["home_province"].to_numpy(), holders["new_province"].to_numpy()
    province = np.where(issued >= MERGER, new, old)
    year = dates(issued).dt.year().cast(pl.Int64).to_numpy()
    sex_century = holders["number"].str.slice(3, 1).cast(pl.Int64).to_numpy()
    serial = world.licence.take(province)
    number: Ints = (province * 1000 + sex_century * 100 + year % 100) * 10_000_000 + serial
    return holders.with_columns(licence=digits(number, 12))


def _classed(rng: np.random.Generator, licences: pl.DataFrame) -> pl.DataFrame:
    """The class by the law of its day; a second card is a car beside a motorbike."""
    size = len(licences)
    issued = licences["issued"].to_numpy()
    old = pl.Series(list(OLD_CLASSES)).gather(pick(rng, list(OLD_CLASSES.values()), size))
    new = pl.Series(list(NEW_CLASSES)).gather(pick(rng, list(NEW_CLASSES.values()), size))
    is_new = pl.Series(issued >= NEW_LAW)
    if "second_card" not in licences.columns:
        licences = licences.with_columns(second_card=pl.lit(None, dtype=pl.Boolean))
    car = pl.when(is_new).then(pl.lit("B")).otherwise(pl.lit("B2"))
    years = pl.col("class").replace_strict(YEARS, default=None, return_dtype=pl.Int64)
    has_two = pl.col("licence").is_duplicated() & pl.col("second_card").is_null()
    is_valid_for_life = has_two | pl.col("duplicate_group").is_not_null()
    return licences.with_columns(
        pl.when(pl.col("second_card").fill_null(value=False))
        .then(car)
        .when(is_valid_for_life)
        .then(pl.lit("A1"))
        .when(is_new)
        .then(new)
        .otherwise(old)
        .alias("class")
    ).with_columns(expires=pl.col("issued") + (years * 365.25).cast(pl.Int64))


def _written(
    rng: np.random.Generator, world: World, part: Chunk, licences: pl.DataFrame
) -> Registry:
    rates = world.profile.licences
    habits = Habits(world.errors["driver_licence"], upper=0.85)
    old_enough = (licences["class"] == "A1") & (licences["issued"] < day("2013-07-01"))
    share = rates.paper_name_and_year * min(1.0, world.error_scale)
    share *= len(licences) / max(1, int(old_enough.sum()))
    paper = old_enough & pl.Series(rng.random(len(licences)) < share)
    on_paper = replace(
        habits.errors,
        number_missing=rates.paper_without_number,
        old_number=rates.paper_with_old_number,
        **{"birth_typo": 0.0, "day_month_swapped": 0.0, "first_january": 0.0, "year_wrong": 0.0},
        year_only=0.95,
    )
    parts = [licences.filter(~paper), licences.filter(paper)]
    said = pl.concat(
        [
            written(rng, world, part, parts[0], habits),
            written(rng, world, part, parts[1], replace(habits, errors=on_paper)),
        ]
    )
    holders = pl.concat(parts).rename({"number": "person_id"})
    frame = pl.concat([holders, said.rename({"birth": "birth_text"})], how="horizontal")
    return _finish(rng, world, shuffled(rng, frame))


def _finish(rng: np.random.Generator, world: World, frame: pl.DataFrame) -> Registry:
    rates = world.profile.licences
    frame = frame.with_columns(
        record_id=world.keys("GP", len(frame)),
        kind=kinds(frame),
        no_sex=pl.Series(rng.random(len(frame)) < rates.sex_blank),
    )
    sex = pl.when("female").then(pl.lit("Nữ")).otherwise(pl.lit("Nam"))
    frame = frame.with_columns(flags=number_flags(frame))
    out = frame.select(
        ma_ho_so="record_id",
        so_gplx="licence",
        hang="class",
        ngay_cap=_day_text("issued"),
        ngay_het_han=_day_text("expires"),
        ho_va_ten="name",
        ngay_sinh=day_first(pl.col("birth_text")),
        gioi_tinh=pl.when(~pl.col("no_sex")).then(sex),
        so_cccd_cmnd="number",
        noi_cu_tru="address",
    )
    return Registry(out, table(frame))


def _day_text(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int32).cast(pl.Date).dt.to_string("%d/%m/%Y")
