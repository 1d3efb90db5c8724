"""The review queue: every doubt with its candidates side by side."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from tests.linkage.tables import PEOPLE, Row, run_literal

LAN, BAO, _, NHUNG, NHI, MINH, OTHER_MINH, _ = PEOPLE

MANY: tuple[Row, ...] = tuple(
    {
        "person_id": f"0010900010{n:02}",
        "full_name": "Nguyễn Văn Hùng",
        "birth_date": "1990-06-15",
        "sex": "Nam",
        "address": f"Số {n} phố Hàng Than, phường Ba Đình, Hà Nội",
    }
    for n in range(1, 9)
)

RECORDS: tuple[Row, ...] = (
    {
        "record_id": "linked",
        "full_name": LAN["full_name"],
        "birth_date": LAN["birth_date"],
        "personal_id": LAN["person_id"],
    },
    {
        "record_id": "namesakes",
        "full_name": "VU VAN MINH",
        "birth_date": "09/09/1988",
        "address": "Hải Phòng",
    },
    {"record_id": "many", "full_name": "Nguyễn Văn Hùng", "birth_date": "15/06/1990"},
    {
        # Eight people fit name and birth date better than the owner of the number fits the record.
        "record_id": "borrowed",
        "full_name": "Nguyễn Văn Hùng",
        "birth_date": "15/06/1990",
        "personal_id": BAO["person_id"],
    },
    {"record_id": "nobody", "full_name": "Hồ Xuân Mai", "birth_date": "02/01/1950"},
)


@pytest.fixture(scope="module")
def result() -> RunResult:
    # The province speaks for one of the namesakes; a wide margin leaves that to a person.
    limits = {"link": {"thresholds": {"link": 0.95, "review": 0.05, "margin": 20.0}}}
    return run_literal({"sim": RECORDS}, (*PEOPLE, *MANY), sim=limits)


@pytest.fixture(scope="module")
def queue(result: RunResult) -> dict[str, list[dict[str, Any]]]:
    grouped = result["sim"].review.partition_by("record_id", as_dict=True)
    return {str(key[0]): part.to_dicts() for key, part in grouped.items()}


Queue = dict[str, list[dict[str, Any]]]


def test_only_records_in_review_are_queued(result: RunResult, queue: Queue) -> None:
    doubtful = result["sim"].records.filter(pl.col("link_status") == "review")
    assert set(queue) == set(doubtful["record_id"]) == {"namesakes", "many", "borrowed"}


def test_candidates_come_best_first_and_are_ranked_from_one(queue: Queue) -> None:
    for rows in queue.values():
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
        weights = [row["match_weight"] for row in rows]
        assert weights == sorted(weights, reverse=True)


def test_a_place_told_apart_puts_its_holder_first(queue: Queue) -> None:
    assert queue["namesakes"][0]["candidate_id"] == MINH["person_id"]
    assert queue["namesakes"][1]["candidate_id"] == OTHER_MINH["person_id"]


def test_at_most_five_candidates_are_shown(queue: Queue) -> None:
    assert len(queue["many"]) == 5


def test_a_borrowed_number_shows_its_owner_even_behind_five_others(queue: Queue) -> None:
    shown = [row["candidate_id"] for row in queue["borrowed"]]
    assert shown[-1] == BAO["person_id"]
    assert len(shown) == 5
    assert len(set(shown) & {row["person_id"] for row in MANY}) == 4


def test_what_both_sides_say_stands_side_by_side(queue: Queue) -> None:
    row = queue["namesakes"][0]
    assert (row["full_name_record"], row["full_name_candidate"]) == ("VU VAN MINH", "Vũ Văn Minh")
    assert (row["birth_date_record"], row["birth_date_candidate"]) == ("09/09/1988", "1988-09-09")
    assert row["personal_id_record"] is None
    assert row["address_candidate"] == MINH["address"]


def test_every_field_tells_what_it_adds(queue: Queue) -> None:
    row = queue["namesakes"][0]
    assert row["birth_date_weight"] > 10
    assert row["personal_id_weight"] == 0
    assert row["address_weight"] > queue["namesakes"][1]["address_weight"]


def test_probabilities_of_one_record_add_up_to_no_more_than_one(queue: Queue) -> None:
    for rows in queue.values():
        assert sum(row["match_probability"] for row in rows) <= 1


def test_eight_people_who_fit_equally_have_an_eighth_each(queue: Queue) -> None:
    for row in queue["many"]:
        assert row["match_probability"] == pytest.approx(1 / 8, abs=0.001)


def test_the_reasons_are_those_of_the_record(result: RunResult, queue: Queue) -> None:
    reasons = dict(result["sim"].records.select("record_id", "reasons").rows())
    for record_id, rows in queue.items():
        assert all(row["reasons"] == reasons[record_id] for row in rows)
