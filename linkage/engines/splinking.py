"""Splink on an engine's own connection; the only module that builds a ``Linker``."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import duckdb
from splink import DuckDBAPI, Linker


class _Api(DuckDBAPI):
    """Splink's access to the connection, which asks before it acts.

    Splink asks whether a table is there by failing to read it; within a transaction a failure is the
    end of all that stands in it.
    """

    def table_exists_in_database(self, table_name: str) -> bool:
        """Whether there is a table or view of that name."""
        return self._is(table_name, "tables", "table") or self._is(table_name, "views", "view")

    def delete_table_from_database(self, name: str) -> None:
        """Drop a table or view that may or may not exist."""
        kind = "VIEW" if self._is(name, "views", "view") else "TABLE"
        self._con.execute(f"DROP {kind} IF EXISTS {name}")

    def _is(self, name: str, several: str, one: str) -> bool:
        # An attached database may hold a table where this one has a view of the same name.
        sql = (
            f"SELECT count(*) FROM duckdb_{several}() WHERE {one}_name = $name"
            " AND database_name IN (current_database(), 'temp')"
        )
        return bool(self._con.execute(sql, {"name": name}).fetchall()[0][0])


class ScoresWithSplink(Protocol):
    """An engine, as far as Splink scores on it."""

    _connection: duckdb.DuckDBPyConnection
    _scored: int

    def run(self, sql: str) -> None:
        """Execute a statement that returns nothing."""

    def drop(self, *names: str) -> None:
        """Drop tables and views that may or may not exist."""

    def _within_memory(self) -> AbstractContextManager[None]:
        """Say what to change when the memory limit is too small for the work."""

    def linker(
        self,
        left: str,
        right: str,
        columns: Sequence[str],
        settings: Mapping[str, Any],
        frequencies: Mapping[str, str],
    ) -> Linker:
        """Build a Splink linker over two tables of this connection.

        Args:
            left: table whose display name sorts first, so that Splink keeps it left.
            right: the other table.
            columns: what Splink may see of both: it copies every column that it is given.
            settings: Splink settings as a dictionary.
            frequencies: feature to the table that holds its frequencies, so that Splink takes them
                from the population alone and not from both inputs stacked.
        """
        self._scored += 1
        api = _Api(connection=self._connection)
        selected = ", ".join(f'"{column}"' for column in columns)
        tables = [
            api.register(
                self._connection.table(table).project(selected), dataset_display_name=display
            )
            for table, display in ((left, f"a{self._scored}"), (right, f"b{self._scored}"))
        ]
        # Splink's validation only logs what it misses; our settings name no column that is not there.
        linker = Linker(tables, dict(settings), log_level=logging.ERROR, validate_settings=False)
        for feature, table in frequencies.items():
            registered = api.register(
                self._connection.table(table), dataset_display_name=f"f{self._scored}_{feature}"
            )
            linker.table_management.register_term_frequency_lookup(registered, feature)
        return linker

    def score(
        self, linker: Linker, pairs: str, table: str, *, select: str = "*", keep: str = "true"
    ) -> None:
        """Score the pairs with Splink into a table.

        Args:
            linker: built by :meth:`linker`.
            pairs: table with ``idx_l``, ``idx_r`` and ``match_key``.
            table: name of the table to make.
            select: columns or expressions to keep of Splink's result.
            keep: rows to keep; may use window functions.
        """
        separator = "-__-"
        clause = "QUALIFY" if " OVER " in keep else "WHERE"
        api = linker._db_api
        self.run(
            f"CREATE OR REPLACE TABLE __blocked AS SELECT match_key,"
            f" 'a{self._scored}{separator}' || idx_l AS join_key_l,"
            f" 'b{self._scored}{separator}' || idx_r AS join_key_r FROM \"{pairs}\""
        )
        blocked = api.register(
            self._connection.table("__blocked"), dataset_display_name=f"pairs{self._scored}"
        )
        linker.table_management.register_blocked_pairs_for_predict(blocked)
        with self._within_memory():
            result = linker.inference.predict(warning_mode="never")
        self.run(
            f'CREATE OR REPLACE TABLE "{table}" AS SELECT {select}'
            f" FROM {result.physical_name} {clause} {keep}"
        )
        result.drop_table_from_database_and_remove_from_cache()
        self.drop("__blocked")
