"""What Spark's tasks do: they run in the workers, on Arrow batches, with polars and DuckDB.

Cleaners and scoring are the very ones of the embedded engine, so that their results are, too. No
error of a task carries a value: only the kind of it comes back.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa

from linkage.engines.duckdb import Work

PLACE: Final = "__place"
"""Column of a raw piece: the index of the row."""
TOLD: Final = "__told"
"""Column of what is made: beside one row of each piece, what the work says of it; else null."""


@dataclass(frozen=True)
class Layout:
    """Several tables side by side in one, row by row.

    Attributes:
        tables: name to columns.
        schema: of all together, in types that Spark knows.
    """

    tables: Mapping[str, tuple[str, ...]]
    schema: pa.Schema

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame]) -> Layout:
        """The layout of frames as they come."""
        fields = [
            pa.field(cell(t, c), plain_type(field.type))
            for t, frame in enumerate(frames.values())
            for c, field in enumerate(frame.head(0).to_arrow().schema)
        ]
        fields.append(pa.field(TOLD, pa.binary()))
        return cls({name: tuple(f.columns) for name, f in frames.items()}, pa.schema(fields))


def cell(table: int, column: int) -> str:
    """Name of a table's column in a layout."""
    return f"t{table}c{column}"


def plain_type(type_: pa.DataType) -> pa.DataType:
    """The nearest Arrow type that Spark knows."""
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return pa.string()
    if pa.types.is_dictionary(type_):
        return plain_type(type_.value_type)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(plain_type(type_.value_type))
    return _SIGNED.get(type_, type_)


_SIGNED: Final = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.int64(),
    pa.null(): pa.string(),
}


@dataclass(frozen=True)
class Make:
    """Tables of raw rows: what :meth:`DuckDBEngine.make_of` does, on batches."""

    work: Work[Any]
    layout: Layout
    raw: Mapping[str, pl.DataType]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rows of a partition to rows of the layout."""
        with _unsaid("making tables of rows"):
            for batch in batches:
                frame = pl.DataFrame(pa.Table.from_batches([batch]))
                # Rows that follow each other make a piece; a batch may hold the end of one file
                # and the beginning of another.
                runs = frame.with_columns(
                    run=(pl.col(PLACE) - pl.int_range(pl.len())).rle_id()
                ).partition_by("run", maintain_order=True, include_key=False)
                for run in runs:
                    yield from self._made(run)

    def _made(self, run: pl.DataFrame) -> Iterable[pa.RecordBatch]:
        first = int(run[PLACE][0])
        frames, told = self.work(run.drop(PLACE).cast(pl.Schema(self.raw)), first)
        columns = [column for frame in frames.values() for column in frame.to_arrow().columns]
        said = [pickle.dumps(told), *[None] * (run.height - 1)]
        columns.append(pa.array(said, pa.binary()))
        table = pa.Table.from_arrays(columns, names=self.layout.schema.names)
        return list(table.cast(self.layout.schema).combine_chunks().to_batches())


@dataclass(frozen=True)
class Compare:
    """Pairs with both their sides to what a query says of them, by DuckDB inside the task.

    Attributes:
        query: over the tables :data:`LEFT`, :data:`RIGHT` and :data:`PAIRS`.
        keep: which of its rows to keep; all pairs of one ``idx_l`` are in one partition.
        left: columns of the left side, ``idx`` first.
        right: columns of the right side.
    """

    query: str
    keep: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """All rows of a partition at once."""
        with _unsaid("comparing pairs"):
            held = list(batches)
            if held:
                yield from self.made(pa.Table.from_batches(held)).to_batches()

    def made(self, pairs: pa.Table) -> pa.Table:
        """What is known of the pairs.

        Args:
            pairs: columns ``idx_l``, ``idx_r``, and those of both sides (:func:`side_column`).
        """
        config: dict[str, Any] = {
            "threads": 1,
            "temp_directory": "",  # nothing of a person is put aside by a task
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        with duckdb.connect(config=config) as connection:
            connection.register("__pairs", pairs)
            connection.execute(
                "CREATE TEMP TABLE __wide AS SELECT row_number() OVER () AS __row, * FROM __pairs"
            )
            for name, side, columns in ((LEFT, "l", self.left), (RIGHT, "r", self.right)):
                shown = ", ".join(
                    f'"{side_column(side, n)}" AS "{column}"'
                    for n, column in enumerate(columns)
                    if n
                )
                connection.execute(
                    f"CREATE VIEW {name} AS SELECT __row AS idx, {shown} FROM __wide"
                )
            connection.execute(
                f"CREATE VIEW {PAIRS} AS SELECT __row AS idx_l, __row AS idx_r FROM __wide"
            )
            found = connection.sql(
                "SELECT * FROM (SELECT w.idx_l, w.idx_r, q.* EXCLUDE (idx_l, idx_r)"
                f" FROM ({self.query}) q JOIN __wide w ON w.__row = q.idx_l) QUALIFY {self.keep}"
            ).to_arrow_table()
        fields = [pa.field(field.name, plain_type(field.type)) for field in found.schema]
        return found.cast(pa.schema(fields))


LEFT: Final = "__left_rows"
RIGHT: Final = "__right_rows"
PAIRS: Final = "__pair_rows"


def side_column(side: str, number: int) -> str:
    """Name of a side's column beside the pairs."""
    return f"{side}{number}"


@contextlib.contextmanager
def _unsaid(doing: str) -> Iterator[None]:
    """Let an error out of a task by its kind alone: its text may quote a value."""
    try:
        yield
    except Exception as error:
        message = f"{type(error).__name__} while {doing}"
        raise RuntimeError(message) from None
