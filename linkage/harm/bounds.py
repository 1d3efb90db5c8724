"""The bounds of a run: what each registry's lists are held to, and what the manifest says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from linkage.contracts import CORRECTIONS, DUPLICATES, case_table
from linkage.harm.bound import Held, hold
from linkage.harm.figures import Limit, reported


@dataclass(frozen=True)
class Bounds:
    """Limits on harm, by registry.

    Attributes:
        limits: registry to what its lists are held to.
        records: registry to its records, what a limit is per 10,000 of.
    """

    limits: Mapping[str, Limit]
    records: Mapping[str, int]

    def hold(self, registry: str, table: str, cases: pl.DataFrame) -> Held:
        """Hold the cases of one list to the registry's limit (:func:`linkage.harm.bound.hold`)."""
        if table == CORRECTIONS.name:  # proposals: nothing is done to anybody
            return Held(cases)
        return hold(
            cases,
            self.limits[registry],
            records=self.records[registry],
            group="group_id" if table == DUPLICATES.name else None,
        )

    def told(
        self,
        registry: str,
        lists: Mapping[str, pl.DataFrame],
        moved: Mapping[str, Mapping[str, int]],
    ) -> dict[str, Any]:
        """Wrongful cases expected per 10,000 records, list by list, and the limit that was set."""
        return {
            table: reported(
                lists[table],
                records=self.records[registry],
                limit=self.limits[registry],
                moved=moved.get(table),
            )
            for table in (case_table(registry).name, DUPLICATES.name, CORRECTIONS.name)
        }


def records_of(records: pl.DataFrame) -> int:
    """Records of a registry that its lists can be about: those that were read."""
    return records.filter(pl.col("link_status") != "rejected").height
