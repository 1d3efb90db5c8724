"""Duplicates of each kind: by comparison, by number, by class, of vehicles."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from tests.linkage.tables import PEOPLE, Row, rows_by, run_literal

LAN, BAO, HAI, NHUNG, NHI, MINH, _, PHUONG = PEOPLE
BY_NUMBER: dict[str, Any] = {"link": {"exact": [["personal_id"]], "block": []}}
STRANGER: Row = {
    "full_name": "Hoàng Bích Thuỷ",
    "birth_date": "1979-04-21",
    "sex": "Nữ",
    "personal_id": "040179003344",
    "address": "Số 7 đường Quang Trung, phường Thành Vinh, Nghệ An",
}
VIN = "RLHJF1234BY00"


def of(record_id: str, person: Row, **more: Any) -> Row:
    """A record that its number links to a person."""
    return {
        "record_id": record_id,
        "full_name": person["full_name"],
        "personal_id": person["person_id"],
        **more,
    }


def whole(record_id: str, person: Row, **more: Any) -> Row:
    """A record with everything that a person's own records say."""
    said = {name: person[name] for name in ("full_name", "birth_date", "sex", "address")}
    return {"record_id": record_id, "personal_id": person["person_id"], **said, **more}


LICENCES: tuple[Row, ...] = (
    # Not in the register, twice.
    {"record_id": "s1", **STRANGER, "licence_number": "400101234567", "issued_on": "2010-01-01"},
    {"record_id": "s2", **STRANGER, "licence_number": "400151234567", "issued_on": "2015-01-01"},
    # Another stranger, once.
    {
        "record_id": "t1",
        **STRANGER,
        "full_name": "Lý Minh Khôi",
        "birth_date": "1961-12-02",
        "personal_id": "040061009988",
        "licence_number": "400151234599",
    },
    # One number for life, two people.
    whole("x1", LAN, licence_number="010101234567", issued_on="2010-01-01"),
    whole("x2", PHUONG, licence_number="010101234567", issued_on="2011-01-01"),
    # Class A of today contains the old A1; old A1 (175 cm3) contains today's A1.
    whole("a1", BAO, licence_number="790051234567", issued_on="2005-01-01", licence_class="A1"),
    whole("a", BAO, licence_number="790051234567", issued_on="2025-03-01", licence_class="A"),
    # A motorbike and a car: lawful.
    whole("bike", MINH, licence_number="310081234567", issued_on="2008-01-01", licence_class="A1"),
    whole("car", MINH, licence_number="310081234567", issued_on="2012-01-01", licence_class="B2"),
    # B1 is a car before 2025 and a three-wheeler after.
    whole("b1 old", HAI, licence_number="480001234567", issued_on="2000-01-01", licence_class="B1"),
    whole("b1 new", HAI, licence_number="480001234567", issued_on="2025-06-01", licence_class="B1"),
)

VEHICLES: tuple[Row, ...] = (
    # Sold: another holder, another plate, later.
    of("seller", LAN, plate="30A-111.11", chassis=f"{VIN}0101", engine="JF66E-1000001",
       registered_on="2015-01-01"),
    of("buyer", BAO, plate="51F-222.22", chassis=f"{VIN}0101", engine="JF66E-1000001",
       registered_on="2020-01-01"),
    # A plate that moved to another vehicle of its owner, as the law allows since August 2023.
    of("had it", NHUNG, plate="65A-333.33", chassis=f"{VIN}0202", engine="JF66E-1000002",
       registered_on="2019-01-01"),
    of("has it", NHUNG, plate="65A-333.33", chassis=f"{VIN}0990", engine="JF66E-1000003",
       registered_on="2024-02-01"),
    # The same before that day.
    of("before 1", NHI, plate="65A-444.44", chassis=f"{VIN}0304", engine="JF66E-1000004",
       registered_on="2012-01-01"),
    of("before 2", NHI, plate="65A-444.44", chassis=f"{VIN}0777", engine="JF66E-1000005",
       registered_on="2019-01-01"),
    # Nobody knows whose these are, and the later one may be lawful.
    {"record_id": "unknown 1", "full_name": "Hồ Mai", "plate": "65A-555.55",
     "chassis": f"{VIN}0405", "registered_on": "2012-01-01"},
    {"record_id": "unknown 2", "full_name": "Hồ Mai", "plate": "65A-555.55",
     "chassis": f"{VIN}0888", "registered_on": "2024-01-01"},
    # A car and a motorbike whose plates read alike.
    of("a car", HAI, plate="43H-123.45", kind="ô tô", chassis=f"{VIN}0506",
       registered_on="2018-01-01"),
    of("a bike", PHUONG, plate="43-H1 2345", kind="xe máy", chassis=f"{VIN}0999",
       registered_on="2008-01-01"),
    # Entered twice, the chassis mistyped the second time.
    of("right", MINH, plate="15B-666.66", chassis=f"{VIN}0607", engine="JF66E-1000006",
       registered_on="2018-01-01"),
    of("typed", MINH, plate="15B-666.66", chassis=f"{VIN}0601", engine="JF66E-1000006",
       registered_on="2018-03-01"),
    # Short chassis numbers of two makers.
    of("short 1", LAN, plate="29-H1 1111", chassis="C100-0012345", engine="KC34E-2000001"),
    of("short 2", BAO, plate="29-H1 2222", chassis="C100-0012345", engine="5C64-2000099"),
)  # fmt: skip


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_literal({"driver_licence": LICENCES, "vehicle": VEHICLES}, vehicle=BY_NUMBER)


def together(table: pl.DataFrame, record_id: str, kind: str | None = None) -> set[str]:
    """The records of the group in which a record stands, for a reason where it has several."""
    own = table.filter(pl.col("record_id") == record_id)
    if kind:
        own = own.filter(pl.col("reasons").list.contains(kind))
    assert own.height <= 1
    return set(table.join(own.select("group_id"), on="group_id", how="semi")["record_id"])


def test_two_licences_of_one_whom_the_register_does_not_know_are_asked_about(
    result: RunResult,
) -> None:
    table = result["driver_licence"].duplicates
    assert result["driver_licence"].records.filter(record_id="s1")["person_id"][0] is None
    assert together(table, "s1") == {"s1", "s2"}
    rows = rows_by(table.filter(pl.col("record_id").is_in(["s1", "s2"])))
    assert rows["s1"]["reasons"] == ["SAME_PERSON_BY_RECORDS"]
    assert (rows["s1"]["action"], rows["s2"]["keep"]) == ("ask", True)


def test_another_stranger_is_in_no_group(result: RunResult) -> None:
    assert together(result["driver_licence"].duplicates, "t1") == set()


def test_one_licence_number_of_two_people_is_asked_about(result: RunResult) -> None:
    table = result["driver_licence"].duplicates
    assert together(table, "x1") == {"x1", "x2"}
    own = table.filter(record_id="x1")
    assert own["reasons"].to_list() == [["NUMBER_OF_TWO_PEOPLE"]]
    assert own["action"].to_list() == ["ask"]


def test_a_class_contained_in_another_card_is_told_and_nothing_is_done(result: RunResult) -> None:
    table = result["driver_licence"].duplicates
    assert together(table, "a1") == {"a1", "a"}
    own = table.filter(pl.col("record_id").is_in(["a1", "a"]))
    assert own["reasons"].to_list() == [["CLASS_OVERLAP"]] * 2
    assert set(own["action"]) == {"none"}


def test_a_motorbike_and_a_car_card_do_not_overlap(result: RunResult) -> None:
    assert together(result["driver_licence"].duplicates, "bike") == set()


def test_b1_of_before_2025_and_of_after_do_not_overlap(result: RunResult) -> None:
    assert together(result["driver_licence"].duplicates, "b1 old") == set()


def test_a_vehicle_sold_without_transfer_is_asked_about_and_the_later_kept(
    result: RunResult,
) -> None:
    rows = rows_by(result["vehicle"].duplicates)
    assert rows["seller"]["group_id"] == rows["buyer"]["group_id"]
    assert rows["seller"]["reasons"] == ["SOLD_WITHOUT_TRANSFER"]
    assert (rows["seller"]["action"], rows["buyer"]["keep"]) == ("ask", True)


def test_a_plate_may_move_between_its_owners_vehicles(result: RunResult) -> None:
    assert together(result["vehicle"].duplicates, "had it") == set()


def test_a_plate_could_not_move_before_the_law(result: RunResult) -> None:
    table = result["vehicle"].duplicates
    assert together(table, "before 1") == {"before 1", "before 2"}
    assert "PLATE_ON_TWO_VEHICLES" in table.filter(record_id="before 1")["reasons"][0]


def test_whose_plate_it_is_must_be_known_to_call_it_unlawful(result: RunResult) -> None:
    assert together(result["vehicle"].duplicates, "unknown 1") == set()


def test_a_car_and_a_motorbike_whose_plates_read_alike_are_no_group(result: RunResult) -> None:
    assert together(result["vehicle"].duplicates, "a car") == set()


def test_a_mistyped_chassis_is_the_same_vehicle(result: RunResult) -> None:
    rows = rows_by(result["vehicle"].duplicates)
    assert rows["right"]["group_id"] == rows["typed"]["group_id"]
    assert rows["right"]["reasons"] == ["ENTERED_TWICE"]


def test_a_short_chassis_number_with_another_engine_is_another_vehicle(result: RunResult) -> None:
    assert together(result["vehicle"].duplicates, "short 1") == set()


def test_the_order_of_rows_does_not_matter_and_a_second_run_says_the_same(
    result: RunResult,
) -> None:
    again = run_literal(
        {"driver_licence": LICENCES[::-1], "vehicle": VEHICLES[::-1]}, vehicle=BY_NUMBER
    )
    for name in ("driver_licence", "vehicle"):
        left, right = (one[name].duplicates.sort("case_id") for one in (result, again))
        apart = left.drop("confidence").equals(right.drop("confidence"))
        assert apart
        assert (left["confidence"] - right["confidence"]).abs().max() < 1e-9  # type: ignore[operator]


def test_every_group_keeps_exactly_one(result: RunResult) -> None:
    for name in ("driver_licence", "vehicle"):
        kept = result[name].duplicates.group_by("group_id").agg(pl.col("keep").sum())
        assert set(kept["keep"]) == {1}


def test_twins_that_one_number_links_to_one_person_are_asked_about() -> None:
    nhi = {**whole("nhi", NHI), "licence_number": "920231234568", "issued_on": "2023-01-01"}
    only_nhung = [person for person in PEOPLE if person is not NHI]
    found = run_literal(
        {
            "driver_licence": [
                whole("nhung", NHUNG, licence_number="920231234567", issued_on="2024-01-01"),
                nhi,
            ]
        },
        only_nhung,
        driver_licence={
            "link": {"exact": [["birth_date", "sex"]], "block": []},
        },
    )["driver_licence"]
    assert found.records["person_id"].to_list() == [NHUNG["person_id"]] * 2
    rows = rows_by(found.duplicates)
    assert rows["nhi"]["action"] == "ask"
    assert rows["nhi"]["confidence"] <= 0.5


POLICIES = {"newest": "late", "most_complete": "full", "verified": "checked"}


@pytest.mark.parametrize(("keep", "kept"), POLICIES.items())
def test_the_declared_policy_chooses_the_record_to_keep(keep: str, kept: str) -> None:
    licences = [
        of("late", LAN, licence_number="010201234567", issued_on="2020-01-01",
           birth_date="1991-01-01"),
        whole("full", LAN, licence_number="010151234567", issued_on="2015-01-01",
              licence_class="B2") | {"birth_date": "1992-05-05"},
        of("checked", LAN, licence_number="010101234567", issued_on="2010-01-01",
           birth_date="1990-03-12"),
    ]  # fmt: skip
    found = run_literal(
        {"driver_licence": licences},
        driver_licence={"link": BY_NUMBER["link"], "duplicates": {"keep": keep}},
    )["driver_licence"].duplicates
    assert found.filter("keep")["record_id"].to_list() == [kept]
    assert set(found.filter(~pl.col("keep"))["action"]) == {"cancel"}


def test_an_unsure_link_is_asked_about() -> None:
    licences = [
        of("first", LAN, licence_number="010101234567", issued_on="2010-01-01"),
        of("second", LAN, licence_number="010121234567", issued_on="2020-01-01"),
    ]
    found = run_literal(
        {"driver_licence": licences},
        driver_licence={"link": BY_NUMBER["link"], "duplicates": {"sure": 1.0}},
    )["driver_licence"].duplicates
    assert dict(found.select("record_id", "action").rows()) == {"first": "ask", "second": "none"}


def test_a_number_on_two_sims_of_one_holder_is_to_merge_and_of_two_to_ask() -> None:
    sims = [
        of("one", LAN, phone="0912345678", activated_on="2020-01-01"),
        of("again", LAN, phone="0912345678", activated_on="2021-01-01"),
        of("mine", BAO, phone="0987654321", activated_on="2020-01-01"),
        of("yours", PHUONG, phone="0987654321", activated_on="2022-01-01"),
    ]
    rows = rows_by(run_literal({"sim": sims}, sim=BY_NUMBER)["sim"].duplicates)
    assert [rows[key]["action"] for key in ("one", "again", "mine", "yours")] == [
        "merge", "none", "ask", "none",
    ]  # fmt: skip
    assert rows["one"]["reasons"] == ["ENTERED_TWICE", "UNIQUE_VALUE_REPEATED"]
