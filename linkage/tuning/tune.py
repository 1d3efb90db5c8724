"""Tuning a job: trials of its registries, a threshold for each, and what it would change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, get_args

import polars as pl

from linkage.config import Job, load_job
from linkage.config.values import Action
from linkage.errors import ConfigError, LinkageError, did_you_mean
from linkage.labelling.estimate import weights_of
from linkage.labelling.pairs_csv import read_labels
from linkage.life.feedback import told_links
from linkage.pipeline import linking_order
from linkage.progress import Progress, quiet
from linkage.quality.report import learn_from
from linkage.quality.trial import Trial, hidden_number_trial, labelled_trial
from linkage.result import RunResult, open_run
from linkage.session import Session, check_sources, registries_of
from linkage.tuning.change import changes, thresholds_of
from linkage.tuning.choose import Choice, Costs, by_cost, by_precision, cost_curve
from linkage.tuning.curve import LINKS, curve, judged
from linkage.tuning.result import RegistryTuning, Tuning

PRECISION: Final = 0.999
"""What is asked for where nothing else is: at most 10 wrong links per 10,000."""
MANY_FIXED: Final = 0.05
"""Share of decisions of the model that thresholds do not explain, above which that is said."""


def tune(
    config: Path | str | Mapping[str, Any] | Job,
    *,
    registries: Iterable[str] | None = None,
    labels: Path | str | pl.DataFrame | None = None,
    precision: float | None = None,
    costs: Costs | None = None,
    margin: float | None = None,
    actions: Mapping[str, float] | None = None,
    run: RunResult | Path | str | None = None,
    sources: Mapping[str, object] | None = None,
    sample: int | None = 20_000,
    seed: int = 1,
    progress: Progress = quiet,
) -> Tuning:
    """Choose link thresholds from labels, or from identity numbers that are hidden for a trial.

    Args:
        config: a job file, the same as a mapping, or a job already loaded.
        registries: which registries; all by default. Those that cannot be tried are skipped, and
            said, unless they were named.
        labels: judged pairs of one registry, a CSV or a frame with ``record_id, person_id,
            is_match``; by default numbers are hidden and the records linked on the rest.
        precision: least share of right links, to be reached with confidence; 0.999 by default.
        costs: choose the least expected cost instead.
        margin: least lead over the runner-up (bits) in place of the one in force.
        actions: by action (``lock_both``), the precision of the links that it may rest on; cases of
            less sure links are asked about instead.
        run: a finished run, or its folder, to tell what would change in its lists.
        sources: frames to read in place of files.
        sample: most records tried per registry; None for all.
        seed: which are drawn.
        progress: called with a label as each registry begins.

    Returns:
        Curves, choices and changes by registry.

    Raises:
        ConfigError: precision and costs both, labels for several registries, or none can be tried.
        SourceError: a source or the labels cannot be read.

    Example:
        In a notebook::

            tuning = linkage.tune("configs/sample.yaml", registries=["sim"], precision=0.999)
            tuning["sim"].chart()
    """
    if precision is not None and costs is not None:
        message = "a wanted precision and costs cannot both decide"
        raise ConfigError(
            message, expected="one of them", found="both", hint="leave one of them out"
        )
    job = config if isinstance(config, Job) else load_job(config)
    content = hashlib.sha256(job.path.read_bytes()).hexdigest() if job.path else None
    names = registries_of(job, registries)
    check_sources(job, sources or {})
    given = _given_labels(labels, names)
    finished = open_run(run) if isinstance(run, Path | str) else run
    goal = _Goal(PRECISION if precision is None else precision, costs, margin, actions or {})
    _check_actions(goal.actions)
    tuned: dict[str, RegistryTuning] = {}
    skipped: dict[str, str] = {}
    with Session(job, dict(sources or {}), progress, told=told_links(job)) as session:
        for name, is_asked in _linked_before(session, names):
            cleaned = session.clean(name, session.read(name).rows)
            if is_asked:
                progress(f"{name}: trying thresholds")
                try:
                    trial = (
                        hidden_number_trial(
                            session, name, sample=sample, seed=seed, cleaned=cleaned
                        )
                        if given is None
                        else _by_labels(session, name, given, cleaned)
                    )
                    tuned[name] = _tuned(trial, goal, session.population.size, finished)
                except ConfigError as error:
                    if registries is not None or len(names) == 1:
                        raise
                    skipped[name] = error.message
            if len(tuned) + len(skipped) < len(names):
                learn_from(session, name, cleaned)
    if not tuned:
        raise _none(skipped)
    found = {name: tuned[name] for name in names if name in tuned}
    return Tuning(found, job.path, content, skipped)


def _linked_before(session: Session, names: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Registries in the order of a run, which ones are asked for, up to the last of these.

    A run of the job tells each registry what those before it have found of people.
    """
    left = set(names)
    for name in linking_order(session, session.job.registries):
        if not left:
            return
        yield name, name in left
        left.discard(name)


def finished_run(job: Job) -> RunResult | None:
    """The run that stands in the job's output folder; None if there is none that can be used."""
    try:
        return None if job.config.output.mask else open_run(job.config.output.path)
    except LinkageError:
        return None


@dataclass(frozen=True)
class _Goal:
    precision: float
    costs: Costs | None
    margin: float | None
    actions: Mapping[str, float]


def _check_actions(actions: Mapping[str, float]) -> None:
    known = get_args(Action)
    for name in actions:
        if name not in known:
            message = f"there is no step '{name}' that could ask for surer links"
            raise ConfigError(
                message,
                expected=f"one of {', '.join(known)}",
                found=name,
                hint=did_you_mean(name, known),
            )


def _tuned(trial: Trial, goal: _Goal, people: int, run: RunResult | None) -> RegistryTuning:
    name, costs = trial.registry, goal.costs
    choice = (
        by_precision(trial, goal.precision, margin=goal.margin)
        if costs is None
        else by_cost(trial, costs, margin=goal.margin)
    )
    chosen = choice.thresholds
    changed = None
    if run is not None and name in run:
        changed = changes(run[name], thresholds_of(run, name), chosen)
    return RegistryTuning(
        name,
        trial,
        curve(trial, margin=chosen.margin, review=chosen.review),
        choice,
        people,
        actions={n: by_precision(trial, p, margin=goal.margin) for n, p in goal.actions.items()},
        costs=cost_curve(trial, costs, margin=chosen.margin) if costs else None,
        changes=changed,
        notes=tuple(_notes(trial, choice)),
    )


def _given_labels(
    labels: Path | str | pl.DataFrame | None, names: tuple[str, ...]
) -> pl.DataFrame | None:
    if labels is None:
        return None
    if len(names) > 1:
        message = "labels are of one registry"
        raise ConfigError(
            message, expected="one registry", found=f"{len(names)}", hint=f"--registry {names[0]}"
        )
    return labels if isinstance(labels, pl.DataFrame) else read_labels(labels)


def _by_labels(session: Session, name: str, labels: pl.DataFrame, cleaned: pl.DataFrame) -> Trial:
    """A trial by labels, with the weights of their strata where the labels tell of strata."""
    known = labels.filter(pl.col("is_match").is_not_null())
    told = known.select("record_id", "person_id", "is_match")
    trial = labelled_trial(session, name, told, cleaned=cleaned)
    weights = weights_of(known)
    if weights is None:
        return trial
    records = trial.records.join(weights, on="record_id", how="left").with_columns(
        pl.col("weight").fill_null(1.0)
    )
    return replace(trial, records=records)


def _notes(trial: Trial, choice: Choice) -> Iterator[str]:
    if choice.reached and choice.thresholds.link <= min(LINKS):
        yield (
            f"{min(LINKS):g} is the lowest threshold tried: this register is small enough that even"
            " there hardly a link is wrong; a larger one needs its own"
        )
    rows = judged(trial)
    by_model = rows.filter(pl.col("decided_by") == "model")
    fixed = by_model.filter("fixed").height
    if fixed > MANY_FIXED * max(by_model.height, 1):
        yield (
            f"{fixed:,} of {by_model.height:,} records are decided by more than thresholds"
            " (borrowed numbers, competition) and stay as they are at every threshold"
        )
    if trial.source == "labels":
        yield (
            "recall is of the labelled records whose person was among the pairs shown: persons that"
            " no candidate is were never seen"
        )
    else:
        yield (
            "tried on records whose number was hidden, so on links that rest on name, birth date"
            " and address alone; records with a number link better than this"
        )


def _none(skipped: Mapping[str, str]) -> LinkageError:
    message = "no registry can be tuned without labels"
    return ConfigError(
        message,
        expected="identity numbers that tell whose some records are",
        found="; ".join(f"{name}: {why}" for name, why in skipped.items()),
        hint="label pairs first: linkage label CONFIG --registry NAME --out pairs.csv",
    )
