"""Names that several steps share, written once.

A field ``full_name`` of a declaration becomes, after cleaning, the column ``full_name`` (the clean
value), its parts ``full_name__fold``, ``full_name__family`` … and ``full_name__issues``; the value as
the source holds it stays beside it in ``full_name__raw``.
"""

from __future__ import annotations

from typing import Final

RECORD_ID: Final = "record_id"
INDEX: Final = "idx"
"""Integer key of a record or person inside one run; much cheaper to join on than text."""

PERSON_ID: Final = "person_id"
ROW: Final = "row"
"""Position in the source, from 1."""

FEEDBACK_COLUMNS: Final = {
    name: name
    for name in (
        "case_id", "registry", "record_id", "person_id", "decision", "decided_on", "note",
    )
}  # fmt: skip
"""The columns of a feedback file, each under its own name."""


def drawn(seed: int, most: int | None) -> str:
    """SQL tail of a query: its rows in an order drawn by seed and index alone, and how many of them.

    Args:
        seed: the same seed draws the same rows, in whatever order the table holds them.
        most: rows to keep at most; None for all.

    Example:
        >>> drawn(1, 100)
        'ORDER BY hash(idx + 1 * 1000003), idx LIMIT 100'
    """
    limit = "" if most is None else f" LIMIT {int(most)}"
    return f"ORDER BY hash({INDEX} + {int(seed)} * 1000003), {INDEX}{limit}"


def part(field: str, name: str) -> str:
    """Name of the column that holds one part of a cleaned field.

    Example:
        >>> part("full_name", "fold")
        'full_name__fold'
    """
    return f"{field}__{name}"
