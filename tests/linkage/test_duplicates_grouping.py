"""Groups hold under their weakest link."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from linkage.duplicates.grouping import hold_together
from linkage.duplicates.unlinked import owners


def groups(*pairs: tuple[int, int, float], strong: float = 0.97) -> list[list[int]]:
    schema = {"idx_l": pl.Int64, "idx_r": pl.Int64, "probability": pl.Float64}
    found = hold_together(pl.DataFrame(pairs, schema=schema, orient="row"), strong=strong)
    return sorted(found.group_by("grp").agg(pl.col("idx").sort())["idx"].to_list())


def test_no_pairs_are_no_groups() -> None:
    assert groups() == []


def test_strong_pairs_join_what_they_connect() -> None:
    assert groups((1, 2, 0.99), (2, 3, 0.99), (5, 6, 0.98)) == [[1, 2, 3], [5, 6]]


def test_a_weak_pair_is_a_group_of_two() -> None:
    assert groups((1, 2, 0.9)) == [[1, 2]]


def test_a_chain_of_weak_pairs_is_cut_at_the_weaker() -> None:
    assert groups((1, 2, 0.9), (2, 3, 0.95)) == [[2, 3]]


def test_one_weak_pair_does_not_glue_two_groups() -> None:
    assert groups((1, 2, 0.99), (2, 3, 0.9), (3, 4, 0.99)) == [[1, 2], [3, 4]]


def test_two_weak_pairs_join_two_groups() -> None:
    assert groups((1, 2, 0.99), (2, 3, 0.9), (1, 4, 0.9), (3, 4, 0.99)) == [[1, 2, 3, 4]]


def test_a_single_record_joins_a_group_by_two_weak_pairs() -> None:
    assert groups((1, 2, 0.99), (2, 3, 0.9), (1, 3, 0.9)) == [[1, 2, 3]]


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([0.9, 0.91, 0.95, 0.98, 0.99]),
    max_size=14,
)


@given(pairs=PAIRS, order=st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(
    pairs: dict[tuple[int, int], float], order: object
) -> None:
    listed = [(*pair, p) for pair, p in pairs.items()]
    turned = list(listed)
    order.shuffle(turned)  # type: ignore[attr-defined]
    assert groups(*turned) == groups(*listed)


@given(pairs=PAIRS)
def test_cutting_any_weak_pair_of_a_larger_group_leaves_it_whole(
    pairs: dict[tuple[int, int], float],
) -> None:
    listed = [(*pair, p) for pair, p in pairs.items()]
    for group in groups(*listed):
        inside = [pair for pair in listed if pair[0] in group and pair[1] in group]
        weak = [pair for pair in inside if pair[2] < 0.97]
        if len(group) > 2:
            assert all(_connected(group, [p for p in inside if p != cut]) for cut in weak)


def _connected(group: list[int], pairs: list[tuple[int, int, float]]) -> bool:
    reached, grown = {group[0]}, True
    while grown:
        more = {one for a, b, _ in pairs if {a, b} & reached for one in (a, b)} - reached
        reached |= more
        grown = bool(more)
    return reached == set(group)


@given(st.lists(st.floats(0.01, 1e6), min_size=3, max_size=8), st.randoms(use_true_random=False))
def test_who_owns_a_record_is_the_same_to_the_last_digit_in_any_order(odds: list[float], r) -> None:  # type: ignore[no-untyped-def]
    rows = [(7, person, one, 0.99, False) for person, one in enumerate(odds)]
    schema = {"idx": pl.Int64, "person": pl.Int64, "odds": pl.Float64, "sure": pl.Float64,
              "against": pl.Boolean}  # fmt: skip
    turned = r.sample(rows, len(rows))
    first, then = (
        owners(pl.DataFrame(one, schema=schema, orient="row"), 0.0) for one in (rows, turned)
    )
    assert then.sort("entity").rows() == first.sort("entity").rows()
