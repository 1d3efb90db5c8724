"""The command line: what it prints where, and with which exit code it ends."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from linkage import console
from linkage.cli import call
from linkage.contracts import (
    CORRECTIONS,
    DUPLICATES,
    POPULATION_ISSUES,
    RECORDS,
    REJECTS,
    REVIEW,
    case_table,
)
from linkage.errors import ConfigError, ContractError, SourceError
from linkage.write import Output, publish

SECRET = "NGUYEN THI SECRET 079088001234"


def written_run(folder: Path, names: tuple[str, ...] = ("sim", "vehicle")) -> Path:
    record = {
        "record_id": "a",
        "row": 1,
        "subject_type": "person",
        "link_status": "linked",
        "person_id": "P1",
        "outcome": "MATCH",
        "diff_fields": [],
        "decided_by": "model",
        "reasons": ["ABOVE_THRESHOLD"],
    }
    lists = {
        name: {
            "records": pl.DataFrame([record], schema=RECORDS.schema),
            case_table(name).name: case_table(name).empty(),
            "duplicates": DUPLICATES.empty(),
            "corrections": CORRECTIONS.empty(),
            "review": REVIEW.empty(),
            "rejects": REJECTS.empty(),
        }
        for name in names
    }
    manifest = {
        "job": "small",
        "registries": {name: {} for name in names},
        "config": {"path": None},
    }
    top = {"population_issues": POPULATION_ISSUES.empty()}
    publish(folder, Output(top, lists, manifest, ""), formats=["parquet"])
    return folder


def raises(error: BaseException) -> Callable[[], Any]:
    def command() -> None:
        raise error

    return command


# --- errors and exit codes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"), [(ConfigError("x"), 2), (SourceError("x"), 3), (ContractError("x"), 4)]
)
def test_each_kind_of_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert console.guarded(raises(error), debug=False) == code


def test_an_error_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    error = ConfigError("no such thing", expected="this", found="that", hint="look")
    console.guarded(raises(error), debug=False)
    shown = capsys.readouterr()
    assert shown.err == "error: no such thing\n  expected: this\n  found: that\n  try: look\n"
    assert shown.out == ""


def dressed_up(inner: BaseException, outer: BaseException) -> BaseException:
    outer.__context__ = inner
    return outer


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        RuntimeError("Query interrupted"),
        duckdb.InterruptException("INTERRUPT Error: Interrupted!"),
        dressed_up(KeyboardInterrupt(), ValueError("no rows")),
        dressed_up(KeyboardInterrupt(), SourceError("no rows")),
        dressed_up(RuntimeError("Query interrupted"), ValueError("SELECT")),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_interrupt_ends_with_130(
    error: BaseException, debug: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert console.guarded(raises(error), debug=debug) == 130
    assert capsys.readouterr().err == "interrupted: nothing was written\n"


def test_an_interrupt_that_the_parser_caught_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.guarded(lambda: 130, debug=False, interrupted="files may be missing") == 130
    assert capsys.readouterr().err == "interrupted: files may be missing\n"


def test_a_circle_of_causes_is_no_interrupt() -> None:
    first, second = ValueError("a"), ValueError("query interrupted")  # not the engine's kind
    first.__context__, second.__context__ = second, first
    assert not console.was_interrupted(first)


class Panic(BaseException):
    """As polars raises it."""


@pytest.mark.parametrize("error", [ValueError(SECRET), KeyError(SECRET), Panic(SECRET)])
def test_an_unforeseen_fault_shows_no_value(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    assert console.guarded(raises(error), debug=False) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"internal error ({type(error).__name__} in linkage.console:")
    assert "SECRET" not in shown
    assert "--debug" in shown


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.guarded(raises(ValueError("detail")), debug=True) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    error = OSError(28, "No space left on device", "out/sample")
    assert console.guarded(raises(error), debug=False) == 1
    assert capsys.readouterr().err == "error: out/sample: No space left on device\n"


@pytest.mark.parametrize("arguments", [["no-such"], ["run"], ["run", "x", "--format", "xlsx"]])
def test_a_wrong_command_line_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(arguments) == 2
    assert "Usage" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_missing_job_file_ends_with_2(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call([command, str(tmp_path / "job.yaml")]) == 2
    shown = capsys.readouterr()
    assert "error: there is no job file" in shown.err
    assert shown.out == ""


# --- what is printed ------------------------------------------------------------------------------


def test_help_lists_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == 0
    shown = capsys.readouterr().out
    for word in ("run", "check", "schema", "sample", "init", "evaluate", "explain", "130"):
        assert word in shown


def test_an_unknown_format_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["run", "x", "--format", "xls"]) == 2
    message = "Error: Invalid value for '--format': 'xls' is not one of parquet, csv"
    assert capsys.readouterr().err.splitlines()[-1] == message


def test_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--version"]) == 0
    assert capsys.readouterr().out.startswith("registry-linkage")


def test_module_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "linkage", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_warnings_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with console.warnings_shown():
        logging.getLogger("linkage").warning("registry '%s' is odd", "sim")
    logging.getLogger("linkage").info("not shown")
    assert capsys.readouterr().err == "warning: registry 'sim' is odd\n"


def test_tables_are_never_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/a/long/folder" * 30
    console.table(pl.DataFrame({"n": [1234, None], "share": [0.5, None], "path": [path, "b"]}))
    assert capsys.readouterr().out.splitlines() == [
        "    n   share  path",
        f"1,234  0.5000  {path}",
        "    -       -  b",
    ]


def test_progress_is_quiet_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with console.steps(3) as progress:
        progress("sim: reading")
    with console.counted(10, "people") as show:
        show(5, "people")
    assert capsys.readouterr() == ("", "")


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["schema"]) == 0
    assert "JobConfig" in json.loads(capsys.readouterr().out)["$defs"]


# --- init and sample ------------------------------------------------------------------------------


def test_init_copies_what_ships_and_says_what_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "configs"
    assert call(["init", str(folder)]) == 0
    assert (folder / "sample.yaml").is_file()
    assert (folder / "registries" / "sim.yaml").is_file()
    shown = capsys.readouterr().out
    assert f"linkage sample {tmp_path / 'sample_data'} --people 20000" in shown
    assert f"linkage run {folder / 'sample.yaml'}" in shown


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "sample.yaml"
    own.write_text("mine", encoding="utf-8")
    assert call(["init", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["sample.yaml"]
    assert own.read_text(encoding="utf-8") == "mine"
    assert "--force" in capsys.readouterr().err


def test_init_overwrites_when_forced(tmp_path: Path) -> None:
    own = tmp_path / "sample.yaml"
    own.write_text("mine", encoding="utf-8")
    assert call(["init", str(tmp_path), "--force"]) == 0
    assert "job: sample" in own.read_text(encoding="utf-8")


def test_sample_makes_data_and_truth(tmp_path: Path) -> None:
    assert call(["sample", str(tmp_path), "--people", "100"]) == 0
    assert pl.read_parquet(tmp_path / "population.parquet").height == 100
    assert (tmp_path / "truth" / "sim.parquet").is_file()


def test_sample_leaves_other_files_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").touch()
    assert call(["sample", str(tmp_path), "--people", "100"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert "1 files or folders in it" in capsys.readouterr().err


@pytest.mark.parametrize("people", ["0", "99", "many"])
def test_sample_needs_a_sensible_number_of_people(people: str, tmp_path: Path) -> None:
    assert call(["sample", str(tmp_path), "--people", people]) == 2


# --- looking at a run -----------------------------------------------------------------------------


def test_evaluate_prints_links_by_registry_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = written_run(tmp_path / "out")
    for name in ("sim", "vehicle"):
        (tmp_path / f"{name}.csv").write_text("record_id,person_id\na,P1\n", encoding="utf-8")
    assert call(["evaluate", str(out), str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "vehicle" in shown
    assert "ABOVE_THRESHOLD" in shown
    assert "1.0000  0.2065 to 1.000" in shown
    assert "unlabelled: records without truth" in shown
    assert "shown: share of reviewed records" in shown


def test_evaluate_can_leave_a_registry_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = written_run(tmp_path / "out")
    (tmp_path / "sim.csv").write_text("record_id,person_id\na,P1\n", encoding="utf-8")
    assert call(["evaluate", str(out), str(tmp_path)]) == 3
    assert "there is no truth about 'vehicle'" in capsys.readouterr().err
    assert call(["evaluate", str(out), str(tmp_path), "--registry", "sim"]) == 0


def test_evaluate_needs_a_finished_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["evaluate", str(tmp_path), str(tmp_path)]) == 3
    assert "holds no finished run" in capsys.readouterr().err


def test_explain_asks_which_registry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = written_run(tmp_path / "out")
    assert call(["explain", str(out), "a"]) == 2
    assert "try: --registry sim" in capsys.readouterr().err


def test_explain_knows_no_such_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = written_run(tmp_path / "out")
    assert call(["explain", str(out), "zz079"]) == 2
    shown = capsys.readouterr().err
    assert "none in sim, vehicle" in shown
    assert "zz079" not in shown


# --- end to end -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a new user has after ``init`` and ``sample``."""
    folder = tmp_path_factory.mktemp("workshop")
    assert call(["init", str(folder / "configs")]) == 0
    assert call(["sample", str(folder / "sample_data"), "--people", "500"]) == 0
    return folder


@pytest.fixture(scope="module")
def ran(workshop: Path) -> Path:
    job, out = workshop / "configs" / "sample.yaml", workshop / "lists"
    arguments = ["run", str(job), "--out", str(out), "--registry", "vehicle"]
    assert call([*arguments, "--format", "csv", "--format", "parquet"]) == 0
    return out


def test_check_of_the_sample_job_is_clean(
    workshop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["check", str(workshop / "configs" / "sample.yaml")]) == 0
    shown = capsys.readouterr()
    assert "sample: ready to run" in shown.out
    assert shown.err == ""


def test_check_names_the_files_in_force(workshop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["check", str(workshop / "configs" / "sample.yaml")]) == 0
    shown = capsys.readouterr().out
    for file in ("registries/vehicle.yaml", "models/vehicle.json"):
        assert str(workshop / "configs" / file) in shown


def test_check_tells_of_an_unusable_output_folder(
    workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").touch()
    job = workshop / "configs" / "elsewhere.yaml"
    text = job.with_name("sample.yaml").read_text(encoding="utf-8")
    assert "path: ../out/sample" in text
    job.write_text(text.replace("../out/sample", str(tmp_path)), encoding="utf-8")
    assert call(["check", str(job)]) == 2
    shown = capsys.readouterr()
    assert "is not empty" in shown.err
    assert "ready to run" not in shown.out


def test_run_says_one_registry(
    workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = str(workshop / "configs" / "sample.yaml")
    assert call(["run", job, "--out", str(tmp_path / "out"), "--registry", "vehicle"]) == 0
    assert "sample: 1 registry in" in capsys.readouterr().out


def test_run_writes_the_lists_of_the_registry(ran: Path) -> None:
    assert sorted(path.name for path in ran.iterdir() if path.is_dir()) == ["vehicle"]
    assert (ran / "report.html").is_file()
    assert (ran / "vehicle" / "records.csv").is_file()
    assert (ran / "vehicle" / "records.parquet").is_file()


def test_run_refuses_a_registry_that_the_job_lacks(
    workshop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = str(workshop / "configs" / "sample.yaml")
    assert call(["run", job, "--registry", "boat"]) == 2
    assert "the job has no registry 'boat'" in capsys.readouterr().err
    assert call(["run", job, "--registry", "vehicel"]) == 2
    assert "did you mean 'vehicle'" in capsys.readouterr().err


def test_evaluate_of_the_sample_run(
    ran: Path, workshop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["evaluate", str(ran), str(workshop / "sample_data" / "truth")]) == 0
    assert "HOLDER_DECEASED" in capsys.readouterr().out


def test_explain_of_a_sample_record(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = pl.read_parquet(ran / "vehicle" / "records.parquet")["record_id"][0]
    assert call(["explain", str(ran), str(record)]) == 0
    assert f"vehicle {record} (row 1)" in capsys.readouterr().out
