"""Names: the folded name first, its tone marks only where the folded names are equal."""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import edits, missing, same


def _stands_for() -> str:
    """One side is abbreviated and its letters and words, in order, fit the other (Ng. V. Hùng)."""
    ways = (
        f'coalesce("{{f}}__fold_{whole}" LIKE "{{f}}__pattern_{short}", false)'
        for short, whole in (("l", "r"), ("r", "l"))
    )
    return f"({' OR '.join(ways)}) AND {same('initials')}"


def _letters_stand_for() -> str:
    """The same in any order (Hùng N.V.): first letters are the same, and a name written out fits."""
    fits = " OR ".join(
        f'"{{f}}__{one}_l" = "{{f}}__{other}_r"'
        for one in ("given", "family")
        for other in ("given", "family")
    )
    return f'("{{f}}__abbreviated_l" OR "{{f}}__abbreviated_r") AND {same("letters")} AND ({fits})'


def _kindred() -> str:
    """One key; a name that is its own key has none beside it."""
    left, right = (f'coalesce("{{f}}__kindred_{s}", "{{f}}__fold_{s}")' for s in ("l", "r"))
    return f"{left} = {right}"


NAME: Final = Comparison(
    "person_name",
    (
        "fold",
        "initials",
        "given",
        "family",
        "family_given",
        "sorted",
        "abbreviated",
        "kindred",
        "pattern",
        "letters",
    ),
    (
        Level("missing", missing("fold"), is_null=True),
        Level("same name", same("fold"), frequency="fold"),
        Level("abbreviated", _stands_for(), frequency="fold"),
        Level("other order", same("sorted"), frequency="fold"),
        Level("kindred spelling", _kindred(), frequency="fold"),
        Level("abbreviated, other order", _letters_stand_for(), frequency="fold"),
        Level("one edit apart", edits("fold", 1), frequency="fold"),
        Level("middle name differs", same("family_given")),
        Level(
            "similar",
            'jaro_winkler_similarity("{f}__fold_l", "{f}__fold_r") >= 0.94'
            f" OR {edits('fold', 2)}",
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
