"""Alarms: what a run should not pass over in silence, because the lists would look like findings.

A truncated register makes suspects of honest holders, a wrong encoding makes typing errors of good
names. Counts and field names only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from linkage.clean import ColumnHealth

MANY: Final = 20
"""Rows from which a share says something."""
UNREADABLE_SHARE: Final = 0.2
STRANGE_SHARE: Final = 0.05
REJECTED_SHARE: Final = 0.05
LINKED_SHARE: Final = 0.5
TIMES_LARGER: Final = 2
"""How much larger a register may be than the one that a threshold was tuned on."""


def about_columns(name: str, health: Iterable[ColumnHealth]) -> Iterator[str]:
    """Columns that are empty, mostly unreadable, or hold signs that no name has."""
    for column in health:
        place = f"{name}, field '{column.field}'"
        if column.rows >= MANY and column.required and column.filled == 0:
            yield f"{place}: empty in all {column.rows:,} rows; check the column mapping"
        if column.filled >= MANY and column.unreadable > UNREADABLE_SHARE * column.filled:
            yield (
                f"{place}: {column.unreadable:,} of {column.filled:,} values are unreadable;"
                " check the column mapping and the encoding"
            )
        if column.filled >= MANY and column.strange > STRANGE_SHARE * column.filled:
            yield (
                f"{place}: {column.strange:,} of {column.filled:,} names hold signs that no name"
                " has; check the encoding (tcvn3, vni, viscii, cp1258, utf-8?)"
            )


def about_rows(name: str, kept: int, rejected: int) -> Iterator[str]:
    """Sources without rows, or with many rejected ones."""
    if kept + rejected == 0:
        yield f"{name}: the source has a header and no rows; its lists will be empty"
    if kept + rejected >= MANY and rejected > REJECTED_SHARE * (kept + rejected):
        yield (
            f"{name}: {rejected:,} of {kept + rejected:,} rows are rejected; see its rejects list,"
            " and check delimiter, quote and key"
        )


def about_links(name: str, records: pl.DataFrame, people: int) -> Iterator[str]:
    """Registries of which hardly anybody is found in the register."""
    subjects = records.filter(~pl.col("link_status").is_in(["not_applicable", "rejected"]))
    linked = subjects.filter(link_status="linked").height
    if subjects.height >= MANY and linked < LINKED_SHARE * subjects.height:
        yield (
            f"{name}: only {linked:,} of {subjects.height:,} records link to one of {people:,}"
            " people; before you act on the lists, check that the register is whole, the columns"
            " are mapped right and the encoding is right"
        )


def about_thresholds(name: str, tuned_on: int | None, people: int) -> Iterator[str]:
    """Thresholds that were tuned on a much smaller register: namesakes are more now."""
    if tuned_on is not None and people > TIMES_LARGER * tuned_on:
        yield (
            f"{name}: its thresholds were tuned on {tuned_on:,} people, the register has"
            f" {people:,} now; with more namesakes the same number links less surely, so tune again:"
            " linkage tune"
        )
