"""Odd ways to write a date, rewritten step by step into a plain one.

The steps leave marks (``is_serial``, ``is_lunar``, ...) that become issues.
"""

from __future__ import annotations

import datetime
from typing import Final, Literal

import polars as pl

from cleaners.text import only_where, tidy

__all__ = ["MARKS", "PLAIN", "DateOrder", "ExcelEpoch", "rewritten"]

DateOrder = Literal["dmy", "mdy"]
ExcelEpoch = Literal[1900, 1904]

#: What rewriting can remark on.
MARKS: Final = (
    "is_unknown", "is_short", "is_serial", "is_lunar", "is_near", "is_typed", "is_utc", "is_fixed",
)  # fmt: skip
#: Texts that need no rewriting.
PLAIN: Final = (
    r"^(?:[0-3]?[0-9][-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|(?:1[89]|2[01])[0-9]{2})$"
)
_EPOCHS: Final = {1900: datetime.date(1899, 12, 30), 1904: datetime.date(1904, 1, 1)}
_CENTURIES: Final = r"(?:1[89]|2[01])"
_MIDNIGHT_IN_UTC: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}t17:00(?::00(?:\.0+)?)?(?:z|[+-]00:?00)$"
_CLOCK: Final = (
    r"[0-9]{1,2}(?:[:h][0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?|h| giờ(?: [0-9]{1,2}(?: phút)?)?)"
)
_TIME_BEHIND: Final = (
    rf"(?:t|,?\s+(?:lúc )?){_CLOCK}['’p]?\s*(?:am|pm|sa|ch)?\s*"
    r"(?:z|utc|gmt|ict|[+-][0-9]{2}:?[0-9]{2})?$"
)
_TIME_BEFORE: Final = rf"^(?:lúc )?{_CLOCK}['’p]?\s*(?:am|pm|sa|ch)?(?:\s*,\s*|\s+)"
# Java writes "Mon Mar 12 00:00:00 ICT 1990".
_TIME_WITHIN: Final = r" [0-9]{2}:[0-9]{2}:[0-9]{2}(?: [a-z]{3,4}(?:[+-][0-9]{2}:?[0-9]{2})?)? "
_WEEKDAY: Final = (
    r"^(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chủ nhật|cn"
    r"|(?:mon|tues?|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?)[,.]?\s+"
)
_LABELS: Final = (
    r"^(?:(?:ngày|ngay|tháng|thang|năm|nam|sinh|đẻ|sn|n\.s\.?|ns|dob|born|on)\b\s*[:.,]?\s*)+"
)
_NEARLY: Final = r"^(?:khoảng|khoang|chừng|ước|uoc|tầm|trước|sau|about|circa|ca\.|~|≈)\s*"
_LUNAR: Final = r"\s*[(\[]?\s*(?:âm lịch|am lich|lịch âm|âl|\bal)\s*[)\]]?$"
_SOLAR: Final = r"\s*[(\[]?\s*(?:dương lịch|duong lich|dl)\s*[)\]]?$"
_NOTHING: Final = (
    r"^(?:[x?*_/.,\- 0]*[x?*_\-0][x?*_/.,\- 0]*|unknown|n/a|na|null|none|nan|nat|không|khong"
    r"|(?:không|khong|ko|k|chưa|chua) (?:rõ|ro|biết|biet|có|co))$"
)
_BLANK: Final = r"(?:[x?*_…]{1,4}|-{1,2}|\.{2,3})"
_WITH_BLANKS: Final = (
    rf"^([0-9]{{1,2}}|{_BLANK}|)\s*[-/., ]\s*([0-9]{{1,2}}|{_BLANK}|)\s*[-/., ]\s*([0-9]{{4}})$"
)
_BETWEEN: Final = r"(?:\s|tháng|thang|thg|năm|nam|ngày|ngay|[-/.,\\_|])+"
_MONTHS: Final = {
    **{"jan": "01", "feb": "02", "mar": "03", "apr": "04", "may": "05", "jun": "06"},
    **{"jul": "07", "aug": "08", "sep": "09", "oct": "10", "nov": "11", "dec": "12"},
}
_ROMANS: Final = dict(
    zip(
        ("viii", "xii", "vii", "iii", "iv", "ix", "xi", "vi", "ii", "i", "v", "x"),
        ("08", "12", "07", "03", "04", "09", "11", "06", "02", "01", "05", "10"),
        strict=True,
    )
)
_ROMAN: Final = r"^([0-9]{1,2}\s*[-/. ]\s*)([ivx]{1,4})(\s*[-/. ]\s*[0-9]{4})$"
_DASHES: Final = ["‐", "‑", "‒", "–", "—", "―", "−", "﹣", "⁄", "∕"]


def _loosened(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Lower case, no quotes; marks for lunar, approximate and UTC-midnight dates."""
    lowered = (
        tidy("raw").str.to_lowercase().str.replace_many(_DASHES, ["-"] * 8 + ["/"] * 2)
        .str.strip_chars("'\"=`´‘’“” ,;")
        .str.replace(r"^([0-9]{4,8})\.0+$", "$1").str.replace(r"^([0-9]{5})\.[0-9]+$", "$1")
    )  # fmt: skip
    text = pl.col("text")
    day = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False) + pl.duration(days=1)
    return (
        frame.with_columns(text=lowered)
        .with_columns(
            is_blank=text.is_null() | (text == ""),
            is_unknown=text.str.contains(_NOTHING),
            is_utc=text.str.contains(_MIDNIGHT_IN_UTC),
            is_lunar=text.str.contains(_LUNAR),
            is_near=text.str.contains(_NEARLY),
        )
        .with_columns(
            text=pl.when("is_utc")
            .then(day.dt.strftime("%Y/%m/%d"))
            .otherwise(
                text.str.replace(_LUNAR, "").str.replace(_SOLAR, "").str.replace(_NEARLY, "")
            )
        )
    )


def _without_words(text: pl.Expr) -> pl.Expr:
    """No weekday, no time of day, no labels."""
    return (
        text.str.replace(_WEEKDAY, "")
        .str.replace(_TIME_BEHIND, "")
        .str.replace(_TIME_BEFORE, "")
        .str.replace(_TIME_WITHIN, " ")
        .str.replace(_LABELS, "")
        .str.strip_chars(" ,;:()[]")
    )


def _months_as_numbers(text: pl.Expr) -> pl.Expr:
    """Names of months and Roman numerals as two digits, the day in front."""
    short = (
        text.str.replace(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?", "$1")
        .str.replace(r"^([a-z]{3})[-/., ]+([0-9]{1,2})(?:st|nd|rd|th)?[-/., ]+([0-9]{4})$", "$2/$1/$3")
        .str.replace(r"^([a-z]{3})[-/., ']+([0-9]{4}|[0-9]{2})$", "00/$1/$2")
        .str.replace(r"^([0-9]{1,2})(?:st|nd|rd|th)\b", "$1")
        .str.replace(r"\b(?:thg|th|t)\.?\s*([0-9]{1,2})\b", "/$1")
    )  # fmt: skip
    named = only_where(
        short,
        lambda t: t.str.contains("[a-z]{3}"),
        lambda t: t.str.replace_many(list(_MONTHS), list(_MONTHS.values())),
    )
    return only_where(
        named,
        lambda t: t.str.contains(_ROMAN),
        lambda t: t.str.replace_many(list(_ROMANS), list(_ROMANS.values()), leftmost=True),
    )


def _blanks_as_zero(text: pl.Expr) -> pl.Expr:
    """``xx/03/1990`` and ``--/--/1990``: zeros where nothing is known."""

    def fill(expr: pl.Expr) -> pl.Expr:
        parts = expr.str.extract_groups(_WITH_BLANKS)
        known = [parts.struct[n].str.extract("^([0-9]+)$").fill_null("00") for n in (0, 1)]
        return pl.concat_str(*known, parts.struct[2], separator="/")

    def has_blanks(expr: pl.Expr) -> pl.Expr:
        return expr.str.contains(_WITH_BLANKS) & ~expr.str.contains(PLAIN)

    return only_where(text, has_blanks, fill)


def _serial(text: pl.Expr, epoch: ExcelEpoch) -> pl.Expr:
    """The date of a five-digit spreadsheet serial, as text."""
    days = pl.when(text.str.contains(r"^[1-9][0-9]{4}$")).then(text).cast(pl.Int64, strict=False)
    return (pl.lit(_EPOCHS[epoch]) + pl.duration(days=days)).dt.strftime("%Y/%m/%d")


def _digits_parted(text: pl.Expr, order: DateOrder) -> pl.Expr:
    """Slashes into dates written as digits alone, and zeros for a day or month not given."""
    first_two = "([0-3][0-9])([0-3][0-9])" if order == "dmy" else "([01][0-9])([0-3][0-9])"
    short = "([0-2][0-9]|3[01])(0[1-9]|1[0-2])" if order == "dmy" else "(0[1-9]|1[0-2])([0-3][0-9])"
    year_month = rf"^({_CENTURIES}[0-9]{{2}})(0[1-9]|1[0-2])$"
    twofold = text.str.contains(year_month) & text.str.contains(rf"^{short}[0-9]{{2}}$")
    return (
        pl.when(~twofold).then(
            text.str.replace(rf"^({_CENTURIES}[0-9]{{6}})[0-9]{{4}}(?:[0-9]{{2}})?$", "$1")
            .str.replace(
                rf"^({_CENTURIES}[0-9]{{2}})(0[0-9]|1[0-2])([0-2][0-9]|3[01])$", "$1/$2/$3")
            .str.replace(rf"^{first_two}({_CENTURIES}[0-9]{{2}})$", "$1/$2/$3")
            .str.replace(year_month, "$1/$2/00")
            .str.replace(rf"^(0[1-9]|1[0-2])({_CENTURIES}[0-9]{{2}})$", "$2/$1/00")
            .str.replace(rf"^{short}([0-9]{{2}})$", "$1/$2/$3")
            .str.replace(r"^([0-9]{1,2})/([0-9]{4})$", "$2/$1/00")
            .str.replace(r"^([0-9]{4})/([0-9]{1,2})$", "$1/$2/00")
        )
    )  # fmt: skip


def rewritten(frame: pl.LazyFrame, order: DateOrder, epoch: ExcelEpoch) -> pl.LazyFrame:
    """Odd forms as plain text, with marks for what was done."""
    text, words = pl.col("text"), pl.col("words")
    letters = pl.col("parted").str.contains(r"^[0-9oli|/]*[oli|][0-9oli|/]*$")
    typed = pl.col("parted").str.replace_many(["o", "l", "i", "|"], ["0", "1", "1", "1"])
    two_digit_year_first = r"^(3[2-9]|[4-9][0-9])/([0-9]{1,2})/([0-3]?[0-9])$"
    return (
        _loosened(frame)
        .with_columns(words=_without_words(text))
        .with_columns(named=_blanks_as_zero(_months_as_numbers(words)))
        .with_columns(
            parted=pl.col("named").str.replace_all(_BETWEEN, "/").str.strip_chars("/"),
            is_fixed=words.str.contains(r"\p{L}{3}") | words.str.contains(_ROMAN),
        )
        .with_columns(
            text=pl.when(letters).then(typed).otherwise("parted"),
            is_typed=letters,
        )
        .with_columns(
            is_short=text.str.contains(r"^[0-9]{7}$"), is_serial=text.str.contains(r"^[1-9][0-9]{4}$")
        )
        .with_columns(text=pl.when("is_short").then(pl.lit("0") + text).otherwise(text))
        .with_columns(
            text=pl.coalesce(_serial(text, epoch), _digits_parted(text, order))
            .str.replace(two_digit_year_first, "$3/$2/$1"),
            is_fixed=pl.col("is_fixed") | text.str.contains(two_digit_year_first),
        )
    )  # fmt: skip
