"""Duplicates: which records belong together, and the one to keep."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from tests.linkage.tables import PEOPLE, Row, rows_by, run_literal

LAN, BAO, HAI, NHUNG, NHI, MINH, _, PHUONG = PEOPLE
BY_NUMBER: dict[str, Any] = {"link": {"exact": [["personal_id"]], "block": []}}


def of(record_id: str, person: Row, **more: Any) -> Row:
    """A record that its number links to a person."""
    return {
        "record_id": record_id,
        "full_name": person["full_name"],
        "personal_id": person["person_id"],
        **more,
    }


@pytest.fixture(scope="module")
def result() -> RunResult:
    licences = [
        of("first", LAN, licence_number="010101234567", issued_on="2010-01-01"),
        of("second", LAN, licence_number="010121234567", issued_on="2020-01-01"),
        # One licence, two cards: motorbike and car.
        of("motorbike", BAO, licence_number="790051234567", issued_on="2005-01-01"),
        of("car", BAO, licence_number="790051234567", issued_on="2015-01-01"),
        of("undated", NHI, licence_number="920231234567"),
        of("dated", NHI, licence_number="920231234568", issued_on="2023-01-01"),
        of("tie b", MINH, licence_number="310101234567", issued_on="2010-01-01"),
        of("tie a", MINH, licence_number="310101234568", issued_on="2010-01-01"),
        # One number too many beside two lawful cards.
        of("card 1", HAI, licence_number="480001234567", issued_on="2000-01-01"),
        of("card 2", HAI, licence_number="480001234567", issued_on="2012-01-01"),
        of("other number", HAI, licence_number="480051234567", issued_on="2005-01-01"),
        of("only", PHUONG, licence_number="560151234567", issued_on="2015-01-01"),
        {"record_id": "unlinked 1", "full_name": "Hồ Mai", "licence_number": "560151234560"},
        {"record_id": "unlinked 2", "full_name": "Hồ Mai", "licence_number": "560151234561"},
    ]
    cards = [
        of("old card", LAN, insurance_card="HS4010123456789", valid_from="2010-01-01"),
        of("renewed", LAN, insurance_card="DN4010123456789", valid_from="2020-01-01"),
        of("one number", BAO, insurance_card="DN4790123456781", valid_from="2020-01-01"),
        of("another", BAO, insurance_card="DN4790123456782", valid_from="2021-01-01"),
    ]
    vehicles = [
        # Entered twice: plate and chassis repeat together.
        of("v1", LAN, plate="30A-123.45", chassis="RLHJF1234BY005678", registered_on="2019-01-01"),
        of("v2", LAN, plate="30A12345", chassis="RLHJF1234BY005678", registered_on="2020-01-01"),
        # The plate moved to another vehicle.
        of("v3", BAO, plate="51F-543.21", chassis="RLHJF1234BY000001", registered_on="2019-01-01"),
        of("v4", HAI, plate="51F-543.21", chassis="RLHJF1234BY000002", registered_on="2021-01-01"),
        of("v5", NHUNG, plate="65A-111.11", chassis="RLHJF1234BY000003"),
        of("v6", NHUNG, plate="65A-222.22", chassis="RLHJF1234BY000004"),
        of("v7", PHUONG),
        of("v8", PHUONG),
    ]
    return run_literal(
        {"driver_licence": licences, "health_insurance": cards, "vehicle": vehicles},
        driver_licence=BY_NUMBER,
        health_insurance=BY_NUMBER,
        vehicle=BY_NUMBER,
    )


def groups(table: pl.DataFrame) -> dict[frozenset[str], str]:
    """Groups of records, each with the one to keep."""
    found = {}
    for _, part in table.group_by("group_id"):
        kept = part.filter("keep")["record_id"]
        assert kept.len() == 1
        found[frozenset(part["record_id"])] = kept.item()
    return found


def test_two_licences_of_one_person_are_a_group_and_the_newest_is_kept(result: RunResult) -> None:
    found = groups(result["driver_licence"].duplicates)
    assert found[frozenset({"first", "second"})] == "second"


def test_two_cards_under_one_licence_number_are_lawful(result: RunResult) -> None:
    listed = set(result["driver_licence"].duplicates["record_id"])
    assert {"motorbike", "car", "only"}.isdisjoint(listed)


def test_records_of_nobody_are_no_group(result: RunResult) -> None:
    listed = set(result["driver_licence"].duplicates["record_id"])
    assert {"unlinked 1", "unlinked 2"}.isdisjoint(listed)


def test_a_dated_record_is_kept_before_an_undated(result: RunResult) -> None:
    assert groups(result["driver_licence"].duplicates)[frozenset({"dated", "undated"})] == "dated"


def test_equals_are_told_apart_by_their_key(result: RunResult) -> None:
    assert groups(result["driver_licence"].duplicates)[frozenset({"tie a", "tie b"})] == "tie a"


def test_a_renewed_card_keeps_its_number_and_is_lawful(result: RunResult) -> None:
    found = groups(result["health_insurance"].duplicates)
    assert found == {frozenset({"one number", "another"}): "another"}


def test_the_extra_of_a_person_is_to_cancel_and_the_kept_one_is_left(result: RunResult) -> None:
    rows = result["driver_licence"].duplicates.filter(
        pl.col("record_id").is_in(["first", "second"])
    )
    assert dict(rows.select("record_id", "action").rows()) == {"first": "cancel", "second": "none"}
    assert rows["reasons"].to_list() == [["HELD_BY_ONE_PERSON"]] * 2
    assert set(rows["person_id"]) == {LAN["person_id"]}


def test_all_cards_of_the_number_that_is_kept_are_left(result: RunResult) -> None:
    rows = rows_by(result["driver_licence"].duplicates)
    assert [rows[key]["action"] for key in ("card 1", "card 2", "other number")] == [
        "none", "none", "cancel",
    ]  # fmt: skip
    assert rows["card 2"]["keep"]


def test_plate_and_chassis_that_repeat_together_are_one_group(result: RunResult) -> None:
    found = groups(result["vehicle"].duplicates)
    assert found == {frozenset({"v1", "v2"}): "v2", frozenset({"v3", "v4"}): "v4"}
    assert result["vehicle"].duplicates.height == 4


def test_a_vehicle_entered_twice_by_one_holder_is_to_merge(result: RunResult) -> None:
    rows = rows_by(result["vehicle"].duplicates)
    assert [rows[key]["action"] for key in ("v1", "v2")] == ["merge", "none"]
    assert rows["v1"]["reasons"] == ["ENTERED_TWICE"]


def test_a_plate_on_two_vehicles_of_two_people_is_asked_about(result: RunResult) -> None:
    rows = rows_by(result["vehicle"].duplicates)
    assert [rows[key]["action"] for key in ("v3", "v4")] == ["ask", "none"]
    assert rows["v3"]["reasons"] == ["PLATE_ON_TWO_VEHICLES", "UNIQUE_VALUE_REPEATED"]


def test_several_vehicles_of_a_person_are_lawful(result: RunResult) -> None:
    listed = set(result["vehicle"].duplicates["record_id"])
    assert {"v5", "v6", "v7", "v8"}.isdisjoint(listed)


def test_linked_extras_stay_linked(result: RunResult) -> None:
    records = result["driver_licence"].records
    linked = records.filter(pl.col("record_id").is_in(["first", "second"]))
    assert linked["link_status"].to_list() == ["linked", "linked"]


def test_ids_are_the_same_in_every_run_and_no_two_the_same(result: RunResult) -> None:
    again = run_literal(
        {
            "driver_licence": [
                of("second", LAN, licence_number="010121234567", issued_on="2020-01-01"),
                of("first", LAN, licence_number="010101234567", issued_on="2010-01-01"),
            ]
        },
        driver_licence=BY_NUMBER,
    )["driver_licence"].duplicates
    there = result["driver_licence"].duplicates
    assert there["case_id"].n_unique() == there.height
    wanted = there.filter(pl.col("record_id").is_in(["first", "second"]))
    assert wanted.sort("record_id").equals(again.sort("record_id"))
