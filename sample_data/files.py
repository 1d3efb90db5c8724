"""The files of one run, each in the format of its agency; chunks are appended."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import polars as pl
import pyarrow.parquet as pq

from cleaners import encodings

from .truth import Registry

LEGACY: Final = "tcvn3"


class Files:
    """Opens every file on first use and closes all at the end."""

    def __init__(self, directory: Path) -> None:
        """``directory`` is made if it is missing."""
        self._directory = directory
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
        self._table("population.parquet", frame)

    def driver_licence(self, registry: Registry) -> None:
        """A comma-separated file in the legacy TCVN3 encoding."""
        self._truth("driver_licence", registry)
        first = "driver_licences.csv" not in self._texts
        text = registry.records.write_csv(include_header=first)
        self._text("driver_licences.csv", encodings.encode(text, LEGACY))

    def health_insurance(self, registry: Registry) -> None:
        """A Parquet file."""
        self._truth("health_insurance", registry)
        self._table("health_insurance.parquet", registry.records)

    def vehicle(self, registry: Registry) -> None:
        """A comma-separated UTF-8 file."""
        self._truth("vehicle", registry)
        first = "vehicles.csv" not in self._texts
        self._text("vehicles.csv", registry.records.write_csv(include_header=first).encode())

    def sim(self, registry: Registry) -> None:
        """A UTF-8 file with byte-order mark and semicolons."""
        self._truth("sim", registry)
        first = "sims.csv" not in self._texts
        text = registry.records.write_csv(include_header=first, separator=";")
        self._text("sims.csv", text.encode("utf-8-sig" if first else "utf-8"))

    def _truth(self, name: str, registry: Registry) -> None:
        self._table(f"truth/{name}.parquet", registry.truth)

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
