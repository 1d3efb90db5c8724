"""The population index: the register cleaned once, and never taken where something has changed."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linkage import RunResult, run
from linkage.config import load_job
from linkage.errors import ConfigError
from linkage.indexing import index_register
from tests.linkage.tables import PEOPLE, PERSON, REGISTRY, Row, frame, mapping

LAN, BAO, *_ = PEOPLE
RECORDS: tuple[Row, ...] = (
    {
        "record_id": "own",
        "phone": "0912345678",
        **{k: LAN[k] for k in ("full_name", "birth_date", "address")},
        "personal_id": LAN["person_id"],
    },
    {
        "record_id": "no number",
        "phone": "0912345679",
        **{k: BAO[k] for k in ("full_name", "birth_date", "address")},
    },
    {"record_id": "nobody", "phone": "0912345670", "full_name": "Hồ Mai", "birth_date": "1960"},
)


def written(path: Path, people: tuple[Row, ...] = PEOPLE) -> Path:
    frame(people, PERSON).write_csv(path)
    return path


def config(folder: Path, **population: Any) -> dict[str, Any]:
    given = mapping("sim", out=str(folder / "out"))
    source = {"path": str(folder / "people.csv"), "as_of": "2026-09-30"}
    own = {"source": source, "index": str(folder / "index" / "people.duckdb"), **population}
    return {**given, "population": {**given["population"], **own}}


def ran(job: dict[str, Any]) -> RunResult:
    return run(job, sources={"sim": frame(RECORDS, REGISTRY["sim"])}, write=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path / "people.csv")
    return tmp_path


def test_a_run_with_an_index_makes_the_lists_of_one_without(folder: Path) -> None:
    indexed, again, plain = (
        ran(config(folder)), ran(config(folder)), ran(config(folder, index=None)),
    )  # fmt: skip
    assert indexed.manifest["population"]["index"]["made_because"] == ["there was none"]
    assert again.manifest["population"]["index"]["made_because"] == []
    assert plain.manifest["population"]["index"] is None
    linked = plain["sim"].records.filter(link_status="linked")
    assert linked["record_id"].to_list() == ["own", "no number"]
    for result in (indexed, again):
        for name, table in plain["sim"].lists.items():
            assert result["sim"].lists[name].equals(table), name


def test_the_manifest_says_the_same_of_the_register(folder: Path) -> None:
    ran(config(folder))
    with_index, without = ran(config(folder)), ran(config(folder, index=None))
    found, expected = (
        {k: v for k, v in result.manifest["population"].items() if k != "index"}
        for result in (with_index, without)
    )
    assert found == expected


def test_repeated_keys_are_told_of_with_an_index_too(folder: Path) -> None:
    many = tuple({**LAN, "person_id": f"0011900{number:05}"} for number in range(1001))
    written(folder / "people.csv", (*many, many[0]))
    first, second = ran(config(folder)), ran(config(folder))
    assert first.population_issues["person_id"].to_list() == [many[0]["person_id"]]
    assert second.population_issues.equals(first.population_issues)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("content of the source", {}),
        ("reading", {"columns": {n: n for n in PERSON if n != "current_address"}}),
        ("date", {"as_of": "2026-09-29"}),
    ],
)
def test_what_has_changed_makes_it_anew(folder: Path, part: str, change: dict[str, Any]) -> None:
    job = config(folder)
    index_register(load_job(job))
    if not change:
        written(folder / "people.csv", PEOPLE[:-1])
    columns = change.get("columns", job["population"]["columns"])
    source = {**job["population"]["source"], **{k: v for k, v in change.items() if k == "as_of"}}
    job["population"] |= {"columns": columns, "source": source}
    _, reasons = index_register(load_job(job))
    assert reasons == [part]
    assert index_register(load_job(job))[1] == []


def test_other_cleaners_make_it_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_register(load_job(config(folder)))
    monkeypatch.setattr("linkage.population_index.code_hash", lambda *_: "another version")
    assert index_register(load_job(config(folder)))[1] == ["cleaners"]


def test_the_day_of_the_run_does_not_make_it_anew(folder: Path) -> None:
    index_register(load_job(config(folder)))
    later = {**config(folder), "reference_date": "2027-03-01"}
    assert index_register(load_job(later))[1] == []


def test_it_can_be_made_again_on_request(folder: Path) -> None:
    job = load_job(config(folder))
    index_register(job)
    assert index_register(job, anew=True)[1] == ["it was asked for"]


def test_only_its_owner_can_read_it_and_nothing_lies_beside_it(folder: Path) -> None:
    index, _ = index_register(load_job(config(folder)))
    assert stat.S_IMODE(index.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(index.path.parent.stat().st_mode) == 0o700
    assert list(index.path.parent.iterdir()) == [index.path]


def test_another_file_at_its_place_is_left_alone(folder: Path) -> None:
    place = folder / "index" / "people.duckdb"
    place.parent.mkdir()
    place.write_text("not an index")
    with pytest.raises(ConfigError, match=r"people\.duckdb is no population index"):
        ran(config(folder))
    assert place.read_text() == "not an index"


def test_a_register_that_is_refused_leaves_no_index(folder: Path) -> None:
    written(folder / "people.csv", (LAN, LAN))
    with pytest.raises(ConfigError, match="repeats 1 of its 2 keys"):
        ran(config(folder))
    assert list((folder / "index").iterdir()) == []


def test_a_frame_in_place_of_the_register_leaves_the_index_alone(folder: Path) -> None:
    people = pl.DataFrame(frame(PEOPLE, PERSON))
    found = run(
        config(folder),
        sources={"sim": frame(RECORDS, REGISTRY["sim"]), "population": people},
        write=False,
    )
    assert found.manifest["population"]["index"] is None
    assert not (folder / "index").exists()


def test_a_job_without_an_index_says_where_to_name_one(folder: Path) -> None:
    with pytest.raises(ConfigError, match="keeps no population index"):
        index_register(load_job(config(folder, index=None)))
