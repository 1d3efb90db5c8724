"""The parts of a name, and how it is displayed."""

from __future__ import annotations

import polars as pl

from cleaners.text import only_where

__all__ = ["MIXED_CASE", "display", "is_mixed_case", "parts"]

_TONES = "àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵăâđêôơư"
# Capitals written with the small toned letters of TCVN3: NGUYễN, THị.
MIXED_CASE = rf"\p{{Lu}}[{_TONES}]+\p{{Lu}}|\p{{Lu}}{{2}}[{_TONES}]+(?:\P{{L}}|$)"
_ODD_CASE = rf"^\P{{Ll}}*$|^\P{{Lu}}*$|{MIXED_CASE}"
_CAPITALISED = r"^\p{Lu}\p{Ll}*(?: \p{Lu}\p{Ll}*)*$"


def is_mixed_case(text: pl.Expr) -> pl.Expr:
    """Whether there are small letters with marks among capitals, as TCVN3 writes them."""
    return text.str.contains(MIXED_CASE)


def display(text: pl.Expr) -> pl.Expr:
    """Title Case for names in one case only or in TCVN3's mixed case; others stay as they are."""
    return only_where(
        text,
        lambda name: ~name.str.contains(_CAPITALISED),
        lambda name: only_where(
            name, lambda odd: odd.str.contains(_ODD_CASE), lambda odd: odd.str.to_titlecase()
        ),
    )


def parts(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add family, middle, given and initials to a frame with the folded name ``person``.

    The family is the first of several words and the given name the last; a single word is a given
    name. Slices between spaces, because lists of words cost several times as much.
    """
    person, family, given = pl.col("person"), pl.col("family"), pl.col("given")
    start = family.str.len_bytes() + 1
    middle = pl.col("middle")
    several = pl.when(middle.str.contains(" ", literal=True)).then(middle)
    first_letters = pl.concat_str(
        family.str.head(1),
        # The first letters of several middle names; most people have one.
        pl.coalesce(several.str.replace_all(r"(?-u:\B)[a-z0-9]+", ""), middle.str.head(1)),
        given.str.head(1),
        separator=" ",
        ignore_nulls=True,
    )
    length = person.str.len_bytes().cast(pl.Int64) - start - given.str.len_bytes() - 1
    return (
        frame.with_columns(
            # Null without a space, so that a single word has no family.
            family=person.str.head(person.str.find(" ", literal=True)),
            given=person.str.extract("([^ ]+)$"),
        )
        .with_columns(middle=pl.when(length > 0).then(person.str.slice(start, length)))
        .with_columns(initials=pl.when(given.is_not_null()).then(first_letters))
    )
