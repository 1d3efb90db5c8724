"""The state of a finished run: its tables and what it has learnt, in a private folder of its own.

A state belongs to the lists that it was made with: it stands under the hash of their manifest. It is
put there before the lists take their place, and the one before it goes after that; so whenever a
process is killed, the lists in the output folder have a state of theirs, or none, and never another's.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from pydantic import TypeAdapter

from linkage.config import Job
from linkage.errors import ConfigError
from linkage.resume.key import changed
from linkage.updates.frozen import Frozen
from linkage.write import manifest_at

NOTE: Final = "state.json"
VERSION: Final = 1
_FROZEN: Final = TypeAdapter(dict[str, Frozen])
_RUN: Final = "linkage run CONFIG, which makes all lists and keeps their state"


def id_of(manifest: str) -> str:
    """What tells the lists of one run from those of any other, as a name of a folder."""
    return hashlib.sha256(manifest.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Note:
    """What a state says of itself.

    Attributes:
        version: of its form.
        target: the output folder of its lists.
        began: when the run began that made them.
        order: its registries, in the order in which they were linked.
        parts: what it was made from (:mod:`linkage.updates.parts`).
        frozen: what the run has learnt, by registry; files by their place in the state.
    """

    version: int
    target: str
    began: str
    order: list[str]
    parts: dict[str, str]
    frozen: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The note in a folder; None if there is none that can be read."""
        try:
            note = cls(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return note if note.version == VERSION else None

    def write(self, folder: Path) -> None:
        """Put the note into a folder; it vouches for all that lies there."""
        (folder / NOTE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def plain(frozen: Mapping[str, Frozen], folder: Path) -> dict[str, Any]:
        """What the run has learnt as JSON has it, files told by their place in the folder."""
        return {
            name: {
                **_FROZEN.dump_python({name: one}, mode="json")[name],
                "seen": _within(one.seen, folder),
                "taught": _within(one.taught, folder),
            }
            for name, one in frozen.items()
        }


def _within(path: Path | None, folder: Path) -> str | None:
    return None if path is None else str(path.relative_to(folder))


@dataclass(frozen=True)
class KeptState:
    """A state on disk.

    Attributes:
        folder: where it lies.
        note: what it says of itself.
    """

    folder: Path
    note: Note

    @property
    def frozen(self) -> dict[str, Frozen]:
        """What the run has learnt, by registry."""
        placed = {
            name: {
                **one,
                "seen": one["seen"] and self.folder / one["seen"],
                "taught": one["taught"] and self.folder / one["taught"],
            }
            for name, one in self.note.frozen.items()
        }
        return _FROZEN.validate_python(placed)

    def file(self, registry: str, table: str) -> Path:
        """One of its tables."""
        return self.folder / registry / f"{table}.parquet"

    def check(self, parts: Mapping[str, str]) -> None:
        """Refuse a state that was made from something else.

        Raises:
            ConfigError: says which parts are different.
        """
        kept = {part: self.note.parts.get(part) for part in parts}
        if other := changed(kept, dict(parts)):
            message = f"the kept state was made from something else: {', '.join(other)}"
            raise ConfigError(
                message,
                expected="the same job, declarations, models, register, code and libraries",
                found=f"{len(other)} of {len(parts)} parts changed since {self.note.began}",
                hint=f"{_RUN}, once; updates go on from there",
            )


def find_state(job: Job, target: Path) -> KeptState:
    """The state of the lists in an output folder.

    Raises:
        ConfigError: the job keeps none, there are no lists, or the state is not theirs.
    """
    place = place_of(job, target)
    if place is None:
        message = "the job keeps no state, so there is nothing to update from"
        raise ConfigError(
            message,
            expected="'output: {state: FOLDER}' in the job, and a run that was made with it",
            found="no such key",
            hint=f"add for example 'state: ../state/{job.config.job}', then: {_RUN}",
        )
    manifest = manifest_at(target)
    if manifest is None:
        message = f"there are no lists in {target} to update"
        raise ConfigError(message, expected="the output of a finished run", found="no manifest",
                          hint=_RUN)  # fmt: skip
    folder = place / id_of(manifest)
    note = Note.read(folder)
    if note is not None:
        return KeptState(folder, note)
    others = [one.began for _, one in _states(place) if one.target == str(target.resolve())]
    message = f"there is no state of the lists in {target}"
    raise ConfigError(
        message,
        expected=f"a state of theirs in {place}",
        found=f"one of other lists, of the run of {others[0]}" if others else "none",
        hint=_RUN,
    )


def place_of(job: Job, target: Path) -> Path | None:
    """The folder where a job keeps its states; None where it keeps none.

    Raises:
        ConfigError: it lies in the output folder, or the other way round.
    """
    place = job.config.output.state
    if place is None:
        return None
    place, target = place.resolve(), target.resolve()
    if place == target or place in target.parents or target in place.parents:
        message = "the state and the lists lie in one folder"
        raise ConfigError(
            message,
            expected="'output: state:' beside the output folder: lists are handed on, states never are",
            found=str(place),
            hint=f"for example {target.with_name(target.name + '_state')}",
        )
    return place


def _states(place: Path) -> Iterator[tuple[Path, Note]]:
    """All states in a folder, whosever lists they belong to."""
    for path in sorted(place.glob(f"*/{NOTE}")):
        if (note := Note.read(path.parent)) is not None:
            yield path.parent, note


def sweep(place: Path) -> None:
    """Delete the states whose lists are no longer where they were.

    Args:
        place: the folder of states, locked: nobody is between putting a state and its lists there.
    """
    for folder, note in _states(place):
        manifest = manifest_at(Path(note.target))
        # A disk that is not there at the moment may come back.
        is_known = manifest is not None or Path(note.target).parent.is_dir()
        if is_known and (manifest is None or folder.name != id_of(manifest)):
            (folder / NOTE).unlink()
            shutil.rmtree(folder)
