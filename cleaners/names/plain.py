"""Plain names, read by halves: the beginning (*Nguyễn Thị*) and the last word (*Lan*).

A million names have some hundred thousand beginnings and a few thousand last words. Each is read
once, as in a name whose other half says nothing (*Nguyễn Thị A*, *Phan Lan*), and the names are put
together from their halves.

A name is plain if it begins with a known family name, is of letters and single spaces only, has no
damaged or abbreviated word, and cannot be an organisation. All others are read in full elsewhere.
That gives the same result for a plain name too, so that in doubt a test here says no.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.columns import in_slices, numbered
from cleaners.issues import collect
from cleaners.legacy import signs
from cleaners.names import organisations
from cleaners.names.abbreviations import SHORT_WORD
from cleaners.names.kinship import kindred
from cleaners.names.marks import marks_lost
from cleaners.names.parts import is_mixed_case, parts
from cleaners.names.words import FAMILIES, TITLES, any_of
from cleaners.text import VIETNAMESE, fold, tone_normal

__all__ = ["read_plain"]

_WORD: Final = f"[A-Za-z{VIETNAMESE}]+"
_FAMILY_FIRST: Final = rf"^{any_of([word for word in FAMILIES if word not in TITLES])} "
# What makes a name of letters odd although it begins with a family name.
_ODD: Final = rf"{SHORT_WORD}| va |(?-u:\b)thi$"
# Halves that say nothing about the other half: neither key nor lost mark comes from them.
_ANY_BEGINNING, _ANY_LAST = "phan ", "a"
_RARE: Final = ("pattern", "reordered", "marker", "note", "tax_code")


def _case(half: pl.Expr) -> dict[str, pl.Expr]:
    """The half in Title Case, and what decides whether the name is displayed so."""
    return {
        "title": half.str.to_titlecase(),
        "is_upper": ~half.str.contains(r"\p{Ll}"),
        "is_lower": ~half.str.contains(r"\p{Lu}"),
        "is_mixed": is_mixed_case(half),
    }


def _beginnings(halves: pl.LazyFrame) -> pl.LazyFrame:
    """Read beginnings: ``raw``, with the space after them. All forms keep this space."""
    raw, folded, person = pl.col("raw"), pl.col("fold"), pl.col("person")
    is_plain = (
        raw.str.contains(f"^(?:{_WORD} )+$")
        & ~pl.col("is_strange")
        & person.str.contains(_FAMILY_FIRST)
        & ~person.str.contains(_ODD)
        & ~organisations.may_be_organisation(person)
    )
    return (
        halves.with_columns(tone=tone_normal(raw), fold=fold(raw) + " ", **signs(raw))
        .with_columns(person=folded + _ANY_LAST)
        .pipe(parts)
        .with_columns(
            **_case(raw),
            initials=pl.col("initials").str.strip_suffix(_ANY_LAST),
            kindred=kindred(person).str.strip_suffix(_ANY_LAST),
            is_bare=folded == pl.col("tone"),
            is_lost=marks_lost(person, pl.col("tone") + _ANY_LAST),
            is_plain=is_plain.fill_null(value=False),
            opens=organisations.opens_organisation(folded, pl.col("tone")),
            stops_within=organisations.stops_within(folded),
        )
    )


def _last_words(halves: pl.LazyFrame) -> pl.LazyFrame:
    """Read last words: ``raw``."""
    raw, given = pl.col("raw"), pl.col("fold")
    person = _ANY_BEGINNING + given
    is_plain = (
        raw.str.contains(f"^{_WORD}$")
        & ~pl.col("is_strange")
        & ~person.str.contains(_ODD)
        & ~organisations.may_be_organisation(person)
    )
    return halves.with_columns(tone=tone_normal(raw), fold=fold(raw), **signs(raw)).with_columns(
        **_case(raw),
        initial=given.str.head(1),
        kindred=kindred(person).str.strip_prefix(_ANY_BEGINNING),
        is_bare=given == pl.col("tone"),
        is_lost=marks_lost(person, _ANY_BEGINNING + pl.col("tone")),
        is_plain=is_plain.fill_null(value=False),
        goes_on=organisations.goes_on(given),
    )


class _Names:
    """Names as places of their halves; expressions for the columns of these."""

    def __init__(self, raw: pl.Series) -> None:
        """Split names, and read each half once."""
        split = raw.alias("raw").to_frame()
        split = split.select("raw", begin=pl.col("raw").str.replace(r"\S+$", ""))
        last = split.select(pl.col("raw").str.strip_prefix(pl.col("begin"))).to_series()
        begins, begin = numbered(split["begin"])
        lasts, last = numbered(last)
        self.begins = in_slices(begins.alias("raw").to_frame(), _beginnings)
        self.lasts = in_slices(lasts.alias("raw").to_frame(), _last_words)
        self.places = pl.DataFrame({"raw": raw, "begin": begin, "last": last})

    def begin(self, column: str) -> pl.Expr:
        """A column of the beginnings."""
        return pl.lit(self.begins[column]).gather(pl.col("begin"))

    def last(self, column: str) -> pl.Expr:
        """A column of the last words."""
        return pl.lit(self.lasts[column]).gather(pl.col("last"))

    def both(self, column: str) -> pl.Expr:
        """Whether something is true of both halves."""
        return self.begin(column) & self.last(column)

    def either(self, column: str) -> pl.Expr:
        """Whether something is true of a half."""
        return self.begin(column) | self.last(column)


def _is_plain(names: _Names) -> pl.Series:
    """Which names are plain: both halves are, and together they make nothing else."""
    is_odd = names.either("is_doubtful") & ~names.either("is_sound")
    may_be = names.begin("opens") | (names.begin("stops_within") & names.last("goes_on"))
    flags = names.places.select(plain=names.both("is_plain") & ~is_odd, may_be=may_be)
    doubtful = (flags["plain"] & flags["may_be"]).arg_true()
    whole = names.places[doubtful].select(names.begin("fold") + names.last("fold"))
    found = whole.select(organisations.may_be_organisation(pl.first())).to_series()
    return flags["plain"].scatter(doubtful.filter(found), False)


def _together(names: _Names, part: pl.LazyFrame) -> pl.LazyFrame:
    """The fields of the plain names at the places in ``part``."""
    begin, last, both = names.begin, names.last, names.both
    # In one case only, or in the mixed case of TCVN3.
    is_odd_case = both("is_upper") | both("is_lower") | names.either("is_mixed")
    return part.select(
        collect(diacritics_lost=both("is_bare") & names.either("is_lost")),
        *(pl.lit(None, dtype=pl.String).alias(field) for field in _RARE),
        value=pl.when(is_odd_case).then(begin("title") + last("title")).otherwise("raw"),
        fold=begin("fold") + last("fold"),
        tone=begin("tone") + last("tone"),
        family=begin("family"),
        middle=begin("middle"),
        given=last("fold"),
        initials=begin("initials") + last("initial"),
        has_abbreviation=pl.lit(value=False),
        kindred=begin("kindred") + last("kindred"),
        subject=pl.lit("person"),
    )


def read_plain(raw: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """Read the names that are plain.

    Args:
        raw: names as they came.

    Returns:
        Which of them are plain, and the fields of these, in their order.
    """
    names = _Names(raw)
    plain = _is_plain(names)
    return plain, in_slices(names.places.filter(plain), lambda part: _together(names, part))
