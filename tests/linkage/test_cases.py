"""The case view: what a rule may ask about a record and about its holder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from linkage.decide import DecisionInput, decide
from linkage.population import PEOPLE_FEATURES
from linkage.rules.cases import case_view
from linkage.rules.columns import known_columns
from linkage.session import Session
from tests.linkage.tables import PEOPLE, Row, Rules, link, session

LAN, BAO, HAI, *_ = PEOPLE
BY_NUMBER = Rules(exact=(("personal_id",),))
DAY = dt.date(2026, 10, 1)

Cases = dict[str, dict[str, Any]]


def sim(record_id: str, person: Row, phone: int | None, day: str | None, **more: Any) -> Row:
    return {
        "record_id": record_id,
        "full_name": person["full_name"],
        "personal_id": person["person_id"],
        "phone": None if phone is None else f"09{phone:08}",
        "activated_on": day,
        **more,
    }


def cases(opened: Session, *records: Row, least: int = 3, block: bool = True) -> Cases:
    """The view over some SIMs; a block is a run of ``least`` numbers within two days."""
    linked = link(opened, records, BY_NUMBER)
    declared = opened.job.registries["sim"]
    given = DecisionInput(linked.model, linked.pairing, declared.link.thresholds, PEOPLE_FEATURES)
    decide(opened.engine, given, linked.tables)
    opened.engine.run(
        case_view(
            linked.tables,
            declared.fields,
            opened_on="activated_on",
            counted_by=None,
            reference_date=DAY,
            block={"min_numbers": least, "within_days": 2} if block else None,
        )
    )
    rows = opened.engine.frame(f"FROM {linked.tables.cases} ORDER BY idx").to_dicts()
    assert [row["record_id"] for row in rows] == [row["record_id"] for row in records]
    return {row["record_id"]: row for row in rows}


@pytest.fixture(scope="module")
def opened() -> Iterator[Session]:
    with session({"sim": []}) as found:
        yield found


@pytest.fixture(scope="module")
def view(opened: Session) -> Cases:
    return cases(
        opened,
        sim("run 1", LAN, 101, "2025-01-01"),
        sim("run 2", LAN, 102, "2025-01-03"),
        sim("run 3", LAN, 105, "2025-01-02"),
        sim("apart", LAN, 109, "2025-01-02", address="Hải Phòng"),
        sim("no phone", LAN, None, "2025-01-02"),
        sim("other holder", BAO, 103, "2025-01-02"),
        sim("dead", HAI, 501, None),
        # Nobody's number, but one holder: the number that all of them state.
        *(
            sim(f"stranger {n}", {**LAN, "person_id": "001150999999"}, 700 + n, "2025-01-01")
            for n in range(3)
        ),
        {"record_id": "nameless"},
    )


def test_records_of_one_person_are_counted_together(view: Cases) -> None:
    assert [view[name]["held"] for name in ("run 1", "apart", "no phone")] == [5, 5, 5]
    assert (view["other holder"]["held"], view["dead"]["held"]) == (1, 1)


def test_records_of_nobody_are_not_counted(view: Cases) -> None:
    for name in ("stranger 0", "nameless"):
        assert (view[name]["held"], view[name]["held_outside_blocks"]) == (None, None)


def test_a_run_is_measured_in_numbers_and_days(view: Cases) -> None:
    for name in ("run 1", "run 2", "run 3"):
        assert view[name]["block_size"] == 3


def test_a_number_outside_the_run_is_in_none(view: Cases) -> None:
    for name in ("apart", "no phone", "other holder", "dead"):
        assert view[name]["block_size"] is None


def test_the_holder_of_a_run_is_known_by_the_other_records(view: Cases) -> None:
    assert view["apart"]["person_has_block"] is True
    assert view["apart"]["held_outside_blocks"] == 2
    assert view["other holder"]["person_has_block"] is False
    assert view["nameless"]["person_has_block"] is False


def test_a_run_under_a_number_of_nobody_is_a_run(view: Cases) -> None:
    assert [view[f"stranger {n}"]["block_size"] for n in range(3)] == [3, 3, 3]
    assert view["stranger 0"]["person_has_block"] is False


def test_the_person_linked_lends_death_and_province(view: Cases) -> None:
    assert view["dead"]["person_death_date"] == dt.date(2024, 5, 20)
    assert view["dead"]["province"] == "48"
    assert view["nameless"]["province"] is None


def test_the_records_own_province_goes_before_the_persons(view: Cases) -> None:
    assert view["apart"]["province"] == "31"


def test_dates_are_the_records_and_the_jobs(view: Cases) -> None:
    assert view["run 1"]["opened_on"] == dt.date(2025, 1, 1)
    assert view["dead"]["opened_on"] is None
    assert {row["reference_date"] for row in view.values()} == {DAY}


RUN = [sim(f"run {n}", LAN, 100 + n, "2025-01-01") for n in range(3)]


def test_one_number_fewer_than_asked_for_is_no_run(opened: Session) -> None:
    found = cases(opened, *RUN, least=4)
    assert [row["block_size"] for row in found.values()] == [None] * 3


def test_without_the_rule_nobody_looks_for_runs(opened: Session) -> None:
    found = cases(opened, *RUN, block=False)
    assert [row["block_size"] for row in found.values()] == [None] * 3
    assert [row["held_outside_blocks"] for row in found.values()] == [3] * 3


def test_a_number_entered_twice_does_not_lengthen_a_run(opened: Session) -> None:
    found = cases(opened, *RUN[:2], {**RUN[1], "record_id": "again"}, least=3)
    assert [row["block_size"] for row in found.values()] == [None] * 3


def test_a_neighbour_of_another_time_neither_makes_nor_breaks_a_run(opened: Session) -> None:
    found = cases(opened, *RUN, sim("later", LAN, 103, "2025-06-01"))
    sizes = {name: row["block_size"] for name, row in found.items()}
    assert sizes == {"run 0": 3, "run 1": 3, "run 2": 3, "later": None}


def test_one_number_entered_twice_is_held_once(opened: Session) -> None:
    found = cases(opened, *RUN[:2], {**RUN[1], "record_id": "again"})
    assert [row["held"] for row in found.values()] == [2, 2, 2]


# --- contracts, identities, points of sale, households --------------------------------------------


def test_numbers_held_by_contract_are_counted_apart(opened: Session) -> None:
    found = cases(
        opened,
        sim("loose", LAN, 1, "2025-01-01", contract="trả trước"),
        sim("contract", LAN, 2, "2025-01-01", contract="trả sau"),
        sim("untold", LAN, 3, "2025-01-01"),
    )
    counted = [(row["held"], row["held_without_contract"]) for row in found.values()]
    assert counted == [(3, 2)] * 3
    assert [row["has_contract"] for row in found.values()] == [False, True, None]


def test_another_persons_later_record_of_the_same_number_is_known_to_the_earlier(
    opened: Session,
) -> None:
    found = cases(
        opened,
        sim("earlier", LAN, 1, "2019-01-01"),
        sim("later", BAO, 1, "2022-01-01"),
        sim("own first", HAI, 2, "2019-01-01"),
        sim("own again", HAI, 2, "2022-01-01"),
    )
    since = {name: row["other_holder_since"] for name, row in found.items()}
    assert since == {
        "earlier": dt.date(2022, 1, 1),
        "later": None,
        "own first": None,
        "own again": None,
    }


def stranger(record_id: str, number: int, name: str = "Khách Văn Hàng", **more: Any) -> Row:
    holder = {"full_name": name, "person_id": f"00115099999{number}"}
    return sim(record_id, holder, number, "2025-01-01", **more)


def test_records_of_nobody_with_one_name_and_birth_date_are_counted(opened: Session) -> None:
    found = cases(
        opened,
        *(stranger(f"same {n}", n, birth_date="1999-09-09") for n in range(3)),
        stranger("born otherwise", 4, birth_date="1998-08-08"),
        stranger("undated", 5),
        sim("somebody", {**LAN, "full_name": "Khách Văn Hàng"}, 6, None, birth_date="1999-09-09"),
    )
    counted = {n: (r["same_identity"], r["same_identity_documents"]) for n, r in found.items()}
    assert [counted[f"same {n}"] for n in range(3)] == [(3, 3)] * 3
    assert counted["born otherwise"] == (1, 1)
    assert counted["undated"] == (None, None)
    assert counted["somebody"] == (None, None)


def test_records_of_nobody_at_one_address_are_counted_with_their_names(opened: Session) -> None:
    home = "Số 7 phố Hàng Than, phường Ba Đình, Hà Nội"
    found = cases(
        opened,
        *(stranger(f"here {n}", n, f"Người {w}", address=home) for n, w in enumerate(("An", "Ba"))),
        stranger("elsewhere", 3, address="Số 8 đường Bạch Đằng, phường Hải Châu, Đà Nẵng"),
        stranger("nowhere", 4),
    )
    counted = {n: (r["same_address"], r["same_address_names"]) for n, r in found.items()}
    assert counted == {
        "here 0": (2, 2),
        "here 1": (2, 2),
        "elsewhere": (1, 1),
        "nowhere": (None, None),
    }


def test_bad_registrations_are_counted_at_their_point_of_sale(opened: Session) -> None:
    bad = [stranger(f"bad {n}", n, sales_point="A", birth_date="1999-09-09") for n in range(6)]
    good = [sim(f"good {n}", LAN, 100 + 10 * n, None, sales_point="B") for n in range(6)]
    late = sim("late", HAI, 300, "2025-01-01", sales_point="B")
    found = cases(opened, *bad, *good, late, sim("no point", BAO, 400, None))
    a, b = found["bad 0"], found["good 0"]
    assert (a["point_records"], a["point_bad"]) == (6, 6)
    assert (b["point_records"], b["point_bad"]) == (7, 1)
    assert a["usual_share"] == pytest.approx(7 / 13)
    assert 0.3 < a["point_share"] < 0.5  # six of six prove less than they show
    assert 0 <= b["point_share"] < 0.1
    assert found["no point"]["point_records"] is None


def test_age_is_in_full_years(opened: Session) -> None:
    found = cases(
        opened, sim("on the day", LAN, 1, "2020-03-12"), sim("before", LAN, 2, "2020-03-11")
    )
    assert [row["person_age"] for row in found.values()] == [36, 36]
    assert [row["person_age_at_opening"] for row in found.values()] == [30, 29]


def test_what_the_register_does_not_hold_is_unknown(view: Cases) -> None:
    for row in view.values():
        assert row["household_size"] is None
        assert row["person_lives_abroad"] is None
        assert row["person_last_seen"] is None


def test_the_view_has_the_documented_columns_and_the_registrys_own(
    opened: Session, view: Cases
) -> None:
    fields = opened.job.registries["sim"].fields
    assert view["dead"].keys() - {"idx", "person", "record_id"} == known_columns(fields).keys()
