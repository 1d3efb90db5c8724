"""Lists put aside on disk between the step that makes them and whoever asks for them.

A run makes far more than it works on at a time: the lists of a registry are finished long before they
are written. Here each is a file that is read when somebody asks, and only the columns that are asked
for. The file is open and has no name, or loses it with the run's folder: it is private, and goes with
the process, however that ends.
"""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import polars as pl
import pyarrow as pa

from linkage.contracts import living
from linkage.pieces import write_ahead


class PutAside:
    """One frame in an open file.

    Args:
        descriptor: of a file that holds the frame in Arrow's format; closed with this object.

    Example:
        >>> put = PutAside.write(pl.DataFrame({"n": [1, 2], "t": ["a", "b"]}), None)
        >>> put.height, put.read(["t"])["t"].to_list()
        (2, ['a', 'b'])
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()  # readers share one place in the file
        weakref.finalize(self, os.close, descriptor)

    @classmethod
    def write(cls, frame: pl.DataFrame, folder: Path | None) -> Self:
        """Put a frame into a nameless file in a folder; None for the system's place for such files."""
        with tempfile.TemporaryFile(dir=folder) as file:
            frame.write_ipc(file, compression="lz4")
            return cls(os.dup(file.fileno()))

    @classmethod
    def write_pieces(cls, pieces: Iterable[pl.DataFrame], folder: Path | None) -> Self:
        """Put a frame that comes in pieces into one nameless file, without ever holding it whole.

        Args:
            pieces: its rows in order, one piece at least, all of one schema.
            folder: see :meth:`write`.

        Example:
            >>> pieces = (pl.DataFrame({"n": [n]}) for n in (1, 2))
            >>> PutAside.write_pieces(pieces, None).read()["n"].to_list()
            [1, 2]
        """
        # As plain text: of views, Arrow would write all that they were cut from beside every piece.
        plain = pl.CompatLevel.oldest()
        tables = (piece.to_arrow(compat_level=plain) for piece in pieces)
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with tempfile.TemporaryFile(dir=folder) as file:
            write_ahead(tables, lambda schema: pa.ipc.new_file(file, schema, options=options))
            return cls(os.dup(file.fileno()))

    @classmethod
    def at(cls, path: Path) -> Self:
        """Hold a file that is there; it may lose its name meanwhile."""
        return cls(os.open(path, os.O_RDONLY))

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self._scan(lambda scan: scan.head(0)).columns

    @property
    def height(self) -> int:
        """Number of rows."""
        return int(self._scan(lambda scan: scan.select(pl.len())).item())

    def read(self, columns: list[str] | None = None) -> pl.DataFrame:
        """The frame, or some of its columns."""
        if columns is None:
            return self._scan(lambda scan: scan)
        return self._scan(lambda scan: scan.select(columns))

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The frame piece by piece as it was written, one at least.

        Example:
            >>> [piece.height for piece in PutAside.write(pl.DataFrame({"n": [1, 2]}), None).pieces()]
            [2]
        """
        place, count = 0, 1
        while place < count:
            with self._lock, open(self._descriptor, "rb", closefd=False) as file:
                file.seek(0)
                reader = pa.ipc.open_file(file)
                count = reader.num_record_batches
                rows = reader.get_batch(place) if count else reader.schema.empty_table()
            place += 1
            yield pl.DataFrame(rows)

    def _scan(self, query: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
        with self._lock, open(self._descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return query(pl.scan_ipc(file)).collect()


class Lists(Mapping[str, pl.DataFrame]):
    """Lists by name, each in memory or put aside; one that is put aside is read at every access.

    Args:
        held: by name, in order.
        place: folder below which lists are put aside; None to hold them in memory.
        only_living: leave resolved and dismissed cases out.

    Example:
        >>> lists = Lists.of({"flags": pl.DataFrame({"n": [1, 2], "status": ["new", "resolved"]})})
        >>> lists["flags"].height, lists.living["flags"].height, lists.living.height("flags")
        (2, 1, 1)
    """

    def __init__(
        self,
        held: Mapping[str, pl.DataFrame | PutAside],
        place: Path | None = None,
        *,
        only_living: bool = False,
    ) -> None:
        self._held = dict(held)
        self._place = place
        self._only_living = only_living

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame], place: Path | None = None) -> Lists:
        """Frames as lists, put aside where there is a place; lists stay what they are."""
        if isinstance(frames, Lists):
            return frames
        return cls({}, place).replaced(frames)

    def __getitem__(self, name: str) -> pl.DataFrame:
        """One list."""
        return self._of(name, None)

    def __iter__(self) -> Iterator[str]:
        """Names of the lists."""
        return iter(self._held)

    def __len__(self) -> int:
        """Number of lists."""
        return len(self._held)

    def __contains__(self, name: object) -> bool:
        """Whether there is a list of that name; it is not read."""
        return name in self._held

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process the lists are plain frames: files do not go along."""
        return Lists, (dict(self),)

    def part(self, name: str, *columns: str) -> pl.DataFrame:
        """Some columns of a list."""
        return self._of(name, [*columns])

    def pieces(self, name: str) -> Iterator[pl.DataFrame]:
        """A list piece by piece, one at least; one that is held in memory is a piece."""
        held = self._held[name]
        for piece in held.pieces() if isinstance(held, PutAside) else (held,):
            closes = self._only_living and "status" in piece.columns
            yield living(piece) if closes else piece

    def height(self, name: str) -> int:
        """Number of rows of a list."""
        held = self._held[name]
        if self._only_living and "status" in held.columns:
            return self.part(name, "status").height
        return held.height

    def replaced(self, frames: Mapping[str, pl.DataFrame]) -> Lists:
        """The same lists with others in the place of some, or beside them."""
        place = self._place
        fresh = {
            name: frame if place is None else PutAside.write(frame, place)
            for name, frame in frames.items()
        }
        return Lists({**self._held, **fresh}, place, only_living=self._only_living)

    def put(self, name: str, pieces: Iterable[pl.DataFrame]) -> Lists:
        """The same lists with one that comes in pieces (:meth:`PutAside.write_pieces`)."""
        if self._place is None:
            return self.replaced({name: pl.concat(pieces)})
        held = {**self._held, name: PutAside.write_pieces(pieces, self._place)}
        return Lists(held, self._place, only_living=self._only_living)

    def ordered(self, *names: str) -> Lists:
        """The lists of these names, in this order."""
        chosen = {name: self._held[name] for name in names}
        return Lists(chosen, self._place, only_living=self._only_living)

    def beside(self, others: Lists) -> Lists:
        """These lists and others."""
        return Lists({**self._held, **others._held}, self._place, only_living=self._only_living)

    @property
    def living(self) -> Lists:
        """The same without cases that are resolved or dismissed."""
        return Lists(self._held, self._place, only_living=True)

    def _of(self, name: str, columns: list[str] | None) -> pl.DataFrame:
        held = self._held[name]
        if not self._only_living or "status" not in held.columns:
            return _read(held, columns)
        found = living(_read(held, columns and [*dict.fromkeys([*columns, "status"])]))
        return found.select(columns) if columns else found


def _read(held: pl.DataFrame | PutAside, columns: list[str] | None) -> pl.DataFrame:
    if isinstance(held, PutAside):
        return held.read(columns)
    return held if columns is None else held.select(columns)


def part_of(lists: Mapping[str, pl.DataFrame], name: str, *columns: str) -> pl.DataFrame:
    """Some columns of one of several lists; no others are read."""
    return lists.part(name, *columns) if isinstance(lists, Lists) else lists[name].select(columns)
