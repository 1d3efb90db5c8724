"""Addresses: orders, languages and errors that the tables do not hold as written."""

from __future__ import annotations

import unicodedata
from typing import Any

import polars as pl
import pytest

from cleaners import addresses
from tests.cleaners.damage import misread


def clean(raw: str) -> dict[str, Any]:
    return pl.DataFrame({"a": [raw]}).select(addresses.clean("a")).unnest("a").row(0, named=True)


@pytest.mark.parametrize(
    ("raw", "ward"),
    [
        ("Hà Nội, Ba Đình, Phúc Xá, 12 Hàng Bè", "00097"),
        ("TP. Hà Nội, Quận Ba Đình, P. Phúc Xá, số 12 Hàng Bè", "00097"),
        ("Hà Nội, Phường Hồng Hà, 12 Hàng Bè", "00097"),
    ],
)
def test_an_address_from_the_province_down_is_turned(raw: str, ward: str) -> None:
    done = clean(raw)
    assert (done["ward"], done["house"], done["street"]) == (ward, "12", "hang be")
    assert "order_reversed" in done["issues"]


@pytest.mark.parametrize(
    ("raw", "ward"),
    [
        ("Phuc Xa Ward, Ba Dinh District, Ha Noi, Vietnam", "00097"),
        ("Phuc Xa Ward, Ba Dinh District, Hanoi City, Viet Nam", "00097"),
        ("Ward 1, District 3, Ho Chi Minh City", "27154"),
        ("F1, Q3, HCMC", "27154"),
        ("P.01, Q.3, TPHCM", "27154"),
        ("Phường Một, Quận Ba, Sài Gòn", "27154"),
        ("Phường Linh Trung, TP Thủ Đức, TPHCM", "26800"),
        ("Phường Linh Trung, Quận Thủ Đức, TP. Hồ Chí Minh", "26800"),
        ("Phường Linh Trung, TP Thủ Đức", "26800"),
    ],
)
def test_other_languages_and_numerals(raw: str, ward: str) -> None:
    assert clean(raw)["ward"] == ward


def test_an_english_address_without_a_ward_keeps_its_district() -> None:
    done = clean("12 Hang Be Street, Hoan Kiem District, Ha Noi, Vietnam")
    assert (done["old_district"], done["ward"], done["street"]) == ("002", None, "hang be")


@pytest.mark.parametrize(
    "raw", ["Số 5, P. Phúc Xá, Q. Ba Đình", "Số 5, P. Phúc Xá, Q. Ba Đình, Hà Đông Cũ"]
)
def test_a_lost_province_is_found_by_the_units_below_it(raw: str) -> None:
    done = clean(raw)
    assert (done["ward"], done["province"], done["house"]) == ("00097", "01", "5")
    assert done["confidence"] < 0.95


def test_a_ward_that_the_country_has_once_needs_nothing_else() -> None:
    assert clean("12 Lê Lợi, Phường Phúc Xá")["ward"] == "00097"


def test_a_ward_name_of_many_places_alone_means_nothing() -> None:
    done = clean("12 Lê Lợi, Xã Tân Hòa")
    assert (done["ward"], done["ward_candidates"]) == (None, [])
    assert done["issues"] == ["ward_unknown", "province_unknown"]


def test_a_misspelt_ward_becomes_a_candidate() -> None:
    done = clean("P. Phúc Xáa, Q. Ba Đình, Hà Nội")
    assert (done["ward"], done["ward_candidates"], done["old_ward"]) == (None, ["00097"], "00001")
    assert "ward_repaired" in done["issues"]
    assert 0.5 < done["confidence"] < 0.9


def test_i_and_y_are_two_spellings_of_one_name() -> None:
    done = clean("Xã Quy Đức, Huyện Bình Chánh, TP. Hồ Chí Minh")
    assert done["ward"] is not None
    assert "ward_repaired" in done["issues"]


def test_a_misspelt_district_does_not_hide_the_ward() -> None:
    done = clean("P. Phúc Xá, Q. Ba Đinhh, Hà Nội")
    assert (done["ward"], done["old_district"]) == ("00097", "001")
    assert "ward_repaired" in done["issues"]


def test_numbers_are_never_repaired() -> None:
    assert clean("Phường 99, Quận 3, TP.HCM")["ward_candidates"] == []


def test_a_district_of_long_ago_leaves_the_ward() -> None:
    done = clean("Xã Ích Hậu, Huyện Lộc Hà, Hà Tĩnh")
    assert done["old_ward"] is not None
    assert done["ward"] is not None


def test_ward_and_district_that_contradict_each_other_give_no_ward() -> None:
    done = clean("Phường Phúc Xá, Quận Cầu Giấy, Hà Nội")
    assert (done["ward"], done["ward_candidates"]) == (None, ["00097"])
    assert "contradictory_parts" in done["issues"]


def test_an_earlier_name_and_a_ward_of_today_are_both_candidates() -> None:
    done = clean("phuong thanh xuan, quan thanh xuan, ha noi")
    assert done["old_ward"] is not None
    assert len(done["ward_candidates"]) > 1 or done["ward"] == done["ward_candidates"][0]


def test_a_retired_province_is_said_to_be_one() -> None:
    done = clean("Phường Hà Giang 1, Tỉnh Hà Giang")
    assert "retired_unit" in done["issues"]
    assert clean("Phường Hà Giang 1, Tỉnh Tuyên Quang")["issues"] == []


@pytest.mark.parametrize(
    "raw",
    [
        "Phường 12; TP Vũng Tàu; Bà Rịa - Vũng Tàu",
        "Phường 12\nTP Vũng Tàu\nBà Rịa – Vũng Tàu",
        "Phường 12, TP Vũng Tàu, Bà Rịa-Vũng Tàu, Việt Nam.",
        "Phường 12, TP Vũng Tàu, Bà Rịa - Vũng Tàu, 790000",
    ],
)
def test_separators_country_and_postcode_do_not_matter(raw: str) -> None:
    assert clean(raw)["ward"] == "26542"


def test_an_old_encoding_is_converted_before_the_units_are_read_and_remarked_on() -> None:
    whole = "Số 12, Phường Phúc Xá, Quận Ba Đình, Hà Nội"
    damaged = misread(whole, "tcvn3")
    assert "Phường" not in damaged
    expected = clean(whole)
    assert clean(damaged) == expected | {"issues": [*expected["issues"], "legacy_encoding"]}


def test_only_the_damaged_rows_of_a_column_are_remarked_on() -> None:
    whole = "Phường Phúc Xá, Quận Ba Đình, Hà Nội"
    rows = [whole, misread(whole, "tcvn3"), None, unicodedata.normalize("NFD", whole), whole]
    done = pl.DataFrame({"a": rows}).select(addresses.clean("a")).unnest("a")
    remarked = done["issues"].list.contains("legacy_encoding")
    assert remarked.to_list() == [False, True, False, False, False]
    assert done["ward"].to_list() == ["00097", "00097", None, "00097", "00097"]
