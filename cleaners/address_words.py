"""The second pass: tails of addresses without usable commas, found word by word from the end.

Every run of words at the end that names a province opens a hypothesis; before it, every run that
names a district of that province, and before that the wards of that district; or, without a
district, every run that names a ward. The hypothesis that understands most words wins ("huong xa
ha hoa phu tho" is Hương Xạ in Hạ Hòa, not a commune named Hạ Hòa). Each step is one join per
length of run, over distinct texts.
"""

from __future__ import annotations

import polars as pl

from cleaners import address_keys

__all__ = ["tails"]

_LONGEST = 7
# A bare name right after one of these is a ward or district, not the province of the same name.
_LOWER_TYPES = [
    "phuong",
    "xa",
    "quan",
    "huyen",
    "tran",
    "khu",
    "p",
    "x",
    "q",
    "h",
    "tt",
    "tx",
    "duong",
    "pho",
]
_COUNTRY = r" (?:viet nam|vietnam|vn)$"
_COLUMNS = ("id", "c1", "c2", "c3", "taken", "kind", "is_guarded")


def _runs(frame: pl.DataFrame, keys: pl.DataFrame, scope: str | None, name: str) -> pl.DataFrame:
    """Rows of ``frame`` once for every run before the taken words that is a key: adds ``name``."""
    end = pl.col("words").list.len().cast(pl.Int64) - pl.col("taken")
    left = [scope, name] if scope else [name]
    right = ["scope", "key"] if scope else ["key"]
    found = []
    for length in range(1, _LONGEST + 1):
        run = pl.col("words").list.slice(end - length, length).list.join("")
        candidates = frame.filter(end >= length).with_columns(run.alias(name))
        hit = candidates.join(keys, left_on=left, right_on=right, how="inner")
        found.append(hit.with_columns(taken=pl.col("taken") + length))
    return pl.concat(found)


def _provinces(words: pl.DataFrame) -> pl.DataFrame:
    """One row per text and reading of its province."""
    table = address_keys.provinces().select("key", "old_province", "new_province")
    hits = _runs(words, table, None, "c1")
    before = pl.col("words").list.len().cast(pl.Int64) - pl.col("taken") - 1
    previous = pl.col("words").list.get(before.clip(lower_bound=0))
    guarded = (before >= 0) & previous.is_in(_LOWER_TYPES)
    return hits.with_columns(is_guarded=guarded)


def _hypotheses(words: pl.DataFrame) -> pl.DataFrame:
    """Every reading of every text; ``kind`` 3: ward in a district, 2: ward alone, 1 and 0: none."""
    provinces = _provinces(words)
    districts = _runs(
        provinces,
        address_keys.districts().select("scope", "key", "district"),
        "old_province",
        "c2",
    )
    wards = _runs(districts, address_keys.by_district().select("scope", "key"), "district", "c3")
    new = _runs(
        provinces, address_keys.by_new_province().select("scope", "key"), "new_province", "c2"
    )
    old = _runs(
        provinces, address_keys.by_old_province().select("scope", "key"), "old_province", "c2"
    )
    none = pl.lit(None, dtype=pl.String)
    return pl.concat(
        [
            wards.with_columns(kind=3).select(_COLUMNS),
            pl.concat([new, old], how="vertical").with_columns(kind=2, c3=none).select(_COLUMNS),
            districts.with_columns(kind=1, c3=none).select(_COLUMNS),
            provinces.with_columns(kind=0, c2=none, c3=none).select(_COLUMNS),
        ]
    )


def tails(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts into tails.

    Args:
        texts: distinct ``folded`` texts (commas and slashes allowed).

    Returns:
        folded, words, taken (number of words understood), and the keys c1, c2, c3, for the texts
        in which a province was found.
    """
    plain = pl.col("folded").str.replace_all(r"[,/ ]+", " ").str.strip_chars(" ")
    words = texts.with_row_index("id").with_columns(
        words=plain.str.replace(_COUNTRY, "").str.split(" "), taken=pl.lit(0, dtype=pl.Int64)
    )
    best = (
        _hypotheses(words)
        .filter(~pl.col("is_guarded") | (pl.col("kind") >= 2))
        # "hai an h hai hau": H. belongs to the district Hải Hậu, not to a ward "Hải Anh".
        .with_columns(upper=pl.col("c2").str.len_bytes().fill_null(0))
        .sort(["id", "taken", "kind", "upper"], descending=[False, True, True, True])
        .unique("id", keep="first", maintain_order=True)
    )
    return best.join(words.select("id", "folded", "words"), on="id", how="left").select(
        "folded", "words", "c1", "c2", "c3", "taken"
    )
