"""Scoring: weights are the model's, term by term, and the same as Splink's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from tests.linkage.tables import PEOPLE, Linked, Row, Rules, link, session

LAN, BAO, HAI, NHUNG, NHI, MINH, OTHER_MINH, PHUONG = PEOPLE
BLOCK = (
    ("personal_id",),
    ("full_name",),
    ("birth_date",),
    ("birth_date.year",),
    ("full_name.given",),
    ("address.province",),
)


def record(record_id: str, person: Row, **changes: Any) -> Row:
    own = {name: person[name] for name in ("full_name", "birth_date", "address")}
    return {"record_id": record_id, **own, "personal_id": person["person_id"], **changes}


RECORDS = (
    record("own", LAN),
    record("tones", LAN, full_name="Nguyễn Thị Lân", birth_date="13/3/1990"),
    record("plain", MINH, full_name="VU VAN MINH", personal_id=None, birth_date="1988"),
    record("twin", NHUNG, full_name="Lê Nhung Thị Hồng", address="Cần Thơ"),
    record("stranger", HAI, full_name="Trần Quốc Bảo", personal_id="AB123456"),
    record("short", PHUONG, full_name="Đặng T. Phương", address=None),
    # The house number in its ward, and another street.
    record("one lives there", LAN, address="Số 12 ngõ Núi Trúc, phường Ba Đình, Hà Nội"),
    record("two live there", NHI, address="Số 3 hẻm Hoa Mai, phường Ninh Kiều, Cần Thơ"),
)


@pytest.fixture(scope="module")
def linked() -> Iterator[Linked]:
    with session({"sim": []}) as opened:
        yield link(opened, RECORDS, Rules(block=BLOCK))


@pytest.fixture(scope="module")
def scored(linked: Linked) -> pl.DataFrame:
    return linked.table("candidates")


def test_a_weight_is_the_prior_and_the_weights_of_the_comparisons(
    linked: Linked, scored: pl.DataFrame
) -> None:
    parts = [pl.col(f"w_{compared.name}") for compared in linked.model.comparisons]
    total = scored.select(linked.model.prior_weight + pl.sum_horizontal(parts)).to_series()
    assert scored.height > len(RECORDS)
    assert total.to_list() == pytest.approx(scored["match_weight"].to_list())


def test_the_models_gammas_are_splinks(linked: Linked, scored: pl.DataFrame) -> None:
    """The level that our SQL gives is the level whose number Splink reports."""
    engine, tables = linked.session.engine, linked.tables
    columns = dict.fromkeys(
        f"{c.field}__{feature}"
        for c in linked.model.comparisons
        for feature in c.comparison.features
    )
    both = ", ".join(f'l."{c}" AS "{c}_l", r."{c}" AS "{c}_r"' for c in columns)
    seen = set()
    for compared in linked.model.comparisons:
        cases = " ".join(
            f"WHEN {compared.sql(level)} THEN {gamma(compared, level)}"
            for level in compared.comparison.levels
            if level.sql != "ELSE"
        )
        ours = engine.frame(
            f"SELECT CASE {cases} ELSE 0 END AS gamma, splinks FROM"
            f' (SELECT "gamma_{compared.name}" AS splinks, {both} FROM "{tables.candidates}"'
            f' JOIN "{tables.features}" l ON l.idx = idx_l'
            " JOIN people_features r ON r.idx = idx_r)"
        )
        assert ours["gamma"].to_list() == ours["splinks"].to_list(), compared.name
        seen |= {(compared.name, value) for value in ours["splinks"]}
    assert len(seen) > 2 * len(linked.model.comparisons)


def gamma(compared: Any, level: Any) -> int:
    return -1 if level.is_null else compared.gamma(level.label)


def test_a_comparison_without_frequencies_weighs_what_the_model_says(
    linked: Linked, scored: pl.DataFrame
) -> None:
    for name in ("birth_date", "full_name_tones"):
        compared = next(c for c in linked.model.comparisons if c.name == name)
        weights = {
            compared.gamma(label): math.log2(m / u)
            for label, (m, u) in linked.model.weights[name].items()
        }
        expected = [weights.get(gamma, 0.0) for gamma in scored[f"gamma_{name}"]]
        assert scored[f"w_{name}"].to_list() == pytest.approx(expected), name


def test_nothing_to_compare_weighs_nothing(linked: Linked, scored: pl.DataFrame) -> None:
    for compared in linked.model.comparisons:
        silent = scored.filter(pl.col(f"gamma_{compared.name}") == -1)
        assert set(silent[f"w_{compared.name}"]) <= {0.0}


def test_a_name_that_two_people_have_weighs_one_bit_less(scored: pl.DataFrame) -> None:
    def weight(record: str, person: Row) -> float:
        found = scored.filter(pl.col("record") == record, pl.col("person") == person["person_id"])
        return float(found["w_full_name"].item())

    # But for what the name context takes from either: a few hundredths of a bit.
    assert weight("own", LAN) - weight("plain", MINH) == pytest.approx(1, abs=0.05)


def test_a_house_of_two_people_weighs_one_bit_less_ward_and_place_together(
    linked: Linked, scored: pl.DataFrame
) -> None:
    place = linked.model.compared("address_place")
    assert place is not None

    def weight(record: str, person: Row) -> float:
        found = scored.filter(pl.col("record") == record, pl.col("person") == person["person_id"])
        assert found["gamma_address_place"].item() == place.gamma("same house number")
        return float((found["w_address"] + found["w_address_place"]).item())

    assert weight("one lives there", LAN) - weight("two live there", NHI) == pytest.approx(1)


def test_the_best_candidate_and_the_owner_of_the_number_are_always_kept(
    scored: pl.DataFrame,
) -> None:
    assert set(scored["record"]) == {row["record_id"] for row in RECORDS}


def test_no_pairs_make_an_empty_table_with_the_same_columns(
    linked: Linked, scored: pl.DataFrame
) -> None:
    stranger = {"record_id": "x", "full_name": "Hồ Mai"}
    nobody = link(linked.session, [stranger], Rules(), tables="nobody")
    empty = nobody.table("candidates")
    assert empty.height == 0
    assert set(empty.columns) == set(scored.columns)
