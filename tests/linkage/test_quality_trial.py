"""Trials of literal records: whose holder is known, what is hidden, what is decided without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import polars as pl
import pytest

from linkage.errors import ConfigError, SourceError
from linkage.link import LinkTables
from linkage.quality.holders import hide_numbers, holders
from linkage.quality.measured import measure
from linkage.quality.trial import Linked, Trial, hidden_number_trial, labelled_trial
from linkage.quality.trying import draw
from linkage.session import Session
from tests.linkage.tables import PEOPLE, REGISTRY, Row, frame, rows_by, session

Rows = dict[str, dict[str, Any]]

LAN: Row = {
    "record_id": "lan",
    "full_name": "NGUYEN THI LAN",
    "birth_date": "12/03/1990",
    "personal_id": "001190012345",
    "address": "12 Hàng Than, phường Ba Đình, Hà Nội",
}
BAO: Row = {
    "record_id": "bao",
    "full_name": "Trần Quốc Bảo",
    "birth_date": "29/07/1985",
    "personal_id": "079085004321",
}
BORROWED: Row = {**BAO, "record_id": "borrowed", "personal_id": "001190012345"}
"""Bảo with Lan's number."""
NAMESAKE: Row = {
    "record_id": "namesake",
    "full_name": "Vũ Văn Minh",
    "birth_date": "09/09/1988",
    "personal_id": "031088000201",
}
"""Two people have this name and birth date: only the number tells which."""
WITHOUT: Row = {"record_id": "without", "full_name": "Đặng Thu Phương", "birth_date": "1995"}
COMPANY: Row = {
    "record_id": "company", "full_name": "CÔNG TY TNHH MINH PHÁT", "personal_id": "079085004321",
}  # fmt: skip


@pytest.fixture(scope="module")
def work() -> Iterator[Session]:
    """One session for all trials: people are cleaned once."""
    with session({"sim": [LAN]}) as opened:
        yield opened


def cleaned(work: Session, records: Iterable[Row]) -> pl.DataFrame:
    """Literal SIMs as a session cleans them."""
    raw = frame(records, REGISTRY["sim"]).with_row_index("row", 1)
    return work.clean("sim", raw.with_columns(pl.col("row").cast(pl.Int64)))


def hidden(work: Session, *records: Row, **given: Any) -> Trial:
    """A trial of SIMs with hidden numbers, nobody absent unless it is asked for."""
    given = {"absent": 0.0, "cleaned": cleaned(work, records)} | given
    return hidden_number_trial(work, "sim", **given)


def changed(base: Row, name: str, **values: str | None) -> Row:
    """The same record written differently, under another key."""
    return {**base, "record_id": name, **values}


ALIKE = (
    changed(LAN, "letter", full_name="NGUYEN THI LAM"),
    changed(LAN, "initials", full_name="N T LAN"),
    changed(LAN, "order", full_name="Lan Nguyễn Thị"),
    changed(LAN, "year alone", birth_date="1990"),
    changed(LAN, "swapped", birth_date="03/12/1990"),
    changed(LAN, "digit", birth_date="12/03/1991"),
    changed(LAN, "no date", birth_date=None),
    changed(LAN, "old number", personal_id="011987654"),
    changed(LAN, "year, initials", birth_date="1990", full_name="N T Lan"),
)
"""Lan's records, written as clerks write."""
UNLIKE = (
    BORROWED,
    changed(LAN, "other name", full_name="Lê Văn Tám"),
    changed(LAN, "other date", birth_date="05/06/1961"),
    changed(LAN, "other given name, no date", full_name="Nguyễn Thị Hoa", birth_date=None),
    WITHOUT,
    COMPANY,
)
"""Records with a number that is another's, or none."""


@pytest.fixture(scope="module")
def tried(work: Session) -> Trial:
    """All literal records in one trial."""
    return hidden(work, LAN, BAO, NAMESAKE, *ALIKE, *UNLIKE, rules=True)


@pytest.fixture(scope="module")
def rows(tried: Trial) -> dict[str, dict[str, Any]]:
    """Its rows by key."""
    return rows_by(tried.records)


# --- beside feedback, and within a run ------------------------------------------------------------


def test_records_that_feedback_decided_are_not_tried(
    work: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"registry": "sim", "record_id": "lan", "person_id": "001190012345", "is_right": True}
    monkeypatch.setattr(work, "told", pl.DataFrame([told]))
    assert hidden(work, LAN, BAO).records["record_id"].to_list() == ["bao"]
    with pytest.raises(ConfigError, match="no record of 'sim' can tell"):
        hidden(work, LAN)


def test_a_registry_that_stands_linked_is_tried_as_it_is(work: Session) -> None:
    tables, pairing = LinkTables("sim"), work.pairing(work.job.registries["sim"])
    records = cleaned(work, [LAN, BAO, WITHOUT])
    model = work.link("sim", records, tables, pairing, work.model("sim", pairing)).model
    found = hidden(work, LAN, BAO, WITHOUT, linked=Linked(tables, model))
    assert (found.sampled, found.population, found.registered) == (2, 2, 3)
    assert found.records["true_person"].to_list() == ["001190012345", "079085004321"]
    assert work.engine.number(f'SELECT count(*) FROM "{tables.settled}"') == 2  # as it was
    with pytest.raises(ConfigError, match="no record of 'sim' can tell"):
        hidden(work, LAN, BAO, linked=Linked(tables, model, least=3))
    work.engine.drop(*tables.all)


# --- whose holder is known ------------------------------------------------------------------------


def test_a_number_that_agrees_with_its_owner_tells_the_holder(rows: Rows) -> None:
    assert rows["lan"]["true_person"] == "001190012345"
    assert rows["bao"]["true_person"] == "079085004321"


def test_an_old_number_tells_as_well(rows: Rows) -> None:
    assert rows["old number"]["true_person"] == "001190012345"
    assert rows["old number"]["number_kind"] == "cmnd"


@pytest.mark.parametrize("key", [row["record_id"] for row in ALIKE])
def test_small_differences_from_the_owner_are_allowed(rows: Rows, key: str) -> None:
    assert rows[key]["true_person"] == "001190012345"


@pytest.mark.parametrize("key", [row["record_id"] for row in UNLIKE])
def test_who_cannot_be_told_is_not_tried(rows: Rows, key: str) -> None:
    assert key not in rows


def test_an_old_number_of_two_people_tells_neither() -> None:
    twice = [*PEOPLE, {**PEOPLE[0], "person_id": "001190099999"}]
    with session({"sim": [LAN]}, twice) as own:
        found = hidden(own, BAO, changed(LAN, "old number", personal_id="011987654"))
    assert found.records["record_id"].to_list() == ["bao"]


def test_records_whose_numbers_tell_nothing_are_refused_with_counts_alone(work: Session) -> None:
    with pytest.raises(
        ConfigError, match="1 readable numbers, 1 of them in the register"
    ) as caught:
        hidden(work, BORROWED, WITHOUT)
    assert "001190012345" not in str(caught.value)


# --- hiding and deciding --------------------------------------------------------------------------


def test_nothing_of_a_number_is_left(work: Session) -> None:
    given = cleaned(work, [LAN])
    blank = hide_numbers(given, work.job.registries["sim"].fields)
    own = [name for name in given.columns if name.startswith("personal_id")]
    assert len(own) > 3
    assert blank.select(own).drop("personal_id__issues").row(0) == (None,) * (len(own) - 1)
    assert blank["personal_id__issues"].to_list() == [[]]
    assert blank.drop(own).equals(given.drop(own))
    assert blank.schema == given.schema


def test_records_are_linked_by_the_model_without_their_number(rows: Rows) -> None:
    row = rows["lan"]
    assert (row["link_status"], row["person_id"]) == ("linked", "001190012345")
    assert (row["best_id"], row["decided_by"]) == ("001190012345", "model")
    assert 0.5 < row["match_probability"] <= 1
    assert row["runner_up_margin"] is None


def test_namesakes_cannot_be_told_apart_without_their_number(rows: Rows) -> None:
    row = rows["namesake"]
    assert (row["link_status"], row["person_id"]) == ("review", None)
    assert row["match_probability"] == pytest.approx(0.5, abs=0.02)
    assert row["runner_up_margin"] == pytest.approx(0.0, abs=0.1)


def test_strata_are_those_of_the_holder(rows: Rows) -> None:
    row = rows["lan"]
    assert (row["sex"], row["age_band"], row["province"]) == ("female", "35-49", "Thành phố Hà Nội")
    assert (row["urban"], row["name_kind"], row["written"]) == (True, "Vietnamese", "full")


def test_how_a_record_is_written_is_its_own(rows: Rows) -> None:
    assert rows["year, initials"]["written"] == "no day, initials"
    assert rows["bao"]["written"] == "no ward"


def test_rules_that_propose_the_holder_are_named(rows: Rows) -> None:
    found = rows["lan"]["proposed_by"]
    assert "full_name + birth_date" in found
    assert not [rule for rule in found if "personal_id" in rule]


def test_absent_holders_are_no_candidates(work: Session) -> None:
    alone = hidden(work, LAN, BAO, absent=1.0)
    assert alone.records["true_person"].null_count() == 2
    assert alone.records["person_id"].null_count() == 2
    assert alone.absent == 1.0


def test_the_seed_draws_the_sample(work: Session) -> None:
    known = pl.DataFrame({"idx": range(100), "holder": range(100)})
    first, again, other = (draw(work, known, 10, seed, 0.2) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert (first.height, first["true"].null_count()) == (10, 2)


def test_the_rest_are_the_records_whose_number_does_not_tell(tried: Trial) -> None:
    assert tried.rest.rows() == [
        ("full", 2),
        ("no birth date", 1),
        ("no day, no ward", 1),
        ("no ward", 1),
    ]
    assert (tried.population, tried.registered) == (12, 17)


def test_a_trial_leaves_no_table_behind(work: Session, tried: Trial) -> None:
    assert tried.sampled == 12
    tables = work.engine.frame("SELECT table_name FROM duckdb_tables()")["table_name"]
    assert not [name for name in tables if "trial" in name or name.startswith("__")]


# --- how many holders the register lacks ----------------------------------------------------------


def nobody(number: int) -> Row:
    """A record of somebody who is not in the register."""
    return {
        "record_id": f"n{number}", "full_name": "Hồ Quỳnh Xuyến", "birth_date": "01/02/1933",
        "personal_id": f"00113301{number:04}",
    }  # fmt: skip


def absent_share(work: Session, *records: Row) -> float:
    pairing, tables = work.pairing(work.job.registries["sim"]), LinkTables("counted")
    work.load_records("sim", cleaned(work, records), tables, pairing)
    return holders(work.engine, pairing, tables).absent


def test_numbers_of_nobody_are_of_holders_whom_the_register_lacks(work: Session) -> None:
    assert absent_share(work, LAN, BAO, NAMESAKE, nobody(1)) == pytest.approx(0.25)


def test_a_mistyped_number_of_somebody_who_is_found_otherwise_is_not(work: Session) -> None:
    assert (
        absent_share(work, LAN, BAO, {**LAN, "record_id": "typed", "personal_id": "001190012354"})
        == 0
    )


# --- labels ---------------------------------------------------------------------------------------


Labels = Iterable[tuple[str, str | None, bool]]


def labelled(work: Session, records: Iterable[Row], labels: Labels) -> Trial:
    """A trial of SIMs with labels."""
    schema = {"record_id": pl.String, "person_id": pl.String, "is_match": pl.Boolean}
    judged = pl.DataFrame(list(labels), schema=schema, orient="row")
    return labelled_trial(work, "sim", judged, cleaned=cleaned(work, records))


@pytest.fixture(scope="module")
def judged(work: Session) -> Trial:
    """Records with every sort of label."""
    records = [LAN, BAO, WITHOUT, NAMESAKE, changed(LAN, "lan again"), changed(BAO, "bao again")]
    labels: Labels = [
        ("lan", "001190012345", True),
        ("without", None, True),
        ("lan again", "001190012345", False),  # refused, and the best candidate
        ("bao again", "001190012345", False),  # refused, and another is the best candidate
        ("bao", "001190012345", False),
        ("bao", "079085004321", True),
        ("of another source", "001190012345", True),
    ]
    return labelled(work, records, labels)


def test_labels_tell_who_holds_and_who_nobody(judged: Trial) -> None:
    told = dict(judged.records.select("record_id", "true_person").rows())
    assert (told["lan"], told["without"]) == ("001190012345", None)
    assert (judged.source, judged.sampled, judged.registered) == ("labels", 4, 6)


def test_labelled_records_keep_their_number_and_the_exact_pass(judged: Trial) -> None:
    row = rows_by(judged.records)["lan"]
    assert row["decided_by"] == "exact:personal_id+full_name+birth_date"
    assert (row["best_id"], row["link_status"]) == ("001190012345", "linked")


def test_a_refused_best_candidate_is_known_to_be_wrong(judged: Trial) -> None:
    row = rows_by(judged.records)["lan again"]
    assert (row["best_id"], row["true_person"]) == ("001190012345", None)


def test_a_record_whose_best_candidate_nobody_judged_is_left_out(judged: Trial) -> None:
    assert "bao again" not in judged.records["record_id"]


def test_an_accepted_pair_goes_before_refused_ones(judged: Trial) -> None:
    assert rows_by(judged.records)["bao"]["true_person"] == "079085004321"


def test_two_holders_of_one_record_are_refused(work: Session) -> None:
    with pytest.raises(SourceError, match="two holders"):
        labelled(work, [LAN], [("lan", "079085004321", True), ("lan", "001190012345", True)])


def test_labels_of_other_records_are_refused(work: Session) -> None:
    with pytest.raises(SourceError, match="no label fits"):
        labelled(work, [LAN], [("other", "001190012345", True)])


def test_a_missing_column_is_named(work: Session) -> None:
    labels = pl.DataFrame({"record_id": ["lan"], "person": ["P"], "is_match": [True]})
    with pytest.raises(SourceError, match="person_id"):
        labelled_trial(work, "sim", labels)


def test_answers_that_are_not_yes_or_no_are_refused(work: Session) -> None:
    labels = pl.DataFrame({"record_id": ["lan"], "person_id": ["P"], "is_match": ["yes"]})
    with pytest.raises(SourceError, match="true or false"):
        labelled_trial(work, "sim", labels)


def test_a_trial_that_the_engine_has_no_memory_for_is_not_passed_over(
    work: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        message = "the work does not fit"
        raise ConfigError(message) from duckdb.OutOfMemoryException()

    monkeypatch.setattr("linkage.quality.measured.hidden_number_trial", failing)
    model = work.model("sim", work.pairing(work.job.registries["sim"]))
    with pytest.raises(ConfigError, match="does not fit"):
        measure(work, "sim", LinkTables("sim"), model)
