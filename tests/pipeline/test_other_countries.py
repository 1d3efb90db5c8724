"""A register of another country: declarations beside the job, no Vietnamese field, no Python."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

import linkage
from benchmarks.public.sets import JOBS, SETS
from linkage.fields import shared_fields
from linkage.result import RegistryResult
from linkage.training import train_models, write_models

POPULATION = """
fields:
  person_id: {type: key, required: true}
  name:      {type: name_words}
  born:      {type: historical_date}
  postcode:  {type: code}
"""
GUESTS = """
registry: guests
fields:
  record_id: {type: key}
  name:      {type: name_words}
  born:      {type: historical_date}
  postcode:  {type: code}
link:
  block: [[name], [born], [postcode, name.first], [postcode, name.last]]
"""
JOB = """
job: guests
purpose: test of a register of another country
reference_date: 2020-01-01
population:
  columns: {person_id: no, name: [given, family], born: born, postcode: postcode}
registries:
  guests:
    columns: {record_id: no, name: [family, given], born: born, postcode: postcode}
output: {path: out}
"""
FIRST = ("Ann", "Bess", "Clara", "Dora", "Edith", "Flora", "Grace", "Hetty", "Ida", "Judith",
         "Kate", "Lucy", "Mary", "Nell", "Olive", "Polly", "Rose", "Susan", "Tess", "Una")  # fmt: skip
LAST = ("Abbot", "Brewer", "Carver", "Dyer", "Elton", "Fowler", "Garner", "Hooper", "Ingram",
        "Jolly", "Kendal", "Lorimer", "Mercer", "Norton", "Oakes", "Porter", "Quick", "Rowe",
        "Sawyer", "Turner")  # fmt: skip


def people() -> pl.DataFrame:
    """Four hundred people of the seventeenth century."""
    return pl.DataFrame(
        {
            "no": [str(n) for n in range(400)],
            "given": [first for first in FIRST for _ in LAST],
            "family": list(LAST) * len(FIRST),
            "born": [f"{1600 + n % 97}-{1 + n % 12:02d}-{2 + n % 27:02d}" for n in range(400)],
            "postcode": [f"AB{n % 83:02d} {n % 7}XY" for n in range(400)],
        }
    )


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> RegistryResult:
    """Every second person once, family name first, a field missing now and then; and two strangers."""
    folder = tmp_path_factory.mktemp("guests")
    (folder / "registries").mkdir()
    (folder / "population.yaml").write_text(POPULATION, encoding="utf-8")
    (folder / "registries" / "guests.yaml").write_text(GUESTS, encoding="utf-8")
    (folder / "job.yaml").write_text(JOB, encoding="utf-8")
    seen = people().filter(pl.col("no").cast(pl.Int64) % 2 == 0).with_row_index("i")
    seen = seen.with_columns(
        born=pl.when(pl.col("i") % 10 != 3).then("born"),
        postcode=pl.when(pl.col("i") % 10 != 6).then("postcode"),
    ).drop("i")
    strangers = pl.DataFrame({"no": ["x", "y"], "given": ["Xenia", "Yolanda"],
                              "family": ["Zouche", "Vance"], "born": ["1555-05-05", "1556-06-06"],
                              "postcode": ["ZZ99 9ZZ", "YY88 8YY"]})  # fmt: skip
    sources = {"population": people(), "guests": pl.concat([seen, strangers])}
    job = linkage.load_job(folder / "job.yaml")
    write_models(train_models(job, sources=sources, allow_unseen=True), folder / "models")
    trained = dataclasses.replace(job, model_paths={"guests": folder / "models" / "guests.json"})
    return linkage.run(trained, sources=sources, write=False)["guests"]


def test_most_are_linked_and_none_wrongly(guests: RegistryResult) -> None:
    linked = guests.records.filter(link_status="linked")
    assert linked["person_id"].equals(linked["record_id"])
    assert linked.height >= 150


def test_strangers_are_linked_to_nobody(guests: RegistryResult) -> None:
    strangers = guests.records.filter(pl.col("record_id").is_in(["x", "y"]))
    assert strangers["link_status"].to_list() == ["unlinked", "unlinked"]


def test_a_link_can_be_explained(guests: RegistryResult) -> None:
    assert "name" in str(guests.explain("0"))


@pytest.mark.parametrize("name", SETS)
def test_the_job_of_a_public_set_hangs_together(name: str) -> None:
    job = linkage.load_job(JOBS / name / "job.yaml")
    assert len(job.registries) == 1


def test_what_says_little_of_its_meaning_is_paired_by_name_alone() -> None:
    assert shared_fields({"street": "words"}, {"suburb": "words"}) == {}
    assert shared_fields({"suburb": "words"}, {"suburb": "words"}) == {"suburb": "suburb"}
    assert shared_fields({"owner": "person_name"}, {"full_name": "person_name"}) == {
        "full_name": "owner"
    }
