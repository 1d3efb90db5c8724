"""Words in any language: names of people and places, streets, occupations.

A name of a person stands in one column or in several, given name first or family name first, and
clerks swap the two; all words together are therefore compared as one name, and its first and last
word apart only where the whole differs. Nothing here knows a language: no list of nicknames, no
rules of sound.
"""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import alike, edits, holds, missing, same, shared

_EITHER_END: Final = '("{f}__first_l" = "{f}__last_r" AND "{f}__last_l" = "{f}__first_r")'


def _close(column: str) -> str:
    """Alike, or one is an initial or beginning of the other."""
    return f"({alike(column, 0.85)} OR {beginning(column)})"


def beginning(column: str) -> str:
    """One side's word is how the other's begins: an initial, a short form."""
    left, right = f'"{{f}}__{column}_l"', f'"{{f}}__{column}_r"'
    return f"(starts_with({left}, {right}) OR starts_with({right}, {left}))"


NAME_WORDS: Final = Comparison(
    "name_words",
    ("fold", "sorted", "first", "last", "ends", "words"),
    (
        Level("missing", missing("fold"), is_null=True),
        Level("same name", same("fold"), frequency="fold"),
        Level("other order", f"{same('sorted')} OR {_EITHER_END}", frequency="fold"),
        Level(
            "same ends", f"{same('first')} AND {same('last')}", frequency="ends", own_frequency=True
        ),
        Level("one edit apart", edits("fold", 1), frequency="fold"),
        Level("last same, first alike", f"{same('last')} AND {_close('first')}", frequency="last"),
        Level("first same, last alike", f"{same('first')} AND {_close('last')}", frequency="first"),
        Level("alike", f"{_close('first')} AND {_close('last')}"),
        Level("one holds the other", holds("words")),
        Level("last word same", same("last"), frequency="last"),
        Level("first word same", same("first"), frequency="first"),
        Level("a word in common", shared("words")),
        ELSE,
    ),
    agrees=("same name",),
)

WORDS: Final = Comparison(
    "words",
    ("fold", "sorted", "words"),
    (
        Level("missing", missing("fold"), is_null=True),
        Level("same", same("fold"), frequency="fold"),
        Level("other order", same("sorted"), frequency="fold"),
        Level("one edit apart", edits("fold", 1), frequency="fold"),
        Level("alike", alike("fold", 0.92)),
        Level("one holds the other", holds("words")),
        Level("a word in common", shared("words")),
        Level("somewhat alike", alike("fold", 0.8)),
        ELSE,
    ),
    agrees=("same",),
)
