"""Addresses by level, in today's units; a move is ordinary."""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import missing, seen, shared

ADDRESS: Final = Comparison(
    "address",
    (
        "wards",
        "ward",
        "places",
        "place",
        "houses",
        "house_in_ward",
        "provinces",
        "seen_places",
        "seen_wards",
        "written_place",
        "written_ward",
    ),
    (
        Level(
            "missing",
            f"({missing('provinces')})",
            is_null=True,
        ),
        Level("same place", shared("places"), frequency="place", own_frequency=True),
        Level(
            "same house number and ward",
            shared("houses"),
            frequency="house_in_ward",
            own_frequency=True,
        ),
        Level(
            "place seen elsewhere", seen("places"), frequency="written_place", own_frequency=True
        ),
        Level("same ward", shared("wards"), frequency="ward", own_frequency=True),
        Level("ward seen elsewhere", seen("wards"), frequency="written_ward", own_frequency=True),
        Level("ward unknown, same province", f"({missing('wards')}) AND {shared('provinces')}"),
        Level("same province", shared("provinces")),
        ELSE,
    ),
    agrees=("same place", "same house number and ward", "same ward"),
)
