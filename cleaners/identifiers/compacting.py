"""The text work under every scheme: separators out, capitals, and what spreadsheets do to numbers.

One table of characters drives the scalar and the column form, so that they cannot disagree: it
does not lean on what Python and polars each think an upper-case letter or a space is. Full-width
letters and digits (``１２３``) become plain ones; digits of other scripts stay and fail.

>>> squeeze(" 001.090-001 234 "), squeeze("29-mđ1 123.45"), squeeze("３０Ａ")
('001090001234', '29MĐ112345', '30A')
"""

from __future__ import annotations

import string
from functools import partial

import polars as pl

__all__ = [
    "SAME_DIGIT",
    "compacted",
    "digits_for_letters",
    "judged",
    "numbered",
    "prepared",
    "squeeze",
]

_INVISIBLE = "".join(map(chr, [0, *range(9, 14), 0x85, 0xA0, 0xAD, 0x202F, 0x3000, 0xFEFF]))
_INVISIBLE += "".join(map(chr, [*range(0x2000, 0x2010), *range(0x2028, 0x202F), 0x2060]))
_DASHES = "‐‑‒–—―−"
# The quotes and the equals sign stand around numbers that were protected from a spreadsheet.
_SEPARATORS = " .-_/,'’‘`\"“”=" + _DASHES + _INVISIBLE
_FULL_WIDTH = {chr(0xFEE0 + ord(c)): c.upper() for c in string.digits + string.ascii_letters}
_TABLE = {
    **dict.fromkeys(_SEPARATORS, ""),
    **{c: c.upper() for c in string.ascii_lowercase + "đ"},
    **_FULL_WIDTH,
    "．": "",
    "－": "",
}
_ASCII = {sign: to for sign, to in _TABLE.items() if sign.isascii()}
_OTHERS = {sign: to for sign, to in _TABLE.items() if not sign.isascii()}
_TRANSLATION = str.maketrans(_TABLE)
_NEEDS_COMPACTING = r"[^0-9A-Z]"
_TYPED = {"O": "0", "I": "1", "L": "1"}
_FLOAT_RESIDUE = r"^\s*([0-9]+)\.0+$"
_PREPARED = pl.Struct({"number": pl.String(), "is_typed": pl.Boolean(), "is_lost": pl.Boolean()})

#: Compact text of one repeated digit: nobody's number.
SAME_DIGIT = [digit * length for digit in string.digits for length in range(4, 21)]


def squeeze(text: str) -> str:
    """Remove separators and invisible characters, put letters in upper case.

    >>> squeeze('="001190012345"')
    '001190012345'
    """
    return text.translate(_TRANSLATION)


def compacted(frame: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Add number: the compact text of a column; the twin of ``squeeze``.

    What needs no repair is null while the rest is repaired: nulls cost little.
    """
    text, odd, plain = pl.col(column), pl.col("_odd"), pl.col("_plain")
    foreign = pl.when(plain.str.len_bytes() != plain.str.len_chars()).then(plain)
    return (
        frame.with_columns(_odd=pl.when(text.str.contains(_NEEDS_COMPACTING)).then(text))
        .with_columns(_plain=odd.str.replace_many(list(_ASCII), list(_ASCII.values())))
        .with_columns(_foreign=foreign.str.replace_many(list(_OTHERS), list(_OTHERS.values())))
        .with_columns(number=pl.coalesce("_foreign", plain, text))
        .drop("_odd", "_plain", "_foreign")
    )


def numbered(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Add number: the compact text of ``raw``, null for blank."""
    number = pl.col("number")
    return compacted(raw, "raw").with_columns(number=pl.when(number != "").then(number))


def digits_for_letters(text: pl.Expr) -> pl.Expr:
    """Digits for the capitals O, I and L."""
    return text.str.replace_many(list(_TYPED), list(_TYPED.values()))


def prepared(raw: pl.LazyFrame, *, is_good: pl.Expr) -> pl.LazyFrame:
    """Add compact text to judge; plain digits, most of any column, cost one look each.

    Args:
        raw: with the column ``raw``.
        is_good: whether digits are to be taken for O, I and L; over the columns number (compact
            text) and fixed (the same with digits in their place).

    Returns:
        The frame with number (no spreadsheet's ``.0``; null for blank), is_typed (digits were
        taken for letters) and is_lost (a spreadsheet's 7.9E+10), both null for plain digits.
    """
    work = partial(judged, is_good=is_good)
    # Not elementwise: the engine would hand it over in small pieces, at twice the cost.
    done = pl.col("raw").map_batches(work, return_dtype=_PREPARED)
    return raw.with_columns(done.alias("done")).unnest("done")


def judged(text: pl.Series, is_good: pl.Expr) -> pl.Series:
    """The work of ``prepared``: only what is not plain digits is taken out, repaired, put back."""
    is_odd = ~text.str.contains("^[0-9]+$").fill_null(value=True)
    odd = _repaired(text.filter(is_odd).alias("raw").to_frame(), is_good)
    place = pl.when(is_odd).then(is_odd.cast(pl.Int64).cum_sum() - 1)
    number, *flags = (pl.lit(odd[name]).gather(place) for name in odd.columns)
    done = pl.select([pl.when(is_odd).then(number).otherwise(text).alias("number"), *flags])
    return done.to_struct()


def _repaired(odd: pl.DataFrame, is_good: pl.Expr) -> pl.DataFrame:
    """The columns of ``prepared`` for values that are not plain digits."""
    text, number, fixed = pl.col("raw"), pl.col("number"), pl.col("fixed")
    residue = pl.when(text.str.ends_with("0")).then(text).str.extract(_FLOAT_RESIDUE)
    lazy = compacted(odd.lazy().with_columns(raw=pl.coalesce(residue, text)), "raw")
    done = lazy.with_columns(fixed=digits_for_letters(number)).with_row_index("row").collect()
    typed = done.filter(number != fixed).filter(is_good)["row"]
    return done.with_columns(is_typed=pl.col("row").is_in(typed.implode())).select(
        number=pl.when("is_typed").then(fixed).when(number != "").then(number),
        is_typed="is_typed",
        is_lost=number.str.contains("E+", literal=True),
    )
