"""One kind of mistake in one value: each function returns an expression for the wrong value.

Expressions read the columns of a holder (number, cmnd, family, middle, given, full_name, born) and
the random whole numbers ``r1``, ``r2``, ``r3`` of the row; nothing else decides what they give.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from .addresses import plain

LETTERS: Final = "abcdeghiklmnopqrstuvxyj"
MALFORMED: Final = ("0", "000000000000", "123456789", "KHONG CO", "CHUA CAP", "12345", "111111111")
FAMILY_SHORT: Final = {
    **{"Nguyễn": "Ng.", "Trần": "Tr.", "Phạm": "Ph.", "Phan": "Ph.", "Hoàng": "H.", "Huỳnh": "H."},
    **{"Trương": "Tr.", "Đặng": "Đ.", "Đỗ": "Đ.", "Lê": "L."},
}
KINDRED: Final = {"Hoàng": "Huỳnh", "Huỳnh": "Hoàng", "Vũ": "Võ", "Võ": "Vũ"}
_OLD_TONES: Final = "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy"
_NEW_TONES: Final = "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ"
_HOOK: Final = "ảẳẩẻểỉỏổởủửỷ"
_TILDE: Final = "ãẵẫẽễĩõỗỡũữỹ"


#: Divides a row's random numbers to give others.
TURN: Final = 1 << 18


def typo(text: pl.Expr, *, turn: int = 1) -> pl.Expr:
    """One letter replaced, left out, doubled or exchanged with the next."""
    r1, r2, r3 = (pl.col(name) // turn for name in ("r1", "r2", "r3"))
    place = r1 % text.str.len_chars()
    before, letter = text.str.slice(0, place), text.str.slice(place, 1)
    after, following = text.str.slice(place + 1), text.str.slice(place + 1, 1)
    table = dict(enumerate(LETTERS))
    other = (r3 % len(LETTERS)).replace_strict(table, return_dtype=pl.String)
    kind = r2 % 4
    return (
        pl.when(kind == 0)
        .then(pl.concat_str(before, other, after))
        .when(kind == 1)
        .then(pl.concat_str(before, after))
        .when(kind == 2)
        .then(pl.concat_str(before, letter, letter, after))
        .otherwise(pl.concat_str(before, following, letter, text.str.slice(place + 2)))
        .str.strip_chars()
    )


def tones_lost() -> pl.Expr:
    """Nguyễn Văn Hòa -> Nguyen Van Hoa."""
    return plain(pl.col("full_name"))


def tone_wrong() -> pl.Expr:
    """Hook and tilde exchanged, as they sound in the south; else the last word loses its mark."""
    name = pl.col("full_name")
    exchanged = name.str.replace_many(list(_HOOK + _TILDE), list(_TILDE + _HOOK))
    bare_end = pl.concat_str("family", "middle", plain(pl.col("given")), separator=" ")
    return pl.when(exchanged == name).then(bare_end.str.replace_all("  ", " ")).otherwise(exchanged)


def tone_style(text: pl.Expr) -> pl.Expr:
    """The other lawful place of the tone mark: hòa -> hoà."""
    return text.str.replace_many(_OLD_TONES.split(), _NEW_TONES.split())


def abbreviated() -> pl.Expr:
    """Ng. Văn Hùng, Nguyễn V. Hùng, Ng. V. Hùng or N.V. Hùng."""
    family = pl.col("family")
    short_family = family.replace(FAMILY_SHORT)
    short_family = (
        pl.when(short_family == family).then(family.str.slice(0, 1) + ".").otherwise(short_family)
    )
    initials = pl.col("middle").str.replace_all(r"(\p{L})[\p{L}']*", "$1.")
    tight = family.str.slice(0, 1) + "." + initials.str.replace_all(" ", "")
    kind = pl.col("r2") % 4
    whole = (
        pl.when((kind == 0) | (pl.col("middle") == ""))
        .then(pl.concat_str(short_family, "middle", "given", separator=" "))
        .when(kind == 1)
        .then(pl.concat_str("family", initials, "given", separator=" "))
        .when(kind == 2)
        .then(pl.concat_str(short_family, initials, "given", separator=" "))
        .otherwise(pl.concat_str(tight, "given", separator=" "))
    )
    return whole.str.replace_all("  ", " ", literal=True)


def middle_missing() -> pl.Expr:
    """Nguyễn Văn Hùng -> Nguyễn Hùng."""
    return pl.concat_str("family", "given", separator=" ")


def order_swapped() -> pl.Expr:
    """Nguyễn Văn Hùng -> Hùng Nguyễn Văn."""
    whole = pl.concat_str("given", "family", "middle", separator=" ")
    return whole.str.strip_chars()


def kindred() -> pl.Expr:
    """Hoàng -> Huỳnh, Vũ -> Võ and back."""
    whole = pl.concat_str(pl.col("family").replace(KINDRED), "middle", "given", separator=" ")
    return whole.str.replace_all("  ", " ", literal=True)


def digit_wrong(number: pl.Expr | None = None, *, turn: int = 1) -> pl.Expr:
    """One digit of the number replaced by another."""
    number = pl.col("number") if number is None else number
    r1, r2 = pl.col("r1") // turn, pl.col("r2") // turn
    place = r1 % number.str.len_chars()
    digit = number.str.slice(place, 1).cast(pl.Int64, strict=False).fill_null(0)
    other = ((digit + 1 + r2 % 9) % 10).cast(pl.String)
    return pl.concat_str(number.str.slice(0, place), other, number.str.slice(place + 1))


def digits_transposed() -> pl.Expr:
    """Two neighbouring digits exchanged."""
    number = pl.col("number")
    place = 3 + pl.col("r1") % (number.str.len_chars().cast(pl.Int64) - 4)
    pair = [number.str.slice(place + 1, 1), number.str.slice(place, 1)]
    return pl.concat_str(number.str.slice(0, place), *pair, number.str.slice(place + 2))


def malformed() -> pl.Expr:
    """What clerks type where a number is demanded."""
    table = dict(enumerate(MALFORMED))
    return (pl.col("r1") % len(MALFORMED)).replace_strict(table, return_dtype=pl.String)


def zeros_lost() -> pl.Expr:
    """As a spreadsheet leaves a number that began with zeros."""
    return pl.col("number").str.strip_chars_start("0")


def iso(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """yyyy-mm-dd."""
    two = [part.cast(pl.String).str.zfill(2) for part in (month, day)]
    return pl.concat_str(year.cast(pl.String), *two, separator="-")


def birth_parts() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Year, month and day of birth."""
    date = pl.col("born").cast(pl.Int32).cast(pl.Date)
    return date.dt.year(), date.dt.month().cast(pl.Int64), date.dt.day().cast(pl.Int64)


def birth_typo() -> pl.Expr:
    """Another day or another month."""
    year, month, day = birth_parts()
    other_day = iso(year, month, 1 + (day + pl.col("r1") % 26) % 28)
    other_month = iso(year, 1 + (month + pl.col("r1") % 11) % 12, pl.min_horizontal(day, 28))
    return pl.when(pl.col("r2") % 3 < 2).then(other_day).otherwise(other_month)


def day_month_swapped() -> pl.Expr:
    """05/09 for 09/05; unchanged where the day cannot be a month."""
    year, month, day = birth_parts()
    return pl.when(day <= 12).then(iso(year, day, month)).otherwise(iso(year, month, day))


def year_only() -> pl.Expr:
    """Only the year, as on old papers."""
    return birth_parts()[0].cast(pl.String)


def first_january() -> pl.Expr:
    """1 January of the year, as systems write that demand a day."""
    return iso(birth_parts()[0], pl.lit(1), pl.lit(1))


def year_wrong() -> pl.Expr:
    """A year or ten years off."""
    year, month, day = birth_parts()
    off = (pl.col("r1") % 4).replace_strict({0: 1, 1: -1, 2: 1, 3: 10}, return_dtype=pl.Int32)
    return iso(year - off, month, pl.min_horizontal(day, 28))


def birth_right() -> pl.Expr:
    """As the register has it: the day, or only the year."""
    year, month, day = birth_parts()
    return pl.when("year_only").then(year.cast(pl.String)).otherwise(iso(year, month, day))


def name_typo() -> pl.Expr:
    """A typing error somewhere in the name."""
    return typo(pl.col("full_name"))


def passport_or_number() -> pl.Expr:
    """What the holder shows: a passport, else the 12-digit number."""
    return pl.coalesce("passport", "number")
