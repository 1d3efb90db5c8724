"""The duplicates list: groups of every kind brought together, one record of each kept.

Linked extras stay linked; the list says which records belong together and which one to keep. A
record may stand in a group of each kind: in one of a person's licences, in one of a repeated value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import polars as pl

from linkage.clean import DeclaredField
from linkage.contracts import DUPLICATES
from linkage.duplicates import things
from linkage.duplicates.classes import overlapping
from linkage.duplicates.grouping import hold_together
from linkage.duplicates.held import ENTITIES, entities, held, holding, shared_number
from linkage.duplicates.unlinked import SCHEMA as ATTACHED
from linkage.duplicates.unlinked import Comparing, compared
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables
from linkage.rules.flags import case_id

_THINGS: Final = "__duplicate_things"
_FOUND: Final = "__duplicate_found"
_TOGETHER: Final = "__duplicate_together"
_MEMBERS: Final = "__duplicate_members"

_NEWEST: Final = "opened_on DESC NULLS LAST, link DESC, record_id"
KEEP: Final = {
    "newest": _NEWEST,
    "most_complete": f"filled DESC, {_NEWEST}",
    "verified": f"outcome = 'MATCH' DESC, link_status = 'linked' DESC, {_NEWEST}",
}
"""Policy to the order of a group's records, the one to keep first."""


UNLIKE: Final = 0.5
"""What is left of the confidence where a record states another number, and another name or sex, than
the record kept: it may be a twin's."""


class DuplicateRules(Protocol):
    """What a registry declares about its duplicates."""

    @property
    def keep(self) -> str:
        """Policy by which one record of a group is kept."""

    @property
    def sure(self) -> float:
        """Least confidence on which a record is cancelled or merged; below, it is asked about."""

    @property
    def match(self) -> float:
        """Least probability at which unlinked records count as one person's."""

    @property
    def plates_follow_owner_from(self) -> dt.date | None:
        """Day since which a plate may move between the vehicles of one person."""

    @property
    def plate_kind(self) -> str | None:
        """Field that tells vehicles whose plates may read alike: cars from motorbikes."""

    @property
    def classes(self) -> str | None:
        """Field with the classes of a licence."""


@dataclass(frozen=True)
class DuplicateInput:
    """What the duplicates list needs beside the tables.

    Attributes:
        fields: declared fields; those declared unique are checked for repeats.
        rules: what the registry declares about its duplicates.
        lawful: records that a person may hold, or None for any number.
        counted_by: field whose distinct values count as holdings (two cards under one licence
            number are one licence); None to count records.
        comparing: how unlinked records are compared; None not to.
        attached: what came of comparing them (:func:`attached_of`), where that is known already: the
            records are some of those that were compared.
    """

    fields: Mapping[str, DeclaredField]
    rules: DuplicateRules
    lawful: int | None
    counted_by: str | None
    comparing: Comparing | None = None
    attached: pl.DataFrame | None = None


def read_of_cases(given: DuplicateInput) -> set[str]:
    """Fields of the registry that the list reads in its case view."""
    numbers = {name for name, f in given.fields.items() if f.type == "insurance_number"}
    return {*numbers, *([given.rules.classes] if given.rules.classes else [])}


def duplicates(engine: DuckDBEngine, tables: LinkTables, given: DuplicateInput) -> pl.DataFrame:
    """Make the duplicates list of a registry from its case view.

    Args:
        engine: holds ``<registry>_cases`` and the tables that it was made from.
        tables: names of the registry's tables.
        given: fields, lawful number, policies.

    Returns:
        The list as the contract has it; a record may stand in a group of each kind.
    """
    members = [*_of_people(engine, tables, given), *_of_things(engine, tables, given)]
    if not members:
        return DUPLICATES.empty()
    union = " UNION ALL BY NAME ".join(f"FROM ({sql})" for sql in members)
    engine.run(f'CREATE OR REPLACE TEMP TABLE "{_MEMBERS}" AS {union}')
    found = engine.frame(_list(tables, given))
    engine.drop(_MEMBERS, _THINGS, _FOUND, _TOGETHER, ENTITIES)
    return found


def _of_people(engine: DuckDBEngine, tables: LinkTables, given: DuplicateInput) -> list[str]:
    """SQL of members by whose the records are."""
    engine.run(f'CREATE OR REPLACE TEMP TABLE "{ENTITIES}" AS {entities(tables)}')
    counted = holding(given.fields, given.counted_by)
    members = []
    if given.lawful is not None:
        attached = given.attached
        if attached is None:
            attached = _attached(engine, tables, given)
        engine.put(tables.attached, attached)
        engine.run(f'INSERT INTO "{ENTITIES}" BY NAME FROM "{tables.attached}"')
        members.append(held(tables, given.lawful, counted))
        if given.counted_by is not None:
            members.append(shared_number(tables, counted))
    if given.rules.classes in given.fields:
        members.append(overlapping(tables, str(given.rules.classes), given.counted_by))
    return members


def attached_of(engine: DuckDBEngine, tables: LinkTables, given: DuplicateInput) -> pl.DataFrame:
    """Whose the records are that are linked to nobody, by comparison with all others.

    Args:
        engine: holds the registry's tables; of its case view, the holdings are read.
        tables: their names.
        given: holdings, lawful number, and how records are compared.

    Returns:
        ``idx, entity, probability, compared`` (:func:`linkage.duplicates.unlinked.compared`).
    """
    engine.run(f'CREATE OR REPLACE TEMP TABLE "{ENTITIES}" AS {entities(tables)}')
    attached = _attached(engine, tables, given)
    engine.drop(ENTITIES)
    return attached


def _attached(engine: DuckDBEngine, tables: LinkTables, given: DuplicateInput) -> pl.DataFrame:
    if given.lawful is None or given.comparing is None:
        return pl.DataFrame(schema=ATTACHED)
    further = _further(engine, tables, holding(given.fields, given.counted_by), given.lawful)
    return compared(engine, tables, given.comparing, further)


def _further(engine: DuckDBEngine, tables: LinkTables, counted: str, lawful: int) -> float:
    """Share of holders that have more than their lawful holdings, one case more than was seen."""
    row = engine.frame(f"""
        SELECT count(*) AS holders, count(*) FILTER (n > {lawful}) AS excess FROM (
            SELECT count(DISTINCT {counted}) AS n
            FROM "{ENTITIES}" e JOIN "{tables.cases}" c USING (idx) GROUP BY e.entity)
    """)
    return float((row["excess"][0] + 1) / (row["holders"][0] + 50))


def _of_things(engine: DuckDBEngine, tables: LinkTables, given: DuplicateInput) -> list[str]:
    """SQL of members by what the records are about."""
    fields, rules = given.fields, given.rules
    marks = things.Marks.of(fields)
    plain = [name for name in things.repeatable(fields) if name not in marks.names]
    if not plain and not marks.are_told:
        return []
    kind = rules.plate_kind if rules.plate_kind in fields else None
    engine.run(
        f'CREATE OR REPLACE TEMP TABLE "{_THINGS}" AS'
        f" {things.with_holders(tables, marks, fields, [*plain, *([kind] if kind else [])])}"
    )
    members = [things.values(_THINGS, name) for name in plain]
    if marks.are_told:
        engine.run(f'CREATE OR REPLACE TEMP TABLE "{_FOUND}" AS {things.pairs(_THINGS, kind)}')
        pairs = engine.frame(
            f'SELECT idx_l, idx_r, probability FROM "{_FOUND}"'
            " WHERE probability IS NOT NULL ORDER BY ALL"
        )
        engine.put(_TOGETHER, hold_together(pairs))
        members += [
            things.same(_FOUND, _TOGETHER),
            things.plates(_FOUND, rules.plates_follow_owner_from),
            things.engines(_FOUND, _THINGS),
        ]
    return members


def _list(tables: LinkTables, given: DuplicateInput) -> str:
    """SQL of the list: groups with their ids, the record to keep, confidence and action."""
    registry = tables.registry
    filled = " + ".join(
        f'(r."{name}" IS NOT NULL)::INTEGER' for name, f in given.fields.items() if f.type != "key"
    )
    return f"""
    WITH members AS (
        SELECT m.*, c.record_id, c.person_id, c.opened_on, c.outcome, c.link_status,
            coalesce(c.match_probability, 0) AS link, {filled or "0"} AS filled,
            {_stated(given.fields)}
        FROM "{_MEMBERS}" m JOIN "{tables.cases}" c USING (idx)
        JOIN "{tables.cleaned}" r ON r.idx = m.idx
    ),
    listed AS (
        SELECT kind, key, list(record_id ORDER BY record_id) AS together,
            flatten(list(reasons)) AS reasons
        FROM members GROUP BY kind, key
    ),
    -- Two values that repeat on the very same records are one group, not two.
    groups AS (
        SELECT together, min_by(kind, kind) AS kind, min_by(key, kind) AS key,
            list_sort(list_distinct(flatten(list(reasons)))) AS reasons,
            substr(sha256('group of {registry}' || chr(31) || together[1]
                || chr(31) || min(kind)), 1, 16) AS group_id
        FROM listed GROUP BY together, kind IN ('held', 'class', 'number')
    ),
    placed AS (
        SELECT m.* EXCLUDE (reasons), g.group_id, g.reasons,
            row_number() OVER (PARTITION BY g.group_id ORDER BY {KEEP[given.rules.keep]}) AS place
        FROM members m JOIN groups g USING (kind, key)
    ),
    -- The lawful holdings are those of the records that come first; all cards of one are lawful.
    firsts AS (SELECT *, min(place) OVER (PARTITION BY group_id, coalesce(holding, record_id)) AS first
               FROM placed),
    ranked AS (SELECT *, dense_rank() OVER (PARTITION BY group_id ORDER BY first) <= lawful AS spared
               FROM firsts),
    weighed AS (
        SELECT *,
            product(probability) FILTER (spared AND place = first) OVER g AS kept,
            max(probability) FILTER (NOT spared) OVER g AS extra,
            -- Twins: the register may know but one of them, and both records are linked to that one.
            by_hub AND coalesce(number <> first_value(number) OVER best
                AND (given <> first_value(given) OVER best OR sex <> first_value(sex) OVER best),
                false) AS unlike
        FROM ranked WINDOW g AS (PARTITION BY group_id),
            best AS (PARTITION BY group_id ORDER BY place)
    ),
    judged AS (
        SELECT *, coalesce(probability * CASE WHEN NOT by_hub THEN 1
            WHEN spared THEN extra ELSE kept END, probability)
            * CASE WHEN unlike THEN {UNLIKE} ELSE 1 END AS confidence
        FROM weighed
    )
    SELECT {case_id(registry, "kind")} AS case_id, group_id, record_id, person_id, place = 1 AS keep,
        reasons, confidence, CASE
            WHEN spared OR step = 'none' THEN 'none'
            WHEN holding IS NULL OR unlike OR confidence < {given.rules.sure} THEN 'ask'
            ELSE step END AS action, 'new' AS status
    FROM judged ORDER BY group_id, keep DESC, record_id
    """


def _stated(fields: Mapping[str, DeclaredField]) -> str:
    """SQL of what a record states of its holder: twelve-digit number, given name and sex."""
    name, number, sex = (
        next((n for n, f in fields.items() if f.type == type_), None)
        for type_ in ("person_name", "personal_id", "sex")
    )

    def part_of(field: str | None, part: str = "") -> str:
        return f'r."{field}{part}"' if field else "NULL::VARCHAR"

    own = f'CASE WHEN r."{number}__kind" = \'personal_number\' THEN r."{number}" END'
    return (
        f"{own if number else part_of(None)} AS number,"
        f" {part_of(name, '__given')} AS given, {part_of(sex)} AS sex"
    )
