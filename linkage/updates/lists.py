"""Lists of a registry as a state keeps them: an update puts the rows of some records over the others.

Records, review and corrections have rows of single records, in the order of the source. They are kept
with the index of the record, in layers (:mod:`.layers`): what was not decided anew is not written
again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from linkage.columns import INDEX, RECORD_ID, ROW
from linkage.errors import ContractError
from linkage.pieces import read_pieces, write_ahead
from linkage.records import rejected_records
from linkage.shelf import Lists
from linkage.updates.layers import Layers

LISTS: Final = "lists"
"""Folder of them in that of a registry."""
LAYERED: Final = ("records", "review", "corrections")
_RECORDS, _REJECTS = "records", "rejects"


def keep_list(folder: Path, name: str, lists: Lists, places: pl.DataFrame) -> None:
    """Write a list as a run has made it.

    Args:
        folder: of the registry.
        name: of the list.
        lists: all of them.
        places: ``record_id, idx`` of all usable rows.
    """
    path = folder / LISTS / f"{name}.parquet"
    if name not in LAYERED:
        lists[name].write_parquet(path, compression="lz4")
        return
    tables = (_placed(piece, places).to_arrow() for piece in lists.pieces(name))
    write_ahead(tables, lambda schema: pq.ParquetWriter(path, schema, compression="lz4"))


def _placed(piece: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Rows of a list with the index of their records; rejected ones have none."""
    own = places.join(piece.select(RECORD_ID), on=RECORD_ID, how="semi")
    return piece.join(own, on=RECORD_ID, how="left", maintain_order="left")


def whole_list(folder: Path, name: str) -> pl.DataFrame:
    """A list of all records, as it was kept."""
    return pl.concat(whole_in_pieces(folder, name))


def whole_in_pieces(folder: Path, name: str) -> Iterator[pl.DataFrame]:
    """The same piece by piece, one at least."""
    if name == _RECORDS:
        rows = pl.read_parquet(folder / "rows.parquet", columns=[INDEX, ROW]).sort(INDEX)
        return in_rows(in_pieces(folder, name), rows, whole_list(folder, _REJECTS))
    if name in LAYERED:
        return (piece.drop(INDEX) for piece in in_pieces(folder, name))
    return iter([pl.read_parquet(folder / LISTS / f"{name}.parquet")])


def in_rows(
    kept: Iterable[pl.DataFrame], rows: pl.DataFrame, rejects: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """The records list, each row at its place in the source.

    Args:
        kept: rows with the index of their records, in order of it; rejected ones without.
        rows: ``idx, row`` of all usable rows as they stand now, in order.
        rejects: the others as they are now: ``record_id, row, reasons``.
    """
    left = rejected_records(rejects).sort(ROW)
    for piece in kept:
        known = piece.filter(pl.col(INDEX).is_not_null())
        # A row that keeps its index may stand elsewhere in the source.
        places = rows[INDEX].search_sorted(known[INDEX])
        here = rows.select(pl.all().gather(places, null_on_oob=True))
        if not here[INDEX].equals(known[INDEX]):
            raise _unknown_record()
        placed = known.with_columns(here[ROW]).drop(INDEX)
        before = left[ROW].search_sorted(placed[ROW][-1]) if placed.height else 0
        yield pl.concat([placed, left.head(before)]).sort(ROW)
        left = left.slice(before)
    yield left


def _unknown_record() -> ContractError:
    return ContractError(
        "a kept list has a record that the source has not",
        expected="records of the update alone",
        found="another index",
        hint="this is a fault of the toolkit, please report it; linkage run makes all lists anew",
    )


def layers_of(folder: Path, name: str) -> Layers:
    """The layers of a list."""
    return Layers(folder / LISTS, name, INDEX)


def in_pieces(folder: Path, name: str) -> Iterator[pl.DataFrame]:
    """A list with the index of each row's record, in order of it, piece by piece, one at least.

    Rows of one record stand in theirs. The lowest layer, which holds nearly all, is read as it lies;
    what higher ones say of the records of a piece goes between. Only those are held.
    """
    layers = layers_of(folder, name)
    lowest = read_pieces(layers.rows(0))
    gone = [pl.read_parquet(layers.gone(n)) for n in range(1, layers.count)]
    if not gone:
        yield from lowest
        return
    over = [_without(pl.read_parquet(layers.rows(n)), gone[n:]) for n in range(1, layers.count)]
    left = pl.concat(over).sort(INDEX, maintain_order=True)
    for piece in lowest:
        known = piece[INDEX].drop_nulls()  # rejected rows have none
        here = left[INDEX].search_sorted(known[-1], side="right") if known.len() else 0
        kept = _without(piece, gone)
        yield pl.concat([kept, left.head(here)]).sort(INDEX, maintain_order=True)
        left = left.slice(here)
    yield left


def _without(rows: pl.DataFrame, gone: Sequence[pl.DataFrame]) -> pl.DataFrame:
    if not gone:
        return rows
    return rows.join(pl.concat(gone), on=INDEX, how="anti", maintain_order="left")
