"""Sightings: what one registry's sure links show of a person bears out the links of the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkTables
from linkage.link.block import block
from linkage.link.pairing import Pairing
from linkage.link.sightings import SURE, learn
from linkage.population import PEOPLE_FEATURES, REGISTER_FEATURES, people_with, show_seen
from tests.linkage.tables import PEOPLE, Row, rows_by, run_literal

# --- end to end -----------------------------------------------------------------------------------

HERE = "Số 77 phố Quán Thánh, phường Ba Đình, Hà Nội"
MOVED_TO = "Số 45 đường Lê Lợi, phường Sài Gòn, TP. Hồ Chí Minh"
UNKNOWN_OLD_NUMBER = "013123456"


def hung(number: str, birth_date: str, address: str) -> Row:
    return {
        "person_id": number,
        "full_name": "Nguyễn Văn Hùng",
        "birth_date": birth_date,
        "sex": "Nam",
        "address": address,
    }


HUNG = hung("001080000901", "1980-04-14", MOVED_TO)
REGISTER = (
    *PEOPLE,
    HUNG,
    hung("048082000902", "1982-05-15", "Số 8 đường Bạch Đằng, phường Hải Châu, Đà Nẵng"),
    hung("092077000903", "1977-08-21", "Số 3 đường Hòa Bình, phường Ninh Kiều, Cần Thơ"),
    *(
        {
            "person_id": f"001070{n:06}",
            "full_name": f"Bùi Văn {'ABCDĐGHKLM'[n % 10]}anh",
            "birth_date": f"{1930 + n % 60}-{1 + n % 12:02}-{2 + n % 25:02}",
            "address": f"Số {n} đường Lạch Tray, phường Gia Viên, Hải Phòng",
        }
        for n in range(1000)
    ),
)
"""Three namesakes in a crowd; the first lived in Hà Nội when his papers were written."""

LICENCE: Row = {
    "record_id": "licence",
    "licence_number": "010123456789",
    "full_name": HUNG["full_name"],
    "birth_date": HUNG["birth_date"],
    "personal_id": HUNG["person_id"],
    "address": HERE,
}
LICENCE_WITH_AN_OLD_NUMBER: Row = {
    **LICENCE, "personal_id": UNKNOWN_OLD_NUMBER, "address": MOVED_TO, "sex": "Nam",
}  # fmt: skip
VEHICLE: Row = {"record_id": "vehicle", "full_name": HUNG["full_name"], "address": HERE}


def vehicle(result: RunResult) -> dict[str, Any]:
    return rows_by(result["vehicle"].records)["vehicle"]


@pytest.fixture(scope="module")
def alone() -> RunResult:
    return run_literal({"vehicle": [VEHICLE]}, REGISTER)


@pytest.fixture(scope="module")
def both() -> RunResult:
    return run_literal({"driver_licence": [LICENCE], "vehicle": [VEHICLE]}, REGISTER)


def test_an_old_address_alone_links_no_vehicle(alone: RunResult) -> None:
    assert vehicle(alone)["link_status"] != "linked"


def test_a_vehicle_is_linked_because_the_licence_shows_the_old_address(both: RunResult) -> None:
    assert rows_by(both["driver_licence"].records)["licence"]["person_id"] == HUNG["person_id"]
    row = vehicle(both)
    assert (row["link_status"], row["person_id"]) == ("linked", HUNG["person_id"])
    assert row["reasons"] == ["ABOVE_THRESHOLD", "SEEN_ELSEWHERE"]
    assert row["decided_by"] == "model"


def test_a_place_seen_elsewhere_still_differs_from_the_register(both: RunResult) -> None:
    assert vehicle(both)["diff_fields"] == ["address"]


def test_corrections_are_what_the_register_says(both: RunResult) -> None:
    proposed = both["vehicle"].corrections.filter(pl.col("field") == "address")
    assert not any("Quán Thánh" in str(value) for value in proposed["proposed"])


def test_the_registry_that_shows_it_learns_nothing_of_the_next(both: RunResult) -> None:
    before = run_literal({"driver_licence": [LICENCE]}, REGISTER)
    assert both["driver_licence"].records.equals(before["driver_licence"].records)


def test_the_order_of_registries_in_the_job_does_not_matter(both: RunResult) -> None:
    other = run_literal({"vehicle": [VEHICLE], "driver_licence": [LICENCE]}, REGISTER)
    for name in ("vehicle", "driver_licence"):
        for key, table in both[name].lists.items():
            assert table.equals(other[name].lists[key]), (name, key)


@pytest.fixture(scope="module")
def by_number() -> RunResult:
    """The licence gives an old number that the register does not have; so does the vehicle."""
    written: Row = {**VEHICLE, "personal_id": UNKNOWN_OLD_NUMBER, "address": None}
    records = {"driver_licence": [LICENCE_WITH_AN_OLD_NUMBER], "vehicle": [written]}
    return run_literal(records, REGISTER)


def test_a_vehicle_is_linked_by_a_number_that_the_licence_shows(by_number: RunResult) -> None:
    row = vehicle(by_number)
    assert row["person_id"] == HUNG["person_id"]
    assert "SEEN_ELSEWHERE" in row["reasons"]


def test_a_look_up_still_finds_nobody_under_a_number_seen_elsewhere(by_number: RunResult) -> None:
    assert vehicle(by_number)["outcome"] == "NOT_FOUND"


# --- what is learnt -------------------------------------------------------------------------------

TABLES = LinkTables("first")
ALL = {"home": "address", "number": "personal_id"}
PAIRING = Pairing(own={name: name for name in ALL}, types=ALL)
LIST = pl.List(pl.String)


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    """Three people: two of one household, and a stranger who owns number 3."""
    with DuckDBEngine(threads=1) as engine:
        people = {"idx": [0, 1, 2], "household_id": ["h", "h", "k"]}
        engine.put("people", pl.DataFrame(people))
        features = {
            "idx": [0, 1, 2],
            "home__places": [["A|1"], ["A|1"], ["B|2"]],
            "home__wards": [["A"], ["A"], ["B"]],
            "number__numbers": [["1"], ["2"], ["3"]],
        }
        nothing = pl.lit(None, dtype=LIST)
        unseen = ("home__seen_places", "home__seen_wards", "number__seen_numbers")
        engine.put(
            REGISTER_FEATURES, pl.DataFrame(features).with_columns(**dict.fromkeys(unseen, nothing))
        )
        show_seen(engine)
        yield engine


def link(
    person: int,
    *,
    places: Sequence[str] | None = None,
    wards: Sequence[str] | None = None,
    numbers: Sequence[str] | None = None,
    status: str = "linked",
    probability: float = 1.0,
) -> Mapping[str, Any]:
    """A decided record."""
    return {
        "person": person if status == "linked" else None,
        "link_status": status,
        "match_probability": probability,
        "home__places": places,
        "home__wards": wards,
        "number__numbers": numbers,
    }


def learnt(
    engine: DuckDBEngine, *links: Mapping[str, Any], tables: LinkTables = TABLES
) -> dict[str, list[list[str] | None]]:
    """Features seen elsewhere, by person, after a registry was decided."""
    lists = dict.fromkeys(("home__places", "home__wards", "number__numbers"), LIST)
    schema = {"person": pl.Int64, "link_status": pl.String, "match_probability": pl.Float64}
    rows = pl.DataFrame(list(links), schema={**schema, **lists}).with_row_index("idx")
    engine.put(tables.decisions, rows.select("idx", *schema))
    engine.put(tables.features, rows.select("idx", *lists))
    learn(engine, tables, PAIRING)
    seen = engine.frame(
        "SELECT home__seen_places AS places, home__seen_wards AS wards,"
        " number__seen_numbers AS numbers FROM people_features ORDER BY idx"
    )
    return {name: seen[name].to_list() for name in seen.columns}


def test_what_the_register_does_not_have_is_learnt(engine: DuckDBEngine) -> None:
    found = learnt(engine, link(2, places=["C|7"], wards=["C"], numbers=["9"]))
    assert found["places"] == [None, None, ["C|7"]]
    assert found["wards"] == [None, None, ["C"]]
    assert found["numbers"] == [None, None, ["9"]]


def test_what_the_register_has_is_not_learnt(engine: DuckDBEngine) -> None:
    found = learnt(engine, link(2, places=["B|2"], wards=["B"], numbers=["3"]))
    assert found == {name: [None] * 3 for name in ("places", "wards", "numbers")}


def test_the_number_of_learnt_values_is_told(engine: DuckDBEngine) -> None:
    learnt(engine, link(2, places=["C|7"], wards=["C", "D"]))
    assert learn(engine, TABLES, PAIRING) == 0
    assert engine.number("SELECT count(*) FROM sightings") == 3


def test_the_register_itself_stays_as_it_is(engine: DuckDBEngine) -> None:
    own = "SELECT idx, home__places, home__wards, number__numbers FROM people_features ORDER BY idx"
    before = engine.frame(own)
    learnt(engine, link(2, places=["C|7"], wards=["C"], numbers=["9"]))
    assert engine.frame(own).equals(before)


@pytest.mark.parametrize(
    ("status", "probability"), [("linked", SURE - 1e-6), ("review", 1.0), ("unlinked", 1.0)]
)
def test_an_unsure_link_teaches_nothing(
    engine: DuckDBEngine, status: str, probability: float
) -> None:
    record = link(2, places=["C|7"], numbers=["9"], status=status, probability=probability)
    assert learnt(engine, record)["places"] == [None] * 3


def test_the_members_of_a_household_share_their_places(engine: DuckDBEngine) -> None:
    found = learnt(engine, link(0, places=["C|7"], wards=["C"], numbers=["9"]))
    assert found["places"] == [["C|7"], ["C|7"], None]


def test_a_household_shares_neither_numbers_nor_wards(engine: DuckDBEngine) -> None:
    found = learnt(engine, link(0, places=["C|7"], wards=["C"], numbers=["9"]))
    assert found["wards"] == [["C"], None, None]
    assert found["numbers"] == [["9"], None, None]


def test_a_barracks_is_no_family(engine: DuckDBEngine) -> None:
    many = pl.DataFrame({"idx": range(3, 30), "household_id": ["h"] * 27})
    engine.put("more", many)
    engine.run("INSERT INTO people FROM more")
    assert learnt(engine, link(0, places=["C|7"]))["places"][:3] == [["C|7"], None, None]


def test_a_number_seen_for_two_people_is_nobodys(engine: DuckDBEngine) -> None:
    found = learnt(engine, link(0, numbers=["9", "8"]), link(2, numbers=["9"]))
    assert found["numbers"] == [["8"], None, None]


def test_a_number_that_a_later_registry_shows_for_another_is_taken_back(
    engine: DuckDBEngine,
) -> None:
    assert learnt(engine, link(0, numbers=["9"]))["numbers"] == [["9"], None, None]
    found = learnt(engine, link(2, numbers=["9"]), tables=LinkTables("second"))
    assert found["numbers"] == [None, None, None]


def test_a_number_of_somebody_in_the_register_stays_his(engine: DuckDBEngine) -> None:
    assert learnt(engine, link(0, numbers=["3"]))["numbers"] == [None] * 3


def test_registries_add_up(engine: DuckDBEngine) -> None:
    learnt(engine, link(2, places=["C|7"]))
    found = learnt(engine, link(2, places=["D|1", "C|7"]), tables=LinkTables("second"))
    assert found["places"] == [None, None, ["C|7", "D|1"]]


# --- what is read of it ---------------------------------------------------------------------------


def test_what_was_seen_is_joined_where_it_is_asked_for_alone(engine: DuckDBEngine) -> None:
    learnt(engine, link(2, places=["C|7"]))
    assert people_with(engine, PEOPLE_FEATURES, ["home__places"]) == REGISTER_FEATURES
    assert people_with(engine, PEOPLE_FEATURES, ["home__seen_places"]) == PEOPLE_FEATURES
    assert people_with(engine, "others", ["home__places"]) == "others"


@pytest.mark.parametrize(
    ("rule", "proposed"),
    [
        (["home.detail"], [0, 1]),  # the household that was seen there
        (["home.detail", "home.ward"], [0]),  # crossed with the ward, where one of them was seen
        (["number"], [2]),
    ],
)
def test_blocking_proposes_people_by_what_was_seen_of_them(
    engine: DuckDBEngine, rule: Sequence[str], proposed: Sequence[int]
) -> None:
    learnt(
        engine,
        link(0, places=["C|7"], wards=["C"]),
        link(2, numbers=["9"]),
    )
    records = {"idx": [5], "home__places": [["C|7"]], "home__wards": [["C"]]}
    engine.put("records", pl.DataFrame({**records, "number__numbers": [["9"]]}))
    block(engine, [rule], PAIRING, records="records", people=PEOPLE_FEATURES, pairs="pairs")
    assert engine.frame("SELECT idx_r FROM pairs ORDER BY 1")["idx_r"].to_list() == proposed
