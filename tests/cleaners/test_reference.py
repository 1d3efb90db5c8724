"""Reference tables."""

from __future__ import annotations

import polars as pl

from cleaners import reference


def test_ward_table_has_the_counts_of_the_reform() -> None:
    wards = reference.wards()
    old = wards.filter(pl.col("old_ward_code").is_not_null())
    assert (wards.height, old["old_ward_code"].n_unique()) == (10_602, 10_035)
    assert old.filter("is_split")["old_ward_code"].n_unique() == 471
    assert old.filter(~pl.col("is_split"))["old_ward_code"].n_unique() == 9_564
    assert (wards["new_ward_code"].n_unique(), wards["new_province_code"].n_unique()) == (3_321, 34)
    assert (wards["old_province_code"].n_unique(), wards["old_district_code"].n_unique()) == (
        63,
        696,
    )


def test_codes_are_zero_padded_and_nothing_is_missing() -> None:
    wards = reference.wards()
    assert wards.select(pl.exclude("old_ward", "old_ward_code").null_count().sum()).row(0)[0] == 0
    widths = {"old_province_code": 2, "old_district_code": 3, "new_ward_code": 5}
    for column, width in widths.items():
        assert wards[column].str.len_bytes().unique().to_list() == [width]


def test_ward_table_and_province_table_agree_on_the_merger() -> None:
    pairs = reference.wards().select("old_province_code", "new_province_code").unique()
    joined = reference.provinces().join(pairs, left_on="old_code", right_on="old_province_code")
    assert joined.height == 63
    assert joined["new_code"].to_list() == joined["new_province_code"].to_list()


def test_plate_codes_belong_to_one_province() -> None:
    plates = reference.provinces().explode("plates")["plates"]
    assert plates.n_unique() == len(plates)


def test_every_alias_points_to_an_old_unit() -> None:
    wards = reference.wards()
    codes = {"ward": wards["old_ward_code"], "district": wards["old_district_code"]}
    assert reference.aliases("ward")["code"].is_in(codes["ward"].drop_nulls().implode()).all()
    assert reference.aliases("district")["code"].is_in(codes["district"].implode()).all()


def test_successors_have_every_old_ward_once() -> None:
    table = reference.successors()
    assert (table.height, table["old_ward_code"].n_unique()) == (10_035, 10_035)
    assert table["is_split"].sum() == 471
    assert table["new_ward_codes"].list.len().max() == 5
