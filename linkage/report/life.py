"""The report's section on what has changed since the previous run, and on feedback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from linkage.contracts import FEEDBACK_OUTCOMES
from linkage.report import page

_HEADS = {
    "registry": "registry", "list": "list", "new": "new", "open": "open", "reopened": "reopened",
    "just_resolved": "resolved now", "changed": "changed", "confirmed": "confirmed",
    "dismissed": "dismissed", "resolved": "resolved in all",
}  # fmt: skip


def since(manifest: Mapping[str, Any]) -> str:
    """Cases by list and status; empty for a run that tells nothing of it.

    Example:
        >>> since({})
        ''
    """
    life, previous = manifest.get("life"), manifest.get("previous") or {}
    if not life:
        return ""
    against = (
        f"Compared with the run of {previous['started']}, which stood in the output folder."
        if previous.get("started")
        else f"All cases are new: {previous.get('why') or 'there is no previous run'}."
    )
    rows = [
        {"registry": registry, "list": name, **{word: counts.get(word, 0) for word in _HEADS
         if word not in ("registry", "list")}}
        for registry, lists in life.items()
        for name, counts in lists.items()
    ]  # fmt: skip
    table = page.table(pl.DataFrame(rows), _HEADS, code=["registry", "list"])
    return page.section("Since the previous run", against, table, *_feedback(manifest))


def _feedback(manifest: Mapping[str, Any]) -> list[str]:
    outcomes = (manifest.get("feedback") or {}).get("outcomes")
    if not outcomes:
        return []
    rows = [
        {"outcome": word, "meaning": FEEDBACK_OUTCOMES[word], "lines": count}
        for word, count in outcomes.items()
    ]
    heads = {"outcome": "outcome", "meaning": "meaning", "lines": "lines"}
    return [
        page.heading("Decisions that were fed back"),
        page.table(pl.DataFrame(rows), heads, code=["outcome"]),
    ]
