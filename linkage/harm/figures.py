"""Figures: how many cases of a list are expected to be wrongful, and what a manifest says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from linkage.contracts import ACTIONS, DUPLICATE_ACTIONS, living
from linkage.harm.measured import LEVERAGE, Measured
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

TOLD_OF: Final = (
    "record_id", "person_id", "confidence", "status", "action", "severity", "kind",
)  # fmt: skip
"""Columns of a list that its figures are made of."""

Limit = Mapping[Any, float]
"""Step, or ``default``, to the most wrongful cases per 10,000 records; empty for no limit."""


def most_of(limit: Limit, step: str) -> float | None:
    """The limit of a step: its own, or the default; None for steps that no limit concerns.

    Example:
        >>> most_of({"default": 5, "lock_both": 1}, "verify"), most_of({"default": 5}, "ask")
        (5, None)
    """
    return limit.get(step, limit.get(DEFAULT)) if step in STEPS else None


def spread_of(sure: pl.Expr) -> pl.Expr:
    """Standard deviation of a case's being wrongful, by its confidence."""
    return (sure * (1 - sure)).clip(0).sqrt()


def sure_as_measured(measured: Measured) -> pl.Expr:
    """Confidence of cases with their links as sure as such links were measured."""
    return pl.coalesce(pl.col(LEVERAGE) * (1 - measured.share), "confidence")


def reported(
    frame: pl.DataFrame,
    *,
    records: int,
    limit: Limit,
    moved: Mapping[str, int] | None = None,
    measured: Measured | None = None,
) -> dict[str, Any]:
    """What a manifest says of a list's harm.

    Args:
        frame: a list with ``confidence``, ``person_id``, ``status``, and ``action`` and ``severity``,
            or ``kind``, where it has them. Cases that are resolved or dismissed do not count, and
            those that somebody has confirmed are right.
        records: records of the registry.
        limit: what it was held to; empty if nothing. Lists without actions are held to none.
        moved: cases that gave up a step for it, by step (:attr:`Held.moved`).
        measured: the trial of the registry; the frame then has ``leverage``.

    Returns:
        ``records``, ``limit`` (null if none is set), ``moved``, ``all`` and, where the list has
        actions, ``beyond_a_question``: figures of :func:`expected`; ``by_action``,
        ``by_severity``, ``by_kind``: the same for each value, with ``limit`` and ``moved`` by action.
    """
    # Every figure brings a person's cases together: as numbers that is done much faster.
    people = pl.col("person_id").cast(pl.Categorical).to_physical()
    cases = _undecided_doubt(living(frame)).with_columns(people)
    gone = dict(moved or {})
    found: dict[str, Any] = {
        "records": records,
        "limit": dict(limit) or None if "action" in cases.columns else None,
        "moved": sum(gone.values()),
        "all": expected(cases, records, measured),
    }
    if "action" in cases.columns:
        acted = cases.filter(pl.col("action").is_in(STEPS))
        found["beyond_a_question"] = expected(acted, records, measured)
        order = [*ACTIONS, *DUPLICATE_ACTIONS]
        present = set(cases["action"].unique()) | set(gone)
        found["by_action"] = {
            action: {
                **expected(cases.filter(pl.col("action") == action), records, measured),
                "limit": most_of(limit, action),
                "moved": gone.get(action, 0),
            }
            for action in dict.fromkeys(order)
            if action in present
        }
    for column in ("severity", "kind"):
        if column in cases.columns:
            found[f"by_{column}"] = {
                value: expected(cases.filter(pl.col(column) == value), records, measured)
                for value in cases[column].unique().sort()
            }
    return found


def _undecided_doubt(cases: pl.DataFrame) -> pl.DataFrame:
    """Nothing is left to doubt where somebody has looked."""
    confirmed = (pl.col("status") == "confirmed").fill_null(value=False)
    sure = {"confidence": pl.when(confirmed).then(1.0).otherwise(pl.col("confidence"))}
    if LEVERAGE in cases.columns:
        sure[LEVERAGE] = pl.when(~confirmed).then(LEVERAGE)
    return cases.with_columns(**sure)


def expected(
    cases: pl.DataFrame, records: int, measured: Measured | None = None
) -> dict[str, float | int | str | None]:
    """How many cases are expected to be wrongful, with a 95 % interval.

    Args:
        cases: ``confidence`` and ``person_id``; ``leverage`` where there is a measurement.
        records: records of the registry.
        measured: the trial of the registry: figures are those of the probabilities, or with the
            links as wrong as such links were, whichever are higher.

    Returns:
        ``cases``, ``wrongful`` with ``low`` and ``high``, and the same three ``per_10k`` records,
        null where the registry has none; ``source`` of the bound: ``probabilities`` or ``measured``.
        The former says what the model and the rules believe; whether they are right, only
        labels can say (``linkage evaluate``).

    Example:
        >>> cases = pl.DataFrame({"confidence": [0.9, 0.9], "person_id": ["P", "Q"]})
        >>> expected(cases, 1000)["wrongful"], expected(cases, 1000)["per_10k"]
        (0.2, 2.0)
    """
    figures, source = _interval(cases, pl.col("confidence")), "probabilities"
    if measured is not None and cases[LEVERAGE].count():
        tried = _interval(cases, sure_as_measured(measured), measured)
        source = "measured" if tried["_high"] > figures["_high"] else source
        figures = {end: max(value, tried[end]) for end, value in figures.items()}
    scale = 10_000 / records if records else None
    return {
        "cases": cases.height,
        **{(f"wrongful{end}"): round(value, 4) for end, value in figures.items()},
        **{
            f"per_10k{end}": None if scale is None else round(value * scale, 4)
            for end, value in figures.items()
        },
        "source": source,
    }


def _interval(
    cases: pl.DataFrame, sure: pl.Expr, measured: Measured | None = None
) -> dict[str, float]:
    """Mean and both ends: cases of one person go together, and a measured share has its own error."""
    weighed = cases.select("person_id", sure=sure, spread=spread_of(sure))
    one = weighed.filter(pl.col("person_id").is_null()).select(pl.col("spread") ** 2)
    together = (
        weighed.drop_nulls("person_id").group_by("person_id").agg(pl.col("spread").sum() ** 2)
    )
    variance = float(one.to_series().sum()) + float(together["spread"].sum())
    mean, chance, below, above = float((1 - weighed["sure"]).sum()), Z * variance**0.5, 0.0, 0.0
    if measured is not None:
        links = float(cases[LEVERAGE].sum())
        below, above = (
            links * (measured.share - measured.low),
            links * (measured.high - measured.share),
        )
    return {
        "": mean,
        "_low": max(mean - math.hypot(chance, below), 0.0),
        "_high": min(mean + math.hypot(chance, above), float(cases.height)),
    }
