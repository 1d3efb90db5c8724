"""Names: the folded name first, its tone marks only where the folded names are equal."""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import edits, missing, same

NAME: Final = Comparison(
    "person_name",
    ("fold", "initials", "given", "family_given", "sorted", "abbreviated"),
    (
        Level("missing", missing("fold"), is_null=True),
        Level("same name", same("fold"), frequency="fold"),
        Level(
            "abbreviated",
            f'("{{f}}__abbreviated_l" OR "{{f}}__abbreviated_r") AND {same("initials")}'
            f" AND {same('given')}",
            frequency="fold",
        ),
        Level("other order", same("sorted"), frequency="fold"),
        Level("one edit apart", edits("fold", 1), frequency="fold"),
        Level("middle name differs", same("family_given")),
        Level(
            "similar",
            f"{edits('fold', 2)} OR"
            ' jaro_winkler_similarity("{f}__fold_l", "{f}__fold_r") >= 0.94',
        ),
        Level("same given name", same("given")),
        ELSE,
    ),
    agrees=("same name",),
)

TONES: Final = Comparison(
    "person_name_tones",
    ("fold", "tone", "has_tones"),
    (
        Level(
            "nothing to compare",
            f"({missing('fold')}) OR NOT ({same('fold')})"
            ' OR NOT ("{f}__has_tones_l" AND "{f}__has_tones_r")',
            is_null=True,
        ),
        Level("same tone marks", same("tone")),
        ELSE,
    ),
    agrees=("same tone marks",),
)
