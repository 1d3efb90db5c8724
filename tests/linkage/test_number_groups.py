"""Numbers that nobody in the register has: a share of their own, and levels of other weight."""

from __future__ import annotations

import math
from collections.abc import Iterator

import polars as pl
import pytest

from linkage.link.model import comparisons_of
from linkage.link.number_groups import shares_of_levels
from linkage.link.posterior import LEAST_OUTSIDE, NOBODYS, OWN, least_outside
from tests.linkage.tables import Linked, Row, Rules, link, session

SURNAMES, GIVEN = ("Nguyễn", "Trần"), ("Bình", "Dũng", "Minh")
PEOPLE: tuple[Row, ...] = tuple(
    {
        "person_id": f"0010{50 + n % 50}{n * 37:06}",
        "full_name": f"{SURNAMES[n % 2]} Văn {GIVEN[n % 3]}",
        "birth_date": f"{1950 + n % 50}-{1 + n % 12:02}-{2 + n % 25:02}",
        "old_ids": f"01{n:07}" if n % 2 else None,
        "address": "Số 1 đường Lê Lợi, Hà Nội",
    }
    for n in range(600)
)
RULES = Rules(exact=(), block=(("personal_id",), ("full_name", "birth_date")), adapt=True)


def record(key: str, n: int, number: str | None) -> Row:
    """A record of person ``n`` with the number given."""
    person = PEOPLE[n]
    return {
        "record_id": key,
        "full_name": person["full_name"],
        "birth_date": person["birth_date"],
        "personal_id": number,
        "address": person["address"],
    }


def mistyped(n: int) -> str:
    """Another last digit: numbers lie 37 apart, so it is nobody's."""
    number = str(PEOPLE[n]["person_id"])
    return number[:-1] + str((int(number[-1]) + 1) % 10)


BORROWED = tuple(record(f"b{n}", n, str(PEOPLE[n + 1]["person_id"])) for n in range(0, 60))
TYPED = tuple(record(f"t{n}", n, mistyped(n)) for n in range(100, 200))
RIGHT = tuple(record(f"r{n}", n, str(PEOPLE[n]["person_id"])) for n in range(200, 500))


@pytest.fixture(scope="module")
def linked() -> Iterator[Linked]:
    others = (
        record("old", 501, "010000501"),
        record("old nobody has", 501, "019999999"),
        record("old of none", 504, "018888888"),
        record("old of another", 506, "010000501"),
        record("none", 502, None),
        record("invented", 503, "079185999998"),
    )
    with session({"sim": []}, PEOPLE) as opened:
        yield link(opened, (*BORROWED, *TYPED, *RIGHT, *others), RULES)


def groups(linked: Linked) -> dict[str, str]:
    found = linked.session.engine.frame(
        f'SELECT number_group FROM "{linked.tables.facts}" ORDER BY idx'
    )
    return dict(zip(linked.records, found["number_group"], strict=True))


@pytest.mark.parametrize(
    ("key", "group"),
    [
        ("r200", "own"),
        ("b0", "own"),
        ("t100", "own_unknown"),
        ("invented", "own_unknown"),
        ("old", "old"),
        ("old nobody has", "old_unknown"),
        ("none", "none"),
    ],
)
def test_records_are_grouped_by_whether_somebody_has_their_number(
    linked: Linked, key: str, group: str
) -> None:
    assert groups(linked)[key] == group


def test_what_borrowers_show_is_no_credit_to_a_number_that_is_nobodys(linked: Linked) -> None:
    m = linked.result.model.number_m
    assert m[OWN]["differ"] > 0.1
    number = comparisons_of({"personal_id": "personal_id"})[0]
    start, _ = shares_of_levels(number, linked.model.m["personal_id"])
    assert m[NOBODYS]["differ"] < start[NOBODYS]["differ"] / 2  # none of 100 records shows it


def test_a_number_that_is_nobodys_is_no_candidates_own(linked: Linked) -> None:
    assert linked.result.model.number_m[NOBODYS]["same number"] < 1e-6


def test_a_weight_is_the_prior_who_holds_and_the_weights_of_the_comparisons(linked: Linked) -> None:
    sql = (
        'SELECT idx AS idx_r, "birth_date__year" AS year, "sex__value" AS sex FROM people_features'
    )
    people = linked.session.engine.frame(sql)
    table = linked.table("candidates").join(people, on="idx_r", maintain_order="left")
    group = pl.format("{} {}", "year", pl.col("sex").fill_null(""))
    bits = table.select(group.replace_strict(linked.result.model.holder_bits)).to_series()
    parts = [table[f"w_{compared.name}"] for compared in linked.model.comparisons]
    total = [linked.model.prior_weight + sum(row) for row in zip(bits, *parts, strict=True)]
    assert total == pytest.approx(table["match_weight"].to_list())


def test_one_m_for_all_says_of_each_group_what_it_can_show() -> None:
    number = comparisons_of({"personal_id": "personal_id"})[0]
    m = {
        "same number": 0.9, "number seen elsewhere": 0.01, "one edit apart": 0.06,
        "old numbers differ": 0.01, "differ": 0.02,
    }  # fmt: skip
    found, mass = shares_of_levels(number, m)
    assert found[NOBODYS] == pytest.approx(
        dict.fromkeys(m, 0.0) | {"one edit apart": 0.75, "differ": 0.25}
    )
    assert found[OWN]["one edit apart"] == 0.0
    assert sum(found[OWN].values()) == pytest.approx(1.0)
    assert mass == pytest.approx([0.94, 0.08])


def test_people_who_are_missed_are_looked_for_among_the_numbers_that_are_nobodys() -> None:
    records = {"own": 960, "own_unknown": 40, "old": 10, "old_unknown": 1}
    assert least_outside("own_unknown", records) == pytest.approx(LEAST_OUTSIDE * 25)
    assert least_outside("old_unknown", records) == LEAST_OUTSIDE
    assert least_outside("own_unknown", {"own_unknown": 7}) == LEAST_OUTSIDE


def test_where_half_the_people_have_no_old_number_listed_an_unknown_one_is_nearly_a_bit_for_them(
    linked: Linked,
) -> None:
    table = linked.table("candidates").filter(pl.col("record") == "old of none")
    own = table.filter(pl.col("person") == PEOPLE[504]["person_id"])
    assert own["gamma_personal_id"].to_list() == [-1]
    assert own["w_personal_id"].to_list() == pytest.approx([math.log2(0.95 / 0.5)], abs=0.1)


def test_an_old_number_of_somebody_is_no_evidence_for_people_without_one(linked: Linked) -> None:
    table = linked.table("candidates").filter(pl.col("record") == "old of another")
    own = table.filter(pl.col("person") == PEOPLE[506]["person_id"])
    assert own["w_personal_id"].to_list() == [0.0]
