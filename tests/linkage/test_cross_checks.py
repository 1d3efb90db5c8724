"""Checks between a record's fields end as issues of its numbers."""

from __future__ import annotations

import polars as pl

from linkage.clean import clean_frame
from linkage.config.models import FieldDeclaration
from tests.linkage.tables import context


def issues(field: str, types: dict[str, str], **values: str | None) -> list[str]:
    """The issues of one field of one record."""
    fields = {name: FieldDeclaration(type=type_) for name, type_ in types.items()}
    raw = pl.DataFrame(
        {"row": [1], "record_id": ["r"], **{name: [value] for name, value in values.items()}},
        schema_overrides={"row": pl.Int64, **dict.fromkeys(values, pl.String)},
    )
    found: list[str] = clean_frame(raw, fields, context())[f"{field}__issues"].to_list()[0]
    return found


PERSON = {"personal_id": "personal_id", "birth_date": "birth_date", "sex": "sex"}
LICENCE = {**PERSON, "licence_number": "licence_number", "issued_on": "date"}


def test_a_number_of_the_other_sex_says_so() -> None:
    given = {"personal_id": "001190012345", "sex": "Nam", "birth_date": "12/03/1990"}
    assert issues("personal_id", PERSON, **given) == ["sex_digit_disagrees"]


def test_a_number_of_another_birth_year_says_so_beside_its_own_issues() -> None:
    given = {"personal_id": "1190012345", "sex": "Nữ", "birth_date": "1991"}
    assert issues("personal_id", PERSON, **given) == ["leading_zero_lost", "year_digit_disagrees"]


def test_what_is_missing_disagrees_with_nothing() -> None:
    assert issues("personal_id", PERSON, personal_id="001190012345", sex=None) == []


def test_an_old_number_tells_neither_sex_nor_year() -> None:
    given = {"personal_id": "024681357", "sex": "Nam", "birth_date": "1991"}
    assert issues("personal_id", PERSON, **given) == ["old_number"]


def test_a_licence_is_held_against_number_and_age() -> None:
    given = {
        "licence_number": "790051234567",
        "personal_id": "001190012345",
        "birth_date": "12/03/1990",
        "issued_on": "01/06/2005",
    }
    found = issues("licence_number", LICENCE, **given)
    assert found == ["licence_digit_disagrees", "holder_too_young"]


def test_two_fields_of_one_type_leave_open_which_is_meant() -> None:
    types = {"own_id": "personal_id", "parent_id": "personal_id", "sex": "sex"}
    given = {"own_id": "001190012345", "parent_id": "001190012345", "sex": "Nam"}
    assert issues("own_id", types, **given) == []
