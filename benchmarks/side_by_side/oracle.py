"""The ceiling: an oracle that knows the generator's error model and repairs every name.

It takes the record's true name, and number, birth date, sex and address as written; it weighs all
people of the register with that name by the true error rates, and what is left to chance is left. Of
every person it knows, by the truth, which former address and old number his records in the *other*
registries show (``seen``): our linker learns the same from the sure links of the registries before.
It does not use what our linker may use besides: other records in the same registry, dates of issue.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.side_by_side import blocks, data, likelihood, seen
from benchmarks.side_by_side.decisions import Decided
from benchmarks.side_by_side.likelihood import Shares
from benchmarks.side_by_side.places import Places
from sample_data import rates
from sample_data.households import AS_OF
from sample_data.mistakes import MALFORMED, tone_style

FOREIGN_BIRTHS: Final = 48 * 365
"""Birth dates of foreigners who are in no register, each as likely."""


def run(folder: Path, registry: str, *, error_scale: float = 1.0) -> Decided:
    """The best person of each record with the true posterior probability."""
    began = time.perf_counter()
    register = data.people(folder)
    places = Places(register)
    people = _people(register, places, registry)
    people = seen.of_people(folder, registry, people, places, error_scale)
    records = _records(folder, registry, register, places)
    shares = Shares.of(rates.LIFE.errors[registry].scaled(error_scale))
    joint = _joint(shares)
    if registry == "driver_licence":
        records = records.with_columns(paper=_paper(data.raw(folder, registry), error_scale))
        joint = (1 - pl.col("paper")) * joint + pl.col("paper") * _joint(_on_paper(shares))
    joint = joint * likelihood.sex() * likelihood.address(shares.errors) * pl.col("p_holds")
    stranger = _stranger(registry) * pl.col("w_anywhere").fill_null(1.0)
    found = pl.concat(_weighed(records, people, joint, stranger))
    return Decided(records["id"], found, time.perf_counter() - began)


def _joint(shares: Shares) -> pl.Expr:
    """Number and birth date; the name is known to be right."""
    birth = pl.when(pl.col("w_year").is_null()).then(1.0).otherwise(likelihood.birth(shares))
    return likelihood.number(shares) * birth


def _weighed(
    records: pl.DataFrame, people: pl.DataFrame, joint: pl.Expr, stranger: pl.Expr
) -> Iterator[pl.DataFrame]:
    """``id, person_id, score`` of the records that have anybody."""
    for pairs in blocks.pairs(records, people):
        weighed = (
            pairs.lazy()
            .select(
                "id",
                "p_number",
                weight=joint.cast(pl.Float64),
                stranger=stranger.cast(pl.Float64),
            )
            .filter(pl.col("weight") > 0)
            .group_by("id")
            .agg(
                # of equals the first number, so that a run can be repeated
                person_id=pl.col("p_number").sort_by(-pl.col("weight"), "p_number").first(),
                score=pl.col("weight").max() / (pl.col("weight") + pl.col("stranger")).sum(),
            )
        )
        yield weighed.collect()


def _name_key(name: pl.Expr) -> pl.Expr:
    """The name whatever its case and the place of its tone marks."""
    return tone_style(name.str.normalize("NFC").str.to_lowercase().str.strip_chars())


def _people(register: pl.DataFrame, places: Places, registry: str) -> pl.DataFrame:
    date = pl.col("ngay_sinh").str.to_date("%Y-%m-%d", strict=False)
    year = pl.col("ngay_sinh").str.slice(0, 4).cast(pl.Int64)
    frame = register.with_columns(
        places.written("noi_thuong_tru", "p_home"), places.written("noi_o_hien_tai", "p_now")
    )
    born = pl.coalesce(date, pl.date(year, 7, 1)).cast(pl.Int32)
    return frame.with_columns(age=(AS_OF - born) / 365.25).select(
        key=_name_key(pl.col("ho_ten")),
        p_number="so_dinh_danh",
        p_value=pl.col("so_dinh_danh").cast(pl.Int64),
        p_old=pl.col("so_cmnd").str.split(";").list.last(),
        p_prefix=likelihood.old_prefix(pl.col("so_dinh_danh")),
        p_passport="so_ho_chieu",
        p_year=year,
        p_month=date.dt.month().cast(pl.Int64),
        p_day=date.dt.day().cast(pl.Int64),
        p_female=pl.col("gioi_tinh") == "Nữ",
        p_home_unit=pl.col("p_home").struct.field("unit"),
        p_home_detail=pl.col("p_home").struct.field("detail"),
        p_now_unit=pl.col("p_now").struct.field("unit"),
        p_now_detail=pl.col("p_now").struct.field("detail"),
        p_holds=_holds(registry),
    )


def _holds(registry: str) -> pl.Expr:
    """Expected records of a person; what is the same for all is left out."""
    dead, age = pl.col("ngay_mat").is_not_null(), pl.col("age")
    grown = pl.when(dead).then(age > 20)
    if registry == "driver_licence":
        by_sex = pl.when(pl.col("gioi_tinh") == "Nữ").then(rates.LIFE.licences.women)
        held = by_sex.otherwise(rates.LIFE.licences.men)
        return grown.otherwise(age.is_between(18.9, 87.1)).cast(pl.Float64) * held
    if registry == "health_insurance":
        return pl.when(dead).then(rates.LIFE.insurance.dead).otherwise(rates.LIFE.insurance.living)
    if registry == "vehicle":
        return grown.otherwise(age >= 17.9).cast(pl.Float64) * rates.LIFE.vehicles.per_adult
    alive = grown.otherwise(age >= 13.9).cast(pl.Float64) * 1.2
    late = rates.LIFE.sims.dead_without + rates.LIFE.sims.activated_after_death
    return alive * pl.when(dead).then(late).otherwise(1.0)


def _records(folder: Path, registry: str, register: pl.DataFrame, places: Places) -> pl.DataFrame:
    known = data.truth(folder, registry).select(id="record_id", so_dinh_danh="person_id")
    named = register.select("so_dinh_danh", true_name="ho_ten")
    frame = data.named(folder, registry).join(known, on="id", how="left", maintain_order="left")
    frame = frame.join(named, on="so_dinh_danh", how="left", maintain_order="left")
    number = pl.col("number").str.replace_all(r"[ -]", "")
    number = pl.when(pl.col("number").is_in(MALFORMED)).then("number").otherwise(number)
    birth = pl.col("birth")
    frame = places.found(frame.with_columns(number=number))
    return frame.select(
        "id",
        key=_name_key(pl.coalesce("true_name", "name")),
        w_number="number",
        w_form=likelihood.number_form(pl.col("number")),
        w_value=pl.col("number").cast(pl.Int64, strict=False),
        w_year=birth.str.slice(-4, 4).cast(pl.Int64, strict=False),
        w_month=birth.str.extract(r"^\d\d/(\d\d)/").cast(pl.Int64),
        w_day=birth.str.extract(r"^(\d\d)/").cast(pl.Int64),
        w_female=pl.col("sex").is_in(["Nữ", "2"]),
        w_units="units",
        w_detail="detail",
        w_chance="chance",
        w_anywhere="anywhere",
    )


def _stranger(registry: str) -> pl.Expr:
    """Foreigners in no register who have the name of one who is: as likely as this person's weight.

    Others who are in no register show a whole number that fits nobody.
    """
    held = {"vehicle": rates.LIFE.vehicles.per_adult * rates.LIFE.vehicles.foreigners * 0.75}
    held["sim"] = 1.1 * rates.LIFE.sims.foreigners
    share = held.get(registry, 0.0) / rates.LIFE.people.resident_foreigners
    errors = rates.LIFE.errors[registry]
    number = {"none": errors.number_missing, "malformed": errors.number_malformed}
    likely = pl.col("w_form").replace_strict(number, default=0.0, return_dtype=pl.Float64)
    born = pl.when(pl.col("w_year").is_null()).then(1.0).otherwise(1 / FOREIGN_BIRTHS)
    foreign = pl.col("p_passport").is_not_null()
    return pl.when(foreign).then(share * likely * born).otherwise(0.0)


def _paper(licences: pl.DataFrame, error_scale: float) -> pl.Series:
    """The chance that a licence is an old paper one: class A1, issued before July 2013."""
    issued = pl.col("ngay_cap").str.to_date("%d/%m/%Y")
    old = (pl.col("hang") == "A1") & (issued < pl.date(2013, 7, 1))
    share = rates.LIFE.licences.paper_name_and_year * min(1.0, error_scale)
    share *= len(licences) / max(1, licences.select(old.sum()).item())
    return licences.select(pl.when(old).then(min(share, 1.0)).otherwise(0.0)).to_series()


def _on_paper(shares: Shares) -> Shares:
    """As in ``sample_data.licences``: only the year, and often an old number or none."""
    none = dict.fromkeys(likelihood.BIRTH_KINDS, 0.0)
    return Shares.of(
        replace(
            shares.errors,
            **{
                **none,
                "year_only": 0.95,
                "number_missing": rates.LIFE.licences.paper_without_number,
                "old_number": rates.LIFE.licences.paper_with_old_number,
            },
        )
    )
