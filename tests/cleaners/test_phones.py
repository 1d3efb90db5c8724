"""Phone numbers."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import phones


def clean(raw: str | None) -> tuple[str | None, str | None, list[str]]:
    expr = phones.clean(pl.lit(raw, dtype=pl.String).alias("p"))
    value, kind, issues = pl.select(expr).unnest("p").row(0)
    return value, kind, issues


@pytest.mark.parametrize(
    "raw",
    [
        "0901234567",
        "090 123 4567",
        "090.123.4567",
        "+84 90-123-4567",
        "84901234567",
        "0084901234567",
        "+84(0)901234567",
        "(+84) 901 234 567",
        "0901234567.0",
        "'0901234567",
    ],
)
def test_forms_of_one_mobile(raw: str) -> None:
    assert clean(raw) == ("+84901234567", "mobile", [])


@pytest.mark.parametrize(("old", "new"), sorted(phones.RENUMBERED.items()))
def test_2018_renumbering_keeps_the_last_seven_digits(old: str, new: str) -> None:
    assert clean(f"{old}1234567") == (f"+84{new[1:]}1234567", "mobile", ["renumbered_phone"])
    assert clean(f"+84{old[1:]}1234567")[0] == f"+84{new[1:]}1234567"


@pytest.mark.parametrize(
    ("raw", "value", "kind", "issues"),
    [
        ("901234567", "+84901234567", "mobile", ["leading_zero_lost"]),
        ("1621234567", "+84321234567", "mobile", ["renumbered_phone", "leading_zero_lost"]),
        ("024 3825 1234", "+842438251234", "landline", []),
        ("0203 3825 123", "+842033825123", "landline", []),
        ("19001234", "+8419001234", "service", []),
        ("+1 415 555 2671", "+14155552671", "foreign", []),
        ("0901234567 / 0912345678", "+84901234567", "mobile", ["several_numbers"]),
        ("0000000000", None, "unknown", ["placeholder_number"]),
        ("01471234567", None, "unknown", ["malformed_phone"]),
        ("090123456", None, "unknown", ["malformed_phone"]),
        ("8.4901E+10", None, "unknown", ["malformed_phone"]),
        ("không có", None, "unknown", ["malformed_phone"]),
        (" ", None, None, []),
        (None, None, None, []),
    ],
)
def test_other_numbers(
    raw: str | None, value: str | None, kind: str | None, issues: list[str]
) -> None:
    assert clean(raw) == (value, kind, issues)


@given(st.lists(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), min_size=1, max_size=5))
def test_every_mobile_is_kept_and_cleaning_again_changes_nothing(values: list[str]) -> None:
    once = pl.DataFrame({"p": values}).select(phones.clean("p").struct["value"].alias("p"))
    twice = once.select(phones.clean("p").struct["value"].alias("p"))
    assert once["p"].to_list() == ["+84" + value[1:] for value in values]
    assert twice.equals(once)


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), min_size=1, max_size=6))
def test_garbage_gives_no_value_without_digits(values: list[str | None]) -> None:
    frame = pl.DataFrame({"p": values}, schema={"p": pl.String})
    done = frame.select(phones.clean("p")).unnest("p")
    assert (
        done.filter(pl.col("value").is_not_null())
        .select(pl.col("value").str.contains(r"^\+[0-9]+$").all())
        .item()
    )
