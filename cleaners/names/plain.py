"""Plain names, read by pieces: *Nguyễn Thị*, *Ngọc*, *Lan*.

A million names have some hundred thousand beginnings (all words but the last), these again some ten
thousand, and there are a few thousand words. Each piece is read once, as in a name whose other words
say nothing (*Phan Lan*, *Nguyễn Thị A*), and the names are put together from what was read.

A name is plain if it is of letters and single spaces only, has no damaged or abbreviated word, has
neither title nor marker, stands in Vietnamese order, and cannot be an organisation. All others are
read in full elsewhere. That gives the same result for a plain name too, so that in doubt a test here
says no.
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
from cleaners.names.order import may_be_reordered
from cleaners.names.parts import is_mixed_case
from cleaners.names.words import FAMILY_FIRST, TITLES_MARKED, any_of
from cleaners.text import VIETNAMESE, fold, tone_normal

__all__ = ["ODD", "RARE", "TITLE_OR_MARKER", "WORD", "read_plain"]

WORD: Final = f"[A-Za-z{VIETNAMESE}]+"
TITLE_OR_MARKER: Final = rf"^{any_of([*TITLES_MARKED, 'y', 'a', 'ka'])} "
# What makes a name of letters odd.
ODD: Final = rf"{SHORT_WORD}| va |(?-u:\b)thi$"
# Words that say nothing about others: neither key nor lost mark comes from them.
_ANY_BEGINNING, _ANY_LAST = "phan ", "a"
RARE: Final = ("pattern", "reordered", "marker", "note", "tax_code")


def _read(pieces: pl.Series, plain: str, before: str, after: str) -> pl.DataFrame:
    """Read pieces of names, each with the space behind it; every form keeps this space.

    Args:
        pieces: as they are written; empty where there is none.
        plain: what a plain one looks like, as a regular expression.
        before: what is to stand in front of them.
        after: what is to stand behind them.
    """
    raw, folded, tone, name = pl.col("raw"), pl.col("fold"), pl.col("tone"), pl.col("name")
    space = pl.lit(" " if after else "")
    is_plain = raw.str.contains(plain) & ~pl.col("is_strange") & ~name.str.contains(ODD)
    return in_slices(
        pieces.alias("raw").to_frame(),
        lambda part: (
            part.with_columns(tone=tone_normal(raw), **signs(raw))
            .with_columns(fold=(fold(tone) + space).fill_null(""))
            .with_columns(name=before + folded + after)
            .with_columns(
                title=raw.str.to_titlecase(),
                initials=folded.str.replace_all(r"(?-u:\B)[a-z0-9]+", ""),
                kindred=kindred(name).str.strip_prefix(before).str.strip_suffix(after),
                is_upper=~raw.str.contains(r"\p{Ll}"),
                is_lower=~raw.str.contains(r"\p{Lu}"),
                is_mixed=is_mixed_case(raw),
                is_bare=folded == tone,
                is_lost=marks_lost(name, before + tone + after),
                is_plain=is_plain.fill_null(value=False),
            )
        ),
    )


class _Halves:
    """Text as the places of its two halves, and expressions for the columns of these."""

    def __init__(self, places: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> None:
        """Take ``places`` (raw, left, right) and the tables of the halves."""
        self.places, self._left, self._right = places, left, right

    def left(self, column: str) -> pl.Expr:
        """A column of the left halves."""
        return pl.lit(self._left[column]).gather(pl.col("left"))

    def right(self, column: str) -> pl.Expr:
        """A column of the right halves."""
        return pl.lit(self._right[column]).gather(pl.col("right"))

    def form(self, column: str) -> pl.Expr:
        """A form of the whole text."""
        return self.left(column) + self.right(column)

    def both(self, column: str) -> pl.Expr:
        """Whether something is true of both halves."""
        return self.left(column) & self.right(column)

    def either(self, column: str) -> pl.Expr:
        """Whether something is true of one half."""
        return self.left(column) | self.right(column)


def _split(raw: pl.Series, left: pl.Expr) -> tuple[pl.Series, pl.Series, pl.DataFrame]:
    """The distinct left and right halves of ``raw``, and for each row the places of its own."""
    right = pl.col("raw").str.strip_prefix(pl.col("left")).alias("right")
    halves = in_slices(
        raw.alias("raw").to_frame(),
        lambda part: part.select("raw", left=left).select("left", right),
    )
    lefts, left_places = numbered(halves["left"])
    rights, right_places = numbered(halves["right"])
    return lefts, rights, pl.DataFrame({"raw": raw, "left": left_places, "right": right_places})


def _beginnings(raw: pl.Series) -> pl.DataFrame:
    """Read beginnings: one word or several, with a space behind each."""
    firsts, words, places = _split(raw, pl.col("raw").str.replace(r" \S+ $", " "))
    first = _read(firsts, rf"^(?:{WORD} )+$", "", _ANY_LAST).with_columns(
        family=pl.col("fold").str.extract("^([^ ]+)"),
        is_known=pl.col("name").str.contains(FAMILY_FIRST),
        is_plain=pl.col("is_plain") & ~pl.col("tone").str.contains(TITLE_OR_MARKER),
    )
    # A beginning of one word has nothing more.
    other = _read(words, rf"^(?:{WORD} )?$", _ANY_BEGINNING, _ANY_LAST)
    halves = _Halves(places, first, other)
    return in_slices(places, lambda part: _joined(halves, part))


def _joined(halves: _Halves, part: pl.LazyFrame) -> pl.LazyFrame:
    """Beginnings put together from their halves."""
    folded, tone, family = pl.col("fold"), pl.col("tone"), pl.col("family")
    forms = ("tone", "fold", "title", "initials", "kindred")
    of_both = ("is_upper", "is_lower", "is_bare", "is_plain")
    of_either = ("is_mixed", "is_lost", "is_doubtful", "is_sound")
    middle = folded.str.strip_prefix(family + " ").str.strip_suffix(" ")
    return part.select(
        *(halves.form(column).alias(column) for column in forms),
        *(halves.both(column).alias(column) for column in of_both),
        *(halves.either(column).alias(column) for column in of_either),
        *(halves.left(column).alias(column) for column in ("family", "is_known")),
    ).with_columns(
        middle=pl.when(middle != "").then(middle),
        is_plain=pl.col("is_plain") & ~organisations.may_be_organisation(folded, tone),
        opens=organisations.opens_organisation(folded),
        stops_within=organisations.stops_within(folded),
        is_reordered=may_be_reordered(tone),
    )


def _last_words(raw: pl.Series) -> pl.DataFrame:
    """Read last words."""
    folded, tone = pl.col("fold"), pl.col("tone")
    return _read(raw, rf"^{WORD}$", _ANY_BEGINNING, "").with_columns(
        is_plain=pl.col("is_plain") & ~organisations.may_be_organisation(folded, tone),
        goes_on=organisations.goes_on(folded),
        is_reordered=may_be_reordered(f"{_ANY_BEGINNING}{_ANY_LAST} " + tone),
    )


def _is_plain(names: _Halves) -> pl.Series:
    """Which names are plain: both halves are, and together they make nothing else."""
    is_odd = names.either("is_doubtful") & ~names.either("is_sound")
    is_reordered = ~names.left("is_known") & names.either("is_reordered")
    may_be = names.left("opens") | (names.left("stops_within") & names.right("goes_on"))
    flags = names.places.select(
        plain=names.both("is_plain") & ~is_odd & ~is_reordered, may_be=may_be
    )
    doubtful = (flags["plain"] & flags["may_be"]).arg_true()
    whole = organisations.may_be_organisation(names.form("fold"), names.form("tone"))
    found = names.places[doubtful].select(whole).to_series()
    return flags["plain"].scatter(doubtful.filter(found), False)


def _together(names: _Halves, part: pl.LazyFrame) -> pl.LazyFrame:
    """The fields of the plain names at the places in ``part``."""
    # In one case only, or in the mixed case of TCVN3.
    is_odd_case = names.both("is_upper") | names.both("is_lower") | names.either("is_mixed")
    is_lost = names.left("is_known") & names.both("is_bare") & names.either("is_lost")
    return part.select(
        collect(diacritics_lost=is_lost),
        *(pl.lit(None, dtype=pl.String).alias(field) for field in RARE),
        *(names.form(form).alias(form) for form in ("fold", "tone", "initials", "kindred")),
        *(names.left(part).alias(part) for part in ("family", "middle")),
        value=pl.when(is_odd_case).then(names.form("title")).otherwise("raw"),
        given=names.right("fold"),
        has_abbreviation=pl.lit(value=False),
        subject=pl.lit("person"),
    )


def read_plain(raw: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """Read the names that are plain.

    Args:
        raw: names as they came.

    Returns:
        Which of them are plain, and the fields of these, in their order.
    """
    beginnings, last_words, places = _split(raw, pl.col("raw").str.replace(r"\S+$", ""))
    names = _Halves(places, _beginnings(beginnings), _last_words(last_words))
    plain = _is_plain(names)
    return plain, in_slices(places.filter(plain), lambda part: _together(names, part))
