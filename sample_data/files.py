"""The files of one run, each in the format of its agency; chunks are appended."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import polars as pl
import pyarrow.parquet as pq

from cleaners import encodings

from .layouts import Layout
from .truth import Registry


class Files:
    """Opens every file on first use and closes all at the end."""

    def __init__(self, directory: Path, layout: Layout) -> None:
        """``directory`` is made if it is missing."""
        self._directory, self._layout = directory, layout
        (directory / "truth").mkdir(parents=True, exist_ok=True)
        self._tables: dict[str, pq.ParquetWriter] = {}
        self._texts: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        """For use with ``with``."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything that was opened."""
        for writer in (*self._tables.values(), *self._texts.values()):
            writer.close()

    def population(self, frame: pl.DataFrame) -> None:
        """Append people to the population register."""
        self._append("population", frame)

    def registry(self, name: str, registry: Registry) -> None:
        """Append records to a registry and to the truth about it."""
        self._table(f"truth/{name}.parquet", registry.truth)
        self._append(name, registry.records)

    def _append(self, name: str, frame: pl.DataFrame) -> None:
        form = self._layout.tables[name]
        frame = form.shaped(frame)
        if form.separator is None:
            self._table(form.file, frame)
            return
        first = form.file not in self._texts
        text = frame.write_csv(include_header=first, separator=form.separator)
        encoding = form.encoding
        if encoding == "utf-8-sig" and not first:
            encoding = "utf-8"
        self._text(form.file, encodings.encode(text, encoding))

    def _table(self, name: str, frame: pl.DataFrame) -> None:
        table = frame.to_arrow()
        if name not in self._tables:
            path = self._directory / name
            self._tables[name] = pq.ParquetWriter(
                path, table.schema, compression="zstd", compression_level=9
            )
        self._tables[name].write_table(table)

    def _text(self, name: str, data: bytes) -> None:
        if name not in self._texts:
            self._texts[name] = (self._directory / name).open("wb")
        self._texts[name].write(data)
