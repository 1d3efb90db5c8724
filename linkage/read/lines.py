"""The lines of a CSV file told by a hash each, so that those that are known need not be read.

To find the cells of a line, decode them and make columns of them costs ten times as much as to hash its
bytes. A line says what it said where its bytes are the same and the header is, *if* it begins and ends
outside of quotes; so the lines of a file are told apart only where all of them do. A file in which a
quoted cell runs over several lines, or is never closed, is read as a whole.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from linkage.config.models import SourceConfig
from linkage.errors import SourceError
from linkage.read import csv_cells, files
from linkage.read.parts import Headers, Part, Parts, headers, part_of_cells

Prints = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

WINDOW: Final = 1 << 25
"""Bytes that are looked at at a time."""
TAKEN: Final = 200_000
"""Lines that are read at a time."""
_NEWLINE: Final = 0x0A
_RETURN: Final = 0x0D
_LINE_BY_LINE: Final = frozenset(
    {"utf-8", "utf-8-sig", "ascii", "iso8859-1", "cp1252", "cp1258"} | {"tcvn3", "vni", "viscii"}
)
"""Encodings in which a byte of a newline, quote or delimiter is nothing else, and no line hangs on
another."""


@dataclass(frozen=True, repr=False)
class Lines:
    """The data lines of a CSV file: each is one row, blank ones are none.

    Attributes:
        prints: a hash of each line, in order; the same for the same bytes under the same header, in
            every process with these libraries.
        facts: of the source, for the manifest.
    """

    prints: Prints
    facts: dict[str, Any]
    _name: str
    _path: Path
    _opened: files.CsvText
    _offsets: Places
    _places: Places

    def read(self, wanted: npt.NDArray[np.bool_], columns: Headers) -> Parts:
        """Read some of the lines.

        Args:
            wanted: which, one for each line.
            columns: the mapping.

        Returns:
            Parts in the order of the file, each row under its number in the file.

        Raises:
            SourceError: bytes that the encoding does not know.
        """
        return Parts(self._parts(np.flatnonzero(wanted), headers(columns)), dict(self.facts))

    def _parts(self, rows: Places, wanted: list[str]) -> Iterator[Part]:
        opened = self._opened
        with pa.memory_map(str(self._path)) as mapped:
            lines = _sliced(mapped.read_buffer(), self._offsets)
            for first in range(0, max(len(rows), 1), TAKEN):
                some = rows[first : first + TAKEN]
                data = _joined(lines.take(pa.array(self._places[some])))
                body = files.decode(self._name, data, opened.encoding, begin=1)
                cells = csv_cells.scan(body, len(opened.header), opened.delimiter, opened.quote)
                if cells.total != len(some):
                    msg = f"{self._name}: the file changed while it was read"
                    raise SourceError(msg, expected=f"{len(some)} lines", found=f"{cells.total}",
                                      hint="try again when it is whole")  # fmt: skip
                yield part_of_cells(cells, opened.header, wanted, some + 1)


def lines_of(name: str, path: Path, source: SourceConfig, columns: Headers) -> Lines | None:
    """Tell the lines of a file apart.

    Args:
        name: what messages call the source.
        path: an existing file.
        source: format, encoding and so on.
        columns: the mapping.

    Returns:
        Its lines; None where it is no CSV file, of an encoding in which lines hang together, or some
        quoted cell runs over several lines.

    Raises:
        SourceError: the header cannot be read, or lacks columns.
    """
    if files.detect(name, path, source.format) != "csv":
        return None
    with path.open("rb") as stream:
        head = stream.read(files.PEEK)
    encoding = files.encoding_of(name, head, source.encoding)
    if _plain_name(encoding) not in _LINE_BY_LINE:
        return None
    whole = head[: head.rfind(b"\n") + 1] or head
    text = files.decode(name, whole, encoding)
    opened = files.open_text(name, text, encoding, source, headers(columns))
    files.place_columns(name, headers(columns), opened.header)
    above = text.count(b"\n") - opened.body.count(b"\n")
    return _told_apart(name, path, opened, above)


def _told_apart(name: str, path: Path, opened: files.CsvText, above: int) -> Lines | None:
    """The lines below the header, which is so many lines long."""
    under = f"{opened.header!r}{opened.delimiter}{opened.quote}{_plain_name(opened.encoding)}"
    seed = int.from_bytes(hashlib.sha256(under.encode()).digest()[:8])
    digest, begin = hashlib.sha256(), 0
    prints: list[pl.Series] = []
    offsets, filled = [np.zeros(1, dtype=np.int64)], []
    for window in _windows(path):
        digest.update(window)
        text = np.frombuffer(window, dtype=np.uint8)
        ends = np.flatnonzero(text == _NEWLINE) + 1
        if not window.endswith(b"\n"):
            ends = np.append(ends, len(window))
        if opened.quote and _leaves_open(window, text, ends, opened):
            return None
        begins = np.append(0, ends[:-1])
        sliced = _sliced(pa.py_buffer(window), np.append(0, ends))
        prints.append(pl.Series(sliced, dtype=pl.Binary).hash(seed))
        filled.append(~_blank(text, begins, ends))
        offsets.append(ends + begin)
        begin += len(window)
    is_row = np.concatenate(filled) if filled else np.zeros(0, dtype=np.bool_)
    is_row[:above] = False
    places = np.flatnonzero(is_row)
    facts: dict[str, Any] = {
        "path": str(path), "format": "csv", "encoding": opened.encoding,
        "delimiter": opened.delimiter, "note": None if len(places) else "header only: no rows",
        "content_hash": digest.hexdigest(),
    }  # fmt: skip
    hashes = pl.concat(prints).to_numpy()[places]
    return Lines(hashes, facts, name, path, opened, np.concatenate(offsets), places)


def _plain_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:  # one of the cleaners' own
        return {"tcvn": "tcvn3", "abc": "tcvn3"}.get(encoding.lower(), encoding.lower())


def _windows(path: Path) -> Iterator[bytes]:
    """The file in pieces of whole lines."""
    with path.open("rb") as stream:
        rest: list[bytes] = []
        while chunk := stream.read(WINDOW):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield b"".join((*rest, chunk[:cut]))
                rest = []
            rest.append(chunk[cut:])
        if last := b"".join(rest):
            yield last


def _blank(text: npt.NDArray[np.uint8], begins: Places, ends: Places) -> npt.NDArray[np.bool_]:
    """Lines of nothing but their end."""
    length = ends - begins - (text[ends - 1] == _NEWLINE)
    blank: npt.NDArray[np.bool_] = (length == 0) | ((length == 1) & (text[begins] == _RETURN))
    return blank


def _leaves_open(
    window: bytes, text: npt.NDArray[np.uint8], ends: Places, opened: files.CsvText
) -> bool:
    """Whether a quoted cell may be open at the end of some line.

    Most quotes open a cell at its beginning or close one at its end, by turns. Lines in which they do
    are closed; the others are looked at as reading would.
    """
    mark, delimiter = ord(opened.quote or ""), ord(opened.delimiter)
    quotes = np.flatnonzero(text == mark)
    if not len(quotes):
        return False
    line = np.searchsorted(ends, quotes, side="right")
    first = np.searchsorted(line, line, side="left")
    opens = (np.arange(len(quotes)) - first) % 2 == 0
    last = np.append(line[1:] != line[:-1], True)
    before = text[np.maximum(quotes - 1, 0)]
    after = text[np.minimum(quotes + 1, len(text) - 1)]
    at_begin = (before == delimiter) | (before == _NEWLINE) | (quotes == 0)
    at_end = (after == delimiter) | (after == _NEWLINE) | (after == _RETURN)
    plain = np.where(opens, at_begin & ~last, at_end)
    if plain.all():
        return False
    odd = np.unique(line[~plain])
    lines = _sliced(pa.py_buffer(window), np.append(0, ends)).take(pa.array(odd))
    return csv_cells.leaves_open(_joined(lines), opened.delimiter, opened.quote or "")


def _sliced(data: pa.Buffer, offsets: Places) -> pa.LargeBinaryArray:
    """Slices of a text, one after the other, none copied."""
    places = pa.py_buffer(offsets.astype(np.int64, copy=False))
    return pa.Array.from_buffers(pa.large_binary(), len(offsets) - 1, [None, places, data])


def _joined(lines: pa.LargeBinaryArray) -> bytes:
    """Lines behind each other, the last with its end as well."""
    data: bytes = lines.buffers()[2].to_pybytes() if len(lines) else b""
    return data if data.endswith(b"\n") or not data else data + b"\n"
