from __future__ import annotations

import polars as pl
import pytest

from cleaners import reference


def test_licences_are_not_utf8(small) -> None:
    data = (small.directory / "driver_licences.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_licence_numbers_carry_the_sex_and_century_of_the_holder(small) -> None:
    licences = small.joined("driver_licence")
    digit = pl.col("so_gplx").str.slice(3 - 1, 1)
    assert licences["so_gplx"].str.contains(r"^\d{12}$").all()
    assert licences.filter(digit != pl.col("person_id").str.slice(3, 1)).is_empty()


def test_nobody_passed_a_driving_test_before_eighteen(small) -> None:
    people = small.population.select("so_dinh_danh", born=pl.col("ngay_sinh").str.slice(0, 4))
    licences = small.joined("driver_licence").join(
        people, left_on="person_id", right_on="so_dinh_danh"
    )
    year = pl.col("ngay_cap").str.slice(6).cast(pl.Int64)
    assert licences.filter(year < pl.col("born").cast(pl.Int64) + 18).is_empty()


def test_two_cards_under_one_licence_number_have_one_holder(small) -> None:
    cards = (
        small.joined("driver_licence")
        .group_by("so_gplx")
        .agg(pl.len(), holders=pl.col("person_id").n_unique())
    )
    assert (cards["holders"] == 1).all()
    assert cards.filter(pl.col("len") == 2).height > 10


def test_old_paper_licences_have_only_the_year_of_birth(small) -> None:
    share = small.records["driver_licence"]["ngay_sinh"].str.contains(r"^\d{4}$").mean()
    assert 0.07 < share < 0.2


def test_insurance_cards_end_in_the_insurance_number(small) -> None:
    cards = small.records["health_insurance"]
    assert cards["Số thẻ BHYT"].str.contains(r"^[A-Z]{2}[1-5]\d{12}$").all()
    stated = cards.filter(pl.col("Mã số BHXH").is_not_null())
    assert (stated["Số thẻ BHYT"].str.slice(5) == stated["Mã số BHXH"]).all()


def test_most_living_people_are_insured_children_too(small) -> None:
    living = small.population.filter(pl.col("ngay_mat").is_null())
    insured = living.join(
        small.truth["health_insurance"], left_on="so_dinh_danh", right_on="person_id", how="semi"
    )
    assert 0.86 < len(insured) / len(living) < 0.94
    assert insured["ngay_sinh"].str.slice(0, 4).cast(pl.Int64).max() >= 2024


@pytest.mark.parametrize("column", ["BIEN_SO", "SO_KHUNG", "SO_MAY"])
def test_every_vehicle_number_has_spaces_or_dashes(small, column: str) -> None:
    assert small.records["vehicle"][column].str.contains("[ -]").all()


def test_plates_belong_to_a_province(small) -> None:
    codes = reference.provinces()["plates"].explode().unique().implode()
    assert small.records["vehicle"]["BIEN_SO"].str.slice(0, 2).is_in(codes).all()


def test_a_third_of_the_owners_has_no_number(small) -> None:
    owners = small.joined("vehicle").filter(pl.col("kind") != "organisation")
    assert 0.27 < owners["SO_GIAY_TO_CHU_XE"].is_null().mean() < 0.4


def test_organisations_have_a_tax_code_with_its_check_digit(small) -> None:
    code = small.records["vehicle"]["MA_SO_THUE"].drop_nulls().str.replace_all(" ", "")
    weights = [31, 29, 23, 19, 17, 13, 7, 5, 3]
    total = sum(code.str.slice(i, 1).cast(pl.Int64) * w for i, w in enumerate(weights))
    assert len(code) > 20
    assert (10 - total % 11 == code.str.slice(9, 1).cast(pl.Int64)).all()


def test_sims_begin_with_a_byte_order_mark_and_use_semicolons(small) -> None:
    head = (small.directory / "sims.csv").read_bytes()[:200]
    assert head.startswith(b"\xef\xbb\xbfma;so_thue_bao;")


def test_phones_come_in_several_forms(small) -> None:
    phone = small.records["sim"]["so_thue_bao"]
    for form in (r"^0\d{9}$", r"^01\d{9}$", r"^84\d{9}$", r"^\+84\d{9}$", r"^[1-9]\d{8}$"):
        assert phone.str.contains(form).any()


def test_eleven_digits_occur_only_on_sims_from_before_the_renumbering(small) -> None:
    old = small.records["sim"].filter(pl.col("so_thue_bao").str.contains(r"^01\d{9}$"))
    assert (old["ngay_kich_hoat"] < "2018-09-15").all()


def test_adults_hold_somewhat_more_than_one_sim(small) -> None:
    adults = small.population.filter(pl.col("ngay_sinh").str.slice(0, 4).cast(pl.Int64) <= 2012)
    own = small.truth["sim"].filter(pl.col("kind") == "genuine")
    assert 1.0 < len(own) / len(adults) < 1.5


@pytest.mark.parametrize("registry", ["driver_licence", "health_insurance", "vehicle", "sim"])
def test_old_and_new_units_and_lost_tones_occur_in_addresses(small, registry: str) -> None:
    kinds = small.truth[registry]["errors"].explode()
    for kind in ("address_pre_2025", "address_tones_lost", "moved", "address_is_current"):
        assert (kinds == kind).any()
