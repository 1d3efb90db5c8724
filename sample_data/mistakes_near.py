"""More shapes of the same mistakes; profile ``near`` makes them. Expressions as in ``mistakes``."""

from __future__ import annotations

from typing import Final

import polars as pl

from .mistakes import TURN, birth_parts, iso, typo

_NOTES: Final = (
    *("({})", "({})"),
    *("(chủ hộ)", "(đã chuyển)", "(chết)", "(con)", "(vợ)", "(cha)", "(tạm trú)", "(KT3)"),
)
_MALE: Final = ("Ông", "Anh", "Ô.")
_FEMALE: Final = ("Bà", "Chị", "B.")
_I: Final = "iìíỉĩị"
_Y: Final = "yỳýỷỹỵ"
_BEFORE_I: Final = "([HKLMSTVhklmstv]|[Qq]u)"


def both_numbers() -> pl.Expr:
    """Old and new number in one field."""
    kind = pl.col("r2") % 4
    return (
        pl.when(kind == 0)
        .then(pl.concat_str("cmnd", pl.lit(" / "), "number"))
        .when(kind == 1)
        .then(pl.concat_str("number", pl.lit(" ("), "cmnd", pl.lit(")")))
        .when(kind == 2)
        .then(pl.concat_str("number", pl.lit("-"), "cmnd"))
        .otherwise(pl.concat_str("cmnd", pl.lit(";"), "number"))
    )


def typo_twice() -> pl.Expr:
    """Two letters typed wrongly, each as in ``typo``."""
    return typo(typo(pl.col("full_name")), turn=TURN)


def given_and_initials() -> pl.Expr:
    """Nguyễn Văn Hùng -> Hùng N.V., Hùng NV, N V Hùng."""
    before = pl.concat_str("family", pl.lit(" "), "middle").str.strip_chars()
    letters = before.str.replace_all(r"(\p{L})[\p{L}']*\s*", "$1")
    dotted = letters.str.replace_all(r"(\p{L})", "$1.")
    kind = pl.col("r2") % 3
    return (
        pl.when(kind == 0)
        .then(pl.concat_str("given", dotted, separator=" "))
        .when(kind == 1)
        .then(pl.concat_str("given", letters, separator=" "))
        .otherwise(pl.concat_str(letters.str.replace_all(r"(\p{L})", "$1 "), "given"))
    )


def letters_confused() -> pl.Expr:
    """One of: Lý/Lí, Đ/D, Nghĩa/Ngĩa and Nga/Ngha; another where the one drawn changes nothing."""
    name, kind = pl.col("full_name"), pl.col("r2") % 3
    changed = [_i_for_y(name), _plain_d(name), _ng_for_ngh(name)]
    differing = [pl.when(value != name).then(value) for value in changed]
    turns = [pl.coalesce(*differing[first:], *differing[:first]) for first in range(3)]
    drawn = pl.when(kind == 0).then(turns[0]).when(kind == 1).then(turns[1]).otherwise(turns[2])
    return pl.coalesce(drawn, name)


def _i_for_y(name: pl.Expr) -> pl.Expr:
    to_i, to_y = name, name
    for i, y in zip(_I, _Y, strict=True):
        to_i = to_i.str.replace_all(rf"\b{_BEFORE_I}{y}\b", f"${{1}}{i}")
        to_y = to_y.str.replace_all(rf"\b{_BEFORE_I}{i}\b", f"${{1}}{y}")
    return pl.when(to_i != name).then(to_i).otherwise(to_y)


def _plain_d(name: pl.Expr) -> pl.Expr:
    return name.str.replace_many(["Đ", "đ"], ["D", "d"])


def _ng_for_ngh(name: pl.Expr) -> pl.Expr:
    without = name.str.replace(r"\b([Nn])gh", "${1}g")
    with_h = name.str.replace(r"\b([Nn])g([aăâoôơàáảãạọ])", "${1}gh${2}")
    return pl.when(without != name).then(without).otherwise(with_h)


def name_note() -> pl.Expr:
    """A title before the name, or a note in brackets after it."""
    title = _one_of(_MALE, "r2")
    title = pl.when(pl.col("female")).then(_one_of(_FEMALE, "r2")).otherwise(title)
    note = _one_of(_NOTES, "r1").str.replace("{}", pl.col("given"), literal=True)
    return (
        pl.when(pl.col("r3") % 5 < 2)
        .then(pl.concat_str(title, "full_name", separator=" "))
        .otherwise(pl.concat_str("full_name", note, separator=" "))
    )


def _one_of(words: tuple[str, ...], draw: str) -> pl.Expr:
    place = pl.col(draw) % len(words)
    return place.replace_strict(dict(enumerate(words)), return_dtype=pl.String)


def year_digit() -> pl.Expr:
    """One of the last two digits of the year replaced, or the two exchanged: 1987 -> 1978."""
    year, month, day = birth_parts()
    units, tens = year % 10, year // 10 % 10
    century, step = year // 100 * 100, 1 + (pl.col("r1") % 9).cast(pl.Int32)
    kind = pl.col("r2") % 5
    wrong = (
        pl.when(kind < 2)
        .then(century + tens * 10 + (units + step) % 10)
        .when(kind < 4)
        .then(century + (tens + step) % 10 * 10 + units)
        .otherwise(century + units * 10 + tens)
    )
    return iso(pl.min_horizontal(wrong, 2026), month, pl.min_horizontal(day, 28))
