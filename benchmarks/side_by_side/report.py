"""One table of all contenders, registry by registry, and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.side_by_side import data
from benchmarks.side_by_side.decisions import at_best_f1, at_decision, judged, within_budget

#: Wrong links per 10,000 that a registry may have; the oracle is held to the same.
BUDGETS: Final = {"driver_licence": 5.0, "health_insurance": 5.0, "vehicle": 10.0, "sim": 5.0}

TITLES: Final = {
    "ours": "ours, default settings",
    "splink_plain": "plain Splink 5",
    "ecm": "recordlinkage ECM",
    "oracle": "oracle",
}


@dataclass(frozen=True)
class Finished:
    """A contender that ran.

    Attributes:
        tables: registry to decisions, see :class:`~.decisions.Decided`.
        seconds: registry to seconds.
        notes: registry to what a reader must know.
        process_seconds: start to end of its process.
        peak_mb: the most memory that its process held.
    """

    contender: str
    tables: Mapping[str, pl.DataFrame]
    seconds: Mapping[str, float]
    process_seconds: float
    peak_mb: float
    notes: Mapping[str, str] = field(default_factory=dict)

    def rows(self, folder: Path) -> list[dict[str, Any]]:
        """One row per registry and threshold."""
        rows = []
        for registry, table in self.tables.items():
            known = judged(table, folder, registry)
            budget = BUDGETS[registry]
            found = {"within budget": within_budget(known, budget)}
            if self.contender == "ours":
                found = {"as decided": at_decision(known), **found}
            elif self.contender != "oracle":
                found = {"0.95": at_decision(known), "best F1": at_best_f1(known), **found}
            common = {
                "registry": registry,
                "contender": TITLES[self.contender],
                "seconds": self.seconds[registry],
                "process_seconds": self.process_seconds,
                "peak_mb": self.peak_mb,
                "budget": budget,
                "note": self.notes.get(registry, ""),
            }
            rows += [{**common, "at": at, **figures} for at, figures in found.items()]
        return rows


def compared(finished: list[Finished], folder: Path) -> list[dict[str, Any]]:
    """All rows, each with its distance in F1 to the oracle, registry by registry."""
    rows = [row for contender in finished for row in contender.rows(folder)]
    ceiling = {row["registry"]: row["f1"] for row in rows if row["contender"] == TITLES["oracle"]}
    for row in rows:
        top = ceiling.get(row["registry"])
        row["gap_to_oracle"] = None if top is None else top - row["f1"]
    return sorted(rows, key=lambda row: data.REGISTRIES.index(row["registry"]))


def shown(rows: list[dict[str, Any]]) -> str:
    """The table as text."""
    head = (
        f"{'registry':<17}{'contender':<24}{'at':<14}{'F1':>8}{'prec.':>8}{'recall':>8}"
        f"{'wrong/10k':>11}{'review':>8}{'to oracle':>11}{'seconds':>9}{'peak MB':>9}"
    )
    lines, before = [head], None
    for row in rows:
        if before not in (None, row["registry"]):
            lines.append("")
        before = row["registry"]
        review = f"{row['review']:.2%}" if row["at"] == "as decided" else "-"
        gap = "-" if row["gap_to_oracle"] is None else f"{row['gap_to_oracle']:+.4f}"
        lines.append(
            f"{row['registry']:<17}{row['contender']:<24}{row['at']:<14}{row['f1']:>8.4f}"
            f"{row['precision'] or 0:>8.4f}{row['recall']:>8.4f}{row['wrong_per_10k']:>11.1f}"
            f"{review:>8}{gap:>11}{row['seconds']:>9.1f}{row['peak_mb']:>9,.0f}"
        )
    notes = {f"{row['contender']}, {row['registry']}: {row['note']}" for row in rows if row["note"]}
    return "\n".join([*lines, *([""] if notes else []), *sorted(notes)])
