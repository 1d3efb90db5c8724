"""Things registered twice: vehicles by chassis, engine and plate, and other values unique by law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from linkage.clean import DeclaredField
from linkage.duplicates.held import MOST_TOGETHER
from linkage.link.tables import LinkTables

_VIN: Final = 17
_ENGINE: Final = 8
"""Characters from which an engine number alone says something: makers number for themselves."""


@dataclass(frozen=True)
class Marks:
    """What tells one vehicle from another in a registry; None for what it does not have."""

    chassis: str | None
    engine: str | None
    plate: str | None

    @classmethod
    def of(cls, fields: Mapping[str, DeclaredField]) -> Self:
        """The fields of these types."""
        types = ("chassis", "engine", "plate")
        return cls(*(next((n for n, f in fields.items() if f.type == t), None) for t in types))

    @property
    def are_told(self) -> bool:
        """Whether the registry is one of vehicles: it has a chassis number."""
        return self.chassis is not None

    @property
    def names(self) -> tuple[str, ...]:
        """Fields of the registry that are marks of its vehicles, if it is one of vehicles."""
        named = (self.chassis, self.engine, self.plate) if self.are_told else ()
        return tuple(name for name in named if name)


def with_holders(
    tables: LinkTables, marks: Marks, fields: Mapping[str, DeclaredField], further: Sequence[str]
) -> str:
    """SQL of the table of things: marks, day, and by what their holders can be told apart.

    Args:
        tables: names of the registry's tables.
        marks: its marks of vehicles.
        fields: its fields.
        further: fields that stand in the table too, as ``value_<field>``.
    """

    def column(name: str | None) -> str:
        return f'r."{name}"' if name else "NULL::VARCHAR"

    name, number, tax = (
        next((n for n, f in fields.items() if f.type == type_), None)
        for type_ in ("person_name", "personal_id", "tax_code")
    )
    fold = f'r."{name}__fold"' if name else "NULL::VARCHAR"
    others = "".join(f', r."{n}" AS "value_{n}"' for n in further)
    return f"""
        SELECT idx, c.record_id, c.person_id, c.opened_on, coalesce(c.match_probability, 0) AS link,
            c.link_status = 'not_applicable' AS is_body, {fold} AS name,
            {column(number)} AS number, {column(tax)} AS tax,
            {column(marks.chassis)} AS chassis, {column(marks.engine)} AS engine,
            {column(marks.plate)} AS plate{others}
        FROM "{tables.cases}" c JOIN "{tables.cleaned}" r USING (idx)
    """


def repeatable(fields: Mapping[str, DeclaredField]) -> tuple[str, ...]:
    """Fields declared unique."""
    return tuple(name for name, f in fields.items() if getattr(f, "unique", False))


SAME_HOLDER: Final = """coalesce(l.person_id = r.person_id, l.tax = r.tax,
    l.number = r.number AND l.name = r.name, l.is_body AND r.is_body AND l.name = r.name, false)"""
OTHER_HOLDER: Final = """coalesce(l.person_id <> r.person_id, l.tax <> r.tax,
    (l.is_body AND r.person_id IS NOT NULL) OR (r.is_body AND l.person_id IS NOT NULL), false)"""
"""Known to be two; where neither this nor :data:`SAME_HOLDER` holds, it is not known."""

_PROBABILITY: Final = f"""CASE
    WHEN same_chassis AND (same_plate OR same_engine) THEN 0.999
    WHEN same_chassis AND is_vin AND NOT other_engine THEN 0.98
    WHEN same_chassis AND is_vin THEN 0.9
    WHEN same_chassis AND NOT other_engine AND NOT other_plate THEN 0.9
    WHEN same_plate AND same_engine THEN 0.98
    WHEN near_chassis AND (same_engine OR (same_plate AND NOT (other_engine OR other_holder)))
        THEN 0.97
    WHEN same_engine AND NOT other_chassis AND NOT other_plate AND length(engine) >= {_ENGINE}
        THEN 0.9
    END"""
"""Probability that two records are of one vehicle. A short chassis number with another engine is
another maker's; an engine number alone may be another maker's too."""


def pairs(things: str, plate_kind: str | None) -> str:
    """SQL of pairs of vehicle records that share a mark, and how far they agree."""
    like = _like(plate_kind)
    shared = " UNION ".join(
        f"SELECT l.idx AS idx_l, r.idx AS idx_r FROM {_few(things, mark)} l"
        f" JOIN {_few(things, mark)} r ON l.{mark} = r.{mark} AND l.idx < r.idx"
        for mark in ("chassis", "engine", "plate")
    )
    agree = ", ".join(
        f"coalesce(l.{m} = r.{m}{also}, false) AS same_{m},"
        f" coalesce(l.{m} <> r.{m}, false) AS other_{m}"
        for m, also in (("chassis", ""), ("engine", ""), ("plate", like))
    )
    return f"""
        SELECT *, {_PROBABILITY} AS probability FROM (
            SELECT idx_l, idx_r, {agree}, length(l.chassis) = {_VIN} AS is_vin, l.engine,
                coalesce(l.chassis <> r.chassis
                    AND damerau_levenshtein(l.chassis, r.chassis) = 1, false) AS near_chassis,
                {SAME_HOLDER} AS same_holder, {OTHER_HOLDER} AS other_holder,
                l.opened_on AS day_l, r.opened_on AS day_r,
                CASE WHEN l.person_id = r.person_id THEN l.link * r.link ELSE 1 END AS links,
                l.plate AS plate
            FROM ({shared}) JOIN "{things}" l ON l.idx = idx_l JOIN "{things}" r ON r.idx = idx_r
        )
    """


def _few(things: str, mark: str) -> str:
    """Things whose mark is no filler: not on more records than one thing ever has."""
    return (
        f'(SELECT idx, {mark} FROM "{things}" WHERE {mark} IS NOT NULL'
        f" QUALIFY count(*) OVER (PARTITION BY {mark}) <= {MOST_TOGETHER})"
    )


def _like(plate_kind: str | None) -> str:
    """A car and a motorbike may lawfully bear plates that read alike: 29H-123.45 and 29-H1 2345."""
    if plate_kind is None:
        return ""
    column = f'"value_{plate_kind}"'
    return f" AND coalesce(l.{column} = r.{column}, true)"


def reason() -> str:
    """SQL of what a pair of records of one vehicle means."""
    return """CASE
        WHEN other_holder AND day_l <> day_r THEN 'SOLD_WITHOUT_TRANSFER'
        WHEN same_holder THEN 'ENTERED_TWICE'
        ELSE 'UNIQUE_VALUE_REPEATED' END"""


def same(found: str, together: str) -> str:
    """SQL of members: records of one vehicle, by the pairs that hold its group together."""
    sides = " UNION ALL ".join(
        f'SELECT p.idx_{side} AS idx, p.* FROM "{found}" p JOIN "{together}" l ON l.idx = p.idx_l'
        f' JOIN "{together}" r ON r.idx = p.idx_r AND r.grp = l.grp WHERE probability IS NOT NULL'
        for side in ("l", "r")
    )
    return f"""
        SELECT 'same' AS kind, grp::VARCHAR AS key, idx, idx::VARCHAR AS holding,
            max(probability * CASE WHEN same_holder THEN links ELSE 1 END) AS probability,
            list_distinct(list({reason()})) AS reasons,
            CASE WHEN bool_and(same_holder) THEN 'merge' ELSE 'ask' END AS step, 1 AS lawful,
            false AS by_hub
        FROM ({sides}) JOIN "{together}" USING (idx) GROUP BY grp, idx
    """


def plate_conflict(since: dt.date | None) -> str:
    """SQL that holds where one plate stands on two vehicles and must not.

    Since ``since`` a plate belongs to a person and may move between his vehicles: one holder, two
    days, the later on or after that day, is lawful. Where the holders are not known to be two, and
    a day is missing or lies after, nothing can be said.
    """
    before = "true"
    if since is not None:
        before = f"coalesce(greatest(day_l, day_r) < DATE '{since.isoformat()}', false)"
        before += " AND day_l IS NOT NULL AND day_r IS NOT NULL"
    same_day = "coalesce(same_holder AND day_l = day_r, false)"
    return (
        "same_plate AND other_chassis AND probability IS NULL"
        f" AND (other_holder OR {same_day} OR ({before}))"
    )


def plates(found: str, since: dt.date | None) -> str:
    """SQL of members: vehicles that bear one plate and must not, one group a plate."""
    sides = " UNION ALL ".join(
        f'SELECT idx_{side} AS idx, plate FROM "{found}" WHERE {plate_conflict(since)}'
        for side in ("l", "r")
    )
    return f"""
        SELECT DISTINCT 'plate' AS kind, plate AS key, idx, idx::VARCHAR AS holding,
            0.8::DOUBLE AS probability, ['PLATE_ON_TWO_VEHICLES', 'UNIQUE_VALUE_REPEATED'] AS reasons,
            'ask' AS step, 1 AS lawful, false AS by_hub
        FROM ({sides})
    """


def engines(found: str, things: str) -> str:
    """SQL of members: vehicles of other chassis under one engine number, one group a number."""
    sides = " UNION ".join(
        f'SELECT idx_{side} AS idx FROM "{found}" WHERE same_engine AND probability IS NULL'
        f" AND length(engine) >= {_ENGINE}"
        for side in ("l", "r")
    )
    return f"""
        SELECT 'engine' AS kind, engine AS key, idx, idx::VARCHAR AS holding,
            0.5::DOUBLE AS probability, ['UNIQUE_VALUE_REPEATED'] AS reasons,
            'ask' AS step, 1 AS lawful, false AS by_hub
        FROM ({sides}) JOIN "{things}" USING (idx)
    """


def values(things: str, field: str) -> str:
    """SQL of members: records that share a value which is unique by law, one group a value."""
    column = f'"value_{field}"'
    holders = "coalesce(person_id, tax, number || chr(31) || name)"
    one = f"count(DISTINCT {holders}) OVER same = 1 AND count({holders}) OVER same = count(*) OVER same"
    return f"""
        SELECT '{field}' AS kind, {column}::VARCHAR AS key, idx, idx::VARCHAR AS holding,
            CASE WHEN {one} AND person_id IS NOT NULL THEN link ELSE 1.0 END::DOUBLE AS probability,
            CASE WHEN {one} THEN ['ENTERED_TWICE', 'UNIQUE_VALUE_REPEATED']
                 ELSE ['UNIQUE_VALUE_REPEATED'] END AS reasons,
            CASE WHEN {one} THEN 'merge' ELSE 'ask' END AS step, 1 AS lawful, {one} AS by_hub
        FROM "{things}" WHERE {column} IS NOT NULL
        WINDOW same AS (PARTITION BY {column})
        QUALIFY count(*) OVER same BETWEEN 2 AND {MOST_TOGETHER}
    """
