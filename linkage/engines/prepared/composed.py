"""Steps as one query: for a single record, whose every statement costs more than its work.

The steps of a run say in SQL what becomes of their tables. Here they say it to an engine that notes the
statements instead of executing them, to be executed as one query with a common table expression for
each table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ContractError

_MADE: Final = re.compile(
    r'\s*CREATE (?:OR REPLACE )?(?:TEMP )?(?:TABLE|VIEW) "?(\w+)"? AS\s+(.*)', re.DOTALL
)
_QUOTED: Final = re.compile(r'"(\w+)"')


@dataclass(frozen=True)
class Steps:
    """What is to become of the rows that are handed over with each call.

    Attributes:
        given: tables that are handed over: column to its type, as DuckDB writes it.
        constants: tables that are the same each time.
        parts: further tables, each a query over those before it.
        query: what is asked in the end.
    """

    given: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, pl.DataFrame]
    parts: Sequence[tuple[str, str]]
    query: str


class Composed(DuckDBEngine):
    """Takes the statements of steps as an engine does, and notes them.

    Args:
        real: knows the tables that are at hand, and their columns.
        given: tables that are handed over: column to type.
        made: tables that the steps begin with, made of these: table to a query for its rows.
    """

    def __init__(
        self,
        real: DuckDBEngine,
        given: Mapping[str, Mapping[str, str]],
        made: Mapping[str, str],
    ) -> None:
        self._real = real
        self._given = given
        self._constants: dict[str, pl.DataFrame] = {}
        self._parts = list(made.items())
        self._versions = dict.fromkeys((*given, *made), 1)

    def run(self, sql: str) -> None:
        """Note a statement that makes a table of a query.

        Raises:
            ContractError: it does something else.
        """
        made = _MADE.fullmatch(sql)
        if made is None:
            message = "a step cannot be composed"
            raise ContractError(
                message,
                expected="statements that make a table of a query",
                found=" ".join(sql.split()[:2]),
                hint="this is a fault of the toolkit, please report it",
            )
        name, query = made[1], self._resolved(made[2])
        self._versions[name] = self._versions.get(name, 0) + 1
        self._parts.append((self._current(name), query))

    def steps(self, query: str) -> Steps:
        """What was noted, and a query over the tables."""
        return Steps(self._given, self._constants, tuple(self._parts), self._resolved(query))

    def _resolved(self, sql: str) -> str:
        """A query with the present version of every table that was made more than once."""
        return _QUOTED.sub(lambda found: f'"{self._current(found[1])}"', sql)

    def _current(self, name: str) -> str:
        version = self._versions.get(name, 1)
        return name if version == 1 else f"{name}:{version}"

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Note a table that is the same for every record."""
        self._versions[name] = 1
        self._constants[name] = frame

    def number(self, sql: str) -> int:
        """Nothing is counted before there are rows."""
        return 0

    def has(self, table: str) -> bool:
        """Whether a table is given or has been made."""
        return table in self._versions or self._real.has(table)

    def columns(self, table: str) -> tuple[str, ...]:
        """Names of a table's columns."""
        return self._real.columns(table)

    def list_columns(self, table: str) -> frozenset[str]:
        """Names of the columns that hold lists."""
        return self._real.list_columns(table)

    def drop(self, *names: str) -> None:
        """Tables of one statement are gone with it."""
