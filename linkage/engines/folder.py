"""The folder of an engine's own: private, told to be in use by a lock, swept up after a kill."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, Final

_OWN: Final = "linkage-"
"""Beginning of the name of an engine's folder."""
LOCK: Final = "in-use.lock"
"""File in a folder that is locked while somebody works there: the system lets go of it with the
process, however that ends, and other machines and containers that share the place see it too."""


def locked(file: IO[str]) -> bool:
    """Lock a file for this process alone; False where another holds it, or locks are not known."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sweep(parent: Path) -> int:
    """Delete the folders of engines whose process was killed: they hold personal data.

    Args:
        parent: where engines put their folders.

    Returns:
        How many were deleted; a folder in use, or without a lock, is left alone.
    """
    deleted = 0
    for lock in parent.glob(f"{_OWN}*/{LOCK}"):
        with contextlib.suppress(OSError), lock.open("r+") as left:
            if os.fstat(left.fileno()).st_uid == os.getuid() and locked(left):
                shutil.rmtree(lock.parent)
                deleted += 1
    return deleted


class OwnFolder:
    """A new private folder that is locked as long as it is there.

    Args:
        parent: where to put it; None for the system's place for such folders.
    """

    def __init__(self, parent: Path | None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=_OWN, dir=parent)
        self.path: Final = Path(self._folder.name)
        self._lock = (self.path / LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Take the folder away."""
        self._folder.cleanup()
        self._lock.close()
