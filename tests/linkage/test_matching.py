"""match_within: one table among itself, trained on itself, from a job with its own declarations."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from linkage import match_within
from linkage.errors import ConfigError
from linkage.matching import WithinResult

POPULATION = """
fields:
  person_id: {type: key}
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
purpose: test of records among themselves
reference_date: 2020-01-01
population: {columns: {person_id: none}}
registries:
  guests:
    columns: {record_id: key, name: [given, family], born: [year, month, day], postcode: postcode}
output: {path: out}
"""
FIRST = ("Ann", "Bess", "Clara", "Dora", "Edith", "Flora", "Grace", "Hetty", "Ida", "Judith")
LAST = ("Abbot", "Brewer", "Carver", "Dyer", "Elton", "Fowler", "Garner", "Hooper", "Ingram",
        "Jolly", "Kendal", "Lorimer")  # fmt: skip


def guests() -> pl.DataFrame:
    """120 people of the seventeenth century, every second one twice, with an error the second time."""
    people = pl.DataFrame(
        {
            "given": [first for first in FIRST for _ in LAST],
            "family": list(LAST) * len(FIRST),
            "year": [str(1600 + n % 97) for n in range(120)],
            "month": [str(1 + n % 12) for n in range(120)],
            "day": [str(2 + n % 27) for n in range(120)],
            "postcode": [f"AB{n % 83:02d} {n % 7}XY" for n in range(120)],
        }
    ).with_row_index("key")
    again = people.filter(pl.col("key") % 2 == 0).with_columns(
        given=pl.when(pl.col("key") % 6 == 0).then("family").otherwise("given"),
        family=pl.when(pl.col("key") % 6 == 0).then("given").otherwise("family"),
        day=pl.when(pl.col("key") % 6 != 2).then("day"),
        postcode=pl.when(pl.col("key") % 6 != 4).then("postcode"),
        key=pl.col("key") + 1000,
    )
    return pl.concat([people, again]).with_columns(pl.col("key").cast(pl.String))


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guests")
    (folder / "registries").mkdir()
    (folder / "population.yaml").write_text(POPULATION, encoding="utf-8")
    (folder / "registries" / "guests.yaml").write_text(GUESTS, encoding="utf-8")
    (folder / "job.yaml").write_text(JOB, encoding="utf-8")
    return folder / "job.yaml"


@pytest.fixture(scope="module")
def found(job: Path) -> WithinResult:
    return match_within(job, sources={"guests": guests()})


def test_the_second_record_of_a_person_is_found_and_no_other(found: WithinResult) -> None:
    sure = found.pairs.filter(pl.col("match_probability") >= 0.95)
    expected = {(str(n), str(n + 1000)) for n in range(0, 120, 2)}
    assert set(sure.select("record_id_l", "record_id_r").rows()) == expected


def test_groups_are_the_people(found: WithinResult) -> None:
    assert found.groups["record_id"].to_list() == guests()["key"].to_list()
    assert found.groups["group_id"].n_unique() == 120
    sizes = found.groups.group_by("group_id").len()["len"]
    assert (sizes == 2).sum() == 60


def test_each_unordered_pair_stands_once(found: WithinResult) -> None:
    pairs = [frozenset(pair) for pair in found.pairs.select("record_id_l", "record_id_r").rows()]
    assert len(pairs) == len(set(pairs))
    assert all(len(pair) == 2 for pair in pairs)
    assert found.pairs["match_weight"].is_sorted(descending=True)


def test_the_same_input_and_seed_give_the_same_result(job: Path, found: WithinResult) -> None:
    again = match_within(job, "guests", sources={"guests": guests()})
    assert again.model.weights == found.model.weights
    assert again.pairs.equals(found.pairs)


def test_weights_of_an_earlier_result_may_be_used_again(job: Path, found: WithinResult) -> None:
    again = match_within(job, sources={"guests": guests()}, model=found.model)
    assert again.groups.equals(found.groups)


def test_a_table_without_duplicates_has_no_sure_pairs(job: Path, found: WithinResult) -> None:
    single = match_within(job, sources={"guests": guests().head(120)}, model=found.model)
    assert single.groups["group_size"].max() == 1


def test_a_result_shows_counts_and_no_values(found: WithinResult) -> None:
    assert repr(found).startswith("<WithinResult: 180 records in 120 groups")
    assert "Ann" not in repr(found)


def test_a_threshold_is_a_probability(job: Path) -> None:
    with pytest.raises(ConfigError, match="no probability"):
        match_within(job, sources={"guests": guests()}, threshold=1.0)
