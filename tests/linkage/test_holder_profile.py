"""Who holds such records: age and sex of the sure links' holders raise or lower a candidate's prior."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from linkage.link.holder_profile import LEAST, MOST
from tests.linkage.tables import Linked, Row, Rules, link, session

WARD = "phường Ba Đình, Hà Nội"
LETTERS = "ABCDGHKLMN"


def person(n: int, name: str, year: int) -> Row:
    return {
        "person_id": f"001{0 if year < 2000 else 2}{year % 100:02}{n:06}",
        "full_name": name,
        "birth_date": f"{year}-05-{2 + n % 25:02}",
        "sex": "Nam",
        "address": f"Số {n} đường Lê Lợi, {WARD}",
    }


# Forty men of 1980, of whom all have a SIM, and a hundred boys of 2016, who have none.
MEN = tuple(person(n, f"Lê {LETTERS[n % 10]}a {LETTERS[n // 10]}i", 1980) for n in range(40))
BOYS = tuple(
    person(100 + n, f"Hồ {LETTERS[n % 10]}u {LETTERS[n // 10]}e", 2016) for n in range(100)
)
MAN, BOY = person(300, "Trần Bảo", 1980), person(301, "Trần Bảo", 2016)
PEOPLE = (*MEN, *BOYS, MAN, BOY)
RULES = Rules(exact=(("personal_id", "full_name"),), block=(("full_name",),), adapt=True)


def record(key: str, row: Row, **changes: object) -> Row:
    return {
        "record_id": key, "full_name": row["full_name"], "personal_id": row["person_id"], **changes,
    }  # fmt: skip


SURE = tuple(record(f"man {n}", man) for n, man in enumerate(MEN))
NAMESAKE = record("namesake", MAN, personal_id=None, address=WARD)


@pytest.fixture(scope="module")
def linked() -> Iterator[Linked]:
    with session({"sim": []}, PEOPLE) as opened:
        yield link(opened, (*SURE, NAMESAKE), RULES)


def weights(linked: Linked) -> dict[str, float]:
    found = linked.table("candidates").filter(record="namesake")
    return dict(zip(found["person"], found["match_weight"], strict=True))


def test_of_two_namesakes_the_one_of_an_age_that_holds_leads(linked: Linked) -> None:
    found, bits = weights(linked), linked.result.model.holder_bits
    lead = found[MAN["person_id"]] - found[BOY["person_id"]]
    assert lead == pytest.approx(bits["1980 male"] - bits["2016 male"])
    assert lead > 2


def test_bits_are_the_share_among_holders_against_the_share_among_people(linked: Linked) -> None:
    bits = linked.result.model.holder_bits
    # 40 of 40 sure links, where 41 of 142 people would make 11.55; five more beside either.
    year = (40 + 5) / (40 * 41 / 142 + 5)
    assert bits["1980 male"] == pytest.approx(
        math.log2((40 + 5 * year) / (40 * 41 / 142 + 5)), abs=1e-5
    )
    assert LEAST <= bits["2016 male"] < -2
    assert bits["1980 male"] <= MOST


def test_a_hundred_records_of_one_holder_tell_of_one(linked: Linked) -> None:
    farm = tuple(record(f"farm {n}", MEN[0]) for n in range(100))
    doubled = link(linked.session, (*SURE, *farm), RULES, tables="doubled")
    alone = link(linked.session, SURE, RULES, tables="alone")
    assert doubled.result.model.holder_bits == alone.result.model.holder_bits


def test_without_sure_links_everybody_is_as_likely(linked: Linked) -> None:
    alone = link(linked.session, [NAMESAKE], RULES, tables="nothing_sure")
    assert alone.result.model.holder_bits == {}
    found = weights(alone)
    assert found[MAN["person_id"]] == pytest.approx(found[BOY["person_id"]], abs=0.2)


def test_weights_that_are_kept_as_they_are_know_no_holders(linked: Linked) -> None:
    kept = Rules(exact=RULES.exact, block=RULES.block, adapt=False)
    alone = link(linked.session, (*SURE, NAMESAKE), kept, tables="kept")
    assert alone.result.model.holder_bits == {}
    found = weights(alone)
    assert found[MAN["person_id"]] == pytest.approx(found[BOY["person_id"]], abs=0.2)


def test_a_register_without_sex_tells_by_age_alone() -> None:
    people = [{**row, "sex": None} for row in PEOPLE]
    with session({"sim": []}, people) as opened:
        bits = link(opened, (*SURE, NAMESAKE), RULES).result.model.holder_bits
    assert set(bits) == {"1980 ", "2016 "}
