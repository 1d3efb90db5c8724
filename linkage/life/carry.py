"""Carry cases from one run to the next: new, open, resolved, reopened, confirmed, dismissed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from linkage.contracts import CORRECTIONS, DECISIONS, DUPLICATES, Table, case_table
from linkage.errors import ContractError
from linkage.harm import Held
from linkage.life.facts import KEY, facts_of
from linkage.life.feedback import Feedback
from linkage.life.outcomes import outcomes
from linkage.life.previous import Previous
from linkage.life.statuses import Before, Stated, no_change, rows_of
from linkage.shelf import Lists

ByRegistry = Mapping[str, Mapping[str, pl.DataFrame]]

Holding = Callable[[str, str, pl.DataFrame], Held]
"""Registry, list and its open cases to the same cases, held to the registry's limit on harm."""


@dataclass(frozen=True)
class Carried:
    """What a run's lists are after the previous run and feedback.

    Attributes:
        lists: by registry and list, with statuses, resolved cases last.
        life: by registry and list: cases by status, and what is different now: ``just_resolved``,
            ``just_decided``, ``changed`` (an open case with other reasons, action or person).
        decisions: one row per line of feedback; None without feedback.
        notes: what could not be compared, and why.
        moved: by registry and list: action to the cases that gave it up for the limit on harm.
    """

    lists: ByRegistry
    life: Mapping[str, Mapping[str, Mapping[str, int]]]
    decisions: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    moved: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)


def carry(
    lists: ByRegistry,
    previous: Previous,
    feedback: Feedback | None = None,
    *,
    people: pl.Series | None = None,
    masked: bool = False,
    holding: Holding | None = None,
) -> Carried:
    """Set the status of every case against the previous run and feedback.

    Lists are held to their limit on harm in between: what somebody has decided is neither asked
    again nor counted, so a dismissed case does not use up the limit of the others.

    Args:
        lists: by registry and list name, as this run made them.
        previous: the run whose place this one takes.
        feedback: people's decisions.
        people: keys of the population, to tell a decision on nobody.
        masked: whether the lists are written masked.
        holding: holds the undecided cases of a list to its limit; None for no limit.

    Returns:
        The lists with statuses, and what has changed. The same lists carried again have no change.
    """
    notes: list[str] = []
    try:
        remembered = previous.decisions()
    except ContractError as error:
        notes.append(f"feedback: {error.message}; decisions rest on what the lists say now")
        remembered = DECISIONS.empty()
    carried: dict[str, Mapping[str, pl.DataFrame]] = {}
    life: dict[str, dict[str, Mapping[str, int]]] = {}
    moved: dict[str, dict[str, Mapping[str, int]]] = {}
    told: list[pl.DataFrame] = []
    for registry, own in lists.items():
        carried[registry], life[registry], moved[registry] = own, {}, {}
        said = None if feedback is None else feedback.cases_of(registry)
        for table in (case_table(registry), DUPLICATES, CORRECTIONS):
            try:
                before = Before.of(previous, registry, table)
            except ContractError as error:
                notes.append(f"{registry}: {error.message}; its cases count as new")
                before = None
            # What is held of a list goes before the next is looked at.
            now = Lists.of(carried[registry])
            done = _one(now, before, registry, table, said, remembered, holding, masked=masked)
            place = {"registry": pl.lit(registry), "list": pl.lit(table.name)}
            told.append(done.bound.with_columns(**place))
            carried[registry] = done.lists
            life[registry][table.name], moved[registry][table.name] = done.counts, done.moved
            del before, now, done
    decisions = None if feedback is None else outcomes(feedback, pl.concat(told), carried, people)
    return Carried(carried, life, decisions, tuple(notes), moved)


@dataclass(frozen=True)
class _Done:
    """One list that was carried on: see :class:`Carried`."""

    lists: Lists
    counts: Mapping[str, int]
    moved: Mapping[str, int]
    bound: pl.DataFrame


def _one(
    own: Lists,
    before: Before | None,
    registry: str,
    table: Table,
    said: pl.DataFrame | None,
    remembered: pl.DataFrame,
    holding: Holding | None,
    *,
    masked: bool,
) -> _Done:
    """Carry one list on. It is held whole only where it has actions: those are bounded together."""
    was, now, held = before or Before.nothing(table), own, Held(table.empty())
    table.check_keys(own.part(table.name, *table.unique))
    bound = _decided(now, was, said, remembered, table, masked=masked)
    if holding is not None and "action" in table.columns:
        held = _held(registry, table, now[table.name], bound, holding)
        now = Lists({table.name: held.frame})
    if before is None and not bound.height and not held.moved:
        return _Done(own, {**no_change(), "new": own.height(table.name)}, held.moved, bound)
    stated = Stated(now, was, bound, table, masked=masked)
    # Where it was put aside, so is what has become of it.
    with_statuses = own.put(table.name, stated.pieces())
    return _Done(with_statuses, stated.counts, held.moved, bound)


def _held(
    registry: str, table: Table, now: pl.DataFrame, bound: pl.DataFrame, holding: Holding
) -> Held:
    """A list whose undecided cases keep to its limit, all rows in the order given."""
    decided = now[KEY].is_in(bound.filter("holds")[KEY].implode())
    held = holding(registry, table.name, now.filter(~decided))
    if not decided.any():
        return held
    order = now.select(KEY)
    both = pl.concat([held.frame, now.filter(decided)])
    return Held(order.join(both, on=KEY, how="left", maintain_order="left"), held.moved)


def _decided(
    now: Lists,
    before: Before,
    said: pl.DataFrame | None,
    remembered: pl.DataFrame,
    table: Table,
    *,
    masked: bool,
) -> pl.DataFrame:
    """Decisions on cases of one list, each with the evidence that it was made on.

    That is what an earlier run remembers of it, else what the previous list says of the case, for
    this is what one had before one's eyes; else what is there now.

    Returns:
        ``row, case_id, decision, evidence, is_there, holds``.
    """
    schema = {
        "row": pl.Int64(), KEY: pl.String(), "decision": pl.String(),
        "evidence": pl.List(pl.String), "is_there": pl.Boolean(), "holds": pl.Boolean(),
    }  # fmt: skip
    if said is None or not said.height:
        return pl.DataFrame(schema=schema)
    ids = said[KEY]
    # What a group rests on, all its members say.
    read = None if "group_id" in table.columns else ids
    was, there = before.rows(read), rows_of(now.pieces(table.name), read)
    open_before = was.filter(pl.col("status") != "resolved")
    then = facts_of(open_before, table, masked=masked, only=ids)
    current = facts_of(there, table, masked=masked, only=ids)
    memory = remembered.filter(pl.col("list") == table.name, pl.col("evidence").list.len() > 0)
    known = (
        said.join(
            memory.select(KEY, "decision", "decided_on", remembered="evidence").unique(
                [KEY, "decision", "decided_on"], keep="first", maintain_order=True
            ),
            on=[KEY, "decision", "decided_on"],
            how="left",
        )
        .join(then.rename({"evidence": "then"}), on=KEY, how="left")
        .join(current.rename({"evidence": "now"}), on=KEY, how="left")
        .with_columns(
            evidence=pl.coalesce("remembered", "then", "now"), is_there=pl.col("now").is_not_null()
        )
    )
    in_list = pl.col(KEY).is_in(was[KEY].implode()) | pl.col("evidence").is_not_null()
    added = pl.col("now").list.set_difference("evidence").list.len()
    return (
        known.filter(in_list)
        .with_columns(pl.col("evidence").fill_null([]), holds=(added == 0).fill_null(value=False))
        .select(*schema)
        .sort("row")
    )


def is_unchanged(life: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> bool:
    """Whether nothing is different from the previous run.

    Example:
        >>> is_unchanged({"sim": {"junk_sims": {"open": 3, "new": 0}}})
        True
    """
    return not any(
        counts.get(name)
        for lists in life.values()
        for counts in lists.values()
        for name in ("new", "reopened", "just_resolved", "just_decided", "changed")
    )
