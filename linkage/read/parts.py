"""Each kind of source as parts: text columns under source headers, broken lines, and facts.

A part is some hundred thousand rows, so that no source lies in memory as a whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.columns import ROW
from linkage.config.models import SourceConfig
from linkage.read import csv_cells, files, frames
from linkage.read.windows import windows

PART_ROWS: Final = 100_000
"""Rows of a table that are taken at a time."""

Headers = Mapping[str, str | Sequence[str]]


def headers(columns: Headers) -> list[str]:
    """Every source header that a mapping names, once.

    Example:
        >>> headers({"full_name": ["first", "last"], "sort_name": "last"})
        ['first', 'last']
    """
    named = ([h] if isinstance(h, str) else h for h in columns.values())
    return list(dict.fromkeys(header for several in named for header in several))


def prefixed(column: str) -> str:
    """Name of a source column in a part, where it cannot be taken for one of ours."""
    return f"source:{column}"


@dataclass(frozen=True)
class Part:
    """Some rows of a source.

    Attributes:
        table: ``row`` and the mapped source columns as String (:func:`prefixed`).
        broken: lines whose cells are not known: ``row``, ``reason``, ``line``.
        may_hold_nul: False where a look at the text has shown that no value holds a NUL byte.
    """

    table: pl.DataFrame
    broken: pl.DataFrame
    may_hold_nul: bool = True


@dataclass
class Parts:
    """A source's parts, to be taken once, and what is known of it when they have been.

    Attributes:
        facts: path, format, content_hash, encoding, delimiter, note; whole after the last part.
    """

    taken: Iterator[Part]
    facts: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Part]:
        """The parts in the order of the source; always one at least."""
        return self.taken


def of_frame(name: str, frame: object, columns: Headers) -> Parts:
    """Parts of a frame of any library.

    Raises:
        SourceError: it is no frame, or lacks columns.
    """
    table = frames.to_polars(name, frame)
    files.place_columns(name, headers(columns), table.columns)
    facts: dict[str, Any] = {"path": None, "format": "frame"}
    chosen = table.select(headers(columns))
    return Parts(_of_table(name, chosen.iter_slices(PART_ROWS), chosen, facts, None), facts)


def of_table_file(name: str, path: Path, kind: str, columns: Headers) -> Parts:
    """Parts of a Parquet or Arrow file.

    Raises:
        SourceError: it cannot be read, or lacks columns.
    """
    wanted = headers(columns)
    scan = files.table_scan(path, kind)
    try:
        files.place_columns(name, wanted, scan.collect_schema().names())
        empty = scan.select(wanted).head(0).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise files.broken_table(name, path, kind, error) from None
    facts: dict[str, Any] = {"path": str(path), "format": kind}
    batches = _batches(name, path, kind, scan.select(wanted))
    return Parts(_of_table(name, batches, empty, facts, path), facts)


def _batches(name: str, path: Path, kind: str, scan: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    try:
        yield from scan.collect_batches(chunk_size=PART_ROWS, maintain_order=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise files.broken_table(name, path, kind, error) from None


def _of_table(
    name: str,
    batches: Iterator[pl.DataFrame],
    empty: pl.DataFrame,
    facts: dict[str, Any],
    path: Path | None,
) -> Iterator[Part]:
    """Parts of typed batches; hashes the file, or the text of a frame."""
    rows, print_of = 0, frames.Fingerprint()
    for batch in batches:
        if batch.height:
            yield _part(text := frames.as_text(name, batch), rows)
            rows += text.height
            if path is None:
                print_of.update(text)
    if not rows:
        yield _part(text := frames.as_text(name, empty.head(0)), 0)
        print_of.update(text)
    facts["note"] = None if rows else "header only: no rows"
    facts["content_hash"] = files.content_hash(path) if path else print_of.hexdigest()


def _part(text: pl.DataFrame, rows_before: int) -> Part:
    row = pl.int_range(rows_before + 1, rows_before + 1 + pl.len(), dtype=pl.Int64).alias(ROW)
    return Part(text.rename(prefixed).select(row, pl.all()), csv_cells.none_broken())


def of_csv(name: str, path: Path, source: SourceConfig, columns: Headers) -> Parts:
    """Parts of a CSV file.

    Raises:
        SourceError: it cannot be read, or lacks columns.
    """
    facts: dict[str, Any] = {"path": str(path), "format": "csv"}
    return Parts(_of_csv(name, path, source, headers(columns), facts), facts)


def _of_csv(
    name: str, path: Path, source: SourceConfig, wanted: list[str], facts: dict[str, Any]
) -> Iterator[Part]:
    with path.open("rb") as stream:
        encoding = files.encoding_of(name, stream.read(files.PEEK), source.encoding)
    digest = hashlib.sha256()
    texts = windows(name, path, encoding, digest)
    first = files.open_text(name, next(texts), encoding, source, wanted)
    files.place_columns(name, wanted, first.header)
    facts |= {"encoding": encoding, "delimiter": first.delimiter}
    rows, rest = 0, b""
    for window, final in _ends(chain([first.body], texts)):
        body = rest + window if rest else window
        cells = csv_cells.scan(body, len(first.header), first.delimiter, first.quote, final=final)
        numbers = np.arange(rows + 1, rows + 1 + cells.total)
        yield part_of_cells(cells, first.header, wanted, numbers, may_hold_nul=b"\0" in body)
        rows += cells.total
        rest = body[cells.used :]
    facts["note"] = None if rows else "header only: no rows"
    facts["content_hash"] = digest.hexdigest()


def _ends(windows: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each window, and whether it is the last."""
    held = next(windows)
    for following in windows:
        yield held, False
        held = following
    yield held, True


def part_of_cells(
    cells: csv_cells.Cells,
    header: Sequence[str],
    wanted: Sequence[str],
    numbers: npt.NDArray[np.int64],
    *,
    may_hold_nul: bool = True,
) -> Part:
    """A part of a CSV text whose cells are found.

    Args:
        cells: where they are.
        header: the source's.
        wanted: headers that are mapped.
        numbers: ``row`` of each data row of the text.
        may_hold_nul: see :class:`Part`.
    """
    found = {prefixed(c): cells.column(header.index(c)) for c in wanted}
    table = pl.DataFrame({ROW: numbers[cells.row - 1], **found})
    broken = cells.broken.with_columns(pl.Series(ROW, numbers[cells.broken[ROW].to_numpy() - 1]))
    return Part(table, broken, may_hold_nul)
