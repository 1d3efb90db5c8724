"""Lookup frames for addresses: every way to write a unit's name, as a key without spaces.

A key is the folded name with its type word, spaces removed: ``phuongphucxa``, ``pphucxa``, ``p1``.
A key is looked up inside a scope (a province, or a district), so that the hundreds of wards named
"Tân Hòa" do not meet. Where several units of a scope share a key, all are kept, their codes joined
with ``+``: the reading is then ambiguous and says so. Each unit has its proper keys (rank 0), keys
with another type word (rank 1: communes become wards, districts become towns), and keys of earlier
names (rank 2); the lowest rank in a scope wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from cleaners import reference
from cleaners.addresses.words import (
    CITIES,
    CITY_WORDS,
    DISTRICT_TYPES,
    NUMERALS,
    PRINCIPAL_WORDS,
    PROVINCE_ALIASES,
    PROVINCE_WORDS,
    WARD_TYPES,
)
from cleaners.text import fold

__all__ = [
    "PARTNER",
    "SEPARATOR",
    "districts",
    "lookup",
    "new_by_district",
    "new_by_province",
    "new_keys",
    "old_by_district",
    "old_by_province",
    "old_keys",
    "provinces",
    "squash",
    "successors",
    "whole_districts",
]

SEPARATOR = "+"
PARTNER = 3
"""Added to the rank of a unit that lay in another province before the merger."""


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
    squashed = pl.col("short").str.replace_all(" ", "", literal=True)
    folded = folded.with_columns(short=squashed, is_number=squashed.str.contains(r"^\d+$"))
    typed = folded.join(words, how="cross").with_columns(
        rank=pl.when(pl.col("type") == pl.col("word_type")).then(0).otherwise(1)
    )
    # Rare forms are met with a unit's own type only.
    typed = typed.filter((pl.col("rank") == 0) | pl.col("word").is_in(PRINCIPAL_WORDS))
    numbers = typed.filter("is_number")
    numerals = pl.DataFrame(
        [(number, word) for number, written in NUMERALS.items() for word in written],
        schema={"short": pl.String, "written": pl.String},
        orient="row",
    )
    spoken = numbers.filter(pl.col("rank") == 0).join(numerals, on="short")
    # A bare number is a house, never a ward: it needs its type word.
    bare = folded.filter(~pl.col("is_number"))
    zeroed = pl.concat_str("word", pl.lit("0"), "short")
    return pl.concat(
        [
            typed.select("code", pl.concat_str("word", "short").alias("key"), "rank"),
            numbers.select("code", zeroed.alias("key"), "rank"),
            spoken.select("code", pl.concat_str("word", "written").alias("key"), "rank"),
            bare.select("code", key="short", rank=pl.lit(0, dtype=pl.Int32)),
        ]
    )


def place(scope: str, key: str) -> pl.Expr:
    """Scope and key as one text."""
    return pl.concat_str(scope, key, separator="/")


def lookup(frame: pl.DataFrame, table: pl.DataFrame, scope: str, key: str) -> pl.DataFrame:
    """The codes and rank in ``table`` of each row's scope and key; null where there are none.

    Args:
        frame: the rows that ask.
        scope: name of its column of scopes; null finds nothing.
        key: name of its column of keys; null finds nothing.
        table: one of ``districts``, ``old_by_district``, ``new_by_district``, ``old_by_province``,
            ``new_by_province``.
    """
    if frame.height in (frame[scope].null_count(), frame[key].null_count()):
        return _nothing(table, frame.height)
    return _found(table, frame[scope] + "/" + frame[key], ("codes", "rank"))


def _found(table: pl.DataFrame, asked: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """Some columns of ``table``, sorted by the ``hash`` of its ``place``, for places asked for.

    Of series throughout: for the few tails of a short column a query costs more than its work.
    """
    at = np.searchsorted(table["hash"].to_numpy(), asked.hash().to_numpy())
    row = pl.Series(at.clip(0, table.height - 1), dtype=pl.UInt32)
    hit = table["place"][row] == asked
    nothing = {name: pl.Series([None] * asked.len(), dtype=table.schema[name]) for name in names}
    return pl.DataFrame(
        [table[name][row].zip_with(hit, nothing[name]).alias(name) for name in names]
    )


def _nothing(table: pl.DataFrame, rows: int) -> pl.DataFrame:
    """What ``lookup`` gives for rows that ask for nothing."""
    types = {name: table.schema[name] for name in ("codes", "rank")}
    return pl.DataFrame([pl.Series(name, [None] * rows, dtype) for name, dtype in types.items()])


def _best(keys: pl.DataFrame) -> pl.DataFrame:
    """One row per scope and key: codes of the lowest rank, joined, and that rank.

    Sorted by ``hash``, that of ``place``: a few keys among many are found by bisection.
    """
    columns = ["scope", "key", "code", "rank", "place", "hash"]
    placed = keys.with_columns(place=place("scope", "key")).with_columns(
        hash=pl.col("place").hash()
    )
    ordered = placed.select(columns).sort("hash", "rank")
    first = ordered.unique("hash", keep="first", maintain_order=True)
    # Nearly all keys have one unit: lists are made for the others only.
    tied = ordered.join(
        first.select("hash", "rank", first="code"), on=["hash", "rank"], how="inner"
    ).filter(pl.col("code") != pl.col("first"))
    ties = (
        pl.concat([tied.select("hash", "code"), tied.select("hash", code="first")])
        .group_by("hash")
        .agg(ties=pl.col("code").unique().sort().str.join(SEPARATOR))
    )
    joined = first.join(ties, on="hash", how="left", maintain_order="left")
    best = joined.with_columns(codes=pl.coalesce("ties", "code"))
    return best.select("scope", "key", "codes", "rank", "place", "hash").rechunk()


@lru_cache(maxsize=1)
def provinces() -> pl.DataFrame:
    """Key to province: key, old_province, new_province, is_new_name (one of the 34 names)."""
    table = reference.provinces()
    survivors = reference.new_wards()["new_province"].unique()
    names = survivors.to_frame("name").select(squash(pl.col("name")))["name"]
    short = names.str.replace("^(tinh|thanhpho)", "")
    own = table.select("old_code", "new_code", key=squash(pl.col("name")))
    other = pl.DataFrame(
        [(code, alias) for code, aliases in PROVINCE_ALIASES.items() for alias in aliases],
        schema={"old_code": pl.String, "key": pl.String},
        orient="row",
    ).join(own.select("old_code", "new_code"), on="old_code")
    both = pl.concat([own, other.select(own.columns)])
    new_codes = own.filter(pl.col("key").is_in(short.implode()))["old_code"]
    # "TP. Hà Tĩnh" is a district of Hà Tĩnh; only the cities of the first rank are provinces.
    cities = both.filter(pl.col("old_code").is_in(list(CITIES)))
    keyed = pl.concat(
        [
            (cities if word in CITY_WORDS else both).with_columns(key=pl.lit(word) + pl.col("key"))
            for word in PROVINCE_WORDS
        ]
    )
    return keyed.unique("key", maintain_order=True).select(
        "key",
        old_province="old_code",
        new_province="new_code",
        is_new_name=pl.col("old_code").is_in(new_codes.implode()) | (pl.col("old_code") == "46"),
    )


@lru_cache(maxsize=1)
def _scopes() -> pl.DataFrame:
    """Old provinces in which to look under a province's name: scope, old_province_code, penalty.

    A name that survived the merger now also covers the partners' territory, at a higher rank, so
    that the province's own units come first.
    """
    names = provinces().select("old_province", "new_province", "is_new_name").unique()
    partners = names.filter("is_new_name").join(names, on="new_province")
    own = pl.col("old_province") == pl.col("old_province_right")
    return partners.select(
        scope="old_province",
        old_province_code="old_province_right",
        penalty=pl.when(own).then(0).otherwise(PARTNER),
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
    """Province and key to district: scope (old province), key, codes, rank."""
    units = (
        reference.wards()
        .select("old_province_code", code="old_district_code", name="old_district")
        .unique(maintain_order=True)
    )
    earlier = reference.aliases("district").select("code", key="alias", rank=pl.lit(2))
    keys = pl.concat([_keys(units, DISTRICT_TYPES), earlier], how="vertical_relaxed")
    placed = keys.join(units.select("code", "old_province_code"), on="code")
    return _best(_in_scopes(placed))


@lru_cache(maxsize=1)
def old_keys() -> pl.DataFrame:
    """Keys of old wards with the units above them."""
    wards = reference.wards().filter(pl.col("old_ward_code").is_not_null())
    units = wards.unique("old_ward_code", maintain_order=True)
    keys = _keys(units.select(code="old_ward_code", name="old_ward"), WARD_TYPES)
    earlier = reference.aliases("ward").select("code", key="alias", rank=pl.lit(2))
    above = units.select("old_district_code", "old_province_code", code="old_ward_code")
    return pl.concat([keys, earlier], how="vertical_relaxed").join(above, on="code")


@lru_cache(maxsize=1)
def new_keys() -> pl.DataFrame:
    """Keys of new wards: code, key, rank, and the province as ``scope``."""
    units = reference.new_wards().select(code="new_ward_code", name="new_ward")
    above = reference.new_wards().select(code="new_ward_code", scope="new_province_code")
    return _keys(units, WARD_TYPES).join(above, on="code")


@lru_cache(maxsize=1)
def _district_scopes() -> pl.DataFrame:
    """Every set of codes in ``districts()`` and the codes in it."""
    scopes = districts().select(scope="codes").unique()
    return scopes.with_columns(old_district_code=pl.col("scope").str.split(SEPARATOR)).explode(
        "old_district_code"
    )


@lru_cache(maxsize=1)
def old_by_district() -> pl.DataFrame:
    """District and key to old wards: scope, key, codes, rank."""
    return _best(old_keys().join(_district_scopes(), on="old_district_code"))


@lru_cache(maxsize=1)
def new_by_district() -> pl.DataFrame:
    """District and key to new wards: scope, key, codes, rank.

    New wards stand under every old district from which they took territory, because people write
    the new ward with the old district.
    """
    below = reference.wards().select("old_district_code", code="new_ward_code").unique()
    keys = new_keys().drop("scope").join(below, on="code")
    return _best(keys.join(_district_scopes(), on="old_district_code"))


@lru_cache(maxsize=1)
def old_by_province() -> pl.DataFrame:
    """Old province and key to old wards: scope, key, codes, rank."""
    return _best(_in_scopes(old_keys()))


@lru_cache(maxsize=1)
def new_by_province() -> pl.DataFrame:
    """New province and key to new wards: scope, key, codes, rank."""
    return _best(new_keys())


@lru_cache(maxsize=1)
def whole_districts() -> pl.DataFrame:
    """Districts that became one ward (islands): naming the district is enough."""
    targets = reference.wards().group_by(district="old_district_code")
    only = targets.agg(only=pl.col("new_ward_code").unique())
    return only.filter(pl.col("only").list.len() == 1).with_columns(pl.col("only").list.first())


def successors(sets: pl.Series) -> pl.DataFrame:
    """What old wards became: codes (as given), after (their new wards, joined).

    Args:
        sets: codes of old wards, joined where there are several.
    """
    if sets.null_count() == sets.len():
        return pl.DataFrame(schema={"codes": pl.String, "after": pl.String})
    rows = sets.drop_nulls().unique().to_frame("codes")
    if rows.height == 1 and SEPARATOR not in rows.item():
        return rows.hstack(_found(_successors(), rows["codes"], ["after"]))
    return _successors_of(rows)


@lru_cache(maxsize=1)
def _successors() -> pl.DataFrame:
    """What each old ward became, as ``_found`` asks for it."""
    every = _successors_of(reference.successors().select(codes="old_ward_code").unique())
    return every.select("after", place="codes", hash=pl.col("codes").hash()).sort("hash").rechunk()


def _successors_of(rows: pl.DataFrame) -> pl.DataFrame:
    table = reference.successors().select("new_ward_codes", code="old_ward_code")
    split = rows.with_columns(code=pl.col("codes").str.split(SEPARATOR)).explode("code")
    after = split.join(table, on="code").explode("new_ward_codes")
    return after.group_by("codes").agg(
        after=pl.col("new_ward_codes").unique().sort().str.join(SEPARATOR)
    )
