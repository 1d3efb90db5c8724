"""What tuning yields: per registry a trial, its curves, the choice, and what it would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from linkage.charts import Chart
from linkage.config.models import Thresholds
from linkage.errors import ConfigError
from linkage.quality.trial import Trial
from linkage.tuning.change import Changes
from linkage.tuning.choose import Choice
from linkage.tuning.curve import at, curve
from linkage.tuning.shown import body, cost_chart, curve_chart, page
from linkage.tuning.write import Values, write_thresholds


@dataclass(frozen=True, repr=False)
class RegistryTuning:
    """One registry: its curve, the thresholds chosen, and what they would change.

    Attributes:
        registry: which one.
        trial: decided records whose people are known.
        curve: as :func:`linkage.tuning.curve.curve` draws it.
        costs: as :func:`linkage.tuning.choose.cost_curve` draws it; None without costs.
        choice: thresholds and why.
        actions: by action, the choice of the least probability on which it may be taken.
        people: people in the register.
        changes: what a finished run's lists would lose and gain; None without a run.
        notes: what to know before using it.
    """

    registry: str
    trial: Trial
    curve: pl.DataFrame
    choice: Choice
    people: int
    actions: Mapping[str, Choice] = field(default_factory=dict)
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
        """What the job file shall say; nothing of what is not reached."""
        values: dict[str, float | int | Mapping[str, float]] = {}
        if self.choice.reached:
            chosen = self.choice.thresholds
            values |= {"link": chosen.link, "review": chosen.review, "margin": chosen.margin,
                       "tuned_on": self.people}  # fmt: skip
        surer = {name: one.thresholds.link for name, one in self.actions.items() if one.reached}
        if surer:
            values["actions"] = {**getattr(self.trial.thresholds, "actions", {}), **surer}
        return values

    @property
    def missed(self) -> tuple[str, ...]:
        """What was asked for and is not reached: ``link``, or an action."""
        asked = {"link": self.choice, **self.actions}
        return tuple(name for name, one in asked.items() if not one.reached)

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
        chosen = {name: one.values for name, one in self.registries.items() if one.values}
        return write_thresholds(self.path, chosen, sha256=self.sha256)


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
