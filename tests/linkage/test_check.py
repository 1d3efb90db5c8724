"""The look at the sources before any work."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linkage.config import check, load_job
from linkage.errors import SourceError

JobMaker = Callable[..., dict[str, Any]]


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    """A job on two small sources, as a mapping."""
    people = tmp_path / "people.parquet"
    pl.DataFrame({"so": ["1"], "ten": ["An"], "sinh": ["1990"]}).write_parquet(people)
    sims = tmp_path / "sims.csv"
    sims.write_text("ma;so;ho_ten\na;0912;An\n", "utf-8-sig")
    return {
        "job": "test",
        "purpose": "test",
        "reference_date": "2026-10-01",
        "population": {
            "source": {"path": str(people)},
            "columns": {"person_id": "so", "full_name": "ten", "birth_date": "sinh"},
        },
        "registries": {
            "sim": {
                "source": {"path": str(sims)},
                "columns": {"record_id": "ma", "phone": "so", "full_name": "ho_ten"},
            }
        },
        "output": {"path": str(tmp_path / "out")},
    }


def test_every_source_is_looked_at(job: Mapping[str, Any]) -> None:
    people, sims = check(load_job(job))
    assert (people.name, people.format, people.columns) == (
        "population",
        "parquet",
        ("so", "ten", "sinh"),
    )
    assert (sims.name, sims.format, sims.encoding, sims.delimiter, sims.mapped) == (
        "sim",
        "csv",
        "utf-8-sig",
        ";",
        3,
    )
    assert sims.size == len(b"\xef\xbb\xbfma;so;ho_ten\na;0912;An\n")
    assert people.has_rows
    assert sims.has_rows


def test_a_header_alone_is_seen(job: dict[str, Any]) -> None:
    Path(job["registries"]["sim"]["source"]["path"]).write_text("ma;so;ho_ten\n")
    assert [peek.has_rows for peek in check(load_job(job))] == [True, False]


def test_all_sources_are_complained_about_at_once(job: dict[str, Any]) -> None:
    job["population"]["columns"]["full_name"] = "tên"
    sims = Path(job["registries"]["sim"]["source"]["path"])
    job["registries"]["sim"]["source"]["path"] = str(sims.with_name("sim.csv"))
    with pytest.raises(SourceError) as caught:
        check(load_job(job))
    text = str(caught.value)
    assert len(caught.value.problems) == 2
    assert "population: the source lacks 1 of 3 mapped columns" in text
    assert "did you mean 'ten'?" in text
    assert "did you mean 'sims.csv'?" in text


def test_sources_that_are_handed_over_as_frames_are_not_looked_at(job: dict[str, Any]) -> None:
    del job["registries"]["sim"]["source"]
    assert [peek.name for peek in check(load_job(job), frames=["sim"])] == ["population"]


def test_a_table_that_was_cut_off_is_seen(job: dict[str, Any]) -> None:
    path = Path(job["population"]["source"]["path"])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="cut off"):
        check(load_job(job))


def test_a_character_across_the_end_of_the_first_megabyte_is_no_error(job: dict[str, Any]) -> None:
    path = Path(job["registries"]["sim"]["source"]["path"])
    head = b"ma;so;ho_ten\n"
    path.write_bytes(head + b"x" * ((1 << 20) - len(head) - 1) + "ế".encode() + b";1;An\n")
    assert check(load_job(job))[1].encoding == "utf-8"


def test_the_wrong_encoding_is_seen_in_the_first_megabyte(job: dict[str, Any]) -> None:
    path = Path(job["registries"]["sim"]["source"]["path"])
    path.write_bytes("ma;so;ho_ten\na;1;\xd5\n".encode("latin-1"))
    with pytest.raises(SourceError, match="byte offset 17"):
        check(load_job(job))
