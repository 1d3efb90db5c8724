"""Tails of addresses without usable commas, found word by word from the end.

Every run of words at the end that names a province opens a hypothesis; before it, every run that
names a district of that province, and before that the wards of that district; or, without a
district, every run that names a ward. The hypothesis that understands most words wins ("huong xa
ha hoa phu tho" is Hương Xạ in Hạ Hòa, not a commune named Hạ Hòa). Each step looks at a window of
a few words, and at every distinct window once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from cleaners.addresses import keys

__all__ = ["LOWER_TYPES", "tails"]

Find = Callable[[pl.DataFrame], pl.DataFrame]
_LONGEST: Final = 7
#: A bare name right after one of these is a ward or district, not the province of the same name.
LOWER_TYPES: Final = [
    *("phuong", "xa", "quan", "huyen", "tran", "khu", "p", "x", "q", "h", "tt", "tx"),
    *("duong", "pho"),
]
_COLUMNS: Final = ("id", "c1", "c2", "c3", "taken", "size", "kind", "is_guarded")


def _rest(by: str) -> pl.Expr:
    """The text before the ``by`` bytes at the end."""
    kept = (pl.col("text").str.len_bytes().cast(pl.Int64) - pl.col(by)).clip(lower_bound=0)
    return pl.col("text").cast(pl.Binary).bin.head(kept).cast(pl.String).str.strip_chars_end(" ")


def _windows(rows: pl.DataFrame) -> pl.DataFrame:
    """Add rest (text before what is taken) and window (its last words)."""
    last = rf"(?:[^ ]+ ){{0,{_LONGEST - 1}}}[^ ]+$"
    return rows.with_columns(rest=_rest("size")).with_columns(
        window=pl.col("rest").str.extract(last, 0)
    )


def _runs(rows: pl.DataFrame, scope: str | None, name: str, find: Find) -> pl.DataFrame:
    """Rows of ``rows`` once for every run at the end of their window that is a key: adds ``name``.

    ``find`` takes the runs, with ``scope`` and ``name``, and returns those that are keys.
    """
    on = ["window", *([scope] if scope else [])]
    distinct = rows.select(on).drop_nulls().unique()
    listed = []
    for length in range(1, _LONGEST + 1):
        run = pl.col("window").str.extract(rf"(?:^| )((?:[^ ]+ ){{{length - 1}}}[^ ]+)$")
        listed.append(
            distinct.with_columns(run=run, run_words=pl.lit(length, dtype=pl.Int64)).drop_nulls(
                "run"
            )
        )
    every = pl.concat(listed).with_columns(
        pl.col("run").str.replace_all(" ", "", literal=True).alias(name),
        run_size=pl.col("run").str.len_bytes().cast(pl.Int64),
    )
    spread = rows.join(find(every.drop("run")), on=on, how="inner")
    gap = pl.col("text").str.len_bytes().cast(pl.Int64) - pl.col("rest").str.len_bytes()
    return spread.with_columns(
        size=gap + pl.col("run_size"), taken=pl.col("taken") + pl.col("run_words")
    ).drop("run_size", "run_words", "window", "rest")


def _provinces(texts: pl.DataFrame) -> pl.DataFrame:
    """One row per text and reading of its province."""
    table = keys.provinces().select("key", "old_province", "new_province")

    def find(runs: pl.DataFrame) -> pl.DataFrame:
        return runs.join(table, left_on="c1", right_on="key", how="inner")

    hits = _windows(_runs(_windows(texts), None, "c1", find))
    previous = pl.col("rest").str.extract(r"([^ ]+)$")
    return hits.with_columns(is_guarded=previous.is_in(LOWER_TYPES).fill_null(value=False))


def _in(scope: str, name: str, *tables: pl.DataFrame) -> Find:
    """Keep the runs that one of the tables has in their scope."""

    def find(runs: pl.DataFrame) -> pl.DataFrame:
        known = [keys.lookup(runs, table, scope, name)["codes"] for table in tables]
        found = runs.with_columns(pl.coalesce(known).alias("codes"))
        return found.drop_nulls("codes")

    return find


def _hypotheses(texts: pl.DataFrame) -> pl.DataFrame:
    """Every reading of every text; ``kind`` 3: ward in a district, 2: ward alone, 1 and 0: none."""
    provinces = _provinces(texts)
    old, new = "old_province", "new_province"
    districts = _runs(provinces, old, "c2", _in(old, "c2", keys.districts()))
    districts = districts.rename({"codes": "district"})
    inside = _in("district", "c3", keys.old_by_district(), keys.new_by_district())
    wards = _runs(_windows(districts), "district", "c3", inside)
    lone = [
        _runs(provinces, new, "c2", _in(new, "c2", keys.new_by_province())),
        _runs(provinces, old, "c2", _in(old, "c2", keys.old_by_province())),
    ]
    none = pl.lit(None, dtype=pl.String)
    return pl.concat(
        [
            wards.with_columns(kind=3).select(_COLUMNS),
            *(one.with_columns(kind=2, c3=none).select(_COLUMNS) for one in lone),
            districts.with_columns(kind=1, c3=none).select(_COLUMNS),
            provinces.with_columns(kind=0, c2=none, c3=none).select(_COLUMNS),
        ]
    )


def tails(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts into tails.

    Args:
        texts: ``id`` and ``text``, folded, without marks.

    Returns:
        One row per text in which a province was found: id, c1, c2, c3 (keys) and head (the text
        before them).
    """
    rows = texts.with_columns(taken=pl.lit(0, dtype=pl.Int64), size=pl.lit(0, dtype=pl.Int64))
    # "hai an h hai hau": H. belongs to the district Hải Hậu, not to a ward "Hải Anh".
    score = (pl.col("taken") * 10 + pl.col("kind")) * 100 + pl.col("c2").str.len_bytes().fill_null(
        0
    ).cast(pl.Int64)
    readings = _hypotheses(rows).filter(~pl.col("is_guarded") | (pl.col("kind") >= 2))
    best = (
        readings.with_columns(score=score)
        .sort(["id", "score", "c2", "c3"], descending=[False, True, False, False])
        .unique("id", keep="first", maintain_order=True)
    )
    return best.join(texts, on="id", how="left").select("id", "c1", "c2", "c3", head=_rest("size"))
