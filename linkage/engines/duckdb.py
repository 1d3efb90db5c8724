"""The embedded engine: DuckDB runs the relational steps, Splink scores on the same connection.

Beside ``composed``, for single records, the only module that opens a DuckDB connection.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import polars as pl
import pyarrow as pa

from linkage.engines.folder import OwnFolder, sweep
from linkage.engines.splinking import ScoresWithSplink
from linkage.engines.work import AskedOfPairs, Made, Statements, T, Work
from linkage.errors import ConfigError
from linkage.limits import GB, share

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


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


class DuckDBEngine(ScoresWithSplink):
    """One connection with the job's limits; frames go in and come out as polars.

    Args:
        memory_limit: as DuckDB writes it (``"4GB"``), or None for DuckDB's own default.
        temp_directory: where work that exceeds the limit is spilled; None for a folder of its own,
            private to its owner, that goes with the engine.
        threads: how many threads, or None for one per core.
        folder: a private folder to work in that the caller holds and takes away; tables that were
            committed there are found again. None for one of the engine's own, that goes with it.
        lasting: whether the tables are kept for long and read often: they are compressed then.
        beside: bytes of the memory limit that are not the engine's: what the process takes for the
            program and for frames (:mod:`linkage.limits`).

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
        beside: float = 0.0,
    ) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            # A registry job reaches nothing outside this machine: not for extensions either.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }
        if memory_limit:
            config["memory_limit"] = f"{share(memory_limit, beside):.0f}B"
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
        self._told_limit = memory_limit or "not set"
        if memory_limit and beside:
            self._told_limit += f", {share(memory_limit, beside) / GB:.1f} GB of it for the engine"

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
        self._connection.execute(f"ATTACH '{_quoted(path)}' AS \"{name}\" (READ_ONLY)")
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
                found=f"engine: memory_limit: {self._told_limit}",
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
        self._take(frame, f'CREATE OR REPLACE TABLE "{name}" AS FROM incoming')

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Put a frame behind a table's rows; the columns are those of the table, by name."""
        self._take(frame, f'INSERT INTO "{name}" BY NAME FROM incoming')

    def _take(self, frame: pl.DataFrame, statement: str) -> None:
        with self._within_memory():
            # Found by its name. A frame that is registered is held until the transaction ends, and a
            # step is one: all pieces of a source would lie in memory beside its table.
            incoming = frame.to_arrow()  # noqa: F841
            self._connection.execute(statement)

    def save_table(self, table: str, path: Path) -> None:
        """Write a table to a Parquet file; :meth:`saved` reads it."""
        self.save_query(f'FROM "{table}"', path)

    def save_query(self, sql: str, path: Path) -> None:
        """Write the rows of a query to a Parquet file."""
        self.run(f"COPY ({sql}) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION lz4)")

    @staticmethod
    def saved(path: Path) -> str:
        """SQL of a table that was written to a Parquet file."""
        return f"read_parquet('{_quoted(path)}')"

    def make_of(
        self, pieces: Iterable[pl.DataFrame], work: Work[T], *, slight: bool = False
    ) -> list[T]:
        """Make tables of rows that come in pieces, each row by itself.

        Args:
            pieces: rows in order, one piece at least.
            work: what to make of a piece.
            slight: whether it is too little to hand it out to others.

        Returns:
            What the work says of each piece beside its tables.
        """
        told: list[T] = []

        def store(made: Made[T]) -> None:
            frames, one = made
            for table, frame in frames.items():
                (self.append if told else self.put)(table, frame)
            told.append(one)

        # A piece is stored while the next one is made: neither keeps several cores busy. Pieces are
        # taken here, not on the other core: what gives them may ask this engine.
        with ThreadPoolExecutor(1) as other:
            before: Future[Made[T]] | None = None
            first = 0
            for piece in pieces:
                coming = other.submit(work, piece, first)
                first += piece.height
                if before is not None:
                    store(before.result())
                before = coming
            if before is not None:
                store(before.result())
        return told

    @contextlib.contextmanager
    def joining(self, records: str) -> Iterator[Statements]:
        """Statements of large joins, whose temporary tables last no longer than the ``with``.

        Args:
            records: table of the side that tells how large they are.
        """
        yield self

    def make_of_pairs(self, table: str, pairs: str, asked: AskedOfPairs) -> None:
        """Make a table of pairs and what stands on both sides of each.

        Args:
            table: to make.
            pairs: table ``idx_l, idx_r``.
            asked: what shall be known of each pair.
        """
        names = f"{pairs}_records", f"{pairs}_people"
        for name, side in zip(names, (asked.left, asked.right), strict=True):
            self.run(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {side.sql}')
        made = asked.query(*names, pairs)
        self.run(f'CREATE OR REPLACE TABLE "{table}" AS FROM ({made}) QUALIFY {asked.keep}')
        self.drop(*names)

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

    def batches(self, sql: str) -> Generator[pa.RecordBatch]:
        """Run a query and return its rows piece by piece; nothing else may run until it is closed."""
        with self._within_memory(), self._connection.sql(sql).to_arrow_reader(_BATCH) as reader:
            yield from reader

    @property
    def is_lazy(self) -> bool:
        """See :class:`Statements`."""
        return False

    def count(self, sql: str) -> Callable[[], int]:
        """A number that is known now; see :class:`Statements`."""
        found = self.number(sql)
        return lambda: found

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
