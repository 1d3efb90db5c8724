"""Shapes of mistakes that profile ``far`` makes and no other. Expressions as in ``mistakes``."""

from __future__ import annotations

from typing import Final

import polars as pl

from .mistakes import TURN, birth_parts, digit_wrong, iso
from .name_tables import GIVEN

_SOUNDS: Final = (
    *(("S", "X"), ("X", "S"), ("Tr", "Ch"), ("Ch", "Tr"), ("L", "N"), ("N", "L")),
    *(("Gi", "D"), ("V", "D"), ("D", "Gi"), ("Kh", "K"), ("Qu", "Q")),
)
_ENDS: Final = (("n", "ng"), ("ng", "n"), ("t", "c"), ("c", "t"), ("y", "i"), ("i", "y"))
_TELEX: Final = {"ă": "aw", "â": "aa", "đ": "dd", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw"}
_BASES: Final = "aăâeêioôơuưy"
_TONED: Final = {
    "f": "àằầèềìòồờùừỳ",
    "s": "áắấéếíóốớúứý",
    "r": "ảẳẩẻểỉỏổởủửỷ",
    "x": "ãẵẫẽễĩõỗỡũữỹ",
    "j": "ạặậẹệịọộợụựỵ",
}
_MARKS: Final = ("{}.", "{},", "{} -", "'{}", "{}*", "{} .", "\u00a0{}")
_OTHER: Final = tuple(
    name for cohort in ("old", "mid") for name in GIVEN["male", cohort].split()[:40]
)
_OTHER_FEMALE: Final = tuple(
    name for cohort in ("old", "mid") for name in GIVEN["female", cohort].split()[:40]
)


def _one_of(words: tuple[str, ...], draw: str) -> pl.Expr:
    place = pl.col(draw) % len(words)
    return place.replace_strict(dict(enumerate(words)), return_dtype=pl.String)


def digit_left_out() -> pl.Expr:
    """One digit too few."""
    number = pl.col("number")
    place = 1 + pl.col("r1") % (number.str.len_chars().cast(pl.Int64) - 1)
    return pl.concat_str(number.str.slice(0, place), number.str.slice(place + 1))


def digit_twice() -> pl.Expr:
    """One digit typed twice."""
    number = pl.col("number")
    place = pl.col("r1") % number.str.len_chars()
    return pl.concat_str(number.str.slice(0, place + 1), number.str.slice(place))


def two_digits_wrong() -> pl.Expr:
    """Two digits replaced, mostly."""
    return digit_wrong(digit_wrong(), turn=TURN)


def letters_for_digits() -> pl.Expr:
    """As a scanner reads them: O for 0, l for 1."""
    letters = pl.col("number").str.replace_many(["0", "1"], ["O", "l"])
    ending = pl.col("number").str.slice(0, 6) + letters.str.slice(6)
    return pl.when(pl.col("r2") % 2 == 0).then(letters).otherwise(ending)


def number_prefixed() -> pl.Expr:
    """The kind of the paper before the number, or points in it."""
    dotted = pl.col("number").str.replace_all(r"(\d{3})", "$1.").str.strip_chars_end(".")
    kind = pl.col("r2") % 3
    return (
        pl.when(kind == 0)
        .then(pl.concat_str(pl.lit("CCCD "), "number"))
        .when(kind == 1)
        .then(pl.concat_str(pl.lit("Số: "), "number"))
        .otherwise(dotted)
    )


def spreadsheet_number() -> pl.Expr:
    """What is left when a spreadsheet takes it for a quantity: 7.9085E+10, or with a point nought."""
    bare = pl.col("number").str.strip_chars_start("0")
    power = (bare.str.len_chars().cast(pl.Int64) - 1).cast(pl.String).str.zfill(2)
    head = pl.concat_str(bare.str.slice(0, 1), pl.lit("."), bare.str.slice(1, 5))
    rounded = pl.concat_str(head, pl.lit("E+"), power)
    return pl.when(pl.col("r2") % 2 == 0).then(rounded).otherwise(pl.concat_str(bare, pl.lit(".0")))


def sounds_alike() -> pl.Expr:
    """The beginning or the end of the given name, as it sounds: Sơn/Xơn, Trang/Chang, Lan/Lang."""
    given = pl.col("given")
    begun = pl.coalesce(
        *(
            pl.when(given.str.starts_with(was)).then(now + given.str.slice(len(was)))
            for was, now in _SOUNDS
        ),
        given,
    )
    ended = pl.coalesce(
        *(
            pl.when(given.str.contains(rf"[^\sn]{was}$" if was == "g" else rf"{was}$")).then(
                given.str.replace(rf"{was}$", now)
            )
            for was, now in sorted(_ENDS, key=lambda pair: -len(pair[0]))
        ),
        given,
    )
    start = pl.col("r2") % 2 == 0
    changed = (
        pl.when(start & (begun != given)).then(begun).when(ended != given).then(ended)
    ).otherwise(begun)
    return _joined("family", "middle", changed)


def _joined(*parts: str | pl.Expr) -> pl.Expr:
    whole = pl.concat_str(*parts, separator=" ")
    return whole.str.replace_all("  ", " ", literal=True).str.strip_chars()


def words_glued() -> pl.Expr:
    """NguyễnVăn Hùng or Nguyễn VănHùng."""
    name = pl.col("full_name")
    last = name.str.replace(r" (\S+)$", "$1")
    return pl.when(pl.col("r2") % 2 == 0).then(name.str.replace(" ", "")).otherwise(last)


def name_cut_off() -> pl.Expr:
    """A field of 12 to 17 letters; a short name fits."""
    return pl.col("full_name").str.slice(0, 12 + pl.col("r1") % 6).str.strip_chars_end()


def letters_lost() -> pl.Expr:
    """Letters that a Western code page lacks as question marks: Nguy?n Th? Lan."""
    name = pl.col("full_name")
    some = "[ăđĩũơưạ-ỹĂĐĨŨƠƯẠ-Ỹ]"
    return name.str.replace_all(some, "?")


def typing_residue() -> pl.Expr:
    """Telex typed with the keyboard switched off: Nguyeenx Vawn Hungf."""
    name = pl.col("full_name").str.to_lowercase()
    for key, letters in _TONED.items():
        for base, letter in zip(_BASES, letters, strict=True):
            name = name.str.replace_all(rf"{letter}(\p{{L}}*)", f"{base}${{1}}{key}")
    name = name.str.replace_many(list(_TELEX), list(_TELEX.values()))
    return name.str.to_titlecase()


def thi_missing() -> pl.Expr:
    """Nguyễn Thị Lan -> Nguyễn Lan; a man's first middle word is left out where he has two."""
    middle = pl.col("middle")
    shorter = pl.when(middle.str.starts_with("Thị")).then(middle.str.slice(4))
    return _joined("family", shorter.otherwise(middle.str.replace(r"^\S+ ", "")), "given")


def other_given_name() -> pl.Expr:
    """The name by which people know the holder."""
    other = pl.when("female").then(_one_of(_OTHER_FEMALE, "r1")).otherwise(_one_of(_OTHER, "r1"))
    return _joined("family", "middle", other)


def western_order() -> pl.Expr:
    """Nguyễn Văn Hùng -> Hùng Văn Nguyễn, or Văn Hùng Nguyễn."""
    kind = pl.col("r2") % 2 == 0
    turned = _joined("given", "middle", "family")
    return pl.when(kind).then(turned).otherwise(_joined("middle", "given", "family"))


def stray_marks() -> pl.Expr:
    """A full stop, a dash, a hard space at the ends, or Ð for Đ."""
    name = pl.col("full_name")
    marked = _one_of(_MARKS, "r1").str.replace("{}", name, literal=True)
    return pl.when(name.str.contains("Đ")).then(name.str.replace_all("Đ", "Ð")).otherwise(marked)


def day_beside() -> pl.Expr:
    """A day too early or too late."""
    off = pl.when(pl.col("r2") % 2 == 0).then(1).otherwise(-1)
    return _shifted(off)


def lunar_date() -> pl.Expr:
    """The day by the moon, 20 to 50 days before, read as one by the sun."""
    return _shifted(-20 - (pl.col("r1") % 31).cast(pl.Int32))


def _shifted(days: pl.Expr) -> pl.Expr:
    date = (pl.col("born").cast(pl.Int32) + days).cast(pl.Int32).cast(pl.Date)
    return date.dt.to_string("%Y-%m-%d")


def years_off() -> pl.Expr:
    """One to four years younger or older than in truth, the day the same."""
    year, month, day = birth_parts()
    step = (1 + pl.col("r1") % 4).cast(pl.Int32)
    off = pl.when(pl.col("r2") % 3 == 0).then(-step).otherwise(step)
    return iso(pl.min_horizontal(year + off, 2026), month, pl.min_horizontal(day, 28))


def day_unknown() -> pl.Expr:
    """00/05/1985, or 00/00/1985."""
    year, month, _ = birth_parts()
    month = pl.when(pl.col("r2") % 2 == 0).then(month).otherwise(0)
    return iso(year, month, pl.lit(0))


def unrelated_date() -> pl.Expr:
    """Another date of the paper, such as the day of issue."""
    return iso((2001 + pl.col("r1") % 24), (1 + pl.col("r2") % 12), (1 + pl.col("r3") % 28))
