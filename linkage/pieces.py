"""Rows of millions in pieces: read, made ahead on another core, written, and never held whole."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Final, Protocol, TypeVar, cast

import polars as pl
import pyarrow as pa

T = TypeVar("T")

ROWS: Final = 2**18
"""Rows of a piece."""


def read_pieces(path: Path) -> Iterator[pl.DataFrame]:
    """The rows of a Parquet file in order, piece by piece, one at least."""
    scan = pl.scan_parquet(path)
    height = scan.select(pl.len()).collect().item()
    for first in range(0, max(height, 1), ROWS):
        yield scan.slice(first, ROWS).collect()


def ahead(pieces: Iterable[T]) -> Generator[T]:
    """The same pieces in order, each made while somebody works on the one before it.

    Whoever may stop before the end closes it (``contextlib.closing``): what makes the pieces is at rest
    then.

    Example:
        >>> [*ahead(n * n for n in (1, 2, 3))]
        [1, 4, 9]
    """
    own, end = iter(pieces), object()
    try:
        with ThreadPoolExecutor(1) as other:
            coming = other.submit(next, own, end)
            while (piece := coming.result()) is not end:
                coming = other.submit(next, own, end)
                yield cast(T, piece)
                del piece  # whoever works on it decides how long it is held
    finally:
        if isinstance(own, Generator):
            own.close()


class Writer(Protocol):
    """What puts tables of one schema behind each other, as Arrow's writers do."""

    def write_table(self, table: pa.Table) -> None:
        """Put a table behind those before."""


def write_ahead(
    tables: Iterable[pa.Table], writer: Callable[[pa.Schema], AbstractContextManager[Writer]]
) -> None:
    """Write tables that come in pieces, each made while the one before it is written.

    Args:
        tables: one at least, all of one schema.
        writer: opens what they are written with.
    """
    with closing(ahead(tables)) as made:
        table = next(made)
        with writer(table.schema) as opened:
            opened.write_table(table)
            for table in made:
                opened.write_table(table)
