"""The bounds of a run: what each registry's lists are held to, and what the manifest says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from linkage.contracts import CORRECTIONS, DUPLICATES, RECORDS, case_table
from linkage.harm.bound import Held, hold
from linkage.harm.figures import TOLD_OF, Limit, reported
from linkage.harm.measured import READ, Measured, measured_kind, with_leverage
from linkage.shelf import part_of


@dataclass(frozen=True)
class Bounds:
    """Limits on harm, by registry.

    Attributes:
        limits: registry to what its lists are held to.
        records: registry to its records, what a limit is per 10,000 of.
        measured: registry to its trial with hidden numbers, where it had one, and the links that
            the trial speaks for.
    """

    limits: Mapping[str, Limit]
    records: Mapping[str, int]
    measured: Mapping[str, tuple[Measured, pl.DataFrame]] = field(default_factory=dict)

    def hold(self, registry: str, table: str, cases: pl.DataFrame) -> Held:
        """Hold the cases of one list to the registry's limit (:func:`linkage.harm.bound.hold`)."""
        if table == CORRECTIONS.name:  # proposals: nothing is done to anybody
            return Held(cases)
        weighed, measured = self._weighed(registry, cases)
        held = hold(
            weighed,
            self.limits[registry],
            records=self.records[registry],
            group="group_id" if table == DUPLICATES.name else None,
            measured=measured,
        )
        return Held(held.frame.select(cases.columns), held.moved)

    def told(
        self,
        registry: str,
        lists: Mapping[str, pl.DataFrame],
        moved: Mapping[str, Mapping[str, int]],
    ) -> dict[str, Any]:
        """Wrongful cases expected per 10,000 records, list by list, and the limit that was set."""
        told = {}
        for table in (case_table(registry), DUPLICATES, CORRECTIONS):
            read = [column for column in TOLD_OF if column in table.columns]
            part = part_of(lists, table.name, *read)
            weighed, measured = self._weighed(registry, part)
            told[table.name] = reported(
                weighed,
                records=self.records[registry],
                limit=self.limits[registry],
                moved=moved.get(table.name),
                measured=measured,
            )
        return told

    def _weighed(self, registry: str, cases: pl.DataFrame) -> tuple[pl.DataFrame, Measured | None]:
        if registry not in self.measured:
            return cases, None
        measured, links = self.measured[registry]
        return with_leverage(cases, links), measured


def bounds_of(
    limits: Mapping[str, Limit],
    lists: Mapping[str, Mapping[str, pl.DataFrame]],
    measured: Mapping[str, Measured | None],
    numbers: Mapping[str, Collection[str]],
) -> Bounds:
    """The bounds of a run.

    Args:
        limits: registry to what its lists are held to.
        lists: registry to its lists, of which ``records`` is read.
        measured: registry to its trial; None where it had none.
        numbers: registry to its fields with an identity number.
    """
    trials = {name: trial for name, trial in measured.items() if trial is not None}
    return Bounds(
        limits,
        {
            name: records_of(part_of(own, RECORDS.name, "link_status"))
            for name, own in lists.items()
        },
        {
            name: (one, measured_kind(part_of(lists[name], RECORDS.name, *READ), numbers[name]))
            for name, one in trials.items()
        },
    )


def records_of(records: pl.DataFrame) -> int:
    """Records of a registry that its lists can be about: those that were read."""
    return records.filter(pl.col("link_status") != "rejected").height
