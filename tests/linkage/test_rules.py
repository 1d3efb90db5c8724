"""Each rule of the catalogue on the case view: it fails, it passes, it cannot be judged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from linkage import RunResult
from linkage.contracts import ACTIONS, SEVERITIES
from linkage.engines.duckdb import DuckDBEngine
from linkage.rules.catalogue import RULES
from linkage.rules.columns import VIEW, known_columns
from linkage.rules.expression import faults
from linkage.rules.ladder import after
from linkage.rules.protection import PROTECTIONS
from linkage.rules.rule import Protection, Rule, filled
from tests.linkage.tables import PEOPLE, Row, job, rows_by, run_literal

FIELDS = job("sim").registries["sim"].fields
COLUMNS = known_columns(FIELDS)
TODAY = "2026-10-01"


def verdicts(rule: Rule | Protection, rows: list[Row]) -> list[bool | None]:
    """What a rule says of literal rows of the view; what a row does not name is null."""
    view = pl.DataFrame(
        [{name: row.get(name) for name in COLUMNS} for row in rows],
        schema={
            n: pl.List(pl.String) if t.endswith("[]") else pl.String for n, t in COLUMNS.items()
        },
        strict=False,
    )
    typed = ", ".join(f'"{name}"::{dtype} AS "{name}"' for name, dtype in COLUMNS.items())
    with DuckDBEngine(threads=1) as engine:
        engine.put("rows", view.with_row_index("n"))
        sql = filled(rule.predicate, rule.defaults)
        found = engine.frame(
            f"SELECT ({sql})::BOOLEAN AS v FROM (SELECT n, {typed} FROM rows) ORDER BY n"
        )
    return found["v"].to_list()


LINKED: Row = {"link_status": "linked", "person_id": "P", "is_sure": "true", "outcome": "MATCH"}
DATED: Row = {**LINKED, "reference_date": TODAY}
UNLINKED: Row = {"link_status": "unlinked", "is_sure": "false", "outcome": "NOT_FOUND"}

# code: fails, passes, unknown
JUDGED: Mapping[str, tuple[Row, Row, Row]] = {
    "CONSECUTIVE_BLOCK": (
        {"block_size": "10"},
        {"block_size": "10", "has_contract": "true"},
        {"phone": "+84900000001"},
    ),
    "PLACEHOLDER_IDENTITY": (
        {"same_identity": "5", "same_identity_documents": "3"},
        {"same_identity": "9", "same_identity_documents": "2", "same_address": "2"},
        {},
    ),
    "RECYCLED_NUMBER": (
        {"recycled_on": "2024-01-01", "opened_on": "2020-01-01"},
        {"recycled_on": "2019-01-01", "opened_on": "2020-01-01"},
        {"recycled_on": "2019-01-01"},
    ),
    "MARKED_NOT_MINE": ({"marked": "not_mine"}, {"marked": "mine"}, {}),
    "ABNORMAL_SALES_POINT": (
        {"point_records": "40", "point_bad": "20", "point_share": "0.3", "usual_share": "0.03"},
        {"point_records": "40", "point_bad": "2", "point_share": "0.01", "usual_share": "0.03"},
        {},
    ),
    "INACTIVE": (
        {"last_used_on": "2026-04-03", "reference_date": TODAY},
        {"last_used_on": "2026-04-04", "reference_date": TODAY},
        {"reference_date": TODAY},
    ),
    "BORROWED_ID": (
        {"outcome": "FIELD_DIFF", "decision_reasons": ["BORROWED_ID"]},
        {"outcome": "FIELD_DIFF", "decision_reasons": ["ABOVE_THRESHOLD"]},
        {"outcome": "NOT_CHECKED", "decision_reasons": ["NO_CANDIDATE"]},
    ),
    "NUMBER_OF_NOBODY": (
        {**UNLINKED, "has_foreign_document": "false"},
        {**UNLINKED, "link_status": "review", "has_foreign_document": "false"},
        {**UNLINKED, "outcome": "NOT_CHECKED", "has_foreign_document": "false"},
    ),
    "ID_MISMATCH": (
        {**UNLINKED, "outcome": "FIELD_DIFF", "decision_reasons": ["BELOW_THRESHOLD"]},
        {**LINKED, "outcome": "FIELD_DIFF", "decision_reasons": ["ABOVE_THRESHOLD"]},
        {**UNLINKED, "outcome": "NOT_CHECKED", "decision_reasons": ["NO_CANDIDATE"]},
    ),
    "ID_CANCELLED": (
        {**UNLINKED, "number_status": "cancelled"},
        {**LINKED, "number_status": "cancelled"},
        {**UNLINKED},
    ),
    "DOC_EXPIRED": (
        {**DATED, "document_expires_on": "2026-09-30", "has_old_number": "false"},
        {**DATED, "document_expires_on": "2024-12-31", "has_old_number": "true"},
        {**DATED, "has_old_number": "false"},
    ),
    "HOLDER_DECEASED": ({"person_is_dead": "true"}, {"person_is_dead": "false"}, {}),
    "HOLDER_UNDER_14": ({"person_age": "13"}, {"person_age": "14"}, {}),
    "OVER_LIMIT": (
        {"held_without_contract": "4"},
        {"held_without_contract": "4", "has_contract": "true"},
        {"held": "4"},
    ),
}  # fmt: skip
SHIELDED: Mapping[str, tuple[Row, Row, Row]] = {
    "VICTIM_OF_BORROWED_IDENTITY": (
        {"person_has_block": "true"},
        {"person_has_block": "true", "block_size": "10"},
        {},
    ),
    "SEEN_ALIVE_LATER": (
        {"person_last_seen": "2025-01-02", "person_death_date": "2025-01-01"},
        {"person_last_seen": "2025-01-01", "person_death_date": "2025-01-01"},
        {"person_death_date": "2025-01-01"},
    ),
    "ELDERLY_HOLDER": (
        {"person_age": "80"},
        {"person_age": "80", "person_is_dead": "true"},
        {},
    ),
    "LIVING_ABROAD": ({"person_lives_abroad": "true"}, {"person_lives_abroad": "false"}, {}),
    "RELATIVES_SIM": (
        {"household_size": "4", "held_outside_blocks": "12"},
        {"household_size": "4", "held_outside_blocks": "13", "is_within_household": "false"},
        {},
    ),
    "ONLY_SIM_OF_PERSON": ({"held": "1"}, {"held": "2"}, {}),
}


def test_every_rule_and_protection_is_judged_here() -> None:
    assert JUDGED.keys() == RULES.keys()
    assert SHIELDED.keys() == PROTECTIONS.keys()


@pytest.mark.parametrize("code", JUDGED)
def test_a_rule_fails_passes_or_cannot_say(code: str) -> None:
    assert verdicts(RULES[code], list(JUDGED[code])) == [True, False, None]


@pytest.mark.parametrize("code", SHIELDED)
def test_a_protection_holds_only_where_it_is_known_to(code: str) -> None:
    holds = verdicts(PROTECTIONS[code], list(SHIELDED[code]))
    assert [bool(one) for one in holds] == [True, False, False]


@pytest.mark.parametrize("code", RULES)
def test_a_rule_reads_documented_columns_alone(code: str) -> None:
    rule = RULES[code]
    for sql, wanted in (
        (rule.predicate, "BOOLEAN"),
        (rule.severity, "VARCHAR"),
        (rule.action, "VARCHAR"),
    ):
        assert faults(filled(sql, rule.defaults), COLUMNS, wanted) == []
    assert set(rule.evidence) <= COLUMNS.keys()
    assert set(rule.requires) <= FIELDS.keys()
    assert set(rule.held_by) <= PROTECTIONS.keys()


@pytest.mark.parametrize("code", PROTECTIONS)
def test_a_protection_reads_documented_columns_alone(code: str) -> None:
    protection = PROTECTIONS[code]
    assert faults(filled(protection.predicate, protection.defaults), COLUMNS) == []


def test_steps_of_a_ladder_follow_each_other_and_none_follows_a_question() -> None:
    for rule in RULES.values():
        for ladder in rule.ladders.values():
            for first in ACTIONS:
                steps = after(first, ladder)
                places = [ACTIONS.index(action) for action, _ in steps]
                assert places == sorted(set(places))
                assert len(steps) == 1 or first not in ("none", "ask")


# --- the view and the cases, through a whole run --------------------------------------------------

LAN, BAO, HAI, NHUNG, NHI, MINH, _, PHUONG = PEOPLE
BY_NUMBER: dict[str, Any] = {"exact": [["personal_id"]], "block": []}


def person(number: str, name: str, born: str, **more: Any) -> Row:
    return {"person_id": number, "full_name": name, "birth_date": born, **more}


GRANDMOTHER = person("001140000001", "Đỗ Thị Mùi", "1940-01-01")
EMIGRANT = person("001080000002", "Tạ Quang Vinh", "1980-01-01", living_abroad="có")
CHILD = person("001213000003", "Bùi Gia Hân", "2013-01-01")
MOTHER = person("001185000004", "Mai Thị Thu", "1985-01-01", household_id="H1")
FATHER = person("001083000005", "Chu Văn Lợi", "1983-01-01", household_id="H1")
REVENANT = person("001070000006", "Hà Văn Cường", "1970-01-01", death_date="2020-01-01")
SON = person("001208000007", "Chu Minh Khôi", "2008-01-01", household_id="H1")
DAUGHTER = person("001310000008", "Chu Minh Thư", "2010-01-01", household_id="H1")
FAMILY = (GRANDMOTHER, EMIGRANT, CHILD, MOTHER, FATHER, SON, DAUGHTER, REVENANT)


def sim(record_id: str, holder: Row, phone: int, **more: Any) -> Row:
    return {
        "record_id": record_id,
        "full_name": holder["full_name"],
        "personal_id": holder["person_id"],
        "birth_date": holder["birth_date"],
        "phone": f"09{phone:08}",
        "activated_on": "2020-06-01",
        **more,
    }


def licence(record_id: str, holder: Row, issued_on: str) -> Row:
    return {
        "record_id": record_id,
        "full_name": holder["full_name"],
        "personal_id": holder["person_id"],
        "birth_date": holder["birth_date"],
        "issued_on": issued_on,
        "licence_number": f"79023000000{record_id[1:]}",
    }


@pytest.fixture(scope="module")
def result() -> RunResult:
    records = [
        *(
            sim(f"{holder['person_id']} {n}", holder, start * 1_000 + 50 * n)
            for holder, start in ((LAN, 100), (MOTHER, 300), (GRANDMOTHER, 500))
            for n in range(10)
        ),
        sim("lawful 0", BAO, 800_000, contract="trả trước"),
        *(sim(f"lawful {n}", BAO, 800_000 + 50 * n, contract="trả sau") for n in range(1, 9)),
        sim("child", CHILD, 1),
        sim("abroad", EMIGRANT, 2, marked="không phải của tôi"),
        sim("old", GRANDMOTHER, 12, marked="không phải của tôi"),
        sim("only", NHI, 3, marked="không phải của tôi"),
        sim("not mine", PHUONG, 4, marked="không phải của tôi"),
        sim("mine", PHUONG, 5, marked="chính chủ"),
        sim("idle", PHUONG, 6, last_used_on="2025-01-01"),
        sim("expired", NHUNG, 7, document_expires_on="2026-01-01"),
        sim("returned", NHUNG, 8, recycled_on="2023-01-01"),
        sim("revenant", REVENANT, 9),
        sim("dead", HAI, 10, activated_on="2025-01-01"),
        sim("earlier", MINH, 11, activated_on="2019-01-01"),
        sim("later", NHUNG, 11, activated_on="2022-01-01"),
        # One invented customer under ever other numbers.
        *(
            sim(f"anybody {n}", person(f"00115099999{n}", "Khách Văn Hàng", "1999-09-09"), 900 + 50 * n)
            for n in range(5)
        ),
    ]  # fmt: skip
    licences = [licence("L1", REVENANT, "2023-05-05"), licence("L2", HAI, "2010-01-01")]
    return run_literal(
        {"sim": records, "driver_licence": licences},
        (*PEOPLE, *FAMILY),
        sim={"link": BY_NUMBER},
        driver_licence={"link": BY_NUMBER},
    )


@pytest.fixture(scope="module")
def found(result: RunResult) -> dict[str, dict[str, Any]]:
    return rows_by(result["sim"].junk_sims)


def of(found: dict[str, dict[str, Any]], record_id: str) -> tuple[Any, ...]:
    row = found[record_id]
    return row["reasons"], row["severity"], row["action"], row["protected"]


def steps(found: dict[str, dict[str, Any]], record_id: str) -> list[tuple[str, str]]:
    ladder = json.loads(found[record_id]["evidence"])["ladder"]
    return [(step["step"], step["on"]) for step in ladder]


def test_a_step_is_followed_by_the_circulars_days(found: Any) -> None:
    assert found["dead"]["action"] == "verify"
    assert steps(found, "dead") == [
        ("verify", "2026-10-01"),
        ("lock_outgoing", "2026-10-31"),
        ("lock_both", "2026-12-30"),
        ("terminate", "2027-01-04"),
    ]


@pytest.mark.parametrize("holder", [LAN, MOTHER, GRANDMOTHER])
def test_a_mere_count_of_ten_numbers_is_a_question_whoever_holds_them(
    found: Any, holder: Row
) -> None:
    record = f"{holder['person_id']} 0"
    assert of(found, record) == (["OVER_LIMIT"], "low", "ask", [])
    assert steps(found, record) == [("ask", "2026-10-01")]


def test_a_protected_holder_is_asked_and_no_step_follows(found: Any) -> None:
    assert of(found, "old")[1:] == ("high", "ask", ["ELDERLY_HOLDER"])
    assert steps(found, "old") == [("ask", "2026-10-01")]


def test_numbers_held_by_contract_are_lawful(found: Any) -> None:
    assert not [record for record in found if record.startswith("lawful")]


def test_a_child_in_its_own_name_is_asked_about(found: Any) -> None:
    assert of(found, "child") == (["HOLDER_UNDER_14"], "low", "ask", [])


def test_a_number_marked_not_mine_is_verified_unless_the_holder_is_protected(found: Any) -> None:
    assert of(found, "not mine") == (["MARKED_NOT_MINE"], "high", "verify", [])
    assert of(found, "only") == (["MARKED_NOT_MINE"], "high", "ask", ["ONLY_SIM_OF_PERSON"])
    assert "LIVING_ABROAD" in found["abroad"]["protected"]
    assert "mine" not in found


def test_idle_expired_and_returned_numbers_are_told_about(found: Any) -> None:
    assert of(found, "idle") == (["INACTIVE"], "low", "notify", [])
    assert of(found, "expired") == (["DOC_EXPIRED"], "info", "notify", [])
    assert of(found, "returned") == (["RECYCLED_NUMBER"], "medium", "notify", [])


def test_a_number_that_went_to_somebody_else_is_asked_about_with_the_earlier_holder(
    found: Any,
) -> None:
    assert of(found, "earlier") == (["RECYCLED_NUMBER"], "low", "ask", [])
    assert "later" not in found


def test_one_identity_over_many_numbers_is_a_placeholder(found: Any) -> None:
    for n in range(5):
        reasons = found[f"anybody {n}"]["reasons"]
        assert set(reasons) == {"NUMBER_OF_NOBODY", "PLACEHOLDER_IDENTITY"}


def test_a_sign_of_life_after_the_death_makes_it_a_question(found: Any) -> None:
    assert of(found, "revenant") == (["HOLDER_DECEASED"], "high", "ask", ["SEEN_ALIVE_LATER"])
    told = json.loads(found["revenant"]["evidence"])["HOLDER_DECEASED"]
    assert (told["person_last_seen"], told["last_seen_in"]) == ("2023-05-05", "driver_licence")
    # Seen before the death alone.
    assert of(found, "dead") == (["HOLDER_DECEASED"], "high", "verify", [])
    told = json.loads(found["dead"]["evidence"])["HOLDER_DECEASED"]
    assert (told["person_last_seen"], told["last_seen_in"]) == ("2010-01-01", "driver_licence")


def test_a_sign_of_life_counts_whichever_registry_is_linked_first(result: RunResult) -> None:
    # Licences are linked before the SIMs in which their holders are seen.
    flagged = rows_by(result["driver_licence"].flags)
    assert of(flagged, "L2") == (["HOLDER_DECEASED"], "medium", "ask", ["SEEN_ALIVE_LATER"])
    told = json.loads(flagged["L2"]["evidence"])["HOLDER_DECEASED"]
    assert (told["person_last_seen"], told["last_seen_in"]) == ("2025-01-01", "sim")


def test_a_registrys_own_records_are_no_sign_of_life() -> None:
    twice = [sim("one", HAI, 10, activated_on="2025-01-01"),
             sim("two", HAI, 20, activated_on="2025-02-01")]  # fmt: skip
    found = rows_by(run_literal({"sim": twice}, PEOPLE, sim={"link": BY_NUMBER})["sim"].junk_sims)
    assert [found[key]["action"] for key in ("one", "two")] == ["verify", "verify"]


def test_a_rule_that_asks_for_signs_of_life_is_counted_as_it_stands_in_the_list() -> None:
    seen = {"description": {"en": "Seen.", "vi": "Có."}, "basis": "a test",
            "predicate": "person_last_seen > person_death_date", "severity": "low",
            "action": "ask"}  # fmt: skip
    result = run_literal(
        {"sim": [sim("dead", HAI, 10, activated_on="2025-01-01"), sim("x", LAN, 20)],
         "driver_licence": [licence("L2", HAI, "2010-01-01"), licence("L3", LAN, "2010-01-01")]},
        PEOPLE,
        sim={"link": BY_NUMBER},
        driver_licence={"link": BY_NUMBER, "rules": {"SEEN": seen}},
    )  # fmt: skip
    flags = rows_by(result["driver_licence"].flags)
    assert list(flags) == ["L2"]
    assert flags["L2"]["reasons"] == ["HOLDER_DECEASED", "SEEN"]
    [step] = [s for s in result.manifest["steps"]
              if (s["registry"], s["step"]) == ("driver_licence", "flag")]  # fmt: skip
    assert step["rules"]["SEEN"] == {"failed": 1, "passed": 0, "unknown": 1}


def test_the_manifest_counts_what_failed_passed_and_is_unknown(result: RunResult) -> None:
    [step] = [s for s in result.manifest["steps"] if (s["registry"], s["step"]) == ("sim", "flag")]
    records = result["sim"].records.height
    assert step["rules"].keys() == RULES.keys()
    assert all(sum(counts.values()) == records for counts in step["rules"].values())
    assert step["rules"]["MARKED_NOT_MINE"] == {"failed": 4, "passed": 1, "unknown": records - 5}


def test_severities_and_actions_are_of_the_contract(result: RunResult) -> None:
    cases = result["sim"].junk_sims
    assert set(cases["severity"]) <= set(SEVERITIES)
    assert set(cases["action"]) <= set(ACTIONS)


def test_the_view_is_documented() -> None:
    assert all(column.meaning for column in VIEW.values())
