"""Where people live: the wards of Vietnam in both editions, and houses in them.

A *place* is one home: a row of the ward table (old ward and the new ward it became) and the text
below the ward. A ward text comes in the styles that agencies write.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from cleaners import reference

from .draws import Flags, Ints, pick
from .place_tables import HAMLETS, STREETS

STYLES: Final = ("new", "new_short", "new_plain", "old", "old_short", "old_plain", "old_bare")
#: Words of an address and their short forms, in the order in which clerks shorten them.
SHORT: Final = {
    **{"Phường ": "P. ", "Xã ": "X. ", "Thị trấn ": "TT. ", "Đặc khu ": "ĐK. ", "Quận ": "Q. "},
    **{"Huyện ": "H. ", "Thị xã ": "TX. ", "Thành phố ": "TP. ", "Tỉnh ": "T. "},
}
SHORT_DETAIL: Final = {"Tổ dân phố ": "TDP ", "Khu phố ": "KP ", "Số ": "SN ", "Đường ": "Đ. "}


def _tone_map() -> dict[str, str]:
    letters = (chr(code) for code in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA)))
    bare = {"Đ": "D", "đ": "d"}
    for letter in letters:
        base = unicodedata.normalize("NFD", letter)[0]
        if base != letter and base.isascii():
            bare[letter] = base
    return bare


TONES: Final = _tone_map()


def plain(text: pl.Expr) -> pl.Expr:
    """The text without tone marks and đ, letter case kept."""
    return text.str.replace_many(list(TONES), list(TONES.values()))


@dataclass(frozen=True)
class Country:
    """The ward table with the communes in which this population lives."""

    wards: pl.DataFrame  # one row per old ward and new ward, with ``ppp``, ``region``, ``plates``
    tails: pl.Series  # ward row * len(STYLES) + style -> "Phường ..., Thành phố ..."
    homes: Ints  # ward rows in which households live
    home_shares: npt.NDArray[np.float64]
    province: Ints  # ward row -> old province code as a number
    new_province: Ints
    region: Ints  # ward row -> 0 north, 1 centre, 2 south
    urban: Flags


def commune_count(people: int) -> int:
    """10,000 people a commune from half a million on; a small population is spread thinner."""
    if people >= 500_000:
        return people // 10_000
    return max(20, min(300, people // 60))


def country(people: int, seed: int, communes: int | None = None) -> Country:
    """Choose the communes of a population of this size, or as many as ``communes`` says."""
    wards = reference.wards().drop_nulls(["old_ward", "new_ward"])
    province = wards["old_province_code"].cast(pl.Int64).to_numpy()
    rng = np.random.default_rng([seed, 1 << 20])
    homes = _choose_communes(rng, wards, province, communes or commune_count(people))
    return Country(
        wards=wards,
        tails=_tails(wards),
        homes=homes,
        home_shares=rng.gamma(8.0, size=len(homes)),
        province=province,
        new_province=wards["new_province_code"].cast(pl.Int64).to_numpy(),
        region=np.searchsorted(np.array([43, 69]), province),
        urban=wards["old_ward"].str.contains("^(Phường|Thị trấn)").to_numpy(),
    )


def _choose_communes(
    rng: np.random.Generator, wards: pl.DataFrame, province: Ints, count: int
) -> Ints:
    """Ward rows: some provinces, always with Hà Nội, HCMC, Đắk Lắk, and one split ward in eight."""
    always = np.array([1, 79, 66])
    others = np.setdiff1d(np.unique(province), always)
    few = rng.choice(others, size=min(len(others), max(3, count // 9)), replace=False)
    weight = np.where(np.isin(province, always[:2]), 3.0, 1.0)
    weight[~np.isin(province, np.concatenate([always, few]))] = 0.0
    split = wards["is_split"].to_numpy()
    weight[split] *= (weight[~split].sum() / weight[split].sum()) / 7.0
    codes = wards["old_ward_code"].cast(pl.Int64).to_numpy()
    order = rng.permutation(len(codes))
    first = order[np.sort(np.unique(codes[order], return_index=True)[1])]
    share = weight[first] / weight[first].sum()
    chosen = codes[rng.choice(first, size=count, replace=False, p=share)]
    return np.flatnonzero(np.isin(codes, chosen))


def _tails(wards: pl.DataFrame) -> pl.Series:
    """Every ward row in every style, row by row."""
    new = pl.concat_str("new_ward", "new_province", separator=", ")
    old = pl.concat_str("old_ward", "old_district", "old_province", separator=", ")
    bare = r"(Phường|Xã|Thị trấn|Quận|Huyện|Thị xã|Thành phố|Tỉnh) (\D)"

    def short(text: pl.Expr) -> pl.Expr:
        return text.str.replace_many(list(SHORT), list(SHORT.values()))

    styles = [new, short(new), plain(new), old, short(old), plain(old)]
    bared = old.str.replace_all(bare, "$2")
    listed = wards.select(pl.concat_list(*styles, bared).alias("tail"))
    return listed.to_series().explode()


def homes(rng: np.random.Generator, land: Country, count: int) -> Ints:
    """The ward rows of ``count`` new households."""
    return land.homes[pick(rng, land.home_shares, count)]


def elsewhere(rng: np.random.Generator, land: Country, count: int) -> Ints:
    """Where movers come from or go to: mostly the same communes, else anywhere in the country."""
    near = homes(rng, land, count)
    far = rng.integers(len(land.province), size=count)
    return np.where(rng.random(count) < 0.6, near, far)


def details(rng: np.random.Generator, land: Country, ward: Ints) -> pl.Series:
    """The text below the ward: house and street in towns; thôn, xóm, ấp or bản in the country."""
    size = len(ward)
    house, lane, group = (rng.integers(1, top, size=size) for top in (240, 90, 16))
    streets, hamlets = pl.Series(STREETS.split("|")), pl.Series(HAMLETS.split("|"))
    street = (ward * 7 + rng.integers(14, size=size)) % len(streets)
    hamlet = (ward * 5 + rng.integers(9, size=size)) % len(hamlets)
    frame = pl.DataFrame(
        {
            **{"house": house, "lane": lane, "group": group},
            "street": streets.gather(street),
            "hamlet": hamlets.gather(hamlet),
            "region": land.region[ward],
            "form": np.where(land.urban[ward], 0, 3) + rng.integers(3, size=size),
        }
    )
    return frame.select(_detail()).to_series()


def _detail() -> pl.Expr:
    """One of six forms: three of a town, three of the country."""
    number = pl.concat_str(pl.lit("Số "), "house")
    lane = pl.concat_str(number, pl.lit(", Ngõ "), "lane", pl.lit(", Đường "), "street")
    hem = pl.concat_str(number, pl.lit("/"), "lane", pl.lit(" Đường "), "street")
    ward_group = pl.concat_str(
        number,
        pl.when(pl.col("region") == 2).then(pl.lit(", Khu phố ")).otherwise(pl.lit(", Tổ ")),
        "group",
    )
    hamlet = _hamlet()
    group = pl.concat_str(pl.lit("Tổ "), "group", pl.lit(", "), hamlet)
    form = pl.col("form")
    return (
        pl.when(form == 0)
        .then(pl.concat_str(number, pl.lit(" Đường "), "street"))
        .when(form == 1)
        .then(pl.when(pl.col("region") == 2).then(hem).otherwise(lane))
        .when(form == 2)
        .then(ward_group)
        .when(form == 3)
        .then(pl.concat_str(number, pl.lit(", "), hamlet))
        .when(form == 4)
        .then(group)
        .otherwise(pl.concat_str(number, pl.lit(", "), group))
    )


def _hamlet() -> pl.Expr:
    """Ấp in the south, bản where Tày and Thái live, thôn elsewhere."""
    kind = (
        pl.when(pl.col("region") == 2)
        .then(pl.lit("Ấp "))
        .when(pl.col("hamlet").str.contains("^(Nà|Pác)"))
        .then(pl.lit("Bản "))
        .otherwise(pl.lit("Thôn "))
    )
    return pl.concat_str(kind, "hamlet")


def hamlet_only(detail: pl.Expr) -> pl.Expr:
    """The text below the ward without house and group: "Thôn Đông"; towns keep theirs."""
    return detail.str.replace(r"^(?:Số [^,]+, )?(?:Tổ \d+, )?((?:Ấp|Bản|Thôn) )", "$1")


def write(land: Country, detail: pl.Series, ward: Ints, style: Ints) -> pl.Series:
    """Whole addresses: detail and ward, each in its style (an index into ``STYLES``)."""
    frame = pl.DataFrame(
        {"detail": detail, "tail": land.tails.gather(ward * len(STYLES) + style), "style": style}
    )
    short = pl.col("detail").str.replace_many(list(SHORT_DETAIL), list(SHORT_DETAIL.values()))
    name = pl.col("style").replace_strict(dict(enumerate(STYLES)), return_dtype=pl.String)
    text = (
        pl.when(name.str.ends_with("plain"))
        .then(plain(pl.col("detail")))
        .when(name.str.ends_with("short"))
        .then(short)
        .otherwise("detail")
    )
    return frame.select(pl.concat_str(text, pl.lit(", "), "tail")).to_series()
