"""Run a job: the one call behind the command line and the notebooks."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.config import Job, JobConfig, load_job
from linkage.contracts import SCHEMA_VERSION, case_table
from linkage.deceased import judge_the_dead
from linkage.explain import MadeFrom
from linkage.harm import bounds_of
from linkage.life import Previous, carry, find_previous, read_feedback
from linkage.life.feedback import Feedback
from linkage.life.shown import about_feedback, lived
from linkage.manifest import Journal, expected_wrong, versions
from linkage.pipeline import Around, RegistryLists, linking_order, population_issues, run_registry
from linkage.preflight import check_room, look_ahead
from linkage.progress import WRITING, Begun, Expecting, Progress, quiet
from linkage.quality.holders import number_fields
from linkage.quality.measured import measure
from linkage.report import render
from linkage.result import RegistryResult, RunResult, open_run
from linkage.resume import State, keeping, lists_of
from linkage.second_opinion import asked_for
from linkage.session import Session, check_sources, registries_of
from linkage.shelf import Lists
from linkage.updates.around import FrozenRun
from linkage.updates.frozen import FrozenRegistries
from linkage.updates.keep import keeping_state
from linkage.write import Output, check_target, manifest_at, manifest_text, publish, tidy

log: Final = logging.getLogger("linkage")


def run(
    config: Path | str | Mapping[str, Any] | JobConfig | Job,
    *,
    sources: Mapping[str, object] | None = None,
    registries: Iterable[str] | None = None,
    out: Path | str | None = None,
    formats: Iterable[str] | None = None,
    write: bool = True,
    progress: Progress = quiet,
    anew: bool = False,
    anyway: bool = False,
    frozen: FrozenRegistries | None = None,
) -> RunResult:
    """Match registries against the population register and make the cleanup lists.

    Args:
        config: a job file, the same as a mapping, or a job already loaded.
        sources: frames (polars, pandas, pyarrow, DuckDB relation) to read in place of files, by
            registry name or ``"population"``.
        registries: which of the job's registries to run; all by default.
        out: output folder in place of the job's.
        formats: ``parquet``, ``csv`` or both, in place of the job's.
        write: publish to the output folder; False keeps everything in memory.
        progress: called with a label as each step begins (:mod:`linkage.progress`).
        anew: start anew, whatever a killed run of the job has left.
        anyway: run even where the estimate says that this machine cannot hold it.
        frozen: what a former run has learnt of each registry, to be taken as it is
            (:mod:`linkage.updates.frozen`); such a run is not continued when it is killed.

    Returns:
        The lists, the manifest and the folder they were written to.

    Raises:
        ConfigError: the job, a declaration or the output folder is wrong, or the machine too small;
            nothing was read.
        SourceError: a source cannot be read; nothing was written.
        ContractError: counts do not add up; nothing was written.
    """
    job = config if isinstance(config, Job) else load_job(config)
    names = registries_of(job, registries)
    check_sources(job, sources or {})
    for name in names:
        asked_for(job.registries[name].link)  # refused before any work, not after it
    assert frozen is None or set(names) <= set(frozen)
    target = Path(out) if out is not None else job.config.output.path
    previous = Previous()
    if write:
        check_target(target, names)
        previous = previous_of(job, target)
    feedback = read_feedback(job, names)
    frames, journal = dict(sources or {}), Journal()
    expected = look_ahead(job, names, frames)
    if not anyway:
        check_room(job, expected, target)
    if isinstance(progress, Expecting):
        progress.expect(expected.text, expected.steps)
    chosen = tuple(formats or job.config.output.formats)
    kept = _keeping(job, target, journal, names, chosen, feedback, frames, anew=anew)
    with kept if write and frozen is None else nullcontext() as state:
        if state is not None and state.is_published:
            log.info("the run that was killed had published its lists: nothing is left to do")
            return _as_published(job, target, journal, state)
        told = feedback.links if feedback else None
        with keeping_state(job, target if write else None, names, journal.began, state) as keeper:
            around = keeper if frozen is None else FrozenRun(frozen, keeper)
            session = Session(
                job, frames, progress, journal, told, state, frozen or {}, write, expected.largest
            )
            with session:
                done = run_registries(session, names, around, with_keys=feedback is not None)
            # The engine is closed, and what it held is free for the lists.
            made = make_lists(session, done, previous, feedback)
            result = replace(made.result, path=target if write else None)
            if write:
                progress(Begun.of("writing the lists", WRITING))
                output, mask = output_of(made), job.config.output.mask
                if state is not None:
                    state.publishing(manifest_text(output.manifest), chosen)
                putting = keeper.publish if keeper is not None else partial(publish, target)
                putting(output, formats=chosen, masked=mask)
    return result


def _keeping(
    job: Job,
    target: Path,
    journal: Journal,
    names: tuple[str, ...],
    formats: tuple[str, ...],
    feedback: Feedback | None,
    frames: Mapping[str, object],
    *,
    anew: bool,
) -> AbstractContextManager[State | None]:
    """Where the run keeps its steps, and takes up those of one that was killed."""
    manifest = manifest_at(target)
    # Only lists that can be read back as they were made stand for the run that made them.
    is_whole = "parquet" in formats and not job.config.output.mask
    return keeping(
        job,
        target,
        names,
        is_readable=not frames,
        began=journal.began,
        lists=lists_of(manifest, formats) if manifest is not None and is_whole else None,
        feedback=feedback.source["content_hash"] if feedback else None,
        anew=anew,
    )


@dataclass(frozen=True)
class Done:
    """What the engine has made of all registries.

    Attributes:
        yielded: by registry, in the order asked for.
        issues: what is wrong in the register itself.
        register: facts for the manifest.
        keys: of the people; None where nothing asks for them.
    """

    yielded: Mapping[str, RegistryLists]
    issues: pl.DataFrame
    register: Mapping[str, Any]
    keys: pl.Series | None


@dataclass(frozen=True)
class Made:
    """What a run has made of it, before it is written."""

    result: RunResult
    decisions: pl.DataFrame | None


def run_registries(
    session: Session, names: tuple[str, ...], around: Around | None = None, *, with_keys: bool
) -> Done:
    """The steps of all registries.

    Args:
        session: the job at work.
        names: the registries, in the order of the lists.
        around: runs them in place of this, and keeps their tables; None for neither.
        with_keys: whether keys of people will be asked for.
    """
    job = session.job
    trying = measure if job.config.harm.trial_records else None
    order = linking_order(session, names)
    run_in_order = {name: run_registry(session, name, trying, around) for name in order}
    with session.in_passing():
        yielded = {name: judge_the_dead(session, name, run_in_order[name]) for name in names}
        issues = population_issues(session)
    facts = {"people": session.population.size, "index": session.index}
    keys = session.population.keys(session.engine) if with_keys else None
    return Done(yielded, issues, {**session.register.source, **facts}, keys)


def make_lists(session: Session, done: Done, previous: Previous, feedback: Feedback | None) -> Made:
    """Lists held to their bounds and carried on from the previous run, and what is said of them."""
    job, journal, yielded = session.job, session.journal, dict(done.yielded)
    made = {name: y.lists for name, y in yielded.items()}
    bounds = bounds_of(
        {name: job.registries[name].max_wrongful_per_10k for name in yielded},
        made,
        {name: y.measured for name, y in yielded.items()},
        {name: number_fields(job.registries[name].fields) for name in yielded},
    )
    masked = job.config.output.mask
    carried = carry(made, previous, feedback, people=done.keys, masked=masked, holding=bounds.hold)
    session.warn(*carried.notes, *about_feedback(carried.decisions))
    yielded = {name: replace(y, lists=Lists.of(carried.lists[name])) for name, y in yielded.items()}
    manifest = _manifest(job, journal, yielded, done.register)
    for name, own in carried.lists.items():
        manifest["registries"][name]["harm"] = bounds.told(name, own, carried.moved[name])
    manifest |= lived(previous, carried, feedback)
    manifest["resumed"] = session.state.told(journal.began) if session.state else None
    results = {
        name: RegistryResult(
            name,
            y.lists,
            job,
            session.frames,
            MadeFrom(
                shares=y.shares,
                m=y.model.m,
                number_m=y.model.number_m,
                holder_bits=y.model.holder_bits,
            ),
        )
        for name, y in yielded.items()
    }
    return Made(RunResult(results, done.issues, manifest), carried.decisions)


def output_of(made: Made) -> Output:
    """What a run publishes."""
    result, top = made.result, {"population_issues": made.result.population_issues}
    if made.decisions is not None:
        top["decisions"] = made.decisions
    lists = {name: one.lists for name, one in result.items()}
    return Output(top, lists, result.manifest, render(result))


def _as_published(job: Job, target: Path, journal: Journal, state: State) -> RunResult:
    """The run that stands in the output folder, with the job at hand."""
    tidy(target)
    found = open_run(target)
    state.skipped = len(found.manifest["steps"])
    manifest = {**found.manifest, "resumed": state.told(journal.began)}
    registries = {name: replace(one, job=job) for name, one in found.items()}
    return replace(found, registries=registries, manifest=manifest)


def previous_of(job: Job, target: Path) -> Previous:
    """The run that this one continues, read before its folder is replaced."""
    return find_previous(
        target,
        job=job.config.job,
        has_feedback=job.config.feedback is not None,
        masked=job.config.output.mask,
    )


def _manifest(
    job: Job,
    journal: Journal,
    yielded: Mapping[str, RegistryLists],
    population: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "job": job.config.job,
        "purpose": job.config.purpose,
        "reference_date": job.config.reference_date.isoformat(),
        "started": journal.began,
        "finished": journal.finished().isoformat(timespec="seconds"),
        "versions": versions(),
        "config": {
            "path": str(job.path) if job.path else None,
            "sha256": job.config_hash,
            # As written, variables not expanded: they may be credentials.
            "job": json.loads(json.dumps(dict(job.written), default=str)),
        },
        "population": dict(population),
        "registries": {
            name: {"declaration": _declaration(job, name), **_registry_entry(job, name, lists)}
            for name, lists in yielded.items()
        },
        "warnings": journal.warnings,
        "steps": journal.steps,
    }


def _declaration(job: Job, name: str) -> dict[str, Any]:
    """The declaration that was in force: where it stands, and how it links and judges."""
    effective = job.registries[name].model_dump(mode="json")
    path = job.declaration_paths[name]
    kept = ("holds", "holds_by", "opened_on", "link", "rules", "max_wrongful_per_10k")
    return {"path": str(path) if path else None, **{key: effective[key] for key in kept}}


def _registry_entry(job: Job, name: str, yielded: RegistryLists) -> dict[str, Any]:
    records = yielded.lists.part("records", "link_status", "match_probability")
    linked = records.filter(pl.col("link_status") == "linked")
    statuses = records["link_status"].value_counts(sort=True)
    wrongful = {
        table: expected_wrong(yielded.lists.living.part(table, "confidence")["confidence"])
        for table in (case_table(name).name, "duplicates", "corrections")
    }
    return {
        "source": dict(yielded.source),
        "model": {
            "file": yielded.model.source,
            "sha256": yielded.model.sha256,
            "adapted": job.registries[name].link.adapt,
            "m": yielded.model.m,
            "m_of_number_by_group": yielded.model.number_m,
            "bits_of_holders": yielded.model.holder_bits,
        },
        "dispositions": dict(zip(statuses["link_status"], statuses["count"], strict=True)),
        "lists": {table: yielded.lists.height(table) for table in yielded.lists},
        "linking": {
            "subjects": yielded.link.subjects,
            "settled_exactly": yielded.link.settled,
            "pairs_by_rule": dict(yielded.link.blocked.pairs),
            "records_with_too_common_values": dict(yielded.link.blocked.capped),
            "candidates": yielded.link.candidates,
            "share_in_register": dict(yielded.shares),
        },
        "columns": {
            column.field: {
                "filled": column.filled,
                "unreadable": column.unreadable,
                "issues": dict(column.issues),
            }
            for column in yielded.health
        },
        "expected_wrong_links": expected_wrong(linked["match_probability"]),
        "measured_wrong_links": yielded.measured.told() if yielded.measured else None,
        "expected_wrongful_cases": wrongful,
    }
