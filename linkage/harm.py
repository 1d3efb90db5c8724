"""Harm: how many cases are expected to be wrongful, and the limit that a job sets to it.

A case is wrongful with the probability that its confidence leaves open. All figures are per 10,000
*records of the registry*, not per 10,000 cases: what counts is how many of those who hold something
are wronged, and a list that gives up its doubtful cases must come out better, not worse.

A step beyond a question ('notify' and harder; 'merge' and 'cancel' of duplicates) can be held to a
limit. The bound of a step counts its own cases and those of every harder step, and takes the upper
end of the 95 % interval. Cases of one person hang on one link, so they are taken to be right or wrong
together: the interval is as wide as it honestly is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from linkage.contracts import ACTIONS, DUPLICATE_ACTIONS, living
from linkage.intervals import Z

WRONGFUL_LIMIT: Final = "WRONGFUL_LIMIT"
"""Protects the holder of a case that its list cannot take within ``max_wrongful_per_10k``: ask."""

QUESTION: Final = "ask"
DEFAULT: Final = "default"
"""Key of a limit that holds for every step without one of its own."""

_STEPS: Final = tuple(
    dict.fromkeys(
        action
        for ladder in (ACTIONS, DUPLICATE_ACTIONS)
        for action in ladder[ladder.index(QUESTION) + 1 :]
    )
)
"""Every step beyond a question, each ladder from its mildest to its hardest."""

Limit = Mapping[Any, float]
"""Step, or ``default``, to the most wrongful cases per 10,000 records; empty for no limit."""


@dataclass(frozen=True)
class Held:
    """A list that keeps to its limit.

    Attributes:
        frame: all rows, in the order given; the cases given up have action 'ask'.
        moved: action to the number of cases that gave it up.
    """

    frame: pl.DataFrame
    moved: Mapping[str, int] = field(default_factory=dict)


def hold(cases: pl.DataFrame, limit: Limit, *, records: int, group: str | None = None) -> Held:
    """Turn a list's least confident cases into questions until it keeps to its limit.

    No case is dropped, and no step becomes harder. The result does not hang on the order of rows:
    among equally sure cases the ``case_id`` decides, which says nothing about the person.

    Args:
        cases: ``case_id, person_id, confidence, action``, and ``protected`` where the list has it.
        limit: see :data:`Limit`.
        records: records of the registry, what the limit is per 10,000 of.
        group: column whose rows stay or go together, as sure as the least sure of them; what gave
            up one of a group's steps gives up all.

    Returns:
        Held: the list, with 'ask' and the protection ``WRONGFUL_LIMIT`` on the cases given up.

    Example:
        >>> cases = pl.DataFrame({"case_id": ["a", "b"], "person_id": ["P", "Q"],
        ...     "confidence": [1.0, 0.6], "action": ["verify", "verify"]})
        >>> hold(cases, {"default": 5}, records=1000).frame["action"].to_list()
        ['verify', 'ask']
    """
    if not limit or not cases.height:
        return Held(cases)
    ranked = _ranked(cases, group)
    for step in _steps(cases):
        most = limit.get(step, limit.get(DEFAULT))
        if most is not None:
            ranked = _given_up(ranked, step, most * records / 10_000, group)
    gone = ranked.filter("moved").select("row", "moved")
    marked = cases.with_row_index("row").join(gone, on="row", how="left", maintain_order="left")
    is_moved = pl.col("moved").fill_null(value=False)
    changes = {"action": pl.when(is_moved).then(pl.lit(QUESTION)).otherwise("action")}
    if "protected" in cases.columns:
        more = pl.when(is_moved).then(pl.lit([WRONGFUL_LIMIT])).otherwise(pl.lit([], _TEXTS))
        changes["protected"] = pl.col("protected").list.concat(more)
    counts = marked.filter(is_moved)["action"].value_counts().sort("action")
    return Held(
        marked.with_columns(**changes).drop("row", "moved"),
        dict(zip(counts["action"], counts["count"], strict=True)),
    )


_TEXTS: Final = pl.List(pl.String())


def _ranked(cases: pl.DataFrame, group: str | None) -> pl.DataFrame:
    """The cases from the surest to the least sure; ``holder`` is who is wronged with them."""
    columns = ["case_id", "person_id", "confidence", "action", *([group] if group else [])]
    frame = cases.select(columns).with_row_index("row")
    sure = pl.col("confidence").min().over(group) if group else pl.col("confidence")
    return frame.with_columns(
        sure=sure,
        holder=pl.coalesce("person_id", pl.concat_str(pl.lit("\0"), "case_id")),
        moved=pl.lit(value=False),
    ).sort(-pl.col("sure"), *([group] if group else []), "case_id")


def _steps(cases: pl.DataFrame) -> list[str]:
    """Steps that the list takes, from the hardest to the mildest."""
    taken = set(cases["action"].unique())
    return [step for step in reversed(_STEPS) if step in taken]


def _harder(step: str) -> list[str]:
    """The step and all harder ones of its ladder."""
    ladder = ACTIONS if step in ACTIONS else DUPLICATE_ACTIONS
    return list(ladder[ladder.index(step) :])


def _given_up(ranked: pl.DataFrame, step: str, most: float, group: str | None) -> pl.DataFrame:
    """Mark what goes beyond ``most`` wrongful cases among those of a step and of harder ones."""
    concerned = pl.col("action").is_in(_harder(step)) & ~pl.col("moved")
    part = ranked.filter(concerned)
    doubt, spread = 1 - pl.col("confidence"), _spread()
    before = spread.cum_sum().over("holder") - spread  # cases of one holder are wrong together
    variance = (spread**2 + 2 * spread * before).cum_sum()
    too_many = part.select(
        "row", beyond=doubt.cum_sum() + Z * variance.sqrt() > most * (1 + 1e-9) + 1e-12
    )
    found = ranked.join(too_many, on="row", how="left", maintain_order="left")
    moved = pl.col("beyond").fill_null(value=False)
    if group:
        moved = moved.any().over(group) & concerned
    return found.with_columns(moved=pl.col("moved") | moved).drop("beyond")


def _spread() -> pl.Expr:
    """Standard deviation of a case's being wrongful."""
    sure = pl.col("confidence")
    return (sure * (1 - sure)).clip(0).sqrt()


# --- what is told of it ---------------------------------------------------------------------------


def reported(
    frame: pl.DataFrame, *, records: int, limit: Limit, moved: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """What a manifest says of a list's harm.

    Args:
        frame: a list with ``confidence``, ``person_id``, ``status``, and ``action`` and ``severity``,
            or ``kind``, where it has them. Cases that are resolved or dismissed do not count.
        records: records of the registry.
        limit: what it was held to; empty if nothing. Lists without actions are held to none.
        moved: cases that gave up a step for it, by step (:attr:`Held.moved`).

    Returns:
        ``records``, ``limit`` (null if none is set), ``moved``, ``all`` and, where the list has
        actions, ``beyond_a_question``: figures of :func:`expected`; ``by_action``,
        ``by_severity``, ``by_kind``: the same for each value, with ``limit`` and ``moved`` by action.
    """
    cases, gone = living(frame), dict(moved or {})
    found: dict[str, Any] = {
        "records": records,
        "limit": dict(limit) or None if "action" in cases.columns else None,
        "moved": sum(gone.values()),
        "all": expected(cases, records),
    }
    if "action" in cases.columns:
        acted = cases.filter(pl.col("action").is_in(_STEPS))
        found["beyond_a_question"] = expected(acted, records)
        order = [*ACTIONS, *DUPLICATE_ACTIONS]
        present = set(cases["action"].unique()) | set(gone)
        found["by_action"] = {
            action: {
                **expected(cases.filter(pl.col("action") == action), records),
                "limit": limit.get(action, limit.get(DEFAULT)) if action in _STEPS else None,
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
    one = cases.filter(pl.col("person_id").is_null()).select(_spread() ** 2)
    together = cases.drop_nulls("person_id").group_by("person_id").agg(_spread().sum() ** 2)
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
