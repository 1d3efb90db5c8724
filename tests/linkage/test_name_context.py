"""Names in their surroundings: what fills a village, or a generation, says less there."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from linkage.link.name_context import MOST_GAINED, count_contexts
from tests.linkage.tables import Linked, Row, Rules, link, session

VILLAGE = "phường Ba Đình, Hà Nội"
LETTERS = "ABCDĐGHKLM"
TOWN = "phường Sài Gòn, TP. Hồ Chí Minh"


def person(n: int, name: str, ward: str, year: int) -> Row:
    return {
        "person_id": f"001{190 if n % 2 else 80:03}{n:06}",
        "full_name": name,
        "birth_date": f"{year}-05-{2 + n % 25:02}",
        "address": f"Số {n} đường Lê Lợi, {ward}",
    }


PEOPLE = (
    # Forty of one name in the village, one of them in the town; all ages.
    *(person(n, "Giàng A Páo", VILLAGE if n else TOWN, 1940 + n) for n in range(41)),
    # A name of the nineties, everywhere.
    *(person(100 + n, "Trần Bảo Vy", (VILLAGE, TOWN)[n % 2], 1990 + n % 9) for n in range(40)),
    # And a crowd in town, of all ages, whose names are all different.
    *(
        person(200 + n, f"Lê {LETTERS[n % 10]}a {LETTERS[n // 10]}i", TOWN, 1930 + n % 80)
        for n in range(100)
    ),
)  # fmt: skip
PAO, PAO_IN_TOWN, VY = PEOPLE[20], PEOPLE[0], PEOPLE[41]


def record(key: str, row: Row, **changes: object) -> Row:
    own = {name: row[name] for name in ("full_name", "birth_date", "address")}
    return {"record_id": key, **own, **changes}


RECORDS = (
    record("pao", PAO),
    record("moved pao", PAO, address=None),
    record("vy", VY),
    record("undated vy", VY, birth_date=None),
)


@pytest.fixture(scope="module")
def linked() -> Iterator[Linked]:
    with session({"sim": []}, PEOPLE) as opened:
        yield link(opened, RECORDS, Rules(block=(("full_name",),)))


@pytest.fixture(scope="module")
def bits(linked: Linked) -> dict[str, tuple[float, float]]:
    table = count_contexts(linked.session.engine, linked.model)
    found = linked.session.engine.frame(f'SELECT * FROM "{table}" ORDER BY idx')
    pairs = zip(found["in_ward"], found["in_generation"], strict=True)
    return dict(zip(linked.people, pairs, strict=True))


def test_a_name_that_fills_its_village_is_worth_less_there(
    bits: dict[str, tuple[float, float]],
) -> None:
    assert bits[PAO["person_id"]][0] > 0.1


def test_where_the_bearer_is_the_only_one_the_name_says_more_within_bounds(
    bits: dict[str, tuple[float, float]],
) -> None:
    assert -MOST_GAINED <= bits[PAO_IN_TOWN["person_id"]][0] < 0


def test_a_name_of_one_generation_is_worth_less_in_it(bits: dict[str, tuple[float, float]]) -> None:
    ward, generation = bits[VY["person_id"]]
    assert generation > 0.2
    assert generation > ward


def weight(linked: Linked, key: str, row: Row) -> float:
    table = linked.table("candidates")
    found = table.filter((pl.col("record") == key) & (pl.col("person") == row["person_id"]))
    return float(found["w_full_name"].item())


def test_the_name_loses_in_weight_only_where_ward_or_age_agree(
    linked: Linked, bits: dict[str, tuple[float, float]]
) -> None:
    lost = weight(linked, "moved pao", PAO) - weight(linked, "pao", PAO)
    assert lost == pytest.approx(bits[PAO["person_id"]][0])
    lost = weight(linked, "undated vy", VY) - weight(linked, "vy", VY)
    assert lost == pytest.approx(bits[VY["person_id"]][1])


def test_the_match_weight_loses_as_much(linked: Linked) -> None:
    table = linked.table("candidates")
    parts = [pl.col(f"w_{compared.name}") for compared in linked.model.comparisons]
    total = table.select(linked.model.prior_weight + pl.sum_horizontal(parts)).to_series()
    assert total.to_list() == pytest.approx(table["match_weight"].to_list())
