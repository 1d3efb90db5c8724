"""Correct Vietnamese names, and what old encodings and keyboards make of them."""

from __future__ import annotations

import codecs
import random
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import polars as pl

from cleaners import encodings
from cleaners.legacy import syllables
from sample_data.name_tables import GIVEN, MIDDLES, SURNAMES

FAMILIES: Final = [word.split(":")[0] for word in SURNAMES.split()]
MIDDLE: Final = {word.split(":")[0] for words in MIDDLES.values() for word in words.split()}
GIVEN_NAMES: Final = sorted({word for words in GIVEN.values() for word in words.split()})

#: Windows-1252, and latin-1 where it is silent.
_CP1252: Final = "".join(bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in range(256))
_QUALITY: Final = {"\u0302": None, "\u0306": "w", "\u031b": "w"}
_TELEX_TONES: Final = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_VNI_TONES: Final = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_VNI_QUALITY: Final = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}


@lru_cache(maxsize=4)
def names(count: int, seed: int = 1) -> list[str]:
    """Distinct names with the words and the lengths that people have."""
    rng = random.Random(seed)
    middles = sorted(MIDDLE)
    found: dict[str, None] = {}
    shares = [float(word.split(":")[1]) for word in SURNAMES.split()]
    while len(found) < count:
        inner = rng.choices([["Văn"], ["Thị"], [], [rng.choice(middles)]], [25, 25, 1, 49])[0]
        inner = [*inner, rng.choice(middles)] if rng.random() < 0.3 else inner
        family = rng.choices(FAMILIES, shares)[0]
        found[" ".join([family, *inner, rng.choice(GIVEN_NAMES)])] = None
    return list(found)


@lru_cache(maxsize=1)
def every_syllable(seed: int = 1) -> list[str]:
    """Names of a common family and three further words, that use every syllable there is."""
    rng = random.Random(seed)
    # Telex types the rare oong, ooc (xoong) with a third o: without the driver it reads ông, ôc.
    rows = syllables.table().filter("usual").filter(~pl.col("level").str.contains("oo"))
    words = [word.capitalize() for word in rows["syllable"]]
    rng.shuffle(words)
    groups = zip(words[::3], words[1::3], words[2::3], strict=False)
    return [" ".join([rng.choice(FAMILIES[:20]), *group]) for group in groups]


def misread(text: str, encoding: str) -> str:
    """Bytes of one encoding, read as windows-1252, or as latin-1 where that is undefined."""
    return codecs.charmap_decode(encodings.encode(text, encoding), "strict", _CP1252)[0]


def _strokes(text: str, tones: dict[str, str], *, at_end: bool) -> str:
    """Words as typed with the driver off; the tone at the end or behind the vowels."""
    return " ".join(_typed(word, tones, at_end=at_end) for word in text.split(" "))


def _typed(word: str, tones: dict[str, str], *, at_end: bool) -> str:
    """One word as typed."""
    is_telex = tones is _TELEX_TONES
    strokes, stroke = [], ""
    for letter in word.replace("đ", "d\u0335").replace("Đ", "D\u0335"):
        base, *marks = unicodedata.normalize("NFD", letter)
        if base == "\u0335":
            strokes[-1] += strokes[-1] if is_telex else "9"
            continue
        for mark in marks:
            if mark in tones:
                stroke = tones[mark]
            else:
                base += (_QUALITY[mark] or base.lower()) if is_telex else _VNI_QUALITY[mark]
        strokes.append(base)
    last_vowel = max((i for i, s in enumerate(strokes) if s[0].lower() in "aeiouy"), default=0)
    place = len(strokes) if at_end else last_vowel + 1
    typed_word = "".join([*strokes[:place], stroke, *strokes[place:]])
    return typed_word.upper() if word.isupper() and len(word) > 1 else typed_word


DAMAGES: Final[dict[str, Callable[[str], str]]] = {
    "tcvn3": lambda name: misread(name, "tcvn3"),
    "tcvn3, capitals": lambda name: misread(name.upper(), "tcvn3"),
    "vni": lambda name: misread(name, "vni"),
    "vni, capitals": lambda name: misread(name.upper(), "vni"),
    "viscii": lambda name: misread(name, "viscii"),
    "viscii, capitals": lambda name: misread(name.upper(), "viscii"),
    "cp1258": lambda name: misread(name, "cp1258"),
    "cp1258, composed wrong": lambda name: encodings.encode(name, "cp1258").decode("cp1258"),
    "nfd": lambda name: unicodedata.normalize("NFD", name),
    "utf-8": lambda name: misread(name, "utf-8"),
    "utf-8, capitals": lambda name: misread(name.upper(), "utf-8"),
    "utf-8 as latin-1": lambda name: name.encode().decode("latin-1"),
    "utf-8 twice": lambda name: misread(misread(name, "utf-8"), "utf-8"),
    "telex, tone last": lambda name: _strokes(name, _TELEX_TONES, at_end=True),
    "telex, tone behind vowel": lambda name: _strokes(name, _TELEX_TONES, at_end=False),
    "telex, capitals": lambda name: _strokes(name.upper(), _TELEX_TONES, at_end=True),
    "vni typing": lambda name: _strokes(name, _VNI_TONES, at_end=True),
    "vni typing, behind vowel": lambda name: _strokes(name, _VNI_TONES, at_end=False),
}
