"""Markers of the peoples of the Central Highlands: Y and H' (Ê Đê, Mnông), K' and Ka (Cơ Ho), A.

The marker tells the sex, differently from place to place (Y is a man among the Ê Đê and a woman in
Kon Tum), and stands before the name proper; the clan comes last: *Y Bih Mlô*, *H'Hen Niê*.

H and K are bound to the next word, whichever apostrophe or space is written between them, so that
*H'Hen*, *H Hen*, *H' Hen* and *HHen* fold to ``hhen``. Y, A and Ka stay words of their own.
"""

from __future__ import annotations

import polars as pl

from cleaners.guarded import Matching
from cleaners.names.words import CLANS, CLANS_TONED, LETTER, any_of
from cleaners.text import only_where

__all__ = ["marker", "spoken"]

_APOSTROPHE = "['`´‘’‚‛ʹʻʼʽˈ′＇]"
_BOUND = rf"(^|[ -])([hHkK]) ?{_APOSTROPHE} *([{LETTER}])"
_LOOSE = rf"^([yYaA]|[kK][aA]) ?{_APOSTROPHE} *([{LETTER}])"
# Not before the middle names Thị and Văn: there H and K are abbreviated family names.
_BARE = rf"^([hHkK]) ([{LETTER}]{{2}})"
_NOT_BARE = r"(?i)^[hk] (?:thị|thi|văn|van) "
_DOTTED = rf"^([hHkK])\. ?([{LETTER}]{{2}})"
_MAYBE = rf"{_APOSTROPHE}|^[hkHK][ .]"
_BEGINS = rf"^[hHkK](?:{_APOSTROPHE}|[ .])"
_CLAN_LAST = rf" {any_of([*CLANS, *CLANS_TONED])}$"


def spoken(bare: pl.Expr) -> pl.Expr:
    """The name with H and K bound to the next word; other names stay as they are.

    >>> names = pl.DataFrame({"n": ["H' Hen Niê", "K’Brêu", "H Hen Niê", "Y'Bih", "H. Hoa Êban"]})
    >>> names.select(spoken(pl.col("n")))["n"].to_list()
    ['HHen Niê', 'KBrêu', 'HHen Niê', 'Y Bih', 'HHoa Êban']
    """

    def in_clan(expr: pl.Expr) -> pl.Expr:
        return expr.str.contains(_DOTTED) & expr.str.to_lowercase().str.contains(_CLAN_LAST)

    def bound(expr: pl.Expr) -> pl.Expr:
        tied = expr.str.replace_all(_BOUND, "$1$2$3").str.replace(_LOOSE, "$1 $2")
        bare = pl.when(tied.str.contains(_NOT_BARE)).then(tied)
        joined = pl.coalesce(bare, tied.str.replace(_BARE, "$1$2"))
        return only_where(joined, in_clan, lambda name: name.str.replace(_DOTTED, "$1$2"))

    return only_where(bare, Matching(_MAYBE), bound)


def marker(bare: pl.Expr, said: pl.Expr, tone: pl.Expr) -> pl.Expr:
    """The marker of a name: y, h, k, a, ka or null.

    Args:
        bare: the name without notes and titles.
        said: what ``spoken`` gives for it.
        tone: that in lower case with its tone marks (the name Ý is no marker).
    """
    was_bound = (bare != said) & bare.str.contains(_BEGINS)
    return (
        pl.when(was_bound)
        .then(tone.str.head(1))
        .when(tone.str.contains(r"^(?:y|a|ka) [^ .]{2}"))
        .then(tone.str.extract(r"^(y|a|ka) "))
    )
