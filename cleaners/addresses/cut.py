"""Cut addresses into a head (house, street, hamlet) and a tail (ward, district, province).

Most of a million addresses repeat: only their distinct tails are read. The cut is made on the raw
text, by the commas from the end: two parts, and three where the second part is a district.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

import polars as pl

from cleaners import reference
from cleaners.addresses.match import OUTCOME, match, with_upper
from cleaners.addresses.repair import FLAGS, repaired
from cleaners.columns import AS_IT_IS, in_slices, numbered
from cleaners.guarded import Matching
from cleaners.text import fold, only_where, tidy

__all__ = ["ENDS_ODD", "ODD", "by_commas", "left_over", "needs_third", "parts_of", "prepared"]

_MARKS: Final = [";", "|", " - ", " – "]
_LINES: Final = ["\n", "\r", "\t"]
ODD: Final = r"[;|\t\r\n–]|- "
_TRAILING: Final = r"(?i)(?:[\s,.;]|vi[eệ]t ?nam|v\.?n\.?|vnm|[ ,]\d{5,6})+$"
ENDS_ODD: Final = r"(?i)(?:[\s,.;]|vi[eệ]t ?nam|vn|v\.n|vnm|\d{5})$"
_WARD: Final = r"^(?:phuong|p|ph|f|xa|x|thi tran|tt|ttr|dac khu|dk|ward|commune)(?: ?\d| [a-z])"
_DISTRICT: Final = r"^(?:quan|q|huyen|h|thi xa|tx|thanh pho|tp|district)(?: ?\d| [a-z])"
_SHORT_TEXT: Final = 40  # bytes
# "Hoan Kiem District": the English word stands behind.
_ENGLISH: Final = {
    r"^(.+)(?:ward)$": "phuong$1",
    r"^(.+)(?:commune)$": "xa$1",
    r"^(.+)(?:city)$": "thanhpho$1",
    r"^(.+)(?:province)$": "tinh$1",
    r"^(.+)(?:district|town|township)$": "$1",
}


@lru_cache(maxsize=1)
def _compounds() -> tuple[list[str], list[str]]:
    """Names with a dash inside, whole, in usual cases: the dash is no separator there."""
    new = reference.new_wards()["new_ward"]
    named = new.filter(new.str.contains(" - ", literal=True)).to_list()
    # The type word must stand before it: "đường Cam Ly, Đà Lạt" is a street in the old city.
    short = [
        name.replace(word, form)
        for name in named
        for word, forms in {"Phường ": ("P. ", "P.", "P "), "Xã ": ("X. ", "X.", "X ")}.items()
        for form in forms
        if name.startswith(word)
    ]
    always = ["Bà Rịa - Vũng Tàu", "Thừa Thiên - Huế", "Phan Rang - Tháp Chàm"]
    toned = pl.Series([*named, *short, *always])
    bare = toned.to_frame("n").select(fold("n", keep="-.").str.to_titlecase())["n"]
    both = [*toned, *bare]
    every = [form for name in both for form in (name, name.lower(), name.upper())]
    return every, [name.replace(" - ", " ") for name in every]


def _with_commas(raw: pl.Expr) -> pl.Expr:
    """Other separators made commas, and country, postcode and stray marks behind taken away."""
    lines = tidy(raw.str.replace_many(_LINES, [","] * len(_LINES)))
    whole = lines.str.replace_many(*_compounds())
    commas = whole.str.replace_many(_MARKS, [","] * len(_MARKS))
    return commas.str.replace(_TRAILING, "")


def prepared(rows: pl.DataFrame) -> pl.DataFrame:
    """Add value (tidy text) and text (the same with commas as the only separators)."""
    checked = in_slices(
        rows,
        lambda part: part.with_columns(value=tidy("raw")).with_columns(
            is_odd=pl.col("raw").str.contains(ODD) | pl.col("value").str.contains(ENDS_ODD)
        ),
    )
    if not checked["is_odd"].any():
        return checked.select(*rows.columns, "value", text="value")
    odd = checked.filter("is_odd").select(text=_with_commas(pl.col("raw")))["text"]
    place = (pl.col("is_odd").fill_null(value=False).cum_sum().cast(pl.Int64) - 1).clip(0)
    text = pl.when("is_odd").then(odd.gather(checked.select(place).to_series()))
    return checked.select(*rows.columns, "value", text=text.otherwise("value"))


def _key(part: pl.Expr) -> pl.Expr:
    """The key of a folded part."""
    squashed = part.str.replace_all(" ", "", literal=True)

    def forward(expr: pl.Expr) -> pl.Expr:
        for pattern, replacement in _ENGLISH.items():
            expr = expr.str.replace(pattern, replacement)
        return expr

    english = r"(?:ward|commune|district|town|township|city|province)$"
    return only_where(squashed, Matching(english), forward)


def parts_of(tails: pl.DataFrame, order: Sequence[int] = (-1, -2, -3)) -> pl.DataFrame:
    """Read the parts of distinct tails.

    Args:
        tails: a column ``tail`` with commas.
        order: places of province, district and ward among the parts.

    Returns:
        The frame with c1, c2, c3 (keys), s1, s2, s3 (folded parts), is_ward2, is_ward3,
        is_district1, is_district2 (whether a part opens with such a type word) and count (of
        parts).
    """
    return tails.lazy().pipe(_parted, order=tuple(order)).collect(optimizations=AS_IT_IS)


def _parted(tails: pl.LazyFrame, order: tuple[int, ...]) -> pl.LazyFrame:
    for step in _steps(order):
        tails = tails.with_columns(step)
    return tails.drop("folded", "parts")


@cache
def _steps(order: tuple[int, ...]) -> tuple[list[pl.Expr], ...]:
    parts, named = pl.col("parts"), {f"s{n}": at for n, at in enumerate(order, 1)}
    spaceless = {n: pl.col(n).str.strip_chars(" ") for n in named}
    return (
        [fold("tail", keep=",").alias("folded")],
        [pl.col("folded").str.split(",").alias("parts")],
        [
            parts.list.len().cast(pl.Int32).alias("count"),
            *(parts.list.get(at, null_on_oob=True).alias(n) for n, at in named.items()),
        ],
        [pl.when(text != "").then(text).alias(n) for n, text in spaceless.items()],
        [
            *(_key(pl.col(f"s{n}")).alias(f"c{n}") for n in (1, 2, 3)),
            *(_opens(f"s{n}", _WARD).alias(f"is_ward{n}") for n in (2, 3)),
            *(_opens(f"s{n}", _DISTRICT).alias(f"is_district{n}") for n in (1, 2)),
        ],
    )


def _opens(part: str, pattern: str) -> pl.Expr:
    return pl.col(part).str.contains(pattern).fill_null(value=False)


def needs_third(parts: pl.DataFrame) -> pl.Series:
    """Which two-part tails, given by their parts, need their third part."""
    upper = with_upper(parts)
    # Without a known province the three parts may still be known in the country.
    deep = (
        pl.col("district").is_not_null() | pl.col("is_district2") | pl.col("new_province").is_null()
    )
    return upper.select(is_deep=deep & pl.col("tail").is_not_null()).to_series()


def _after_cut(name: str) -> pl.Expr:
    """The bytes of the text from a place on, without the comma there."""
    start = pl.when(pl.col(name) > 0).then(pl.col(name) + 1).otherwise(0)
    return pl.col("text").cast(pl.Binary).bin.slice(start)


def _before(text: pl.Expr, pattern: str) -> pl.Expr:
    """Bytes before the parts at the end that match; 0 where there are not so many parts."""
    return text.str.find(pattern).cast(pl.Int64).fill_null(0)


def _cuts(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Where the last two parts begin, and the tail from there on."""
    text = pl.col("text")
    # A long text without commas is left to the pass that reads word by word.
    is_whole = text.str.contains(",", literal=True) | (text.str.len_bytes() <= _SHORT_TEXT)
    return rows.with_columns(start=_before(text, r",[^,]*,[^,]*$")).with_columns(
        tail=pl.when(is_whole).then(_after_cut("start"))
    )


def _deepened(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The same for the last three parts, where those are needed."""
    # The others are null, which costs nothing.
    text = pl.when(pl.col("is_deep") & (pl.col("start") > 0)).then("text")
    deep = _before(text, r",[^,]*,[^,]*,[^,]*$")
    return rows.with_columns(
        start=pl.when(text.is_not_null()).then(deep).otherwise("start")
    ).with_columns(tail=pl.when("is_deep").then(_after_cut("start")).otherwise("tail"))


def _with_head(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add head, in bytes: the text before the units, with what was not understood of the tail."""
    skipped = pl.when(pl.col("start") > 0).then(pl.col("start") + 1).otherwise(0)
    size = pl.when(pl.col("unread") > 0).then(skipped + pl.col("unread")).otherwise("start")
    text = pl.col("text").cast(pl.Binary)
    head = pl.when(pl.col("tail").is_null()).then(text).otherwise(text.bin.head(size))
    return rows.with_columns(head=head)


def left_over() -> pl.Expr:
    """Bytes at the front of a tail that were not understood."""
    unread_parts = (pl.col("count") - pl.col("used")).clip(lower_bound=0)
    front = pl.col("tail").str.split(",").list.head(unread_parts).list.join(",")
    return front.str.len_bytes().cast(pl.Int64)


def by_commas(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read addresses by their commas.

    Args:
        rows: a column ``text``; others are kept.

    Returns:
        The rows, in order, with ``outcome`` (row of the second frame) and ``head`` (Binary: the
        part of the text that is not one of the units); and the outcomes of distinct tails, with
        their parts.
    """
    # Pieces of text stay bytes, for every new String is checked; only distinct ones are read.
    cut = in_slices(rows, _cuts)
    tails, places = numbered(cut["tail"])
    parts = parts_of(tails.cast(pl.String).alias("tail").to_frame())
    is_deep = needs_third(parts)
    cut = cut.with_columns(is_deep=is_deep.gather(places))
    if is_deep.any():
        cut = in_slices(cut, _deepened)
        tails, places = numbered(cut["tail"])
        parts = parts_of(tails.cast(pl.String).to_frame())
    read = repaired(match(parts))
    unread = read.select(left_over().alias("unread")).to_series()
    cut = cut.with_columns(unread=unread.gather(places), outcome=places)
    kept = in_slices(cut, _with_head).drop("tail", "is_deep", "start", "unread")
    return kept, read.with_row_index("outcome").select("outcome", "tail", *OUTCOME, *FLAGS)
