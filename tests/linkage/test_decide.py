"""Decisions: one disposition per record, with the reasons; doubt goes to review."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from linkage.config import Thresholds
from linkage.contracts import REASONS
from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkTables
from linkage.thresholds import link_threshold
from tests.linkage.tables import PEOPLE, Row, job, rows_by, run_literal

LAN, BAO, _, NHUNG, NHI, MINH, OTHER_MINH, PHUONG = PEOPLE


def record(record_id: str, person: Row, **changes: Any) -> Row:
    """What a person's own record says, with changes."""
    own = {name: person[name] for name in ("full_name", "birth_date", "address")}
    return {"record_id": record_id, **own, "personal_id": person["person_id"], **changes}


RECORDS: tuple[Row, ...] = (
    record("own", LAN),
    record("old number", LAN, personal_id="011987654"),
    record("passport", BAO, personal_id="C1234567"),
    record("typo", LAN, personal_id="001190012354", full_name="Nguyễn Thị Lân"),
    record("no number", LAN, personal_id=None),
    record("malformed", LAN, personal_id="12"),
    record("foreign", BAO, personal_id="AB123456"),
    record("year", PHUONG, birth_date="1995"),
    record("moved", PHUONG, address="Số 1 phố Huế, phường Hai Bà Trưng, Hà Nội"),
    record("namesakes", MINH, personal_id=None, address=None),
    record("namesake with number", MINH),
    record("twins", NHUNG, personal_id=None, full_name="L. T. H. Nh."),
    record("a twin by number", NHUNG),
    # The number is hers, name and birth date are his.
    record("borrowed", BAO, personal_id=LAN["person_id"]),
    record("alien", LAN, full_name="Hồ Xuân Mai", birth_date="1950-01-02", address=None),
    # One digit off, and the number happens to be her twin's.
    record("hits a twin", NHUNG, personal_id=NHI["person_id"]),
    {
        "record_id": "nobody",
        "full_name": "Hồ Xuân Mai",
        "birth_date": "02/01/1950",
        "personal_id": "001150999999",
        "address": "xã Mường Nhé, tỉnh Điện Biên",
    },
    record("organisation", LAN, full_name="Công ty TNHH Hoa Sen"),
    {"record_id": "garbage", "full_name": "???", "personal_id": "x"},
    {"record_id": "empty"},
)


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_literal({"sim": RECORDS})


@pytest.fixture(scope="module")
def decided(result: RunResult) -> dict[str, dict[str, Any]]:
    return rows_by(result["sim"].records)


Decided = dict[str, dict[str, Any]]


def test_full_agreement_is_linked_by_the_exact_pass(decided: Decided) -> None:
    row = decided["own"]
    assert (row["link_status"], row["person_id"]) == ("linked", LAN["person_id"])
    assert row["decided_by"] == "exact:personal_id+full_name+birth_date"
    assert row["reasons"] == ["AGREES_EXACTLY"]
    assert row["match_probability"] > 0.9999
    assert (row["runner_up_id"], row["runner_up_margin"]) == (None, None)


@pytest.mark.parametrize(
    ("record_id", "person"),
    [
        ("typo", LAN),
        ("no number", LAN),
        ("malformed", LAN),
        ("foreign", BAO),
        ("year", PHUONG),
    ],
)
def test_clear_of_the_next_and_above_the_threshold_is_linked_by_the_model(
    decided: Decided, record_id: str, person: Row
) -> None:
    row = decided[record_id]
    assert (row["link_status"], row["person_id"]) == ("linked", person["person_id"])
    assert (row["decided_by"], row["reasons"]) == ("model", ["ABOVE_THRESHOLD"])
    assert row["match_probability"] >= 0.99


@pytest.mark.parametrize(("record_id", "person"), [("old number", LAN), ("passport", BAO)])
def test_an_old_number_or_a_passport_settles_as_the_number_does(
    decided: Decided, record_id: str, person: Row
) -> None:
    row = decided[record_id]
    assert row["person_id"] == person["person_id"]
    assert row["reasons"] == ["AGREES_EXACTLY"]


def test_two_namesakes_who_fit_equally_have_half_each(decided: Decided) -> None:
    row = decided["namesakes"]
    assert (row["link_status"], row["person_id"]) == ("review", None)
    assert row["reasons"] == ["LOW_MARGIN", "NAMESAKES"]
    assert row["match_probability"] == pytest.approx(0.5, abs=0.001)
    assert row["match_probability"] < 0.5
    assert row["runner_up_margin"] == pytest.approx(0)
    assert row["runner_up_id"] in {MINH["person_id"], OTHER_MINH["person_id"]}


def test_a_namesake_with_his_number_is_no_doubt(decided: Decided) -> None:
    assert decided["namesake with number"]["person_id"] == MINH["person_id"]


def test_twins_whom_nothing_tells_apart_go_to_review(decided: Decided) -> None:
    row = decided["twins"]
    assert (row["link_status"], row["person_id"]) == ("review", None)
    assert row["reasons"] == ["LOW_MARGIN", "TWINS"]
    assert row["runner_up_id"] in {NHUNG["person_id"], NHI["person_id"]}


def test_a_twin_is_told_by_her_number(decided: Decided) -> None:
    assert decided["a twin by number"]["person_id"] == NHUNG["person_id"]


def test_a_borrowed_number_is_linked_to_neither(decided: Decided) -> None:
    row = decided["borrowed"]
    assert (row["link_status"], row["person_id"]) == ("review", None)
    assert row["reasons"] == ["BORROWED_ID"]
    assert row["outcome"] == "FIELD_DIFF"


def test_a_borrowed_number_shows_both_people_in_review(result: RunResult) -> None:
    shown = result["sim"].review.rows_by_key("record_id", named=True)["borrowed"]
    assert {LAN["person_id"], BAO["person_id"]} <= {row["candidate_id"] for row in shown}


def test_a_number_with_a_strangers_name_and_birth_date_is_borrowed(decided: Decided) -> None:
    assert decided["alien"]["reasons"] == ["BORROWED_ID"]
    assert decided["alien"]["person_id"] is None


def test_a_digit_off_that_hits_somebody_is_no_borrowed_number(decided: Decided) -> None:
    assert "BORROWED_ID" not in decided["hits a twin"]["reasons"]


def test_an_organisation_is_not_linked_to_people(decided: Decided) -> None:
    row = decided["organisation"]
    assert (row["subject_type"], row["link_status"]) == ("organisation", "not_applicable")
    assert (row["outcome"], row["reasons"]) == ("NOT_CHECKED", ["ORGANISATION"])
    assert (row["person_id"], row["match_probability"]) == (None, None)


def test_nobody_who_shares_a_key_is_no_candidate(decided: Decided) -> None:
    row = decided["nobody"]
    assert (row["link_status"], row["decided_by"]) == ("unlinked", "none")
    assert row["reasons"] == ["NO_CANDIDATE"]
    assert (row["match_weight"], row["match_probability"]) == (None, None)


def test_garbage_is_nothing_to_link_on(decided: Decided) -> None:
    assert decided["garbage"]["link_status"] == "unlinked"
    assert decided["garbage"]["reasons"] == ["NOTHING_TO_LINK_ON"]


def test_an_empty_required_field_is_named(decided: Decided) -> None:
    assert decided["empty"]["reasons"] == ["NOTHING_TO_LINK_ON", "MISSING_REQUIRED"]


@pytest.mark.parametrize(
    ("record_id", "outcome"),
    [
        ("own", "MATCH"),
        ("old number", "MATCH"),
        ("passport", "MATCH"),
        ("moved", "MATCH"),
        ("year", "FIELD_DIFF"),
        ("alien", "FIELD_DIFF"),
        ("hits a twin", "FIELD_DIFF"),
        ("typo", "NOT_FOUND"),
        ("nobody", "NOT_FOUND"),
        ("malformed", "BAD_ID"),
        ("garbage", "BAD_ID"),
        ("no number", "NOT_CHECKED"),
        ("foreign", "NOT_CHECKED"),
        ("empty", "NOT_CHECKED"),
    ],
)
def test_the_outcome_tells_of_the_number_that_the_record_states(
    decided: Decided, record_id: str, outcome: str
) -> None:
    assert decided[record_id]["outcome"] == outcome


@pytest.mark.parametrize(
    ("record_id", "fields"),
    [
        ("own", []),
        ("no number", []),
        ("typo", ["full_name", "personal_id"]),
        ("moved", ["address"]),
        ("year", ["birth_date"]),
        # Linked to nobody: compared with the owner of the number.
        ("borrowed", ["full_name", "birth_date", "address"]),
        ("alien", ["full_name", "birth_date"]),
        ("nobody", []),
    ],
)
def test_fields_that_differ_from_the_person_linked_or_the_owner_of_the_number(
    decided: Decided, record_id: str, fields: list[str]
) -> None:
    assert sorted(decided[record_id]["diff_fields"]) == sorted(fields)


def test_every_record_has_one_row_in_the_order_of_the_source(result: RunResult) -> None:
    records = result["sim"].records
    assert records["record_id"].to_list() == [row["record_id"] for row in RECORDS]
    assert records["row"].to_list() == list(range(1, len(RECORDS) + 1))


def test_only_linked_records_have_a_person(decided: Decided) -> None:
    for row in decided.values():
        assert (row["person_id"] is not None) == (row["link_status"] == "linked")


def test_reasons_are_published_ones(decided: Decided) -> None:
    assert {reason for row in decided.values() for reason in row["reasons"]} <= set(REASONS)


def test_running_twice_gives_identical_lists(result: RunResult) -> None:
    again = run_literal({"sim": RECORDS})["sim"]
    for name, table in result["sim"].lists.items():
        assert table.equals(again.lists[name]), name


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_records_does_not_matter(result: RunResult, seed: int) -> None:
    shuffled = list(RECORDS)
    random.Random(seed).shuffle(shuffled)
    again = run_literal({"sim": shuffled})["sim"]
    for name, keys in (("records", "record_id"), ("junk_sims", "case_id"), ("review", None)):
        there, back = (
            table.drop("row", strict=False).sort(keys or ["record_id", "rank"])
            for table in (result["sim"].lists[name], again.lists[name])
        )
        assert there.equals(back), name


# --- thresholds -----------------------------------------------------------------------------------


def thresholds(**limits: float) -> dict[str, dict[str, Any]]:
    """A job's change of the thresholds; nothing is settled exactly."""
    return {"sim": {"link": {"exact": [], "thresholds": limits}}}


def test_between_the_thresholds_goes_to_review_and_below_stays_unlinked() -> None:
    written = [
        {"record_id": "between", "full_name": "Đặng Thu Phương", "birth_date": "1995"},
        {"record_id": "below", "full_name": "Đặng Thị Mai", "birth_date": "1995-01-23"},
    ]
    limits = thresholds(link=0.999999999, review=0.9)
    # Among a thousand, a family name and a birth date are no doubt yet; among eight they would be.
    crowd = (
        {
            "person_id": f"001070{n:06}",
            "full_name": f"Bùi Văn {'ABCDĐGHKLM'[n % 10]}anh",
            "birth_date": f"{1930 + n % 60}-{1 + n % 12:02}-{2 + n % 25:02}",
        }
        for n in range(1000)
    )
    given = {"sim": written}
    found = rows_by(run_literal(given, (*PEOPLE, *crowd), **limits)["sim"].records)
    assert found["between"]["link_status"] == "review"
    assert found["between"]["reasons"] == ["BETWEEN_THRESHOLDS"]
    assert found["below"]["link_status"] == "unlinked"
    assert found["below"]["reasons"] == ["BELOW_THRESHOLD"]
    assert 0 < found["below"]["match_probability"] < 0.9


# --- the threshold in force -----------------------------------------------------------------------


def in_force(probabilities: Sequence[float], *, settled: int = 0, **limits: float) -> float:
    """The threshold over best candidates of these probabilities and so many settled records."""
    tables, n = LinkTables("sim"), len(probabilities)
    ranked = {
        "idx_l": range(n),
        "rank": [1] * n,
        "probability": probabilities,
        "margin": [None] * n,
    }
    everybody = {"idx": range(n), "subject_type": ["person"] * n}
    with DuckDBEngine(threads=1) as engine:
        engine.put(tables.ranked, pl.DataFrame(ranked, schema_overrides={"margin": pl.Float64}))
        engine.put(tables.facts, pl.DataFrame(everybody))
        engine.put(tables.settled, pl.DataFrame({"idx_l": range(n, n + settled)}))
        engine.put(tables.borrowed, pl.DataFrame(schema={"idx": pl.Int64}))
        return link_threshold(engine, Thresholds(link=0.98, **limits), tables)


def test_the_threshold_is_the_declared_one_unless_it_may_be_lowered() -> None:
    assert in_force([0.99, 0.91]) == 0.98


def test_the_threshold_is_lowered_where_few_links_would_be_wrong() -> None:
    assert in_force([0.9999, 0.95], settled=98, link_down_to=0.9, max_wrong_per_10k=10.0) == 0.9
    assert in_force([0.9999, 0.5], settled=98, link_down_to=0.9, max_wrong_per_10k=10.0) == 0.9
    assert in_force([], link_down_to=0.9) == 0.9


@pytest.mark.parametrize(("limit", "expected"), [(400.0, 0.9), (300.0, 0.97), (150.0, 0.98)])
def test_the_threshold_is_lowered_for_as_long_as_few_enough_would_be_wrong(
    limit: float, expected: float
) -> None:
    """100, 200 and 400 of 10,000 wrong among one, two and three links."""
    found = in_force([0.92, 0.97, 0.99], link_down_to=0.9, max_wrong_per_10k=limit)
    assert found == expected


def test_the_threshold_is_never_above_the_declared_one() -> None:
    assert in_force([0.99, 0.985], link_down_to=0.9, max_wrong_per_10k=1.0) == 0.98


def test_settled_records_leave_room_for_others() -> None:
    assert in_force([0.92, 0.91], link_down_to=0.9, max_wrong_per_10k=10.0) == 0.98
    assert in_force([0.92], settled=100, link_down_to=0.9, max_wrong_per_10k=10.0) == 0.9


def test_a_job_that_sets_its_own_threshold_is_not_lowered_by_the_declaration() -> None:
    own = {"link": {"thresholds": {"link": 0.97}}}
    limits = job("vehicle", vehicle=own).registries["vehicle"].link.thresholds
    assert (limits.link, limits.link_down_to) == (0.97, None)
