"""Tails that the tables do not hold as written: a misspelt ward, a lost province, a lost district.

Each repair replaces the parts by the names that must be meant, if only one unit can be, and the
tail is matched again. What was replaced is marked, and trusted less.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

from cleaners import reference
from cleaners.addresses import keys
from cleaners.addresses.edits import one_edit_apart
from cleaners.addresses.match import OUTCOME, match, with_upper
from cleaners.text import fold

__all__ = ["FLAGS", "repaired"]

_TYPE: Final = (
    r"^(?:phuong|p|ph|f|xa|x|thi tran|tt|ttr|dac khu|dk|quan|q|huyen|h|thi xa|tx|thanh pho|tp) "
)
_LONG_NAME: Final = 7
#: What can have been done to a tail.
FLAGS: Final = ("is_repaired", "is_misspelt", "is_guessed", "is_skipped", "is_countrywide")
_NEW: Final = {"c1": pl.String, "c2": pl.String, "c3": pl.String, "skipped": pl.Int32}


@lru_cache(maxsize=1)
def _wards() -> pl.DataFrame:
    """Wards of both editions by bare name: name, key (proper), code, district, old and new province."""
    old = reference.wards().drop_nulls("old_ward_code").unique("old_ward_code")
    own = [
        old.select(
            full="old_ward",
            code=pl.lit("o") + pl.col("old_ward_code"),
            district="old_district_code",
            old_province="old_province_code",
            new_province="new_province_code",
        ),
        reference.new_wards().select(
            full="new_ward",
            code=pl.lit("n") + pl.col("new_ward_code"),
            district=pl.lit(None, dtype=pl.String),
            old_province=pl.lit(None, dtype=pl.String),
            new_province="new_province_code",
        ),
    ]
    return _named(pl.concat(own))


def _named(units: pl.DataFrame) -> pl.DataFrame:
    """Add key (with the type word) and name (without), squashed, from ``full``."""
    folded = units.with_columns(full=fold("full"))
    return folded.with_columns(
        key=pl.col("full").str.replace_all(" ", "", literal=True),
        name=_bare("full"),
    )


@lru_cache(maxsize=1)
def _districts() -> pl.DataFrame:
    """Districts by bare name: name, key, old_province."""
    units = reference.wards().select(full="old_district", old_province="old_province_code").unique()
    return _named(units)


def _bare(column: str) -> pl.Expr:
    """A folded part without type word and spaces."""
    return pl.col(column).str.replace(_TYPE, "").str.replace_all(" ", "", literal=True)


@lru_cache(maxsize=1)
def _province_keys() -> pl.DataFrame:
    """Old province code to a key that means it."""
    table = keys.provinces().unique("old_province", keep="first", maintain_order=True)
    return table.select("old_province", "new_province", province_key="key")


def _only(hits: pl.DataFrame, unit: str) -> pl.DataFrame:
    """Hits of tails for which one unit alone was found."""
    only = hits.filter(pl.col(unit).n_unique().over("tail") == 1)
    # One unit can have several keys: whichever comes first, so that it is the same in every run.
    return only.sort(pl.col(pl.String)).unique("tail", keep="first", maintain_order=True)


def _spelt_otherwise(tails: pl.DataFrame) -> pl.DataFrame:
    """The district is known; its ward is written with the other of i and y (Quý, Quí)."""

    def neutral(name: pl.Expr) -> pl.Expr:
        return name.str.replace_all("y", "i", literal=True)

    asked = tails.filter(pl.col("path") == "district").with_columns(
        scope=pl.col("district"), name=neutral(_bare("s3"))
    )
    known = _wards().drop_nulls("district")
    hits = asked.join(
        known.select("code", "key", scope="district", name=neutral(pl.col("name"))),
        on=["scope", "name"],
    )
    return _only(hits, "code").select("tail", "c1", "c2", c3="key", skipped=0)


def _misspelt_ward(tails: pl.DataFrame) -> pl.DataFrame:
    """The district is known; its ward is one letter off."""
    asked = tails.filter(pl.col("path") == "district").with_columns(
        scope=pl.col("district"), name=_bare("s3")
    )
    known = _wards().drop_nulls("district").with_columns(scope=pl.col("district"))
    pairs = one_edit_apart(asked, known)
    hits = asked.join(pairs, on=["scope", "name"]).join(
        known.select("scope", "code", "key", meant="name"), on=["scope", "meant"]
    )
    return _only(hits, "code").select("tail", "c1", "c2", c3="key", skipped=0)


def _misspelt_lone(tails: pl.DataFrame) -> pl.DataFrame:
    """No district is known; a ward of the province is one letter off."""
    asked = tails.filter(pl.col("path") == "province").with_columns(
        scope=pl.col("new_province"), name=_bare("s2")
    )
    known = _wards().with_columns(scope=pl.col("new_province"))
    pairs = one_edit_apart(asked, known)
    hits = asked.join(pairs, on=["scope", "name"]).join(
        known.select("scope", "code", "key", meant="name"), on=["scope", "meant"]
    )
    return _only(hits, "meant").select("tail", "c1", c2="key", c3=None, skipped=0)


def _misspelt_lone_ward(tails: pl.DataFrame) -> pl.DataFrame:
    """The same, where the part says that it is a ward."""
    return _misspelt_lone(tails.filter("is_ward2"))


def _misspelt_lone_name(tails: pl.DataFrame) -> pl.DataFrame:
    """The same, where it does not: perhaps it is a street or a hamlet."""
    is_long = pl.col("s2").str.len_bytes() >= _LONG_NAME
    return _misspelt_lone(tails.filter(~pl.col("is_ward2"), ~pl.col("is_district2"), is_long))


def _misspelt_district(tails: pl.DataFrame) -> pl.DataFrame:
    """A district of the province is one letter off, and the ward stands in it."""
    asked = with_upper(
        tails.filter((pl.col("path") == "province") & pl.col("s3").is_not_null()).select(
            "tail", "c1", "c2", "c3", "s2"
        )
    ).with_columns(scope=pl.col("old_province"), name=_bare("s2"))
    known = _districts().with_columns(scope=pl.col("old_province"))
    pairs = one_edit_apart(asked, known)
    hits = asked.join(pairs, on=["scope", "name"]).join(
        known.select("scope", "key", meant="name"), on=["scope", "meant"]
    )
    return _only(hits, "key").select("tail", "c1", c2="key", c3="c3", skipped=0)


def _unknown_district(tails: pl.DataFrame) -> pl.DataFrame:
    """A district that is in no table (merged away before 2025): the ward in the province."""
    asked = tails.filter(
        (pl.col("path") == "province") & pl.col("is_district2") & pl.col("is_ward3")
    )
    return asked.select("tail", "c1", c2="c3", c3=None, skipped=1)


def _in_country(tails: pl.DataFrame) -> pl.DataFrame:
    """No province is known: a district and its ward that go together once in the country."""
    lost = tails.filter(pl.col("path").is_null())
    pairs = pl.concat(
        [
            lost.select("tail", upper="c2", lower="c3", skipped=0),
            lost.select("tail", upper="c1", lower="c2", skipped=-1),
        ]
    ).drop_nulls()
    own = keys.districts().filter(pl.col("rank") < keys.PARTNER)
    placed = pairs.join(
        own.select("key", old_province="scope", district="codes"), left_on="upper", right_on="key"
    )
    inside = [
        keys.lookup(placed, table(), "district", "lower")["codes"].is_not_null()
        for table in (keys.old_by_district, keys.new_by_district)
    ]
    hits = placed.filter(inside[0] | inside[1]).join(_province_keys(), on="old_province")
    return _only(hits, "district").select(
        "tail", c1="province_key", c2="upper", c3="lower", skipped="skipped"
    )


def _lone_in_country(tails: pl.DataFrame) -> pl.DataFrame:
    """Only a ward is named, with its type word, and the country has one of that name."""
    lost = tails.filter(pl.col("path").is_null())
    named = pl.concat(
        [
            lost.select("tail", lower=name, folded=spaced, skipped=skipped)
            for name, spaced, skipped in (("c1", "s1", -1), ("c2", "s2", 0))
        ]
    ).filter(pl.col("folded").str.contains("^(?:phuong|xa|thi tran|dac khu) "))
    hits = named.join(_wards(), left_on="lower", right_on="key").join(
        _province_keys().select("new_province", "province_key").unique("new_province"),
        on="new_province",
    )
    units = pl.col("code").str.head(1).n_unique() + pl.len() - pl.col("code").n_unique()
    once = (
        hits.filter(
            pl.col("new_province").n_unique().over("tail") == 1,
            pl.len().over("tail", pl.col("code").str.head(1)) == 1,
            units.over("tail") > 0,
        )
        .sort("tail", "lower", "province_key")
        .unique("tail", keep="first", maintain_order=True)
    )
    return once.select("tail", c1="province_key", c2="lower", c3=None, skipped="skipped")


_REPAIRS: Final = (
    (_spelt_otherwise, "is_repaired"),
    (_misspelt_ward, "is_misspelt"),
    (_misspelt_district, "is_repaired"),
    (_unknown_district, "is_skipped"),
    (_misspelt_lone_ward, "is_misspelt"),
    (_misspelt_lone_name, "is_guessed"),
    (_in_country, "is_countrywide"),
    (_lone_in_country, "is_countrywide"),
)


def repaired(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Try to repair the tails that are still open.

    Args:
        outcomes: distinct tails with their parts and the columns of ``OUTCOME``.

    Returns:
        The frame, in order, with ``FLAGS``: a district's name repaired; a ward's name
        repaired (a retired ward may have had that very name); a name without a type word taken for
        a misspelt ward; an unknown district left out; the province found by the units below it.
    """
    done = outcomes.with_columns(pl.lit(value=False).alias(name) for name in FLAGS)
    open_ = done.filter(pl.col("path").is_null() | pl.col("path").is_in(["district", "province"]))
    if open_.is_empty():
        return done
    tried = []
    for order, (repair, flag) in enumerate(_REPAIRS):
        found = repair(open_).select("tail", *(pl.col(n).cast(t) for n, t in _NEW.items()))
        tried.append(found.with_columns(order=pl.lit(order), flag=pl.lit(flag)))
    again = match(pl.concat(tried).with_columns(is_ward3=pl.lit(value=False)))
    solved = again.filter(pl.col("candidates").is_not_null()).sort("order")
    best = solved.unique("tail", keep="first", maintain_order=True).with_columns(
        used=pl.col("used") + pl.col("skipped")
    )
    joined = done.join(
        best.select("tail", "flag", *OUTCOME),
        on="tail",
        how="left",
        suffix="_r",
        maintain_order="left",
    )
    is_better = pl.col("flag").is_not_null()
    return joined.with_columns(
        *(pl.when(is_better).then(f"{name}_r").otherwise(name).alias(name) for name in OUTCOME),
        *(
            (is_better & (pl.col("flag") == name)).fill_null(value=False).alias(name)
            for name in FLAGS
        ),
    ).select(*outcomes.columns, *FLAGS)
