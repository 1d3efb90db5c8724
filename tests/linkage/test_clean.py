"""Cleaning a frame: typed values beside the raw ones, row by row."""

from __future__ import annotations

import polars as pl
import pytest

from linkage.clean import ColumnHealth, clean_frame, column_health
from linkage.config.models import FieldDeclaration
from linkage.fields import FIELD_TYPES
from tests.linkage.tables import context

FIELDS = {
    "record_id": FieldDeclaration(type="key"),
    "full_name": FieldDeclaration(type="person_name"),
    "birth_date": FieldDeclaration(type="birth_date"),
    "contract": FieldDeclaration(
        type="category", values={"prepaid": ["trả trước"], "postpaid": ["trả sau"]}
    ),
    "engine": FieldDeclaration(type="text"),
}


def raw(**columns: list[str | None]) -> pl.DataFrame:
    """A raw frame; its rows are 11, 12, …"""
    height = len(next(iter(columns.values())))
    return pl.DataFrame(
        {
            "row": list(range(11, 11 + height)),
            "record_id": [f"r{n}" for n in range(height)],
            **columns,
        },
        schema_overrides={"row": pl.Int64, **dict.fromkeys(("record_id", *columns), pl.String)},
    )


def cleaned(**columns: list[str | None]) -> pl.DataFrame:
    return clean_frame(raw(**columns), FIELDS, context())


def test_rows_keep_their_order_key_and_position() -> None:
    found = cleaned(full_name=["Vũ Văn Minh", None, "???"])
    assert found.select("idx", "row", "record_id").rows() == [
        (0, 11, "r0"),
        (1, 12, "r1"),
        (2, 13, "r2"),
    ]
    assert found.schema["idx"] == pl.Int64


def test_the_raw_value_stays_beside_the_clean_one() -> None:
    found = cleaned(full_name=["  VŨ  VĂN MINH "], birth_date=["9/9/1988"])
    assert found["full_name"].item() == "Vũ Văn Minh"
    assert found["full_name__raw"].item() == "  VŨ  VĂN MINH "
    assert found["birth_date"].item().isoformat() == "1988-09-09"
    assert found["birth_date__raw"].item() == "9/9/1988"


def test_a_field_that_is_not_mapped_is_there_and_null() -> None:
    found = cleaned(full_name=["An"])
    assert found["birth_date"].item() is None
    assert found["birth_date__raw"].item() is None
    assert found["contract__issues"].to_list() == [[]]


def test_the_key_is_not_cleaned() -> None:
    assert "record_id__raw" not in cleaned(full_name=["An"]).columns


@pytest.mark.parametrize(
    ("text", "value", "issues"),
    [
        ("Trả trước", "prepaid", []),
        ("TRA SAU", "postpaid", []),
        ("prepaid", "prepaid", []),
        ("thuê bao khác", None, ["unknown_category"]),
        (None, None, []),
    ],
)
def test_a_category_is_brought_to_the_standard_word(
    text: str | None, value: str | None, issues: list[str]
) -> None:
    found = cleaned(contract=[text])
    assert found["contract"].item() == value
    assert found["contract__issues"].to_list() == [issues]


def test_a_category_without_a_vocabulary_takes_any_word() -> None:
    fields = {"operator": FieldDeclaration(type="category")}
    found = clean_frame(raw(operator=["  Nhà mạng  A "]), fields, context())
    assert found["operator"].item() == "Nhà mạng A"


@pytest.mark.parametrize("type_", sorted(set(FIELD_TYPES) - {"key"}))
def test_every_field_type_gives_a_value_and_issues_row_by_row(type_: str) -> None:
    fields = {"f": FieldDeclaration(type=type_)}
    frame = raw(f=[None, "", "???", "79", "Nguyễn Thị Lan"])
    found = clean_frame(frame, fields, context())
    assert found.height == frame.height
    assert found["f__raw"].to_list() == frame["f"].to_list()
    assert found["f"].head(2).to_list() == [None, None]
    assert found["f__issues"].null_count() == 0


def test_an_empty_frame_has_the_columns_of_a_full_one() -> None:
    full = cleaned(full_name=["An"])
    assert full.clear().schema == cleaned(full_name=[]).schema


# --- health ---------------------------------------------------------------------------------------


def health(**columns: list[str | None]) -> dict[str, ColumnHealth]:
    return {found.field: found for found in column_health(cleaned(**columns), FIELDS)}


def test_filled_and_unreadable_values_are_counted() -> None:
    found = health(birth_date=["12/03/1990", "1985", "soon", "", None])["birth_date"]
    # A year alone is of use.
    assert (found.filled, found.unreadable) == (3, 1)


def test_issues_are_counted_by_code() -> None:
    found = health(contract=["x", "y", "trả sau"])["contract"]
    assert found.issues == {"unknown_category": 2}


def test_the_key_has_no_health() -> None:
    assert "record_id" not in health(full_name=["An"])
