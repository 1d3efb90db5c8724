"""Figures: how many cases of a list are expected to be wrongful, and what a manifest says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from linkage.contracts import ACTIONS, DUPLICATE_ACTIONS, living
from linkage.intervals import Z

QUESTION: Final = "ask"
DEFAULT: Final = "default"
"""Key of a limit that holds for every step without one of its own."""

STEPS: Final = tuple(
    dict.fromkeys(
        action
        for ladder in (ACTIONS, DUPLICATE_ACTIONS)
        for action in ladder[ladder.index(QUESTION) + 1 :]
    )
)
"""Every step beyond a question, each ladder from its mildest to its hardest."""

Limit = Mapping[Any, float]
"""Step, or ``default``, to the most wrongful cases per 10,000 records; empty for no limit."""


def most_of(limit: Limit, step: str) -> float | None:
    """The limit of a step: its own, or the default; None for steps that no limit concerns.

    Example:
        >>> most_of({"default": 5, "lock_both": 1}, "verify"), most_of({"default": 5}, "ask")
        (5, None)
    """
    return limit.get(step, limit.get(DEFAULT)) if step in STEPS else None


def spread_of_doubt() -> pl.Expr:
    """Standard deviation of a case's being wrongful."""
    sure = pl.col("confidence")
    return (sure * (1 - sure)).clip(0).sqrt()


def reported(
    frame: pl.DataFrame, *, records: int, limit: Limit, moved: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """What a manifest says of a list's harm.

    Args:
        frame: a list with ``confidence``, ``person_id``, ``status``, and ``action`` and ``severity``,
            or ``kind``, where it has them. Cases that are resolved or dismissed do not count, and
            those that somebody has confirmed are right.
        records: records of the registry.
        limit: what it was held to; empty if nothing. Lists without actions are held to none.
        moved: cases that gave up a step for it, by step (:attr:`Held.moved`).

    Returns:
        ``records``, ``limit`` (null if none is set), ``moved``, ``all`` and, where the list has
        actions, ``beyond_a_question``: figures of :func:`expected`; ``by_action``,
        ``by_severity``, ``by_kind``: the same for each value, with ``limit`` and ``moved`` by action.
    """
    cases, gone = _undecided_doubt(living(frame)), dict(moved or {})
    found: dict[str, Any] = {
        "records": records,
        "limit": dict(limit) or None if "action" in cases.columns else None,
        "moved": sum(gone.values()),
        "all": expected(cases, records),
    }
    if "action" in cases.columns:
        acted = cases.filter(pl.col("action").is_in(STEPS))
        found["beyond_a_question"] = expected(acted, records)
        order = [*ACTIONS, *DUPLICATE_ACTIONS]
        present = set(cases["action"].unique()) | set(gone)
        found["by_action"] = {
            action: {
                **expected(cases.filter(pl.col("action") == action), records),
                "limit": most_of(limit, action),
                "moved": gone.get(action, 0),
            }
            for action in dict.fromkeys(order)
            if action in present
        }
    for column in ("severity", "kind"):
        if column in cases.columns:
            found[f"by_{column}"] = {
                value: expected(cases.filter(pl.col(column) == value), records)
                for value in cases[column].unique().sort()
            }
    return found


def _undecided_doubt(cases: pl.DataFrame) -> pl.DataFrame:
    """Nothing is left to doubt where somebody has looked."""
    confirmed = (pl.col("status") == "confirmed").fill_null(value=False)
    sure = pl.when(confirmed).then(1.0).otherwise(pl.col("confidence"))
    return cases.with_columns(confidence=sure)


def expected(cases: pl.DataFrame, records: int) -> dict[str, float | int | None]:
    """How many cases are expected to be wrongful, with a 95 % interval.

    Args:
        cases: ``confidence`` and ``person_id``.
        records: records of the registry.

    Returns:
        ``cases``, ``wrongful`` with ``low`` and ``high``, and the same three ``per_10k`` records,
        null where the registry has none. It says what the model and the rules believe; whether
        they are right, only labels can say (``linkage evaluate``).

    Example:
        >>> cases = pl.DataFrame({"confidence": [0.9, 0.9], "person_id": ["P", "Q"]})
        >>> expected(cases, 1000)["wrongful"], expected(cases, 1000)["per_10k"]
        (0.2, 2.0)
    """
    one = cases.filter(pl.col("person_id").is_null()).select(spread_of_doubt() ** 2)
    together = cases.drop_nulls("person_id").group_by("person_id").agg(spread_of_doubt().sum() ** 2)
    variance = float(one.to_series().sum()) + float(together["confidence"].sum())
    mean = float((1 - cases["confidence"]).sum())
    reach = Z * variance**0.5
    figures = {
        "": mean,
        "_low": max(mean - reach, 0.0),
        "_high": min(mean + reach, float(cases.height)),
    }
    scale = 10_000 / records if records else None
    return {
        "cases": cases.height,
        **{(f"wrongful{end}"): round(value, 4) for end, value in figures.items()},
        **{
            f"per_10k{end}": None if scale is None else round(value * scale, 4)
            for end, value in figures.items()
        },
    }
