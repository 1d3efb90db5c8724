from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

REGISTRIES = ("driver_licence", "health_insurance", "vehicle", "sim")
KEYS = dict(zip(REGISTRIES, ("ma_ho_so", "Mã bản ghi", "MA_DK", "ma"), strict=True))


@pytest.mark.parametrize("registry", REGISTRIES)
def test_truth_covers_every_record_exactly_once_in_order(small, registry: str) -> None:
    keys = small.records[registry][KEYS[registry]]
    assert keys.is_unique().all()
    assert (keys == small.truth[registry]["record_id"]).all()


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_person_of_the_truth_is_in_the_population(small, registry: str) -> None:
    people = small.truth[registry]["person_id"].drop_nulls()
    assert people.is_in(small.population["so_dinh_danh"].implode()).all()


@pytest.mark.parametrize("registry", REGISTRIES)
def test_holder_deceased_is_raised_for_the_dead_and_only_for_them(small, registry: str) -> None:
    dead = small.population.filter(pl.col("ngay_mat").is_not_null())["so_dinh_danh"]
    truth = small.truth[registry]
    flagged = truth["reasons"].list.contains("HOLDER_DECEASED")
    assert flagged.any()
    assert (flagged == truth["person_id"].is_in(dead.implode()).fill_null(value=False)).all()


@pytest.mark.parametrize("registry", ["driver_licence", "health_insurance", "vehicle"])
def test_duplicate_groups_have_at_least_two_records_and_vehicles_alone_two_holders(
    small, registry: str
) -> None:
    groups = (
        small.truth[registry]
        .filter(pl.col("duplicate_group").is_not_null())
        .group_by("duplicate_group")
        .agg(pl.len(), holders=pl.col("person_id").n_unique())
    )
    assert len(groups) > 3
    assert groups["len"].min() >= 2
    assert groups["holders"].max() == (2 if registry == "vehicle" else 1)


def test_a_plate_that_moved_lawfully_is_no_duplicate(committed) -> None:
    vehicles = committed.joined("vehicle").filter(pl.col("duplicate_group").is_null())
    by_owner = pl.struct("BIEN_SO", "person_id")
    moved = vehicles.filter(by_owner.is_duplicated() & pl.col("person_id").is_not_null())
    assert moved.height > 10
    later = moved["NGAY_DANG_KY"].str.to_date("%d-%m-%Y")
    latest = moved.with_columns(day=later).group_by("BIEN_SO").agg(pl.col("day").max())["day"]
    assert latest.min() >= dt.date(2023, 8, 15)


def test_some_vehicles_were_sold_and_stand_for_two_holders(committed) -> None:
    groups = (
        committed.truth["vehicle"]
        .drop_nulls("duplicate_group")
        .group_by("duplicate_group")
        .agg(pl.col("person_id").n_unique())
    )
    assert (groups["person_id"] == 2).sum() > 10


def test_duplicate_licences_have_different_numbers(small) -> None:
    groups = (
        small.joined("driver_licence")
        .filter(pl.col("duplicate_group").is_not_null())
        .group_by("duplicate_group")
        .agg(pl.len(), numbers=pl.col("so_gplx").n_unique())
    )
    assert (groups["len"] == groups["numbers"]).all()


def test_numbers_of_nobody_are_well_formed_and_absent(small) -> None:
    nobody = small.found("sim").filter(pl.col("kind") == "nobody")
    assert len(nobody) > 10
    assert nobody["number"].str.contains(r"^\d{12}$").all()
    assert nobody["person_name"].is_null().all()
    assert (nobody["reasons"].list.join(",") == "NUMBER_OF_NOBODY").all()


def test_nobody_has_the_name_and_birth_date_of_no_person(committed) -> None:
    nobody = committed.found("sim").filter(pl.col("kind") == "nobody")
    people = committed.population.select(pl.col("ho_ten").str.to_lowercase(), "ngay_sinh")
    same = nobody.join(people, left_on=["name", "birth"], right_on=["ho_ten", "ngay_sinh"])
    assert same.is_empty()


def test_a_borrowed_number_is_somebody_elses(small) -> None:
    borrowed = small.found("sim").filter(pl.col("kind") == "borrowed_number")
    assert len(borrowed) > 10
    assert borrowed["person_name"].is_not_null().all()
    assert (borrowed["name"] != borrowed["person_name"]).all()
    assert (borrowed["birth"] != borrowed["person_birth"]).all()
    assert borrowed["person_id"].is_null().all()
    assert (borrowed["reasons"].list.join(",") == "BORROWED_ID").all()


def test_farms_are_consecutive_numbers_of_one_shop_within_two_days(committed) -> None:
    farms = committed.joined("sim").filter(pl.col("kind") == "farm")
    digits = pl.col("so_thue_bao").str.slice(-6).cast(pl.Int64)
    day = pl.col("ngay_kich_hoat").str.slice(0, 10).str.to_date()
    shops = farms.group_by("person_id").agg(
        pl.len(),
        spread=digits.max() - digits.min() + 1,
        shops=pl.col("diem_ban").n_unique(),
        days=(day.max() - day.min()).dt.total_days(),
    )
    assert len(shops) >= 3
    assert shops["len"].is_between(12, 60).all()
    assert (shops["spread"] == shops["len"]).all()
    assert (shops["shops"] == 1).all()
    assert (shops["days"] <= 1).all()


def test_farms_carry_the_victims_identity_without_a_mistake(small) -> None:
    farms = small.found("sim").filter(pl.col("kind") == "farm")
    assert len(farms) >= 12
    assert (farms["name"] == farms["person_name"]).all()
    assert (farms["number"] == farms["person_id"]).all()


def test_over_limit_is_raised_from_the_fourth_sim_on(small) -> None:
    sims = small.joined("sim").filter(pl.col("person_id").is_not_null())
    loose = pl.col("hop_dong") == "trả trước"  # held by contract, any number is lawful
    many = sims.select(loose & (loose.sum().over("person_id") >= 4)).to_series()
    assert (sims["reasons"].list.contains("OVER_LIMIT") == many).all()
    assert many.any()


def test_foreigners_outside_the_register_show_passports(small) -> None:
    guests = small.joined("sim").filter(
        (pl.col("kind") == "foreigner") & pl.col("person_id").is_null()
    )
    shown = guests["so_giay_to"].drop_nulls()
    assert shown.str.contains(r"^[A-Z]\d{8}$").mean() > 0.9


def test_sims_of_the_dead_were_sold_before_and_after_death(committed) -> None:
    died = committed.population.select("so_dinh_danh", "ngay_mat").drop_nulls()
    sims = committed.joined("sim").join(died, left_on="person_id", right_on="so_dinh_danh")
    after = sims["ngay_kich_hoat"].str.slice(0, 10).str.to_date() > sims["ngay_mat"]
    assert after.any()
    assert not after.all()


@pytest.mark.parametrize("registry", ["driver_licence", "health_insurance", "sim"])
def test_a_record_without_mistakes_passes_the_exact_lookup(small, registry: str) -> None:
    harmless = ("tone_style", "moved", "address_is_current", "address_pre_2025")
    harmless += ("address_tones_lost", "address_detail_missing", "address_missing")
    clean = pl.col("errors").list.eval(pl.element().is_in(harmless)).list.all()
    own = pl.col("kind").is_in(["genuine", "dead_holder", "farm"])
    expected = small.joined(registry).select(clean & own).to_series()
    assert (small.passes(registry) == expected).all()
