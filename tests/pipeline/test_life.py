"""Rerunning a job: the same data changes nothing, changed records change exactly their cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import linkage
from linkage.contracts import case_table
from linkage.life.shown import told
from linkage.result import RunResult
from sample_data.generate import generate
from tests.pipeline.conftest import JOB

pytestmark = [pytest.mark.slow, pytest.mark.long]

REGISTRIES = ("health_insurance", "sim")
Sources = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Runs:
    """Runs of one job: twice on the same data, then into a new folder and into the old one."""

    first: RunResult
    again: RunResult
    changed: frozenset[str]
    afresh: RunResult
    after: RunResult


def sources(folder: Path) -> dict[str, pl.DataFrame]:
    return {
        "population": pl.read_parquet(folder / "population.parquet"),
        "health_insurance": pl.read_parquet(folder / "health_insurance.parquet"),
        "sim": pl.read_csv(folder / "sims.csv", separator=";", infer_schema=False),
    }


def one_in_a_hundred(sims: pl.DataFrame) -> tuple[pl.DataFrame, frozenset[str]]:
    """Half of them have another holder now, half are gone."""
    number = pl.int_range(pl.len())
    renamed, gone = number % 200 == 7, number % 200 == 107
    ids = frozenset(sims.filter(renamed | gone)["ma"])
    name = pl.when(renamed).then(pl.lit("Đoàn Thế Đổi")).otherwise("ho_ten")
    return sims.with_columns(ho_ten=name).filter(~gone), ids


def run(data: Sources, out: Path) -> RunResult:
    return linkage.run(JOB, sources=data, registries=REGISTRIES, out=out)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("life")
    generate(folder / "data", 2_000, 11)
    data = sources(folder / "data")
    sims, changed = one_in_a_hundred(data["sim"])
    after = {**data, "sim": sims}
    return Runs(
        run(data, folder / "out"),
        run(data, folder / "out"),
        changed,
        run(after, folder / "afresh"),
        run(after, folder / "out"),
    )


def lists(result: RunResult) -> dict[tuple[str, str], pl.DataFrame]:
    """The lists that have a status."""
    return {
        (name, table): one.lists[table]
        for name, one in result.items()
        for table in (case_table(name).name, "duplicates", "corrections")
    }


def ids(cases: pl.DataFrame, *statuses: str) -> set[str]:
    return set((cases.filter(pl.col("status").is_in(statuses)) if statuses else cases)["case_id"])


def test_the_same_data_again_are_the_same_cases_and_no_change(runs: Runs) -> None:
    assert told(runs.again.manifest) == [
        f"since the run of {runs.first.manifest['started']}: no change"
    ]
    first, again = lists(runs.first), lists(runs.again)
    assert sum(frame.height for frame in first.values()) > 100
    for place, frame in first.items():
        assert set(frame["status"]) <= {"new"}
        assert set(again[place]["status"]) <= {"open"}
        assert_frame_equal(again[place].drop("status"), frame.drop("status"))


def test_after_a_change_the_statuses_are_exactly_the_differences(runs: Runs) -> None:
    before, now, after = lists(runs.first), lists(runs.afresh), lists(runs.after)
    seen = 0
    for place, frame in after.items():
        was, is_ = ids(before[place]), ids(now[place])
        assert ids(frame, "new") == is_ - was
        assert ids(frame, "open") == is_ & was
        assert ids(frame, "resolved") == was - is_
        assert ids(frame) == is_ | was
        seen += len(is_ ^ was)
    assert seen > 5


def test_only_cases_that_hang_on_a_changed_record_differ(runs: Runs) -> None:
    """A record's own, or one of a person who holds a changed record."""
    people = {
        person
        for result in (runs.first, runs.afresh)
        for person in result["sim"].records.filter(pl.col("record_id").is_in(runs.changed))[
            "person_id"
        ]
        if person
    }
    for frame in lists(runs.after).values():
        differing = frame.filter(pl.col("status").is_in(["new", "resolved"]))
        touched = pl.col("record_id").is_in(runs.changed) | pl.col("person_id").is_in(people)
        assert differing.filter(~touched.fill_null(value=False)).height == 0


def test_the_manifest_tells_how_many_and_against_which_run(runs: Runs) -> None:
    manifest = runs.after.manifest
    assert manifest["previous"]["started"] == runs.again.manifest["started"]
    assert len(manifest["previous"]["sha256"]) == 64
    for (name, table), frame in lists(runs.after).items():
        counts = manifest["life"][name][table]
        for status in ("new", "open", "resolved", "reopened"):
            assert counts[status] == len(ids(frame, status))


def test_resolved_cases_are_left_out_of_counts(runs: Runs) -> None:
    assert ids(runs.after["sim"].cases, "resolved")
    flagged = dict(runs.after.summary.select("registry", "flagged").rows())
    assert flagged["sim"] == len(ids(runs.after["sim"].cases, "new", "open"))
