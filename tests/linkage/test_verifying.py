"""Verifying single records: the state's look-up, and who else may be meant."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkage import Verifier, run, verify
from linkage.errors import ConfigError, ContractError
from tests.linkage.tables import PEOPLE, PERSON, Row, frame, job, mapping, sources

LAN, BAO, HAI, NHUNG, NHI, MINH, OTHER_MINH, PHUONG = PEOPLE


def said(person: Row, **changes: str | None) -> dict[str, str | None]:
    own = {name: person[name] for name in ("full_name", "birth_date", "address")}
    return {**own, "personal_id": person["person_id"], **changes}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(job("sim"), "sim", sources=sources({})) as opened:
        yield opened


def test_a_record_that_agrees_is_a_match(verifier: Verifier) -> None:
    found = verifier.verify(said(LAN))
    assert (found.outcome, found.diff_fields) == ("MATCH", ())
    assert (found.link_status, found.person_id) == ("linked", LAN["person_id"])


def test_what_differs_is_named(verifier: Verifier) -> None:
    found = verifier.verify(said(LAN, birth_date="12/03/1991"))
    assert found.outcome == "FIELD_DIFF"
    assert "birth_date" in found.diff_fields


def test_a_number_that_nobody_has_is_not_found_and_its_holder_is(verifier: Verifier) -> None:
    found = verifier.verify(said(BAO, personal_id="079085004399"))
    assert found.outcome == "NOT_FOUND"
    assert found.candidates["candidate_id"].to_list()[0] == BAO["person_id"]


def test_a_number_that_cannot_be_one_is_bad(verifier: Verifier) -> None:
    assert verifier.verify(said(LAN, personal_id="12345")).outcome == "BAD_ID"


def test_a_borrowed_number_shows_both(verifier: Verifier) -> None:
    found = verifier.verify(said(BAO, personal_id=str(LAN["person_id"])))
    assert found.link_status == "review"
    assert "BORROWED_ID" in found.reasons
    assert {LAN["person_id"], BAO["person_id"]} <= set(found.candidates["candidate_id"])


def test_candidates_stand_side_by_side_with_weights(verifier: Verifier) -> None:
    found = verifier.verify({"full_name": "Vũ Văn Minh", "birth_date": "09/09/1988"}).candidates
    assert set(found["candidate_id"]) == {MINH["person_id"], OTHER_MINH["person_id"]}
    assert found["rank"].to_list() == [1, 2]
    assert found["full_name_candidate"].to_list() == ["Vũ Văn Minh"] * 2
    assert (found["full_name_weight"] > 0).all()
    assert "phone_record" not in found.columns


def test_an_organisation_is_nobody(verifier: Verifier) -> None:
    found = verifier.verify({"full_name": "CÔNG TY TNHH MINH PHÁT"})
    assert found.link_status == "not_applicable"
    assert found.candidates.height == 0


def test_one_record_leaves_nothing_behind_for_the_next(verifier: Verifier) -> None:
    first = verifier.verify(said(PHUONG))
    verifier.verify(said(LAN, personal_id=str(BAO["person_id"])))
    again = verifier.verify(said(PHUONG))
    assert again.candidates.equals(first.candidates)
    assert again.match_probability == first.match_probability


def test_a_field_that_is_none_is_named_with_the_nearest(verifier: Verifier) -> None:
    with pytest.raises(ConfigError, match="no field 'fullname'") as refused:
        verifier.verify({"fullname": "x"})
    assert "full_name" in str(refused.value)


@pytest.mark.parametrize(
    "value", [1190012345, dt.date(1990, 3, 12), b"Bi Mat", ["Bí Mật"], 1.5, True, "B\ud800 Mật"]
)
def test_a_value_that_is_no_text_is_refused_and_not_told(verifier: Verifier, value: Any) -> None:
    with pytest.raises(ConfigError, match="full_name") as error:
        verifier.verify({"full_name": value})
    assert not any(part in str(error.value) for part in ("1190012345", "1990", "Mat", "Mật", "1.5"))
    assert error.value.__context__ is None


def test_an_opening_that_fails_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        message = "no"
        raise ContractError(message, expected="a", found="b", hint="c")

    monkeypatch.setattr("linkage.lookup.asking.Either", fail)
    opening = Verifier(job("sim"), "sim", sources=sources({}))
    with pytest.raises(ContractError):
        opening.__enter__()
    assert opening._session.folder is None or not opening._session.folder.exists()


def test_showing_it_tells_no_value(verifier: Verifier) -> None:
    shown = repr(verifier.verify(said(LAN)))
    assert shown == "<Verified MATCH, linked, 1 candidate>"


def test_one_call_opens_and_closes() -> None:
    assert verify(said(LAN), job("sim"), "sim", sources=sources({})).outcome == "MATCH"


def test_the_weights_of_a_run_are_taken(tmp_path: Path) -> None:
    records = [
        {"record_id": "a", "phone": "0912345678", **said(LAN, personal_id=None, address=None)},
        *({"record_id": str(n), "phone": f"091234560{n}", **said(BAO)} for n in range(9)),
    ]
    written = mapping("sim", out=str(tmp_path / "out"))
    given = sources({"sim": records})
    result = run(written, sources=given)
    row = result["sim"].records.filter(record_id="a").row(0, named=True)
    asked = said(LAN, personal_id=None, address=None)
    found = verify(asked, written, "sim", run=tmp_path / "out", sources=given)
    assert found.match_probability == pytest.approx(row["match_probability"], abs=1e-6)
    assert found.link_status == row["link_status"]
    assert verify(asked, written, "sim", sources=given).match_probability != pytest.approx(
        row["match_probability"], abs=1e-9
    )


@pytest.fixture
def indexed(tmp_path: Path) -> dict[str, Any]:
    """A job whose register lies in a file and keeps an index."""
    frame(PEOPLE, PERSON).write_csv(tmp_path / "people.csv")
    found = mapping("sim", out=str(tmp_path / "out"))
    found["population"]["source"] = {"path": str(tmp_path / "people.csv")}
    found["population"]["index"] = str(tmp_path / "index" / "people.duckdb")
    return found


def test_a_lookup_stands_beside_the_index_for_its_owner_alone(
    indexed: dict[str, Any], tmp_path: Path
) -> None:
    with Verifier(indexed, "sim"):
        pass
    made = [tmp_path / "index", *(tmp_path / "index").rglob("*")]
    assert {path.name for path in made[0].iterdir()} == {"people.duckdb", "people.lookup"}
    assert [p.name for p in made if stat.S_IMODE(p.stat().st_mode) not in (0o600, 0o700)] == []


def test_a_lookup_is_made_once_and_anew_for_another_register(
    indexed: dict[str, Any], tmp_path: Path
) -> None:
    about = tmp_path / "index" / "people.lookup" / "about.json"
    made = []
    for people in (PEOPLE, PEOPLE, PEOPLE[:-1]):
        frame(people, PERSON).write_csv(tmp_path / "people.csv")
        with Verifier(indexed, "sim") as verifier:
            outcome = verifier.verify(said(PHUONG)).outcome
        made.append((about.stat().st_mtime_ns, outcome))
    assert made[0] == made[1]
    assert (made[0][1], made[2][1]) == ("MATCH", "NOT_FOUND")
