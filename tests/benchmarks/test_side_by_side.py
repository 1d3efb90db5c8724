"""The ceiling is only one if its likelihoods are probabilities; contenders are counted alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from benchmarks.side_by_side import blocks, likelihood
from benchmarks.side_by_side.decisions import (
    at_best_f1,
    at_decision,
    within_budget,
)
from benchmarks.side_by_side.likelihood import Shares
from sample_data.rates import LIFE

SHARES = Shares.of(LIFE.errors["sim"])
PERSON: dict[str, Any] = {
    "p_number": "001190012345",
    "p_value": 1190012345,
    "p_old": "011987654",
    "p_prefix": 1,
    "p_passport": None,
    "p_year": 1990,
    "p_month": 5,
    "p_day": 17,
}
NULLS = {"p_old": pl.String, "p_passport": pl.String, "p_day": pl.Int64, "p_month": pl.Int64}


def asked(expression: pl.Expr, written: pl.DataFrame, **person: Any) -> pl.Series:
    """The likelihood of every row of ``written`` for one person."""
    own = {name: pl.lit(value, dtype=NULLS.get(name)) for name, value in (PERSON | person).items()}
    return written.with_columns(**own).select(expression.alias("p").cast(pl.Float64))["p"]


def births(first: int, last: int) -> pl.DataFrame:
    """Every whole date and every year alone."""
    days = pl.date_range(dt.date(first, 1, 1), dt.date(last, 12, 31), eager=True)
    whole = pl.DataFrame({"day": days}).select(
        w_year=pl.col("day").dt.year().cast(pl.Int64),
        w_month=pl.col("day").dt.month().cast(pl.Int64),
        w_day=pl.col("day").dt.day().cast(pl.Int64),
    )
    years = pl.DataFrame({"w_year": range(first, last + 1)})
    return pl.concat([whole, years], how="diagonal")


@pytest.mark.parametrize("born", [(5, 17), (5, 9), (1, 1), (12, 31), (None, None)])
def test_the_ways_to_write_a_birth_date_have_probability_one_in_all(
    born: tuple[int | None, int | None],
) -> None:
    month, day = born
    found = asked(likelihood.birth(SHARES), births(1975, 1995), p_month=month, p_day=day)
    assert found.sum() == pytest.approx(1.0, abs=0.002)


def numbers() -> list[str | None]:
    """What the number of ``PERSON`` may be written as, old ones it does not have left out."""
    own = PERSON["p_number"]
    wrong = {own[:i] + d + own[i + 1 :] for i in range(12) for d in "0123456789"}
    swapped = {own[:i] + own[i + 1] + own[i] + own[i + 2 :] for i in range(3, 11)}
    return [*(wrong | swapped), own.lstrip("0"), PERSON["p_old"], None]


def test_the_ways_to_write_a_number_have_probability_one_in_all() -> None:
    written = pl.DataFrame({"w_number": numbers()}).with_columns(
        w_form=likelihood.number_form(pl.col("w_number")),
        w_value=pl.col("w_number").cast(pl.Int64),
    )
    found = asked(likelihood.number(SHARES), written)
    malformed = SHARES.number["number_malformed"]
    assert float(found.sum()) + malformed == pytest.approx(1.0, abs=0.002)


def test_a_number_that_nobody_would_write_for_the_person_is_impossible() -> None:
    written = pl.DataFrame({"w_number": ["001190054321", "099999999"]}).with_columns(
        w_form=likelihood.number_form(pl.col("w_number")),
        w_value=pl.col("w_number").cast(pl.Int64),
    )
    assert asked(likelihood.number(SHARES), written).to_list() == [0.0, 0.0]
    assert asked(likelihood.possible(), written).to_list() == [0.0, 0.0]


JUDGED = pl.DataFrame(
    {
        "person_id": ["a", "b", "c", "d", None],
        "score": [0.99, 0.97, 0.9, 0.8, None],
        "linked": [True, True, False, False, False],
        "review": [False, False, True, False, False],
        "is_true": [True, True, True, False, False],
        "has_person": [True, True, True, False, True],
    }
)


def test_precision_counts_links_and_recall_people() -> None:
    found = at_decision(JUDGED)
    assert (found["precision"], found["recall"], found["review"]) == (1.0, 0.5, 0.2)


def test_the_best_threshold_takes_what_is_right_and_leaves_the_rest() -> None:
    found = at_best_f1(JUDGED)
    assert (found["threshold"], found["recall"], found["wrong_per_10k"]) == (0.9, 0.75, 0.0)


def test_a_budget_of_wrong_links_is_kept_to() -> None:
    wrong_first = JUDGED.with_columns(is_true=pl.Series([True, False, True, True, False]))
    assert within_budget(wrong_first, 5.0)["threshold"] == 0.99
    assert within_budget(wrong_first, 2_500.0)["threshold"] == 0.8


ADDRESSES = pl.DataFrame(
    {
        "w_units": [[1], [2], [3, 4], [2], [4], None],
        "w_detail": ["sn 1", "sn 5", "sn 5", "sn 6", "sn 5", None],
        "w_chance": 0.01,
        "w_anywhere": 0.001,
    }
)
AWAY = LIFE.errors["vehicle"].address_before_move


def lived(seen: list[int] | None, detail: str | None, came: float) -> list[float]:
    """How likely ``ADDRESSES`` are of one who lives at sn 1 in ward 1 and came from what is seen."""
    person = ADDRESSES.with_columns(
        p_home_unit=1,
        p_home_detail=pl.lit("sn 1"),
        p_now_unit=pl.lit(None, dtype=pl.Int64),
        p_now_detail=pl.lit(None, dtype=pl.String),
        p_came=came,
        p_seen_units=pl.lit(seen, dtype=pl.List(pl.Int64)),
        p_seen_detail=pl.lit(detail, dtype=pl.String),
    )
    likely = likelihood.address(LIFE.errors["vehicle"])
    return person.select(p=likely)["p"].to_list()


def test_a_former_home_that_another_record_shows_is_the_only_one() -> None:
    found = lived([2, 3], "sn 5", came=1.0)
    assert found == pytest.approx([1 - AWAY, AWAY, AWAY, 0.0, 0.0, 1.0])


def test_where_only_the_ward_of_a_former_home_is_seen_its_house_is_left_to_chance() -> None:
    found = lived([2], None, came=1.0)
    assert found == pytest.approx([1 - AWAY, 0.01 * AWAY, 0.0, 0.01 * AWAY, 0.0, 1.0])


def test_a_former_home_that_nobody_saw_may_be_anywhere() -> None:
    chance = 0.5 * AWAY * 0.001
    found = lived(None, None, came=0.5)
    assert found == pytest.approx([1 - 0.5 * AWAY + chance, *[chance] * 4, 1.0])


def namesakes() -> pl.DataFrame:
    """Fifty people of one name: whole numbers alike in places, every other one with an old number."""
    numbers = [f"0011900{n:05}" for n in (*range(12_340, 12_380), *range(54_321, 54_331))]
    rows = [
        {"p_number": number, "p_old": f"0119876{n:02}" if n % 2 else None, "p_year": 1990}
        for n, number in enumerate(numbers)
    ]
    return pl.DataFrame(rows).with_columns(
        key=pl.lit("lan"),
        p_value=pl.col("p_number").cast(pl.Int64),
        p_prefix=pl.lit(1, dtype=pl.Int64),
        p_passport=pl.when(pl.col("p_old").is_null()).then(pl.lit("C1234567")),
    )


def written(*numbers: str | None) -> pl.DataFrame:
    """Records of that name with these numbers, and one of a name that nobody has."""
    text = pl.Series("w_number", [*numbers, None], dtype=pl.String)
    keys = ["lan"] * len(numbers) + ["hoa"]
    return pl.DataFrame([text]).select(
        pl.int_range(pl.len()).cast(pl.String).alias("id"),
        pl.Series("key", keys),
        "w_number",
        w_form=likelihood.number_form(pl.col("w_number")),
        w_value=pl.col("w_number").cast(pl.Int64, strict=False),
    )


@pytest.mark.parametrize("pairs_at_once", [1, 60, 1_000_000])
def test_looking_numbers_up_leaves_nobody_out_who_has_a_chance(
    monkeypatch: pytest.MonkeyPatch, pairs_at_once: int
) -> None:
    monkeypatch.setattr(blocks, "PAIRS_AT_ONCE", pairs_at_once)
    monkeypatch.setattr(blocks, "RECORDS_AT_ONCE", pairs_at_once)
    people = namesakes()
    records = written(
        *("001190012345", "101190012345", "001190012354", "001109012345", "001190102345"),
        *("1190012345", "011987601", "018888888", "B1234567", "C12345678", None, "0"),
    )
    keys = ["id", "p_number"]
    chance = likelihood.number(SHARES).cast(pl.Float64) > 0
    every = records.join(people, on="key").filter(likelihood.possible()).filter(chance)
    found = pl.concat(part.filter(chance).select(keys) for part in blocks.pairs(records, people))
    assert every.height > 150
    assert found.sort(keys).equals(every.select(keys).sort(keys))
