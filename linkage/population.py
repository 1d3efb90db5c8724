"""The population register, cleaned and turned into features once for all registries of a job."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from linkage.clean import ColumnHealth, DeclaredField, clean_frame, column_health, total_health
from linkage.columns import INDEX, PERSON_ID, RECORD_ID, part
from linkage.engines.duckdb import DuckDBEngine
from linkage.features import (
    address_features,
    features_of,
    number_features,
)
from linkage.fields import FIELD_TYPES, CleanContext, linkable

PEOPLE: Final = "people"
"""Engine view: one row per person, cleaned values."""
PEOPLE_FEATURES: Final = "people_features"
"""Engine view: one row per person, the features that blocking and comparing read."""
REGISTER: Final = "register_people"
"""Engine table behind :data:`PEOPLE`."""
REGISTER_FEATURES: Final = "register_features"
"""Engine table: the features that the register itself gives, ``seen`` ones empty."""
SEEN: Final = "people_seen"
"""Engine table, once there is anything to show: ``idx`` and some list features that the register has
empty (:mod:`linkage.link.sightings`)."""

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
    """The cleaned register in the engine, and what linking may use of it.

    Attributes:
        size: number of people.
        types: field that can be linked on to its field type.
    """

    size: int
    types: Mapping[str, str]

    def people(self, engine: DuckDBEngine, *columns: str, which: str = "true") -> pl.DataFrame:
        """Some columns of the cleaned people, in order of ``idx``; those that are not there are not.

        Args:
            engine: holds them.
            columns: their names.
            which: SQL condition on the people.
        """
        known = [f'"{column}"' for column in columns if column in engine.columns(PEOPLE)]
        return engine.frame(f"SELECT {', '.join(known)} FROM {PEOPLE} WHERE {which} ORDER BY idx")

    def keys(self, engine: DuckDBEngine) -> pl.Series:
        """The people's keys; the place of each is its ``idx``."""
        return self.people(engine, PERSON_ID)[PERSON_ID]

    def frequencies(self, engine: DuckDBEngine, feature: str) -> str:
        """Make the table of a feature's relative frequencies among people; return its name.

        A place ``…_in_ward`` is as frequent as among the people of its ward who have one.
        How often a *written* place agrees by accident with what was seen of a person hangs on how
        many people were seen there; that grows with every registry, and is counted anew.
        """
        table = f"tf_{feature}"
        if is_of_what_was_seen(feature):
            seen = feature.replace("__written_", "__seen_") + "s"
            known = engine.has(SEEN) and seen in engine.columns(SEEN)
            value = f'unnest("{seen}") AS value FROM {SEEN}'
            engine.run(
                f'CREATE OR REPLACE TABLE "{table}" AS SELECT value AS "{feature}",'
                f' count(*)::DOUBLE / {self.size} AS "tf_{feature}"'
                f" FROM (SELECT {value if known else 'NULL::VARCHAR AS value WHERE false'})"
                " GROUP BY value"
            )
            return table
        if not engine.has(table):  # an index may have brought it
            ward = f"PARTITION BY split_part(\"{feature}\", '|', 1)"
            among = ward if feature.endswith("_in_ward") else ""
            engine.run(
                f'CREATE TABLE "{table}" AS SELECT "{feature}",'
                f' count(*)::DOUBLE / sum(count(*)) OVER ({among}) AS "tf_{feature}"'
                f' FROM {REGISTER_FEATURES} WHERE "{feature}" IS NOT NULL GROUP BY "{feature}"'
            )
        return table


def load_population(
    engine: DuckDBEngine,
    pieces: Iterable[pl.DataFrame],
    fields: Mapping[str, DeclaredField],
    context: CleanContext,
) -> tuple[Population, tuple[ColumnHealth, ...]]:
    """Clean the register piece by piece into the engine.

    Args:
        engine: where to; it gets :data:`PEOPLE` and :data:`PEOPLE_FEATURES`.
        pieces: ``row``, ``record_id`` (the population's key) and mapped fields as strings, in one
            frame or several, one at least.
        fields: the population's declared fields; ``person_id`` is the key.
        context: the job's reference date.

    Returns:
        The population, and how readable its columns are.
    """
    types = linkable({name: field.type for name, field in fields.items()})
    work = partial(_people_tables, fields=dict(fields), types=types, context=context)
    told = engine.make_of(pieces, work)
    show_people(engine)
    return Population(sum(size for size, _ in told), types), total_health(one for _, one in told)


def _people_tables(
    raw: pl.DataFrame,
    first: int,
    *,
    fields: Mapping[str, DeclaredField],
    types: Mapping[str, str],
    context: CleanContext,
) -> tuple[dict[str, pl.DataFrame], tuple[int, tuple[ColumnHealth, ...]]]:
    """Tables of a piece of the register, its size and health; the register's own keep its order."""
    cleaned = clean_people(raw, fields, context, first=first)
    tables = {
        REGISTER: _carried(cleaned),
        REGISTER_FEATURES: population_features(cleaned, types),
    }
    return tables, (cleaned.height, column_health(cleaned, fields))


def is_of_what_was_seen(feature: str) -> bool:
    """Whether a feature's frequencies are those of what other registries show of people."""
    return "__written_" in feature


def show_people(engine: DuckDBEngine) -> None:
    """Make the views :data:`PEOPLE` and :data:`PEOPLE_FEATURES` over the register's tables."""
    engine.run(f"CREATE OR REPLACE VIEW {PEOPLE} AS FROM {REGISTER}")
    show_seen(engine)


_PARTS_READ: Final = ("year", "ward", "province", "fold")
"""Parts of a person's values that rules, lists and strata ask for; features know the others."""


def _carried(cleaned: pl.DataFrame) -> pl.DataFrame:
    """The people as rules and lists read them: values, few parts, every column that rules ask for."""
    parts = [name for name in cleaned.columns if "__" in name]
    unread = [name for name in parts if name.rpartition("__")[2] not in _PARTS_READ]
    absent = (
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in _READ_BY_RULES.items()
        if name not in cleaned.columns
    )
    return cleaned.drop(unread).with_columns(*absent)


def show_seen(engine: DuckDBEngine) -> None:
    """Make the view :data:`PEOPLE_FEATURES`: the register's features and what was seen elsewhere.

    Args:
        engine: holds :data:`REGISTER_FEATURES`; and :data:`SEEN`, if other registries have shown
            anything, be it to a run that was killed.
    """
    if not engine.has(SEEN):
        engine.run(f"CREATE OR REPLACE VIEW {PEOPLE_FEATURES} AS FROM {REGISTER_FEATURES}")
        return
    columns = ", ".join(f's."{c}" AS "{c}"' for c in engine.columns(SEEN) if c != INDEX)
    engine.run(
        f"CREATE OR REPLACE VIEW {PEOPLE_FEATURES} AS SELECT f.* REPLACE ({columns})"
        f" FROM {REGISTER_FEATURES} f LEFT JOIN {SEEN} s ON s.{INDEX} = f.{INDEX}"
    )


def people_with(engine: DuckDBEngine, people: str, columns: Collection[str]) -> str:
    """The table to read some features of people from.

    The view :data:`PEOPLE_FEATURES` joins what other registries have shown to every person, asked for
    or not: a scan that asks for nothing of it need not pay for it.

    Args:
        engine: holds the people.
        people: table that is asked about.
        columns: features that are read of it.

    Returns:
        :data:`REGISTER_FEATURES` where it shows the same; else ``people``.
    """
    if people != PEOPLE_FEATURES or not engine.has(SEEN):
        return people
    return people if set(columns) & set(engine.columns(SEEN)) - {INDEX} else REGISTER_FEATURES


def clean_people(
    raw: pl.DataFrame,
    fields: Mapping[str, DeclaredField],
    context: CleanContext,
    *,
    first: int = 0,
) -> pl.DataFrame:
    """Clean the register, or a piece of it.

    Args:
        raw: columns ``row``, ``record_id`` (the population's key) and mapped fields as strings.
        fields: the population's declared fields; ``person_id`` is the key.
        context: the job's reference date.
        first: ``idx`` of the first person.

    Returns:
        One row per person, as :func:`linkage.clean.clean_frame` returns it; where no
        ``personal_id`` is mapped, the key is taken for it.
    """
    if "personal_id" in fields and "personal_id" not in raw.columns:
        raw = raw.with_columns(pl.col(RECORD_ID).alias("personal_id"))
    cleaned = clean_frame(raw, fields, context, first=first).rename({RECORD_ID: PERSON_ID})
    return _with_old_numbers(cleaned, fields, context)


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
        passports = [pl.col(_PASSPORT)] if _PASSPORT in cleaned.columns else []
        expressions += number_features("personal_id", [pl.col(part(_OLD, "numbers"))], passports)
    if "address" in types:
        alternatives = (_CURRENT,) if part(_CURRENT, "ward") in cleaned.columns else ()
        expressions += address_features("address", alternatives, of_people=True)
    return cleaned.select(INDEX, *expressions)
