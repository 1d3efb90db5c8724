"""Writing: whole or not at all, private, and safe to open and to share."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.contracts import SCHEMA_VERSION
from linkage.errors import ConfigError
from linkage.write import Output, check_target, mask, publish, spreadsheet_safe

RECORDS = pl.DataFrame(
    {
        "record_id": ["a", "b"],
        "phone": ["+84912345678", None],
        "reasons": [["ABOVE_THRESHOLD"], []],
    },
    schema_overrides={"reasons": pl.List(pl.String)},
)
ISSUES = pl.DataFrame({"person_id": ["001190012345"]})


def output(note: str = "first", **lists: pl.DataFrame) -> Output:
    return Output(
        {"population_issues": ISSUES},
        {"sim": {"records": RECORDS, **lists}},
        {"note": note, "registries": {"sim": {}}},
        "<p>Tiếng Việt</p>",
    )


def files(folder: Path) -> set[str]:
    """Every file and folder below, hidden ones too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def note(out: Path) -> str:
    found: str = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["note"]
    return found


PUBLISHED = {
    "manifest.json",
    "report.html",
    "population_issues.parquet",
    "sim",
    "sim/records.parquet",
}


def test_everything_is_published_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    publish(tmp_path / "out", output(), formats=["parquet"])
    assert files(tmp_path / "out") == PUBLISHED
    assert files(tmp_path) == {"out", *(f"out/{name}" for name in PUBLISHED)}


def test_folders_above_the_output_are_made(tmp_path: Path) -> None:
    publish(tmp_path / "a" / "b" / "out", output(), formats=["parquet"])
    assert note(tmp_path / "a" / "b" / "out") == "first"


def test_lists_come_back_as_they_were(tmp_path: Path) -> None:
    publish(tmp_path / "out", output(), formats=["parquet", "csv"])
    assert pl.read_parquet(tmp_path / "out/sim/records.parquet").equals(RECORDS)
    assert (tmp_path / "out/report.html").read_text(encoding="utf-8") == "<p>Tiếng Việt</p>"


def test_each_file_says_its_schema_version(tmp_path: Path) -> None:
    publish(tmp_path / "out", output(), formats=["parquet"])
    told = pq.read_metadata(tmp_path / "out/sim/records.parquet").metadata
    assert told[b"schema_version"] == SCHEMA_VERSION.encode()
    assert told[b"list"] == b"records"


def test_files_and_folders_are_the_owners_alone(tmp_path: Path) -> None:
    publish(tmp_path / "out", output(), formats=["parquet", "csv"])
    for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path.name


def test_the_processs_own_mask_is_put_back(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        publish(tmp_path / "out", output(), formats=["parquet"])
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_a_new_run_takes_the_place_of_the_previous(tmp_path: Path) -> None:
    publish(tmp_path / "out", output("first", rejects=RECORDS), formats=["parquet", "csv"])
    publish(tmp_path / "out", output("second"), formats=["parquet"])
    assert note(tmp_path / "out") == "second"
    assert files(tmp_path / "out") == PUBLISHED
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


UNWRITABLE = pl.DataFrame({"record_id": [object()]}, schema={"record_id": pl.Object})


@pytest.mark.parametrize("formats", [["parquet"], ["csv"]])
def test_a_list_that_cannot_be_written_leaves_the_previous_output(
    tmp_path: Path, formats: list[str]
) -> None:
    publish(tmp_path / "out", output("first"), formats=["parquet"])
    with pytest.raises(pl.exceptions.PolarsError):
        publish(tmp_path / "out", output("second", review=UNWRITABLE), formats=formats)
    assert note(tmp_path / "out") == "first"
    assert files(tmp_path / "out") == PUBLISHED
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_a_manifest_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    broken = dataclasses.replace(output(), manifest={"when": object()})
    with pytest.raises(TypeError):
        publish(tmp_path / "out", broken, formats=["parquet"])
    assert files(tmp_path) == set()


@pytest.mark.parametrize("with_previous", [True, False])
def test_what_a_failed_rename_leaves_is_the_previous_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_previous: bool
) -> None:
    out = tmp_path / "out"
    if with_previous:
        publish(out, output("first"), formats=["parquet"])
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            message = "disk"
            raise OSError(message)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="disk"):
        publish(out, output("second"), formats=["parquet"])
    assert {path.name for path in tmp_path.iterdir()} == ({"out"} if with_previous else set())
    assert not with_previous or note(out) == "first"


def test_a_run_that_was_killed_between_the_renames_is_undone(tmp_path: Path) -> None:
    publish(tmp_path / "out", output("first"), formats=["parquet"])
    (tmp_path / "out").rename(tmp_path / ".out.previous")
    check_target(tmp_path / "out")
    assert note(tmp_path / "out") == "first"
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_a_run_that_was_killed_after_the_renames_stays(tmp_path: Path) -> None:
    publish(tmp_path / "out", output("first"), formats=["parquet"])
    (tmp_path / "out").rename(tmp_path / ".out.previous")
    publish(tmp_path / "other", output("second"), formats=["parquet"])
    (tmp_path / "other").rename(tmp_path / "out")
    check_target(tmp_path / "out")
    assert note(tmp_path / "out") == "second"
    publish(tmp_path / "out", output("third"), formats=["parquet"])
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_a_folder_that_no_run_wrote_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigError, match="not empty"):
        publish(tmp_path / "out", output(), formats=["parquet"])
    assert (tmp_path / "out" / "thesis.txt").read_text() == "precious"
    assert files(tmp_path) == {"out", "out/thesis.txt"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    with pytest.raises(ConfigError, match="a file"):
        check_target(tmp_path / "out")


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    publish(tmp_path / "out", output(), formats=["parquet"])
    assert note(tmp_path / "out") == "first"


def test_a_folder_named_by_a_dot_is_looked_at_and_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="not empty"):
        check_target(Path())


# --- spreadsheets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("first", "=+-@\t\r")
def test_text_that_a_spreadsheet_would_run_is_made_plain(first: str) -> None:
    safe = spreadsheet_safe(pl.DataFrame({"name": [f"{first}cmd()", f"An {first}"]}))
    assert safe["name"].to_list() == [f"'{first}cmd()", f"An {first}"]


def test_a_list_that_starts_like_a_formula_is_made_plain() -> None:
    safe = spreadsheet_safe(pl.DataFrame({"names": [["=a", "b"], []]}))
    assert safe["names"].to_list() == ["'=a;b", ""]


def test_numbers_stay_numbers() -> None:
    frame = pl.DataFrame({"weight": [-1.5], "count": [-1]})
    assert spreadsheet_safe(frame).equals(frame)


@given(st.lists(st.none() | st.text(max_size=8), min_size=1, max_size=20))
def test_no_cell_of_text_starts_a_formula(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    safe = spreadsheet_safe(frame)["text"]
    for before, after in zip(texts, safe, strict=True):
        assert (before is None) == (after is None)
        assert after is None or after[:1] not in ("=", "+", "-", "@", "\t", "\r")
        assert after is None or after.removeprefix("'") == str(before).removeprefix("'")


def test_a_csv_opens_in_a_spreadsheet_with_its_letters(tmp_path: Path) -> None:
    odd = pl.DataFrame({"name": ["Nguyễn\nLan", 'a;"b",c', "=1+1"], "tags": [["x", "y"], [], None]})
    publish(tmp_path / "out", output(review=odd), formats=["csv"])
    path = tmp_path / "out/sim/review.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["name", "tags"],
        ["Nguyễn\nLan", "x;y"],
        ['a;"b",c', ""],
        ["'=1+1", ""],
    ]
    assert not (tmp_path / "out/sim/review.parquet").exists()


# --- masking --------------------------------------------------------------------------------------

PERSONAL: dict[str, Any] = {
    "person_id": ["001190012345"],
    "candidate_id": ["001190012345"],
    "runner_up_id": ["001190012345"],
    "phone": ["+84912345678"],
    "current": ["Nguyễn Thị Lan"],
    "proposed": ["Nguyễn Thị Lan"],
    "raw": ['{"ho_ten":"Nguyễn Thị Lan"}'],
    "full_name_record": ["Nguyễn Thị Lan"],
    "address_candidate": ["Số 12 phố Hàng Than"],
    "evidence": ['{"OVER_LIMIT":{"held":4}}'],
}


def test_personal_values_are_hidden_but_for_their_ends() -> None:
    hidden = mask(pl.DataFrame(PERSONAL)).to_dicts()[0]
    assert hidden["phone"] == "+84***678"
    assert hidden["full_name_record"] == "Ngu***Lan"
    assert hidden["evidence"] == "{}"
    for (value,) in PERSONAL.values():
        assert value not in str(hidden)


@pytest.mark.parametrize("value", ["01/02/1993", "1978-11-23", "1-2-1993", "1993"])
def test_a_date_is_hidden_whole(value: str) -> None:
    assert mask(pl.DataFrame({"birth_date_record": [value]}))["birth_date_record"][0] == "***"


@pytest.mark.parametrize("value", ["An", "123456", ""])
def test_a_short_value_is_hidden_whole(value: str) -> None:
    assert mask(pl.DataFrame({"current": [value]}))["current"].to_list() == ["***"]


def test_masking_keeps_codes_numbers_and_nulls() -> None:
    frame = pl.DataFrame(
        {"case_id": ["0123456789abcdef"], "severity": ["high"], "rank": [1], "phone": [None]},
        schema_overrides={"phone": pl.String},
    )
    assert mask(frame).equals(frame)


def test_a_masked_run_holds_no_personal_value_in_any_file(tmp_path: Path) -> None:
    lists = {"review": pl.DataFrame(PERSONAL)}
    publish(tmp_path / "out", output(**lists), formats=["parquet", "csv"], masked=True)
    for path in (tmp_path / "out").rglob("*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        assert not any(value in text for (value,) in PERSONAL.values()), path.name
    shown = pl.read_parquet(tmp_path / "out/sim/review.parquet")
    assert shown.equals(mask(lists["review"]))


def test_what_a_killed_run_left_beside_the_target_is_removed(tmp_path: Path) -> None:
    leftover = tmp_path / ".out.999999999.partial"
    leftover.mkdir()
    own = tmp_path / f".out.{os.getppid()}.partial"  # of a run that is still at work
    own.mkdir()
    publish(tmp_path / "out", output(), formats=["parquet"])
    assert (leftover.exists(), own.exists()) == (False, True)


def test_a_record_key_that_looks_like_a_number_of_a_person_is_masked() -> None:
    shown = mask(pl.DataFrame({"record_id": ["0912345678", "TB0000001"]}))["record_id"]
    assert shown.to_list() == ["091***678", "TB0000001"]


@pytest.mark.parametrize("text", ["=1+1", "\n=1+1", " =1+1", "＝1+1", "@A1", "-2+3", "\t=1"])
def test_no_text_runs_as_a_formula(text: str) -> None:
    assert spreadsheet_safe(pl.DataFrame({"a": [text]}))["a"].to_list() == [f"'{text}"]


@pytest.mark.parametrize("number", ["+84912345678", "-2", "033306744217", "1.5"])
def test_a_number_is_no_formula(number: str) -> None:
    assert spreadsheet_safe(pl.DataFrame({"a": [number]}))["a"].to_list() == [number]


@pytest.mark.parametrize("name", ["notes.txt", "sim/notes.xlsx", "sim/other.parquet"])
def test_a_file_of_somebody_elses_is_not_thrown_away(tmp_path: Path, name: str) -> None:
    publish(tmp_path / "out", output(), formats=["parquet", "csv"])
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(ConfigError, match="files that no run wrote"):
        publish(tmp_path / "out", output("second"), formats=["parquet"])
    assert (tmp_path / "out" / name).read_text() == "mine"


def test_the_lists_of_other_registries_are_not_thrown_away(tmp_path: Path) -> None:
    publish(tmp_path / "out", output(), formats=["parquet"])
    with pytest.raises(ConfigError, match="leaves out"):
        check_target(tmp_path / "out", ["vehicle"])


@pytest.mark.skipif(not Path("/proc").is_mount(), reason="needs a mount point")
def test_a_mount_point_is_refused_before_the_run() -> None:
    with pytest.raises(ConfigError, match="mount point"):
        check_target(Path("/proc"))
