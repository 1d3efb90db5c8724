"""Steps as one prepared statement: for a single record, whose every statement costs more than its work.

The steps of a run say in SQL what becomes of their tables. Here they say it to an engine that notes the
statements instead of executing them, and makes of all of them one query with a common table expression
for each table. DuckDB plans it once; to answer for a record is then to execute it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import duckdb
import polars as pl

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
        types_of: says the types of a frame's columns.
    """

    def __init__(
        self,
        real: DuckDBEngine,
        given: Mapping[str, str],
        types_of: Callable[[pl.DataFrame], Mapping[str, str]],
    ) -> None:
        self._real = real
        self._types_of = types_of
        self._parts = list(given.items())
        self._versions = dict.fromkeys(given, 1)

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
        self._versions[name] = 1
        self._parts.append((name, frame_sql(frame, self._types_of(frame))))

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


def columns_sql(parameter: str, types: Mapping[str, str]) -> str:
    """SQL for rows that are handed over as JSON: an object with a list for each column.

    In this plain form only: where a part of the JSON is taken, DuckDB plans the statement anew.

    Args:
        parameter: ``$1``, or a literal.
        types: names of columns to their types.
    """
    shape = {name: [_shape(type_)] for name, type_ in types.items()}
    columns = ", ".join(f'unnest(c."{name}") AS "{name}"' for name in types)
    return f"SELECT {columns} FROM (SELECT from_json({parameter}::VARCHAR, {_text(shape)}) AS c)"


def frame_sql(frame: pl.DataFrame, types: Mapping[str, str]) -> str:
    """SQL for rows that stay the same."""
    return columns_sql(_quoted(as_json(frame.to_dict(as_series=False))), types)


def as_json(columns: Mapping[str, Any]) -> str:
    """Columns as :func:`columns_sql` reads them; a date as its text."""
    return json.dumps(columns, ensure_ascii=False, default=str)


def _shape(type_: str) -> object:
    return [_shape(type_[:-2])] if type_.endswith("[]") else type_


def _text(shape: object) -> str:
    return _quoted(json.dumps(shape))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Prepared:
    """Prepared statements over rows that are handed over with each call; nothing is written to disk.

    DuckDB keeps the plan of a statement that reads no table; of any other it makes a new one with each
    call. So rows come as parameters, in JSON (:func:`columns_sql`).

    Example:
        >>> with Prepared() as prepared:
        ...     given = columns_sql("$1", {"a": "BIGINT"})
        ...     prepared.prepare("twice", f"SELECT 2 * a AS b FROM ({given})")
        ...     prepared.rows("twice", '{"a": [3, 4]}')
        [(6,), (8,)]
    """

    def __init__(self) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": 1,  # for some dozen rows
            "default_block_size": "16384",  # the least: of a block little is used
        }
        self._connection = duckdb.connect(":memory:", config=config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def types_of(self, frame: pl.DataFrame) -> dict[str, str]:
        """Columns of a frame to their types as DuckDB writes them."""
        self._connection.register("__incoming", frame.head(0).to_arrow())
        relation = self._connection.table("__incoming")
        types = {n: str(t) for n, t in zip(relation.columns, relation.types, strict=True)}
        self._connection.unregister("__incoming")
        return types

    def prepare(self, name: str, sql: str) -> None:
        """Plan a statement, to be executed by its name; ``$1``, ``$2``, … are what it is given."""
        self._connection.execute(f"PREPARE {name} AS {sql}")

    def rows(self, name: str, *given: str) -> list[tuple[Any, ...]]:
        """Execute a statement; a few rows, for which a frame would cost more than they do.

        Raises:
            ContractError: it cannot be executed; DuckDB's own text is left out, it may quote values.
        """
        values = ", ".join(map(_quoted, given))
        try:
            return self._connection.execute(f"EXECUTE {name}({values})").fetchall()
        except duckdb.Error as error:
            message = "a prepared statement failed"
            raise ContractError(
                message,
                expected="rows of the columns that it was prepared for",
                found=type(error).__name__,
                hint="this is a fault of the toolkit, please report it",
            ) from None
