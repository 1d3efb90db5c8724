"""Rules: each fires on its case and on nothing that is just not one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from linkage.config.models import FieldDeclaration
from linkage.contracts import ACTIONS, SEVERITIES
from linkage.rules import RULES
from linkage.rules.flags import UNSURE, VICTIM, active_rules
from tests.linkage.tables import PEOPLE, Row, rows_by, run_literal

LAN, BAO, HAI, NHUNG, NHI, MINH, OTHER_MINH, PHUONG = PEOPLE
BY_NUMBER: dict[str, Any] = {"exact": [["personal_id"]], "block": []}
"""Whoever owns the number is the holder: the rules are looked at here, not the linking."""


def sim(record_id: str, person: Row, number: int, day: str | None, **more: Any) -> Row:
    """A SIM of a person."""
    return {
        "record_id": record_id,
        "full_name": person["full_name"],
        "personal_id": person["person_id"],
        "phone": f"09{number:08}",
        "activated_on": day,
        **more,
    }


def sims(name: str, person: Row, numbers: range, days: Mapping[int, str] | str) -> list[Row]:
    """Several SIMs of a person, all on one day or each on its own."""
    return [
        sim(f"{name}{n}", person, number, days if isinstance(days, str) else days[n])
        for n, number in enumerate(numbers)
    ]


def weekly(first: str) -> dict[int, str]:
    start = dt.date.fromisoformat(first)
    return {n: (start + dt.timedelta(weeks=n)).isoformat() for n in range(60)}


UNDATED: Row = {**LAN, "person_id": "001190012399", "old_ids": None}
DEAD: Row = {**HAI, "person_id": "048071000799"}


def cases(records: list[Row], **rules: Any) -> dict[str, dict[str, Any]]:
    """Flagged SIMs by record."""
    changes = {"link": BY_NUMBER, "rules": rules}
    result = run_literal({"sim": records}, (*PEOPLE, UNDATED, DEAD), sim=changes)
    return rows_by(result["sim"].junk_sims)


Cases = dict[str, dict[str, Any]]


def codes(found: Cases, record_id: str) -> list[str]:
    return found[record_id]["reasons"] if record_id in found else []


def evidence(found: Cases, record_id: str, code: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(found[record_id]["evidence"])[code]
    return told


# --- OVER_LIMIT, CONSECUTIVE_BLOCK ----------------------------------------------------------------


@pytest.fixture(scope="module")
def held() -> Cases:
    """Holders of three, four and ten numbers, a farm with a victim, and near-farms."""
    return cases(
        [
            *sims("three", LAN, range(1_000, 1_300, 100), "2025-01-01"),
            *sims("four", BAO, range(2_000, 2_400, 100), "2025-01-01"),
            *sims("ten", NHUNG, range(3_000, 4_000, 100), "2025-01-01"),
            # Ten numbers in a row within three days, in a victim's name; two numbers are her own.
            *sims(
                "farm",
                PHUONG,
                range(5_000, 5_010),
                {n: f"2025-03-0{1 + n % 4}" for n in range(10)},
            ),
            *sims("own", PHUONG, range(70_000, 72_000, 1_000), "2019-05-05"),
            *sims("nine", NHI, range(6_000, 6_009), "2025-03-01"),
            *sims("slow", MINH, range(7_000, 7_010), weekly("2025-01-01")),
            *sims("gap", OTHER_MINH, range(8_000, 8_030, 3), "2025-03-01"),
            *sims("wide", HAI, range(9_000, 9_040, 4), "2019-03-01"),
            *(sim(f"undated{n}", UNDATED, 10_000 + n, None) for n in range(10)),
            *sims("dead farm", DEAD, range(11_000, 11_010), "2025-03-01"),
            sim("dead own", DEAD, 80_000, "2025-06-01"),
        ]
    )


def test_three_numbers_are_lawful_and_four_are_asked_about(held: Cases) -> None:
    assert codes(held, "three0") == []
    assert codes(held, "four0") == ["OVER_LIMIT"]
    assert (held["four0"]["severity"], held["four0"]["action"]) == ("info", "ask")
    assert evidence(held, "four0", "OVER_LIMIT")["held"] == 4


def test_ten_numbers_are_asked_about_first_and_never_acted_on(held: Cases) -> None:
    for n in range(10):
        row = held[f"ten{n}"]
        assert row["reasons"] == ["OVER_LIMIT"]
        assert (row["severity"], row["action"]) == ("low", "ask")


def test_ten_numbers_in_a_row_within_three_days_are_a_block(held: Cases) -> None:
    for n in range(10):
        row = held[f"farm{n}"]
        assert row["reasons"][0] == "CONSECUTIVE_BLOCK"
        assert (row["severity"], row["action"], row["protected"]) == ("high", "verify", [])
    assert evidence(held, "farm0", "CONSECUTIVE_BLOCK")["block_size"] == 10


def test_nine_in_a_row_are_no_block(held: Cases) -> None:
    assert codes(held, "nine0") == ["OVER_LIMIT"]


def test_a_row_over_weeks_is_no_block(held: Cases) -> None:
    assert codes(held, "slow0") == ["OVER_LIMIT"]


def test_a_few_numbers_may_be_missing_from_the_row(held: Cases) -> None:
    assert "CONSECUTIVE_BLOCK" in codes(held, "gap0")


def test_numbers_four_apart_are_no_row(held: Cases) -> None:
    assert "CONSECUTIVE_BLOCK" not in codes(held, "wide0")


def test_the_victims_own_numbers_are_protected_and_only_asked_about(held: Cases) -> None:
    for record_id in ("own0", "own1"):
        row = held[record_id]
        assert row["protected"] == [VICTIM]
        assert row["action"] == "ask"
        assert row["reasons"] == ["OVER_LIMIT"]
        assert evidence(held, record_id, "OVER_LIMIT")["held_outside_blocks"] == 2


def test_a_protected_case_is_never_acted_on(held: Cases) -> None:
    for row in held.values():
        if row["protected"]:
            assert row["action"] in ("none", "ask")


def test_a_row_without_dates_is_no_block(held: Cases) -> None:
    assert codes(held, "undated0") == ["OVER_LIMIT"]


def test_a_protected_number_of_a_dead_holder_is_only_asked_about(held: Cases) -> None:
    row = held["dead own"]
    assert row["reasons"][0] == "HOLDER_DECEASED"
    assert (row["severity"], row["protected"], row["action"]) == ("high", [VICTIM], "ask")


def test_severity_puts_the_gravest_reason_first(held: Cases) -> None:
    assert codes(held, "farm0") == ["CONSECUTIVE_BLOCK", "OVER_LIMIT"]
    assert held["farm0"]["severity"] == "high"


def test_a_count_stands_behind_a_graver_reason_whose_step_is_taken(held: Cases) -> None:
    assert codes(held, "wide0") == ["HOLDER_DECEASED", "OVER_LIMIT"]
    assert (held["wide0"]["severity"], held["wide0"]["action"]) == ("medium", "notify")


def test_evidence_is_json_with_an_entry_per_reason(held: Cases) -> None:
    for row in held.values():
        told = json.loads(row["evidence"])
        assert list(told) == [*row["reasons"], "ladder"]
        assert all(set(told[code]) == set(RULES[code].evidence) for code in row["reasons"])


def test_confidence_is_a_probability(held: Cases) -> None:
    assert all(0 <= row["confidence"] <= 1 for row in held.values())


def test_phone_and_province_stand_in_the_list(held: Cases) -> None:
    row = held["four0"]
    assert (row["phone"], row["province"]) == ("+84900002000", "79")
    assert (row["person_id"], row["status"]) == (BAO["person_id"], "new")


# --- HOLDER_DECEASED ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dead() -> Cases:
    people = [
        {**LAN, "death_date": "2024-05-20"},
        # Died after the reference date: the register is newer than the question.
        {**BAO, "death_date": "2026-10-02"},
        {**NHUNG, "death_date": "2026-10-01"},
        NHI,
    ]
    records = [
        sim("before", LAN, 1, "2024-05-19"),
        sim("that day", LAN, 2, "2024-05-20"),
        sim("after", LAN, 3, "2024-05-21"),
        sim("undated", NHUNG, 4, None),
        sim("not yet", BAO, 5, "2025-01-01"),
        sim("just", NHUNG, 6, "2025-01-01"),
        sim("alive", NHI, 7, "2025-01-01"),
    ]
    result = run_literal({"sim": records}, people, sim={"link": BY_NUMBER})
    return rows_by(result["sim"].junk_sims)


@pytest.mark.parametrize("record_id", ["before", "that day", "just", "undated"])
def test_a_number_opened_in_life_is_told_about(dead: Cases, record_id: str) -> None:
    row = dead[record_id]
    assert row["reasons"] == ["HOLDER_DECEASED"]
    assert (row["severity"], row["action"]) == ("medium", "notify")


def test_a_number_opened_after_the_death_is_verified(dead: Cases) -> None:
    row = dead["after"]
    assert row["reasons"] == ["HOLDER_DECEASED"]
    assert (row["severity"], row["action"]) == ("high", "verify")
    told = evidence(dead, "after", "HOLDER_DECEASED")
    assert told == {
        "person_death_date": "2024-05-20",
        "opened_on": "2024-05-21",
        "person_last_seen": None,
        "last_seen_in": None,
    }


def test_the_living_and_those_who_die_after_the_reference_date_are_not_flagged(
    dead: Cases,
) -> None:
    assert {"alive", "not yet"}.isdisjoint(dead)


# --- NUMBER_OF_NOBODY, BORROWED_ID ----------------------------------------------------------------

STRANGER: Row = {"full_name": "Hồ Xuân Mai", "birth_date": "02/01/1950"}


@pytest.fixture(scope="module")
def judged() -> RunResult:
    def stranger(record_id: str, **changes: Any) -> Row:
        return {"record_id": record_id, **STRANGER, "personal_id": "001150999999", **changes}

    born = {"full_name": BAO["full_name"], "birth_date": BAO["birth_date"]}
    off = {"PLACEHOLDER_IDENTITY": False, "ID_MISMATCH": False}  # one stranger in many forms
    return run_literal(
        {
            "sim": [
                stranger("nobody"),
                stranger("passport", personal_id="AB123456"),
                stranger("old", personal_id="013456789"),
                stranger("no birth date", birth_date=None),
                stranger("no number", personal_id=None),
                stranger("malformed", personal_id="12"),
                stranger("organisation", full_name="Công ty TNHH Hoa Sen"),
                {
                    "record_id": "in review",
                    "full_name": MINH["full_name"],
                    "birth_date": MINH["birth_date"],
                    "personal_id": "001150999998",
                },
                {"record_id": "borrowed", **born, "personal_id": LAN["person_id"]},
                {"record_id": "linked", **born, "personal_id": "079085004312"},
            ]
        },
        sim={"rules": off},
    )


@pytest.fixture(scope="module")
def doubtful(judged: RunResult) -> Cases:
    return rows_by(judged["sim"].junk_sims)


def test_a_number_of_nobody_with_nobody_like_the_holder_is_grave(doubtful: Cases) -> None:
    row = doubtful["nobody"]
    assert row["reasons"] == ["NUMBER_OF_NOBODY"]
    assert (row["severity"], row["action"], row["person_id"]) == ("high", "verify", None)
    assert row["confidence"] == pytest.approx(0.99)


@pytest.mark.parametrize("record_id", ["old", "no birth date"])
def test_where_the_register_may_not_know_it_proves_little(doubtful: Cases, record_id: str) -> None:
    row = doubtful[record_id]
    assert row["reasons"] == ["NUMBER_OF_NOBODY"]
    assert (row["severity"], row["action"]) == ("low", "ask")
    assert row["confidence"] <= 0.6


@pytest.mark.parametrize(
    "record_id", ["passport", "no number", "malformed", "organisation", "linked"]
)
def test_what_is_unknown_or_explained_is_no_number_of_nobody(
    doubtful: Cases, record_id: str
) -> None:
    assert codes(doubtful, record_id) == []


def test_a_candidate_in_review_keeps_the_number_from_being_nobodys(
    judged: RunResult, doubtful: Cases
) -> None:
    row = rows_by(judged["sim"].records)["in review"]
    assert (row["link_status"], row["outcome"]) == ("review", "NOT_FOUND")
    assert codes(doubtful, "in review") == []


def test_a_borrowed_number_is_flagged_and_names_its_owner(doubtful: Cases) -> None:
    row = doubtful["borrowed"]
    assert row["reasons"] == ["BORROWED_ID"]
    assert (row["severity"], row["action"], row["person_id"]) == ("high", "verify", None)
    assert evidence(doubtful, "borrowed", "BORROWED_ID")["number_owner_id"] == LAN["person_id"]


# --- switches, parameters, case ids ---------------------------------------------------------------


FOUR = sims("four", BAO, range(2_000, 2_400, 100), "2025-01-01")
FIVE = sims("five", NHI, range(3_000, 3_500, 100), "2025-01-01")


def test_a_rule_that_is_off_flags_nothing() -> None:
    found = cases([*FOUR, sim("dead", DEAD, 1, "2025-01-01")], OVER_LIMIT=False)
    assert {record: row["reasons"] for record, row in found.items()} == {
        "dead": ["HOLDER_DECEASED"]
    }


def test_a_job_may_move_a_limit() -> None:
    found = cases([*FOUR, *FIVE], OVER_LIMIT={"ask_from": 5, "verify_from": 5})
    assert codes(found, "four0") == []
    assert codes(found, "five0") == ["OVER_LIMIT"]
    assert (found["five0"]["severity"], found["five0"]["action"]) == ("low", "ask")


def test_without_rules_there_are_no_cases() -> None:
    assert cases([*FOUR, sim("dead", DEAD, 1, "2025-01-01")], **dict.fromkeys(RULES, False)) == {}


def test_a_rule_whose_field_the_registry_lacks_is_not_evaluated() -> None:
    assert active_rules({"OVER_LIMIT": True, "HOLDER_DECEASED": True}, {}).keys() == {
        "HOLDER_DECEASED"
    }


def test_given_parameters_stand_before_the_defaults() -> None:
    fields = {"phone": FieldDeclaration(type="phone")}
    _, parameters = active_rules({"OVER_LIMIT": {"ask_from": 7}}, fields)["OVER_LIMIT"]
    assert parameters == {"ask_from": 7, "verify_from": 10}


def test_a_case_keeps_its_id_whatever_else_is_in_the_file(dead: Cases) -> None:
    later = cases([sim("new", NHI, 9, "2025-01-01"), sim("after", HAI, 3, "2025-01-01")])
    assert later["after"]["case_id"] == dead["after"]["case_id"]


def test_the_same_key_in_two_registries_is_two_cases() -> None:
    person = {"full_name": HAI["full_name"], "personal_id": HAI["person_id"]}
    result = run_literal(
        {
            "sim": [{"record_id": "1", **person}],
            "vehicle": [{"record_id": "1", **person, "plate": "43A-123.45"}],
        },
        sim={"link": BY_NUMBER},
        vehicle={"link": BY_NUMBER},
    )
    one, two = result["sim"].junk_sims, result["vehicle"].flags
    assert one["reasons"].to_list() == two["reasons"].to_list() == [["HOLDER_DECEASED"]]
    assert one["case_id"].item() != two["case_id"].item()
    assert {"phone", "operator"}.isdisjoint(two.columns)


def test_no_record_has_two_cases(held: Cases) -> None:
    ids = pl.Series([row["case_id"] for row in held.values()])
    assert ids.n_unique() == len(held)


# --- the catalogue --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", RULES)
def test_a_rule_says_what_it_means_and_on_what_ground(code: str) -> None:
    rule = RULES[code]
    assert rule.code == code
    assert {"en", "vi"} <= set(rule.description)
    assert rule.basis
    assert any(f"'{word}'" in rule.severity for word in SEVERITIES)
    assert any(f"'{word}'" in rule.action for word in ACTIONS)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_never_asks_for_an_automatic_lock(code: str) -> None:
    for word in ("lock_outgoing", "lock_both", "terminate"):
        assert word not in RULES[code].action


# --- thresholds of actions ------------------------------------------------------------------------


def test_a_step_that_asks_for_a_surer_link_becomes_a_question() -> None:
    dead = sim("dead", HAI, 1, "2026-05-01")
    assert DEAD["full_name"] == HAI["full_name"]
    model = {"exact": [], "block": [["personal_id"], ["full_name"]]}
    plain: dict[str, Any] = {"link": model, "rules": {}}
    before = rows_by(run_literal({"sim": [dead]}, PEOPLE, sim=plain)["sim"].junk_sims)
    assert before["dead"]["protected"] == []
    action = before["dead"]["action"]
    assert action not in ("none", "ask")
    sure = run_literal({"sim": [dead]}, PEOPLE, sim={**plain, "link": {
        **model, "thresholds": {"actions": {action: 0.9}}}})  # fmt: skip
    assert rows_by(sure["sim"].junk_sims)["dead"]["action"] == action
    strict = run_literal({"sim": [dead]}, PEOPLE, sim={**plain, "link": {
        **model, "thresholds": {"actions": {action: 1.0}}}})  # fmt: skip
    row = rows_by(strict["sim"].junk_sims)["dead"]
    assert (row["action"], row["protected"]) == ("ask", [UNSURE])


def test_other_steps_are_not_held_back() -> None:
    dead = sim("dead", HAI, 1, "2026-05-01")
    model = {"exact": [], "block": [["personal_id"], ["full_name"]],
             "thresholds": {"actions": {"terminate": 1.0}}}  # fmt: skip
    found = rows_by(run_literal({"sim": [dead]}, PEOPLE, sim={"link": model, "rules": {}})["sim"]
                    .junk_sims)  # fmt: skip
    assert found["dead"]["action"] not in ("none", "ask")
