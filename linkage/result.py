"""Results: the lists of a finished run as polars frames, in memory or read back from its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from linkage.charts import Chart, bar_chart, stacked_bars
from linkage.config import Job, load_job
from linkage.contracts import LINK_STATUSES, REGISTRY_TABLES, case_table
from linkage.errors import ConfigError, SourceError, did_you_mean
from linkage.explain import Explanation, MadeFrom, explain
from linkage.life.feedback import told_links
from linkage.shelf import Lists, part_of
from linkage.write import MANIFEST


@dataclass(frozen=True, repr=False)
class RegistryResult:
    """The lists of one registry.

    Attributes:
        name: the registry.
        lists: list name to frame, see :mod:`linkage.contracts`. Those of a run that was written lie
            on disk: each access reads one.
        job: the job that made them, where it is at hand; explanations need it.
        frames: frames that the job was given in place of files.
        made_from: what the lists were made from, where they were read back from a folder;
            explanations say what has changed since.
    """

    name: str
    lists: Mapping[str, pl.DataFrame]
    job: Job | None = None
    frames: Mapping[str, object] = field(default_factory=dict)
    made_from: MadeFrom | None = None

    def __repr__(self) -> str:
        """Counts only: a notebook stores what it shows."""
        lists, cases = Lists.of(self.lists), case_table(self.name).name
        rows, flagged = lists.height("records"), lists.living.height(cases)
        return f"<RegistryResult {self.name}: {rows:,} rows, {flagged:,} flagged>"

    def _list(self, name: str) -> pl.DataFrame:
        if name not in self.lists:
            message = f"registry '{self.name}' has no list '{name}'"
            raise ConfigError(
                message, expected=f"one of {', '.join(self.lists)}", found=name, hint=None
            )
        return self.lists[name]

    @property
    def records(self) -> pl.DataFrame:
        """One disposition per row of the source."""
        return self._list("records")

    @property
    def cases(self) -> pl.DataFrame:
        """Flagged records: ``junk_sims`` for SIMs, ``flags`` for other registries."""
        return self._list(case_table(self.name).name)

    @property
    def junk_sims(self) -> pl.DataFrame:
        """Flagged SIMs."""
        return self._list("junk_sims")

    @property
    def flags(self) -> pl.DataFrame:
        """Flagged records of a registry other than SIMs."""
        return self._list("flags")

    @property
    def duplicates(self) -> pl.DataFrame:
        """Groups of records that should be one."""
        return self._list("duplicates")

    @property
    def corrections(self) -> pl.DataFrame:
        """Proposed values, by record and field."""
        return self._list("corrections")

    @property
    def review(self) -> pl.DataFrame:
        """Records in doubt with their candidates."""
        return self._list("review")

    @property
    def rejects(self) -> pl.DataFrame:
        """Rows that could not be read."""
        return self._list("rejects")

    @property
    def living(self) -> RegistryResult:
        """The same lists without the cases that are resolved or dismissed."""
        return replace(self, lists=Lists.of(self.lists).living)

    def part(self, name: str, *columns: str) -> pl.DataFrame:
        """Some columns of a list; where it lies on disk, no others are read."""
        return part_of(self.lists, name, *columns)

    def chart(self) -> Chart:
        """Flagged records by rule, as a chart that shows itself."""
        cases = self.living.part(case_table(self.name).name, "reasons")
        rules = cases["reasons"].explode().drop_nulls().value_counts(sort=True)
        title = f"{self.name}: flagged records by rule"
        return bar_chart(rules, "reasons", "count", title=title)

    def explain(self, record_id: object) -> Explanation:
        """Why a record is linked, or not, and who came second, field by field.

        Args:
            record_id: as in ``records``; compared as text.

        Raises:
            ConfigError: no such record, or the run's job is not at hand.
        """
        found = self.records.filter(pl.col("record_id") == str(record_id))
        if found.height == 0:
            message = f"registry '{self.name}' has no record of this id"
            raise ConfigError(
                message,
                expected="a record_id as the records list has it",
                found=f"none of {self.records.height} records",
                hint="look it up in records.parquet; keys are text, leading zeros count",
            )
        row = found.to_dicts()[0]
        told = None if self.job is None else told_links(self.job)
        return explain(self.job, self.name, row, self.frames, self.made_from, told)


@dataclass(frozen=True, repr=False)
class RunResult(Mapping[str, RegistryResult]):
    """A finished run: ``result["sim"].junk_sims``.

    Attributes:
        registries: the lists by registry.
        population_issues: what is wrong in the register itself.
        manifest: sources, versions, counts, seconds.
        path: the output folder, or None where nothing was written.
    """

    registries: Mapping[str, RegistryResult]
    population_issues: pl.DataFrame
    manifest: Mapping[str, Any]
    path: Path | None = None

    def __repr__(self) -> str:
        """Counts only: a notebook stores what it shows."""
        heights = {name: Lists.of(one.lists).height("records") for name, one in self.items()}
        counts = [f"{name} {rows:,} rows" for name, rows in heights.items()]
        return f"<RunResult {self.manifest.get('job', 'unnamed')}: {', '.join(counts)}>"

    def __getitem__(self, name: str) -> RegistryResult:
        """The lists of one registry."""
        if name not in self.registries:
            message = f"the run has no registry '{name}'"
            raise ConfigError(
                message,
                expected=f"one of {', '.join(self.registries)}",
                found=name,
                hint=did_you_mean(name, self.registries),
            )
        return self.registries[name]

    def __iter__(self) -> Iterator[str]:
        """Names of the registries."""
        return iter(self.registries)

    def __len__(self) -> int:
        """Number of registries."""
        return len(self.registries)

    def link_threshold(self, registry: str) -> float | None:
        """The least probability of a link that was in force; None where the manifest does not say."""
        steps = (step for step in self.manifest.get("steps", []) if step["registry"] == registry)
        return next((one["link_threshold"] for one in steps if "link_threshold" in one), None)

    @property
    def summary(self) -> pl.DataFrame:
        """One row per registry: rows by disposition, cases, duplicates and corrections."""
        return pl.DataFrame([_summary(result) for result in self.registries.values()])

    @property
    def living(self) -> RunResult:
        """The same run without the cases that are resolved or dismissed."""
        return replace(self, registries={name: one.living for name, one in self.items()})

    def chart(self) -> Chart:
        """Dispositions by registry, as a chart that shows itself."""
        return stacked_bars(
            self.summary, "registry", LINK_STATUSES, title="What became of every row"
        )

    def _repr_html_(self) -> str:
        """The summary, so that a notebook cell shows it."""
        return self.summary._repr_html_()


def _summary(result: RegistryResult) -> dict[str, object]:
    statuses = result.part("records", "link_status")["link_status"].value_counts()
    alive = Lists.of(result.lists).living
    counts = dict(zip(statuses["link_status"], statuses["count"], strict=True))
    return {
        "registry": result.name,
        "rows": statuses["count"].sum(),
        **{status: counts.get(status, 0) for status in LINK_STATUSES},
        "flagged": alive.height(case_table(result.name).name),
        "duplicates": alive.height("duplicates"),
        "corrections": alive.height("corrections"),
    }


def registry_of(result: RunResult, record: str) -> str:
    """The one registry that holds a record.

    Raises:
        ConfigError: none does, or several do.
    """
    holders = [
        name
        for name, one in result.items()
        if one.part("records", "record_id").filter(pl.col("record_id") == record).height
    ]
    if len(holders) == 1:
        return holders[0]
    message = "several registries hold such a record" if holders else "no registry holds the record"
    raise ConfigError(
        message,
        expected="a record_id that stands in one registry",
        found=", ".join(holders) or f"none in {', '.join(result)}",
        hint=f"--registry {holders[0]}"
        if holders
        else "look it up in records.parquet; keys are text, leading zeros count",
    )


def open_run(path: Path | str) -> RunResult:
    """Read a finished run back from its output folder.

    Args:
        path: the folder that ``linkage run`` wrote.

    Raises:
        SourceError: there is no finished run, or one of its lists is missing.
    """
    folder = Path(path)
    manifest = _manifest(folder)
    job, is_same = _job(manifest)
    registries = {
        name: RegistryResult(
            name,
            {
                table.name: _read_list(folder / name / table.name)
                for table in (*REGISTRY_TABLES, case_table(name))
            },
            job=job if job and name in job.registries else None,
            made_from=_made_from(manifest, name, is_same),
        )
        for name in manifest["registries"]
    }
    issues = _read_list(folder / "population_issues")
    return RunResult(registries, issues, manifest, folder)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{folder} holds no finished run"
        raise SourceError(
            message,
            expected=f"a folder with {MANIFEST}, as linkage run writes it",
            found="no such folder" if not folder.exists() else f"no readable {MANIFEST}",
            hint="name the folder given with --out or 'output: path:' in the job",
        ) from error
    return content


def _job(manifest: Mapping[str, Any]) -> tuple[Job | None, bool]:
    """The job of a run where its file still is, and whether it says what it said then."""
    path = manifest["config"].get("path")
    if path is None or not Path(path).is_file():
        return None, True
    try:
        job = load_job(path)
    except ConfigError:  # the lists can be read all the same
        return None, False
    return job, job.config_hash == manifest["config"]["sha256"]


def _made_from(manifest: Mapping[str, Any], name: str, is_same: bool) -> MadeFrom:
    entry = manifest["registries"][name]
    return MadeFrom(
        job=is_same,
        source=entry.get("source", {}).get("content_hash"),
        population=manifest.get("population", {}).get("content_hash"),
        model=entry.get("model", {}).get("sha256"),
        shares=entry.get("linking", {}).get("share_in_register", {}),
        m=entry.get("model", {}).get("m", {}),
        number_m=entry.get("model", {}).get("m_of_number_by_group", {}),
        holder_bits=entry.get("model", {}).get("bits_of_holders", {}),
    )


def _read_list(stem: Path) -> pl.DataFrame:
    path = stem.with_name(f"{stem.name}.parquet")
    if not path.is_file():
        message = f"the list {path.name} is missing in {path.parent}"
        raise SourceError(
            message,
            expected="every list of the run as Parquet",
            found="no such file",
            hint="run the job again with 'parquet' among its formats",
        )
    return pl.read_parquet(path)
