"""What stands in a name field beside the name: titles, notes in brackets, a second person."""

from __future__ import annotations

import polars as pl

from cleaners.guarded import Matching
from cleaners.names.words import FAMILIES, LETTER, TITLE_FAMILIES, TITLES, TITLES_MARKED, any_of
from cleaners.text import fold, only_where, tidy

__all__ = ["note", "several_names", "without_notes", "without_title"]

_OPENING = r"[(\[{]"
_BRACKETS = r"\s*(?:\([^)]*\)?|\[[^\]]*\]?|\{[^}]*\}?)\s*"
_INSIDE = r"[(\[{]\s*([^)\]}]*)"
_MARKED = rf"(?i)^(?:{any_of(TITLES_MARKED)}\s*[./:]\s*)+"
_PLAIN = rf"(?i)^{any_of(TITLES)} "
_MAYBE = rf"(?i)^{any_of(TITLES_MARKED)}[ ./:]"  # of tidy text, which has no other space
_TITLED = rf"^{any_of([fold for fold in TITLES if fold.isascii()])} {any_of(TITLE_FAMILIES)} [a-z]"
# Chu is a family; Anh, Chi and Ba are given names, which stand first when the order is swapped, and
# a family with one word more would be a rare name: Anh Nguyễn Hoàng is Nguyễn Hoàng Anh.
_NAME_NOT_TITLE = r"(?i)^(?:chu |(?:anh|chi|ba) [^ ]+ [^ ]+$)"
_NAME = f"[{LETTER}]+(?: [{LETTER}]+)+"
_APART = rf"^{_NAME} ?(?:[,;/&+]| - ) ?(?:[{LETTER}]+[.:] ?)?{_NAME}"
_AND = rf"^[a-z]+(?: [a-z]+)+ va (?:{any_of(TITLES)} )?{any_of(FAMILIES)} [a-z]"


def note(text: pl.Expr) -> pl.Expr:
    """What stands in brackets; several notes are joined by a semicolon."""
    inside = text.str.extract_all(_INSIDE).list.eval(
        pl.element().str.replace(_OPENING, "").str.strip_chars()
    )
    joined = inside.list.join("; ")
    return pl.when(joined != "").then(joined)


def without_notes(text: pl.Expr) -> pl.Expr:
    """A name without brackets."""
    return only_where(
        text,
        lambda expr: expr.str.contains(_OPENING),
        lambda expr: tidy(expr.str.replace_all(_BRACKETS, " ")),
    )


def _untitled(text: pl.Expr) -> pl.Expr:
    """Drop a title with a dot, or a title in front of a common family name."""
    marked = text.str.replace(_MARKED, "")
    titled = fold(marked).str.contains(_TITLED) & ~marked.str.contains(_NAME_NOT_TITLE)
    return pl.when(titled).then(marked.str.replace(_PLAIN, "")).otherwise(marked)


def without_title(text: pl.Expr) -> pl.Expr:
    """A name without titles: a word like *Anh* is one only before a dot or a family name."""
    return only_where(text, Matching(_MAYBE), _untitled)


def several_names(folded: pl.Expr, toned: pl.Expr) -> pl.Expr:
    """Whether two names of at least two words each stand side by side."""
    joined = folded.str.contains(_AND) & toned.str.contains(" và | va ")
    return toned.str.contains(_APART) | joined
