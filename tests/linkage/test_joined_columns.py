"""A field from several columns of a source: their texts joined by a space."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from linkage.config import load_job
from linkage.config.models import SourceConfig
from linkage.errors import ConfigError, SourceError
from linkage.read import read_source

TABLE = pl.DataFrame(
    {
        "no": ["1", "2", "3", "3"],
        "middle": ["Nguyễn Thị", " ", "Trần Văn", None],
        "given": ["Lan", "Bình", None, ""],
    }
)
JOINED = {"record_id": "no", "full_name": ["middle", "given"], "given": "given"}

JOB = """
job: joined
purpose: test of joined columns
reference_date: 2026-10-01
population: {columns: {person_id: so, full_name: [ho_dem, ten], birth_date: [2, 1, 0]}}
registries:
  sim: {columns: {record_id: ma, full_name: COLUMNS}}
output: {path: out}
"""


def job(folder: Path, columns: str) -> Path:
    path = folder / "job.yaml"
    path.write_text(JOB.replace("COLUMNS", columns), encoding="utf-8")
    return path


def test_texts_are_joined_by_a_space_and_blank_ones_left_out() -> None:
    raw = read_source("club", SourceConfig(), JOINED, "record_id", frame=TABLE)
    assert raw.rows["full_name"].to_list() == ["Nguyễn Thị Lan", "Bình", "Trần Văn"]
    assert raw.rows["given"].to_list() == ["Lan", "Bình", None]


def test_columns_that_are_all_blank_make_no_value() -> None:
    raw = read_source("club", SourceConfig(), {"full_name": ["middle", "given"]}, None, frame=TABLE)
    assert raw.rows["full_name"].to_list()[-1] is None


def test_a_key_may_be_joined() -> None:
    mapping = {"record_id": ["no", "given"]}
    raw = read_source("club", SourceConfig(), mapping, "record_id", frame=TABLE)
    assert raw.rows["record_id"].to_list() == ["1 Lan", "2 Bình", "3"]
    assert raw.rejects["record_id"].to_list() == ["3#2"]


def test_a_csv_is_joined_as_a_frame_is(tmp_path: Path) -> None:
    TABLE.write_csv(tmp_path / "club.csv")
    source = SourceConfig(path=tmp_path / "club.csv")
    raw = read_source("club", source, JOINED, "record_id")
    assert raw.rows["full_name"].to_list() == ["Nguyễn Thị Lan", "Bình", "Trần Văn"]


def test_a_column_that_is_not_there_is_named() -> None:
    mapping = {"full_name": ["middle", "surname"]}
    with pytest.raises(SourceError, match="surname"):
        read_source("club", SourceConfig(), mapping, None, frame=TABLE)


def test_a_job_may_name_several_columns_and_numbers_are_headers(tmp_path: Path) -> None:
    loaded = load_job(job(tmp_path, "[ho_dem, ten]"))
    assert loaded.config.registries["sim"].columns["full_name"] == ["ho_dem", "ten"]
    assert loaded.config.population.columns["birth_date"] == ["2", "1", "0"]


def test_a_list_of_one_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_job(job(tmp_path, "[ten]"))
    assert "full_name" in str(caught.value.problems)
