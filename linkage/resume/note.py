"""The note in a run's folder: what its steps are made from, and whether its lists are in place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from linkage.resume.place import flush

NOTE: Final = "made-from.json"


@dataclass
class Note:
    """What a rerun must know before it uses anything in the folder.

    Attributes:
        began: when the run began.
        parts: what its steps are made from (:mod:`linkage.resume.key`).
        published: the lists that were put in place, or were about to be (:func:`lists_of`).
        closing: whether the folder is being taken away, so that some of it may be gone.
    """

    began: str
    parts: dict[str, str]
    published: str | None = None
    closing: bool = False

    def write(self, folder: Path) -> None:
        """Put the note into a folder, whole or not at all."""
        fresh = folder / f"{NOTE}.new"
        fresh.write_text(json.dumps(asdict(self)), encoding="utf-8")
        flush(fresh)
        fresh.replace(folder / NOTE)
        flush(folder)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The note in a folder; None if there is none that can be read."""
        try:
            return cls(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @staticmethod
    def tear(folder: Path) -> None:
        """Take the note away: nothing in the folder is used from now on."""
        (folder / NOTE).unlink(missing_ok=True)


def lists_of(manifest: str, formats: Sequence[str]) -> str:
    """Tells the lists of one run from those of any other.

    Args:
        manifest: text of their manifest.
        formats: in which they are written.
    """
    return hashlib.sha256("\0".join([manifest, *formats]).encode()).hexdigest()
