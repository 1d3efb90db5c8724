"""Features: one shape for records and people, whatever they look like in their sources."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from linkage.clean import clean_frame
from linkage.config.models import FieldDeclaration
from linkage.features import features_of
from linkage.fields import linkable
from linkage.population import clean_people, population_features
from tests.linkage.tables import PEOPLE, PERSON, Row, context, frame, job


def features(type_: str, text: str | None) -> dict[str, Any]:
    """Features of one field of one record."""
    raw = pl.DataFrame(
        {"row": [1], "record_id": ["a"], "f": [text]}, schema_overrides={"f": pl.String}
    )
    cleaned = clean_frame(raw, {"f": FieldDeclaration(type=type_)}, context())
    row = cleaned.select(features_of({"f": type_})).to_dicts()[0]
    return {name.removeprefix("f__"): value for name, value in row.items()}


def person_features(person: Row) -> dict[str, Any]:
    """Features of one person."""
    raw = (
        frame([person], PERSON)
        .rename({"person_id": "record_id"})
        .with_columns(row=pl.lit(1, pl.Int64), personal_id="record_id")
    )
    fields = job("sim").population.fields
    types = linkable({name: field.type for name, field in fields.items()})
    return population_features(clean_people(raw, fields, context()), types).to_dicts()[0]


def test_all_numbers_of_a_person_are_one_list() -> None:
    person = {**PEOPLE[0], "old_ids": "011987654; 013456789", "passport": "C1234567"}
    found = person_features(person)
    assert found["personal_id__numbers"] == ["001190012345", "011987654", "013456789", "C1234567"]


def test_the_current_number_stands_apart_from_the_old_ones() -> None:
    found = person_features({**PEOPLE[0], "old_ids": "011987654"})
    assert found["personal_id__number"] == "001190012345"
    assert found["personal_id__tail"] == "012345"
    assert found["personal_id__old_numbers"] == ["011987654"]


def test_an_unreadable_old_number_is_left_out() -> None:
    found = person_features({**PEOPLE[0], "old_ids": "x;011987654;"})
    assert found["personal_id__numbers"] == ["001190012345", "011987654"]


def test_a_passport_of_nine_characters_is_no_old_number() -> None:
    found = person_features({**PEOPLE[0], "old_ids": None, "passport": "C12345678"})
    assert found["personal_id__numbers"] == ["001190012345", "C12345678"]
    assert not found["personal_id__old_numbers"]


def test_an_old_number_on_a_record_is_no_current_number() -> None:
    found = features("personal_id", "011 987 654")
    assert found == {
        "numbers": ["011987654"],
        "number": None,
        "tail": None,
        "old_numbers": ["011987654"],
        "seen_numbers": None,
    }


def test_a_record_without_a_number_has_no_list_of_numbers() -> None:
    assert features("personal_id", None)["numbers"] is None


def test_wards_come_from_both_addresses_of_a_person() -> None:
    person = {
        **PEOPLE[0],
        "address": "Số 12 phố Hàng Than, phường Ba Đình, Hà Nội",
        "current_address": "Số 45 đường Lê Lợi, phường Sài Gòn, TP. Hồ Chí Minh",
    }
    found = person_features(person)
    assert found["address__wards"] == ["00004", "26740"]
    assert found["address__provinces"] == ["01", "79"]
    assert found["address__houses"] == ["00004|12", "26740|45"]
    assert found["address__house_in_ward"] == "00004|12"  # the register's own, as its frequencies
    assert found["address__places"] == ["00004|so 12 pho hang than", "26740|so 45 duong le loi"]


def test_two_equal_addresses_of_a_person_count_once() -> None:
    person = {**PEOPLE[0], "current_address": PEOPLE[0]["address"]}
    assert person_features(person)["address__wards"] == ["00004"]


def test_a_ward_that_was_split_gives_a_place_in_each_part() -> None:
    found = features("address", SPLIT)
    assert len(found["wards"]) > 1
    assert [place.split("|")[0] for place in found["places"]] == found["wards"]
    assert {place.split("|")[1] for place in found["places"]} == {"so 7"}
    assert found["ward"] is None
    assert found["place_in_ward"] is None
    assert found["house_in_ward"] is None


def test_a_province_alone_has_no_ward_and_no_place() -> None:
    found = features("address", "Hà Nội")
    assert found["provinces"] == ["01"]
    assert (found["wards"], found["places"], found["houses"]) == (None, None, None)


def test_an_exact_date_is_trusted() -> None:
    found = features("birth_date", "12/03/1990")
    assert found["exact"] == dt.date(1990, 3, 12)
    assert found["digits"] == "19900312"
    assert (found["day"], found["month"], found["year"]) == (12, 3, 1990)
    assert (found["day_month"], found["year_month"]) == ("0312", "199003")


@pytest.mark.parametrize("text", ["1990", "01/01/1990"])
def test_a_year_or_a_placeholder_gives_a_year_only(text: str) -> None:
    found = features("birth_date", text)
    assert found["year"] == 1990
    untrusted = ("exact", "digits", "day", "month", "day_month", "year_month")
    assert [found[name] for name in untrusted] == [None] * len(untrusted)


def test_an_impossible_date_keeps_its_digits() -> None:
    found = features("birth_date", "30/02/1978")
    assert found["exact"] is None
    assert found["digits"] == "19780230"


def test_name_features_ignore_tone_marks_case_and_order() -> None:
    found = features("person_name", "NGUYỄN THỊ LAN")
    assert (found["fold"], found["tone"]) == ("nguyen thi lan", "nguyễn thị lan")
    assert (found["family"], found["given"], found["initials"]) == ("nguyen", "lan", "n t l")
    assert (found["family_given"], found["sorted"]) == ("nguyen lan", "lan nguyen thi")


@pytest.mark.parametrize(
    ("name", "has_tones"), [("Nguyễn Thị Lan", True), ("NGUYEN THI LAN", False)]
)
def test_a_name_knows_whether_it_has_tone_marks(name: str, has_tones: bool) -> None:
    assert features("person_name", name)["has_tones"] is has_tones


def test_an_abbreviated_name_is_marked() -> None:
    assert features("person_name", "Ng. T. Lan")["abbreviated"] is True
    assert features("person_name", "Nguyễn Thị Lan")["abbreviated"] is False


def test_other_fields_are_their_value() -> None:
    assert features("sex", "Nữ") == {"value": "female"}


SPLIT = "Số 7, phường Cống Vị, quận Ba Đình, Hà Nội"
"""A ward of before July 2025 whose ground lies in several wards of today."""
