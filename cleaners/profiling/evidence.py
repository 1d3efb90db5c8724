"""How convincingly one value is of one kind, from 0 to 1, as expressions on its cleaned form.

A frame under test has two columns: ``raw`` (String) and ``c`` (the cleaner's struct). The cleaners
accept doubtful values and flag them; evidence is stricter, since a value that many kinds would take
proves little.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from cleaners import reference
from cleaners.text import fold

__all__ = ["has", "part", "weigh"]

_FAMILIES = """
    nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý lí đinh trương
    trịnh đào mai lâm lương vương hà cao châu tạ thái triệu đoàn đàm la lưu quách tăng tô tống
    nghiêm phùng kiều tôn mạc hứa khuất bạch âu lại chu thạch kim sơn vi nông bế văn thân nhữ
    giang quan hầu lò giàng sùng vàng thào lầu y rơ ksor siu kpă niê danh trang từ thi viên cù
    cung ninh khương
"""
_YEARS = (1900, 2100)


@lru_cache(maxsize=1)
def _families() -> tuple[list[str], list[str]]:
    """Common family names as written, and folded."""
    toned = pl.Series("name", _FAMILIES.split())
    return toned.to_list(), toned.to_frame().select(fold("name"))["name"].unique().to_list()


def part(name: str) -> pl.Expr:
    """A field of the cleaned struct."""
    return pl.col("c").struct.field(name)


def has(*codes: str) -> pl.Expr:
    """Whether the cleaned value carries one of these issues."""
    return pl.any_horizontal([part("issues").list.contains(code) for code in codes])


def weigh(*cases: tuple[pl.Expr, float], otherwise: float = 0.0) -> pl.Expr:
    """The weight of the first condition that holds."""
    weight: pl.Expr = pl.lit(otherwise)
    for condition, held in reversed(cases):
        weight = pl.when(condition.fill_null(value=False)).then(held).otherwise(weight)
    return weight


def _provinces() -> list[str]:
    """Two-digit codes of the 63 provinces."""
    return reference.provinces()["old_code"].to_list()


def _digits() -> pl.Expr:
    """The digits of the raw value."""
    return pl.col("raw").str.replace_all("[^0-9]", "")


def person_name() -> pl.Expr:
    """A known family name in front, or an organisation."""
    first = part("tone").str.extract(r"^(\S+)")
    toned, plain = _families()
    is_plain = part("tone") == part("fold")
    known = first.is_in(toned) | (is_plain & first.is_in(plain))
    words = part("fold").str.count_matches(" ") + 1
    written = ~pl.col("raw").str.contains("[0-9,;/]")
    return weigh(
        (part("subject") == "organisation", 1.0),
        (known & words.is_between(2, 8) & written, 1.0),
        (written & words.is_between(2, 5) & (part("subject") == "person"), 0.3),
    )


def personal_id() -> pl.Expr:
    """Twelve digits with a known place and a century that has come; old numbers prove less."""
    odd = has("unknown_province", "impossible_century")
    return weigh(
        ((part("kind") == "personal_number") & ~odd, 1.0),
        (part("kind") == "personal_number", 0.2),
        ((part("kind") == "cmnd") & ~has("leading_zero_lost"), 0.7),
        (part("kind") == "cmnd", 0.2),
        (part("kind") == "passport", 0.2),
    )


def licence_number() -> pl.Expr:
    """Twelve digits with a known province, a century and a likely year of the test."""
    year = part("year_digits").cast(pl.Int32, strict=False)
    good = (part("kind") == "pet") & ~has("unknown_province", "impossible_century")
    return weigh(
        (good & ~year.is_between(41, 69), 1.0),
        (good, 0.4),
        (part("kind") == "paper", 0.2),
        (part("kind") == "pet", 0.2),
    )


def insurance_number() -> pl.Expr:
    """Ten digits that begin with a province."""
    known = part("value").str.head(2).is_in(_provinces())
    return weigh(
        ((part("kind") == "number") & has("leading_zero_lost"), 0.3),
        ((part("kind") == "number") & known, 0.9),
        (part("kind") == "number", 0.3),
        (part("kind") == "card", 0.6),
        (part("kind") == "personal_number", 0.3),
    )


def tax_code() -> pl.Expr:
    """A check digit that agrees; one random number in eleven has that too."""
    return weigh(
        ((part("kind") == "tax_code") & ~has("leading_zero_lost"), 1.0),
        (part("kind") == "tax_code", 0.3),
        (part("kind") == "personal_number", 0.2),
    )


def phone() -> pl.Expr:
    """A mobile or a landline number with its zero or country code."""
    bare = has("leading_zero_lost")
    return weigh(
        ((part("kind") == "mobile") & ~bare, 1.0),
        (part("kind") == "mobile", 0.8),
        ((part("kind") == "landline") & ~bare, 1.0),
        (part("kind").is_in(["landline", "foreign"]), 0.3),
        ((part("kind") == "service") & (_digits().str.len_bytes() >= 8), 0.5),
    )


def date() -> pl.Expr:
    """Day, month and year; a bare year or a spreadsheet's serial proves less."""
    year_fits = part("year").is_between(*_YEARS)
    serial = has("excel_serial")
    written = part("precision") == "day"
    return weigh(
        (serial & year_fits, 0.35),
        (written & has("leading_zero_lost"), 0.3),
        (written & year_fits, 1.0),
        ((part("precision") == "month") & year_fits, 0.6),
        ((part("precision") == "year") & year_fits, 0.5),
    )


def sex() -> pl.Expr:
    """A word or letter for a sex; digits prove little."""
    digit = pl.col("raw").str.contains(r"^\s*[0-9](?:\.0)?\s*$")
    return weigh((part("value").is_not_null() & ~digit, 1.0), (digit, 0.3))


def address() -> pl.Expr:
    """A ward that exists, or a province."""
    candidates = part("ward_candidates").list.len() > 0
    return weigh((candidates, 1.0), (part("province").is_not_null(), 0.9))


def plate() -> pl.Expr:
    """A civil plate of a province; other forms are short codes that much else fits."""
    known = (part("kind") == "civil") & ~has("unknown_province")
    return weigh(
        (known & ~has("unusual_series"), 1.0), (known, 0.5), (part("kind").is_not_null(), 0.3)
    )


def chassis() -> pl.Expr:
    """Seventeen letters and digits; a short number of both proves little."""
    mixed = part("value").str.contains("[A-Z]") & part("value").str.contains("[0-9]")
    return weigh(
        ((part("kind") == "vin") & mixed, 1.0), (mixed & (part("value").str.len_bytes() >= 8), 0.25)
    )


def engine() -> pl.Expr:
    """Letters and digits, which much else has too: the column's name must say it."""
    mixed = part("value").str.contains("[A-Z]") & part("value").str.contains("[0-9]")
    return weigh((mixed & (part("value").str.len_bytes() >= 7), 0.25))


def insurance_card() -> pl.Expr:
    """Two letters and thirteen digits."""
    return weigh((part("value").is_not_null(), 1.0))


def passport() -> pl.Expr:
    """One letter and seven or eight digits; two letters in front are common in other codes."""
    value = part("value")
    return weigh(
        (value.str.contains(r"^[A-Z][0-9]{7,8}$"), 0.5),
        (value.str.contains(r"^[A-Z]{2}[0-9]{6,7}$"), 0.2),
    )
