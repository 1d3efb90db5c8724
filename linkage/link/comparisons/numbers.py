"""Identity numbers, as many as a person has had."""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import both, missing, one_digit, seen, shared

NUMBER: Final = Comparison(
    "personal_id",
    ("numbers", "number", "old_numbers", "seen_numbers"),
    (
        Level(
            "nothing to compare",
            f"NOT ({both('number')})"
            ' AND NOT coalesce(len("{f}__old_numbers_l") > 0 AND len("{f}__old_numbers_r") > 0,'
            " false)"
            f" AND NOT coalesce({shared('numbers')}, false) AND NOT {seen('numbers')}",
            is_null=True,
        ),
        # Two people do share an old number now and then (double issues), hence not smaller.
        Level("same number", shared("numbers"), accident=1e-7),
        Level("number seen elsewhere", seen("numbers"), accident=1e-6),
        Level("one edit apart", one_digit("number", 5), accident=1e-6),
        # One person had two or three old numbers in 421,999 known cases; moving gave a new one. How
        # often a registry shows one that the register does not know, its own records say.
        Level("old numbers differ", missing("number"), least=0.003),
        ELSE,
    ),
    agrees=("same number",),
)
