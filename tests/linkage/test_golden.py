"""Golden records: what the kept record of a group should say."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from linkage import RunResult, golden_records
from linkage.config import load_job
from linkage.duplicates.golden import propose
from linkage.errors import ConfigError
from linkage.result import RegistryResult
from tests.linkage.tables import PEOPLE, Row, mapping, run_literal

LAN, BAO, *_ = PEOPLE
BY_NUMBER: dict[str, Any] = {"link": {"exact": [["personal_id"]], "block": []}}

LICENCES: tuple[Row, ...] = (
    {
        "record_id": "old",
        "full_name": "Nguyễn Thị Lan",
        "birth_date": "12/03/1990",
        "personal_id": LAN["person_id"],
        "address": LAN["address"],
        "licence_number": "010101234567",
        "licence_class": "A1",
        "issued_on": "2010-01-01",
    },
    {
        "record_id": "new",
        "full_name": "NGUYEN THI LAN",
        "birth_date": "01/01/1990",
        "personal_id": LAN["person_id"],
        "licence_number": "010201234567",
        "issued_on": "2020-01-01",
    },
    # Two of three agree against the record kept.
    *(
        {
            "record_id": f"b{year}",
            "full_name": name,
            "personal_id": BAO["person_id"],
            "licence_number": f"790{year}1234567",
            "issued_on": f"20{year}-01-01",
        }
        for year, name in (
            (10, "Trần Quốc Bảo"), (15, "Trần Quốc Bảo"), (20, "Trần Quốc Báo"),
        )
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_literal({"driver_licence": LICENCES}, driver_licence=BY_NUMBER)


@pytest.fixture(scope="module")
def golden(result: RunResult) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Key of the kept record and field, to value, source and why."""
    kept = result["driver_licence"].duplicates.filter("keep").select("group_id", kept="record_id")
    found = golden_records(result, "driver_licence").join(kept, on="group_id")
    rows = found.select("kept", "field", "proposed", "record_id", "why").rows()
    return {(kept, field): (value, source, why) for kept, field, value, source, why in rows}


def test_a_name_with_tone_marks_says_more(golden: dict[tuple[str, str], Any]) -> None:
    assert golden["new", "full_name"] == ("Nguyễn Thị Lan", "old", "says_most")


def test_a_day_says_more_than_a_first_of_january(golden: dict[tuple[str, str], Any]) -> None:
    assert golden["new", "birth_date"] == ("1990-03-12", "old", "says_most")


def test_the_number_and_day_are_those_of_the_record_kept(
    golden: dict[tuple[str, str], Any],
) -> None:
    assert golden["new", "licence_number"] == ("010201234567", "new", "kept")
    assert golden["new", "issued_on"] == ("2020-01-01", "new", "kept")


def test_a_gap_is_filled_from_another_record(golden: dict[tuple[str, str], Any]) -> None:
    assert golden["new", "address"][1:] == ("old", "fills_gap")
    assert golden["new", "licence_class"] == ("A1", "old", "fills_gap")


def test_most_records_decide_about_the_holder(golden: dict[tuple[str, str], Any]) -> None:
    assert golden["b20", "full_name"] == ("Trần Quốc Bảo", "b15", "majority")


def test_a_field_that_no_record_fills_has_no_row(golden: dict[tuple[str, str], Any]) -> None:
    assert ("new", "sex") not in golden


def test_each_group_and_field_has_one_value(result: RunResult) -> None:
    found = golden_records(result, "driver_licence")
    assert found.height == found.select("group_id", "field").unique().height


def test_a_conflict_has_no_golden_record() -> None:
    vehicles = [
        {"record_id": key, "full_name": person["full_name"], "personal_id": person["person_id"],
         "plate": "51F-543.21", "chassis": chassis, "registered_on": day}
        for key, person, chassis, day in (
            ("v1", LAN, "RLHJF1234BY000001", "2019-01-01"),
            ("v2", BAO, "RLHJF1234BY000990", "2021-01-01"),
        )
    ]  # fmt: skip
    found = run_literal({"vehicle": vehicles}, vehicle=BY_NUMBER)
    assert found["vehicle"].duplicates.height == 2
    assert golden_records(found, "vehicle").height == 0


def test_without_the_job_it_says_what_to_do(result: RunResult) -> None:
    lists = result["driver_licence"]
    bare = RunResult(
        {"driver_licence": RegistryResult(lists.name, lists.lists)},
        result.population_issues,
        result.manifest,
    )
    with pytest.raises(ConfigError, match="job behind this run"):
        golden_records(bare, "driver_licence")


def test_the_same_groups_give_the_same_proposals(result: RunResult) -> None:
    first, second = (golden_records(result, "driver_licence") for _ in range(2))
    assert first.equals(second)
    assert set(first["why"]) <= {"kept", "majority", "says_most", "fills_gap"}
    assert first.filter(pl.col("proposed").is_null()).height == 0


BHXH = "insurance_number"


def numbers(newer: str, older: str) -> list[str]:
    """BHXH numbers proposed where only the older card, not to keep, states one."""
    own = {"insurance_card": older, BHXH: older[-10:], "valid_from": "2020-01-01"}
    rows = pl.DataFrame(
        [
            {"record_id": "new", "insurance_card": newer, BHXH: None, "valid_from": "2024-01-01"},
            {"record_id": "old", **own},
        ]
    )
    members = pl.DataFrame(
        {"group_id": ["g", "g"], "record_id": ["new", "old"], "keep": [True, False]}
    )
    fields = load_job(mapping("health_insurance")).registries["health_insurance"]
    proposed = propose(members, rows.with_columns(pl.col("valid_from").str.to_date()), fields)
    return proposed.filter(pl.col("field") == BHXH)["proposed"].to_list()


def test_the_number_of_another_card_fills_no_gap() -> None:
    assert numbers("DN4010112345678", "DN4010187654321") == []


def test_the_number_of_the_same_card_fills_the_gap() -> None:
    assert numbers("DN4010112345678", "DN4010112345678") == ["0112345678"]
