"""The state of a run that can be continued: which steps are finished, and what they handed on.

A step's tables, and the row that says it is finished, are one transaction of the work database; what
it hands on in Python is written, and on the disk, before. So a step is finished whole or has not begun,
whenever the process is killed, and no step has to know that it may run twice.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import polars as pl

from linkage.engines.choose import OF_ENGINES
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import SourceError
from linkage.manifest import Journal
from linkage.progress import Begun, Progress
from linkage.resume.forms import Form, Kept
from linkage.resume.key import source_part
from linkage.resume.note import NOTE, Note, lists_of
from linkage.resume.place import empty, flush
from linkage.shelf import Lists, PutAside

log: Final = logging.getLogger("linkage")

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
        note: what its steps are made from.
        is_published: whether the killed run had put its lists in place already.
        skipped: finished steps that were not done again.
    """

    folder: Path
    note: Note
    is_published: bool = False
    skipped: int = 0
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
        if rows:
            n, began = len(rows), self.note.began
            log.info("continuing the run that began %s: %s of its steps are finished", began, n)

    def _sweep(self) -> None:
        """Delete what the killed step has left: rows put aside that no finished step knows."""
        held = {
            name
            for step in self._steps.values()
            if isinstance(step["plain"], dict)
            for name in step["plain"].get("rows", ())
        }
        empty(self.folder, but=(NOTE, _FRAMES, *OF_ENGINES, *held))

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
            before = f"{label} (finished before)"
            run.progress(Begun.of(before, (registry, step), is_finished=True))
            return form.recall(self._recall(run, registry, step))
        warned, kept = len(run.journal.warnings), None
        with self._engine.together():
            with run.step(registry, step, label) as entry:
                made = work(entry)
            if not self._spoiled:
                kept = form.keep(made)
                self._finish(registry, step, entry, run.journal.warnings[warned:], kept)
        if kept is None or self._spoiled:
            return form.put_aside(made, self.folder.parent)
        if not form.lets_go:
            return made
        return form.recall(replace(kept, frames=self._frames(registry, step, kept.frames)))

    def _recall(self, run: AtWork, registry: str, step: str) -> Kept:
        found = self._steps[registry, step]
        run.journal.steps.append(found["entry"])
        run.warn(*found["warnings"])
        self.skipped += 1
        return Kept(found["plain"], self._frames(registry, step, found["frames"]))

    def _frames(self, registry: str, step: str, names: Iterable[str]) -> Lists:
        """What a finished step has handed on, to be read when it is asked for."""
        held = {name: PutAside.at(self._file(registry, step, name)) for name in names}
        return Lists(held, self.folder.parent)

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
        if self.note.parts[source_part(name)] == content_hash:
            return True
        self._spoiled = True
        Note.tear(self.folder)
        log.warning("%s: the file changed as the run began: killed, it would start anew", name)
        return False

    def rests_on(self, name: str, content_hash: str) -> None:
        """Hold a source that no step of this run reads against the one of its finished steps.

        Args:
            name: of the source: the register, where an index of it is attached.
            content_hash: of what the run goes on with.

        Raises:
            SourceError: it is another; lists would be made of both.
        """
        if self._is_source(name, content_hash) or not self._steps:
            return
        message = f"{name}: the file changed as the run began"
        raise SourceError(
            message,
            expected="the file that the finished steps of the killed run were made from",
            found="another content",
            hint="nothing was written and the steps are let go of: run it again",
        )

    # --- the run as a whole ---

    def told(self, at: str) -> dict[str, Any] | None:
        """What the manifest says of it; None for a run that continues none.

        Args:
            at: when this run began.
        """
        if not self.skipped:
            return None
        return {"at": at, "began": self.note.began, "steps_skipped": self.skipped}

    def publishing(self, manifest: str, formats: Sequence[str]) -> None:
        """Note which lists are published next: killed right after it, a run is known to be done.

        Args:
            manifest: text of their manifest.
            formats: in which they are written.
        """
        self.note.published = lists_of(manifest, formats)
        if not self._spoiled:
            self.note.write(self.folder)

    @property
    def has_published(self) -> bool:
        """Whether the note says that lists are in place, or were about to be."""
        return self.note.published is not None and not self._spoiled
