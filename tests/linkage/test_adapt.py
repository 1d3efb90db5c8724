"""Adapted weights: m follows the records of the run, the more of them there are."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from tests.linkage.tables import Linked, Row, Rules, link, session

PROVINCES = ("Hà Nội", "Hải Phòng", "Đà Nẵng", "Cần Thơ", "Huế")
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
GIVEN = ("An", "Bình", "Cường", "Dũng", "Giang", "Hạnh", "Khánh", "Lan", "Minh", "Nga")
PEOPLE: tuple[Row, ...] = tuple(
    {
        "person_id": f"0{n % 90 + 10}{190 if n % 2 else 80:03}{n:06}",
        "full_name": f"{SURNAMES[n % 10]} {GIVEN[n // 10 % 10]} {GIVEN[n // 100 % 10]}",
        "birth_date": f"{1950 + n % 50}-{1 + n % 12:02}-{2 + n % 25:02}",
        "address": f"Số {n} đường Lê Lợi, {PROVINCES[n % 5]}",
    }
    for n in range(1000)
)
"""A thousand people, three to six of each name."""
RULES = Rules(exact=(("personal_id", "full_name", "birth_date"),), block=(("full_name",),))
ADAPTING = Rules(RULES.exact, RULES.block, adapt=True)


def record(n: int, *, moved: bool, settled: bool = False) -> Row:
    person = PEOPLE[n]
    place = PROVINCES[(n + 1) % 5] if moved else PROVINCES[n % 5]
    return {
        "record_id": f"r{n}",
        "full_name": person["full_name"],
        "birth_date": person["birth_date"],
        "personal_id": person["person_id"] if settled else None,
        "address": f"đường Lê Lợi, {place}",
    }


MOVED = tuple(record(n, moved=True) for n in range(600))
"""Everybody's papers were written before a move to another province."""


@pytest.fixture(scope="module")
def as_trained() -> Iterator[Linked]:
    with session({"sim": []}, PEOPLE) as opened:
        yield link(opened, MOVED, RULES, tables="trained")


@pytest.fixture(scope="module")
def adapted() -> Iterator[Linked]:
    with session({"sim": []}, PEOPLE) as opened:
        yield link(opened, MOVED, ADAPTING, tables="adapted")


def of_moves(linked: Linked) -> float:
    return linked.result.model.m["address"]["differ"]


def test_without_adapting_the_weights_are_the_files(as_trained: Linked) -> None:
    assert as_trained.result.model == as_trained.model


def test_where_all_have_moved_another_province_is_no_evidence_against(
    as_trained: Linked, adapted: Linked
) -> None:
    assert of_moves(as_trained) < 0.05
    assert of_moves(adapted) > 0.5


def test_a_handful_of_records_changes_next_to_nothing() -> None:
    with session({"sim": []}, PEOPLE) as opened:
        few = link(opened, MOVED[:3], ADAPTING)
    assert of_moves(few) == pytest.approx(few.model.m["address"]["differ"], abs=0.02)


def test_a_weight_is_still_the_prior_and_the_weights_of_the_comparisons(adapted: Linked) -> None:
    table = adapted.table("candidates")
    parts = [pl.col(f"w_{compared.name}") for compared in adapted.model.comparisons]
    total = table.select(adapted.model.prior_weight + pl.sum_horizontal(parts)).to_series()
    assert table.height >= len(MOVED)
    assert total.to_list() == pytest.approx(table["match_weight"].to_list())


def test_weights_change_by_what_their_levels_gained(as_trained: Linked, adapted: Linked) -> None:
    keys = ["record", "person"]
    both = as_trained.table("candidates").join(adapted.table("candidates"), on=keys, suffix="_new")
    differ = both.filter(pl.col("gamma_address") == 0)
    gained = (differ["w_address_new"] - differ["w_address"]).unique()
    old, new = as_trained.result.model, adapted.result.model
    expected = new.m["address"]["differ"] / old.m["address"]["differ"]
    assert differ.height > 100
    assert 2 ** gained.to_numpy() == pytest.approx(expected)


def test_u_and_prior_stay(adapted: Linked) -> None:
    old, new = adapted.model, adapted.result.model
    assert new.prior == old.prior
    for name, levels in old.weights.items():
        assert {label: u for label, (_, u) in new.weights[name].items()} == {
            label: u for label, (_, u) in levels.items()
        }


def test_records_in_another_order_give_the_same_weights(adapted: Linked) -> None:
    with session({"sim": []}, PEOPLE) as opened:
        again = link(opened, MOVED[::-1], ADAPTING)
    for name, levels in adapted.result.model.m.items():
        assert again.result.model.m[name] == pytest.approx(levels, rel=1e-6)


def test_what_the_exact_pass_settled_counts_too() -> None:
    records = [record(n, moved=True, settled=True) for n in range(600)]
    with session({"sim": []}, PEOPLE) as opened:
        settled = link(opened, records, ADAPTING)
    assert settled.result.settled == 600
    assert of_moves(settled) > 0.5


def test_an_empty_registry_keeps_the_model() -> None:
    with session({"sim": []}, PEOPLE) as opened:
        nothing = link(opened, [], ADAPTING)
    assert nothing.result.model == nothing.model
