"""Several registries against the register: the register is to be looked at."""

from __future__ import annotations

import polars as pl
import pytest

from linkage import RunResult
from tests.linkage.tables import PEOPLE, Row, run_literal

LAN = PEOPLE[0]
KEYS = {
    "driver_licence": {"licence_number": "010190123456"},
    "health_insurance": {"insurance_card": "GD4010112345678"},
    "sim": {"phone": "0912345678"},
}


def papers(**changes: str | None) -> dict[str, list[Row]]:
    """A record of Lan in three registries; each change is ``field_registry`` initial: value."""
    rows = {}
    for name, key in KEYS.items():
        own = {field: LAN[field] for field in ("full_name", "birth_date", "address")}
        row = {"record_id": name, **own, "personal_id": LAN["person_id"], **key}
        rows[name] = [row | {f: v for f, v in changes.items()}]
    return rows


def issues(result: RunResult) -> list[tuple[str, str | None, str | None, list[str]]]:
    table = result.population_issues
    assert table["person_id"].unique().to_list() in ([], [LAN["person_id"]])
    return table.select("field", "current", "proposed", "supported_by").rows()


def changed(registries: tuple[str, ...], **values: str | None) -> dict[str, list[Row]]:
    rows = papers()
    for name in registries:
        rows[name] = [{**rows[name][0], **values}]
    return rows


def test_what_all_agree_on_is_no_issue() -> None:
    assert issues(run_literal(papers())) == []


def test_two_registries_against_the_register_and_none_for_it() -> None:
    rows = changed(("driver_licence", "sim"), full_name="Nguyễn Thị Làn")
    del rows["health_insurance"]
    result = run_literal(rows)
    witnesses = ["driver_licence", "sim"]
    assert issues(result) == [("full_name", "Nguyễn Thị Lan", "Nguyễn Thị Làn", witnesses)]
    assert result.population_issues["reasons"].to_list() == [["REGISTRIES_AGREE_AGAINST"]]
    assert result.population_issues["confidence"].to_list() == pytest.approx([0.7])


def test_one_registry_alone_is_no_witness() -> None:
    rows = changed(("sim",), full_name="Nguyễn Thị Làn")
    assert issues(run_literal({"sim": rows["sim"]})) == []


def test_a_registry_that_agrees_with_the_register_speaks_for_it() -> None:
    rows = changed(("driver_licence", "sim"), full_name="Nguyễn Thị Làn")
    assert issues(run_literal(rows)) == []


def test_registries_that_disagree_with_each_other_prove_nothing() -> None:
    rows = changed(("driver_licence",), birth_date="1990-03-13")
    rows |= {"sim": changed(("sim",), birth_date="1990-03-14")["sim"]}
    del rows["health_insurance"]
    assert issues(run_literal(rows)) == []


def test_a_name_without_tone_marks_testifies_nothing() -> None:
    assert issues(run_literal(changed(tuple(KEYS), full_name="NGUYEN THI LAN"))) == []


def test_a_first_of_january_testifies_nothing() -> None:
    assert issues(run_literal(changed(tuple(KEYS), birth_date="01/01/1990"))) == []


def test_a_day_of_birth_that_the_register_lacks() -> None:
    people = [{**LAN, "birth_date": "1990"}, *PEOPLE[1:]]
    result = run_literal(papers(), people)
    assert result.population_issues.select("field", "proposed").rows() == [
        ("birth_date", "1990-03-12")
    ]
    assert result.population_issues["reasons"].to_list() == [["REGISTRIES_KNOW_MORE"]]


def test_a_registry_that_contradicts_itself_is_no_witness() -> None:
    rows = changed(("driver_licence", "sim"), full_name="Nguyễn Thị Làn")
    del rows["health_insurance"]
    rows["sim"].append({**papers()["sim"][0], "record_id": "second", "phone": "0912345679"})
    assert issues(run_literal(rows)) == []


def test_the_issues_follow_the_order_of_the_register() -> None:
    rows = changed(("driver_licence", "sim"), full_name="Nguyễn Thị Làn", birth_date="13/3/1990")
    del rows["health_insurance"]
    table = run_literal(rows).population_issues
    assert table["field"].to_list() == sorted(table["field"])
    assert table.schema["supported_by"] == pl.List(pl.String)
