"""The manifest: what ran, how long, and how sure."""

from __future__ import annotations

import datetime as dt
import json
import math
import resource
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import RunResult
from linkage.contracts import SCHEMA_VERSION
from linkage.manifest import Journal, expected_wrong, peak_memory_mb, versions
from tests.linkage.tables import PEOPLE, run_literal

LAN = PEOPLE[0]


def test_a_step_is_timed_and_keeps_what_it_is_told() -> None:
    journal = Journal()
    with journal.step("sim", "read") as entry:
        entry["rows_in"] = 3
    (step,) = journal.steps
    assert (step["registry"], step["step"], step["rows_in"]) == ("sim", "read", 3)
    assert step["seconds"] >= 0
    assert step["peak_memory_mb"] > 0


def test_memory_is_counted_as_memory_limit_counts_it() -> None:
    known = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    in_bytes = known * (1 if sys.platform == "darwin" else 1024)
    assert peak_memory_mb() == pytest.approx(in_bytes / 1e6, rel=0.01)


def test_steps_stand_in_the_order_in_which_they_ran() -> None:
    journal = Journal()
    for name in ("read", "clean"):
        with journal.step("sim", name):
            pass
    assert [step["step"] for step in journal.steps] == ["read", "clean"]


def test_a_step_that_fails_is_not_noted_as_done() -> None:
    journal = Journal()
    with pytest.raises(ZeroDivisionError), journal.step("sim", "read"):
        _ = 1 / 0
    assert journal.steps == []


def test_times_are_in_utc() -> None:
    journal = Journal()
    assert journal.started.tzinfo is dt.UTC
    assert journal.started <= journal.finished()


def test_versions_name_what_shapes_a_result() -> None:
    assert {"python", "splink", "duckdb", "polars", "pyarrow"} <= set(versions())


def test_expected_wrong_is_the_mean_of_the_doubts() -> None:
    found = expected_wrong(pl.Series([1.0, 0.9, 0.95, 0.95]))
    assert found["entries"] == 4
    assert found["per_10k"] == pytest.approx(10_000 * 0.2 / 4)


def test_certainties_are_expected_right() -> None:
    assert expected_wrong(pl.Series([1.0, 1.0])) == {
        "entries": 2,
        "per_10k": 0.0,
        "low": 0.0,
        "high": 0.0,
    }


def test_nothing_is_expected_of_no_entries() -> None:
    nothing = {"entries": 0, "per_10k": None, "low": None, "high": None}
    assert expected_wrong(pl.Series([], dtype=pl.Float64)) == nothing
    assert expected_wrong(pl.Series([None], dtype=pl.Float64)) == nothing


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_interval_holds_the_mean_and_stays_within_bounds(chances: list[float]) -> None:
    found = expected_wrong(pl.Series(chances))
    low, mean, high = (found[name] for name in ("low", "per_10k", "high"))
    assert low is not None
    assert mean is not None
    assert high is not None
    slack = 0.001
    assert -slack <= low <= mean + slack
    assert mean <= high + slack <= 10_000 + 2 * slack


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=30))
def test_more_entries_of_the_same_kind_narrow_the_interval(chances: list[float]) -> None:
    def width(of: list[float]) -> float:
        found = expected_wrong(pl.Series(of))
        assert found["high"] is not None
        assert found["low"] is not None
        return found["high"] - found["low"]

    assert width(chances * 16) <= width(chances) + 0.01
    assert not math.isnan(width(chances))


# --- the manifest of a run ------------------------------------------------------------------------

RECORDS = [
    {
        "record_id": "a",
        "full_name": LAN["full_name"],
        "birth_date": LAN["birth_date"],
        "personal_id": LAN["person_id"],
    },
    {"record_id": "a", "full_name": "Again"},
    {"record_id": "b", "full_name": "Công ty TNHH Hoa Sen"},
]
CHANGES = {"link": {"block": []}}


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_literal({"sim": RECORDS}, sim=CHANGES)


def test_the_manifest_is_json_and_says_its_version(result: RunResult) -> None:
    told = json.loads(json.dumps(result.manifest))
    assert told["schema_version"] == SCHEMA_VERSION
    assert (told["job"], told["purpose"]) == ("literal", "a test")
    assert told["started"] <= told["finished"]


def test_every_step_of_population_and_registry_is_noted(result: RunResult) -> None:
    steps = [(step["registry"], step["step"]) for step in result.manifest["steps"]]
    assert steps == [
        ("population", "read"),
        ("population", "clean"),
        *(("sim", name) for name in ("read", "clean", "link", "measure", "decide", "flag")),
    ]


def test_dispositions_and_lists_are_counted(result: RunResult) -> None:
    told = result.manifest["registries"]["sim"]
    assert told["dispositions"] == {"linked": 1, "rejected": 1, "not_applicable": 1}
    assert told["lists"]["records"] == 3
    assert told["lists"]["rejects"] == 1
    assert told["linking"]["subjects"] == 1
    assert told["linking"]["settled_exactly"] == 1


def test_sources_and_model_are_known_by_their_content(result: RunResult) -> None:
    told = result.manifest["registries"]["sim"]
    assert told["source"]["rows"] == 3
    assert len(told["source"]["content_hash"]) == len(told["model"]["sha256"]) == 64
    assert told["model"]["file"] == "sim.json"
    assert result.manifest["population"]["people"] == len(PEOPLE)


def test_the_health_of_every_column_is_told(result: RunResult) -> None:
    columns = result.manifest["registries"]["sim"]["columns"]
    assert columns["full_name"]["filled"] == 2
    assert columns["birth_date"] == {"filled": 1, "unreadable": 0, "issues": {}}


def test_no_personal_value_stands_in_the_manifest(result: RunResult) -> None:
    told = json.dumps(result.manifest, ensure_ascii=False)
    for row in (*PEOPLE, *RECORDS):
        for name in ("person_id", "personal_id", "full_name", "address"):
            assert not row.get(name) or str(row[name]) not in told
