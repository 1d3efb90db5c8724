"""The bound: a list gives up its least confident cases until it keeps to its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from linkage.contracts import ACTIONS, DUPLICATE_ACTIONS
from linkage.harm.figures import QUESTION, STEPS, Limit, most_of, spread_of, sure_as_measured
from linkage.harm.measured import LEVERAGE, Measured
from linkage.intervals import Z

WRONGFUL_LIMIT: Final = "WRONGFUL_LIMIT"
"""Protects the holder of a case that its list cannot take within ``max_wrongful_per_10k``: ask."""


@dataclass(frozen=True)
class Held:
    """A list that keeps to its limit.

    Attributes:
        frame: all rows, in the order given; the cases given up have action 'ask'.
        moved: action to the number of cases that gave it up.
    """

    frame: pl.DataFrame
    moved: Mapping[str, int] = field(default_factory=dict)


def hold(
    cases: pl.DataFrame,
    limit: Limit,
    *,
    records: int,
    group: str | None = None,
    measured: Measured | None = None,
) -> Held:
    """Turn a list's least confident cases into questions until it keeps to its limit.

    No case is dropped, and no step becomes harder. The result does not hang on the order of rows:
    among equally sure cases those of one person stay together, and the ``case_id`` decides, which
    says nothing about the person.

    Args:
        cases: ``case_id, person_id, confidence, action``; ``protected`` and ``evidence`` where the
            list has them.
        limit: see :data:`Limit`.
        records: records of the registry, what the limit is per 10,000 of.
        group: column whose rows stay or go together, as sure as the least sure of them; what gave
            up one of a group's steps gives up all.
        measured: the trial of the registry: the list is held to the higher of both bounds
            (:func:`linkage.harm.figures.expected`). The cases then have ``leverage``.

    Returns:
        Held: the list, with 'ask' and the protection ``WRONGFUL_LIMIT`` on the cases given up, and
        no step but the question in their evidence.

    Example:
        >>> cases = pl.DataFrame({"case_id": ["a", "b"], "person_id": ["P", "Q"],
        ...     "confidence": [1.0, 0.6], "action": ["verify", "verify"]})
        >>> hold(cases, {"default": 5}, records=1000).frame["action"].to_list()
        ['verify', 'ask']
    """
    if not limit or not cases.height:
        return Held(cases)
    ranked = _ranked(cases, group, measured)
    for step in reversed(STEPS):
        most = most_of(limit, step)
        if most is not None:
            ranked = _given_up(ranked, step, most * records / 10_000, group, measured)
    gone = ranked.filter("moved").select("row", "moved")
    marked = cases.with_row_index("row").join(gone, on="row", how="left", maintain_order="left")
    is_moved = pl.col("moved").fill_null(value=False)
    changes = {"action": pl.when(is_moved).then(pl.lit(QUESTION)).otherwise("action")}
    if "protected" in cases.columns:
        more = pl.when(is_moved).then(pl.lit([WRONGFUL_LIMIT])).otherwise(pl.lit([], _TEXTS))
        changes["protected"] = pl.col("protected").list.concat(more)
    if "evidence" in cases.columns:
        asked = pl.col("evidence").str.replace(_LADDER, f"${{1}}{QUESTION}${{2}}]}}")
        changes["evidence"] = pl.when(is_moved).then(asked).otherwise("evidence")
    counts = marked.filter(is_moved)["action"].value_counts().sort("action")
    return Held(
        marked.with_columns(**changes).drop("row", "moved"),
        dict(zip(counts["action"], counts["count"], strict=True)),
    )


_TEXTS: Final = pl.List(pl.String())
_LADDER: Final = r'("ladder":\[\{"step":")[^"]*(","on":"[^"]*"\})[^\]]*\]\}$'
"""The steps due, last in a case's evidence: of a question, nothing follows on the first."""


def _ranked(cases: pl.DataFrame, group: str | None, measured: Measured | None) -> pl.DataFrame:
    """The cases from the surest to the least sure; ``holder`` is who is wronged with them.

    Equally sure holders are drawn by lot: their keys would tell their province.
    """
    columns = ["case_id", "person_id", "confidence", "action", *([group] if group else [])]
    frame = cases.select(
        *columns, tried=sure_as_measured(measured) if measured else "confidence",
        links=pl.col(LEVERAGE).fill_null(0.0) if measured else pl.lit(0.0),
    ).with_row_index("row")  # fmt: skip
    sure = pl.min_horizontal("confidence", "tried")
    return frame.with_columns(
        sure=sure.min().over(group) if group else sure,
        holder=pl.coalesce("person_id", pl.concat_str(pl.lit("\0"), "case_id")),
        moved=pl.lit(value=False),
    ).sort(
        -pl.col("sure"),
        *([group] if group else []),
        pl.col("case_id").min().over("holder"),
        "case_id",
    )


def _harder(step: str) -> list[str]:
    """The step and all harder ones of its ladder."""
    ladder = ACTIONS if step in ACTIONS else DUPLICATE_ACTIONS
    return list(ladder[ladder.index(step) :])


def _given_up(
    ranked: pl.DataFrame, step: str, most: float, group: str | None, measured: Measured | None
) -> pl.DataFrame:
    """Mark what goes beyond ``most`` wrongful cases among those of a step and of harder ones."""
    concerned = pl.col("action").is_in(_harder(step)) & ~pl.col("moved")
    part = ranked.filter(concerned)
    bound = _bound_so_far("confidence", 0.0)
    if measured is not None:
        tried = _bound_so_far("tried", measured.high - measured.share)
        bound = pl.max_horizontal(bound, tried)
    too_many = part.select("row", beyond=bound > most * (1 + 1e-9) + 1e-12)
    found = ranked.join(too_many, on="row", how="left", maintain_order="left")
    moved = pl.col("beyond").fill_null(value=False)
    if group:
        moved = moved.any().over(group) & concerned
    return found.with_columns(moved=pl.col("moved") | moved).drop("beyond")


def _bound_so_far(confidence: str, error: float) -> pl.Expr:
    """Upper end of the interval of the wrongful cases down to each one.

    Args:
        confidence: column.
        error: what the measured share of wrong links may be too low by.
    """
    sure = pl.col(confidence)
    spread = spread_of(sure)
    before = spread.cum_sum().over("holder") - spread  # cases of one holder are wrong together
    chance = Z**2 * (spread**2 + 2 * spread * before).cum_sum()
    common = (error * pl.col("links").cum_sum()) ** 2  # the measurement errs for all alike
    return (1 - sure).cum_sum() + (chance + common).sqrt()
