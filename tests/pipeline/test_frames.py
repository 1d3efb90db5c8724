"""Frames in place of files: the same rows give the same lists, whoever made the frame."""

from __future__ import annotations

from collections.abc import Callable

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


def test_a_frame_gives_the_same_decisions_as_its_file(
    expected: RunResult, sample_run: RunResult
) -> None:
    columns = ["record_id", "link_status", "person_id", "outcome"]
    from_file = sample_run["vehicle"].records.head(ROWS).select(columns)
    assert_frame_equal(expected["vehicle"].records.select(columns), from_file)


def test_order_of_the_rows_does_not_matter(expected: RunResult) -> None:
    shuffled = run(vehicles().sample(fraction=1.0, shuffle=True, seed=3))["vehicle"].records
    assert_frame_equal(
        shuffled.drop("row").sort("record_id"),
        expected["vehicle"].records.drop("row").sort("record_id"),
    )


def test_a_frame_without_rows_gives_empty_lists() -> None:
    result = run(vehicles().clear())
    assert [frame.height for frame in result["vehicle"].lists.values()] == [0] * 6
