"""Rows put aside in pieces between two steps: on disk where there is a folder, else in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

import polars as pl


class Stage:
    """Pieces of one frame, in order.

    Args:
        folder: where to keep them, in a folder of their own that goes with the stage; None for memory.

    Example:
        >>> stage = Stage(None)
        >>> stage.add(pl.DataFrame({"n": [1]}))
        >>> stage.add(pl.DataFrame({"n": [2]}))
        >>> [piece["n"].item() for piece in stage]
        [1, 2]
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder: Path | None = None
        self._pieces: list[pl.DataFrame | Path] = []
        if folder is not None:
            self._folder = Path(tempfile.mkdtemp(prefix="rows-", dir=folder))
            self._delete = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @classmethod
    def found(cls, folder: Path | None) -> Stage:
        """The pieces that an earlier process put into a folder; none where it is gone."""
        stage = cls(None)
        if folder is not None and folder.is_dir():
            stage._folder, stage._pieces = folder, [*sorted(folder.iterdir())]
            stage._delete = weakref.finalize(stage, shutil.rmtree, folder, ignore_errors=True)
        return stage

    def kept(self) -> str | None:
        """Have the disk hold the pieces; the name of their folder, None where they are in memory."""
        if self._folder is None:
            return None
        for path in (*self._folder.iterdir(), self._folder):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        return self._folder.name

    def add(self, piece: pl.DataFrame) -> None:
        """Put one more piece behind the others."""
        if self._folder is None:
            self._pieces.append(piece)
            return
        path = self._folder / f"{len(self._pieces):06}.arrow"
        # What is read once is not worth compressing: that took a sixth of the time of reading a source.
        piece.write_ipc(path, compression="uncompressed")
        self._pieces.append(path)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The pieces, each read when it is asked for."""
        for piece in self._pieces:
            if isinstance(piece, Path):
                yield pl.read_ipc(piece)
            else:
                yield piece

    def discard(self) -> None:
        """Delete the pieces."""
        self._pieces = []
        if self._folder is not None:
            self._delete()
