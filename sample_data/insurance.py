"""Health insurance: cards by group of people, numbers, and people listed twice."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from .draws import dates, day, digits, pick
from .holders import Habits, day_first, written
from .people import Chunk
from .truth import Registry, kinds, number_flags, shuffled, table
from .world import World

LAST_DAY: Final = day("2026-08-31")
MERGER: Final = day("2025-07-01")
#: Group of a card: name as agencies write it, level of benefit.
GROUPS: Final = {
    **{"TE": ("Trẻ em dưới 6 tuổi", 1), "HS": ("Học sinh", 4), "SV": ("Sinh viên", 4)},
    **{"DN": ("Doanh nghiệp", 4), "CH": ("Cơ quan nhà nước", 4), "HX": ("Hợp tác xã", 4)},
    **{"GD": ("Hộ gia đình", 4), "HT": ("Hưu trí", 3), "HN": ("Hộ nghèo", 2)},
    **{"CN": ("Hộ cận nghèo", 3), "BT": ("Bảo trợ xã hội", 2)},
}
#: First age of a band -> share of each group in it.
BANDS: Final = {
    0: {"TE": 1.0},
    6: {"HS": 0.93, "HN": 0.07},
    18: {"SV": 0.35, "DN": 0.35, "GD": 0.25, "HN": 0.05},
    23: {"DN": 0.45, "CH": 0.08, "GD": 0.36, "HX": 0.02, "HN": 0.04, "CN": 0.05},
    60: {"HT": 0.4, "GD": 0.4, "BT": 0.15, "CN": 0.05},
}


def records(world: World, part: Chunk) -> Registry:
    """All insurance records of the people of this chunk."""
    rates = world.profile.insurance
    rng = world.rng(part.index, 2)
    alive = part.people["died"].is_null()
    chance = pl.Series(rng.random(len(part.people)))
    share = pl.when(alive).then(rates.living).otherwise(rates.dead)
    first = part.people.filter(chance < share)
    twice = first.filter(pl.Series(rng.random(len(first)) < rates.second_number))
    group = pl.when(pl.col("number").is_in(twice["number"].implode())).then(
        pl.concat_str(pl.lit("BHYT-"), "number")
    )
    everyone = pl.concat([first, twice]).with_columns(duplicate_group=group)
    everyone = _carded(rng, world, shuffled(rng, everyone))
    habits = Habits(world.errors["health_insurance"], upper=0.10)
    said = written(rng, world, part, everyone, habits)
    holders = everyone.rename({"number": "person_id"})
    frame = pl.concat([holders, said.rename({"birth": "birth_text"})], how="horizontal")
    return _finish(rng, world, frame)


def _carded(rng: np.random.Generator, world: World, holders: pl.DataFrame) -> pl.DataFrame:
    """Card LL D PP NNNNNNNNNN, its number, and the day from which it is valid."""
    size = len(holders)
    valid = LAST_DAY - (rng.random(size) ** 2 * 2400).astype(np.int64)
    valid = np.minimum(valid, holders["died"].fill_null(LAST_DAY).to_numpy())
    valid = np.maximum(valid, holders["born"].to_numpy())
    band = np.searchsorted(np.array(list(BANDS)), holders["age"].to_numpy(), side="right") - 1
    names = list(GROUPS)
    which = np.zeros(size, dtype=np.int64)
    for row, shares in enumerate(BANDS.values()):
        chosen = np.flatnonzero(band == row)
        drawn = pick(rng, list(shares.values()), len(chosen))
        which[chosen] = np.array([names.index(name) for name in shares])[drawn]
    old, new = holders["home_province"].to_numpy(), holders["new_province"].to_numpy()
    serial = world.insurance.take(old)
    number = digits(old * 100_000_000 + serial, 10)
    benefit = pl.Series([str(level) for _, level in GROUPS.values()]).gather(which)
    place = digits(np.where(valid >= MERGER, new, old), 2)
    code = pl.Series(names).gather(which)
    card = pl.select(pl.concat_str(code, benefit, place, number)).to_series()
    title = pl.Series([title for title, _ in GROUPS.values()]).gather(which)
    columns = {"card": card, "bhxh": number, "group": title, "valid": dates(valid)}
    return holders.with_columns(**columns)


def _finish(rng: np.random.Generator, world: World, frame: pl.DataFrame) -> Registry:
    rates = world.profile.insurance
    size = len(frame)
    blank_number, blank_group, as_digit = (
        pl.Series(rng.random(size) < rate)
        for rate in (rates.number_blank, rates.group_blank, rates.sex_as_digit)
    )
    frame = frame.with_columns(record_id=world.keys("YT", size), kind=kinds(frame))
    words = pl.when("female").then(pl.lit("Nữ")).otherwise(pl.lit("Nam"))
    figures = pl.when("female").then(pl.lit("2")).otherwise(pl.lit("1"))
    frame = frame.with_columns(flags=number_flags(frame))
    out = frame.select(
        pl.col("record_id").alias("Mã bản ghi"),
        pl.col("card").alias("Số thẻ BHYT"),
        pl.when(~blank_number).then("bhxh").alias("Mã số BHXH"),
        pl.col("name").alias("Họ và tên"),
        day_first(pl.col("birth_text")).alias("Ngày sinh"),
        pl.when(as_digit).then(figures).otherwise(words).alias("Giới tính"),
        pl.col("number").alias("Số CCCD"),
        pl.col("address").alias("Địa chỉ"),
        pl.when(~blank_group).then("group").alias("Nhóm đối tượng"),
        pl.col("valid").alias("Giá trị từ ngày"),
    )
    return Registry(out, table(frame))
