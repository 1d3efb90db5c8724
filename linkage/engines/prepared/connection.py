"""A connection to DuckDB for some dozen rows: prepared statements, nothing on disk."""

from __future__ import annotations

from typing import Any, Final, Self

import duckdb
import polars as pl

from linkage.errors import ContractError

_LITTLE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": 1,  # for some dozen rows
    "default_block_size": "16384",  # the least: of a block little is used
}


class Prepared:
    """Prepared statements over values that are handed over with each call; nothing is written to disk.

    Example:
        >>> with Prepared() as prepared:
        ...     prepared.prepare("twice", "SELECT 2 * $1::BIGINT")
        ...     prepared.rows("twice", "4")
        [(8,)]
    """

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config=_LITTLE)

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
        """Plan a statement, to be executed by its name; ``$1``, ``$2``, … are what it is given.

        DuckDB keeps the plan of a statement that reads no table; of any other it makes a new one with
        each call.
        """
        self._connection.execute(f"PREPARE {name} AS {sql}")

    def rows(self, name: str, *given: str) -> list[tuple[Any, ...]]:
        """Execute a statement; a few rows, for which a frame would cost more than they do.

        Raises:
            ContractError: it cannot be executed; DuckDB's own text is left out, it may quote values.
        """
        values = ", ".join(map(quoted, given))
        try:
            return self._connection.execute(f"EXECUTE {name}({values})").fetchall()
        except (duckdb.Error, UnicodeError) as error:
            kind = type(error).__name__
        raise failed(kind)  # out here, so that nothing of the error's own text hangs on it


def quoted(text: str) -> str:
    """A literal."""
    return "'" + text.replace("'", "''") + "'"


def failed(kind: str) -> ContractError:
    """What is said where a prepared statement fails: the kind of error, nothing of its own text."""
    return ContractError(
        "a prepared statement failed",
        expected="rows of the columns that it was prepared for",
        found=kind,
        hint="this is a fault of the toolkit, please report it",
    )
