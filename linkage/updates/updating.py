"""``linkage.update``: the lists of a run carried on to what its sources say now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from linkage.config import Job, JobConfig, load_job
from linkage.errors import ConfigError
from linkage.life import read_feedback
from linkage.manifest import Journal
from linkage.preflight import look_ahead
from linkage.progress import Progress, quiet
from linkage.result import RunResult
from linkage.runner import Made, make_lists, output_of, previous_of, run_registries
from linkage.session import Session, check_sources, registries_of
from linkage.updates.around import Updating
from linkage.updates.keep import keeping_state, locking
from linkage.updates.parts import REGISTER, parts_of
from linkage.updates.state import KeptState, find_state, place_of
from linkage.write import check_target


def update(
    config: Path | str | Mapping[str, Any] | JobConfig | Job,
    *,
    sources: Mapping[str, object] | None = None,
    out: Path | str | None = None,
    formats: Iterable[str] | None = None,
    progress: Progress = quiet,
) -> RunResult:
    """Carry the lists of a run on: only records that are new, changed or gone are looked at again.

    The lists are those that a run of all records would make with the weights, shares, thresholds and
    sightings of the run before: row by row the same. Nothing is learnt anew; that takes a run.

    Args:
        config: a job file, the same as a mapping, or a job already loaded; it says
            ``output: {state: FOLDER}``, and was run with it.
        sources: frames to read in place of files, by registry name or ``"population"``.
        out: output folder in place of the job's: that of the run.
        formats: ``parquet``, ``csv`` or both, in place of the job's.
        progress: called with a label as each step begins.

    Returns:
        The lists, the manifest (``updated`` says what was different) and the folder.

    Raises:
        ConfigError: there is no state to go on from, it is of other lists, or it was made from
            something else; nothing was written.
        SourceError: a source cannot be read; nothing was written.
    """
    job = config if isinstance(config, Job) else load_job(config)
    check_sources(job, sources or {})
    target = Path(out) if out is not None else job.config.output.path
    place = place_of(job, target)
    if place is None or not place.is_dir():
        find_state(job, target)  # says what is missing
    assert place is not None
    with locking(place, wait=False) as is_ours:
        if not is_ours:
            raise _at_work(place)
        state = find_state(job, target)
        chosen = tuple(formats or job.config.output.formats)
        return _updated(job, target, state, dict(sources or {}), chosen, progress)


def _updated(
    job: Job,
    target: Path,
    state: KeptState,
    frames: dict[str, object],
    formats: tuple[str, ...],
    progress: Progress,
) -> RunResult:
    names = registries_of(job, state.note.order)
    state.check(parts_of(job, names))
    check_target(target, names)
    previous, feedback = previous_of(job, target), read_feedback(job, names)
    told, journal = feedback.links if feedback else None, Journal()
    with keeping_state(job, target, names, journal.began, None, is_locked=True) as keeper:
        assert keeper is not None
        around = Updating(state, keeper)
        largest = look_ahead(job, names, frames).largest
        with Session(
            job, frames, progress, journal, told, None, state.frozen, aside=True, largest=largest
        ) as session:
            state.check({REGISTER: session.register.source["content_hash"]})
            session.warn(*_left_out(job, names))
            done = run_registries(session, names, around, with_keys=feedback is not None)
        made = make_lists(session, done, previous, feedback)
        made = _with_counts(made, state, around)
        progress("writing the lists")
        keeper.publish(output_of(made), formats=formats, masked=job.config.output.mask)
    return replace(made.result, path=target)


def _with_counts(made: Made, state: KeptState, around: Updating) -> Made:
    """The manifest says what was different."""
    told = {"since": state.note.began, "registries": around.counts}
    manifest = {**made.result.manifest, "updated": told}
    return replace(made, result=replace(made.result, manifest=manifest))


def _left_out(job: Job, names: Iterable[str]) -> Iterator[str]:
    """Registries of the job that the lists do not have."""
    if others := [name for name in job.registries if name not in set(names)]:
        yield f"not in the lists, and not updated: {', '.join(others)}; linkage run takes them in"


def _at_work(place: Path) -> ConfigError:
    message = "another update, or a run that is writing its lists, holds the state"
    return ConfigError(
        message,
        expected="one at a time",
        found=f"the lock of {place} is held",
        hint="wait until it has ended, then update again",
    )
