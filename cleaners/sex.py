"""Sex as registries code it, to ``male`` or ``female``.

Words and letters are clear (Nam, Nữ, M, F, trai, gái). The digits 0 and 1 are used with both
polarities, so they mean nothing until the caller says what 1 is.

>>> import polars as pl
>>> frame = pl.DataFrame({"sex": ["Nam", "NỮ", "1", None]})
>>> frame.select(clean("sex", one_is="male")).unnest("sex")["value"].to_list()
['male', 'female', 'male', None]
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from cleaners.issues import collect
from cleaners.staged import staged
from cleaners.text import fold

__all__ = ["clean"]

_FIELDS: dict[str, pl.DataType] = {"value": pl.String(), "issues": pl.List(pl.String())}
_WORDS = {
    **dict.fromkeys(("nam", "m", "male", "trai", "ong", "nam gioi", "con trai"), "male"),
    **dict.fromkeys(("nu", "f", "female", "gai", "ba", "nu gioi", "con gai", "n u"), "female"),
}
_OTHER = {"male": "female", "female": "male"}


def clean(column: str | pl.Expr, *, one_is: Literal["male", "female"] | None = None) -> pl.Expr:
    """Clean a sex column.

    Args:
        column: a String column.
        one_is: what the digit 1 means; 0 is then the other. None: digits are not understood.

    Returns:
        A struct named after the column: value (male, female, null), issues (``ambiguous_sex`` for
        0 and 1 without a stated polarity, ``unreadable_sex`` for anything else).
    """
    digits = {} if one_is is None else {"1": one_is, "0": _OTHER[one_is]}
    known = {**_WORDS, **digits}

    def stages(raw: pl.LazyFrame) -> pl.LazyFrame:
        folded, value = pl.col("folded"), pl.col("value")
        is_digit = folded.is_in(["0", "1"])
        found = folded.replace_strict(known, default=None, return_dtype=pl.String)
        return (
            raw.with_columns(folded=fold(pl.col("raw").str.replace(r"^\s*([01])\.0+\s*$", "$1")))
            .with_columns(value=found)
            .with_columns(
                collect(
                    ambiguous_sex=value.is_null() & is_digit,
                    unreadable_sex=value.is_null() & folded.is_not_null() & ~is_digit,
                )
            )
        )

    return staged(column, stages, _FIELDS, distinct=True)
