"""Licence classes that another card of the same person contains.

Classes changed their meaning on 1 January 2025 (Law 36/2024 art. 57): old A1 was motorbikes below
175 cm3, new A1 is up to 125 cm3; old B1 was cars, new B1 is three-wheelers. So a class is read with
the law of its day of issue, and compared by what it lets one drive. What follows from which class is
recalled from the two laws and is information only: nobody loses a card for it.
"""

from __future__ import annotations

from typing import Final

from cleaners.identifiers import licence_class
from linkage.duplicates.held import ENTITIES, holding
from linkage.link.tables import LinkTables

_BIKES: Final = ("motorbike 125", "motorbike 175", "motorbike")
_TRUCKS: Final = ("car", "truck 7.5 t", "truck")
_BUSES: Final = ("16 seats", "29 seats", "all seats")
DRIVES: Final[dict[tuple[str, bool], tuple[str, ...]]] = {
    ("A1", False): _BIKES[:2],
    ("A2", False): _BIKES,
    ("A3", False): (*_BIKES[:2], "three wheels"),
    ("B1", False): _TRUCKS[:1],
    ("B2", False): _TRUCKS[:1],
    ("C", False): _TRUCKS,
    ("D", False): (*_TRUCKS, *_BUSES[:2]),
    ("E", False): (*_TRUCKS, *_BUSES),
    ("A1", True): _BIKES[:1],
    ("A", True): _BIKES,
    ("B1", True): (_BIKES[0], "three wheels"),
    ("B", True): _TRUCKS[:1],
    ("C1", True): _TRUCKS[:2],
    ("C", True): _TRUCKS,
    ("D1", True): (*_TRUCKS, *_BUSES[:1]),
    ("D2", True): (*_TRUCKS, *_BUSES[:2]),
    ("D", True): (*_TRUCKS, *_BUSES),
}
"""Class, and whether it is one of the law since 2025, to what it lets one drive."""


def overlapping(tables: LinkTables, field: str, counted_by: str | None) -> str:
    """SQL of members: cards of one person under one number, one of which contains the other.

    A class whose day of issue is unknown is not judged.
    """
    terms = ", ".join(
        f"('{name}', {str(is_new).lower()}, {list(kinds)!r})"
        for (name, is_new), kinds in DRIVES.items()
    )
    return f"""
        WITH terms(class, is_new, drives) AS (VALUES {terms}),
        cards AS (
            SELECT idx, e.entity, {holding({}, counted_by)} AS holding, e.probability, t.drives,
                c.opened_on
            FROM "{ENTITIES}" e JOIN "{tables.cases}" c USING (idx)
            JOIN terms t ON t.class = upper(regexp_replace(c."{field}", '[^A-Za-z0-9]', '', 'g'))
                AND t.is_new = (c.opened_on >= DATE '{licence_class.SINCE.isoformat()}')
            WHERE NOT e.compared
            QUALIFY count(*) OVER (PARTITION BY e.entity) > 1
        ),
        contained AS (
            SELECT a.idx AS small, b.idx AS large FROM cards a JOIN cards b
            ON a.entity = b.entity AND a.holding = b.holding AND a.idx <> b.idx
                AND list_has_all(b.drives, a.drives)
        )
        SELECT 'class' AS kind, entity || '|' || holding AS key, idx, idx::VARCHAR AS holding,
            probability, ['CLASS_OVERLAP'] AS reasons, 'none' AS step, 1 AS lawful, true AS by_hub
        FROM cards WHERE idx IN (SELECT small FROM contained UNION SELECT large FROM contained)
    """
