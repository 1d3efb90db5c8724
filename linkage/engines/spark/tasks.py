"""What Spark's tasks do: they run in the workers, on Arrow batches, with polars and DuckDB.

Cleaners and scoring are the very ones of the embedded engine, so that their results are, too. No
error of a task carries a value: only the kind of it comes back.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa

from linkage.engines.work import AskedOfPairs, Work

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
    """Pairs with both their sides to what is asked of them, by DuckDB inside the task.

    All pairs of one ``idx_l`` are in one partition. The statements are those of the embedded engine,
    over tables of the same names, in which every pair has rows of its own on both sides.

    Attributes:
        pairs: name of the pairs.
        asked: of them.
        columns: of either side's table, ``idx`` first.
    """

    pairs: str
    asked: AskedOfPairs
    columns: tuple[Sequence[str], Sequence[str]]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """All rows of a partition at once."""
        with _unsaid("comparing pairs"):
            held = list(batches)
            if held:
                yield from self.made(pa.Table.from_batches(held)).to_batches()

    def made(self, pairs: pa.Table) -> pa.Table:
        """What is known of the pairs.

        Args:
            pairs: columns ``idx_l``, ``idx_r``, those of both sides (:func:`side_column`) and what
                is known of their values (:func:`known_column`).
        """
        config: dict[str, Any] = {
            "threads": 1,
            "temp_directory": "",  # nothing of a person is put aside by a task
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        names = "__records_of_pairs", "__people_of_pairs"
        with duckdb.connect(config=config) as connection:
            connection.register("__pairs", pairs)
            connection.execute(
                "CREATE TEMP TABLE __wide AS SELECT row_number() OVER () AS __row, * FROM __pairs"
            )
            for view, sql in self._views(set(pairs.column_names)).items():
                connection.execute(f'CREATE VIEW "{view}" AS {sql}')
            for name, side in zip(names, (self.asked.left, self.asked.right), strict=True):
                connection.execute(f"CREATE TEMP TABLE {name} AS {side.sql}")
            query = self.asked.query(*names, self.pairs)
            found = connection.sql(
                "SELECT * FROM (SELECT w.idx_l, w.idx_r, q.* EXCLUDE (idx_l, idx_r)"
                f" FROM ({query}) q JOIN __wide w ON w.__row = q.idx_l) QUALIFY {self.asked.keep}"
            ).to_arrow_table()
        fields = [pa.field(field.name, plain_type(field.type)) for field in found.schema]
        return found.cast(pa.schema(fields))

    def _views(self, columns: Collection[str]) -> dict[str, str]:
        """The tables that the statements read, over what came with the pairs."""
        views = {self.pairs: "SELECT __row AS idx_l, __row AS idx_r FROM __wide"}
        values: dict[str, list[str]] = {}
        sides = zip("lr", (self.asked.left, self.asked.right), self.columns, strict=True)
        for letter, side, names in sides:
            shown = "".join(
                f', "{side_column(letter, n)}" AS "{name}"' for n, name in enumerate(names) if n
            )
            views[side.table] = f"SELECT __row AS idx{shown} FROM __wide"
            for n, name in enumerate(names):
                known = known_column(letter, n)
                if name in side.lookups and known in columns:
                    values.setdefault(side.lookups[name], []).append(
                        f'SELECT DISTINCT "{side_column(letter, n)}" AS "{name}",'
                        f' unnest("{known}") FROM __wide WHERE "{known}" IS NOT NULL'
                    )
        return views | {table: " UNION ".join(parts) for table, parts in values.items()}


def side_column(side: str, number: int) -> str:
    """Name of a side's column beside the pairs."""
    return f"{side}{number}"


def known_column(side: str, number: int) -> str:
    """Name of the column, a struct, of what is known of a side's values."""
    return f"{side}{number}_known"


@dataclass(frozen=True)
class Look:
    """What a worker has of what it needs: versions, and whether it sees a folder.

    Attributes:
        folder: the engine's.
    """

    folder: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One row for the partition."""
        list(batches)
        yield pa.RecordBatch.from_pylist([{**has(), "folder": str(Path(self.folder).is_dir())}])


def has() -> dict[str, str]:
    """Versions of the code that a task runs."""
    return {name: metadata.version(name) for name in ("registry-linkage", "polars", "duckdb")}


@contextlib.contextmanager
def _unsaid(doing: str) -> Iterator[None]:
    """Let an error out of a task by its kind alone: its text may quote a value."""
    try:
        yield
    except Exception as error:
        message = f"{type(error).__name__} while {doing}"
        raise RuntimeError(message) from None
