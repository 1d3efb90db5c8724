"""Addresses by level, in today's units; a move is ordinary.

Two comparisons: the ward, and the place in it where both sides name one. Apart, because a record that
says no more than the ward agrees on all that it says, while one that names another house or hamlet of
the ward rather speaks of somebody else; at one level they would share a weight that fits neither.
"""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import missing, seen, shared

_ONLY_SEEN: Final = (
    f"({seen('places')} AND NOT coalesce({shared('places')}, false)"
    f" AND NOT coalesce({shared('houses')}, false))"
)
"""The place is not one that the register gives, but one that another registry shows."""

ADDRESS: Final = Comparison(
    "address",
    (
        "wards",
        "ward",
        "places",
        "houses",
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
        Level(
            "same ward",
            f"{shared('wards')} AND NOT {_ONLY_SEEN}",
            frequency="ward",
            own_frequency=True,
        ),
        Level(
            "place seen elsewhere", seen("places"), frequency="written_place", own_frequency=True
        ),
        Level("ward seen elsewhere", seen("wards"), frequency="written_ward", own_frequency=True),
        Level("ward unknown, same province", f"({missing('wards')}) AND {shared('provinces')}"),
        Level("same province", shared("provinces")),
        ELSE,
    ),
    agrees=("same ward",),
)

PLACE: Final = Comparison(
    "address_place",
    ("wards", "places", "place_in_ward", "houses", "house_in_ward", "seen_places"),
    (
        Level(
            "nothing to compare",
            f"NOT coalesce({shared('wards')}, false) OR {missing('places')} OR {_ONLY_SEEN}",
            is_null=True,
        ),
        Level("same place", shared("places"), frequency="place_in_ward", own_frequency=True),
        Level("same house number", shared("houses"), frequency="house_in_ward", own_frequency=True),
        ELSE,
    ),
    agrees=("same place", "same house number"),
)
