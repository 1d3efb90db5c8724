"""A fifth registry is one YAML file and no Python."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import linkage
from linkage.result import RunResult
from tests.pipeline.conftest import SAMPLE

DECLARATION = """
registry: vaccination
title: {en: Vaccination records, vi: Sổ tiêm chủng}
fields:
  name:       {type: person_name, required: true}
  birth_date: {type: birth_date}
  number:     {type: personal_id}
  phone:      {type: phone}
  commune:    {type: address}
  given_on:   {type: date}
holds: 3
opened_on: given_on
link:
  exact: [[number, name, birth_date]]
  block: [[number], [name, birth_date.year], [name.given, birth_date], [birth_date, commune.ward]]
rules:
  HOLDER_DECEASED: true
"""
JOB = """
job: vaccination
purpose: test that a fifth registry needs no Python
reference_date: 2026-10-01
population:
  source: {path: SAMPLE/population.parquet}
  columns: {person_id: so_dinh_danh, old_ids: so_cmnd, full_name: ho_ten, birth_date: ngay_sinh,
            sex: gioi_tinh, address: noi_thuong_tru, death_date: ngay_mat}
registries:
  vaccination:
    source: {path: mui_tiem.csv, delimiter: "|"}
    columns: {name: Họ tên, birth_date: Ngày sinh, number: Định danh, phone: Điện thoại,
              commune: Xã phường, given_on: Ngày tiêm}
output: {path: out}
"""


@pytest.fixture(scope="module")
def vaccination(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """Two hundred living people vaccinated once, one five times, one after his death."""
    folder = tmp_path_factory.mktemp("vaccination")
    people = pl.read_parquet(SAMPLE / "population.parquet").filter(
        pl.col("ngay_sinh").str.len_chars() == 10
    )
    living, dead = people.filter(pl.col("ngay_mat").is_null()), people.drop_nulls("ngay_mat")
    given = pl.concat([living.head(200), living.head(1), living.head(1), living.head(1),
                       living.head(1), dead.head(1)])  # fmt: skip
    rows = given.with_row_index().select(
        pl.col("ho_ten").str.to_uppercase().alias("Họ tên"),
        pl.col("ngay_sinh").str.to_date().dt.strftime("%d/%m/%Y").alias("Ngày sinh"),
        # Every fourth record has no number: the model must find the person.
        pl.when(pl.col("index") % 4 > 0).then("so_dinh_danh").alias("Định danh"),
        pl.lit("0912345678").alias("Điện thoại"),
        pl.col("noi_thuong_tru").str.split(", ").list.tail(2).list.join(", ").alias("Xã phường"),
        pl.lit("01/09/2026").alias("Ngày tiêm"),
    )
    rows.write_csv(folder / "mui_tiem.csv", separator="|")
    given.select("so_dinh_danh").write_parquet(folder / "truth.parquet")
    (folder / "registries").mkdir()
    (folder / "registries" / "vaccination.yaml").write_text(DECLARATION, encoding="utf-8")
    (folder / "job.yaml").write_text(JOB.replace("SAMPLE", str(SAMPLE)), encoding="utf-8")
    return linkage.run(folder / "job.yaml")


def truth(result: RunResult) -> pl.Series:
    assert result.path is not None
    return pl.read_parquet(Path(result.path).parent / "truth.parquet")["so_dinh_danh"]


def test_rows_without_a_key_are_keyed_by_position(vaccination: RunResult) -> None:
    records = vaccination["vaccination"].records
    assert records["record_id"].to_list() == [f"row:{n}" for n in range(1, records.height + 1)]


def test_nearly_all_are_linked_and_none_wrongly(vaccination: RunResult) -> None:
    records = vaccination["vaccination"].records.with_columns(truth=truth(vaccination))
    linked = records.filter(link_status="linked")
    assert linked.height >= 0.97 * records.height
    assert linked["person_id"].equals(linked["truth"])


def test_records_without_a_number_are_linked_by_the_default_model(vaccination: RunResult) -> None:
    records = vaccination["vaccination"].records
    by_model = records.filter((pl.col("outcome") == "NOT_CHECKED"), decided_by="model")
    assert by_model.height >= 40


def test_more_than_the_lawful_number_is_a_duplicate(vaccination: RunResult) -> None:
    doubled = vaccination["vaccination"].duplicates
    assert doubled.height == 5
    assert doubled["keep"].sum() == 1


def test_a_dose_after_death_is_flagged(vaccination: RunResult) -> None:
    flags = vaccination["vaccination"].flags
    assert flags["reasons"].to_list() == [["HOLDER_DECEASED"]]
    assert flags["severity"].to_list() == ["high"]
