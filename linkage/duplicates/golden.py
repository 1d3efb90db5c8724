"""Golden records: what the kept record of a group should say, proposed field by field.

A group of duplicates is one person's, or one vehicle's, so its records inform each other. For fields
that describe the holder: the value that most records agree on; among equals the one that says most
(a full date before a year, a name with tone marks before one without); then that of the record kept.
What a record is about (its number, its days, its plate) is always that of the record kept. What is
blank there is filled from the newest record that has it; a number only from a record of which no
number is another than the kept record's.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.columns import part
from linkage.config import RegistryDeclaration
from linkage.contracts import living
from linkage.errors import ConfigError
from linkage.result import RunResult
from linkage.session import Session

SCHEMA: Final = {
    "group_id": pl.String(), "field": pl.String(), "proposed": pl.String(),
    "record_id": pl.String(), "why": pl.String(),
}  # fmt: skip
WHY: Final = ("kept", "majority", "says_most", "fills_gap")
"""Where a value comes from: the record kept, most records, the one that says most, or any at all."""
_OF_HOLDERS: Final = ("person_name", "birth_date", "sex", "personal_id", "address")
_OF_THINGS: Final = ("licence_number", "insurance_number", "insurance_card", "plate", "chassis",
                     "engine", "phone")  # fmt: skip
"""Numbers of a thing: one that the kept record lacks is never that of another card or licence."""
_CONFLICTS: Final = ("PLATE_ON_TWO_VEHICLES", "NUMBER_OF_TWO_PEOPLE", "CLASS_OVERLAP",
                     "SOLD_WITHOUT_TRANSFER")  # fmt: skip
"""Reasons of groups that are not one thing of one holder: there is nothing to merge in them."""


def golden_records(result: RunResult, registry: str) -> pl.DataFrame:
    """Propose one record for each group of duplicates, field by field.

    Args:
        result: a run, or one opened again whose sources are still where they were.
        registry: one of its registries.

    Returns:
        ``group_id, field, proposed, record_id, why``: one row per group and field that any of its
        records fills, in order of groups and of the declaration; ``record_id`` is the record that
        the value is taken from, ``why`` one of ``kept``, ``majority``, ``says_most``, ``fills_gap``.
        Groups of a conflict (one plate on two vehicles, one number of two people, a vehicle sold)
        and groups of overlapping classes have none.

    Raises:
        ConfigError: the job behind the run is not at hand.
    """
    lists = result[registry]
    if lists.job is None:
        message = "the job behind this run is not at hand"
        raise ConfigError(
            message,
            expected="a run whose job file is still where the manifest says, and loads",
            found="no job",
            hint="take the result that linkage.run() returned, or run the job again",
        )
    conflict = pl.col("reasons").list.eval(pl.element().is_in(_CONFLICTS)).list.any()
    members = living(lists.duplicates).filter(~conflict).select("group_id", "record_id", "keep")
    if members.height == 0:
        return pl.DataFrame(schema=SCHEMA)
    with Session(lists.job, dict(lists.frames)) as session:
        rows = session.read(registry).rows.join(members, on="record_id", how="semi")
        cleaned = session.clean(registry, rows)
        declaration = lists.job.registries[registry]
    return propose(members, cleaned, declaration)


def propose(
    members: pl.DataFrame, cleaned: pl.DataFrame, declaration: RegistryDeclaration
) -> pl.DataFrame:
    """Propose values for groups; see :func:`golden_records`.

    Args:
        members: ``group_id, record_id, keep``.
        cleaned: their cleaned records.
        declaration: the registry's.
    """
    opened = declaration.opened_on
    day = pl.col(opened) if opened else pl.lit(None, dtype=pl.Date)
    known = members.join(cleaned.with_columns(__day=day), on="record_id")
    places = {
        name: number for number, (name, f) in enumerate(declaration.fields.items())
        if f.type != "key" and name in known.columns
    }  # fmt: skip
    numbers = [name for name in places if declaration.fields[name].type in _OF_THINGS]
    known = known.with_columns(__another=_another_thing(numbers))
    parts = [_chosen(known, name, declaration.fields[name].type) for name in places]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    return (
        pl.concat(parts)
        .with_columns(__place=pl.col("field").replace_strict(places, return_dtype=pl.Int64))
        .sort("group_id", "__place")
        .select(*SCHEMA)
    )


def _chosen(known: pl.DataFrame, name: str, type_: str) -> pl.DataFrame:
    """The value of one field for each group."""
    about_holder = type_ in _OF_HOLDERS
    votes = pl.len().over("group_id", name) if about_holder else pl.lit(1, dtype=pl.UInt32)
    says = _says(name, type_) if about_holder else pl.lit(0)
    usable = pl.col(name).is_not_null()
    if type_ in _OF_THINGS:
        usable &= ~pl.col("__another")
    valued = known.filter(usable).with_columns(__votes=votes, __says=says)
    first = valued.sort(
        "group_id", "__votes", "__says", "keep", "__day", "record_id",
        descending=[False, True, True, True, True, False], nulls_last=True,
    ).unique("group_id", keep="first", maintain_order=True)  # fmt: skip
    kept = valued.filter("keep").select(
        "group_id", pl.col(name).alias("__kept"), pl.col("__votes").alias("__kept_votes")
    )
    why = (
        pl.when(pl.col("__kept").is_null())
        .then(pl.lit("fills_gap"))
        .when("keep")
        .then(pl.lit("kept"))
        .when(pl.col("__votes") > pl.col("__kept_votes"))
        .then(pl.lit("majority"))
        .otherwise(pl.lit("says_most"))
    )
    return first.join(kept, on="group_id", how="left").select(
        "group_id",
        field=pl.lit(name),
        proposed=pl.col(name).cast(pl.String),
        record_id="record_id",
        why=why,
    )


def _another_thing(numbers: list[str]) -> pl.Expr:
    """Whether a record has a number that the kept record of its group has otherwise."""
    differs = (
        pl.col(name) != pl.col(name).filter(pl.col("keep")).first().over("group_id")
        for name in numbers
    )
    return pl.any_horizontal(pl.lit(value=False), *differs).fill_null(value=False)


def _says(name: str, type_: str) -> pl.Expr:
    """How much a value says, beside others of its field; higher says more."""
    if type_ == "person_name":
        toned = pl.col(part(name, "tone")) != pl.col(part(name, "fold"))
        return toned.cast(pl.Int32) - 2 * pl.col(part(name, "has_abbreviation")).cast(pl.Int32)
    if type_ == "birth_date":
        whole = pl.col(part(name, "precision")) == "day"
        return (whole & ~pl.col(part(name, "is_placeholder"))).cast(pl.Int32)
    if type_ == "personal_id":
        return (pl.col(part(name, "kind")) == "personal_number").cast(pl.Int32)
    if type_ == "address":
        shown = (part(name, "ward"), part(name, "house"))
        return pl.sum_horizontal(pl.col(column).is_not_null().cast(pl.Int32) for column in shown)
    return pl.lit(0)
