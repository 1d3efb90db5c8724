"""The records list: one row per row of the source, rejects in their place."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl
import pytest

from linkage import RunResult
from linkage.contracts import RECORDS
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ContractError
from linkage.link import LinkTables
from linkage.population import PEOPLE
from linkage.records import records_list
from tests.linkage.tables import PEOPLE as PERSONS
from tests.linkage.tables import rows_by, run_literal

LAN = PERSONS[0]
OWN = {
    "full_name": LAN["full_name"],
    "birth_date": LAN["birth_date"],
    "personal_id": LAN["person_id"],
}


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_literal(
        {
            "sim": [
                {"record_id": "a", **OWN},
                {"record_id": "a", **OWN},
                {"record_id": "b", "full_name": "Nul\0Byte"},
                {"record_id": None, **OWN},
                {"record_id": "c", "full_name": "Công ty TNHH Hoa Sen"},
                {"record_id": "a", "full_name": "Another"},
            ]
        },
        sim={"link": {"block": []}},
    )


def test_there_is_one_row_per_row_of_the_source_in_its_order(result: RunResult) -> None:
    records = result["sim"].records
    assert records["row"].to_list() == [1, 2, 3, 4, 5, 6]
    assert records["record_id"].to_list() == ["a", "a#2", "b", "row:4", "c", "a#3"]


def test_rejected_rows_come_back_in_place(result: RunResult) -> None:
    assert result["sim"].records["link_status"].to_list() == [
        "linked",
        "rejected",
        "rejected",
        "linked",
        "not_applicable",
        "rejected",
    ]


def test_a_rejected_row_says_why_and_nothing_else(result: RunResult) -> None:
    row = rows_by(result["sim"].records)["a#2"]
    assert row["reasons"] == ["DUPLICATE_KEY"]
    assert (row["subject_type"], row["outcome"], row["decided_by"]) == (
        "unknown",
        "NOT_CHECKED",
        "none",
    )
    assert (row["person_id"], row["match_weight"], row["diff_fields"]) == (None, None, [])


def test_rejects_hold_the_rows_as_they_stood(result: RunResult) -> None:
    rejects = rows_by(result["sim"].rejects)
    assert list(rejects) == ["a#2", "b", "a#3"]
    assert json.loads(rejects["a#3"]["raw"])["full_name"] == "Another"
    assert rejects["b"]["reasons"] == ["UNREADABLE", "NUL_BYTE"]


def test_each_row_after_a_reject_keeps_its_own_person(result: RunResult) -> None:
    records = rows_by(result["sim"].records)
    people = {name: row["person_id"] for name, row in records.items() if row["person_id"]}
    assert people == {"a": LAN["person_id"], "row:4": LAN["person_id"]}


def test_rows_in_and_out_of_every_step_add_up(result: RunResult) -> None:
    for step in result.manifest["steps"]:
        assert step["rows_in"] >= step["rows_out"]
        if step["step"] == "read":
            assert step["rows_in"] == step["rows_out"] + step["rows_set_aside"]
    read = next(
        s for s in result.manifest["steps"] if (s["registry"], s["step"]) == ("sim", "read")
    )
    assert (read["rows_in"], read["rows_out"], read["rows_set_aside"]) == (6, 3, 3)


def test_an_empty_source_gives_empty_lists() -> None:
    lists = run_literal({"sim": []})["sim"].lists
    assert {name: table.height for name, table in lists.items()} == dict.fromkeys(lists, 0)


# --- the join itself ------------------------------------------------------------------------------

NO_REJECTS = pl.DataFrame(
    schema={
        "record_id": pl.String,
        "row": pl.Int64,
        "reasons": pl.List(pl.String),
        "raw": pl.String,
    }
)
TABLES = LinkTables("sim")


def decisions(*people: int | None) -> pl.DataFrame:
    """Decisions of records 0, 1, …; a null person is nobody."""
    blank = {"outcome": "NOT_CHECKED", "diff_fields": [], "decided_by": "model", "reasons": []}
    schema = {
        "idx": pl.Int64,
        "person": pl.Int64,
        "runner_up": pl.Int64,
        **{
            name: dtype
            for name, dtype in RECORDS.schema.items()
            if name not in {"record_id", "row", "subject_type", "person_id", "runner_up_id"}
        },
    }
    rows = [
        {
            "idx": idx,
            "person": person,
            "link_status": "unlinked" if person is None else "linked",
            **blank,
        }
        for idx, person in enumerate(people)
    ]
    return pl.DataFrame(rows, schema=schema)


def listed(records: Sequence[int], facts: Sequence[int], decided: pl.DataFrame) -> pl.DataFrame:
    """The list of records and facts that stand in the engine in that order."""
    cleaned = {
        "idx": records,
        "row": [n + 1 for n in records],
        "record_id": [f"r{n}" for n in records],
    }
    with DuckDBEngine(threads=1) as engine:
        engine.put(TABLES.cleaned, pl.DataFrame(cleaned))
        engine.put(
            TABLES.facts, pl.DataFrame({"idx": facts, "subject_type": ["person"] * len(facts)})
        )
        engine.put(TABLES.decisions, decided)
        engine.put(PEOPLE, pl.DataFrame({"idx": [2, 0, 1], "person_id": ["p2", "p0", "p1"]}))
        return records_list(engine, TABLES, NO_REJECTS)


def test_people_belong_to_their_record_whatever_the_order_of_the_tables() -> None:
    found = listed([2, 0, 1], [1, 0, 2], decisions(2, None, 0))
    assert found.select("record_id", "person_id").rows() == [
        ("r0", "p2"),
        ("r1", None),
        ("r2", "p0"),
    ]


def test_a_record_without_a_decision_breaks_the_contract() -> None:
    with pytest.raises(ContractError, match="records"):
        listed([0, 1], [0, 1], decisions(0))
