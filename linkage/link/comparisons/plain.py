"""Values that are the same or are not."""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import missing, same

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
