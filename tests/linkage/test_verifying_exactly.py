"""The fast way to an answer and every step of a run give the same, whatever the record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from linkage import Verified, Verifier
from linkage.config import load_job
from linkage.resources import shipped
from linkage.session import Session
from tests.linkage.tables import PEOPLE, Row, job, sources

LAN, BAO, HAI, NHUNG, NHI, MINH, OTHER_MINH, PHUONG = PEOPLE
REGISTRIES = ("driver_licence", "health_insurance", "vehicle", "sim")
ALL = [
    "sim",  # the others are like it, but for their fields and rules
    *(pytest.param(name, marks=pytest.mark.long) for name in REGISTRIES if name != "sim"),
]
Record = dict[str, str | None]


def said(person: Row, **changes: str | None) -> Record:
    own = {name: person[name] for name in ("full_name", "birth_date", "address")}
    return {**own, "personal_id": person["person_id"], **changes}


RECORDS: dict[str, Record] = {
    "nothing": {},
    "all agrees": said(LAN),
    "mistyped number": said(BAO, personal_id="079085004322"),
    "number of nobody": said(BAO, personal_id="079085999999"),
    "number cut short": said(BAO, personal_id="79085004321"),
    "number that is none": said(BAO, personal_id="abc"),
    "old number": said(LAN, personal_id="011987654"),
    "old number of nobody": said(LAN, personal_id="011987000"),
    "passport": said(BAO, personal_id="C1234567"),
    "borrowed number": said(BAO, personal_id=str(LAN["person_id"])),
    "no birth date": said(PHUONG, birth_date=None),
    "year alone": said(PHUONG, birth_date="1995"),
    "day and month swapped": said(LAN, birth_date="03/12/1990", personal_id=None),
    "impossible date": said(LAN, birth_date="31/02/1990"),
    "no tone marks": said(LAN, full_name="NGUYEN THI LAN", personal_id=None),
    "abbreviated": said(LAN, full_name="Ng. T. Lan", personal_id=None),
    "damaged letters": said(LAN, full_name="NguyÔn ThÞ Lan", personal_id=None),
    "other order": said(LAN, full_name="Lan Nguyễn Thị", personal_id=None),
    "twins": said(NHUNG, full_name="Lê Thị Hồng", personal_id=None),
    "the other twin's number": said(NHUNG, personal_id=str(NHI["person_id"])),
    "namesakes": {"full_name": "Vũ Văn Minh", "birth_date": "09/09/1988"},
    "namesake by his address": said(MINH, personal_id=None),
    "the dead": said(HAI),
    "name alone": {"full_name": "Đặng Thu Phương"},
    "number alone": {"personal_id": str(PHUONG["person_id"])},
    "old address": said(LAN, address="12 Hàng Than, P. Nguyễn Trung Trực, Q. Ba Đình, HN"),
    "organisation": said(LAN, full_name="Công ty TNHH Minh Phát"),
    "stranger": said(LAN, full_name="Hồ Xuyến", personal_id=None, birth_date="1950", address=None),
    "quotes": said(LAN, full_name='O\'Nguyễn "Thị" Lan'),
}


@pytest.fixture(scope="module", params=ALL)
def verifier(request: pytest.FixtureRequest) -> Iterator[Verifier]:
    with Verifier(job(request.param), request.param, sources=sources({})) as opened:
        yield opened


def same(verifier: Verifier, record: Record) -> None:
    alike(verifier.verify(record), verifier._by_every_step(record))


def alike(fast: Verified, slow: Verified) -> None:
    """The same; probabilities but for their last digit, for sums are made in another order."""
    assert fast.outcome == slow.outcome
    assert fast.diff_fields == slow.diff_fields
    assert fast.link_status == slow.link_status
    assert fast.person_id == slow.person_id
    assert fast.reasons == slow.reasons
    if slow.match_probability is None:
        assert fast.match_probability is None
    else:
        assert fast.match_probability == pytest.approx(slow.match_probability, rel=1e-12, abs=0)
    assert_frame_equal(fast.candidates, slow.candidates, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize("kind", RECORDS)
def test_an_answer_is_that_of_every_step_of_a_run(verifier: Verifier, kind: str) -> None:
    known = verifier.fields
    same(verifier, {name: value for name, value in RECORDS[kind].items() if name in known})


def test_many_records_are_answered_as_each_alone(verifier: Verifier) -> None:
    known = verifier.fields
    asked = [{n: v for n, v in record.items() if n in known} for record in RECORDS.values()]
    together = verifier.verify_many(asked)
    for place, (record, answer) in enumerate(zip(asked, together, strict=True), 1):
        alone = verifier.verify(record)
        assert set(answer.candidates["record_id"]) <= {f"row:{place}"}
        own = alone.candidates.with_columns(record_id=pl.lit(f"row:{place}"))
        alike(answer, replace(alone, candidates=own.select(alone.candidates.columns)))


def test_several_threads_get_the_answers_that_one_gets(verifier: Verifier) -> None:
    asked = [{n: v for n, v in r.items() if n in verifier.fields} for r in RECORDS.values()]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(verifier.verify, asked))
    assert [shown(answer) for answer in found] == [shown(verifier.verify(r)) for r in asked]


def shown(answer: Verified) -> dict[str, object]:
    return {**vars(answer), "candidates": answer.candidates.to_dicts()}


def test_sqlite_can_do_all_that_is_asked(verifier: Verifier) -> None:
    assert verifier._asking._keys.has_both
    assert verifier._asking._answer.has_both


def test_of_people_who_weigh_the_same_all_ways_take_the_same() -> None:
    """Several who differ in the number alone, and several who share an old one."""
    alike: list[Row] = [
        {**person, "person_id": f"0480710107{first + n}", "old_ids": old, "passport": None}
        for person, first, old in ((BAO, 10, None), (HAI, 30, "011987654"))
        for n in range(9)
    ]
    given = sources({}, [*PEOPLE, *alike])
    record = {**said(BAO, personal_id="011987654"), "full_name": BAO["full_name"]}
    with Verifier(job("sim"), "sim", sources=given) as opened:
        asked = {name: value for name, value in record.items() if name in opened.fields}
        alone = opened.verify(asked)
        assert alone.reasons == ("BORROWED_ID",)
        assert alone.candidates.height == 5
        for answer in opened.verify_many([asked] * 20):
            found, expected = (a.candidates["candidate_id"].to_list() for a in (answer, alone))
            assert found == expected
        same(opened, asked)


def test_without_a_sqlite_that_can_do_it_duckdb_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
    with Verifier(job("sim"), "sim", sources=sources({})) as opened:
        same(opened, RECORDS["borrowed number"])
        same(opened, RECORDS["damaged letters"])


def test_no_record_is_answered_by_nothing(verifier: Verifier) -> None:
    assert verifier.verify_many([]) == []


@pytest.mark.long
@pytest.mark.parametrize("registry", REGISTRIES)
def test_answers_for_records_of_the_sample_are_those_of_every_step(registry: str) -> None:
    sample = load_job(shipped("configs", "sample.yaml"))
    rows = Session(sample).read(registry).rows
    spread = rows.gather_every(max(rows.height // 60, 1)).drop("row", "record_id")
    with Verifier(sample, registry) as verifier:
        known = [name for name in spread.columns if name in verifier.fields]
        for record in spread.select(known).to_dicts():
            same(verifier, record)
