"""Files as they come: is it there, what is it, which encoding, which delimiter, which header."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
import struct
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl
import pyarrow as pa

from cleaners import encodings
from cleaners.errors import CleanerError
from linkage.config.models import SourceConfig
from linkage.errors import SourceError, did_you_mean

FileFormat = Literal["csv", "parquet", "arrow"]

PEEK: Final = 1 << 20
"""Bytes that are read to look at a source."""

_MAGIC: Final[tuple[tuple[bytes, FileFormat], ...]] = ((b"PAR1", "parquet"), (b"ARROW1", "arrow"))
_FOREIGN: Final = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "save it as CSV or Parquet"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save it as CSV or Parquet"),
    (b"\x1f\x8b", "a gzip file", "unpack it"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV or Parquet"),
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (";", ",", "\t", "|")
_TRY_ENCODINGS: Final = "set source.encoding: try cp1258, tcvn3, vni, viscii, utf-16 or cp1252"


@dataclass(frozen=True)
class CsvText:
    """A CSV file, decoded and with its header read.

    Attributes:
        header: column names, tidied at both ends.
        body: the rows below the header as UTF-8.
        delimiter: one character.
        quote: one character, or None.
        encoding: the encoding that the bytes were in.
    """

    header: tuple[str, ...]
    body: bytes
    delimiter: str
    quote: str | None
    encoding: str


def content_hash(path: Path) -> str:
    """SHA-256 of a file as it stands: what the manifest says of a source."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def locate(name: str, path: Path | None) -> Path:
    """Check that a source is a file with something in it.

    Raises:
        SourceError: no path, no such file, a directory, or 0 bytes.
    """
    if path is None:
        msg = f"{name}: there is nothing to read"
        raise SourceError(msg, expected="a source path or a frame", found="neither",
                          hint="set source.path, or hand a frame over in Python")  # fmt: skip
    if path.is_dir():
        msg = f"{name}: the source is a directory"
        raise SourceError(msg, expected="a file", found=str(path),
                          hint="name one file in it")  # fmt: skip
    if not path.exists():
        folder = path.parent
        siblings = [f.name for f in folder.iterdir()] if folder.is_dir() else []
        hint = did_you_mean(path.name, siblings) or (
            f"look into {folder}" if folder.is_dir() else f"there is no folder {folder} either"
        )
        msg = f"{name}: there is no such file"
        raise SourceError(msg, expected="an existing file", found=str(path), hint=hint)
    if path.stat().st_size == 0:
        msg = f"{name}: the file is empty"
        raise SourceError(msg, expected="a header and rows", found=f"0 bytes in {path}",
                          hint="export it again")  # fmt: skip
    return path


def detect(name: str, path: Path, declared: str) -> FileFormat:
    """What a file is, by its first bytes; CSV if they say nothing.

    Raises:
        SourceError: another kind of file, or not what the job declares.
    """
    with path.open("rb") as stream:
        head = stream.read(16)
    for magic, what, hint in _FOREIGN:
        if head.startswith(magic):
            msg = f"{name}: this kind of file is not read"
            raise SourceError(msg, expected="CSV, Parquet or Arrow", found=f"{what}: {path}",
                              hint=hint)  # fmt: skip
    found: FileFormat = "csv"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            found = kind
    if declared not in ("auto", found):
        msg = f"{name}: the file is not what source.format says"
        raise SourceError(msg, expected=declared, found=f"{found}, by the first bytes of {path}",
                          hint="set source.format: auto")  # fmt: skip
    return found


def table_scan(path: Path, kind: str) -> pl.LazyFrame:
    """A lazy view of a Parquet or Arrow file."""
    return pl.scan_parquet(path, glob=False) if kind == "parquet" else pl.scan_ipc(path)


def broken_table(name: str, path: Path, kind: str, error: Exception) -> SourceError:
    """The error for a Parquet or Arrow file that its reader refuses."""
    msg = f"{name}: the {kind} file cannot be read"
    return SourceError(msg, expected=f"a whole {kind} file",
                       found=f"{path} ({type(error).__name__})",
                       hint="write it again; it may be cut off")  # fmt: skip


def encoding_of(name: str, head: bytes, declared: str | None) -> str:
    """The encoding of a text file: the declared one, or by its byte order mark, or UTF-8.

    Args:
        name: what messages call the source.
        head: the beginning of the file.
        declared: a Python codec, tcvn3, vni or viscii; None where the job does not say.

    Raises:
        SourceError: nobody knows such an encoding, or the bytes look like UTF-16 unmarked.
    """
    if declared:
        if not encodings.known(declared):
            raise _unknown_encoding(name, declared)
        return declared
    marked = next((kind for mark, kind in _MARKS if head.startswith(mark)), None)
    start = head[:1000]
    if not marked and start.count(0) > len(start) // 4:
        found = "zero bytes between the characters, as in UTF-16"
        raise undecodable(name, "utf-8", found)
    return marked or "utf-8"


def decode(
    name: str, data: bytes, encoding: str, *, partial: bool = False, begin: int = 0
) -> bytes:
    """Bytes in any encoding to UTF-8 without a byte order mark.

    Args:
        name: what messages call the source.
        data: the file, or a part of it.
        encoding: a Python codec, tcvn3, vni or viscii.
        partial: the data may stop in the middle of a character.
        begin: where in the file the data begin, in bytes.

    Raises:
        SourceError: bytes that the encoding does not know, with their offset; never the content.
    """
    if encoding.lower().replace("_", "-") not in {"utf-8", "utf8", "utf-8-sig"}:
        return _recode(name, data, encoding, partial=partial, begin=begin)
    plain = data if begin else data.removeprefix(codecs.BOM_UTF8)
    skipped = begin + len(data) - len(plain)
    try:
        if partial or not _is_utf8(plain):
            codecs.utf_8_decode(plain, "strict", not partial)
    except UnicodeDecodeError as error:
        where = f"something else at byte offset {skipped + error.start}"
        raise undecodable(name, encoding, where) from None
    return plain


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8: much faster than to decode them, but it does not say where not."""
    # Not by pa.array: it would look for pandas, and importing that takes most of a second.
    offsets = pa.py_buffer(struct.pack("=2q", 0, len(data)))
    array = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _recode(name: str, data: bytes, encoding: str, *, partial: bool, begin: int) -> bytes:
    if partial and encoding.lower().startswith(("utf-16", "utf_16", "utf16")):
        data = data[: len(data) // 2 * 2]
    try:
        text = encodings.decode(data, encoding)
    except CleanerError as error:
        found = f"{error.found}, counted from byte {begin}" if begin else error.found
        raise undecodable(name, encoding, found) from None
    except LookupError:  # Python knows it, but it is no text encoding: base64, hex …
        raise _unknown_encoding(name, encoding) from None
    # a lone surrogate (a broken UTF-16 pair) has no UTF-8 form
    return text.removeprefix("\ufeff").encode("utf-8", "replace")


def _unknown_encoding(name: str, encoding: str) -> SourceError:
    msg = f"{name}: unknown encoding"
    return SourceError(msg, expected="a Python codec, tcvn3, vni or viscii", found=encoding,
                       hint=_TRY_ENCODINGS)  # fmt: skip


def undecodable(name: str, encoding: str, found: str) -> SourceError:
    """The error for bytes that are not in their encoding."""
    msg = f"{name}: the bytes are not in the encoding that was declared or assumed"
    return SourceError(msg, expected=f"text in {encoding}", found=found, hint=_TRY_ENCODINGS)


def open_csv(
    name: str, data: bytes, source: SourceConfig, wanted: Collection[str], *, partial: bool = False
) -> CsvText:
    """Decode a CSV file and read its header.

    Args:
        name: what messages call the source.
        data: the file, or its beginning.
        source: encoding, delimiter and quote; what is not said is found out.
        wanted: headers that the job maps: the delimiter is the one that yields most of them.
        partial: the data are a beginning only.

    Raises:
        SourceError: undecodable bytes, or no header.
    """
    encoding = encoding_of(name, data, source.encoding)
    return open_text(name, decode(name, data, encoding, partial=partial), encoding, source, wanted)


def open_text(
    name: str, text: bytes, encoding: str, source: SourceConfig, wanted: Collection[str]
) -> CsvText:
    """Read the header of a decoded CSV text; the arguments are those of :func:`open_csv`.

    Raises:
        SourceError: no header.
    """
    told = re.match(rb"sep=([^\w\s\"]|\t)\r?\n", text)  # Excel's way to name the delimiter
    if told:
        text = text[told.end() :]
    given = source.delimiter or (told[1].decode() if told else None)
    head = text[:PEEK].decode("utf-8", "ignore")
    read = [(d, *_header(name, head, d, source.quote)) for d in ([given] if given else _DELIMITERS)]
    delimiter, header, lines = max(read, key=lambda r: (len(set(wanted) & {*r[1]}), len(r[1])))
    if not header:
        msg = f"{name}: the file has no header"
        raise SourceError(msg, expected="a first line with column names", found="blank lines only",
                          hint="export it again, with a header")  # fmt: skip
    return CsvText(header, _below(text, lines), delimiter, source.quote, encoding)


def _header(name: str, head: str, delimiter: str, quote: str | None) -> tuple[tuple[str, ...], int]:
    lines = (f"{line}\n" for line in head.split("\n"))
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote,
                        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE)  # fmt: skip
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                return tuple(cell.strip() for cell in cells), reader.line_num
    except csv.Error:
        msg = f"{name}: the header cannot be read"
        raise SourceError(msg, expected="a first line with column names",
                          found="a quoted cell that does not end", hint="set source.quote, or look "
                          "for a quotation mark in the first line") from None  # fmt: skip
    return (), 0


def _below(text: bytes, lines: int) -> bytes:
    place = 0
    for _ in range(lines):
        place = text.find(b"\n", place) + 1
        if not place:
            return b""
    return text[place:]


def place_columns(name: str, wanted: Collection[str], header: Collection[str]) -> None:
    """Check that every mapped column is there, once.

    Raises:
        SourceError: missing columns, each with the nearest existing one, or repeated ones.
    """
    names = list(header)
    missing = [column for column in wanted if column not in names]
    if missing:
        msg = f"{name}: the source lacks {len(missing)} of {len(set(wanted))} mapped columns"
        hints = [did_you_mean(column, names) for column in missing]
        raise SourceError(
            msg,
            expected=", ".join(missing),
            found=", ".join(names[:40]) + (" …" if len(names) > 40 else ""),
            hint="; ".join(f"{c}: {h}" for c, h in zip(missing, hints, strict=True) if h)
            or "check columns, source.delimiter and source.encoding",
        )
    repeated = sorted({column for column in wanted if names.count(column) > 1})
    if repeated:
        msg = f"{name}: mapped columns stand more than once in the header"
        raise SourceError(msg, expected="each name once", found=", ".join(repeated),
                          hint="rename or drop the others at the source")  # fmt: skip
