"""Where a run keeps what it needs to be continued: a private folder, told to be in use by a lock."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from linkage.config import Job
from linkage.engines.folder import LOCK, locked


def place_of(job: Job, target: Path) -> Path | None:
    """The folder of a job's unfinished run: the same for every run of it into one output folder.

    Args:
        job: the job; below its ``engine: temp_directory``, where there is one.
        target: the output folder; else beside it, hidden.

    Returns:
        The folder; None for masked lists with no ``temp_directory``: a folder that is to be shared
        is no neighbour for values that are not masked.
    """
    target, parent = target.resolve(), job.config.engine.temp_directory
    if parent is not None:
        name = hashlib.sha256(str(target).encode()).hexdigest()[:12]
        return parent / f"unfinished-{job.config.job}-{name}"
    return None if job.config.output.mask else target.with_name(f".{target.name}.unfinished")


def take(folder: Path) -> IO[str] | None:
    """Make a folder, or take one that is left, for this process alone.

    Args:
        folder: where; made with what is above it.

    Returns:
        Its lock, to be held open; None where another run works in it, or it cannot be private.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        try:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
                return None
            folder.chmod(0o700)
            lock = (folder / LOCK).open("a")
        except FileNotFoundError:  # its run has just ended and taken it away
            continue
        if not locked(lock):
            lock.close()
            return None
        if _is_at(folder / LOCK, lock):
            return lock
        lock.close()


def _is_at(path: Path, lock: IO[str]) -> bool:
    """Whether the locked file still stands in the folder, and not one that was taken away."""
    try:
        return os.path.samestat(path.stat(), os.fstat(lock.fileno()))
    except FileNotFoundError:
        return False


def empty(folder: Path, *, but: Iterable[str] = ()) -> None:
    """Delete what a folder holds, but its lock and what begins with one of these names."""
    left = (LOCK, *but)
    for entry in folder.iterdir():
        if entry.name.startswith(left):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def flush(path: Path) -> None:
    """Have the disk hold a file, or the names in a folder, before anything builds on it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
