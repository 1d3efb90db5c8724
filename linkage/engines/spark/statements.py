"""DuckDB statements of large joins, run by Spark: temporary tables are lazy there, others files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from sqlglot import exp

from linkage.engines.spark.dialect import asked_of, narrowed, parsed, spark_sql
from linkage.engines.spark.tasks import known_column, side_column
from linkage.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from linkage.engines.spark.engine import SparkEngine
    from linkage.engines.work import Side

_TYPES: Final = {"BIGINT": "bigint", "INT": "int"}


class SparkStatements:
    """Statements of one ``with``; what the driver has is read where they name it.

    Args:
        engine: the driver's tables, and the cluster.
    """

    def __init__(self, engine: SparkEngine) -> None:
        self._engine, self._spark = engine, engine.cluster.spark
        self._temporary: dict[str, DataFrame] = {}
        self._read: dict[tuple[str, frozenset[str] | None], DataFrame] = {}
        self._names: list[str] = []
        self._counts: list[DataFrame] = []
        self._counted: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                for name, rows in self._temporary.items():  # what was not dropped is to last
                    self.publish(name, rows)
            if self._counts and error is None:
                with on_cluster("counting"):
                    rows = reduce(lambda one, more: one.union(more), self._counts).collect()
                self._counted = {row["place"]: int(row["n"]) for row in rows}
        finally:
            for name in self._names:
                with contextlib.suppress(Exception):
                    self._spark.catalog.dropTempView(name)

    def run(self, sql: str) -> None:
        """Execute a statement that returns nothing."""
        statement = parsed(sql)
        name = statement.find(exp.Table).name  # type: ignore[union-attr]
        with on_cluster("joining"):
            if isinstance(statement, exp.Insert):
                rows = self._frame(statement.expression)
                known = self._temporary[name]
                self._temporary[name] = known.union(rows.toDF(*known.columns))
            elif isinstance(statement.this, exp.Schema):
                columns = ", ".join(
                    f"{column.name} {_TYPES[column.kind.this.name]}"
                    for column in statement.this.expressions
                )
                self._temporary[name] = self._spark.createDataFrame([], columns)
            elif statement.find(exp.TemporaryProperty):
                self._temporary[name] = self._frame(statement.expression)
            else:
                self.publish(name, self._frame(statement.expression))

    @property
    def is_lazy(self) -> bool:
        """Spark works out what is written or counted, and nothing twice if it is asked at once."""
        return True

    def count(self, sql: str) -> Callable[[], int]:
        """Take note of a count; all of them are worked out together, when the ``with`` is over."""
        from pyspark.sql.functions import lit

        place = len(self._counts)
        self._counts.append(self.rows(sql).toDF("n").withColumn("place", lit(place)))
        return lambda: self._counted[place]

    def drop(self, *names: str) -> None:
        """Forget temporary tables."""
        for name in names:
            self._temporary.pop(name, None)

    def rows(self, sql: str) -> DataFrame:
        """The rows of a query, not worked out yet."""
        return self._frame(parsed(sql))

    def side(self, side: Side, pairs: str, letter: str) -> tuple[DataFrame, list[str]]:
        """Rows of one side of pairs, with what is known of their values, and names of its columns.

        Args:
            side: its table and lookups; its query runs in the tasks.
            pairs: table of the pairs: only rows that stand in one.
            letter: ``l`` or ``r``: columns are named by it and their number.
        """
        from pyspark.sql.functions import struct

        named = {one.name for one in parsed(side.sql).find_all(exp.Identifier)}
        columns = [c for c in self._engine.columns(side.table) if c in named and c != "idx"]
        columns = ["idx", *columns]
        chosen = ", ".join(f'"{column}"' for column in columns)
        rows = self.rows(
            f'SELECT {chosen} FROM "{side.table}" WHERE idx IN (SELECT idx_{letter} FROM "{pairs}")'
        )
        rows = rows.toDF(*(side_column(letter, n) for n in range(len(columns))))
        for feature, table in side.lookups.items():
            number = columns.index(feature)
            known = self.rows(f'SELECT * FROM "{table}"')
            others = [column for column in known.columns if column != feature]
            value = f"{letter}{number}_value"
            known = known.select(
                known[feature].alias(value),
                struct(*others).alias(known_column(letter, number)),
            )
            rows = rows.join(known, rows[side_column(letter, number)] == known[value], "left")
            rows = rows.drop(value)
        return rows, columns

    def publish(self, name: str, rows: DataFrame) -> None:
        """Have rows worked out, and the driver know them by a name."""
        place = self._engine.new_place(name)
        self._engine.write(rows, place)
        self._engine.show(name, "*", place)

    def _frame(self, query: exp.Expression, wanted: set[str] | None = None) -> DataFrame:
        query = narrowed(query, wanted)
        return self._spark.sql(spark_sql(query, lambda table: self._name(table, wanted)))

    def _name(self, table: exp.Table, wanted: set[str] | None) -> str:
        """A temporary view of Spark's with a table's rows: one of this ``with``, or the driver's.

        Of the driver's only the columns that are asked for: Spark's planning takes as long as
        tables are wide.
        """
        rows = self._temporary.get(table.name)
        if rows is None:
            rows = self._drivers(table, asked_of(table, wanted))
        name = self._engine.new_place("linkage").name.replace("-", "_")
        rows.createOrReplaceTempView(name)
        self._names.append(name)
        return name

    def _drivers(self, table: exp.Table, asked: set[str] | None) -> DataFrame:
        """Rows that the driver has: read where Spark made them, else handed over."""
        if isinstance(table.this, exp.ReadParquet):
            return self._engine.read(Path(table.this.expressions[0].name).parent, asked)
        named = table.sql(dialect="duckdb").partition(" AS ")[0]
        key = named, None if asked is None else frozenset(asked)
        if key not in self._read:
            made = None if table.db else self._engine.view(table.name)
            if made is not None:
                self._read[key] = self._frame(parsed(made).expression, asked)
            else:
                self._read[key] = self._engine.read(self._handed(named, asked), None)
        return self._read[key]

    def _handed(self, table: str, asked: set[str] | None) -> Path:
        """Rows of a table of DuckDB, written where Spark reads them."""
        place = self._engine.new_place("handed")
        place.mkdir(mode=0o700)
        known = self._engine.frame(f"DESCRIBE FROM {table}")["column_name"]
        chosen = ", ".join(f'"{name}"' for name in known if asked is None or name in asked)
        rows = f"SELECT {chosen or '1 AS one'} FROM {table}"
        self._engine.run(f"COPY ({rows}) TO '{place / 'rows.parquet'}' (FORMAT parquet)")
        return place


@contextlib.contextmanager
def on_cluster(doing: str) -> Iterator[None]:
    """Tell a failure of Spark without its text, which may quote a value."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        message = f"Spark failed in {doing}"
        condition = getattr(error, "getCondition", lambda: None)()
        raise ConfigError(
            message,
            expected="tasks that end",
            found=condition or type(error).__name__,
            hint="see the logs of Spark's workers: do they have this version of the package, the"
            " folder of 'engine: temp_directory:', and memory?",
        ) from None
