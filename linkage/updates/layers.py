"""Tables of a state as layers: what an update adds lies in a file of its own, over those before it.

The cleaned records of millions are not written again for some thousands. Each further layer is two
files: its rows, and the keys that count no longer in the layers below it. After some updates, or where
rows moved among each other, the table is written anew as one file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from linkage.engines.duckdb import DuckDBEngine

MOST: Final = 8
"""Layers of a table: to read one more costs little, to read a hundred does not."""
GONE: Final = "gone"


def linked_or_copied(source: str | Path, target: str | Path) -> None:
    """The same file in another place: a state's files never change, so one on the disk will do."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one that knows no links
        shutil.copyfile(source, target)


@dataclass(frozen=True)
class Layers:
    """One table of a registry in a state.

    Attributes:
        folder: of the registry.
        table: its name.
        key: column by which rows are replaced.
    """

    folder: Path
    table: str
    key: str

    def rows(self, layer: int) -> Path:
        """File with the rows of a layer; 0 is the lowest."""
        return self.folder / (f"{self.table}.{layer}.parquet" if layer else f"{self.table}.parquet")

    def gone(self, layer: int) -> Path:
        """File with the keys that count no longer in the layers below."""
        return self.folder / f"{self.table}.{layer}.{GONE}.parquet"

    @property
    def count(self) -> int:
        """How many there are."""
        return next(n for n in range(MOST + 2) if not self.rows(n).exists())

    @property
    def files(self) -> Iterator[Path]:
        """All files of the table."""
        for layer in range(self.count):
            yield self.rows(layer)
            if layer:
                yield self.gone(layer)

    @property
    def next(self) -> Path:
        """File for the rows of one more layer."""
        return self.rows(self.count)

    def under(self, folder: Path, gone: pl.DataFrame) -> Layers:
        """The same table in another folder, with what is gone noted for a layer to be put over it.

        Args:
            folder: made if need be.
            gone: keys of rows that count no longer, in its first column.
        """
        folder.mkdir(mode=0o700, exist_ok=True)
        for path in self.files:
            linked_or_copied(path, folder / path.name)
        own = Layers(folder, self.table, self.key)
        gone.select(pl.nth(0).alias(self.key)).write_parquet(own.gone(own.count))
        return own

    def sql(self, engine: DuckDBEngine) -> str:
        """SQL of the rows that count."""
        parts = []
        for layer in range(self.count):
            gone = " UNION ALL ".join(
                f"SELECT {self.key} FROM {engine.saved(self.gone(above))}"
                for above in range(layer + 1, self.count)
            )
            only = f" ANTI JOIN ({gone}) USING ({self.key})" if gone else ""
            parts.append(f"FROM {engine.saved(self.rows(layer))}{only}")
        return " UNION ALL BY NAME ".join(f"({part})" for part in parts)
