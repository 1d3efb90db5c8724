"""What is asked of an engine in the large: rows in pieces, joins, and what is known of pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import polars as pl

T = TypeVar("T")
Made = tuple[Mapping[str, pl.DataFrame], T]
"""Frames by table, and a count."""
Work = Callable[[pl.DataFrame, int], Made[T]]
"""What is made of a piece of rows, given the index of its first one."""


@dataclass(frozen=True)
class Side:
    """One side of pairs.

    Attributes:
        table: its rows, by ``idx``.
        lookups: column of it to a table of that column's values, each once, and of what is known of
            them.
        sql: query over these and the pairs.
    """

    table: str
    lookups: Mapping[str, str]
    sql: str


@dataclass(frozen=True)
class AskedOfPairs:
    """What shall be known of pairs, each by itself.

    Attributes:
        left: side of ``idx_l``.
        right: side of ``idx_r``.
        query: given the names of tables of the left, the right and the pairs, a query for
            ``idx_l, idx_r`` and the rest.
        keep: which of its rows to keep; windows are over those of one ``idx_l``.
    """

    left: Side
    right: Side
    query: Callable[[str, str, str], str]
    keep: str


class Statements(Protocol):
    """Where statements of large joins run: the engine itself, or a cluster."""

    @property
    def is_lazy(self) -> bool:
        """Whether nothing is worked out before it must be: each time that it is asked for costs."""

    def run(self, sql: str) -> None:
        """Execute a statement that returns nothing."""

    def count(self, sql: str) -> Callable[[], int]:
        """Take note of a query that returns one integer, to be told when the ``with`` is over."""

    def drop(self, *names: str) -> None:
        """Drop tables and views that may or may not exist."""
