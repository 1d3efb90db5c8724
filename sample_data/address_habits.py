"""Other ways in which clerks write addresses, beyond the styles of ``addresses``.

Each is drawn for itself, so one address may show several; a kind whose rate is nought draws
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from .addresses import Country, hamlet_only, plain
from .draws import Flags, Ints
from .mistakes import typo
from .rates import Errors
from .world import World

_WORDS: Final = (
    *("gần chợ", "gần trường học", "đối diện UBND xã", "sau nhà văn hóa", "cạnh trạm y tế"),
    *("nhà ông Ba", "gần cầu", "cổng chào", "ngã ba", "cuối xóm", "khu tập thể", "nhà trọ số 2"),
)
_TYPES: Final = "Quận|Huyện|Thị xã|Thành phố|Quan|Huyen|Thi xa|Thanh pho|Q\\.|H\\.|TX\\.|TP\\."
_DISTRICT: Final = rf", (?:{_TYPES}) ?(\D[^,]*)(, [^,]+)$"


@dataclass(frozen=True)
class Ward:
    """Of each address: the ward row, whether it is of before July 2025, and without tone marks."""

    land: Country
    row: Ints
    old: pl.Series
    toneless: pl.Series


def detail(
    rng: np.random.Generator, world: World, text: pl.Series, ward: Ints, rates: Errors
) -> pl.Series:
    """The text below the ward, in villages some without house and group."""
    if rates.address_no_house == 0:
        return text
    bare = ~world.land.urban[ward] & (rng.random(len(text)) < rates.address_no_house)
    return pl.select(
        pl.when(pl.Series(bare)).then(hamlet_only(pl.lit(text))).otherwise(text)
    ).to_series()


def varied(
    rng: np.random.Generator, text: pl.Series, ward: Ward, rates: Errors
) -> tuple[pl.Series, dict[str, Flags]]:
    """The addresses in the ways of this agency, and by kind which of them changed."""
    marks: dict[str, Flags] = {}
    kinds = {kind: getattr(rates, kind) for kind in _KINDS if getattr(rates, kind) > 0}
    if not kinds:
        return text, marks
    size = len(text)
    draws = {name: rng.integers(1 << 40, size=size) for name in ("r1", "r2", "r3")}
    frame = pl.DataFrame(
        draws | {"text": text, "old": ward.old, "toneless": ward.toneless, "ward": ward.row}
    )
    if "address_mixed_editions" in kinds:
        wards = ward.land.wards.select("old_ward", "new_province")
        frame = frame.hstack(wards[ward.row])
    for kind, share in kinds.items():
        drawn = pl.Series(rng.random(size) < share)
        rows = np.flatnonzero((drawn & frame["text"].is_not_null()).to_numpy())
        was = frame["text"].gather(rows)
        now = frame[rows].select(_KINDS[kind]().alias("text")).to_series()
        frame = frame.with_columns(frame["text"].scatter(rows, now))
        changed = np.zeros(size, dtype=np.bool_)
        changed[rows] = (was != now).to_numpy()
        marks[kind] = changed
    return frame["text"], marks


def _of_old(text: pl.Expr) -> pl.Expr:
    """Only addresses of before July 2025 have a district."""
    return pl.when("old").then(text).otherwise("text")


def _district_bare() -> pl.Expr:
    """..., Xã X, Nhà Bè, Thành phố ...: the district without its type."""
    return _of_old(pl.col("text").str.replace(_DISTRICT, ", $1$2"))


def _extra_words() -> pl.Expr:
    """Words for the postman, before the address or after its first part."""
    words = (pl.col("r1") % len(_WORDS)).replace_strict(
        dict(enumerate(_WORDS)), return_dtype=pl.String
    )
    words = pl.when("toneless").then(plain(words)).otherwise(words)
    head = pl.col("text").str.extract(r"^([^,]*)")
    rest = pl.col("text").str.slice(head.str.len_chars())
    kind = pl.col("r2") % 3
    return (
        pl.when(kind == 0)
        .then(pl.concat_str(words, pl.lit(", "), "text"))
        .when(kind == 1)
        .then(pl.concat_str(head, pl.lit(" ("), words, pl.lit(")"), rest))
        .otherwise(pl.concat_str(head, pl.lit(" "), words, rest))
    )


def _reversed() -> pl.Expr:
    """The largest unit first."""
    return pl.col("text").str.split(", ").list.reverse().list.join(", ")


def _no_commas() -> pl.Expr:
    return pl.col("text").str.replace_all(", ", " ", literal=True)


def _mixed_editions() -> pl.Expr:
    """The old ward under the new province, as people write since July 2025."""
    pair = pl.concat_str("old_ward", "new_province", separator=", ")
    pair = pl.when("toneless").then(plain(pair)).otherwise(pair)
    head = pl.col("text").str.extract(r"^(.*), [^,]+, [^,]+, [^,]+$")
    return _of_old(pl.concat_str(head, pair, separator=", ", ignore_nulls=True))


def _no_province() -> pl.Expr:
    return pl.col("text").str.replace(r", [^,]+$", "")


def _no_district() -> pl.Expr:
    return _of_old(pl.col("text").str.replace(r", [^,]+(, [^,]+)$", "$1"))


def _house_wrong() -> pl.Expr:
    """Another number of the house."""
    number = pl.col("text").str.extract(r"^(?:Số|So|SN) (\d+)").cast(pl.Int64, strict=False)
    other = (1 + (number + 1 + pl.col("r1") % 60) % 240).cast(pl.String)
    return pl.coalesce(pl.col("text").str.replace(r"\d+", other), "text")


def _typo() -> pl.Expr:
    return typo(pl.col("text"))


def _capitals() -> pl.Expr:
    return pl.col("text").str.to_uppercase()


def _dashes() -> pl.Expr:
    return pl.col("text").str.replace_all(", ", " - ", literal=True)


def _tight() -> pl.Expr:
    """P.Bến Nghé,Q.1: no space after a comma or a short form."""
    return (
        pl.col("text")
        .str.replace_all(", ", ",", literal=True)
        .str.replace_all(". ", ".", literal=True)
    )


#: In the order in which they are done.
_KINDS: Final[dict[str, Callable[[], pl.Expr]]] = {
    "address_mixed_editions": _mixed_editions,
    "address_district_bare": _district_bare,
    "address_no_district": _no_district,
    "address_no_province": _no_province,
    "address_house_wrong": _house_wrong,
    "address_extra_words": _extra_words,
    "address_typo": _typo,
    "address_reversed": _reversed,
    "address_dashes": _dashes,
    "address_tight": _tight,
    "address_no_commas": _no_commas,
    "address_capitals": _capitals,
}
