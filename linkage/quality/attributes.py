"""Strata: what kind of person a record is of; groups only, no value of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl

from cleaners import reference
from cleaners.legacy.syllables import is_syllable
from linkage.columns import INDEX, part
from linkage.link.pairing import Pairing

STRATA: Final = ("sex", "age_band", "province", "urban", "name_kind", "number_kind", "written")
"""Columns that :func:`strata_of` makes."""

AGES: Final = ((14, "under 14"), (18, "14-17"), (35, "18-34"), (50, "35-49"), (65, "50-64"))
"""Upper ends, exclusive, and names; above the last one: 65 and over."""
_OLDEST: Final = "65 and over"

_MARKS: Final = ("y", "h", "k", "ka", "a")
"""First words of highland names, apostrophes dropped; a weak signal, used for nothing but this."""
_CLANS: Final = (
    "nie", "eban", "mlo", "ayun", "knul", "kbuor", "bya", "kpa", "siu", "ro", "ksor", "hmok",
    "enuol", "adrong", "rcom", "rmah", "nay", "puih", "giang", "vang", "thao", "sung", "lau", "hang",
    "cu", "quang", "lo", "cam", "ca", "be", "nong", "ma", "hau", "tan", "thach", "danh",
)  # fmt: skip
"""Surnames that are frequent among minorities and rare among Kinh (folded); a weak signal too."""


GROUPED: Final = (
    INDEX,
    "sex",
    part("birth_date", "year"),
    part("address", "ward"),
    part("address", "province"),
    part("full_name", "fold"),
)
"""Columns of the cleaned register that tell which strata a person belongs to."""


def strata_of(
    records: pl.DataFrame, people: pl.DataFrame, pairing: Pairing, reference_date: dt.date
) -> pl.DataFrame:
    """Which strata records belong to: by their true person, else by what they say themselves.

    Args:
        records: cleaned records, numbers not hidden, with ``holder``, the index of the true person
            or null.
        people: :data:`GROUPED` of the cleaned register.
        pairing: which fields the two sides share.
        reference_date: ages are those of this day's year.

    Returns:
        ``idx`` and :data:`STRATA`; null where neither side knows.
    """
    of_person = people.select(
        pl.col(INDEX).alias("holder"), *_groups(people.columns, None, reference_date)
    )
    own = records.select(
        INDEX,
        "holder",
        *_groups(records.columns, pairing, reference_date),
        _number_kind(pairing),
        how_written(pairing, records.columns),
    )
    joined = own.join(of_person, on="holder", how="left", maintain_order="left", suffix="_true")
    named = ("sex", "age_band", "ward", "province", "fold")
    whole = joined.with_columns(
        pl.coalesce(f"{name}_true", name).alias(name) for name in named
    ).with_columns(name_kind=_name_kind())
    wards = reference.new_wards().select(
        pl.col("new_ward_code").alias("ward"),
        (~pl.col("new_ward").str.starts_with("Xã")).alias("urban"),
    )
    provinces = reference.new_wards().select(
        pl.col("new_province_code").alias("province"), pl.col("new_province").alias("named")
    )
    return (
        whole.join(wards, on="ward", how="left", maintain_order="left")
        .join(provinces.unique(), on="province", how="left", maintain_order="left")
        .select(INDEX, *(pl.col("named" if c == "province" else c).alias(c) for c in STRATA))
    )


def _groups(columns: Sequence[str], pairing: Pairing | None, today: dt.date) -> list[pl.Expr]:
    """Sex, age band, ward, province and folded name of one side."""

    def column(field: str, name: str = "", dtype: type[pl.DataType] = pl.String) -> pl.Expr:
        own = pairing.own.get(field, field) if pairing else field
        wanted = part(own, name) if name else own
        return pl.col(wanted) if wanted in columns else pl.lit(None, dtype=dtype)

    age = today.year - column("birth_date", "year", pl.Int32)
    bands = [pl.when(age < end).then(pl.lit(label)) for end, label in AGES]
    oldest = pl.when(age.is_not_null()).then(pl.lit(_OLDEST))
    return [
        column("sex").alias("sex"),
        pl.coalesce(*bands, oldest).alias("age_band"),
        column("address", "ward").alias("ward"),
        column("address", "province").alias("province"),
        column("full_name", "fold").alias("fold"),
    ]


def how_written(pairing: Pairing, columns: Sequence[str]) -> pl.Expr:
    """How much a record says beside its number: birth date, ward, name.

    Records without a number are often the old ones, with a year for a birth date; by this a trial
    is weighted to be like them.

    Args:
        pairing: which fields the two sides share.
        columns: of the cleaned records.

    Returns:
        The column ``written``: ``full`` or what is wanting, for example ``no day, no ward``.
    """
    wanting: list[pl.Expr] = []
    if birth := pairing.own.get("birth_date"):
        day = pl.col(part(birth, "precision")) == "day"
        known = (day & ~pl.col(part(birth, "is_placeholder"))).fill_null(value=False)
        no_year = pl.col(part(birth, "year")).is_null()
        wanting.append(
            pl.when(no_year).then(pl.lit("no birth date")).when(~known).then(pl.lit("no day"))
        )
    if (address := pairing.own.get("address")) and part(address, "ward") in columns:
        wanting.append(pl.when(pl.col(part(address, "ward")).is_null()).then(pl.lit("no ward")))
    if name := pairing.own.get("full_name"):
        short = pl.col(part(name, "has_abbreviation")).fill_null(value=False)
        wanting.append(pl.when(short).then(pl.lit("initials")))
    if not wanting:
        return pl.lit("full").alias("written")
    said = pl.concat_str(wanting, separator=", ", ignore_nulls=True)
    return pl.when(said == "").then(pl.lit("full")).otherwise(said).alias("written")


def _number_kind(pairing: Pairing) -> pl.Expr:
    own = pairing.own.get("personal_id")
    kind = pl.col(part(own, "kind")) if own else pl.lit(None, dtype=pl.String)
    return kind.fill_null("none").alias("number_kind")


def _name_kind() -> pl.Expr:
    """Minority (a mark or a clan's name), foreign (a word that is no syllable), else Vietnamese."""
    words = pl.col("fold").str.split(" ")
    marked = (
        words.list.first().is_in(_MARKS) | words.list.eval(pl.element().is_in(_CLANS)).list.first()
    )
    syllables = [
        is_syllable(words.list.get(place, null_on_oob=True), folded=True) for place in range(5)
    ]
    return (
        pl.when(pl.col("fold").is_null())
        .then(None)
        .when(marked)
        .then(pl.lit("minority"))
        .when(~pl.all_horizontal(s.fill_null(value=True) for s in syllables))
        .then(pl.lit("foreign"))
        .otherwise(pl.lit("Vietnamese"))
    )
