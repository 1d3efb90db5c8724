"""What stands below the ward: house, alley, street, hamlet, residential group.

Works on the distinct heads of addresses, folded (``so 12/3a ngo 45 duong le loi,to 5``). Words are
folded too: ``ap`` is ấp, ``ban`` is bản. A word inside a name is not taken for a hamlet: it has to
open a part, or to follow a number.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from cleaners.text import fold, only_where

__all__ = [
    "AFTER_HOUSE",
    "ALLEY",
    "ENGLISH_STREET",
    "FIELDS",
    "GROUPS",
    "HAMLET",
    "HOUSE",
    "LONG",
    "NO_STREET",
    "STREET",
    "read",
]

FIELDS: Final = ("detail", "house", "street", "alley", "hamlet", "group")

_NUMBER: Final = r"(\d+[a-z]?(?: ?[/-] ?\d+[a-z]?)*)(?:\b|$)"
HOUSE: Final = rf"(?:^|\b(?:so nha|nha so|so|sn|nha) ?){_NUMBER}"
LONG: Final = {"to dan pho": "tdp", "khu pho": "kp", "to nhan dan": "tdp", "thanh pho": "tp"}
# Words that open something else, where a name ends if no comma stands there.
_NEXT: Final = (
    r"(?:,|$| (?:so|sn|to|tdp|kp|khu|cum|doi|ngo|ngach|hem|kiet|duong|pho|thon|xom|ap|khom|"
    r"quoc lo|ql|tinh lo) ?[0-9]| (?:thon|xom|ap|khom|duong|pho) [a-z])"
)
_HAMLETS: Final = (
    "thon|xom|ap|ban|buon|lang|khom|plei|ploi|bon|phum|soc|khu dan cu|kdc|hamlet|village"
)
HAMLET: Final = rf"(?:^|,|\d[a-z]?) ?(?:{_HAMLETS}) +([a-z0-9][^,]*?){_NEXT}"
_ALLEYS: Final = "ngo|ngach|hem|kiet|alley|lane"
ALLEY: Final = rf"\b(?:{_ALLEYS})(?: so)? ?(\d+[a-z]?(?:/\d+[a-z]?)*)"
GROUPS: Final = (
    r"\b(?:tdp|to)(?: so)? ?(\d+[a-z]?)\b",
    r"\b(?:kp|khu|khom)(?: so)? ?(\d+[a-z]?)\b",
)
_STREETS: Final = "duong|pho|dai lo|d|quoc lo|ql|tinh lo|tl|huong lo|dt"
STREET: Final = rf"(?:^|[ ,])(?:{_STREETS}) ([a-z0-9][^,]*?){_NEXT}"
AFTER_HOUSE: Final = (
    r"^(?:(?:so nha|nha so|so|sn|nha) ?)?\d+[a-z]?(?:[/ -]\d+[a-z]?)*[ ,]+"
    rf"([a-z][a-z]+(?: [a-z0-9]+)*?){_NEXT}"
)
NO_STREET: Final = (
    rf"^(?:to|tdp|kp|khu|cum|doi|so|sn|{_HAMLETS}|{_ALLEYS}|{_STREETS}|phuong|xa|quan|huyen|tx|"
    r"thi|tt|tp|tinh|lo|chung|can|toa|tang|block)(?: |$|\d)"
)
ENGLISH_STREET: Final = r" (?:street|str|st|road|rd|avenue|ave|boulevard|blvd)$"


def _street() -> pl.Expr:
    """The street behind its word (``named``), or without one right behind the house number."""
    unnamed = pl.when(pl.col("named").is_null()).then("short")
    bare = unnamed.str.extract(AFTER_HOUSE).str.replace(ENGLISH_STREET, "")
    return pl.coalesce("named", pl.when(~bare.str.contains(NO_STREET)).then(bare))


def _plain() -> pl.Expr:
    """The head without commas and slashes."""
    spaces = {", ": " ", ",": " ", "/": " "}
    plain = pl.col("head").str.replace_many(list(spaces), list(spaces.values()), leftmost=True)
    single = only_where(
        plain,
        lambda expr: (
            expr.str.contains("  ", literal=True)
            | expr.str.starts_with(" ")
            | expr.str.ends_with(" ")
        ),
        lambda expr: expr.str.replace_all("  +", " ").str.strip_chars(" "),
    )
    return pl.when(single != "").then(single)


def read(heads: pl.LazyFrame) -> pl.LazyFrame:
    """Read distinct heads.

    Args:
        heads: a column ``head``: text before the ward, any writing.

    Returns:
        The frame with ``FIELDS``, all folded: detail (everything), house, street (name), alley
        (number of ngõ, ngách, hẻm or kiệt), hamlet (name of thôn, xóm, ấp, bản …) and group
        (number of the tổ or khu phố). ``head`` comes back folded.
    """
    short, named, fields = _steps()
    return (
        heads.with_columns(head=fold("head", keep=",/"))
        .with_columns(short)
        .with_columns(named)
        .with_columns(fields)
        .drop("short", "named")
    )


@cache
def _steps() -> tuple[list[pl.Expr], pl.Expr, list[pl.Expr]]:
    """Whole head and the one in short words; the street behind its word; the other fields."""
    short = only_where(
        "head",
        lambda expr: expr.str.contains_any(list(LONG)),
        lambda expr: expr.str.replace_many(list(LONG), list(LONG.values())),
    )
    text = pl.col("short")
    house = pl.col("head").str.extract(HOUSE).str.replace_all(" ", "", literal=True)
    return (
        [_plain().alias("detail"), short.alias("short")],
        text.str.extract(STREET).alias("named"),
        [
            house.alias("house"),
            _street().alias("street"),
            text.str.extract(ALLEY).alias("alley"),
            text.str.extract(HAMLET).alias("hamlet"),
            pl.coalesce(*(text.str.extract(pattern) for pattern in GROUPS)).alias("group"),
        ],
    )
