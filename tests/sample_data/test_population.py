from __future__ import annotations

import polars as pl
import polars.selectors as cs
import pytest

from cleaners import reference

PPP = pl.col("so_dinh_danh").str.slice(0, 3).cast(pl.Int64)
G = pl.col("so_dinh_danh").str.slice(3, 1).cast(pl.Int64)
YY = pl.col("so_dinh_danh").str.slice(4, 2).cast(pl.Int64)
YEAR = pl.col("ngay_sinh").str.slice(0, 4).cast(pl.Int64)
FEMALE = (pl.col("gioi_tinh") == "Nữ").cast(pl.Int64)


def test_numbers_have_twelve_digits_and_no_two_people_share_one(small) -> None:
    number = small.population["so_dinh_danh"]
    assert number.str.contains(r"^\d{12}$").all()
    assert number.is_unique().all()


def test_numbers_agree_with_sex_century_and_year(small) -> None:
    wrong = small.population.filter((G != 2 * (YEAR // 100 - 19) + FEMALE) | (YY != YEAR % 100))
    assert wrong.is_empty()


def test_numbers_begin_with_a_province_or_a_country(small) -> None:
    provinces = reference.provinces()["ppp"].cast(pl.Int64).implode()
    odd = small.population.filter(~PPP.is_in(provinces) & ~PPP.is_between(101, 295))
    assert odd.is_empty()


def test_foreigners_have_a_passport_a_country_code_and_no_old_number(committed) -> None:
    foreign = committed.population.filter(pl.col("quoc_tich") != "Việt Nam")
    assert len(foreign) > 20
    assert foreign["so_ho_chieu"].str.contains(r"^[A-Z]\d{8}$").all()
    assert foreign.select(PPP.is_between(101, 295).all()).item()
    assert foreign["so_cmnd"].is_null().all()


def test_old_numbers_have_nine_digits_and_belong_to_those_born_before_2005(small) -> None:
    holders = small.population.filter(pl.col("so_cmnd").is_not_null())
    assert holders["so_cmnd"].str.contains(r"^\d{9}(;\d{9})?$").all()
    assert holders.select((YEAR < 2005).all()).item()


def test_some_people_have_two_old_numbers(small) -> None:
    assert small.population["so_cmnd"].str.contains(";", literal=True).any()


def test_names_are_composed_and_have_no_stray_spaces(small) -> None:
    name = small.population["ho_ten"]
    assert (name == name.str.normalize("NFC")).all()
    assert not name.str.contains(r"^ | $|  ").any()


def test_twins_share_birth_date_surname_and_home(committed) -> None:
    family = pl.col("ho_ten").str.split(" ").list.first()
    born = committed.population.filter(pl.col("ngay_sinh").str.len_chars() == 10)
    same_day = born.with_columns(family=family).filter(
        pl.len().over("ma_ho", "ngay_sinh", "family") > 1
    )
    assert 40 < len(same_day) / 2 < 200


def test_same_sex_twins_have_neighbouring_numbers(committed) -> None:
    serial = pl.col("so_dinh_danh").cast(pl.Int64)
    same_day = committed.population.group_by("ma_ho", "ngay_sinh", "gioi_tinh").agg(
        pl.len(), apart=serial.max() - serial.min()
    )
    assert same_day.filter((pl.col("len") == 2) & (pl.col("apart") == 1)).height > 20


def test_namesakes_occur(small) -> None:
    assert small.population["ho_ten"].is_duplicated().sum() > 50


def test_the_dead_died_between_birth_and_the_date_of_the_register(small) -> None:
    dead = small.population.filter(pl.col("ngay_mat").is_not_null())
    assert 0.02 < len(dead) / len(small.population) < 0.04
    born = pl.when(pl.col("ngay_sinh").str.len_chars() == 10).then("ngay_sinh").str.to_date()
    assert dead.filter(pl.col("ngay_mat") <= born).is_empty()
    assert dead.filter(pl.col("ngay_mat") > pl.date(2026, 10, 1)).is_empty()


def test_households_share_one_permanent_address(small) -> None:
    homes = small.population.group_by("ma_ho").agg(pl.col("noi_thuong_tru").n_unique())
    assert (homes["noi_thuong_tru"] == 1).all()


def test_children_mostly_carry_a_surname_of_their_household(small) -> None:
    family = pl.col("ho_ten").str.split(" ").list.first()
    people = small.population.with_columns(family=family, year=YEAR)
    young = people.filter(pl.col("year") > 2012)
    adults = people.filter(pl.col("year") < 1995).select("ma_ho", "family").unique()
    shared = young.join(adults, on=["ma_ho", "family"], how="semi")
    assert len(shared) / len(young) > 0.7


def test_permanent_addresses_end_in_a_ward_and_province_of_2025(small) -> None:
    known = reference.new_wards().select(
        pl.concat_str("new_ward", "new_province", separator=", ").alias("tail")
    )
    tail = small.population["noi_thuong_tru"].str.extract(r"([^,]+, [^,]+)$").str.strip_chars()
    assert tail.is_in(known["tail"].implode()).all()


def test_committed_people_live_in_many_wards_merged_and_split(committed) -> None:
    wards = reference.wards().filter(pl.col("is_split"))
    tails = committed.population.select(
        pl.col("noi_thuong_tru").str.extract(r"([^,]+, [^,]+)$").str.strip_chars().unique()
    ).to_series()
    split = wards.select(pl.concat_str("new_ward", "new_province", separator=", ")).to_series()
    assert tails.len() > 200
    assert tails.is_in(split.implode()).sum() > 20


def test_some_adults_live_elsewhere_than_they_are_registered(small) -> None:
    adults = small.population.filter(YEAR <= 2006)
    assert 0.03 < adults["noi_o_hien_tai"].is_not_null().mean() < 0.07


def test_years_without_a_day_occur_among_the_old_only(committed) -> None:
    year_only = committed.population.filter(pl.col("ngay_sinh").str.len_chars() == 4)
    assert 20 < len(year_only) < 400
    assert year_only.select((YEAR < 1960).all()).item()


def test_no_column_of_text_holds_an_empty_text(small) -> None:
    blank = small.population.select((cs.string() == "").any())
    assert not any(blank.row(0))


@pytest.mark.parametrize("communes", [1, 5, 40])
def test_people_live_in_as_many_communes_as_wanted(make, communes: int) -> None:
    spread = make(people=1000, communes=communes)
    tail = spread.population["noi_thuong_tru"].str.extract(r"([^,]+, [^,]+)$").str.strip_chars()
    wards = reference.wards().with_columns(
        tail=pl.concat_str("new_ward", "new_province", separator=", ")
    )
    new = wards.filter(pl.col("tail").is_in(tail.implode()))
    assert tail.n_unique() <= new["old_ward_code"].n_unique()
    assert 0.6 * communes <= tail.n_unique() <= 2 * communes + 2
