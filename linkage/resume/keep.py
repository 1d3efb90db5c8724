"""Taking up what a killed run has left, and taking it away once it is of no more use."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from linkage.config import Job
from linkage.engines.duckdb import SPILL
from linkage.resume.key import changed, made_from
from linkage.resume.note import NOTE, Note
from linkage.resume.place import empty, place_of, take
from linkage.resume.state import State

log: Final = logging.getLogger("linkage")


@contextmanager
def keeping(
    job: Job,
    target: Path,
    names: Iterable[str],
    *,
    is_readable: bool,
    began: str,
    lists: str | None,
    feedback: str | None = None,
    anew: bool = False,
) -> Iterator[State | None]:
    """Work in a folder that outlives a kill, and nothing else.

    Args:
        job: the job.
        target: where its lists go.
        names: registries that run.
        is_readable: whether all sources can be read again; frames that were handed over cannot.
        began: when the run began.
        lists: those in the output folder, if they are in the formats that are asked for
            (:func:`linkage.resume.note.lists_of`); None if there are none.
        feedback: content hash of the feedback file; None without one.
        anew: start anew, whatever a killed run has left.

    Yields:
        The state; None where the run cannot be continued: a source is no file, or another run of the
        job is at work in the folder. With the ``with`` the folder goes, after an error too.
    """
    folder = place_of(job, target)
    parts = made_from(job, names, feedback) if is_readable else None
    # What cannot be continued still takes away what a killed run has left.
    lock = _taken(folder) if folder and (parts is not None or folder.exists()) else None
    if folder is None or lock is None:
        yield None
        return
    with lock:
        if parts is None:
            shutil.rmtree(folder)
            yield None
            return
        state = None if anew else _left(folder, parts, lists)
        state = state or _new(folder, Note(began, parts))
        try:
            yield state
        finally:
            _take_away(state)


def _taken(folder: Path) -> IO[str] | None:
    try:
        lock = take(folder)
    except OSError as error:
        log.warning("killed, this run would start anew: %s", type(error).__name__)
        return None
    if lock is None:
        log.warning("another run of the job is at work: killed, this one would start anew")
    return lock


def _left(folder: Path, parts: dict[str, str], lists: str | None) -> State | None:
    """What a killed run has left to go on with.

    Args:
        folder: locked by this process.
        parts: what the run is made from.
        lists: those in the output folder.
    """
    note = Note.read(folder)
    if note is None:
        return None
    if stale := changed(note.parts, parts):
        told = ", ".join(stale)
        log.warning("a killed run's steps are not used, for these have changed: %s", told)
        return None
    is_published = note.published is not None and note.published == lists
    if note.closing and not is_published:
        return None
    shutil.rmtree(folder / SPILL, ignore_errors=True)
    return State(folder, note, is_published)


def _new(folder: Path, note: Note) -> State:
    Note.tear(folder)  # first, lest a kill leaves half of what it vouches for
    empty(folder)
    note.write(folder)
    return State(folder, note)


def _take_away(state: State) -> None:
    """Delete the folder; where lists are in place, the word of it goes last."""
    if state.has_published:
        state.note.closing = True
        state.note.write(state.folder)
    else:
        Note.tear(state.folder)
    empty(state.folder, but=(NOTE,))
    shutil.rmtree(state.folder)
