"""Lookup frames for addresses: every way to write a unit's name, as a key without spaces.

A key is the folded name with its type word, spaces removed: ``phuongphucxa``, ``pphucxa``, ``p1``.
A key is looked up inside a scope (a province, or a district), so that the hundreds of wards named
"Tân Hòa" do not meet. Where several units of a scope share a key, all are kept: the reading is
then ambiguous and says so. Each unit has its proper keys (rank 0), keys with another type word
(rank 1: communes become wards, districts become towns), and keys of earlier names (rank 2); the
lowest rank in a scope wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from cleaners import reference
from cleaners.text import fold

__all__ = [
    "by_district",
    "by_new_province",
    "by_old_province",
    "compounds",
    "districts",
    "provinces",
    "squash",
]

_WARD_TYPES = {
    "phuong": ("phuong", "p", "ph", "f"),
    "xa": ("xa", "x"),
    "thi tran": ("thitran", "tt", "ttr"),
    "dac khu": ("dackhu", "dk"),
}
_DISTRICT_TYPES = {
    "quan": ("quan", "q"),
    "huyen": ("huyen", "h"),
    "thi xa": ("thixa", "tx"),
    "thanh pho": ("thanhpho", "tp"),
}
_PROVINCE_WORDS = ("", "tinh", "t", "tp", "thanhpho")
_PROVINCE_ALIASES = {
    "01": ("hn", "hanoicity"),
    "79": ("hcm", "hcmc", "saigon", "sg", "hochiminhcity", "hochiminhcty"),
    "77": ("brvt", "bariavt", "brvungtau"),
    "46": ("hue", "tthue", "tth"),
    "66": ("daclac", "daklac", "daclak", "darlac"),
    "67": ("dacnong",),
    "62": ("contum",),
    "48": ("danangcity",),
}


def squash(expr: pl.Expr) -> pl.Expr:
    """Fold and remove spaces."""
    return fold(expr).str.replace_all(" ", "", literal=True)


def _keys(units: pl.DataFrame, types: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """All keys of units given as code and name: code, key, rank."""
    own = "|".join(types)
    folded = units.select("code", folded=fold("name")).with_columns(
        type=pl.col("folded").str.extract(f"^({own}) "),
        short=pl.col("folded").str.replace(f"^(?:{own}) ", ""),
    )
    words = pl.DataFrame(
        [(kind, word) for kind, words in types.items() for word in words],
        schema={"word_type": pl.String, "word": pl.String},
        orient="row",
    )
    is_number = pl.col("short").str.contains(r"^\d+$")
    squashed = pl.col("short").str.replace_all(" ", "", literal=True)
    typed = folded.join(words, how="cross").with_columns(
        rank=pl.when(pl.col("type") == pl.col("word_type")).then(0).otherwise(1)
    )
    plain = typed.select("code", pl.col("word") + squashed, "rank")
    zeroed = typed.filter(is_number).select("code", pl.col("word") + "0" + squashed, "rank")
    # A bare number is a house, never a ward: it needs its type word.
    bare = folded.filter(~is_number).select("code", squashed.alias("word"), pl.lit(0).alias("rank"))
    parts = [frame.rename({"word": "key"}) for frame in (plain, zeroed, bare)]
    return pl.concat(parts, how="vertical_relaxed").unique(maintain_order=True)


def _best(keys: pl.DataFrame) -> pl.DataFrame:
    """One row per scope and key: codes of the lowest rank, and that rank."""
    lowest = keys.filter(pl.col("rank") == pl.col("rank").min().over("scope", "key"))
    return lowest.group_by("scope", "key").agg(
        codes=pl.col("code").unique().sort(), rank=pl.col("rank").first()
    )


def _with_successors(best: pl.DataFrame) -> pl.DataFrame:
    """Add ``after``: the new wards that the old wards in ``codes`` became."""
    successors = reference.wards().select("new_ward_code", codes="old_ward_code")
    after = (
        best.select("scope", "key", "codes")
        .explode("codes")
        .join(successors, on="codes")
        .group_by("scope", "key")
        .agg(after=pl.col("new_ward_code").unique().sort())
    )
    return best.join(after, on=["scope", "key"], how="left")


@lru_cache(maxsize=1)
def provinces() -> pl.DataFrame:
    """Key to province: key, old_province, new_province, is_new_name (one of the 34 names)."""
    table = reference.provinces()
    survivors = reference.new_wards()["new_province"].unique()
    names = survivors.to_frame("name").select(squash(pl.col("name")))["name"]
    short = names.str.replace("^(tinh|thanhpho)", "")
    own = table.select("old_code", "new_code", key=squash(pl.col("name")))
    other = pl.DataFrame(
        [(code, alias) for code, aliases in _PROVINCE_ALIASES.items() for alias in aliases],
        schema={"old_code": pl.String, "key": pl.String},
        orient="row",
    ).join(own.select("old_code", "new_code"), on="old_code")
    both = pl.concat([own, other.select(own.columns)])
    new_codes = own.filter(pl.col("key").is_in(short.implode()))["old_code"]
    keyed = pl.concat(
        [both.with_columns(key=pl.lit(word) + pl.col("key")) for word in _PROVINCE_WORDS]
    )
    return keyed.unique("key", maintain_order=True).select(
        "key",
        old_province="old_code",
        new_province="new_code",
        is_new_name=pl.col("old_code").is_in(new_codes.implode()) | (pl.col("old_code") == "46"),
    )


@lru_cache(maxsize=1)
def compounds() -> dict[str, str]:
    """Names with a dash inside, as keys that were cut at the dash, and whole."""
    wards = (
        reference.new_wards()
        .select(name="new_ward")
        .filter(pl.col("name").str.contains(" - ", literal=True))
    )
    whole = wards.select(name=fold(pl.col("name").str.replace(" - ", ",", literal=True), keep=","))
    cut = whole["name"].str.replace_all(" ", "", literal=True).to_list()
    # The type word must stand before it: "đường Cam Ly, Đà Lạt" is a street in the old city.
    short = [name.replace("phuong", "p", 1).replace("xa", "x", 1) for name in cut]
    always = ["baria,vungtau", "thuathien,hue", "phanrang,thapcham"]
    return {name: name.replace(",", "") for name in [*cut, *short, *always]}


@lru_cache(maxsize=1)
def _scopes() -> pl.DataFrame:
    """Old provinces in which to look under a province's name: scope, old_province_code, penalty.

    A name that survived the merger now also covers the partners' territory, at a higher rank, so
    that the province's own units come first.
    """
    names = provinces().select("old_province", "new_province", "is_new_name").unique()
    partners = names.filter("is_new_name").join(names, on="new_province")
    return partners.select(
        scope="old_province",
        old_province_code="old_province_right",
        penalty=pl.when(pl.col("old_province") == pl.col("old_province_right"))
        .then(0)
        .otherwise(3),
    ).vstack(
        names.filter(~pl.col("is_new_name")).select(
            scope="old_province", old_province_code="old_province", penalty=pl.lit(0)
        )
    )


def _in_scopes(keys: pl.DataFrame) -> pl.DataFrame:
    """Put keys with an ``old_province_code`` into every scope where they may be looked up."""
    placed = keys.join(_scopes(), on="old_province_code")
    return placed.with_columns(rank=pl.col("rank") + pl.col("penalty"))


@lru_cache(maxsize=1)
def districts() -> pl.DataFrame:
    """Province and key to district: scope (old province), key, district, rank.

    ``district`` is a district code, or several joined with ``+`` where the key fits several.
    """
    units = reference.wards().select(
        "old_province_code", code="old_district_code", name="old_district"
    )
    units = units.unique(maintain_order=True)
    earlier = reference.aliases("district").select("code", key="alias", rank=pl.lit(2))
    keys = pl.concat([_keys(units, _DISTRICT_TYPES), earlier], how="vertical_relaxed")
    best = _best(_in_scopes(keys.join(units.select("code", "old_province_code"), on="code")))
    return best.select("scope", "key", "rank", district=pl.col("codes").list.join("+"))


@lru_cache(maxsize=1)
def _old_keys() -> pl.DataFrame:
    """Keys of old wards with the units above them."""
    wards = reference.wards().filter(pl.col("old_ward_code").is_not_null())
    units = wards.select(code="old_ward_code", name="old_ward").unique(maintain_order=True)
    earlier = reference.aliases("ward").select("code", key="alias", rank=pl.lit(2))
    keys = pl.concat([_keys(units, _WARD_TYPES), earlier], how="vertical_relaxed")
    above = wards.select("old_district_code", "old_province_code", code="old_ward_code").unique(
        maintain_order=True
    )
    return keys.join(above, on="code")


@lru_cache(maxsize=1)
def _new_keys() -> pl.DataFrame:
    """Keys of new wards."""
    units = reference.new_wards().select(code="new_ward_code", name="new_ward")
    return _keys(units, _WARD_TYPES)


@lru_cache(maxsize=1)
def by_district() -> pl.DataFrame:
    """District and key to wards: scope, key, old_codes, old_rank, old_after, new_codes, new_rank.

    ``old_after`` holds the wards that the old ones became.
    New wards stand under every old district from which they took territory, because people write
    the new ward with the old district.
    """
    scopes = (
        districts()
        .select(scope="district")
        .unique()
        .with_columns(old_district_code=pl.col("scope").str.split("+"))
        .explode("old_district_code")
    )
    below = reference.wards().select("old_district_code", code="new_ward_code").unique()
    old = _with_successors(_best(_old_keys().join(scopes, on="old_district_code")))
    new = _best(_new_keys().join(below, on="code").join(scopes, on="old_district_code"))
    return old.rename({"codes": "old_codes", "rank": "old_rank", "after": "old_after"}).join(
        new.rename({"codes": "new_codes", "rank": "new_rank"}),
        on=["scope", "key"],
        how="full",
        coalesce=True,
    )


@lru_cache(maxsize=1)
def by_old_province() -> pl.DataFrame:
    """Old province and key to old wards: scope, key, codes, rank, after (their new wards)."""
    return _with_successors(_best(_in_scopes(_old_keys())))


@lru_cache(maxsize=1)
def by_new_province() -> pl.DataFrame:
    """New province and key to new wards: scope, key, codes, rank."""
    scopes = reference.new_wards().select(scope="new_province_code", code="new_ward_code")
    return _best(_new_keys().join(scopes, on="code"))
