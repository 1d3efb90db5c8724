"""Lists of a registry as a state keeps them: an update puts the rows of some records over the others.

Records, review and corrections have rows of single records, in the order of the source. They are kept
with the index of the record, in layers (:mod:`.layers`): what was not decided anew is not written
again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from linkage.columns import INDEX, RECORD_ID, ROW
from linkage.records import rejected_records
from linkage.updates.layers import Layers

LISTS: Final = "lists"
"""Folder of them in that of a registry."""
LAYERED: Final = ("records", "review", "corrections")
_RECORDS, _REJECTS = "records", "rejects"


def keep_list(folder: Path, name: str, frame: pl.DataFrame, places: pl.DataFrame) -> None:
    """Write a list as a run has made it.

    Args:
        folder: of the registry.
        name: of the list.
        frame: the list.
        places: ``record_id, idx`` of all usable rows.
    """
    if name in LAYERED:
        frame = frame.join(places, on=RECORD_ID, how="left", maintain_order="left")
    frame.write_parquet(folder / LISTS / f"{name}.parquet", compression="lz4")


def whole_list(folder: Path, name: str) -> pl.DataFrame:
    """A list of all records, as it was kept."""
    if name == _RECORDS:
        rows = pl.read_parquet(folder / "rows.parquet", columns=[INDEX, ROW])
        return in_rows(of_layers(folder, name), rows, whole_list(folder, _REJECTS)).drop(INDEX)
    if name in LAYERED:
        return of_layers(folder, name).drop(INDEX)
    return pl.read_parquet(folder / LISTS / f"{name}.parquet")


def in_rows(kept: pl.DataFrame, rows: pl.DataFrame, rejects: pl.DataFrame) -> pl.DataFrame:
    """The records list, each row at its place in the source.

    Args:
        kept: rows with the index of their records, in order of it; rejected ones without.
        rows: ``idx, row`` of all usable rows as they stand now.
        rejects: the others as they are now: ``record_id, row, reasons``.
    """
    # A row that keeps its index may stand elsewhere in the source.
    placed = (
        kept.filter(pl.col(INDEX).is_not_null())
        .drop(ROW)
        .join(rows, on=INDEX, how="left", maintain_order="left")
        .select(kept.columns)
    )
    if not rejects.height:
        return placed
    return pl.concat([placed, rejected_records(rejects)], how="diagonal").sort(ROW)


def layers_of(folder: Path, name: str) -> Layers:
    """The layers of a list."""
    return Layers(folder / LISTS, name, INDEX)


def of_layers(folder: Path, name: str) -> pl.DataFrame:
    """A list with the index of each row's record, in order of it; rows of one record in theirs."""
    layers = layers_of(folder, name)
    gone = [pl.read_parquet(layers.gone(n)) for n in range(1, layers.count)]
    parts = []
    for n in range(layers.count):
        part = pl.read_parquet(layers.rows(n))
        if gone[n:]:
            part = part.join(pl.concat(gone[n:]), on=INDEX, how="anti", maintain_order="left")
        parts.append(part)
    return pl.concat(parts).sort(INDEX, maintain_order=True) if gone else parts[0]
