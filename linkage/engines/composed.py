"""Steps as one prepared statement: for a single record, whose every statement costs more than its work.

The steps of a run say in SQL what becomes of their tables. Here they say it to an engine that notes the
statements instead of executing them, and makes of all of them one query with a common table expression
for each table. DuckDB plans it once; to answer for a record is then to execute it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa

from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ContractError

_MADE: Final = re.compile(
    r'\s*CREATE (?:OR REPLACE )?(?:TEMP )?(?:TABLE|VIEW) "?(\w+)"? AS\s+(.*)', re.DOTALL
)
_QUOTED: Final = re.compile(r'"(\w+)"')


class Composed(DuckDBEngine):
    """Takes the statements of steps as an engine does, and composes them to one query.

    Args:
        real: knows the tables that are at hand, and their columns.
        given: table to a query for its rows, for the tables that the steps begin with.

    Attributes:
        frames: tables that steps have put there, by name.
    """

    def __init__(self, real: DuckDBEngine, given: Mapping[str, str]) -> None:
        self._real = real
        self._parts = list(given.items())
        self._versions = dict.fromkeys(given, 1)
        self.frames: dict[str, pl.DataFrame] = {}

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
        name, query = made[1], self.resolved(made[2])
        self._versions[name] = self._versions.get(name, 0) + 1
        self._parts.append((self._current(name), query))

    def resolved(self, sql: str) -> str:
        """A query with the present version of every table that was made more than once."""
        return _QUOTED.sub(lambda found: f'"{self._current(found[1])}"', sql)

    def _current(self, name: str) -> str:
        version = self._versions.get(name, 1)
        return name if version == 1 else f"{name}:{version}"

    def statement(self, query: str) -> str:
        """A query over the tables as one statement."""
        parts = ", ".join(f'"{name}" AS MATERIALIZED ({sql})' for name, sql in self._parts)
        return f"WITH {parts} {self.resolved(query)}"

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Note a table that is the same for every record."""
        self.frames[name] = frame

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


class _Input:
    """Rows that a prepared statement reads: others each time, of the same columns."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def __arrow_c_schema__(self) -> Any:
        return self.rows.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        return self.rows.__arrow_c_stream__(requested_schema)


class Prepared:
    """Prepared statements over rows that are handed over with each call; nothing is written to disk.

    Args:
        inputs: name to an example of the rows: their columns count.
        tables: rows that stay the same.

    Example:
        >>> with Prepared({"now": pa.table({"a": [1]})}, {}) as prepared:
        ...     prepared.prepare("twice", "SELECT 2 * a AS b FROM now")
        ...     prepared.rows("twice", now=pa.table({"a": [3]}))["b"].to_list()
        [6]
    """

    def __init__(self, inputs: Mapping[str, pa.Table], tables: Mapping[str, pl.DataFrame]) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": 1,  # for some dozen rows
        }
        self._connection = duckdb.connect(":memory:", config=config)
        self._inputs = {name: _Input(rows) for name, rows in inputs.items()}
        for name, given in self._inputs.items():
            self._connection.register(name, given)
        for name, frame in tables.items():
            self._connection.register("__incoming", frame.to_arrow())
            self._connection.execute(f'CREATE TABLE "{name}" AS FROM __incoming')
            self._connection.unregister("__incoming")

    def __enter__(self) -> Prepared:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def prepare(self, name: str, sql: str) -> None:
        """Plan a statement, to be executed by its name."""
        self._connection.execute(f"PREPARE {name} AS {sql}")

    def rows(self, name: str, **inputs: pa.Table) -> pl.DataFrame:
        """Execute a statement on other rows."""
        for place, rows in inputs.items():
            self._inputs[place].rows = rows
        table = self._connection.sql(f"EXECUTE {name}").to_arrow_table()
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return frame
