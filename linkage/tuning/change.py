"""What other thresholds would change in the lists, as far as a finished run can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from linkage.config.models import Thresholds
from linkage.contracts import case_table
from linkage.errors import SourceError
from linkage.result import RegistryResult, RunResult
from linkage.tuning.curve import decided_at, is_fixed, with_pair_probability

_KINDS: Final = {"corrections": "kind", "duplicates": "action"}
"""By what a list's entries are counted; cases by their action."""
_MOVABLE: Final = ("linked", "review", "unlinked")


@dataclass(frozen=True, repr=False)
class Changes:
    """What other thresholds would change in a run's lists.

    Attributes:
        registry: which one.
        moves: ``was, becomes, records``: dispositions now and then, of the records that move.
        lists: ``list, kind, entries, touched, of_lost_links``: how many entries a list has by
            action or kind, how many of them are of records that move, and how many of those lose
            the link that they rest on. What newly linked records would add, only a run can tell.
        records: ``record_id, was, becomes, match_probability``: the records that move.
    """

    registry: str
    moves: pl.DataFrame
    lists: pl.DataFrame
    records: pl.DataFrame

    def __repr__(self) -> str:
        """Counts only."""
        rows = self.moves.rows()
        moved = ", ".join(f"{was} → {becomes} {count:,}" for was, becomes, count in rows)
        return f"<Changes {self.registry}: {moved or 'none'}>"

    def _repr_html_(self) -> str:
        """Both counts, so that a notebook cell shows them."""
        return self.moves._repr_html_() + self.lists._repr_html_()


def changes(result: RegistryResult, old: Any, new: Any) -> Changes:
    """Compare the lists of a run with what other thresholds would make of them.

    Args:
        result: one registry of a finished run.
        old: thresholds of that run.
        new: thresholds to compare with.

    Raises:
        SourceError: the run's lists are masked or lack what is needed.
    """
    records = with_pair_probability(result.records.filter(pl.col("link_status").is_in(_MOVABLE)))
    then = (
        records.with_columns(fixed=is_fixed(old))
        .with_columns(becomes=decided_at(new))
        .select("record_id", "match_probability", "becomes", was="link_status")
    )
    moved = then.filter(pl.col("was") != pl.col("becomes")).select(
        "record_id", "was", "becomes", "match_probability"
    )
    moves = moved.group_by("was", "becomes").agg(records=pl.len()).sort("was", "becomes")
    return Changes(result.name, moves, _touched(result, moved), moved)


def _touched(result: RegistryResult, moved: pl.DataFrame) -> pl.DataFrame:
    names = {case_table(result.name).name: "action", **_KINDS}
    lost = moved.select("record_id", moves=True, lost=pl.col("was") == "linked")
    counts = [
        result.lists[name]
        .select("record_id", kind=kind)
        .join(lost, on="record_id", how="left")
        .group_by("kind")
        .agg(
            entries=pl.len(),
            touched=pl.col("moves").fill_null(value=False).sum(),
            of_lost_links=pl.col("lost").fill_null(value=False).sum(),
        )
        .select(pl.lit(name).alias("list"), pl.all())
        .sort("kind")
        for name, kind in names.items()
    ]
    return pl.concat(counts, how="vertical_relaxed")


def thresholds_of(run: RunResult, registry: str) -> Thresholds:
    """The thresholds that a finished run followed.

    ``link`` is the one that was in force, where ``link_down_to`` let less sure records pass.

    Raises:
        SourceError: its manifest does not say.
    """
    entry: Mapping[str, Any] = run.manifest.get("registries", {}).get(registry, {})
    found = entry.get("declaration", {}).get("link", {}).get("thresholds")
    if not isinstance(found, Mapping):
        message = f"the run does not say which thresholds '{registry}' had"
        raise SourceError(
            message,
            expected="'declaration: link: thresholds' in its manifest",
            found="none",
            hint="run the job again with this version",
        )
    known = {name: found[name] for name in ("link", "review", "margin") if name in found}
    in_force = run.link_threshold(registry)
    if in_force is not None:
        known["link"] = in_force
        known["review"] = min(known.get("review", in_force), in_force)
    return Thresholds(**known)
