"""Corrections: what the register knows better, and nothing from a weak link."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from linkage.contracts import CORRECTION_KINDS
from linkage.result import RegistryResult
from tests.linkage.tables import PEOPLE, Row, run_literal

LAN, BAO, HAI, NHUNG, NHI, MINH, OTHER_MINH, PHUONG = PEOPLE


def licence(record_id: str, person: Row, **changes: Any) -> Row:
    """A licence that says what the register says, but for the changes."""
    own = {name: person[name] for name in ("full_name", "birth_date", "sex", "address")}
    return {"record_id": record_id, **own, "personal_id": person["person_id"], **changes}


ZERO_LOST = str(int(LAN["person_id"]))

RECORDS = (
    licence("right", LAN),
    licence("written otherwise", LAN, full_name="nguyễn thị LAN", birth_date="12/03/1990"),
    licence("tones", LAN, full_name="NGUYEN THI LAN"),
    licence("wrong tones", LAN, full_name="Nguyễn Thị Lân"),
    licence("letter", LAN, full_name="Nguyễn Thị Lanh"),
    licence("day", LAN, birth_date="13/03/1990"),
    licence("year", LAN, birth_date="1990"),
    licence("no date", LAN, birth_date=None),
    licence("digit", LAN, personal_id="001190012346"),
    licence("old number", LAN, personal_id="011987654"),
    licence("no number", LAN, personal_id=None),
    licence("zeros lost", LAN, personal_id=ZERO_LOST),
    licence("sex", LAN, sex="Nam"),
    licence("no sex", LAN, sex=None),
    licence("old ward", LAN, address="Số 12 phố Hàng Than, phường Trúc Bạch, quận Ba Đình, Hà Nội"),
    licence("moved", LAN, address="Số 1 đường Bạch Đằng, phường Hải Châu, Đà Nẵng"),
    licence("no address", LAN, address=None),
    licence("province", LAN, address="Hà Nội"),
    licence("in review", MINH, personal_id=None, address=None, full_name="VU VAN MINH"),
    licence("borrowed", BAO, personal_id=LAN["person_id"]),
)


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_literal({"driver_licence": RECORDS})


@pytest.fixture(scope="module")
def found(result: RunResult) -> dict[str, dict[str, tuple[str, str]]]:
    """Record to field to kind and proposal."""
    listed: dict[str, dict[str, tuple[str, str]]] = {}
    for row in result["driver_licence"].corrections.to_dicts():
        listed.setdefault(row["record_id"], {})[row["field"]] = (row["kind"], row["proposed"])
    return listed


Found = dict[str, dict[str, tuple[str, str]]]


@pytest.mark.parametrize("record_id", ["right", "written otherwise", "province"])
def test_what_agrees_is_not_corrected(found: Found, record_id: str) -> None:
    assert record_id not in found


NUMBER = LAN["person_id"]


@pytest.mark.parametrize(
    ("record_id", "field", "kind", "proposed"),
    [
        ("tones", "full_name", "diacritics", "Nguyễn Thị Lan"),
        ("wrong tones", "full_name", "diacritics", "Nguyễn Thị Lan"),
        ("letter", "full_name", "typo", "Nguyễn Thị Lan"),
        ("day", "birth_date", "typo", "1990-03-12"),
        ("year", "birth_date", "missing", "1990-03-12"),
        ("no date", "birth_date", "missing", "1990-03-12"),
        ("digit", "personal_id", "typo", NUMBER),
        ("old number", "personal_id", "outdated", NUMBER),
        ("no number", "personal_id", "missing", NUMBER),
        ("zeros lost", "personal_id", "format", NUMBER),
        ("sex", "sex", "typo", "female"),
        ("no sex", "sex", "missing", "female"),
        ("old ward", "address", "outdated", LAN["address"]),
        ("moved", "address", "outdated", LAN["address"]),
        ("no address", "address", "missing", LAN["address"]),
    ],
)
def test_each_kind_of_correction(
    found: Found, record_id: str, field: str, kind: str, proposed: str
) -> None:
    assert found[record_id] == {field: (kind, proposed)}


def test_every_published_kind_occurs(result: RunResult) -> None:
    assert set(result["driver_licence"].corrections["kind"]) == set(CORRECTION_KINDS)


@pytest.mark.parametrize("record_id", ["in review", "borrowed"])
def test_a_record_that_is_linked_to_nobody_is_not_corrected(found: Found, record_id: str) -> None:
    assert record_id not in found


def test_the_value_of_the_source_stands_beside_the_proposal(result: RunResult) -> None:
    row = result["driver_licence"].corrections.filter(pl.col("record_id") == "tones")
    assert row["current"].item() == "NGUYEN THI LAN"
    assert row["person_id"].item() == LAN["person_id"]
    assert row["source"].item() == "population"


def test_the_confidence_is_that_of_the_link(result: RunResult) -> None:
    licences = result["driver_licence"]
    links = dict(licences.records.select("record_id", "match_probability").rows())
    for row in licences.corrections.to_dicts():
        assert row["confidence"] == links[row["record_id"]] >= 0.99


def test_a_case_is_of_one_record_and_field(result: RunResult) -> None:
    table = result["driver_licence"].corrections
    assert table["case_id"].n_unique() == table.height


def test_the_current_address_is_proposed_before_the_permanent() -> None:
    home = "Số 5 đường Trần Phú, phường Hạc Thành, Thanh Hóa"
    person = {**LAN, "current_address": home}
    record = licence("no address", LAN, address=None)
    table = run_literal(
        {"driver_licence": [record]}, [person], driver_licence={"link": {"block": []}}
    )["driver_licence"].corrections
    assert table.select("field", "kind", "proposed").rows() == [("address", "missing", home)]


def sims(*records: Row, link: float = 0.99) -> RegistryResult:
    changes = {"link": {"thresholds": {"link": link, "review": 0.01, "margin": 0.0}}}
    return run_literal({"sim": records}, sim=changes)["sim"]


def test_a_renumbered_phone_is_corrected() -> None:
    own = {name: LAN[name] for name in ("full_name", "birth_date", "address")}
    sim = {"record_id": "a", **own, "personal_id": LAN["person_id"], "phone": "0162 123 4567"}
    row = sims(sim).corrections.to_dicts()[0]
    assert (row["field"], row["kind"]) == ("phone", "outdated")
    assert (row["current"], row["proposed"]) == ("0162 123 4567", "+84321234567")
    assert row["source"] == "renumbering of 2018"


def test_nothing_is_proposed_from_a_weak_link() -> None:
    # Linked by a job that asks for little; neither field nor phone is corrected on it.
    weak = {
        "record_id": "weak",
        "full_name": "VU VAN MINH",
        "birth_date": "09/09/1988",
        "phone": "0162 123 4567",
    }
    found = sims(weak, link=0.3)
    assert found.records["link_status"].to_list() == ["linked"]
    assert found.records["match_probability"].item() < 0.99
    assert found.corrections.height == 0
