"""Spellings that are read as one name: a key for finding, never a reason to call names equal.

The south says Huỳnh, Võ, Phước, Kiểng and Nhựt for the north's Hoàng, Vũ, Phúc, Cảnh and Nhật (names
of kings were not to be spoken), and i and y are exchanged after some consonants: Quý and Quí, Lý and
Lí, Mỹ and Mĩ, Vy and Vi. The key is computed from the folded name, so that a name without its marks
has the key of the name with them.

* Anywhere: huynh, phuoc, kieng, nhut; chanh (Chính), nhon (Nhân), ngai (Nghĩa), buu (Bảo);
  i for y after h k l m s t and qu.
* Family names only (first of several words): vo for vu.
* Not as a family name: vi for vy; Vi and Vy are two families.

The pairs are recalled, not taken from a register; the place of the tone mark (hòa, hoà) is no matter
of kinship, ``tone`` settles it.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from cleaners.guarded import Matching
from cleaners.names.words import any_of
from cleaners.text import as_expr, only_where

__all__ = ["NEEDED", "kin_table", "kindred"]

_ANYWHERE = {
    **{"huynh": "hoang", "phuoc": "phuc", "kieng": "canh", "nhut": "nhat"},
    **{"chanh": "chinh", "nhon": "nhan", "ngai": "nghia", "buu": "bao"},
    **{"hi": "hy", "ki": "ky", "li": "ly", "mi": "my", "si": "sy", "ti": "ty", "qui": "quy"},
}
_AFTER_FAMILY = {"vi": "vy"}
_LONG = any_of([word for word in _ANYWHERE if len(word) > 2])
# Also finds a family Vi, which the table leaves as it is: one class is faster than two.
NEEDED = rf"^vo |(?:^| )(?:{_LONG}|[hklmstv]i)(?: |$)"


@lru_cache(maxsize=1)
def kin_table() -> tuple[list[str], list[str]]:
    """Find and replace lists over a text in which every word has its own two spaces."""
    anywhere = {f" {word} ": f" {other} " for word, other in _ANYWHERE.items()}
    # A dot stands before the first word, so that only later ones have a space in front.
    first = {f".{word} ": f".{other} " for word, other in _ANYWHERE.items()}
    later = {f" {word} ": f" {other} " for word, other in _AFTER_FAMILY.items()}
    table = anywhere | first | later
    return list(table), list(table.values())


def _replaced(folded: pl.Expr) -> pl.Expr:
    """The key of names that have a word to replace."""
    family = folded.str.replace("^vo ", "vu ")
    spaced = "." + family.str.replace_all(" ", "  ", literal=True) + " "
    kin = spaced.str.replace_many(*kin_table(), leftmost=True)
    return kin.str.replace_all("  ", " ", literal=True).str.strip_chars(". ")


def kindred(column: str | pl.Expr) -> pl.Expr:
    """The kindred key of folded names.

    Args:
        column: folded names.

    Returns:
        String, null for null.

    >>> names = pl.DataFrame({"n": ["vo thi huynh", "vu thi hoang", "tran vo", "vi van qui"]})
    >>> names.select(kindred("n"))["n"].to_list()
    ['vu thi hoang', 'vu thi hoang', 'tran vo', 'vi van quy']
    """
    return only_where(as_expr(column), Matching(NEEDED), _replaced)
