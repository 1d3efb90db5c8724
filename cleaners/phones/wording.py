"""Numbers among other signs: labels, extensions, second numbers, letters typed for digits."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.phones.remarks import bit
from cleaners.text import tidy

__all__ = ["worded"]

_LABEL: Final = (
    r"^(?:(?:tel|telephone|phone|mobile|cell|fax|hotline|zalo|viber|đtdđ|dtdd|đt|dt|sđt|sdt|dđ|dd|m|t|p"
    r"|(?:số )?điện thoại|(?:so )?dien thoai|di động|di dong|số máy|so may|số|so)\s*[:.]?\s*)+"
    r"([0-9+(ol])"
)
_EXTENSION: Final = (
    r"\s*[,(]?\s*(?:số máy lẻ|máy lẻ|may le|số lẻ|so le|lẻ|nhánh|nhanh|ml|ext(?:ension)?|x|#)"
    r"\s*[.:]?\s*[0-9]{1,5}\s*\)?$"
)
# Two numbers: a break with at least eight digits before it, or two full numbers in a row.
_SEVERAL: Final = (
    r"^((?:[^0-9]*[0-9]){8,}?[^0-9]*?)(?:[/;,|&]|\s-\s| hoặc | hoac | or | và | va ).*[0-9]"
)
_SIDE_BY_SIDE: Final = r"^(0[35789](?:[ .-]?[0-9]){8}|02(?:[ .-]?[0-9]){9})\s+\+?[0-9][0-9 .-]{7,}$"
_TYPED: Final = r"^[0-9oli|+() .\-/]*[oli|][0-9oli|+() .\-/]*$"


def worded(raw: pl.Series) -> pl.DataFrame:
    """Take a number out of its surroundings.

    Args:
        raw: text that is no plain number.

    Returns:
        digits (digits with or without a plus sign, null for blank text) and removed (bits of the
        issues that this leaves, if a number it is).
    """
    text, bare, first = pl.col("text"), pl.col("bare"), pl.col("first")
    typed = text.str.replace_many(["o", "l", "i", "|"], ["0", "1", "1", "1"])
    signed = pl.col("number").str.replace(r"^\s*\(?\+", "P").str.replace_all("[^0-9P]", "")
    return (
        raw.alias("raw").to_frame().lazy()
        .select(text=tidy("raw").str.to_lowercase())
        .select(bare=text.str.replace(r"^([0-9]+)\.0+$", "$1").str.replace(_LABEL, "$1"))
        .with_columns(text=bare.str.replace(_EXTENSION, ""))
        .with_columns(
            first=pl.coalesce(text.str.extract(_SEVERAL), text.str.extract(_SIDE_BY_SIDE), text)
        )
        .select(
            has_extension=text != bare, is_several=first != text, text=first,
            is_typed=first.str.contains(_TYPED) & first.str.contains("[0-9].*[0-9].*[0-9]"),
        )
        .with_columns(number=pl.when("is_typed").then(typed).otherwise(text))
        .select(
            digits=signed.str.replace("P", "+", literal=True),
            removed=bit("extension_removed", pl.col("has_extension"))
            + bit("several_numbers", pl.col("is_several"))
            + bit("typed_letters", pl.col("is_typed"))
            + bit("text_removed", ~pl.col("is_typed") & text.str.contains(r"\p{L}")),
        )
        .collect()
    )  # fmt: skip
