"""Bad input: one clear message, or a counted reject; never a traceback, never a lost row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import linkage
from linkage.cli import call
from linkage.result import RunResult
from tests.pipeline.conftest import SAMPLE

HEADER = "ma;ten;ngay;so;dt"
GOOD = "A1;Nguyễn Văn An;01/02/1990;001090000001;0912345678"
JOB = f"""
job: bad
purpose: test bad input
reference_date: 2026-10-01
population:
  source: {{path: {SAMPLE}/population.parquet}}
  columns: {{person_id: so_dinh_danh, full_name: ho_ten, birth_date: ngay_sinh}}
registries:
  sim:
    source: {{path: sims.csv, delimiter: ";"}}
    columns: {{record_id: ma, full_name: ten, birth_date: ngay, personal_id: so, phone: dt}}
output: {{path: out}}
"""


def job(folder: Path, content: bytes | None, text: str = JOB) -> Path:
    if content is not None:
        (folder / "sims.csv").write_bytes(content)
    path = folder / "job.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def lines(*rows: str) -> bytes:
    return ("\n".join([HEADER, *rows]) + "\n").encode()


@pytest.mark.parametrize(
    ("content", "text", "code", "said"),
    [
        pytest.param(None, JOB, 3, "sims.csv", id="missing file"),
        pytest.param(b"", JOB, 3, "empty", id="empty file"),
        pytest.param(lines(GOOD), JOB.replace("full_name: ten", "full_name: tenn"), 3, "'ten'",
                     id="missing column"),
        pytest.param(lines(GOOD) + b"B2;Tr\xe1n;;;\n", JOB, 3, "byte",
                     id="wrong encoding"),
        pytest.param(lines(GOOD), JOB.replace("purpose", "purpos"), 2, "purpose",
                     id="unknown key"),
        pytest.param(lines(GOOD), JOB.replace("  sim:", "  sims:"), 2, "sim", id="no such registry"),
        pytest.param(lines(GOOD), JOB.replace("2026-10-01", "yesterday"), 2, "reference_date",
                     id="no date"),
    ],
)  # fmt: skip
def test_a_fault_of_the_whole_gives_one_message_and_no_output(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    text: str,
    code: int,
    said: str,
) -> None:
    assert call(["run", str(job(tmp_path, content, text))]) == code
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert said in shown
    assert "Traceback" not in shown
    assert "Nguyễn Văn An" not in shown
    assert not (tmp_path / "out").exists()


def run(folder: Path, *rows: str) -> RunResult:
    return linkage.run(job(folder, lines(*rows)))


@pytest.mark.parametrize(
    ("bad", "reasons"),
    [
        pytest.param("B2;too;few", ["UNREADABLE", "RAGGED_ROW"], id="too few cells"),
        pytest.param(GOOD.replace("A1", "B2") + ";more", ["UNREADABLE", "RAGGED_ROW"],
                     id="too many cells"),
        pytest.param("B2;Nguy\0ễn;;;", ["UNREADABLE", "NUL_BYTE"], id="NUL byte"),
        pytest.param(f"B2;{'x' * 10_000_000};;;", ["UNREADABLE", "OVERSIZED_VALUE"],
                     id="10 MB value"),
        pytest.param(GOOD, ["DUPLICATE_KEY"], id="repeated key"),
    ],
)  # fmt: skip
def test_a_fault_of_one_row_is_a_counted_reject(
    tmp_path: Path, bad: str, reasons: list[str]
) -> None:
    sim = run(tmp_path, GOOD, bad, "C3;Lê Thị Bình;1985;;")["sim"]
    assert sim.rejects["reasons"].to_list() == [reasons]
    assert sim.rejects["row"].to_list() == [2]
    assert sim.records["row"].to_list() == [1, 2, 3]
    assert sim.records["link_status"][1] == "rejected"


def test_a_header_alone_gives_empty_lists(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result["sim"].records.height == 0
    assert (tmp_path / "out" / "sim" / "records.parquet").is_file()


def test_a_column_of_garbage_warns_and_loses_no_row(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [f"K{n};Nguyễn Văn An;?!{n};001090{n:06};09123{n:05}" for n in range(30)]
    sim = run(tmp_path, *rows)["sim"]
    assert sim.records.height == 30
    assert "field 'birth_date': 30 of 30 values are unreadable" in caplog.text


def test_a_number_that_repeats_in_the_register_stops_the_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = pl.read_parquet(SAMPLE / "population.parquet").head(100)
    pl.concat([people, people.head(5)]).write_parquet(tmp_path / "people.parquet")
    text = JOB.replace(f"{SAMPLE}/population.parquet", "people.parquet")
    assert call(["run", str(job(tmp_path, lines(GOOD), text))]) == 2
    assert "repeats 5 of its 105 keys" in capsys.readouterr().err


def test_a_few_repeated_people_are_set_aside_and_listed(tmp_path: Path) -> None:
    people = pl.read_parquet(SAMPLE / "population.parquet").head(2000)
    pl.concat([people, people.head(1)]).write_parquet(tmp_path / "people.parquet")
    text = JOB.replace(f"{SAMPLE}/population.parquet", "people.parquet")
    result = linkage.run(job(tmp_path, lines(GOOD), text))
    issues = result.population_issues
    assert issues["person_id"].to_list() == people["so_dinh_danh"].head(1).to_list()
    assert issues["reasons"].to_list() == [["DUPLICATE_KEY"]]


@pytest.mark.parametrize("moment", ["registry", "lists"])
def test_a_killed_run_leaves_the_previous_output(tmp_path: Path, moment: str) -> None:
    path = job(tmp_path, lines(GOOD))
    linkage.run(path)
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    where = {
        "registry": "import linkage.runner as m; m.run_registry = stop",
        "lists": "import linkage.write as m; m._swap = stop",
    }[moment]
    script = (
        "import os, signal, sys\n"
        "def stop(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{where}\nimport linkage\nlinkage.run(sys.argv[1])"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert killed.returncode == -9
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert linkage.run(path)["sim"].records.height == 1


def test_an_empty_register_is_refused_before_everybody_looks_invented(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = pl.read_parquet(SAMPLE / "population.parquet").clear()
    people.write_parquet(tmp_path / "people.parquet")
    text = JOB.replace(f"{SAMPLE}/population.parquet", "people.parquet")
    assert call(["run", str(job(tmp_path, lines(GOOD), text))]) == 3
    assert "holds no people" in capsys.readouterr().err


def test_a_registry_of_strangers_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"K{n};Nguyễn Văn An;01/01/1990;{n:012};09123{n:05}" for n in range(30)]
    result = run(tmp_path, *rows)
    assert "only 0 of 30 records link to one of 20,000 people" in caplog.text
    assert result.manifest["warnings"]


def test_a_wrong_encoding_that_decodes_all_the_same_warns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = (SAMPLE.parent / "configs" / "sample.yaml").read_text(encoding="utf-8")
    path = tmp_path / "job.yaml"
    path.write_text(text.replace("../", f"{SAMPLE.parent}/").replace("tcvn3", "cp1252"))
    linkage.run(path, registries=["driver_licence"], write=False)
    assert "names hold signs that no name has; check the encoding" in caplog.text


def test_a_frame_for_a_source_that_the_job_does_not_have_is_refused(tmp_path: Path) -> None:
    path = job(tmp_path, lines(GOOD))
    with pytest.raises(linkage.ConfigError, match="did you mean 'sim'"):
        linkage.run(path, sources={"sims": pl.DataFrame()}, write=False)


def test_too_small_a_memory_limit_says_what_to_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = JOB + "engine: {memory_limit: 5MB, threads: 1}\n"
    assert call(["run", str(job(tmp_path, lines(GOOD), text))]) == 2
    assert "raise 'engine: memory_limit:'" in capsys.readouterr().err


def test_the_manifest_says_which_declaration_was_in_force(tmp_path: Path) -> None:
    entry = run(tmp_path, GOOD).manifest["registries"]["sim"]["declaration"]
    assert entry["path"].endswith("registries/sim.yaml")
    assert entry["link"]["thresholds"]["link"] == 0.95
    assert entry["rules"]["OVER_LIMIT"] == {"ask_from": 4, "verify_from": 10}


def test_a_field_that_the_job_does_not_map_is_shown_of_nobody(tmp_path: Path) -> None:
    person = pl.read_parquet(SAMPLE / "population.parquet").row(0, named=True)
    known = f"A1;{person['ho_ten'].upper()};{person['ngay_sinh']};{person['so_dinh_danh']};"
    text = JOB.replace("birth_date: ngay_sinh}", "birth_date: ngay_sinh, address: noi_thuong_tru}")
    borrowed = f"B2;Lê Thị Bình;05/05/1955;{person['so_dinh_danh']};"
    sim = linkage.run(job(tmp_path, lines(known, borrowed), text))["sim"]
    assert sim.records["link_status"].to_list() == ["linked", "review"]
    assert "address" not in sim.corrections["field"].to_list()
    assert not [column for column in sim.review.columns if column.startswith("address")]
