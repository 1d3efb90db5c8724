"""What Vietnamese letters look like after their bytes were read with a wrong encoding.

Each map goes from what stands in the text to the letter that was meant. Bytes that windows-1252
does not define (81 8D 8F 90 9D) come as the control characters of latin-1, and a program that read
latin-1 throughout shows all of 80-9F so: both forms are in the maps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

from cleaners import encodings
from cleaners.errors import EncodingError

__all__ = ["BYTE_KINDS", "FILLINGS", "LOST_BYTES", "decoded"]

#: Encodings whose bytes were read as windows-1252; earlier ones are likelier.
BYTE_KINDS: Final = ("tcvn3", "vni", "utf8_once", "utf8_twice", "cp1258", "viscii")

# Every letter with a mark.
_SMALL: Final = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
_LETTERS: Final = _SMALL + _SMALL.upper()
#: Stand-ins, in a private area, for letters of UTF-8 that lost their last byte.
LOST_BYTES: Final = {"á»": "\ue001", "áº": "\ue002", "Ã": "\ue003"}
#: What each of them can have been: letters whose last byte programs drop (81 8D 8F 90 9D A0 AD).
FILLINGS: Final = tuple(
    (stand_in, letter)
    for stand_in, letters in (("\ue001", "ềọỏờỐ"), ("\ue002", "ậẠ"), ("\ue003", "àíÁÍÝ"))
    for letter in letters
)


def _readings(data: bytes) -> list[str]:
    """The bytes as windows-1252 shows them, with latin-1 where it is silent; and as latin-1."""
    mixed = "".join(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in data)
    return [mixed, data.decode("latin-1")]


def _charmap(encoding: str) -> dict[str, str]:
    """One byte a letter."""
    table: dict[str, str] = {}
    for byte in (0x02, 0x05, 0x06, 0x14, 0x19, 0x1E, *range(0x80, 0x100)):
        try:
            letter = encodings.decode(bytes([byte]), encoding)
        except EncodingError:
            continue
        if letter in _LETTERS or "\u0300" <= letter <= "\u036f":
            table |= dict.fromkeys(_readings(bytes([byte])), letter)
    return {seen: letter for seen, letter in table.items() if seen != letter}


def _vni() -> dict[str, str]:
    """A letter and a mark, either of them in any case; the letter's case counts."""
    table = {}
    for letter in _LETTERS:
        seen = encodings.encode(letter, "vni").decode("cp1252")
        for mark in {seen[1:], seen[1:].swapcase()}:
            table[seen[0] + mark] = letter
    pairs = dict(sorted(table.items(), key=lambda item: -len(item[0])))
    return {seen: letter for seen, letter in pairs.items() if seen != letter}


def _utf8() -> dict[str, str]:
    """Two or three bytes a character; whatever windows-1252 shows can itself have been misread."""
    codes = [*range(0x80, 0x100), *range(0x300, 0x304), 0x309, 0x323, 0xFFFD]
    shown = [bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xA0)]
    table: dict[str, str] = {}
    for letter in [*_LETTERS, *filter(None, shown), *map(chr, codes)]:
        table |= dict.fromkeys(_readings(letter.encode("utf-8")), letter)
    # Editors straighten the quote of đ, and the byte of Đ is one that is dropped.
    table |= {"Ä'": "đ"}
    damaged = {"Ä": "Đ"}
    for prefix, stand_in in LOST_BYTES.items():
        # The Â is left of a dropped byte that was misread twice.
        damaged |= {prefix + lost: stand_in for lost in ("Â", "?", "\ufffd", "")}
    return table | damaged


@lru_cache(maxsize=8)
def _pairs(kind: str) -> tuple[list[str], list[str]]:
    """Find and replace lists; longer patterns stand first and win."""
    tables = {"vni": _vni, "utf8_once": _utf8, "utf8_twice": _utf8}
    table = tables[kind]() if kind in tables else _charmap(kind)
    find = sorted(table, key=len, reverse=True)
    return find, [table[seen] for seen in find]


def decoded(text: pl.Expr, kind: str) -> pl.Expr:
    """The text as it was before its bytes were misread.

    Args:
        text: String.
        kind: one of ``BYTE_KINDS``.

    Returns:
        Composed String; letters of UTF-8 without their last byte become the stand-ins of
        ``LOST_BYTES``.
    """
    find, replacement = _pairs(kind)
    result = text.str.replace_many(find, replacement, leftmost=True)
    if kind == "utf8_twice":
        result = result.str.replace_many(find, replacement, leftmost=True)
    return result.str.normalize("NFC")
