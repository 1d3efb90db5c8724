"""A lookup on disk: sorted hashes and rows one after the other, in files that are mapped into memory.

To find a person costs a few pages, however large the register is: a binary search in the sorted hashes,
and one row read at its place. Nothing is loaded when it is opened.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.folder import OwnFolder, sweep
from linkage.fingerprints import code_hash
from linkage.lookup.content import LookupContent

_ABOUT: Final = "about.json"
_CODE: Final = ("linkage/lookup", "linkage/link/block.py")
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


class Lookup:
    """A lookup that is open.

    Args:
        folder: where its files are.
        content: what it holds.
    """

    def __init__(self, folder: Path, content: LookupContent) -> None:
        self.content = content
        self._key_hash = _mapped(folder / "key_hash.bin", np.uint64)
        self._key_idx = _mapped(folder / "key_idx.bin", np.int64)
        self._tf_hash = _mapped(folder / "tf_hash.bin", np.uint64)
        self._tf = _mapped(folder / "tf.bin", np.float64)
        self._start = _mapped(folder / "row_start.bin", np.int64)
        self._end = _mapped(folder / "row_end.bin", np.int64)
        self._rows = _mapped(folder / "rows.bin", np.uint8)

    def people(self, records: Places, hashes: Hashes) -> tuple[Places, Places]:
        """Who has the keys of some records: record and person, each pair once, in order.

        Args:
            records: which record each key is of.
            hashes: the keys.
        """
        first = np.searchsorted(self._key_hash, hashes, "left")
        last = np.searchsorted(self._key_hash, hashes, "right")
        found = [self._key_idx[a:b] for a, b in zip(first, last, strict=True)]
        people = np.concatenate([np.empty(0, np.int64), *found])
        pairs = np.unique(np.stack([np.repeat(records, last - first), people]), axis=1)
        return pairs[0], pairs[1]

    def frequencies(self, hashes: Hashes) -> npt.NDArray[np.float64]:
        """How frequent each of some values is; NaN where the register has none."""
        if not self._tf_hash.size:
            return np.full(hashes.size, np.nan)
        place = np.searchsorted(self._tf_hash, hashes).clip(0, self._tf_hash.size - 1)
        return np.where(self._tf_hash[place] == hashes, self._tf[place], np.nan)

    def rows(self, people: Places) -> dict[str, Sequence[Any]]:
        """What is known of some people: ``idx`` and the columns of the content to their values."""
        written = (
            self._rows[a:b].tobytes()
            for a, b in zip(self._start[people], self._end[people], strict=True)
        )
        known = json.loads(b"[" + b",".join(written) + b"]")
        columns = zip(*known, strict=True) if known else ((),) * len(self.content.columns)
        named = zip(self.content.columns, columns, strict=True)
        return {"idx": people.tolist()} | {column.name: values for column, values in named}


def ready_lookup(
    engine: DuckDBEngine, content: LookupContent, size: int, folder: Path, origin: dict[str, Any]
) -> Lookup:
    """The lookup in a folder if it fits, else a new one.

    Args:
        engine: holds the people.
        content: what it must hold.
        size: number of people.
        folder: where it is, or is to be.
        origin: what the register was made from, part by part.
    """
    about = {"origin": origin, "content": _told(content), "code": code_hash(*_CODE)}
    if _read(folder / _ABOUT) != about:
        _make(engine, content, size, folder, about)
    return Lookup(folder, content)


def _told(content: LookupContent) -> dict[str, Any]:
    told = asdict(content) | {"lists": sorted(content.lists)}
    result: dict[str, Any] = json.loads(json.dumps(told))
    return result


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _make(
    engine: DuckDBEngine, content: LookupContent, size: int, folder: Path, about: dict[str, Any]
) -> None:
    """Write a lookup beside its place and rename it when it is whole."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder.parent)
    own = OwnFolder(folder.parent)
    try:
        making = own.path / "lookup"
        making.mkdir(mode=0o700)
        _fill(making, engine, content, size)
        about_it = making / _ABOUT
        about_it.touch(mode=0o600)
        about_it.write_text(json.dumps(about), encoding="utf-8")
        _put(making, folder, about)
    finally:
        own.close()


def _put(making: Path, folder: Path, about: dict[str, Any]) -> None:
    """Have a whole lookup stand in its place."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        making.rename(folder)
    except OSError:  # another process may have put the same there meanwhile
        if _read(folder / _ABOUT) != about:
            raise


def _fill(making: Path, engine: DuckDBEngine, content: LookupContent, size: int) -> None:
    keys = " UNION ALL ".join(f"({content.people_by_key(key)})" for key in content.keys)
    columns = (("key_hash.bin", np.uint64), ("key_idx.bin", np.int64))
    _write(making, columns, engine.batches(f"SELECT h, idx FROM ({keys}) ORDER BY h, idx"))
    frequencies = " UNION ALL ".join(content.frequency_sql())
    shares = (("tf_hash.bin", np.uint64), ("tf.bin", np.float64))
    sql = f"SELECT h, tf FROM ({frequencies}) ORDER BY h" if frequencies else ""
    _write(making, shares, engine.batches(sql) if sql else ())
    _write_rows(making, engine.batches(content.rows_sql()), size)


def _write(
    folder: Path,
    columns: Iterable[tuple[str, type[np.generic]]],
    batches: Iterable[pa.RecordBatch],
) -> None:
    """Columns of batches one after the other into a file each."""
    places = [(folder / name, dtype) for name, dtype in columns]
    for path, _ in places:
        path.touch(mode=0o600)
    for batch in batches:
        for (path, dtype), column in zip(places, batch.columns, strict=True):
            with path.open("ab") as file:
                file.write(column.to_numpy(zero_copy_only=False).astype(dtype).tobytes())


def _write_rows(folder: Path, batches: Iterable[pa.RecordBatch], size: int) -> None:
    """Rows in the order in which they come; where each begins and ends, by ``idx``."""
    start, end, written = np.zeros(size, np.int64), np.zeros(size, np.int64), 0
    path = folder / "rows.bin"
    path.touch(mode=0o600)
    with path.open("ab") as file:
        for batch in batches:
            idx = batch.column(0).to_numpy(zero_copy_only=False)
            text = batch.column(1).cast(pa.large_binary())
            offsets = np.frombuffer(text.buffers()[1], np.int64, len(text) + 1, 8 * text.offset)
            start[idx] = offsets[:-1] - offsets[0] + written
            end[idx] = offsets[1:] - offsets[0] + written
            file.write(memoryview(text.buffers()[2])[offsets[0] : offsets[-1]])
            written += int(offsets[-1] - offsets[0])
    for name, places in (("row_start.bin", start), ("row_end.bin", end)):
        (folder / name).touch(mode=0o600)
        places.tofile(folder / name)


def _mapped(path: Path, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """A file as an array that is read where it is asked for."""
    if not path.stat().st_size:  # an empty file cannot be mapped
        return np.empty(0, dtype)
    return np.memmap(path, dtype, "r")
