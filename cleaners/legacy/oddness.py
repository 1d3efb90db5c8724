"""Which values are looked at: tests that clean text never meets."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.guarded import Matching
from cleaners.legacy.maps import BYTE_KINDS
from cleaners.text import VIETNAMESE

__all__ = ["is_odd", "is_odd_value", "signs"]

# A character that is neither ASCII nor a composed Vietnamese letter, and a question mark that may
# have been a letter.
_STRANGE: Final = rf"[^\t\n\r -~{VIETNAMESE}]|\?[A-Za-z{VIETNAMESE}]|[A-Za-z{VIETNAMESE}]\?"
# Telex strokes, VNI digits.
_TYPED: Final = (
    "(?i:dd|aa|ee|oo|w[a-z]|[a-z]w|[aeiouy](?:c|ch|m|n|ng|nh|p|t)?[sfrxj]|"
    "[aeiouy](?:c|ch|m|n|ng|nh|p|t)?[1-9]|d9)"
)
# Letters that no misread byte gives: where one stands, the bytes came through, and a small letter
# among capitals (PHạM VĂN TùNG) is of a capital font.
_SOUND: Final = "[\u0102-\u0103\u0110-\u0111\u0128-\u0129\u0168-\u0169\u01a0-\u01b0\u1ea0-\u1ef9]"
_STRANGE_OR_TYPED: Final = rf"{_STRANGE}|{_TYPED}"
# What clean text of the other letters never matches; everything costly happens behind it.
_DOUBTFUL: Final = "|".join(
    [
        # a capital with a mark behind a small letter: TCVN3 (BÝch)
        "[a-z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ]|[A-Z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ][a-z]",
        # and a small letter with a mark among capitals (QUúNH); NguyÔn in any case
        "[A-Z][àáâãèéêìíòóôõùúý][A-Z]|[A-Z]{2}[àáâãèéêìíòóôõùúý]|[yY][ôÔ]",
        # tones that no word with such an end has (Quèc), words that no name has
        "[àãèìòõùÀÃÈÌÒÕÙ](?:[cC][hH]?|[pPtT])(?:[^a-zA-Z]|$)|"
        "T[hH][òÒ] |^V[òÒ] |V[ãÃ][nN] |^TÕ |S[õÕ][nN]|T[ãÃ][nN][gG]|N[ãÃ][mM]|[âÂ](?: |$)",
        # vowels that meet only in windows-1258 (TrâÌn, Thiò)
        "[ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý]{2}|[aeioyAEIOY][ìíòõÌÍÒÕ]|[uU][òõúÒÕÚ]",
        "[b-df-hj-np-tv-xB-DF-HJ-NP-TV-XzZ]ý[a-z]|[nN][hH][ýÝ]",
        # vowels that meet only in VNI (Traàn)
        "[aA][àáâãèéêùúõÀÁÂÃÈÉÊÙÚÕ]|[eE][àáâãùõÀÁÂÃÙÕ]|[oO][âùõÂÙÕ]|[uUyYôÔ][ùõÙÕ]",
    ]
)


_ODD: Final = rf"{_STRANGE_OR_TYPED}|{_DOUBTFUL}"
_MAY_BE_ODD: Final = Matching(_ODD)
_IS_SOUND: Final = Matching(_SOUND)
_IS_STRANGE_OR_TYPED: Final = Matching(_STRANGE_OR_TYPED)


def is_odd(text: pl.Series, expect: str | None = None) -> pl.Series:
    """Which values may be damaged: the few that are worth a closer look.

    Args:
        text: String.
        expect: the kind that the column is known to have: every value with a mark is then looked
            at, as every good word may be another one in that kind.

    Returns:
        Boolean, false for null.
    """
    if expect in BYTE_KINDS:
        return text.str.contains(rf"{_ODD}|[^ -~]").fill_null(value=False)
    if text.len() == 1:
        return pl.Series(text.name, [not text.null_count() and is_odd_value(text.item())])
    odd = text.str.contains(_ODD).fill_null(value=False)
    if not odd.any():
        return odd
    found = text.filter(odd)
    is_sound = found.str.contains(_SOUND) & ~found.str.contains(_STRANGE_OR_TYPED)
    return odd.scatter(odd.arg_true().filter(is_sound), False)


def is_odd_value(text: str) -> bool:
    """Whether one value may be damaged.

    >>> is_odd_value("NguyÔn"), is_odd_value("Nguyễn")
    (True, False)
    """
    is_sound = _IS_SOUND.says(text) and not _IS_STRANGE_OR_TYPED.says(text)
    return _MAY_BE_ODD.says(text) and not is_sound


def signs(text: pl.Expr) -> dict[str, pl.Expr]:
    """What ``is_odd`` goes by, for text that is judged in pieces.

    The whole is odd if a piece is strange, or if one is doubtful and none is sound.

    Args:
        text: pieces of text cut behind spaces, each with its space.

    Returns:
        ``is_strange``, ``is_doubtful``, ``is_sound``: Boolean, null for null.
    """
    return {
        "is_strange": text.str.contains(_STRANGE_OR_TYPED),
        "is_doubtful": text.str.contains(_DOUBTFUL),
        "is_sound": text.str.contains(_SOUND),
    }
