"""The population register, cleaned and turned into features once for all registries of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from linkage.clean import DeclaredField, clean_frame
from linkage.columns import INDEX, PERSON_ID, RECORD_ID, part
from linkage.engines.duckdb import DuckDBEngine
from linkage.fields import FIELD_TYPES, CleanContext, linkable
from linkage.link.features import (
    address_features,
    features_of,
    number_features,
)

PEOPLE: Final = "people"
"""Engine table: one row per person, cleaned values."""
PEOPLE_FEATURES: Final = "people_features"
"""Engine table: one row per person, the features that blocking and comparing read."""

_READ_BY_RULES: Final = {
    "birth_date": pl.Date,
    "death_date": pl.Date,
    part("address", "province"): pl.String,
}
"""Columns of a person that rules ask for: empty where a register does not declare them."""
_OLD: Final = "old_ids"
_PASSPORT: Final = "passport"
_CURRENT: Final = "current_address"


@dataclass(frozen=True)
class Population:
    """The cleaned register and what linking may use of it.

    Attributes:
        cleaned: one row per person, as :func:`linkage.clean.clean_frame` returns it.
        types: field that can be linked on to its field type.
    """

    cleaned: pl.DataFrame
    types: Mapping[str, str]

    @property
    def size(self) -> int:
        """Number of people."""
        return self.cleaned.height

    def load(self, engine: DuckDBEngine) -> None:
        """Put the cleaned people and their features into the engine."""
        lists = [name for name, type_ in self.cleaned.schema.items() if type_ == pl.List(pl.String)]
        absent = (
            pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in _READ_BY_RULES.items()
            if name not in self.cleaned.columns
        )
        engine.put(PEOPLE, self.cleaned.drop(lists).with_columns(*absent))
        engine.put(PEOPLE_FEATURES, population_features(self.cleaned, self.types))

    def frequencies(self, engine: DuckDBEngine, feature: str) -> str:
        """Make the table of a feature's relative frequencies among people; return its name.

        How often a *written* place agrees by accident with what was seen of a person hangs on how
        many people were seen there; that grows with every registry, and is counted anew.
        """
        table = f"tf_{feature}"
        if "__written_" in feature:
            seen = feature.replace("__written_", "__seen_") + "s"
            engine.run(
                f'CREATE OR REPLACE TABLE "{table}" AS SELECT value AS "{feature}",'
                f' count(*)::DOUBLE / {self.size} AS "tf_{feature}"'
                f' FROM (SELECT unnest("{seen}") AS value FROM {PEOPLE_FEATURES}) GROUP BY value'
            )
            return table
        engine.run(
            f'CREATE TABLE IF NOT EXISTS "{table}" AS SELECT "{feature}",'
            f' count(*)::DOUBLE / sum(count(*)) OVER () AS "tf_{feature}"'
            f' FROM {PEOPLE_FEATURES} WHERE "{feature}" IS NOT NULL GROUP BY "{feature}"'
        )
        return table


def clean_population(
    raw: pl.DataFrame, fields: Mapping[str, DeclaredField], context: CleanContext
) -> Population:
    """Clean the register.

    Args:
        raw: columns ``row``, ``record_id`` (the population's key) and mapped fields as strings.
        fields: the population's declared fields; ``person_id`` is the key.
        context: the job's reference date.

    Returns:
        The population; where no ``personal_id`` is mapped, the key is taken for it.
    """
    if "personal_id" in fields and "personal_id" not in raw.columns:
        raw = raw.with_columns(pl.col(RECORD_ID).alias("personal_id"))
    cleaned = clean_frame(raw, fields, context).rename({RECORD_ID: PERSON_ID})
    types = linkable({name: field.type for name, field in fields.items()})
    return Population(_with_old_numbers(cleaned, fields, context), types)


def _with_old_numbers(
    cleaned: pl.DataFrame, fields: Mapping[str, DeclaredField], context: CleanContext
) -> pl.DataFrame:
    """Split ``old_ids`` at semicolons and clean each number; ``old_ids__numbers`` lists them."""
    target = part(_OLD, "numbers")
    if _OLD not in fields:
        return cleaned.with_columns(pl.lit(None, dtype=pl.List(pl.String)).alias(target))
    written = (
        cleaned.select(INDEX, pl.col(_OLD).str.split(";").alias(_OLD))
        .filter(pl.col(_OLD).is_not_null())
        .explode(_OLD)
    )
    number = FIELD_TYPES["personal_id"].clean(_OLD, context).struct.field("value")
    numbers = (
        written.select(INDEX, number.alias(target))
        .drop_nulls(target)
        .group_by(INDEX, maintain_order=True)
        .agg(target)
    )
    return cleaned.join(numbers, on=INDEX, how="left", maintain_order="left")


def population_features(cleaned: pl.DataFrame, types: Mapping[str, str]) -> pl.DataFrame:
    """Features of the people: all numbers they have had, both their addresses."""
    special = {"personal_id", "address"}
    plain = {field: type_ for field, type_ in types.items() if field not in special}
    expressions = features_of(plain)
    if "personal_id" in types:
        others = [pl.col(part(_OLD, "numbers")).fill_null([])]
        if _PASSPORT in cleaned.columns:
            others.append(pl.concat_list(_PASSPORT))
        expressions += number_features("personal_id", others)
    if "address" in types:
        alternatives = (_CURRENT,) if part(_CURRENT, "ward") in cleaned.columns else ()
        expressions += address_features("address", alternatives, of_people=True)
    return cleaned.select(INDEX, *expressions)
