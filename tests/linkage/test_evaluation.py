"""Evaluation: literal runs against literal truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.contracts import CORRECTIONS, DUPLICATES, RECORDS, REJECTS, REVIEW, case_table
from linkage.errors import ConfigError, SourceError
from linkage.evaluation import Evaluation, evaluate
from linkage.evaluation_shown import EXPLAINED, for_people
from linkage.result import RegistryResult, RunResult

Row = dict[str, Any]


def record(record_id: str, status: str = "unlinked", person: str | None = None, **more: Any) -> Row:
    usual = {"linked": ["ABOVE_THRESHOLD"], "review": ["LOW_MARGIN"]}
    given: Row = {
        "record_id": record_id,
        "subject_type": "person",
        "link_status": status,
        "person_id": person,
        "outcome": "NOT_CHECKED",
        "diff_fields": [],
        "decided_by": "model",
        "reasons": usual.get(status, ["NO_CANDIDATE"]),
    }
    return given | more


def run(
    records: list[Row],
    review: list[Row] | None = None,
    cases: list[Row] | None = None,
    duplicates: list[Row] | None = None,
    name: str = "sim",
) -> RunResult:
    numbered = [{"row": n, **row} for n, row in enumerate(records, 1)]
    table = case_table(name)
    lists = {
        "records": pl.DataFrame(numbered, schema=RECORDS.schema),
        table.name: pl.DataFrame(cases or [], schema=table.schema),
        "duplicates": pl.DataFrame(duplicates or [], schema=DUPLICATES.schema),
        "corrections": CORRECTIONS.empty(),
        "review": pl.DataFrame(review or [], schema=REVIEW.schema),
        "rejects": REJECTS.empty(),
    }
    return RunResult({name: RegistryResult(name, lists)}, pl.DataFrame(), {})


def write_truth(folder: Path, rows: list[Row], name: str = "sim") -> Path:
    schema: dict[str, Any] = {
        "record_id": pl.String,
        "person_id": pl.String,
        "reasons": pl.List(pl.String),
        "duplicate_group": pl.String,
    }
    known = [{**{"reasons": [], "person_id": None}, **row} for row in rows]
    pl.DataFrame(known, schema=schema).write_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture
def evaluated(tmp_path: Path) -> Evaluation:
    result = run(
        [
            record("a", "linked", "P1"),
            record("b", "linked", "P9"),
            record("c", "review"),
            record("d", "unlinked"),
            record("e", "unlinked"),
        ],
        review=[
            {"record_id": "c", "candidate_id": "P2", "rank": 1, "reasons": ["LOW_MARGIN"]},
            {"record_id": "c", "candidate_id": "P3", "rank": 2, "reasons": ["LOW_MARGIN"]},
        ],
    )
    truth = [
        {"record_id": "a", "person_id": "P1"},
        {"record_id": "b", "person_id": "P2"},
        {"record_id": "c", "person_id": "P3"},
        {"record_id": "d", "person_id": "P4"},
        {"record_id": "e"},
    ]
    return evaluate(result, write_truth(tmp_path, truth))


def test_counts_true_links_made_and_correct(evaluated: Evaluation) -> None:
    row = evaluated.links.row(0, named=True)
    assert {k: row[k] for k in ("registry", "records", "true_links", "linked", "correct")} == {
        "registry": "sim",
        "records": 5,
        "true_links": 4,
        "linked": 2,
        "correct": 1,
    }


def test_measures_follow_from_the_counts(evaluated: Evaluation) -> None:
    row = evaluated.links.row(0, named=True)
    assert row["precision"] == 0.5
    assert row["recall"] == 0.25
    assert row["f1"] == pytest.approx(2 * 0.5 * 0.25 / 0.75)
    assert row["wrong_per_10k"] == 5000
    assert row["review"] == 0.2


def test_interval_is_wilsons(evaluated: Evaluation) -> None:
    row = evaluated.links.row(0, named=True)
    assert row["precision_low"] == pytest.approx(0.0945, abs=1e-4)
    assert row["precision_high"] == pytest.approx(0.9055, abs=1e-4)


def test_every_reason_has_its_row(evaluated: Evaluation) -> None:
    found = evaluated.by_reason.select("link_status", "reason", "records", "linked", "correct")
    assert found.rows() == [
        ("linked", "ABOVE_THRESHOLD", 2, 2, 1),
        ("review", "LOW_MARGIN", 1, 0, 0),
        ("unlinked", "NO_CANDIDATE", 2, 0, 0),
    ]


def test_review_shows_the_true_person(evaluated: Evaluation) -> None:
    review = evaluated.by_reason.filter(pl.col("link_status") == "review")
    assert review["shown"].to_list() == [1.0]


def test_shown_is_null_where_nothing_is_in_review(evaluated: Evaluation) -> None:
    linked = evaluated.by_reason.filter(pl.col("link_status") == "linked")
    assert linked["shown"].to_list() == [None]


def test_linking_a_record_of_nobody_is_wrong(tmp_path: Path) -> None:
    truth = write_truth(tmp_path, [{"record_id": "a"}])
    row = evaluate(run([record("a", "linked", "P1")]), truth).links.row(0, named=True)
    assert (row["true_links"], row["precision"], row["recall"]) == (0, 0.0, None)


def test_precision_is_null_without_links(tmp_path: Path) -> None:
    truth = write_truth(tmp_path, [{"record_id": "a", "person_id": "P1"}])
    row = evaluate(run([record("a")]), truth).links.row(0, named=True)
    assert (row["precision"], row["precision_low"], row["wrong_per_10k"]) == (None, None, None)
    assert row["recall"] == 0.0


def test_rejected_rows_with_a_person_lower_recall(tmp_path: Path) -> None:
    truth = [{"record_id": "a", "person_id": "P1"}, {"record_id": "b", "person_id": "P2"}]
    rows = [record("a", "linked", "P1"), record("b", "rejected", reasons=["RAGGED_ROW"])]
    result = evaluate(run(rows), write_truth(tmp_path, truth))
    assert result.links["recall"].to_list() == [0.5]


def test_records_without_truth_are_counted_apart(tmp_path: Path) -> None:
    truth = write_truth(tmp_path, [{"record_id": "a", "person_id": "P1"}])
    result = run(
        [record("a", "linked", "P1"), record("a#2", "rejected"), record("z", "linked", "P")]
    )
    row = evaluate(result, truth).links.row(0, named=True)
    assert (row["records"], row["unlabelled"], row["precision"]) == (1, 2, 1.0)


def test_a_record_counts_under_each_of_its_reasons(tmp_path: Path) -> None:
    truth = write_truth(tmp_path, [{"record_id": "a", "person_id": "P1"}])
    result = run([record("a", "review", reasons=["LOW_MARGIN", "TWINS"])])
    assert evaluate(result, truth).by_reason["reason"].to_list() == ["LOW_MARGIN", "TWINS"]


def test_cases_are_compared_rule_by_rule(tmp_path: Path) -> None:
    truth: list[Row] = [
        {"record_id": "a", "person_id": "P1", "reasons": ["OVER_LIMIT", "HOLDER_DECEASED"]},
        {"record_id": "b", "person_id": "P1", "reasons": ["OVER_LIMIT"]},
        {"record_id": "c", "person_id": "P2"},
    ]
    cases = [
        {"record_id": "a", "reasons": ["OVER_LIMIT"]},
        {"record_id": "c", "reasons": ["OVER_LIMIT", "BORROWED_ID"]},
    ]
    result = run([record(key) for key in "abc"], cases=cases)
    found = evaluate(result, write_truth(tmp_path, truth)).cases
    assert found.drop("registry", "f1").rows() == [
        ("BORROWED_ID", 1, 0, 0, 0.0, None),
        ("HOLDER_DECEASED", 0, 1, 0, None, 0.0),
        ("OVER_LIMIT", 2, 2, 1, 0.5, 0.5),
    ]


def test_duplicates_are_compared_pair_by_pair(tmp_path: Path) -> None:
    groups = {"a": "G1", "b": "G1", "c": "G1", "d": "G2", "e": "G2", "f": None}
    truth = [{"record_id": k, "person_id": "P", "duplicate_group": g} for k, g in groups.items()]
    found = {"a": "x", "b": "x", "d": "y", "f": "y"}
    duplicates = [
        {"record_id": k, "group_id": g, "reasons": ["HELD_BY_ONE_PERSON"]} for k, g in found.items()
    ]
    result = run([record(key) for key in groups], duplicates=duplicates)
    row = evaluate(result, write_truth(tmp_path, truth)).duplicates.row(0, named=True)
    assert (row["true_groups"], row["true_extra"], row["found_groups"]) == (2, 3, 2)
    assert (row["true_pairs"], row["found_pairs"], row["correct_pairs"]) == (4, 2, 1)
    assert (row["precision"], row["recall"]) == (0.5, 0.25)


def test_groups_are_compared_reason_by_reason(tmp_path: Path) -> None:
    truth = [{"record_id": k, "person_id": "P", "duplicate_group": "G"} for k in "ab"]
    duplicates = [
        {"record_id": "a", "group_id": "x", "reasons": ["UNIQUE_VALUE_REPEATED"]},
        {"record_id": "b", "group_id": "x", "reasons": ["UNIQUE_VALUE_REPEATED"]},
        {"record_id": "b", "group_id": "y", "reasons": ["HELD_BY_ONE_PERSON"]},
        {"record_id": "c", "group_id": "y", "reasons": ["HELD_BY_ONE_PERSON"]},
    ]
    truth.append({"record_id": "c", "person_id": "P"})
    result = run([record(key) for key in "abc"], duplicates=duplicates)
    found = evaluate(result, write_truth(tmp_path, truth)).duplicates
    assert found.select("reason", "true_pairs", "found_pairs", "correct_pairs").rows() == [
        ("HELD_BY_ONE_PERSON", 1, 1, 0),
        ("UNIQUE_VALUE_REPEATED", 1, 1, 1),
    ]


def test_duplicates_that_nobody_listed_are_missed(tmp_path: Path) -> None:
    truth = [{"record_id": k, "person_id": "P", "duplicate_group": "G"} for k in "ab"]
    result = run([record("a"), record("b")])
    row = evaluate(result, write_truth(tmp_path, truth)).duplicates.row(0, named=True)
    assert (row["reason"], row["true_pairs"], row["found_pairs"], row["recall"]) == (None, 1, 0, 0)


def test_truth_may_be_a_csv(tmp_path: Path) -> None:
    text = "record_id,person_id,reasons\n007,P1,OVER_LIMIT;BORROWED_ID\nb,,\n"
    (tmp_path / "sim.csv").write_text(text, encoding="utf-8")
    result = evaluate(run([record("007", "linked", "P1"), record("b")]), tmp_path)
    assert result.links["correct"].to_list() == [1]
    assert result.cases["rule"].to_list() == ["BORROWED_ID", "OVER_LIMIT"]


def test_truth_of_two_columns_is_enough(tmp_path: Path) -> None:
    (tmp_path / "sim.csv").write_text("record_id,person_id\na,P1\n", encoding="utf-8")
    result = evaluate(run([record("a", "linked", "P1")]), tmp_path)
    assert (result.links["f1"].to_list(), result.cases.height, result.duplicates.height) == (
        [1.0],
        0,
        0,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("record_id,person_id\na,P1\na,P2\n", "1 repeated"),
        ("record_id,person_id\n,P1\n", "1 empty"),
        ("record,person_id\na,P1\n", "did you mean 'record'"),
        ("record_id,person_id\nx,P1\ny,P2\n", "0 of its 2 records"),
        ("record_id,person_id\n", "0 of its 0 records"),
        ("", "NoDataError"),
    ],
)
def test_unfit_truth_is_refused(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "sim.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=found):
        evaluate(run([record("a", "linked", "P1")]), tmp_path)


def test_error_does_not_show_a_persons_value(tmp_path: Path) -> None:
    (tmp_path / "sim.csv").write_text("record_id,person_id\n079,P1\n079,P2\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        evaluate(run([record("a")]), tmp_path)
    assert "079" not in str(caught.value)


def test_missing_truth_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "sims.parquet").touch()
    with pytest.raises(SourceError, match=r"did you mean 'sims.parquet'"):
        evaluate(run([record("a")]), tmp_path)


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        evaluate(run([record("a")]), tmp_path / "nowhere")


def test_broken_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sim.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match="cannot be read"):
        evaluate(run([record("a")]), tmp_path)


def test_masked_lists_are_refused(tmp_path: Path) -> None:
    truth = write_truth(tmp_path, [{"record_id": "a", "person_id": "079123456789"}])
    with pytest.raises(SourceError, match="1 masked"):
        evaluate(run([record("a", "linked", "079******789")]), truth)


def test_unknown_registry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no registry 'boat'"):
        evaluate(run([record("a")]), tmp_path, registries=["boat"])


def test_people_are_shown_every_part_with_its_meaning(evaluated: Evaluation) -> None:
    shown = for_people(evaluated)
    parts = ["links", "by_reason", "cases", "duplicates", "groups", "lists", "harm", "corrections"]
    assert list(shown) == list(EXPLAINED) == parts
    assert "recall" in shown["links"].columns
    assert {"recall", "f1"}.isdisjoint(shown["by_reason"].columns)


def test_page_shows_all_frames(evaluated: Evaluation) -> None:
    assert "by reason" in evaluated._repr_html_()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["linked", "review", "unlinked"]), st.booleans(), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_measures_hold_for_any_run(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, bool, bool]]
) -> None:
    records, truth = [], []
    for n, (status, is_known, is_right) in enumerate(rows):
        person = ("P" if is_right else "Q") + str(n) if status == "linked" else None
        records.append(record(str(n), status, person))
        truth.append({"record_id": str(n), "person_id": f"P{n}" if is_known else None})
    folder = write_truth(tmp_path_factory.mktemp("truth"), truth)
    found = evaluate(run(records), folder)
    row = found.links.row(0, named=True)
    assert row["correct"] <= min(row["linked"], row["true_links"])
    for name in ("precision", "recall"):
        if row[name] is not None:
            assert 0 <= row[f"{name}_low"] <= row[name] <= row[f"{name}_high"] <= 1
    assert found.by_reason["correct"].sum() == row["correct"]
