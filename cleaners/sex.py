"""Sex as registries code it, to ``male`` or ``female``.

Words and letters are clear (Nam, Nữ, M, F, trai, gái), also behind a label (GT: Nam) and where the
ữ was lost (N?), for Nam has no letter to lose. Digits are not: 0 and 1 are used with both
polarities, 1 and 2 in other places, so they mean nothing until the caller says what 1 is. The
letter N alone can be either.

>>> import polars as pl
>>> frame = pl.DataFrame({"sex": ["Nam", "NỮ", "1", None]})
>>> frame.select(clean("sex", one_is="male")).unnest("sex")["value"].to_list()
['male', 'female', 'male', None]
>>> codes = {"1": "male", "2": "female"}
>>> frame.select(clean("sex", codes=codes)).unnest("sex")["value"].to_list()
['male', 'female', 'male', None]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from cleaners.issues import collect
from cleaners.staged import staged
from cleaners.text import fold, tidy

__all__ = ["Sex", "clean"]

Sex = Literal["male", "female"]

_FIELDS: dict[str, pl.DataType] = {"value": pl.String(), "issues": pl.List(pl.String())}
_MALE = "nam m male man boy trai ong mr|nam gioi|con trai|be trai|dan ong"
_FEMALE = "nu f female woman girl gai ba mrs ms|nu gioi|con gai|be gai|phu nu|dan ba|n u"
_OTHER: dict[Sex, Sex] = {"male": "female", "female": "male"}
# What two offices mean differently, unless the caller says what it is here.
_AMBIGUOUS = ["0", "1", "2", "true", "false", "n"]
_LOST = r"^\s*[nN][?\x{FFFD}]{1,3}\s*$"


def _spellings(words: str, sex: Sex) -> dict[str, Sex]:
    single, *phrases = words.split("|")
    return dict.fromkeys((*single.split(), *phrases), sex)


_WORDS = {**_spellings(_MALE, "male"), **_spellings(_FEMALE, "female")}


def _stated(one_is: Sex | None, codes: Mapping[str, Sex] | None) -> dict[str, Sex]:
    """The caller's codes, folded like the column will be."""
    digits: dict[str, Sex] = {}
    if one_is is not None:
        digits = {"1": one_is, "0": _OTHER[one_is], "true": one_is, "false": _OTHER[one_is]}
    given = dict(codes or {})
    if wrong := set(given.values()) - set(_OTHER):
        message = (
            f"expected codes for male and female, found {len(wrong)} other"
            ' meanings; try: {"1": "male", "2": "female"}'
        )
        raise ValueError(message)
    table = pl.DataFrame({"code": list(given), "sex": list(given.values())},
                         schema={"code": pl.String, "sex": pl.String})  # fmt: skip
    folded = table.select(fold("code"))["code"].to_list()
    return {**digits, **dict(zip(folded, given.values(), strict=True))}


def clean(
    column: str | pl.Expr,
    *,
    one_is: Sex | None = None,
    codes: Mapping[str, Sex] | None = None,
) -> pl.Expr:
    """Clean a sex column.

    Args:
        column: a String, integer or Boolean column.
        one_is: what the digit 1 means; 0 is then the other. None: digits are not understood.
        codes: what each code of this column means; they come before every other reading.

    Returns:
        A struct named after the column: value (male, female, null), issues (``ambiguous_sex`` for
        0, 1, 2 and N without a stated meaning, ``lost_letters`` for N?, ``unreadable_sex`` for
        anything else).

    Raises:
        ValueError: a code with another meaning than male or female.
    """
    known = {**_WORDS, **_stated(one_is, codes)}
    raw, folded, value = pl.col("raw"), pl.col("folded"), pl.col("value")
    whole = raw.str.replace(r"^\s*([0-9])\.0+\s*$", "$1")
    unlabelled = fold(whole).str.replace(r"^(?:gioi tinh|gt|phai|sex|gender) (.)", "$1")

    def stages(frame: pl.LazyFrame) -> pl.LazyFrame:
        found = folded.replace_strict(known, default=None, return_dtype=pl.String)
        return (
            frame.with_columns(folded=unlabelled, is_lost=raw.str.contains(_LOST))
            .with_columns(
                value=pl.when("is_lost").then(pl.lit("female")).otherwise(found),
                is_blank=tidy(raw).is_null(),
            )
            .with_columns(
                collect(
                    ambiguous_sex=value.is_null() & folded.is_in(_AMBIGUOUS),
                    unreadable_sex=value.is_null()
                    & ~folded.is_in(_AMBIGUOUS).fill_null(value=False)
                    & ~pl.col("is_blank"),
                    lost_letters=pl.col("is_lost"),
                )
            )
        )

    return staged(column, stages, _FIELDS, distinct=True)
