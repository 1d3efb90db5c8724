"""The state of a run that can be continued: which steps are finished, and what they handed on.

A step's tables, and the row that says it is finished, are one transaction of the work database; what
it hands on in Python is written, and on the disk, before. So a step is finished whole or has not begun,
whenever the process is killed, and no step has to know that it may run twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Protocol, Self, TypeVar

import polars as pl

from linkage.config import Job
from linkage.engines.duckdb import DATABASE, SPILL, DuckDBEngine
from linkage.manifest import Journal
from linkage.progress import Progress
from linkage.resume.forms import Form, Kept
from linkage.resume.key import changed, made_from, source_part
from linkage.resume.place import empty, flush, place_of, take
from linkage.write import MANIFEST

log: Final = logging.getLogger("linkage")

_KEY: Final = "made-from.json"
_FRAMES: Final = "kept"
_TABLE: Final = "finished_steps"


T = TypeVar("T")
Entry = dict[str, Any]
"""What the journal says of a step."""


class AtWork(Protocol):
    """A run, as far as its steps are told of."""

    journal: Journal

    @property
    def progress(self) -> Progress:
        """Is told what begins."""

    def step(self, registry: str, name: str, label: str) -> AbstractContextManager[Entry]:
        """Announce and time a step."""

    def warn(self, *alarms: str) -> None:
        """Log alarms and keep them for the manifest."""


@dataclass
class State:
    """What a run keeps in its folder until it has published.

    Attributes:
        folder: private to the run while it lives.
        began: when the run was begun that is continued, or when this one was.
        parts: what its steps are made from (:mod:`linkage.resume.key`).
        formats: in which its lists are written.
        is_published: whether the killed run had put its lists in place already.
        skipped: finished steps that were not done again.
    """

    folder: Path
    began: str
    parts: Mapping[str, str]
    formats: Sequence[str]
    is_published: bool = False
    skipped: int = 0
    _published: Mapping[str, Any] | None = None
    _spoiled: bool = False
    _steps: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _engine: DuckDBEngine | None = None

    # --- steps ---

    def open(self, engine: DuckDBEngine) -> None:
        """Find out which steps are finished.

        Args:
            engine: at work in the folder.
        """
        self._engine = engine
        if not engine.has(_TABLE):
            engine.run(f"CREATE TABLE {_TABLE} (registry VARCHAR, step VARCHAR, handed VARCHAR)")
        rows = engine.frame(f"SELECT registry, step, handed FROM {_TABLE}").rows()
        self._steps = {(registry, step): json.loads(handed) for registry, step, handed in rows}
        self._sweep()

    def _sweep(self) -> None:
        """Delete what the killed step has left: rows put aside that no finished step knows."""
        held = {
            name
            for step in self._steps.values()
            if isinstance(step["plain"], dict)
            for name in step["plain"].get("rows", ())
        }
        empty(self.folder, but=(_KEY, _FRAMES, DATABASE, SPILL, *held))

    def once(
        self,
        run: AtWork,
        registry: str,
        step: str,
        label: str,
        form: Form[T],
        work: Callable[[Entry], T],
    ) -> T:
        """Do a step and keep what comes of it, or have it back where it is finished.

        Args:
            run: announces the step, and keeps journal and warnings.
            registry: whose step it is.
            step: its name.
            label: for the progress.
            form: how its outcome is kept.
            work: does it. Tables that it makes are kept whole or not at all.

        Returns:
            The outcome of the work, now or then.
        """
        assert self._engine is not None
        if (registry, step) in self._steps:
            run.progress(label)
            return form.recall(self._recall(run, registry, step))
        before = len(run.journal.warnings)
        with self._engine.together():
            with run.step(registry, step, label) as entry:
                made = work(entry)
            if not self._spoiled:
                warned = run.journal.warnings[before:]
                self._finish(registry, step, entry, warned, form.keep(made))
        return made

    def _recall(self, run: AtWork, registry: str, step: str) -> Kept:
        found = self._steps[registry, step]
        run.journal.steps.append(found["entry"])
        run.warn(*found["warnings"])
        self.skipped += 1
        frames = {
            name: pl.read_ipc(self._file(registry, step, name), memory_map=False)
            for name in found["frames"]
        }
        return Kept(found["plain"], frames)

    def _finish(
        self, registry: str, step: str, entry: Entry, warnings: Sequence[str], kept: Kept
    ) -> None:
        """Keep what a step hands on, and that it is finished, before its tables are committed."""
        assert self._engine is not None
        if kept.read is not None and not self._is_source(registry, kept.read):
            return
        folder = self.folder / _FRAMES
        folder.mkdir(exist_ok=True)
        for name, frame in kept.frames.items():
            path = self._file(registry, step, name)
            frame.write_ipc(path, compression="lz4")
            flush(path)
        flush(folder)
        handed = {
            "entry": entry,
            "warnings": [*warnings],
            "plain": kept.plain,
            "frames": [*kept.frames],
        }
        row = {"registry": registry, "step": step, "handed": json.dumps(handed)}
        self._engine.append(_TABLE, pl.DataFrame([row]))

    def _file(self, registry: str, step: str, name: str) -> Path:
        return self.folder / _FRAMES / f"{registry}.{step}.{name}.arrow"

    def _is_source(self, name: str, content_hash: str) -> bool:
        """Whether a file is what it was when the run began; if not, nothing more is kept."""
        if self.parts[source_part(name)] == content_hash:
            return True
        self._spoiled = True
        (self.folder / _KEY).unlink(missing_ok=True)
        log.warning("%s: the file changed as the run began: killed, it would start anew", name)
        return False

    # --- the run as a whole ---

    def told(self, at: str) -> dict[str, Any] | None:
        """What the manifest says of it; None for a run that continues none.

        Args:
            at: when this run began.
        """
        if not self.skipped:
            return None
        return {"at": at, "began": self.began, "steps_skipped": self.skipped}

    def publishing(self, manifest: str) -> None:
        """Note which lists are published next: killed right after it, a run is known to be done.

        Args:
            manifest: text of their manifest.
        """
        self._published = _of(manifest.encode(), self.formats)
        if not self._spoiled:
            self._write_key()

    def _write_key(self, *, closing: bool = False) -> None:
        """Say what the folder's content is made from; whole or not at all."""
        content = {
            "began": self.began,
            "parts": dict(self.parts),
            "published": self._published,
            "closing": closing,
        }
        fresh = self.folder / f"{_KEY}.new"
        fresh.write_text(json.dumps(content), encoding="utf-8")
        flush(fresh)
        fresh.replace(self.folder / _KEY)
        flush(self.folder)

    @classmethod
    def found(
        cls,
        folder: Path,
        parts: Mapping[str, str],
        *,
        began: str,
        target: Path,
        formats: Sequence[str],
        anew: bool = False,
    ) -> Self:
        """The state that a killed run has left in a folder, or a new one.

        Args:
            folder: locked by this process.
            parts: what the run is made from.
            began: when it began.
            target: where its lists go.
            formats: in which they are written.
            anew: whether what is left is deleted in any case.
        """
        left = None if anew else _read(folder / _KEY)
        stale = [] if left is None else changed(left["parts"], parts)
        if stale:
            told = ", ".join(stale)
            log.warning("a killed run's steps are not used, for these have changed: %s", told)
        elif left is not None:
            published = left["published"]
            is_published = published is not None and published == _at(target, formats)
            if is_published or not left["closing"]:
                state = cls(folder, left["began"], parts, formats, is_published)
                state._published = published
                return state
        (folder / _KEY).unlink(missing_ok=True)
        empty(folder)
        state = cls(folder, began, parts, formats)
        state._write_key()
        return state

    def close(self) -> None:
        """Take the folder away; where lists were published, the word of it goes last."""
        if self._published is None or self._spoiled:
            (self.folder / _KEY).unlink(missing_ok=True)
        else:
            self._write_key(closing=True)
        empty(self.folder, but=(_KEY,))
        shutil.rmtree(self.folder)


def _of(manifest: bytes, formats: Sequence[str]) -> dict[str, Any]:
    return {"manifest": hashlib.sha256(manifest).hexdigest(), "formats": list(formats)}


def _at(target: Path, formats: Sequence[str]) -> dict[str, Any] | None:
    """What stands in the output folder, if it was written in these formats."""
    path = target / MANIFEST
    return _of(path.read_bytes(), formats) if path.is_file() else None


def _read(path: Path) -> dict[str, Any] | None:
    """What a folder says that it is made from; None if it says nothing that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content if {"began", "parts", "published", "closing"} <= set(content) else None
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def keeping(
    job: Job,
    target: Path,
    names: Iterable[str],
    *,
    is_readable: bool,
    began: str,
    formats: Sequence[str],
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
        formats: in which its lists are written.
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
        state = State.found(
            folder, parts, began=began, target=target, formats=formats, anew=anew
        )
        try:
            yield state
        finally:
            state.close()


def _taken(folder: Path) -> IO[str] | None:
    try:
        lock = take(folder)
    except OSError as error:
        log.warning("killed, this run would start anew: %s", type(error).__name__)
        return None
    if lock is None:
        log.warning("another run of the job is at work: killed, this one would start anew")
    return lock
