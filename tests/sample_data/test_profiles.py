from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from linkage.cli import call
from linkage.config import load_job
from sample_data import generate as module
from sample_data.holders import BIRTH, IDENTITY, NAME, NUMBER
from sample_data.layouts import LAYOUTS, OTHER
from sample_data.profile_far import FAR, FAR_RATES
from sample_data.profile_near import NEAR, NEAR_RATES
from sample_data.profiles import PROFILES
from sample_data.rates import LIFE, REGISTRIES, Errors

#: A record carries them only where there is something to change.
PARTLY = {
    *("old_number", "both_numbers", "letters_confused", "kindred_name", "day_month_swapped"),
    *("address_no_house", "address_district_bare", "name_cut_off", "thi_missing"),
}
FAMILY = pl.col("ho_ten").str.split(" ").list.first()
YEAR = pl.col("ngay_sinh").str.slice(0, 4).cast(pl.Int64)


def test_an_unknown_profile_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="expected one of life, near, far, found 'other'"):
        module.generate(tmp_path, 1000, 1, profile="other")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("profile", ["near", "far"])
def test_the_same_seed_gives_the_same_files_of_every_profile(tmp_path, profile: str) -> None:
    for run in ("first", "second"):
        module.generate(tmp_path / run, 600, 3, profile=profile)
    files = [path for path in sorted((tmp_path / "first").rglob("*.*")) if path.is_file()]
    assert len(files) >= 9
    for path in files:
        again = tmp_path / "second" / path.relative_to(tmp_path / "first")
        assert path.read_bytes() == again.read_bytes()


def test_life_has_no_mistake_of_other_profiles() -> None:
    base = {*NUMBER, *NAME, *BIRTH, "tone_style"}
    for errors in LIFE.errors.values():
        other = [f.name for f in fields(Errors) if getattr(errors, f.name) and f.default == 0.0]
        assert other == []
    assert base < {*IDENTITY, "tone_style"}


@pytest.mark.parametrize(("profile", "table"), [(NEAR, NEAR_RATES), (FAR, FAR_RATES)])
def test_every_rate_of_a_profile_has_a_source(profile, table) -> None:
    kinds = {
        f.name
        for f in fields(Errors)
        if any(getattr(profile.errors[r], f.name) for r in REGISTRIES)
    }
    assert kinds == set(table)
    assert all(source for _, source in table.values())


@pytest.mark.parametrize("registry", ["driver_licence", "health_insurance", "sim"])
def test_near_makes_its_mistakes_at_their_rates(near, registry: str) -> None:
    own = near.truth[registry].filter(pl.col("kind").is_in(["genuine", "dead_holder", "absent"]))
    found = dict(own["errors"].explode(empty_as_null=True).drop_nulls().value_counts().rows())
    for kind, (rates, _) in NEAR_RATES.items():
        wanted, share = rates[REGISTRIES.index(registry)], found.get(kind, 0) / len(own)
        if kind in {"tone_style", "address_abbreviated", "address_types_missing"}:
            continue
        if kind in {"address_is_current", "address_before_move"}:
            continue  # of movers
        if registry == "driver_licence" and kind in {"number_missing", "old_number", "year_only"}:
            wanted *= 1.5  # old paper licences beside
        slack = 4 * (wanted / len(own)) ** 0.5
        lowest = 0.2 * wanted if kind in PARTLY else 0.6 * wanted
        assert (
            lowest - slack
            <= share
            <= max(1.15 * wanted, 3.5 * wanted * (kind == "year_only")) + slack
        ), kind


@pytest.mark.parametrize("registry", REGISTRIES)
def test_near_has_holders_who_are_not_in_the_register(near, registry: str) -> None:
    truth = near.truth[registry]
    absent = truth.filter(pl.col("kind") == "absent")
    assert 0.02 < len(absent) / len(truth) < 0.04
    assert absent["person_id"].is_null().all()


def test_numbers_of_absent_people_are_nobodys(near) -> None:
    absent = near.found("sim").filter(pl.col("kind") == "absent")
    flagged = absent["reasons"].list.contains("NUMBER_OF_NOBODY")
    right = absent["number"].str.contains(r"^\d{12}$") & ~absent["errors"].list.contains(
        "number_malformed"
    )
    assert absent["person_name"].is_null().mean() > 0.99
    assert flagged.filter(right).all()
    assert not flagged.filter(absent["number"].is_null()).any()


def test_the_register_has_all_people_it_was_asked_to_have(near) -> None:
    assert len(near.population) == 20_000
    assert near.population["so_dinh_danh"].is_unique().all()


def test_one_surname_is_everywhere_in_some_communes(make) -> None:
    people = make(people=8000, seed=12, communes=10, profile="near").population
    tail = pl.col("noi_thuong_tru").str.extract(r"([^,]+, [^,]+)$")
    shares = (
        people.group_by(tail.alias("tail"))
        .agg(
            pl.len(),
            top=FAMILY.filter(FAMILY != "Nguyễn")
            .value_counts(normalize=True, sort=True)
            .struct.field("proportion")
            .first(),
        )
        .filter(pl.col("len") > 300)
    )
    assert shares["top"].max() > 0.3
    assert shares["top"].min() < 0.2


def test_namesakes_are_more_common_than_in_life(dense, near) -> None:
    life = dense.population
    shared = {
        name: frame.select(pl.len().over("ho_ten", YEAR.alias("year")) > 1).to_series().mean()
        for name, frame in (("life", life), ("near", near.population))
    }
    assert shared["near"] > 1.3 * shared["life"]


def test_fathers_and_sons_share_a_name_more_often(dense, near) -> None:
    def pairs(people: pl.DataFrame) -> int:
        return people.filter(pl.len().over("ma_ho", "ho_ten") > 1).height

    assert pairs(near.population) > 2 * pairs(dense.population)


def test_whole_households_live_elsewhere(near) -> None:
    homes = near.population.group_by("ma_ho").agg(
        pl.len(),
        known=pl.col("noi_o_hien_tai").is_not_null().sum(),
        places=pl.col("noi_o_hien_tai").n_unique(),
    )
    together = homes.filter((pl.col("len") >= 3) & (pl.col("known") == pl.col("len")))
    assert len(together) > 5
    assert (together["places"] == 1).all()


def test_the_register_does_not_know_every_new_address_and_old_number(dense, near) -> None:
    life = dense.population
    for column, most in (("so_cmnd", 0.85), ("noi_o_hien_tai", 0.95)):
        assert (
            near.population[column].is_not_null().mean() < most * life[column].is_not_null().mean()
        )


def test_a_relatives_number_is_a_borrowed_one_of_the_same_household(near) -> None:
    house = near.population.select("so_dinh_danh", "ma_ho", "ho_ten", "ngay_sinh")
    borrowed = near.found("sim").filter(pl.col("kind") == "borrowed_number")
    owner = borrowed.join(house, left_on="number", right_on="so_dinh_danh")
    shown = house.with_columns(pl.col("ho_ten").str.to_lowercase())
    in_house = owner.join(
        shown, left_on=["ma_ho", "name", "birth"], right_on=["ma_ho", "ho_ten", "ngay_sinh"]
    )
    assert len(in_house) > 20
    assert (borrowed["reasons"].list.join(",") == "BORROWED_ID").all()


def test_about_two_thirds_of_near_pass_the_exact_lookup(near) -> None:
    passed = [near.passes(name) for name in ("driver_licence", "health_insurance", "sim")]
    assert 0.6 < pl.concat(passed).mean() < 0.7


def test_without_errors_near_writes_what_the_register_says(make) -> None:
    clean = make(people=600, error_scale=0.0, profile="near")
    for table in clean.truth.values():
        errors = table["errors"].explode(empty_as_null=True).drop_nulls()
        assert errors.is_empty()


def test_the_other_layout_holds_the_same_columns_as_the_usual_one(small) -> None:
    assert set(OTHER.tables["population"].columns) == set(small.population.columns)
    for name, records in small.records.items():
        assert set(OTHER.tables[name].columns) == set(records.columns)


def test_a_job_is_written_beside_files_of_another_layout(tmp_path) -> None:
    module.generate(tmp_path, 400, 3, profile="far")
    job = load_job(tmp_path / "job.yaml")
    assert sorted(job.registries) == sorted(REGISTRIES)
    for form in LAYOUTS[PROFILES["far"].layout].tables.values():
        assert (tmp_path / form.file).stat().st_size > 0
    assert not (Path(tmp_path) / "population.parquet").exists()


@pytest.mark.parametrize("option", [["--profile", "other"], ["--communes", "400"]])
def test_the_command_says_what_it_expects(tmp_path, capsys, option: list[str]) -> None:
    assert call(["sample", str(tmp_path / "new"), "--people", "1000", *option]) == 2
    assert "expected" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
