"""A CSV file in windows of whole lines, so that a large one never lies in memory as a whole.

A window ends at a line's end; a quoted cell that runs over several lines may still be cut, and is
carried on by who reads the cells (:mod:`linkage.read.csv_cells`).
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final, Protocol

from linkage.read import files

WINDOW: Final = 1 << 24
"""Bytes that are read at a time."""
_WIDE: Final = ("utf-16", "utf-32", "utf-7")
"""Encodings in which the byte of a newline may be half of another character."""


class Digest(Protocol):
    """What takes in the bytes as they stand in the file (a hash)."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""


def windows(
    name: str, path: Path, encoding: str, digest: Digest, *, size: int = WINDOW
) -> Iterator[bytes]:
    """Read a text file piece by piece as UTF-8 without a byte order mark.

    Args:
        name: what messages call the source.
        path: the file.
        encoding: its encoding (:func:`linkage.read.files.encoding_of`).
        digest: is given every byte of the file.
        size: bytes to read at a time.

    Yields:
        Whole lines, each but perhaps the last with its newline.

    Raises:
        SourceError: bytes that the encoding does not know, with their offset; never the content.
    """
    return (_wide if _is_wide(encoding) else _plain)(name, path, encoding, digest, size)


def _is_wide(encoding: str) -> bool:
    """Whether it is one of :data:`_WIDE`, by whichever of its names (``utf16``, ``U16``)."""
    try:
        return codecs.lookup(encoding).name.startswith(_WIDE)
    except LookupError:  # one of the cleaners' own: a byte a character
        return False


def _plain(name: str, path: Path, encoding: str, digest: Digest, size: int) -> Iterator[bytes]:
    """Encodings in which a newline is a newline's byte."""
    rest: list[bytes] = []
    begin = 0
    for chunk in _chunks(path, digest, size):
        cut = chunk.rfind(b"\n") + 1 if len(chunk) == size else len(chunk)
        if not cut:
            rest.append(chunk)
            continue
        lines = b"".join((*rest, chunk[:cut]))
        yield files.decode(name, lines, encoding, begin=begin)
        begin += len(lines)
        rest = [chunk[cut:]]
    if last := b"".join(rest):
        yield files.decode(name, last, encoding, begin=begin)


def _wide(name: str, path: Path, encoding: str, digest: Digest, size: int) -> Iterator[bytes]:
    """Encodings of several bytes a character."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest: list[str] = []
    begin = 0
    for chunk in chain(_chunks(path, digest, size), [b""]):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            near = begin + getattr(error, "start", 0)
            raise files.undecodable(name, encoding, f"something else near byte {near}") from None
        if not begin:
            text = text.removeprefix("\ufeff")
        begin += len(chunk)
        cut = text.rfind("\n") + 1 if len(chunk) == size else len(text)
        if not cut:
            rest.append(text)
            continue
        yield _utf8("".join((*rest, text[:cut])))
        rest = [text[cut:]]
    if last := "".join(rest):
        yield _utf8(last)


def _utf8(text: str) -> bytes:
    # a lone surrogate (a broken UTF-16 pair) has no UTF-8 form
    return unicodedata.normalize("NFC", text).encode("utf-8", "replace")


def _chunks(path: Path, digest: Digest, size: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(size):
            digest.update(chunk)
            yield chunk
