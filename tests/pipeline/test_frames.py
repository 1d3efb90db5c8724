"""Frames in place of files: the same rows give the same lists, whoever made the frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import linkage
from linkage.result import RunResult
from tests.pipeline.conftest import JOB, SAMPLE

ROWS = 400


def vehicles() -> pl.DataFrame:
    return pl.read_csv(SAMPLE / "vehicles.csv", infer_schema=False).head(ROWS)


def run(frame: object) -> RunResult:
    return linkage.run(JOB, registries=["vehicle"], sources={"vehicle": frame}, write=False)


@pytest.fixture(scope="module")
def expected() -> RunResult:
    return run(vehicles())


def in_duckdb(frame: pl.DataFrame) -> object:
    connection = duckdb.connect()
    connection.register("vehicles", frame.to_arrow())
    connection.execute("CREATE TABLE kept AS FROM vehicles")
    return connection.table("kept")


@pytest.mark.parametrize(
    "convert",
    [
        pytest.param(lambda frame: frame.to_arrow(), id="pyarrow"),
        pytest.param(lambda frame: frame.lazy(), id="lazy"),
        pytest.param(in_duckdb, id="duckdb"),
        pytest.param(
            lambda frame: pytest.importorskip("pandas") and frame.to_pandas(), id="pandas"
        ),
    ],
)
def test_every_kind_of_frame_gives_the_same_lists(
    expected: RunResult, convert: Callable[[pl.DataFrame], object]
) -> None:
    found = run(convert(vehicles()))
    for name, frame in expected["vehicle"].lists.items():
        assert_frame_equal(found["vehicle"].lists[name], frame)


def test_a_frame_gives_the_same_lists_as_its_file(expected: RunResult, tmp_path: Path) -> None:
    """A file of the same rows: a record's probability depends on the rest of its registry."""
    file = tmp_path / "vehicles.csv"
    vehicles().write_csv(file)
    job = JOB.read_text(encoding="utf-8").replace("../", f"{JOB.parents[1]}/")
    named = re.search(r"\S*vehicles\.csv", job)
    assert named
    own = tmp_path / "job.yaml"
    own.write_text(job.replace(named[0], str(file)), encoding="utf-8")
    from_file = linkage.run(own, registries=["vehicle"], write=False)["vehicle"]
    for name, frame in expected["vehicle"].lists.items():
        assert_frame_equal(from_file.lists[name], frame)


def test_order_of_the_rows_does_not_matter(expected: RunResult) -> None:
    shuffled = run(vehicles().sample(fraction=1.0, shuffle=True, seed=3))["vehicle"].records
    assert_frame_equal(
        shuffled.drop("row").sort("record_id"),
        expected["vehicle"].records.drop("row").sort("record_id"),
    )


def test_a_frame_without_rows_gives_empty_lists() -> None:
    result = run(vehicles().clear())
    assert [frame.height for frame in result["vehicle"].lists.values()] == [0] * 6
