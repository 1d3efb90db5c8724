"""The exact pass: it settles what one person alone agrees with."""

from __future__ import annotations

from collections.abc import Iterator
from math import log2
from typing import Any

import pytest

from linkage.link.model import Model
from linkage.session import Session
from tests.linkage.tables import PEOPLE, Linked, Row, Rules, link, session

LAN, BAO, _, NHUNG, NHI, MINH, OTHER_MINH, _ = PEOPLE
NAME_BIRTH = ("full_name", "birth_date")
FULL = ("personal_id", *NAME_BIRTH)


def record(record_id: str, person: Row, **changes: Any) -> Row:
    """What a person's own record says, with changes."""
    return {
        "record_id": record_id,
        "full_name": person["full_name"],
        "birth_date": person["birth_date"],
        "personal_id": person["person_id"],
        **changes,
    }


@pytest.fixture(scope="module")
def opened() -> Iterator[Session]:
    with session({"sim": []}) as found:
        yield found


def settled(opened: Session, *records: Row, exact: tuple[tuple[str, ...], ...]) -> Linked:
    return link(opened, records, Rules(exact=exact))


def who(linked: Linked) -> dict[str, tuple[str, str]]:
    """Record to person and rule."""
    table = linked.table("settled")
    return {r: (p, by) for r, p, by in table.select("record", "person", "decided_by").rows()}


def test_a_record_that_agrees_with_one_person_is_settled(opened: Session) -> None:
    found = settled(opened, record("a", LAN), record("b", BAO), exact=(FULL,))
    rule = "exact:personal_id+full_name+birth_date"
    assert who(found) == {"a": (LAN["person_id"], rule), "b": (BAO["person_id"], rule)}
    assert found.result.settled == 2


def test_one_field_that_does_not_agree_leaves_the_record_to_the_model(opened: Session) -> None:
    nearly = (
        record("name", LAN, full_name="Nguyễn Thị Loan"),
        record("day", LAN, birth_date="1990-03-13"),
        record("year", LAN, birth_date="1990"),
        record("number", LAN, personal_id="001190012346"),
        record("nothing", LAN, personal_id=None),
    )
    assert who(settled(opened, *nearly, exact=(FULL,))) == {}


def test_tone_marks_and_order_of_writing_do_not_matter(opened: Session) -> None:
    written = record("a", LAN, full_name="NGUYEN THI LAN", birth_date="12/3/1990")
    assert who(settled(opened, written, exact=(FULL,)))["a"][0] == LAN["person_id"]


def test_an_old_number_agrees_as_well_as_the_current_one(opened: Session) -> None:
    written = record("a", LAN, personal_id="011987654")
    assert who(settled(opened, written, exact=(FULL,)))["a"][0] == LAN["person_id"]


def test_two_people_who_agree_settle_nothing(opened: Session) -> None:
    assert who(settled(opened, record("a", MINH), exact=(NAME_BIRTH,))) == {}


def test_the_first_rule_that_fits_decides(opened: Session) -> None:
    found = settled(opened, record("a", LAN), exact=(NAME_BIRTH, FULL))
    assert who(found)["a"][1] == "exact:full_name+birth_date"


def test_a_later_rule_settles_what_the_first_does_not_fit(opened: Session) -> None:
    written = record("a", LAN, personal_id=None)
    found = settled(opened, written, exact=(FULL, NAME_BIRTH))
    assert who(found) == {"a": (LAN["person_id"], "exact:full_name+birth_date")}


def test_a_later_rule_does_not_break_the_tie_of_an_earlier_one(opened: Session) -> None:
    assert who(settled(opened, record("a", MINH), exact=(NAME_BIRTH, FULL))) == {}


def test_a_number_of_one_and_a_name_of_another_settle_nothing(opened: Session) -> None:
    borrowed = record("a", BAO, personal_id=LAN["person_id"])
    assert who(settled(opened, borrowed, exact=(FULL, ("personal_id", "full_name")))) == {}


def test_twins_with_their_own_numbers_are_not_mixed(opened: Session) -> None:
    found = settled(opened, record("a", NHUNG), record("b", NHI), exact=(FULL,))
    assert {r: p for r, (p, _) in who(found).items()} == {
        "a": NHUNG["person_id"],
        "b": NHI["person_id"],
    }


def test_an_organisation_is_never_settled(opened: Session) -> None:
    written = record("a", LAN, full_name="Công ty TNHH Hoa Sen")
    found = settled(opened, written, exact=(("personal_id",),))
    assert who(found) == {}
    assert found.result.subjects == 0


def test_settled_records_are_not_proposed_again(opened: Session) -> None:
    rules = Rules(exact=(FULL,), block=(("personal_id",),))
    found = link(opened, [record("a", LAN)], rules)
    assert found.result.blocked.pairs == {"personal_id": 0}
    assert found.result.candidates == 0


def _full(model: Model) -> float:
    fields = ("personal_id", "full_name", "birth_date")
    return model.prior_weight + sum(model.agreement_weight(field) for field in fields)


def test_the_weight_is_that_of_full_agreement_and_the_rarity_of_the_name(
    opened: Session,
) -> None:
    found = settled(opened, record("a", LAN), record("b", MINH), exact=(FULL,))
    weights = dict(found.table("settled").select("record", "match_weight").rows())
    by_accident = found.model.weights["full_name"]["same name"][1]
    # One in eight people is called as she is, two in eight as he is.
    assert weights["a"] == pytest.approx(_full(found.model) + log2(by_accident / (1 / 8)))
    assert weights["b"] == pytest.approx(_full(found.model) + log2(by_accident / (2 / 8)))


def test_without_exact_rules_nothing_is_settled(opened: Session) -> None:
    assert who(settled(opened, record("a", LAN), exact=())) == {}
