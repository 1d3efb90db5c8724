"""The quality of a job's links, registry by registry: without labels, or with the truth in hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from linkage.config import Job, load_job
from linkage.deciding import decide_and_learn
from linkage.errors import ConfigError
from linkage.life.feedback import told_links
from linkage.link import LinkTables
from linkage.pipeline import linking_order
from linkage.progress import Progress, quiet
from linkage.quality.blocking import blocking_recall, rule_contributions
from linkage.quality.calibration import Calibration, calibration
from linkage.quality.estimate import registry_estimate
from linkage.quality.strata import bias_table, overall
from linkage.quality.trial import Trial, hidden_number_trial, labelled_trial
from linkage.session import Session, check_sources, registries_of
from linkage.truth import read_truth


@dataclass(frozen=True, repr=False)
class RegistryQuality:
    """What one registry's links are worth.

    Attributes:
        trial: decisions beside the truth, record by record.
        overall: precision, recall and review of the trial's records
            (:func:`linkage.quality.strata.overall`).
        estimate: the same for the whole registry
            (:func:`linkage.quality.estimate.registry_estimate`).
        bias: by stratum (:func:`linkage.quality.strata.bias_table`).
        blocking: what no rule proposes (:func:`linkage.quality.blocking.blocking_recall`).
        rules: what each rule finds (:func:`linkage.quality.blocking.rule_contributions`).
        calibration: probabilities against the truth.
    """

    trial: Trial
    overall: pl.DataFrame
    estimate: pl.DataFrame
    bias: pl.DataFrame
    blocking: pl.DataFrame
    rules: pl.DataFrame
    calibration: Calibration

    def __repr__(self) -> str:
        """Counts only."""
        return f"<RegistryQuality of {self.trial!r}>"

    def _repr_html_(self) -> str:
        """All tables and the reliability diagram."""
        tables = {
            EXPLAINED["estimate"]: self.estimate,
            EXPLAINED["overall"]: self.overall,
            EXPLAINED["bias"]: self.bias,
            EXPLAINED["blocking"]: self.blocking,
            EXPLAINED["rules"]: self.rules,
        }
        head = f"<h3>{escape(self.trial.registry)}: {escape(self.trial.source)}</h3>"
        body = "".join(
            f"<p>{escape(text)}</p>{frame.with_columns(pl.col(pl.Float64).round(5))._repr_html_()}"
            for text, frame in tables.items()
        )
        return f"{head}{body}<p>{EXPLAINED['calibration']}</p>{self.calibration._repr_html_()}"


EXPLAINED: Mapping[str, str] = {
    "estimate": "The whole registry: records that their own number tells count as right, the rest as"
    " the tried records.",
    "overall": "The tried records alone: with hidden numbers, records as if they had none.",
    "bias": "By stratum, of the person who holds the record. small: fewer than 100 true links;"
    " worse: than all other records together (5 % risk over the whole table).",
    "blocking": "True pairs that no blocking rule proposes.",
    "rules": "True pairs by the rules that propose them; alone: by no other rule.",
    "calibration": "Expected calibration error of the best candidates; chance: what perfectly"
    " calibrated probabilities would show on the same records; chance_most: 95 times in 100 no more"
    " than this. An error above chance_most is a fault of the probabilities, one below need not be.",
}
"""Part of a report to a line that says what it shows."""


@dataclass(frozen=True, repr=False)
class QualityReport(Mapping[str, RegistryQuality]):
    """Registry to what its links are worth.

    Attributes:
        registries: by name.
        skipped: registries that nothing is known about, and why.
    """

    registries: Mapping[str, RegistryQuality]
    skipped: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> RegistryQuality:
        """One registry."""
        return self.registries[name]

    def __iter__(self) -> Iterator[str]:
        """Names, in the job's order."""
        return iter(self.registries)

    def __len__(self) -> int:
        """How many registries were tried."""
        return len(self.registries)

    @property
    def summary(self) -> pl.DataFrame:
        """``registry`` and one row of :attr:`RegistryQuality.estimate` per measure."""
        frames = [
            quality.estimate.select(pl.lit(name).alias("registry"), pl.all())
            for name, quality in self.registries.items()
        ]
        return pl.concat(frames) if frames else pl.DataFrame()

    def __repr__(self) -> str:
        """Counts only."""
        return f"<QualityReport: {', '.join(repr(q.trial) for q in self.registries.values())}>"

    def _repr_html_(self) -> str:
        """One part per registry."""
        parts = "".join(quality._repr_html_() for quality in self.registries.values())
        notes = "".join(f"<p>{escape(n)}: {escape(why)}</p>" for n, why in self.skipped.items())
        return parts + notes


def quality_report(
    config: Path | str | Mapping[str, Any] | Job,
    *,
    registries: Iterable[str] | None = None,
    sources: Mapping[str, object] | None = None,
    sample: int | None = 20_000,
    seed: int = 1,
    truth: Path | str | None = None,
    progress: Progress = quiet,
) -> QualityReport:
    """Measure what a job's links are worth, without labels or with the truth in hand.

    Registries are tried in the order in which a run links them, each with what the ones before it
    tell of people, and none with what its own records tell.

    Args:
        config: a job file, the same as a mapping, or a job already loaded.
        registries: which registries; all by default.
        sources: frames to read in place of files.
        sample: most records to try per registry with hidden numbers; None for all.
        seed: which records are drawn.
        truth: folder with ``<registry>.parquet`` or ``.csv`` (``record_id, person_id``): all
            records are tried against it, numbers and all, in place of hidden numbers.
        progress: called with a label as each registry begins.

    Returns:
        A report that a notebook shows; registries whose numbers tell nothing are left out and
        named.

    Raises:
        ConfigError: the job does not hang together, or the one registry asked for has no number.
        SourceError: a source or the truth cannot be read.
    """
    job = config if isinstance(config, Job) else load_job(config)
    check_sources(job, sources or {})
    names = registries_of(job, registries)
    found: dict[str, RegistryQuality] = {}
    skipped: dict[str, str] = {}
    with Session(job, dict(sources or {}), progress, told=told_links(job)) as session:
        order = linking_order(session, names)
        for name in order:
            progress(f"{name}: trying its links")
            cleaned = session.clean(name, session.read(name).rows)
            try:
                trial = _trial(session, name, cleaned, sample, seed, truth)
            except ConfigError as error:
                if len(names) == 1:
                    raise
                skipped[name] = str(error).splitlines()[0]
            else:
                found[name] = quality_of(trial, job.registries[name].link.block)
            if name != order[-1]:
                learn_from(session, name, cleaned)
    return QualityReport({name: found[name] for name in names if name in found}, skipped)


def quality_of(trial: Trial, rules: Iterable[Iterable[str]]) -> RegistryQuality:
    """All tables of one trial that was made with ``rules=True``."""
    return RegistryQuality(
        trial=trial,
        overall=overall(trial),
        estimate=registry_estimate(trial),
        bias=bias_table(trial),
        blocking=blocking_recall(trial),
        rules=rule_contributions(trial, [tuple(rule) for rule in rules]),
        calibration=calibration(trial),
    )


def _trial(
    session: Session,
    name: str,
    cleaned: pl.DataFrame,
    sample: int | None,
    seed: int,
    truth: Path | str | None,
) -> Trial:
    if truth is None:
        return hidden_number_trial(
            session, name, sample=sample, seed=seed, cleaned=cleaned, rules=True
        )
    known = read_truth(Path(truth), name).select("record_id", "person_id")
    labels = known.with_columns(is_match=pl.lit(value=True))
    return labelled_trial(session, name, labels, cleaned=cleaned, rules=True)


def learn_from(session: Session, name: str, cleaned: pl.DataFrame) -> None:
    """Link a registry as a run does, for what its sure links tell the registries after it.

    A trial of a registry belongs before this: afterwards its own records would bear themselves out.
    """
    tables, pairing = LinkTables(name), session.pairing(session.job.registries[name])
    model = session.model(name, pairing)
    session.link(name, cleaned, tables, pairing, model)
    decide_and_learn(session, name, tables, pairing, model)
    session.engine.drop(*tables.all)
