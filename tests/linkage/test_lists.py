"""Batches for those who must act, and decisions added to the feedback file."""

from __future__ import annotations

import datetime as dt
import json
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linkage.cli import call
from linkage.contracts import CORRECTIONS, DUPLICATES, FLAGS, JUNK_SIMS, REVIEW
from linkage.errors import ConfigError
from linkage.life.append import Decision, append_feedback
from linkage.write import Output, publish

CASE: dict[str, Any] = {
    "person_id": "001190012345", "phone": "+84912000111", "operator": "Viettel", "province": "01",
    "reasons": ["NUMBER_OF_NOBODY", "OVER_LIMIT"], "severity": "high", "confidence": 0.98,
    "action": "notify", "protected": [], "evidence": '{"OVER_LIMIT":{"held":12}}', "status": "new",
}  # fmt: skip
CASES: tuple[dict[str, Any], ...] = (
    {"case_id": "a1", "record_id": "TB1"},
    {"case_id": "a2", "record_id": "=cmd()", "province": "79", "action": "verify"},
    {"case_id": "a3", "record_id": "TB3", "province": "79", "status": "open"},
    {"case_id": "a4", "record_id": "TB4", "province": None, "operator": None},
    {"case_id": "a5", "record_id": "TB5", "province": "79", "status": "resolved", "action": "none"},
    {"case_id": "a6", "record_id": "TB6", "operator": "../../viettel", "status": "dismissed"},
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    sims = pl.DataFrame([{**CASE, **case} for case in CASES], schema=JUNK_SIMS.schema)
    licence = {name: value for name, value in CASE.items() if name in FLAGS.columns}
    flags = pl.DataFrame([{**licence, "case_id": "b1", "record_id": "GP1"}], schema=FLAGS.schema)
    shared = {t.name: t.empty() for t in (DUPLICATES, CORRECTIONS, REVIEW)}
    manifest = {
        "job": "literal", "purpose": "a test", "started": "2026-10-02T08:00:00+00:00",
        "registries": {"sim": {}, "driver_licence": {}},
    }  # fmt: skip
    lists = {"sim": {"junk_sims": sims, **shared}, "driver_licence": {"flags": flags, **shared}}
    publish(folder, Output({}, lists, manifest, ""), formats=["parquet"])
    return folder


def files(folder: Path) -> dict[str, list[str]]:
    """File to the cases in it."""
    return {
        path.name: pl.read_csv(path, infer_schema=False)["case_id"].to_list()
        for path in sorted(folder.glob("*.csv"))
    }


def write(out: Path, *options: str) -> tuple[int, Path]:
    to = out.with_name("batches")
    return call(["lists", str(out), "--to", str(to), *options]), to


def test_one_file_for_each_province_and_no_closed_case(out: Path) -> None:
    code, to = write(out, "--by", "province")
    assert code == 0
    assert files(to) == {
        "driver_licence_flags_province_01.csv": ["b1"],
        "sim_junk_sims_province_01.csv": ["a1"],
        "sim_junk_sims_province_79.csv": ["a2", "a3"],
        "sim_junk_sims_province_without.csv": ["a4"],
    }


@pytest.mark.parametrize(
    ("options", "cases"),
    [
        ((), ["a1", "a2", "a3", "a4"]),
        (("--action", "verify"), ["a2"]),
        (("--action", "verify", "--action", "notify"), ["a1", "a2", "a3", "a4"]),
        (("--status", "resolved"), ["a5"]),
        (("--status", "open", "--severity", "high"), ["a3"]),
    ],
)
def test_only_the_cases_that_are_asked_for(
    out: Path, options: tuple[str, ...], cases: list[str]
) -> None:
    code, to = write(out, "--registry", "sim", *options)
    assert code == 0
    assert files(to) == {"sim_junk_sims.csv": cases}


def test_the_csv_is_safe_in_a_spreadsheet_and_says_all_that_acting_needs(out: Path) -> None:
    _, to = write(out, "--registry", "sim", "--by", "action", "--action", "verify")
    assert (to / "sim_junk_sims_action_verify.csv").read_bytes() == (
        b"\xef\xbb\xbfcase_id,record_id,person_id,phone,operator,province,reasons,severity,"
        b"confidence,action,protected,evidence,status\n"
        b"a2,'=cmd(),001190012345,+84912000111,Viettel,79,NUMBER_OF_NOBODY;OVER_LIMIT,high,0.98,"
        b'verify,"","{""OVER_LIMIT"":{""held"":12}}",new\n'
    )


def test_files_are_private_and_the_purpose_is_noted(out: Path) -> None:
    _, to = write(out, "--by", "reason")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in to.iterdir()}
    assert (stat.S_IMODE(to.stat().st_mode), modes) == (0o700, {0o600})
    index = json.loads((to / "lists.json").read_text(encoding="utf-8"))
    assert index["purpose"] == "a test"
    assert index["run"] == "2026-10-02T08:00:00+00:00"
    assert index["files"] == {
        "sim_junk_sims_reason_NUMBER_OF_NOBODY.csv": 4,
        "driver_licence_flags_reason_NUMBER_OF_NOBODY.csv": 1,
    }


def test_an_operator_cannot_name_a_file_outside_the_folder(out: Path) -> None:
    options = ("--registry", "sim", "--by", "operator", "--status", "new", "--status", "dismissed")
    code, to = write(out, *options)
    assert code == 0
    assert {path.parent for path in to.rglob("*.csv")} == {to}
    assert sorted(case for cases in files(to).values() for case in cases) == [
        "a1",
        "a2",
        "a4",
        "a6",
    ]
    assert len(files(to)) == 3


def test_no_personal_value_is_shown(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(out, "--by", "province")
    shown = capsys.readouterr().out
    assert "sim_junk_sims_province_79.csv" in shown
    assert "purpose: a test" in shown
    assert not [value for value in ("001190012345", "+84912", "TB1", "a1") if value in shown]


def test_nothing_is_overwritten(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, to = write(out)
    before = files(to)
    assert write(out, "--status", "resolved")[0] == 2
    assert "nothing is overwritten" in capsys.readouterr().err
    assert files(to) == before


def test_the_runs_own_folder_is_refused(out: Path) -> None:
    assert call(["lists", str(out), "--to", str(out / "lists")]) == 2
    assert not (out / "lists").exists()


def test_without_to_the_folder_lies_beside_the_run(out: Path) -> None:
    assert call(["lists", str(out), "--format", "parquet"]) == 0
    found = sorted(path.name for path in out.with_name("out_lists").glob("*.parquet"))
    assert found == ["driver_licence_flags.parquet", "sim_junk_sims.parquet"]


def test_a_list_is_taken_of_the_registries_that_have_it(out: Path) -> None:
    code, to = write(out, "--list", "flags")
    assert code == 0
    assert files(to) == {"driver_licence_flags.csv": ["b1"]}


def test_no_case_makes_no_folder(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, to = write(out, "--list", "duplicates")
    assert (code, to.exists()) == (0, False)
    assert "no case fits" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--by", "provinc"), "did you mean 'province'"),
        (("--by", "operator"), "has no column 'operator'"),
        (("--registry", "sims"), "did you mean 'sim'"),
        (("--list", "junk"), "no list 'junk'"),
        (("--list", "flags", "--registry", "sim"), "has no list 'flags'"),
        (("--action", "notfy"), "did you mean 'notify'"),
        (("--list", "corrections", "--action", "notify"), "has no column 'action'"),
        (("--format", "xlsx"), "csv, parquet"),
    ],
)
def test_what_is_wrong_is_named(
    out: Path, options: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, to = write(out, *options)
    assert (code, to.exists()) == (2, False)
    assert complaint in capsys.readouterr().err


# --- adding feedback ------------------------------------------------------------------------------

DAY = dt.date(2026, 10, 5)


def test_decisions_are_added_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "feedback.csv"
    one = Decision("rejected", DAY, "0f3a", note="=1+1, he said")
    pair = Decision("wrong_link", DAY, None, "sim", "TB1", "001190012345")
    assert append_feedback(file, [one]) == 1
    file.write_bytes(file.read_bytes().rstrip(b"\n"))  # as an editor may leave it
    assert append_feedback(str(file), [pair, one]) == 3
    assert file.read_text(encoding="utf-8") == (
        "case_id,registry,record_id,person_id,decision,decided_on,note\n"
        '0f3a,,,,rejected,2026-10-05,"\'=1+1, he said"\n'
        ",sim,TB1,001190012345,wrong_link,2026-10-05,\n"
        '0f3a,,,,rejected,2026-10-05,"\'=1+1, he said"\n'
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("decision", "complaint"),
    [
        (Decision("reject", DAY, "0f3a"), "did you mean 'rejected'"),
        (Decision("rejected", DAY), "a case_id"),
        (Decision("wrong_link", DAY, "0f3a", "sim", "TB1"), "record_id and person_id"),
        (Decision("withdrawn", DAY), "does not say on what"),
    ],
)
def test_a_decision_that_no_run_could_follow_is_refused(
    tmp_path: Path, decision: Decision, complaint: str
) -> None:
    file = tmp_path / "feedback.csv"
    with pytest.raises(ConfigError, match=complaint):
        append_feedback(file, [decision])
    assert not file.exists()


def test_another_table_is_no_feedback_file(tmp_path: Path) -> None:
    file = tmp_path / "feedback.csv"
    file.write_text("name,phone\nLan,1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="another header"):
        append_feedback(file, [Decision("rejected", DAY, "0f3a")])
    assert file.read_text(encoding="utf-8") == "name,phone\nLan,1\n"


def test_the_command_adds_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "feedback.csv"
    command = ["feedback", str(file), "--decision", "appealed", "--case", "0f3a"]
    assert call([*command, "--on", "2026-10-05"]) == 0
    assert call([*command, "--on", "5/10/2026"]) == 2
    assert "1 lines" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8").endswith("0f3a,,,,appealed,2026-10-05,\n")
