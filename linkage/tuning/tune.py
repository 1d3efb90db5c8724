"""Tuning a job: trials of its registries, a threshold for each, and what it would change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.charts import Chart
from linkage.config import Job, load_job
from linkage.config.models import Thresholds
from linkage.errors import ConfigError, LinkageError
from linkage.labelling.pairs_csv import read_labels
from linkage.progress import Progress, quiet
from linkage.quality.trial import Trial, hidden_number_trial, labelled_trial
from linkage.result import RunResult, open_run
from linkage.session import Session, check_sources, registries_of
from linkage.tuning.change import Changes, changes, thresholds_of
from linkage.tuning.choose import Choice, Costs, by_cost, by_precision, cost_curve
from linkage.tuning.curve import LINKS, at, curve, judged
from linkage.tuning.shown import body, cost_chart, curve_chart, page
from linkage.tuning.write import Values, write_thresholds

PRECISION: Final = 0.999
"""What is asked for where nothing else is: at most 10 wrong links per 10,000."""
MANY_FIXED: Final = 0.05
"""Share of decisions of the model that thresholds do not explain, above which that is said."""


@dataclass(frozen=True, repr=False)
class RegistryTuning:
    """One registry: its curve, the thresholds chosen, and what they would change.

    Attributes:
        registry: which one.
        trial: decided records whose people are known.
        curve: as :func:`linkage.tuning.curve.curve` draws it.
        costs: as :func:`linkage.tuning.choose.cost_curve` draws it; None without costs.
        choice: thresholds and why.
        people: people in the register.
        changes: what a finished run's lists would lose and gain; None without a run.
        notes: what to know before using it.
    """

    registry: str
    trial: Trial
    curve: pl.DataFrame
    choice: Choice
    people: int
    costs: pl.DataFrame | None = None
    changes: Changes | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Counts and thresholds only."""
        then, now = self.in_force.link, self.choice.thresholds.link
        return f"<RegistryTuning {self.registry}: link {then:g} → {now:g}, {self.trial!r}>"

    @property
    def in_force(self) -> Thresholds:
        """The thresholds that the job has now."""
        return Thresholds.model_validate(
            {name: getattr(self.trial.thresholds, name) for name in ("link", "review", "margin")}
        )

    def chart(self) -> Chart:
        """Precision and recall against the threshold, with their intervals."""
        return curve_chart(self.registry, self.curve, self._marks())

    def precision_chart(self) -> Chart:
        """Precision alone, on its own scale."""
        return curve_chart(self.registry, self.curve, self._marks(), ("precision",))

    def review_chart(self) -> Chart:
        """Share of records in review against the threshold."""
        return curve_chart(self.registry, self.curve, self._marks(), ("review",))

    def cost_chart(self) -> Chart | None:
        """Expected cost against the threshold; None without costs."""
        return None if self.costs is None else cost_chart(self.registry, self.costs, self._marks())

    def _marks(self) -> dict[str, float]:
        marks = {"in force": self.in_force.link}
        if self.choice.reached and self.choice.thresholds.link != self.in_force.link:
            marks["chosen"] = self.choice.thresholds.link
        return marks

    @property
    def summary(self) -> pl.DataFrame:
        """Two rows, in force and chosen, with precision, recall and review."""
        return pl.DataFrame(_summary(self))

    @property
    def values(self) -> Values:
        """What the job file shall say."""
        chosen = self.choice.thresholds
        return {"link": chosen.link, "review": chosen.review, "margin": chosen.margin,
                "tuned_on": self.people}  # fmt: skip

    def _repr_html_(self) -> str:
        return body(self)


@dataclass(frozen=True, repr=False)
class Tuning(Mapping[str, RegistryTuning]):
    """Tuned thresholds of a job's registries: ``tuning["sim"].chart()``.

    Attributes:
        registries: by name.
        path: the job file; None for a mapping.
        sha256: of the file's content when it was read.
    """

    registries: Mapping[str, RegistryTuning]
    path: Path | None = None
    sha256: str | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Thresholds only."""
        links = (f"{n} {one.choice.thresholds.link:g}" for n, one in self.registries.items())
        return f"<Tuning: {', '.join(links)}>"

    def __getitem__(self, name: str) -> RegistryTuning:
        """One registry's tuning."""
        return self.registries[name]

    def __iter__(self) -> Iterator[str]:
        """Names of the registries."""
        return iter(self.registries)

    def __len__(self) -> int:
        """Number of registries."""
        return len(self.registries)

    @property
    def summary(self) -> pl.DataFrame:
        """Two rows per registry, in force and chosen, with precision, recall and review."""
        return pl.concat([one.summary for one in self.registries.values()])

    @property
    def html(self) -> str:
        """A page that opens offline: curves, choices and what they would change."""
        return page(list(self.registries.values()))

    def _repr_html_(self) -> str:
        return self.summary._repr_html_()

    def write(self) -> bool:
        """Write what was chosen into the job file, in place.

        Registries for which no threshold reaches what was asked are left as they are.

        Returns:
            Whether the file has changed.

        Raises:
            ConfigError: the job has no file, or the file has changed since it was read.
        """
        if self.path is None:
            message = "this job has no file to write thresholds into"
            raise ConfigError(
                message,
                expected="a job that was loaded from a YAML file",
                found="a mapping",
                hint="use tuning[name].values in 'link: thresholds:'",
            )
        chosen = {n: one.values for n, one in self.registries.items() if one.choice.reached}
        return write_thresholds(self.path, chosen, sha256=self.sha256)


def tune(
    config: Path | str | Mapping[str, Any] | Job,
    *,
    registries: Iterable[str] | None = None,
    labels: Path | str | pl.DataFrame | None = None,
    precision: float | None = None,
    costs: Costs | None = None,
    margin: float | None = None,
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
    goal = _Goal(precision or PRECISION, costs, margin)
    tuned: dict[str, RegistryTuning] = {}
    skipped: dict[str, str] = {}
    with Session(job, dict(sources or {}), progress) as session:
        for name in names:
            progress(f"{name}: trying thresholds")
            try:
                trial = (
                    hidden_number_trial(session, name, sample=sample, seed=seed)
                    if given is None
                    else _by_labels(session, name, given)
                )
            except ConfigError as error:
                if registries is not None or len(names) == 1:
                    raise
                skipped[name] = error.message
                continue
            tuned[name] = _tuned(trial, goal, session.population.size, finished)
    if not tuned:
        raise _none(skipped)
    return Tuning(tuned, job.path, content, skipped)


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


def _by_labels(session: Session, name: str, labels: pl.DataFrame) -> Trial:
    """A trial by labels, with the weights of their strata where the labels tell of strata."""
    from dataclasses import replace

    from linkage.labelling.estimate import weights_of

    known = labels.filter(pl.col("is_match").is_not_null())
    trial = labelled_trial(session, name, known.select("record_id", "person_id", "is_match"))
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


def _summary(one: RegistryTuning) -> list[dict[str, object]]:
    names = ("precision", "precision_low", "recall", "recall_low", "review", "wrong_per_10k_high")
    in_force = at(curve(one.trial), one.in_force.link)
    rows: list[dict[str, object]] = []
    for label, limits, row in (
        ("in force", one.in_force, in_force),
        ("chosen" if one.choice.reached else "not reached", one.choice.thresholds, one.choice.row),
    ):
        own = {"registry": one.registry, "thresholds": label, "link": limits.link,
               "review_at": limits.review, "margin": limits.margin,
               "tried": int(one.trial.sampled), "linked": row["linked"]}  # fmt: skip
        rows.append({**own, **{name: row[name] for name in names}})
    return rows
