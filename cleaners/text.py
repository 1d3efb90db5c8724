"""Text that two people typed differently, made comparable.

Three forms, from gentle to coarse, each a polars expression and each idempotent:

* ``tidy``: what a careful typist would have written; clean text passes untouched.
* ``tone_normal``: lower case with one placement of the tone mark (hòa, never hoà).
* ``fold``: only ``a-z``, ``0-9`` and single spaces, for keys and joins.

``unidecode`` supplies the letter map once per process; polars applies it.

>>> import polars as pl
>>> frame = pl.DataFrame({"name": ["  Nguyễn   Thị Thuý "]})
>>> frame.select(tidy("name").alias("tidy"), fold("name").alias("fold")).row(0)
('Nguyễn Thị Thuý', 'nguyen thi thuy')
"""

from __future__ import annotations

import string
from functools import cache, lru_cache
from typing import Final

import polars as pl
from unidecode import unidecode

from cleaners.guarded import Matching, Run, as_expr, named_like, on_all_cores, only_where, repairing

__all__ = [
    "CLEAN",
    "MISPLACED",
    "VIETNAMESE",
    "as_expr",
    "fold",
    "fold_of",
    "named_like",
    "on_all_cores",
    "only_where",
    "tidy",
    "tone_map",
    "tone_normal",
]

_APOSTROPHES = "'`´‘’‚‛ʹʻʼʽˈ′＇"
_COMBINING = "".join(map(chr, range(0x300, 0x370)))
# Controls and format characters that show nothing; the soft hyphen is also the lost TCVN3 letter ư.
_INVISIBLE = "".join(
    map(
        chr,
        [
            *(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0B, 0x0C, 0x0D)),
            *range(0x7F, 0x85),
            *range(0x86, 0xA0),
            *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x180E, 0xFEFF),
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            *range(0xFE00, 0xFE10),
            *range(0xFFF9, 0xFFFC),
        ],
    )
)
_SPACES = "\t\n\x0b\x0c\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Letters that look like đ but are Icelandic eth or African d; fonts made them interchangeable.
_LOOKALIKES = {"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ", "ɑ": "a", "ɡ": "g", "ı": "i"}
# Cyrillic and Greek letters that look like Latin ones (Unicode's confusables, the plain ones).
# They are exchanged only inside Latin text that has no other letter of their script.
_CYRILLIC = dict(zip("АВЕКМНОРСТУХІЈЅаеорсухіјѕһԁԛԝ", "ABEKMHOPCTYXIJSaeopcyxijshdqw", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν", "ABEZHIKMNOPTYXoiv", strict=True))
_TWINS = _CYRILLIC | _GREEK
_FOREIGN = r"[\p{Cyrillic}\p{Greek}]"
_FOREIGN_ONLY = rf"[\p{{Cyrillic}}\p{{Greek}}--[{''.join(_TWINS)}]]"
# Letters dressed up for social media (𝐍𝐠𝐮𝐲𝐞𝐧), and ligatures.
_DRESSED = r"[\x{1D400}-\x{1D7FF}\x{24B6}-\x{24E9}\x{FB00}-\x{FB06}]"
_MAPPED = [
    *range(0xA1, 0x530),
    *range(0x1E00, 0x2070),
    *range(0x2100, 0x2200),
    *range(0xFF01, 0xFF5F),
]
_OPEN_PAIRS = (
    ("o", "a", "àáảãạ", "òóỏõọ"),
    ("o", "e", "èéẻẽẹ", "òóỏõọ"),
    ("u", "y", "ỳýỷỹỵ", "ùúủũụ"),
)
VIETNAMESE: Final = (
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộ"
    "ỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ"
)
"""Letters with a mark, composed, for classes of regular expressions."""
# Text of plain ASCII and composed Vietnamese letters, single spaces: nothing to repair.
CLEAN = f"^[!-~{VIETNAMESE}]+(?: [!-~{VIETNAMESE}]+)*$"
_COMPOSED = f"^[\\x00-\\x7f{VIETNAMESE}]*$"
_SHORT = 1_000  # rows up to which a table of all letters costs more than the letters that are there
_FINALS = "abcdeghiklmnopqrstuvxyăâđêôơư"
# The mark on the second of two open vowels, on the first before a final letter, or on a q's u.
MISPLACED = (
    rf"(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?:[^{_FINALS}]|$)|"
    rf"(?:[òóỏõọ][ae]|[ùúủũụ]y)[{_FINALS}]|q[ùúủũụ]y"
)


def fold_of(character: str) -> str:
    """The fold of one character: letters and digits, a space for punctuation, or nothing."""
    if character in _APOSTROPHES or character in _COMBINING or character in _INVISIBLE:
        return ""
    plain = unidecode(_TWINS.get(character, character)).lower()
    if plain.strip("'`") == "":
        return " " if character in _SPACES or character in string.whitespace else ""
    return "".join(c if c in string.ascii_lowercase + string.digits else " " for c in plain)


@lru_cache(maxsize=8)
def _fold_map(keep: str) -> tuple[list[str], list[str]]:
    """Find and replace lists for ``fold``; characters in ``keep`` stay as they are."""
    characters = [chr(code) for code in _MAPPED] + list(string.punctuation + _SPACES)
    characters += list(_COMBINING + _INVISIBLE + _APOSTROPHES)
    table = {c: fold_of(c) for c in characters if c not in keep}
    # "Q.1, Hà Nội": a sign and the space after it are one space.
    signs = {sign + " ": " " for sign in string.punctuation if table.get(sign) == " "}
    table = signs | table
    return list(table), list(table.values())


@lru_cache(maxsize=8)
def _fold_map_by_letter(keep: str) -> dict[str, list[tuple[str, str]]]:
    """The pairs of ``_fold_map`` by the first letter of what is found, in their order."""
    by_letter: dict[str, list[tuple[str, str]]] = {}
    for find, replacement in zip(*_fold_map(keep), strict=True):
        by_letter.setdefault(find[0], []).append((find, replacement))
    return by_letter


def _of_those_there(keep: str, text: pl.Series) -> tuple[list[str], list[str]]:
    """The pairs of ``_fold_map`` for a column: of a short one those that can be found in it.

    The table of all letters is made ready for searching anew each time.
    """
    if text.len() > _SHORT:
        return _fold_map(keep)
    by_letter = _fold_map_by_letter(keep)
    letters = sorted(set("".join(text.drop_nulls().to_list())))
    pairs = [pair for letter in letters for pair in by_letter.get(letter, ())]
    return [find for find, _ in pairs], [replacement for _, replacement in pairs]


@lru_cache(maxsize=1)
def _tidy_map() -> tuple[list[str], list[str]]:
    """Find and replace lists for ``tidy``."""
    table = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)}
    table |= dict.fromkeys(_INVISIBLE, "") | dict.fromkeys(_SPACES, " ") | _LOOKALIKES
    return list(table), list(table.values())


@lru_cache(maxsize=1)
def tone_map() -> tuple[list[str], list[str]]:
    """Find and replace lists for ``tone_normal``: longer patterns stand first and win."""
    closed: dict[str, str] = {}
    opened: dict[str, str] = {}
    for first, second, on_second, on_first in _OPEN_PAIRS:
        for late, early in zip(on_second, on_first, strict=True):
            # A final letter pins the mark to the second vowel: toàn, hoài, huỳnh.
            closed |= {first + late + f: first + late + f for f in _FINALS}
            closed |= {early + second + f: first + late + f for f in _FINALS}
            opened[first + late] = early + second
            if first == "u":
                # After q the u belongs to the consonant: quý, never qúy.
                closed |= {"q" + first + late: "q" + first + late}
                closed |= {"q" + early + second: "q" + first + late}
    table = closed | opened
    return list(table), list(table.values())


def _single_spaced(expr: pl.Expr) -> pl.Expr:
    """Trim, squeeze runs of spaces, and turn the empty text into null."""
    squeezed = expr.str.replace_all("  +", " ").str.strip_chars(" ")
    return pl.when(squeezed != "").then(squeezed)


def _undressed(expr: pl.Expr) -> pl.Expr:
    """Plain letters for those in mathematical alphabets, circles and ligatures."""
    return only_where(
        expr, lambda text: text.str.contains(_DRESSED), lambda text: text.str.normalize("NFKC")
    )


def _latin(expr: pl.Expr) -> pl.Expr:
    """Latin letters for look-alikes of other scripts; text in another script stays."""

    def mixed(text: pl.Expr) -> pl.Expr:
        foreign = text.str.contains(_FOREIGN) & ~text.str.contains(_FOREIGN_ONLY)
        return foreign & text.str.contains(r"\p{Latin}")

    return only_where(expr, mixed, lambda text: text.str.replace_many(_TWINS))


@cache
def _tidied() -> Run:
    """What ``tidy`` does with a column."""

    def repair(expr: pl.Expr) -> pl.Expr:
        plain = _latin(_undressed(expr)).str.replace_many(*_tidy_map())
        return _single_spaced(plain.str.normalize("NFC"))

    return repairing(Matching(CLEAN, denied=True), repair)


def tidy(column: str | pl.Expr) -> pl.Expr:
    r"""Normalise form without changing what is said.

    Composes letters (NFC), removes invisible characters, turns odd spaces, full-width and dressed-up
    letters into plain ones, eth into đ, Cyrillic and Greek look-alikes inside Latin text into Latin
    letters, squeezes spaces and trims. Blank text becomes null.

    Args:
        column: a String column.

    Returns:
        String, null where nothing visible was left.

    >>> pl.select(tidy(pl.lit("Ｈà\u00a0 Nội\u200b"))).item()
    'Hà Nội'
    """
    return on_all_cores(column, _tidied())


def fold(column: str | pl.Expr, *, keep: str = "") -> pl.Expr:
    """Reduce text to lower-case ``a-z0-9`` and single spaces, for keys and joins.

    Tone marks and other accents go, đ becomes d, apostrophes vanish (H'Hen: hhen), any other
    punctuation becomes a space. Works on composed and decomposed text alike.

    Args:
        column: a String column.
        keep: ASCII punctuation to leave in place (the commas of an address, say).

    Returns:
        String, null where no letter or digit was left.

    >>> pl.select(fold(pl.lit("Đặng Thị H'Hen-Niê"))).item()
    'dang thi hhen nie'
    """
    return on_all_cores(column, _folding(keep))


@cache
def _folding(keep: str) -> Run:
    """What ``fold`` does with a column."""
    kept = "".join(f"\\{c}" for c in keep)

    def plain(text: pl.Series) -> pl.Series:
        find, replacement = _of_those_there(keep, text)
        if find:
            text = text.str.replace_many(find, replacement, leftmost=True)
        return text.str.to_lowercase()

    def repair(expr: pl.Expr) -> pl.Expr:
        undressed = only_where(
            expr,
            lambda text: text.str.contains(_DRESSED),
            lambda text: _undressed(text).map_batches(plain, return_dtype=pl.String),
        )
        return _single_spaced(undressed.str.replace_all(f"[^a-z0-9 {kept}]+", " "))

    # Most values are done at once; the rest holds letters outside the map, or spaces to squeeze.
    rest = repairing(Matching(f"[^a-z0-9 {kept}]|  |^ | $|^$"), repair)
    return lambda text: rest(plain(text))


def tone_normal(column: str | pl.Expr) -> pl.Expr:
    """Lower-case composed text with one placement of the tone mark.

    Two placements are in use for open *oa, oe, uy* (hòa and hoà); the older one is kept. Where
    only one is right (toàn, quý), the right one is put.

    >>> pl.select(tone_normal(pl.lit("Hoà Thuý QUÝ Tòan"))).item()
    'hòa thúy quý toàn'
    """
    return on_all_cores(column, _toned())


@cache
def _toned() -> Run:
    """What ``tone_normal`` does with a column."""
    find, replacement = tone_map()

    def compose(expr: pl.Expr) -> pl.Expr:
        return expr.str.normalize("NFC").str.to_lowercase().str.normalize("NFC")

    composed = repairing(Matching(_COMPOSED, denied=True), compose)
    placed = repairing(
        Matching(MISPLACED),
        lambda text: text.str.replace_many(find, replacement, leftmost=True),
    )
    return lambda text: placed(composed(text.str.to_lowercase()))
