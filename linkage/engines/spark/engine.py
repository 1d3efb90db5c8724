"""The engine ``spark``: heavy steps on a cluster, their results as views of the driver's DuckDB.

What Spark makes lies as Parquet in the engine's folder, and is a view over it here: every other
statement runs as on the embedded engine, from the same source.
"""

from __future__ import annotations

import contextlib
import itertools
import pickle
import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import polars as pl
import pyarrow as pa

from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.spark.session import open_cluster
from linkage.engines.spark.statements import SparkStatements, on_cluster
from linkage.engines.spark.tasks import (
    PLACE,
    TOLD,
    Compare,
    Layout,
    Look,
    Make,
    cell,
    has,
    side_column,
)
from linkage.engines.work import AskedOfPairs, Statements, Work
from linkage.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

T = TypeVar("T")
DATA: Final = "spark"
"""Folder in the engine's own for what Spark reads and makes."""
PIECE_ROWS: Final = 25_000
"""Rows of a file that a task cleans."""
PAIRS_PER_TASK: Final = 100_000
"""Pairs that a task holds at once, with both their sides: some 200 MB."""
_MAKES: Final = re.compile(r'\s*CREATE OR REPLACE (?:TEMP )?TABLE "?(\w+)"? AS', re.IGNORECASE)
_CHANGES: Final = re.compile(r'\s*(?:DELETE FROM|INSERT INTO|UPDATE) "?(\w+)"?', re.IGNORECASE)


class SparkEngine(DuckDBEngine):
    """DuckDB on the driver and Spark beside it.

    Args:
        memory_limit: of the driver's DuckDB, see :class:`DuckDBEngine`.
        temp_directory: where its folder is made. Of a cluster, a place that the driver and all
            workers see under the same path.
        threads: of the driver's DuckDB, and of Spark where it runs on this machine.
        folder: see :class:`DuckDBEngine`.
        beside: see :class:`DuckDBEngine`.
        master: where Spark runs; None for this machine. An active session is taken as it is.
        options: Spark settings of a session that is started.
        small: records or pairs below which a join stays with the driver.

    Raises:
        ConfigError: Spark is not installed, or does not start.
    """

    def __init__(
        self,
        memory_limit: str | None = None,
        temp_directory: Path | None = None,
        threads: int | None = None,
        *,
        folder: Path | None = None,
        beside: float = 0.0,
        master: str | None = None,
        options: Mapping[str, str] | None = None,
        small: int = 0,
    ) -> None:
        super().__init__(memory_limit, temp_directory, threads, folder=folder, beside=beside)
        self.data: Final = self.folder / DATA
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._small, self._within, self._numbers = small, 0, itertools.count()
        self._schemas: dict[str, Any] = {}
        try:
            self.cluster = open_cluster(
                self.folder, master=master, threads=threads, options=options or {}
            )
        except BaseException:
            super().close()
            raise
        self._collect()
        if not self.cluster.is_local:
            try:
                self.check_workers()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Let go of Spark, and close; see :meth:`DuckDBEngine.close`."""
        self.cluster.close()
        super().close()

    def check_workers(self) -> None:
        """See that tasks have what they need.

        Raises:
            ConfigError: they do not see the folder, or run other versions than the driver.
        """
        wanted = {**has(), "folder": "True"}
        with on_cluster("asking the workers"):
            fields = pa.schema([pa.field(name, pa.string()) for name in wanted])
            rows = self.cluster.spark.range(self.cluster.cores).repartition(self.cluster.cores)
            found = [row.asDict() for row in self.map(rows, Look(str(self.data)), fields).collect()]
        for one in found:
            if other := [name for name in wanted if one[name] != wanted[name]]:
                told = {name: "a path that they do not see" if name == "folder" else one[name]
                        for name in other}  # fmt: skip
                message = "Spark's workers do not have what the driver has"
                raise ConfigError(
                    message,
                    expected=", ".join(f"{name} {v}" for name, v in has().items())
                    + ", and the folder of 'engine: temp_directory:'",
                    found=", ".join(f"{name}: {v}" for name, v in told.items()),
                    hint="install the same packages everywhere; let temp_directory be a place that"
                    " all machines share",
                )

    # --- tables ---

    def new_place(self, name: str) -> Path:
        """A path that nothing lies at yet, for what Spark reads or makes."""
        return self.data / f"{name}-{next(self._numbers)}-{uuid.uuid4().hex[:8]}"

    def show(self, name: str, select: str, place: Path) -> None:
        """Make a view over Parquet, in place of whatever has its name."""
        self.drop(name)
        self.run(
            f"CREATE VIEW \"{name}\" AS SELECT {select} FROM read_parquet('{place}/*.parquet')"
        )

    def write(self, rows: DataFrame, place: Path) -> None:
        """Have rows worked out, into a folder of Parquet."""
        rows.write.parquet(f"{place}")
        self._schemas[place.name] = rows.schema

    def read(self, place: Path, columns: Collection[str] | None) -> DataFrame:
        """Rows of a folder of Parquet; those of the columns that are there, None for all."""
        reader = self.cluster.spark.read
        if place.name not in self._schemas:
            self._schemas[place.name] = reader.parquet(f"{place}").schema
        schema = self._schemas[place.name]
        if columns is not None:
            schema = type(schema)([one for one in schema if one.name in columns] or schema[:1])
        return reader.schema(schema).parquet(f"{place}")

    def view(self, name: str) -> str | None:
        """The statement that made a view; None for a table."""
        sql = (
            f"SELECT sql FROM duckdb_views() WHERE view_name = '{name}'"
            " AND database_name IN (current_database(), 'temp')"
        )
        rows = self.frame(sql)
        return str(rows["sql"][0]) if rows.height else None

    def run(self, sql: str) -> None:
        """Execute a statement; a view that it makes anew, or changes, becomes a table."""
        made, changed = _MAKES.match(sql), _CHANGES.match(sql)
        if made and self.view(made[1]) is not None:
            self._become(made[1], sql[made.end() :])
        else:
            if changed and self.view(changed[1]) is not None:
                self._become(changed[1], f'FROM "{changed[1]}"')
            super().run(sql)

    def _become(self, name: str, query: str) -> None:
        super().run(f'CREATE OR REPLACE TABLE "__new_{name}" AS {query}')
        self.drop(name)
        super().run(f'ALTER TABLE "__new_{name}" RENAME TO "{name}"')

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Store a frame as a table, replacing a table or view of the same name."""
        if self.view(name) is not None:
            self.drop(name)
        super().put(name, frame)

    def drop(self, *names: str) -> None:
        """Drop tables and views that may or may not exist, and what lies behind them."""
        super().drop(*names)
        self._collect()

    @contextlib.contextmanager
    def in_passing(self, *, keep: bool = False) -> Iterator[None]:
        """See :meth:`DuckDBEngine.in_passing`; files go when the statements have counted."""
        self._within += 1
        try:
            with super().in_passing(keep=keep):
                yield
        finally:
            self._within -= 1
        self._collect()

    def _collect(self) -> None:
        """Delete the files that no view shows; within a transaction they may be asked for again."""
        if self._within:
            return
        shown = " ".join(self.frame("SELECT sql FROM duckdb_views()")["sql"])
        for place in self.data.iterdir():
            if place.name not in shown:
                shutil.rmtree(place, ignore_errors=True)

    # --- rows ---

    def make_of(
        self, pieces: Iterable[pl.DataFrame], work: Work[T], *, slight: bool = False
    ) -> list[T]:
        """See :meth:`DuckDBEngine.make_of`; each task works on the rows of some files."""
        if slight:
            return super().make_of(pieces, work, slight=slight)
        come = iter(pieces)
        head = next(come)
        empty, _ = work(head.head(0), 0)
        raw, made = self.new_place("rows"), self.new_place("made")
        with self._kept(raw, made):
            if not self._hand_in(itertools.chain([head], come), raw):
                return super().make_of([head], work)
            task = Make(work, Layout.of(empty), dict(head.schema))
            with on_cluster("making tables of rows"):
                rows = self.read(raw, None)
                self.write(self.map(rows, task, task.layout.schema), made)
            for number, (table, frame) in enumerate(empty.items()):
                self._show_part(table, frame, number, made)
        said = self.frame(
            f"SELECT {TOLD} AS said FROM read_parquet('{made}/*.parquet') WHERE said IS NOT NULL"
        )
        return [pickle.loads(one) for one in said["said"]]

    def _hand_in(self, pieces: Iterable[pl.DataFrame], place: Path) -> int:
        """Write raw rows into files for tasks; say how many there are."""
        place.mkdir(mode=0o700)
        first = 0
        for piece in pieces:
            placed = piece.with_row_index(PLACE, first).with_columns(pl.col(PLACE).cast(pl.Int64))
            for part in placed.iter_slices(PIECE_ROWS):
                part.write_parquet(place / f"{part[PLACE][0]:012}.parquet", compression="lz4")
            first += piece.height
        return first

    def _show_part(self, table: str, empty: pl.DataFrame, number: int, made: Path) -> None:
        """Show one of the tables that lie side by side, in the types that it would have here."""
        self._connection.register("__incoming", empty.to_arrow())
        types = self.frame("DESCRIBE FROM __incoming")["column_type"]
        self._connection.unregister("__incoming")
        select = ", ".join(
            f'{cell(number, n)}::{type_} AS "{column}"'
            for n, (column, type_) in enumerate(zip(empty.columns, types, strict=True))
        )
        self.show(table, select, made)

    def map(self, rows: DataFrame, task: Callable[..., Any], schema: Any) -> DataFrame:
        """Arrow batches of rows through a task."""
        from pyspark.sql.pandas.types import from_arrow_schema

        return rows.mapInArrow(task, from_arrow_schema(schema))

    # --- joins ---

    @contextlib.contextmanager
    def joining(self, records: str) -> Iterator[Statements]:
        """See :meth:`DuckDBEngine.joining`; large joins are Spark's."""
        if self.number(f'SELECT count(*) FROM "{records}"') < self._small:
            yield self
            return
        with self._passing(), SparkStatements(self) as statements:
            yield statements

    def make_of_pairs(self, table: str, pairs: str, asked: AskedOfPairs) -> None:
        """See :meth:`DuckDBEngine.make_of_pairs`; each task has some records, with all their pairs."""
        count = self.number(f'SELECT count(*) FROM "{pairs}"')
        if count < self._small:
            super().make_of_pairs(table, pairs, asked)
            return
        tasks = max(count // PAIRS_PER_TASK + 1, self.cluster.cores)
        with self._passing(), SparkStatements(self) as statements, on_cluster("comparing pairs"):
            wide = statements.rows(f'SELECT idx_l, idx_r FROM "{pairs}"')
            columns = []
            for letter, side in (("l", asked.left), ("r", asked.right)):
                rows, names = statements.side(side, pairs, letter)
                wide = wide.join(rows, wide[f"idx_{letter}"] == rows[side_column(letter, 0)])
                columns.append(names)
            wide = wide.repartition(tasks, "idx_l")
            compare = Compare(pairs, asked, (columns[0], columns[1]))
            schema = compare.made(_empty(wide)).schema
            statements.publish(table, self.map(wide, compare, schema))

    @contextlib.contextmanager
    def _passing(self) -> Iterator[None]:
        """Keep files that no view shows yet."""
        self._within += 1
        try:
            yield
        finally:
            self._within -= 1
        self._collect()

    @contextlib.contextmanager
    def _kept(self, raw: Path, made: Path) -> Iterator[None]:
        with self._passing():
            try:
                yield
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)
                raise
            finally:
                shutil.rmtree(raw, ignore_errors=True)


def _empty(rows: DataFrame) -> Any:
    """A table without rows, of the columns of a Spark frame."""
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(rows.schema).empty_table()
