"""Text functions for one value, in plain Python: a query would take a hundred times as long.

Each is a twin of what its namesake in ``cleaners.text`` makes of a column, which tests hold it to, for
text that is plain: of ASCII and composed Vietnamese letters with single spaces. All else is left to
the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from cleaners.guarded import Matching, searching
from cleaners.legacy.oddness import is_odd_value
from cleaners.text import CLEAN, MISPLACED, VIETNAMESE, fold_of, tone_map

__all__ = ["extracting", "folded", "is_plain", "replacing", "squeezed", "toned"]

_IS_CLEAN: Final = Matching(CLEAN)
_IS_MISPLACED: Final = Matching(MISPLACED)


def extracting(pattern: str) -> Callable[[str], str | None]:
    """The first group of a pattern, null where it is not found."""
    search = searching(pattern)

    def extract(text: str) -> str | None:
        found = search(text)
        return found[1] if found else None

    return extract


def replacing(find: Sequence[str], replacement: Sequence[str]) -> Callable[[str], str]:
    """Replace each of several texts; where two begin at one place, the first of them."""
    table = dict(zip(find, replacement, strict=True))
    any_of_them = re.compile("|".join(map(re.escape, find)))
    return lambda text: any_of_them.sub(lambda found: table[found[0]], text)


def is_plain(text: str) -> bool:
    """Whether ``tidy`` leaves a text as it is, and no old encoding may have damaged it.

    >>> is_plain("Nguyễn Thị Lan"), is_plain("NguyÔn ThÞ Lan"), is_plain(" Lan")
    (True, False, False)
    """
    return _IS_CLEAN.says(text) and not is_odd_value(text)


@cache
def _letters(keep: str) -> dict[int, str]:
    letters = [*VIETNAMESE, *map(chr, range(0x20, 0x7F))]
    return {ord(letter): letter if letter in keep else fold_of(letter) for letter in letters}


def folded(text: str, keep: str = "") -> str | None:
    """What ``fold`` makes of a plain text.

    >>> folded("Số 5, ngõ 3/2", keep=",/")
    'so 5, ngo 3/2'
    """
    return squeezed(text.translate(_letters(keep)))


def squeezed(text: str) -> str | None:
    """A text with single spaces; None if there is nothing else."""
    return " ".join(text.split()) or None


@cache
def _tones() -> Callable[[str], str]:
    return replacing(*tone_map())


def toned(text: str) -> str:
    """What ``tone_normal`` makes of a plain text.

    >>> toned("Hoà QUÝ")
    'hòa quý'
    """
    lower = text.lower()
    return _tones()(lower) if _IS_MISPLACED.says(lower) else lower
