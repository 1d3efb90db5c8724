"""Values that are the same or are not: sex, a choice of few, codes and numbers of any kind."""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import edits, missing, same

SEX: Final = Comparison(
    "sex",
    ("value",),
    (
        Level("missing", missing("value"), is_null=True),
        Level("same", same("value")),
        ELSE,
    ),
    agrees=("same",),
)

CHOICE: Final = Comparison(
    "choice",
    ("value",),
    (
        Level("missing", missing("value"), is_null=True),
        Level("same", same("value"), frequency="value"),
        ELSE,
    ),
    agrees=("same",),
)

CODE: Final = Comparison(
    "code",
    ("value", "area", "start"),
    (
        Level("missing", missing("value"), is_null=True),
        Level("same", same("value"), frequency="value"),
        Level("one edit apart", edits("value", 1)),
        Level("same but for the end", same("area"), frequency="area", own_frequency=True),
        Level("two edits apart", edits("value", 2)),
        Level("same beginning", same("start"), frequency="start", own_frequency=True),
        ELSE,
    ),
    agrees=("same",),
)
