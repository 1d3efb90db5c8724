"""Which words can be Vietnamese: onsets, rimes and tones as a table.

A syllable is an onset, a rime and a tone. Spelling is regular: *c*, *g*, *ng* become *k*, *gh*,
*ngh* before *e, ê, i, y*; a rime that ends in *c, ch, p, t* takes only sắc or nặng; the letter
that carries the tone mark follows from the rime. That leaves some 17,000 syllables, of which about
7,000 are in use; the table is the wider set, because names are made of rare ones too. Both
placements of the tone in open *oa, oe, uy* (hòa, hoà) and both *i* and *y* (Lí, Lý) are in it.

>>> import polars as pl
>>> frame = pl.DataFrame({"word": ["Nguyễn", "nguyen", "Hoà", "Francis", "Matt"]})
>>> frame.select(is_syllable("word")).to_series().to_list()
[True, False, True, False, False]
>>> frame.select(is_syllable("word", folded=True)).to_series().to_list()
[True, True, True, False, False]
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import polars as pl

from cleaners.text import as_expr

__all__ = ["TONES", "diacritics_lost", "is_syllable", "table"]

#: Combining marks of the tones, in the order level, huyền, sắc, hỏi, ngã, nặng.
TONES: Final = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_STOPS: Final = ("c", "p", "t", "ch")
_FRONT: Final = "eêiy"

_ONSETS: Final = "b ch d đ h kh l m n nh p ph r s t th tr v x"
_BACK_ONSETS: Final = ("c", "g", "ng")
_FRONT_ONSETS: Final = ("k", "gh", "ngh")
#: No rounded glide after lips (oa, oe, uâ, uê, uy ...), but for a few loans.
_LABIALS: Final = ("b", "m", "p", "ph", "v")
#: Onsets of oong, ooc with a tone mark: goòng, xoóng, moóc, soóc, noóc.
_LONG_O: Final = ("g", "x", "b", "m", "s", "r", "n")
_LOANS: Final = ("buyt", "phuy", "voan", "moay")

_PLAIN: Final = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ich im in inh ip it iu "
    "ia iêc iêm iên iêng iêp iêt iêu o oc oi om on ong op ot oong ooc ô ôc ôi ôm ôn ông ôp ôt "
    "ơ ơi ơm ơn ơp ơt u uc ui um un ung up ut ua uôc uôi uôm uôn uông uôt "
    "ư ưc ưi ưm ưng ưt ưu ưa ươc ươi ươm ươn ương ươp ươt ươu"
)
_GLIDED: Final = (
    "oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet "
    "uân uâng uât uây uê uêch uênh uơ uy uya uych uynh uyt uyu uyên uyêt"
)
#: Rimes after qu, written without the u.
_AFTER_QU: Final = (
    "a ac ach ai an ang anh ao at au ay ăc ăn ăng ăt ân ât ây e en eo et ê ên ênh êt êu i it ich "
    "ôc ơ ơi ơn y ych ynh yt yên yêt"
)
_ALONE: Final = "y yêm yên yêng yêt yêu"
_BEFORE_Y: Final = "h k l m n ph r s t th v x d"


def _spellings() -> list[tuple[str, str]]:
    """Every onset with every rime that can follow it."""
    onsets = _ONSETS.split()
    plain, glided = _PLAIN.split(), _GLIDED.split()
    pairs = [("", rime) for rime in (*plain, *glided, *_ALONE.split())]
    for rime in plain:
        pairs += [(onset, rime) for onset in (_LONG_O if rime == "ooc" else onsets)]
        same_row = _FRONT_ONSETS if rime[0] in _FRONT else _BACK_ONSETS
        pairs += [(onset, rime) for onset in same_row]
        if rime[0] not in "iy":
            pairs.append(("gi", rime))
    for onset, rime in itertools.product((*onsets, "g", "ng"), glided):
        if onset not in _LABIALS or onset + rime in _LOANS:
            pairs.append((onset, rime))
    pairs += [("qu", rime) for rime in _AFTER_QU.split()]
    pairs += [(onset, "y") for onset in _BEFORE_Y.split()]
    # After g the i of gi, gin, giêng is both: onset and rime share it.
    return pairs + [("g", rime) for rime in ("i", "in", "iêng", "iêt")]


def _mark_places(rime: str) -> list[int]:
    """Where the tone mark can stand in a rime: the usual place first."""
    for place in range(len(rime) - 1, -1, -1):
        if rime[place] in "ăâêôơ":
            return [place]
    vowels = len(rime) - len(rime.lstrip("aeiouyư"))
    if rime in ("oa", "oe", "uy"):
        return [0, 1]
    if rime in ("oong", "ooc"):
        return [1]
    if vowels >= 2 and rime[:2] in ("oa", "oe", "uy"):
        return [1, 0]
    return [0]


def _tones(onset: str, rime: str) -> Sequence[int]:
    """Which tones the syllable can have."""
    if rime == "oong" and onset not in _LONG_O:
        return (0,)
    return (2, 5) if rime.endswith(_STOPS) else range(6)


def _toned(rime: str, place: int, tone: str) -> str:
    """The rime with the tone mark on the letter at ``place``."""
    return unicodedata.normalize("NFC", rime[: place + 1] + tone + rime[place + 1 :])


def _plain(word: str) -> str:
    """The word without marks."""
    bare = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(c for c in bare if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def table() -> pl.DataFrame:
    """Every syllable that the rules of spelling allow.

    Returns:
        One row per written form, all in lower case: ``syllable``; ``folded`` without marks;
        ``level`` without the tone mark; ``tone`` 0 to 5 as in ``TONES``; ``usual`` whether the
        tone stands in its usual place.
    """
    rows: dict[str, tuple[str, str, int, bool]] = {}
    for onset, rime in _spellings():
        tones = _tones(onset, rime)
        folded = _plain(onset + rime)
        for tone, (rank, place) in itertools.product(tones, enumerate(_mark_places(rime))):
            word = onset + _toned(rime, place, TONES[tone])
            if word not in rows or not rank:
                rows[word] = (folded, onset + rime, tone, not rank)
    columns = ["folded", "level", "tone", "usual"]
    frame = pl.DataFrame(list(rows.values()), schema=columns, orient="row")
    return frame.insert_column(0, pl.Series("syllable", list(rows)))


def is_syllable(column: str | pl.Expr, *, folded: bool = False) -> pl.Expr:
    """Whether a word can be a Vietnamese syllable.

    Args:
        column: a String column of single words, composed (NFC), in any case.
        folded: take words without marks too (``nguyen`` for Nguyễn).

    Returns:
        Boolean, null for null.
    """
    word = as_expr(column).str.to_lowercase()
    complete = word.is_in(table()["syllable"].implode())
    return complete | word.is_in(table()["folded"].unique().implode()) if folded else complete


@lru_cache(maxsize=1)
def _lost_patterns() -> tuple[str, str]:
    """Text of folded syllables only, and a syllable in it that lacks its marks."""
    frame = table()
    lacking_words = frame["folded"].filter(~frame["folded"].is_in(frame["syllable"].implode()))
    complete = {_rime(word) for word in frame.filter(tone=0)["level"] if word.isascii()}
    lacking = "|".join(sorted({_rime(word) for word in lacking_words} - complete))
    onsets = "|".join(sorted({word.removesuffix(_rime(word)) for word in frame["folded"]}))
    every = "|".join(sorted({_rime(word) for word in frame["folded"]}))
    others = "[b-df-hj-np-tv-xz]{1,3}|[aeiouy]"
    between = r"[\x00-@\[-`{-\x7f]"
    only = rf"(?i)^{between}*(?:(?:(?:{onsets})(?:{every})|{others})(?:{between}+|$))+$"
    return only, rf"(?i)(?:^|{between})(?:{onsets})(?:{lacking})(?:{between}|$)"


def _rime(word: str) -> str:
    """The folded word from its first vowel on; the u of qu belongs to the onset."""
    onset = len(word) - len(word.lstrip("bcdghklmnpqrstvx"))
    return word[onset + 1 :] if word.startswith("qu") else word[onset:]


def diacritics_lost(column: str | pl.Expr) -> pl.Expr:
    """Whether text has lost its marks: ASCII words that are no words of Vietnamese without them.

    ``nguyen`` needs its ê and ``viet`` its tone, so the marks were lost; ``An Binh`` is complete
    as it stands, whatever was meant. Text with a word that cannot be Vietnamese is let alone.

    Args:
        column: a String column.

    Returns:
        Boolean, null for null.

    >>> names = pl.Series("n", ["NGUYEN VAN AN", "thi tuyet", "An Binh", "Robert Viet", "Nguyễn"])
    >>> names.to_frame().select(diacritics_lost("n")).to_series().to_list()
    [True, True, False, False, False]
    """
    only, lacking = _lost_patterns()
    value = as_expr(column)
    return value.str.contains(lacking) & value.str.contains(only)
