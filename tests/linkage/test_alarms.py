"""Alarms: what must not pass in silence, and what needs none."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from linkage.alarms import about_columns, about_links, about_rows, about_thresholds
from linkage.clean import ColumnHealth


def health(**changes: Any) -> ColumnHealth:
    usual = {"field": "full_name", "filled": 100, "unreadable": 0, "strange": 0, "issues": {}}
    return ColumnHealth(**{**usual, "rows": 100, "required": False, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unreadable": 21}, "21 of 100 values are unreadable"),
        ({"strange": 6}, "6 of 100 names hold signs"),
        ({"filled": 0, "required": True}, "empty in all 100 rows"),
    ],
)
def test_a_bad_column_is_told(changes: dict[str, Any], said: str) -> None:
    [alarm] = about_columns("sim", [health(**changes)])
    assert alarm.startswith("sim, field 'full_name': ")
    assert said in alarm


@pytest.mark.parametrize(
    "changes",
    [{}, {"unreadable": 20}, {"strange": 5}, {"filled": 0}, {"filled": 19, "unreadable": 19}],
)
def test_an_ordinary_column_is_not(changes: dict[str, Any]) -> None:
    assert not [*about_columns("sim", [health(**changes)])]


@pytest.mark.parametrize(
    ("kept", "rejected", "alarms"), [(0, 0, 1), (94, 6, 1), (95, 5, 0), (1, 9, 0)]
)
def test_missing_and_rejected_rows_are_told(kept: int, rejected: int, alarms: int) -> None:
    assert len([*about_rows("sim", kept, rejected)]) == alarms


@pytest.mark.parametrize(("linked", "alarms"), [(9, 1), (10, 0), (20, 0)])
def test_a_registry_of_which_hardly_anybody_is_found_is_told(linked: int, alarms: int) -> None:
    statuses = ["linked"] * linked + ["unlinked"] * (20 - linked) + ["not_applicable"] * 50
    found = [*about_links("sim", pl.DataFrame({"link_status": statuses}), 1000)]
    assert len(found) == alarms


@pytest.mark.parametrize(("tuned_on", "people", "alarms"), [
    (None, 10**8, 0), (10**6, 2 * 10**6, 0), (10**6, 10**8, 1), (10**6, 10**4, 0),
])  # fmt: skip
def test_thresholds_tuned_on_a_much_smaller_register_are_told(
    tuned_on: int | None, people: int, alarms: int
) -> None:
    assert len(list(about_thresholds("sim", tuned_on, people))) == alarms
