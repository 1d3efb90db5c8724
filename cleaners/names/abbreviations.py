"""Abbreviated names as patterns: what is left out stays open instead of being guessed.

``Ng. V. An`` may be Nguyễn Văn An or Ngô Viết An. Its pattern is ``ng% v% an``: a word that ends in
``%`` stands for any word that begins so. A word counts as abbreviated when it is

* a single letter or a beginning of a syllable (``Ng``, ``Tr``, ``Ph``) with a dot, a tilde or up to
  two more consonants before the dot (``Trg.`` is Trương or Trường), or
* such a beginning without a dot (``Trần T Hoa``), but not a single vowel: A and Y are names.

A letter that an encoding lost (``Nguy?n``) is a place for one letter in the pattern: ``nguy_n``.
"""

from __future__ import annotations

import polars as pl

from cleaners.names.words import LETTER, ONSETS, any_of
from cleaners.text import as_expr, fold, named_like, only_where

__all__ = ["LOST", "SHORT_WORD", "is_abbreviated", "legible", "matches", "pattern"]

_CONSONANTS = "bcdghklmnpqrstvx"
# On folded text; a tilde may stand above the letter or after it, as hand and keyboard write it.
_DOTTED = rf"(?-u:\b)(?:({any_of(ONSETS)})[{_CONSONANTS}]{{0,2}}|([aeiouy]))[.~]+ ?"
_PLAIN_ONSETS = any_of([onset for onset in ONSETS if onset not in ("gi", "qu")])
_UNDOTTED = rf"(?-u:\b)({_PLAIN_ONSETS})( |$)"
_EITHER_CASE = f"{_CONSONANTS}đ{_CONSONANTS.upper()}Đ"
_MAY_BE_SHORT = (
    rf"[.~\x{{303}}?\x{{FFFD}}]|(?:^|[^{LETTER}])[{_EITHER_CASE}]{{1,3}}(?:[^{LETTER}]|$)"
)
_MOST_WORDS = 12

LOST = rf"[{LETTER}]\?|\?[{LETTER}]|\x{{FFFD}}"
"""A letter that an encoding lost."""

SHORT_WORD = rf"(?:^| ){_PLAIN_ONSETS}(?: |$)"
"""On folded text: a word that is only the beginning of one."""


def legible(spoken: pl.Expr) -> pl.Expr:
    """The name without the signs for lost letters, which would tear its words apart."""
    return only_where(
        spoken,
        lambda expr: expr.str.contains(LOST),
        lambda expr: expr.str.replace_all(r"[?\x{FFFD}]", ""),
    )


def is_abbreviated(pattern: pl.Expr) -> pl.Expr:
    """Whether a pattern has an abbreviated word, not only lost letters; false for null."""
    return pattern.str.contains("%", literal=True).fill_null(value=False)


def _pattern(spoken: pl.Expr) -> pl.Expr:
    """The pattern of names that may have one."""
    gaps = only_where(
        spoken.str.replace_all("[%_]", " "),
        lambda expr: expr.str.contains(LOST),
        lambda expr: expr.str.replace_all(r"[?\x{FFFD}]", "_"),
    )
    folded = fold(gaps.str.replace_all("\u0303", "~", literal=True), keep="%_.~")
    dotted = folded.str.replace_all(_DOTTED, "$1$2% ").str.replace_all("[ .~]+", " ")
    words = dotted.str.strip_chars(" ").str.replace_all(_UNDOTTED, "$1%$2")
    return words.str.extract("^(.*[%_].*)$")


def pattern(spoken: pl.Expr) -> pl.Expr:
    """The pattern of a name (composed, without notes, titles and marker H or K), null if none.

    >>> names = pl.DataFrame({"n": ["Ng. V. An", "N.V.An", "Trần T Hoa", "Nguyễn Văn A", "L? An"]})
    >>> names.select(pattern(pl.col("n")))["n"].to_list()
    ['ng% v% an', 'n% v% an', 'tran t% hoa', None, 'l_ an']
    """
    candidate = pl.when(spoken.str.contains(_MAY_BE_SHORT)).then(spoken)
    return only_where(candidate, lambda expr: expr.is_not_null(), _pattern)


def _fits(want: pl.Expr, have: pl.Expr) -> pl.Expr:
    """Whether a word is one that the word of a pattern stands for."""
    begins = have.str.starts_with(want.str.replace("[%_].*$", ""))
    ends = have.str.ends_with(want.str.replace("^.*_", ""))
    as_long = want.str.len_bytes() == have.str.len_bytes()
    open_end = want.str.ends_with("%")
    return (want == have) | (begins & (open_end | (ends & as_long & want.str.contains("_"))))


def matches(pattern: str | pl.Expr, folded: str | pl.Expr) -> pl.Expr:
    """Whether a folded name can be the one that a pattern stands for, word by word.

    In SQL, where ``%`` must not reach into the next word::

        regexp_full_match(fold, replace(replace(pattern, '%', '[a-z0-9]*'), '_', '[a-z0-9]'))

    Args:
        pattern: a column of patterns (the ``pattern`` of ``clean``).
        folded: a column of folded names (``fold``).

    Returns:
        Boolean, null where either is null.

    >>> frame = pl.DataFrame({"p": ["ng% v% an"] * 3, "f": ["nguyen van an", "ngo viet an", "le an"]})
    >>> frame.select(matches("p", "f"))["p"].to_list()
    [True, True, False]
    """
    wanted, found = (as_expr(column).str.split(" ") for column in (pattern, folded))
    result = (wanted.list.len() == found.list.len()) & (wanted.list.len() <= _MOST_WORDS)
    for place in range(_MOST_WORDS):
        want = wanted.list.get(place, null_on_oob=True)
        have = found.list.get(place, null_on_oob=True)
        result &= want.is_null() | _fits(want, have).fill_null(value=False)
    known = as_expr(pattern).is_not_null() & as_expr(folded).is_not_null()
    return named_like(pl.when(known).then(result), as_expr(pattern))
