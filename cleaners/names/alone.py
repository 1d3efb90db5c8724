"""One plain name, read without a query: most names are of letters and say nothing odd.

What is plain is what :mod:`cleaners.names.plain` calls so, asked of the whole name; the fields are
those of the name read with care, which tests hold them to. Any other name is left to the query.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from cleaners.guarded import searching
from cleaners.names import kinship, marks, order, organisations, plain
from cleaners.names.parts import MIXED_CASE
from cleaners.names.words import FAMILY_FIRST
from cleaners.one_value import folded, is_plain, replacing, toned
from cleaners.text import VIETNAMESE

__all__ = ["read"]

_OF_LETTERS: Final = searching(rf"^(?:{plain.WORD} )+{plain.WORD}$")
_ODD: Final = searching(plain.ODD)
_TITLE_OR_MARKER: Final = searching(plain.TITLE_OR_MARKER)
_FAMILY_FIRST: Final = searching(FAMILY_FIRST)
_MAY_BE_REORDERED: Final = searching(order.MAYBE)
_STARTS: Final = searching(organisations.STARTS)
_TONED_STARTS: Final = searching(organisations.TONED_STARTS)
_KIN: Final = searching(kinship.NEEDED)
_LOST: Final = searching(marks.LOST)
_CAPITAL: Final = f"[A-Z{''.join(filter(str.isupper, VIETNAMESE))}]"
# Where a text is of letters and spaces, all but a letter is a space.
_MIXED: Final = searching(MIXED_CASE.replace(r"\p{Lu}", _CAPITAL).replace(r"\P{L}", " "))


@cache
def _kin() -> Callable[[str], str]:
    return replacing(*kinship.kin_table())


def _kindred(fold: str) -> str:
    if not _KIN(fold):
        return fold
    family = "vu " + fold[3:] if fold.startswith("vo ") else fold
    spaced = _kin()("." + family.replace(" ", "  ") + " ")
    return spaced.replace("  ", " ").strip(". ")


def _is_organisation(fold: str, tone: str) -> bool:
    of_letters = any(piece in fold for piece in organisations.PIECES) or _STARTS(fold)
    return bool(of_letters or _TONED_STARTS(tone))


def _display(raw: str) -> str:
    words = raw.split(" ")
    if all(word[0].isupper() and not any(map(str.isupper, word[1:])) for word in words):
        return raw
    if raw.isupper() or raw.islower() or _MIXED(raw):
        return " ".join(word[0].upper() + word[1:].lower() for word in words)
    return raw


def read(raw: str) -> dict[str, Any] | None:
    """The fields of a plain name; None if the name is not plain.

    >>> read("NGUYỄN THỊ LAN")["value"], read("Cty TNHH Hoa Sen"), read("Ng. Lan")
    ('Nguyễn Thị Lan', None, None)
    """
    if not _OF_LETTERS(raw) or not is_plain(raw):
        return None
    fold, tone = folded(raw), toned(raw)
    if (
        fold is None
        or _ODD(fold)
        or _TITLE_OR_MARKER(tone)
        or _is_organisation(fold, tone)
        or (_MAY_BE_REORDERED(tone) and not _FAMILY_FIRST(fold))
    ):
        return None
    words = fold.split(" ")
    is_lost = fold == tone and _FAMILY_FIRST(fold) and _LOST(fold)
    return {
        "value": _display(raw),
        "fold": fold,
        "tone": tone,
        "family": words[0],
        "middle": " ".join(words[1:-1]) or None,
        "given": words[-1],
        "initials": " ".join(word[0] for word in words),
        "has_abbreviation": False,
        "kindred": _kindred(fold),
        **dict.fromkeys(plain.RARE),
        "subject": "person",
        "issues": ["diacritics_lost"] if is_lost else [],
    }
