"""The statuses of one list's cases, set against what the previous run said of them.

A list may have a row for each of millions of records: it goes through here piece by piece. Of the
previous one a key, a status and a hash of what it says are held for each case, and the rows of those
that there are no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

import polars as pl

from linkage.contracts import CASE_STATUSES, Table
from linkage.errors import ContractError
from linkage.life.facts import KEY
from linkage.life.groups import kept_names
from linkage.life.previous import Previous
from linkage.shelf import Lists
from linkage.write import mask

_GROUP: Final = "group_id"
_SAID: Final = "said"
_MOVING: Final = ("status", "confidence", "evidence", "province", "phone", "operator", "record_id")
"""Columns whose change makes no case another one."""
_NOTHING: Final = "\0"


@dataclass(frozen=True)
class Before:
    """A list of the previous run, as little of it as comparing takes.

    Attributes:
        cases: ``case_id, status, said`` (a hash), and ``group_id`` where the list has groups.
        pieces: reads its rows.
    """

    cases: pl.DataFrame
    pieces: Callable[[], Iterable[pl.DataFrame]]

    @classmethod
    def of(cls, previous: Previous, registry: str, table: Table) -> Self | None:
        """The list of a registry; None if the previous run did not make it.

        Raises:
            ContractError: the list is not what the contract says.
        """
        if not previous.has(registry):
            return None
        found = cls._of(table, lambda: previous.pieces(registry, table))
        table.check_keys(found.cases)
        return found

    @classmethod
    def nothing(cls, table: Table) -> Self:
        """A list without cases."""
        return cls._of(table, lambda: [table.empty()])

    @classmethod
    def _of(cls, table: Table, pieces: Callable[[], Iterable[pl.DataFrame]]) -> Self:
        named = (KEY, "status", *([_GROUP] if _GROUP in table.columns else []))
        said = _hash(table).alias(_SAID)
        return cls(pl.concat(piece.select(*named, said) for piece in pieces()), pieces)

    def rows(self, keys: pl.Series | None) -> pl.DataFrame:
        """Rows of some cases, or of all, as they were listed."""
        return rows_of(self.pieces(), keys)


def rows_of(pieces: Iterable[pl.DataFrame], keys: pl.Series | None) -> pl.DataFrame:
    """Rows of some cases of a list, or of all.

    Args:
        pieces: the list, in one piece at least.
        keys: ``case_id`` of those that are wanted; None for all.
    """
    if keys is None:
        return pl.concat(pieces)
    wanted = pl.DataFrame({KEY: keys.unique()})
    return pl.concat(piece.join(wanted, on=KEY, how="semi") for piece in pieces)


def _hash(table: Table) -> pl.Expr:
    """A hash of what a case says, but for what moves from run to run."""
    shown = [name for name in table.columns if name not in (*_MOVING, KEY)]
    texts = [
        pl.col(name).list.join("\x1f") if dtype == pl.List(pl.String) else pl.col(name)
        for name, dtype in table.schema.items()
        if name in shown
    ]
    filled = [text.cast(pl.String).fill_null(_NOTHING) for text in texts]
    return pl.concat_str(filled, separator="\x1e").hash()


class Stated:
    """One list with its statuses, and the counts of what is different.

    Args:
        lists: it is among them.
        before: the previous run's.
        bound: decisions on its cases: ``case_id, decision, holds``.
        table: which list it is.
        masked: whether lists are written masked.

    Attributes:
        counts: cases by status, and what is different now; complete when all pieces were had.
    """

    def __init__(
        self, lists: Lists, before: Before, bound: pl.DataFrame, table: Table, *, masked: bool
    ) -> None:
        self._lists, self._before, self._table, self._masked = lists, before, table, masked
        self._settled = bound.filter("holds").select(
            KEY,
            settled=pl.when(pl.col("decision") == "confirmed")
            .then(pl.lit("confirmed"))
            .otherwise(pl.lit("dismissed")),
        )
        was, self._groups = before.cases, _GROUP in table.columns
        now = lists.part(table.name, KEY, *([_GROUP] if self._groups else []))
        if self._groups:
            now = kept_names(now, was)
        then = was.select(KEY, was="status", then=_SAID)
        self._beside = now.join(then, on=KEY, how="left", maintain_order="left").drop(KEY)
        self._gone = was.join(now, on=KEY, how="anti")[KEY]
        self.counts = no_change()

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The list in order, resolved cases last."""
        first = 0
        for piece in self._lists.pieces(self._table.name):
            beside = self._beside.slice(first, piece.height)
            first += piece.height
            yield self._table.check(self._stated(piece.with_columns(beside.get_columns())))
        if self._gone.len():
            yield self._table.check(self._resolved())

    def _stated(self, now: pl.DataFrame) -> pl.DataFrame:
        then = pl.col("was")
        status = pl.coalesce(
            "settled",
            pl.when(then.is_null()).then(pl.lit("new")),
            pl.when(then.is_in(["resolved", "dismissed"])).then(pl.lit("reopened")),
            pl.lit("open"),
        )
        decided = now.join(self._settled, on=KEY, how="left", maintain_order="left")
        stated = decided.with_columns(status=status)
        living = _without_action(stated, pl.col("status") == "dismissed")
        for word, count in living["status"].value_counts().rows():
            self.counts[word] += count
        news = pl.col("settled").is_not_null() & pl.col("settled").ne_missing(then)
        self.counts["just_decided"] += living.filter(news).height
        open_now = living.filter(pl.col("status") == "open")
        shown = mask(open_now) if self._masked else open_now
        self.counts["changed"] += shown.filter(_hash(self._table) != pl.col("then")).height
        return living.drop("was", "then", "settled")

    def _resolved(self) -> pl.DataFrame:
        """Cases of the previous list that there are no more."""
        gone = self._before.rows(self._gone).sort(KEY)
        if gone.height != self._gone.len():  # or resolved cases would be lost without a word
            message = f"the previous list '{self._table.name}' became another while it was compared"
            raise ContractError(
                message,
                expected=f"{self._gone.len()} cases of it that there are no more",
                found=str(gone.height),
                hint="has another run written to the same folder? nothing was written; run again",
            )
        self.counts["resolved"] += gone.height
        self.counts["just_resolved"] += gone.filter(pl.col("status") != "resolved").height
        left = _without_action(gone.with_columns(status=pl.lit("resolved")), pl.lit(value=True))
        if "keep" in self._table.columns:  # one per group: of those that live, where any does
            alive = pl.col(_GROUP).is_in(self._beside[_GROUP].unique().implode())
            left = left.with_columns(keep=pl.col("keep") & ~alive)
        return left


def no_change() -> dict[str, int]:
    """Counts of a list in which nothing is."""
    gone = ("just_resolved", "just_decided", "changed")
    return dict.fromkeys((*CASE_STATUSES, *gone), 0)


def _without_action(cases: pl.DataFrame, where: pl.Expr) -> pl.DataFrame:
    """Nothing is due any more where a case is closed."""
    if "action" not in cases.columns:
        return cases
    none = pl.when(where).then(pl.lit("none")).otherwise(pl.col("action"))
    return cases.with_columns(action=none)
