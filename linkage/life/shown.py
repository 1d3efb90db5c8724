"""What has changed since the previous run, in the manifest and in words. Counts only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from linkage.contracts import FEEDBACK_OUTCOMES
from linkage.life.carry import Carried, is_unchanged
from linkage.life.feedback import Feedback
from linkage.life.previous import Previous

_WORDS: Final = {
    "new": "new",
    "reopened": "reopened",
    "just_resolved": "resolved",
    "just_decided": "decided by feedback",
    "changed": "changed",
    "open": "still open",
}
_HEARD: Final = ("applied", "superseded", "resolved", "not_in_this_run")
"""Outcomes that nobody has to do anything about."""


def lived(previous: Previous, carried: Carried, feedback: Feedback | None) -> dict[str, Any]:
    """What the manifest says of the previous run, the cases' lives and feedback."""
    told = None
    if feedback is not None and carried.decisions is not None:
        counted = carried.decisions["outcome"].value_counts(sort=True)
        told = {**feedback.source, "outcomes": dict(counted.rows())}
    return {"previous": previous.facts, "life": carried.life, "feedback": told}


def about_feedback(decisions: pl.DataFrame | None) -> tuple[str, ...]:
    """A warning for each kind of line that could not be followed, with the first rows."""
    if decisions is None:
        return ()
    odd = decisions.filter(~pl.col("outcome").is_in(_HEARD)).sort("row")
    grouped = odd.group_by("outcome", maintain_order=True).agg(
        n=pl.len(), rows=pl.col("row").head(5)
    )
    return tuple(
        f"feedback: {n:,} of {decisions.height:,} lines: {FEEDBACK_OUTCOMES[outcome]}"
        f" ({outcome}; line {', '.join(str(row + 1) for row in rows)}{' …' if n > 5 else ''})"
        for outcome, n, rows in grouped.rows()
    )


def told(manifest: Mapping[str, Any]) -> list[str]:
    """The same for people, line by line.

    Example:
        >>> told({"previous": {"started": "2026-10-01T08:00:00+00:00"}, "life": {}})
        ['since the run of 2026-10-01T08:00:00+00:00: no change']
    """
    previous, life = manifest.get("previous", {}), manifest.get("life", {})
    lines = []
    if previous.get("started") is None:
        lines.append(f"all cases are new: {previous.get('why', 'there is no previous run')}")
    elif is_unchanged(life):
        lines.append(f"since the run of {previous['started']}: no change")
    else:
        lines.append(f"since the run of {previous['started']}:")
        lines += [
            f"  {registry} {table}: {_counts(counts)}"
            for registry, lists in life.items()
            for table, counts in lists.items()
            if not is_unchanged({registry: {table: counts}})
        ]
    outcomes = (manifest.get("feedback") or {}).get("outcomes")
    if outcomes is not None:
        said = ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in outcomes.items())
        lines.append(f"feedback: {said or 'no lines'}")
    return lines


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{counts[name]:,} {word}" for name, word in _WORDS.items() if counts.get(name)
    )
