"""The ceiling is only one if its likelihoods are probabilities; contenders are counted alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from benchmarks.side_by_side import likelihood
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
