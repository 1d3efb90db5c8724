"""The embedded engine: DuckDB runs the relational steps, Splink scores on the same connection.

Beside ``composed``, for single records, the only module that opens a DuckDB connection; the only one
that builds a Splink ``Linker``.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import polars as pl
import pyarrow as pa
from splink import DuckDBAPI, Linker

from linkage.engines.folder import OwnFolder, sweep
from linkage.errors import ConfigError

DATABASE: Final = "work.duckdb"
"""File in it that holds the tables; names of DuckDB's files beside it begin with it."""
SPILL: Final = "spill"
"""Folder in it for what exceeds the memory limit."""

_BATCH: Final = 100_000
"""Rows of a piece of a result."""


def peek(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on a database file that nobody need have open.

    Raises:
        duckdb.Error: it is no database of this version, or holds something else.
    """
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


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


class DuckDBEngine:
    """One connection with the job's limits; frames go in and come out as polars.

    Args:
        memory_limit: as DuckDB writes it (``"4GB"``), or None for DuckDB's own default.
        temp_directory: where work that exceeds the limit is spilled; None for a folder of its own,
            private to its owner, that goes with the engine.
        threads: how many threads, or None for one per core.
        folder: a private folder to work in that the caller holds and takes away; tables that were
            committed there are found again. None for one of the engine's own, that goes with it.
        lasting: whether the tables are kept for long and read often: they are compressed then.

    Example:
        >>> with DuckDBEngine() as engine:
        ...     engine.put("numbers", pl.DataFrame({"n": [1, 2]}))
        ...     engine.frame("SELECT sum(n)::BIGINT AS total FROM numbers")["total"].to_list()
        [3]
    """

    def __init__(
        self,
        memory_limit: str | None = None,
        temp_directory: Path | None = None,
        threads: int | None = None,
        *,
        folder: Path | None = None,
        lasting: bool = False,
    ) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            # A registry job reaches nothing outside this machine: not for extensions either.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }
        if memory_limit:
            config["memory_limit"] = memory_limit
        # What is spilled is personal data: by default DuckDB would put it into the current folder.
        if temp_directory:
            temp_directory.mkdir(parents=True, exist_ok=True)
        sweep(temp_directory or Path(tempfile.gettempdir()))
        self._own = None
        if folder is None:
            self._own = OwnFolder(temp_directory)
            folder = self._own.path
        self.folder: Final = folder
        config["temp_directory"] = str(self.folder / SPILL)
        if threads:
            config["threads"] = threads
        # A database on disk, not in memory: what is not in use need not be held.
        self._connection = duckdb.connect(self.folder / DATABASE, config=config)
        if not lasting:  # to compress what is read a few times costs more than to read more
            self._connection.execute("PRAGMA force_compression = 'uncompressed'")
        # In a notebook without ipywidgets DuckDB refuses even to switch its progress bar off; there
        # is none then.
        with contextlib.suppress(duckdb.InvalidInputException):
            self._connection.execute("SET enable_progress_bar = false")
        self._scored = 0
        self._memory_limit = memory_limit

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; in a folder of its own, tables and what it spilled are gone with it."""
        self._connection.close()
        if self._own is not None:
            self._own.close()

    def save_as(self, path: Path) -> None:
        """Close, and leave the tables as a database file that only its owner can read.

        Args:
            path: in the engine's own ``temp_directory``, so that the file appears whole or not at all.
        """
        self._connection.close()
        made = self.folder / DATABASE
        made.chmod(0o600)
        made.replace(path)
        self.close()

    def attach(self, path: Path, name: str) -> tuple[str, ...]:
        """Attach a database file, read-only, under a name; return the names of its tables."""
        place = str(path).replace("'", "''")
        self._connection.execute(f"ATTACH '{place}' AS \"{name}\" (READ_ONLY)")
        sql = f"SELECT table_name FROM duckdb_tables() WHERE database_name = '{name}' ORDER BY 1"
        return tuple(self.frame(sql)["table_name"])

    @contextlib.contextmanager
    def _within_memory(self) -> Iterator[None]:
        """Say what to change when the memory limit is too small for the work."""
        try:
            yield
        except (duckdb.OutOfMemoryException, duckdb.TransactionException) as error:
            # What does not fit when a statement is committed is told as a failure of the commit.
            if isinstance(error, duckdb.TransactionException) and "memory" not in str(error):
                raise
            message = "the work does not fit into the engine's memory limit"
            # DuckDB's own text is left out: it may quote the statement.
            raise ConfigError(
                message,
                expected="room for the population, one registry and its candidate pairs",
                found=f"engine: memory_limit: {self._memory_limit or 'not set'}",
                hint="raise 'engine: memory_limit:' in the job, or set threads: 1",
            ) from error

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Statements that count together: all of them or, killed or after an error, none."""
        with self.in_passing(keep=True):
            yield

    @contextlib.contextmanager
    def in_passing(self, *, keep: bool = False) -> Iterator[None]:
        """Statements of which nothing is kept beyond the ``with``.

        Args:
            keep: keep it after all, unless an error is raised.
        """
        self.run("BEGIN")
        try:
            yield
            self.run("COMMIT" if keep else "ROLLBACK")
        except BaseException:
            # What failed may be the transaction itself: then there is nothing to take back.
            with contextlib.suppress(duckdb.Error):
                self._connection.execute("ROLLBACK")
            raise

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Store a frame as a table, replacing one of the same name."""
        self._take(frame, f'CREATE OR REPLACE TABLE "{name}" AS FROM __incoming')

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Put a frame behind a table's rows; the columns are those of the table, by name."""
        self._take(frame, f'INSERT INTO "{name}" BY NAME FROM __incoming')

    def _take(self, frame: pl.DataFrame, statement: str) -> None:
        with self._within_memory():
            self._connection.register("__incoming", frame.to_arrow())
            self._connection.execute(statement)
            self._connection.unregister("__incoming")

    def run(self, sql: str) -> None:
        """Execute a statement that returns nothing."""
        with self._within_memory():
            self._connection.execute(sql)

    def frame(self, sql: str) -> pl.DataFrame:
        """Run a query and return its rows."""
        with self._within_memory():
            table = self._connection.sql(sql).to_arrow_table()
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run a query and return its rows piece by piece; nothing else may run meanwhile."""
        with self._within_memory():
            yield from self._connection.sql(sql).to_arrow_reader(_BATCH)

    def number(self, sql: str) -> int:
        """Run a query that returns one integer."""
        rows = self._connection.execute(sql).fetchall()
        return int(rows[0][0] or 0)

    def has(self, table: str) -> bool:
        """Whether a table or view of that name has been made."""
        sql = (
            "SELECT count(*) FROM information_schema.tables"
            f" WHERE table_catalog = current_database() AND table_name = '{table}'"
        )
        return self.number(sql) > 0

    def columns(self, table: str) -> tuple[str, ...]:
        """Names of a table's columns."""
        return tuple(self._connection.table(table).columns)

    def column_types(self, table: str) -> dict[str, str]:
        """Names of a table's columns to their types."""
        relation = self._connection.table(table)
        return {n: str(type_) for n, type_ in zip(relation.columns, relation.types, strict=True)}

    def list_columns(self, table: str) -> frozenset[str]:
        """Names of the columns that hold lists."""
        relation = self._connection.table(table)
        named = zip(relation.columns, relation.types, strict=True)
        return frozenset(name for name, type_ in named if str(type_).endswith("[]"))

    def drop(self, *names: str) -> None:
        """Drop tables and views that may or may not exist."""
        own = "SELECT view_name FROM duckdb_views() WHERE database_name IN (current_database(), 'temp')"
        views = set(self.frame(own)["view_name"])
        for name in names:
            kind = "VIEW" if name in views else "TABLE"
            self._connection.execute(f'DROP {kind} IF EXISTS "{name}"')

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
