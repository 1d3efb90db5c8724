"""Evaluation of lists: cases, honest holders, groups and corrections against literal truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linkage.contracts import CORRECTIONS
from linkage.errors import SourceError
from linkage.evaluation import Evaluation, evaluate
from linkage.result import RegistryResult, RunResult
from tests.linkage.test_evaluation import record, run

Row = dict[str, Any]


def truth(folder: Path, rows: list[Row]) -> Path:
    schema: dict[str, Any] = {
        "record_id": pl.String,
        "person_id": pl.String,
        "kind": pl.String,
        "reasons": pl.List(pl.String),
        "duplicate_group": pl.String,
    }
    usual: Row = {"reasons": [], "kind": "genuine"}
    pl.DataFrame([usual | row for row in rows], schema=schema).write_parquet(folder / "sim.parquet")
    return folder


def case(record_id: str, severity: str, action: str, *reasons: str, **more: Any) -> Row:
    return {
        "record_id": record_id,
        "severity": severity,
        "action": action,
        "reasons": list(reasons),
        "status": "new",
        **more,
    }


def judge(
    folder: Path,
    rows: list[Row],
    cases: list[Row] | None = None,
    duplicates: list[Row] | None = None,
) -> Evaluation:
    """Evaluate lists over as many records as the truth has."""
    records = [record(row["record_id"]) for row in rows]
    made = run(records, cases=cases, duplicates=duplicates)
    return evaluate(made, truth(folder, rows))


def measured(frame: pl.DataFrame, by: str, value: str, *columns: str) -> tuple[Any, ...]:
    found = frame.filter(pl.col("by") == by, pl.col("value") == value)
    assert found.height == 1
    return found.select(columns).row(0)


GRAVE = ("severity", "medium and above", "flagged", "true", "correct")


def test_a_case_is_right_for_a_reason_of_the_truth(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"record_id": "a", "kind": "nobody", "reasons": ["NUMBER_OF_NOBODY"]},
        {"record_id": "b", "kind": "nobody", "reasons": ["NUMBER_OF_NOBODY"]},
        {"record_id": "c", "person_id": "P"},
    ]
    cases = [
        case("a", "high", "verify", "NUMBER_OF_NOBODY"),
        case("b", "high", "verify", "BORROWED_ID"),
        case("c", "high", "verify", "NUMBER_OF_NOBODY"),
    ]
    found = judge(tmp_path, rows, cases=cases).lists
    assert measured(found, *GRAVE) == (3, 2, 1)
    assert measured(found, "kind", "nobody", "true", "correct", "recall") == (2, 1, 0.5)
    assert measured(found, "kind", "nobody", "precision") == (None,)


def test_a_case_of_low_severity_is_not_found(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_id": "a", "kind": "nobody", "reasons": ["NUMBER_OF_NOBODY"]}]
    found = judge(tmp_path, rows, cases=[case("a", "low", "ask", "NUMBER_OF_NOBODY")]).lists
    assert measured(found, *GRAVE) == (0, 1, 0)


def test_a_rule_that_the_truth_does_not_know_has_no_precision(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_id": "a", "kind": "farm", "reasons": ["CONSECUTIVE_BLOCK"]}]
    found = judge(tmp_path, rows, cases=[case("a", "high", "verify", "PLACEHOLDER_NAME")])
    rule = found.cases.filter(rule="PLACEHOLDER_NAME").row(0, named=True)
    assert (rule["flagged"], rule["precision"], rule["f1"]) == (1, None, None)
    assert measured(found.lists, *GRAVE) == (1, 1, 1)


def test_an_unknown_rule_on_an_honest_holder_is_wrong(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_id": "a", "person_id": "P"}]
    found = judge(tmp_path, rows, cases=[case("a", "high", "verify", "PLACEHOLDER_NAME")])
    assert measured(found.lists, *GRAVE) == (1, 0, 0)


@pytest.mark.parametrize(("held", "block", "grave"), [(9, 0, 0), (10, 0, 0), (10, 20, 20)])
def test_a_count_of_numbers_is_never_grave_by_itself(
    tmp_path: Path, held: int, block: int, grave: int
) -> None:
    over: Row = {"person_id": "P", "reasons": ["OVER_LIMIT"]}
    rows = [{"record_id": f"h{n}", **over} for n in range(held)]
    farm: Row = {"person_id": "P", "kind": "farm", "reasons": ["CONSECUTIVE_BLOCK", "OVER_LIMIT"]}
    rows += [{"record_id": f"f{n}", **farm} for n in range(block)]
    assert measured(judge(tmp_path, rows).lists, *GRAVE) == (0, grave, 0)


def test_resolved_and_dismissed_cases_do_not_count(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_id": key, "person_id": "P"} for key in "ab"]
    cases = [
        case("a", "high", "verify", "BORROWED_ID", status="resolved"),
        case("b", "high", "verify", "BORROWED_ID", status="dismissed"),
    ]
    found = judge(tmp_path, rows, cases=cases)
    assert measured(found.lists, *GRAVE) == (0, 0, 0)
    assert found.cases.height == 0


def test_honest_holders_are_counted_by_action_and_severity(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_id": f"g{n}", "person_id": f"P{n}"} for n in range(4)]
    rows.append({"record_id": "n", "kind": "nobody", "reasons": ["NUMBER_OF_NOBODY"]})
    cases = [
        case("g0", "high", "lock_both", "BORROWED_ID"),
        case("g1", "medium", "notify", "HOLDER_DECEASED"),
        case("n", "high", "verify", "NUMBER_OF_NOBODY"),
    ]
    harm = judge(tmp_path, rows, cases=cases).harm
    counts = ("cases", "wrongful", "honest", "per_10k")
    assert measured(harm, "action", "lock_both", *counts) == (1, 1, 4, 2500)
    assert measured(harm, "action", "automatic", *counts) == (2, 1, 4, 2500)
    assert measured(harm, "action", "any", *counts) == (3, 2, 4, 5000)
    assert measured(harm, "severity", "medium and above", *counts) == (3, 2, 4, 5000)
    assert measured(harm, "action", "terminate", *counts) == (0, 0, 4, 0)


def test_the_mere_count_of_numbers_is_left_aside(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_id": "a", "person_id": "P", "reasons": ["OVER_LIMIT"]}]
    harm = judge(tmp_path, rows, cases=[case("a", "info", "ask", "OVER_LIMIT")]).harm
    assert measured(harm, "action", "any", "cases", "honest") == (0, 1)


def test_ten_numbers_asked_about_count_as_honest_holders_asked(tmp_path: Path) -> None:
    over: Row = {"person_id": "P", "reasons": ["OVER_LIMIT"]}
    rows: list[Row] = [{"record_id": f"h{n}", **over} for n in range(10)]
    asked = [case(f"h{n}", "low", "ask", "OVER_LIMIT") for n in range(10)]
    found = judge(tmp_path, rows, cases=asked)
    assert measured(found.harm, "severity", "low", "wrongful", "honest") == (10, 10)
    assert measured(found.harm, "severity", "medium and above", "wrongful") == (0,)
    assert measured(found.lists, *GRAVE) == (0, 0, 0)


def test_a_count_beyond_a_question_is_harm(tmp_path: Path) -> None:
    rows: list[Row] = [{"record_id": "a", "person_id": "P", "reasons": ["OVER_LIMIT"]}]
    harm = judge(tmp_path, rows, cases=[case("a", "medium", "verify", "OVER_LIMIT")]).harm
    assert measured(harm, "action", "automatic", "wrongful") == (1,)


def test_empty_reasons_of_a_csv_are_none(tmp_path: Path) -> None:
    text = "record_id,person_id,reasons\na,P,\nb,,BORROWED_ID\n"
    (tmp_path / "sim.csv").write_text(text, encoding="utf-8")
    found = evaluate(run([record("a"), record("b")]), tmp_path)
    assert measured(found.lists, *GRAVE) == (0, 1, 0)
    assert measured(found.harm, "action", "any", "honest") == (1,)


def member(key: str, group: str, *, keep: bool, action: str = "cancel") -> Row:
    return {
        "record_id": key,
        "group_id": group,
        "keep": keep,
        "action": "none" if keep else action,
        "reasons": ["HELD_BY_ONE_PERSON"],
        "status": "new",
    }


def test_an_extra_record_is_found_beside_its_group(tmp_path: Path) -> None:
    groups = {"a": "G", "b": "G", "c": "G", "d": "H", "e": "H", "f": None, "g": None}
    rows = [{"record_id": k, "person_id": "P", "duplicate_group": g} for k, g in groups.items()]
    duplicates = [
        member("a", "x", keep=True), member("b", "x", keep=False),
        member("d", "y", keep=True), member("f", "y", keep=False),
    ]  # fmt: skip
    found = judge(tmp_path, rows, duplicates=duplicates)
    columns = ("true_extra", "found_extra", "groups", "pure", "recall", "purity")
    whole = found.groups.filter(pl.col("reason").is_null()).select(columns)
    assert whole.row(0) == (3, 1, 2, 1, pytest.approx(1 / 3), 0.5)
    harm = measured(found.harm, "duplicate action", "cancel", "cases", "wrongful", "honest")
    assert harm == (2, 1, 2)


def test_a_group_split_in_two_has_one_extra_less(tmp_path: Path) -> None:
    rows = [{"record_id": k, "person_id": "P", "duplicate_group": "G"} for k in "abcd"]
    duplicates = [member(k, "x" if k in "ab" else "y", keep=k in "ac") for k in "abcd"]
    found = judge(tmp_path, rows, duplicates=duplicates).groups
    assert found.select("true_extra", "found_extra", "groups", "pure").row(0) == (3, 2, 2, 2)


def test_a_group_of_one_owners_lawful_records_is_not_pure(tmp_path: Path) -> None:
    rows = [{"record_id": k, "person_id": "P"} for k in "ab"]
    duplicates = [member(k, "x", keep=k == "a") for k in "ab"]
    assert judge(tmp_path, rows, duplicates=duplicates).groups["pure"].to_list() == [0, 0]


def proposal(key: str, person: str, field: str, proposed: str, kind: str = "typo") -> Row:
    return {
        "case_id": key + field,
        "record_id": key,
        "person_id": person,
        "field": field,
        "proposed": proposed,
        "kind": kind,
        "status": "new",
    }


def corrected(proposals: list[Row]) -> RunResult:
    made = run([record("a", "linked", "P"), record("b", "linked", "Q")])["sim"]
    lists = {**made.lists, "corrections": pl.DataFrame(proposals, schema=CORRECTIONS.schema)}
    return RunResult({"sim": RegistryResult("sim", lists)}, pl.DataFrame(), {})


PROPOSALS = [
    proposal("a", "P", "full_name", "An"),
    proposal("a", "P", "sex", "female", "missing"),
    proposal("b", "Q", "full_name", "Binh"),
]
KNOWN: list[Row] = [
    {"record_id": "a", "person_id": "P"},
    {"record_id": "b", "person_id": "R"},
]


def test_a_correction_is_right_if_the_person_is(tmp_path: Path) -> None:
    found = evaluate(corrected(PROPOSALS), truth(tmp_path, KNOWN)).corrections
    columns = ("kind", "proposals", "other_person", "other_value", "right")
    assert found.select(columns).rows() == [
        (None, 3, 1, 0, 2),
        ("missing", 1, 0, 0, 1),
        ("typo", 2, 1, 0, 1),
    ]


def test_a_correction_must_be_the_true_value_where_it_is_known(tmp_path: Path) -> None:
    folder = truth(tmp_path, KNOWN)
    people = {"person_id": ["P", "Q"], "full_name": ["Ân", "Binh"]}
    pl.DataFrame(people).write_parquet(folder / "population.parquet")
    found = evaluate(corrected(PROPOSALS), folder).corrections
    assert found.select("other_person", "other_value", "right").row(0) == (1, 1, 1)


@pytest.mark.parametrize("text", ["person_id,sex\nP,male\nP,male\n", "name\nAn\n"])
def test_unfit_truth_about_people_is_refused(tmp_path: Path, text: str) -> None:
    folder = truth(tmp_path, KNOWN)
    (folder / "population.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="each person once"):
        evaluate(corrected([]), folder)


def test_lists_without_their_truth_are_not_judged(tmp_path: Path) -> None:
    (tmp_path / "sim.csv").write_text("record_id,person_id\na,P\n", encoding="utf-8")
    found = evaluate(run([record("a")]), tmp_path)
    assert (found.lists.height, found.harm.height, found.groups.height) == (0, 0, 0)
