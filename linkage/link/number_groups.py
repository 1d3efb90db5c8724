"""Numbers that the register knows, and numbers that it does not: evidence about the record itself.

Whether anybody in the register has the number that a record shows is seen before any candidate is
looked at. It says two things:

* who shows a number that exists nowhere is oftener nobody in the register at all. So records are
  grouped by it, each group with a share of holders in the register of its own
  (:mod:`linkage.link.posterior`);
* the levels of the number are worth something else. Where the number is nobody's, a holder who is in
  the register has mistyped it: it is an edit from his own, and hardly ever another altogether. Where it
  is somebody else's, it was borrowed or is a relative's. One m for both would credit invented people
  with what borrowers do.

So the level of a whole number of today has its m given the group, and the share carries what the group
itself says; neither is counted twice.

An old number that the register does not know is hardly of anybody for whom it lists another one: people
had one old number each, save few. It is of one of those for whom it lists none. So "nothing to compare"
is evidence there after all: the more, the rarer people of that age are for whom none is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.maximise import Candidates, Floats, States, maximise
from linkage.link.model import FieldComparison, Model
from linkage.link.name_context import YEARS
from linkage.link.posterior import NOBODYS, OWN, UNKNOWN, least_outside
from linkage.link.tables import LinkTables
from linkage.population import REGISTER_FEATURES, SEEN, people_with

_KNOWN_STATES: Final = (OWN, "old", "foreign")
_MISTYPED: Final = ("one edit apart", "differ")
"""Levels at which a number may be nobody's."""
OLD_UNKNOWN: Final = "old" + UNKNOWN
"""Records with an old number that the register does not know."""
_HAS_NONE_LISTED: Final = 0.95
"""Of the holders of old numbers that the register does not know, so many have no other one listed."""
_OF_ALL: Final = 100.0
"""People of all ages who count beside those of a generation."""
_LEAST_MASS: Final = 1e-3
_MOST: Final = 0.05
"""An error that training did not happen to show is not taken to be oftener than this in any group."""
_IMPOSSIBLE: Final = 1e-9
"""The m of a level that a group cannot show: a number that is nobody's is no candidate's."""
MODEL_RECORDS: Final = 200.0
"""Records that the trained weights stand for, beside those of the run; each group has its part."""

ByGroup = Mapping[str, Mapping[str, float]]
"""Group of records to level of the number to m."""


def group_records(engine: DuckDBEngine, tables: LinkTables, model: Model) -> None:
    """Add ``number_group`` to the facts: the state of the number, marked where nobody has it.

    Args:
        engine: holds the features of the population.
        tables: names; ``features`` is read, ``facts`` made again.
        model: says which field is the number.
    """
    number, group = model.compared("personal_id"), "number_state"
    if number is not None:
        numbers = f'"{number.field}__numbers"'
        states = ", ".join(f"'{state}'" for state in _KNOWN_STATES)
        group = (
            f"number_state || CASE WHEN number_state IN ({states}) AND idx NOT IN"
            f" ({_known(engine, tables, number.field, numbers)}) THEN '{UNKNOWN}' ELSE '' END"
        )
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.facts}" AS SELECT *, {group} AS number_group'
        f' FROM "{tables.facts}"'
    )


def _known(engine: DuckDBEngine, tables: LinkTables, field: str, numbers: str) -> str:
    """SQL for the records with a number that somebody has, by the register or a sure link."""
    seen, people = (
        f"{field}__seen_numbers",
        f"SELECT unnest({numbers}) AS n FROM {REGISTER_FEATURES}",
    )
    if engine.has(SEEN) and seen in engine.columns(SEEN):
        people += f' UNION ALL SELECT unnest("{seen}") FROM {SEEN}'
    return (
        f'SELECT idx FROM (SELECT idx, unnest({numbers}) AS n FROM "{tables.features}")'
        f" SEMI JOIN ({people}) USING (n)"
    )


def shares_of_levels(number: FieldComparison, m: Mapping[str, float]) -> tuple[ByGroup, Floats]:
    """What one m for all records says of each group: m given the group, and the group's share.

    Where nobody has the number it is mistyped or another altogether; everything else is known.
    """
    found, mass = {}, []
    for group in (OWN, NOBODYS):
        possible = {
            label: m[label] if (label in _MISTYPED) == (group == NOBODYS) or label == "differ"
            else 0.0
            for label in number.labels
        }  # fmt: skip
        total = sum(possible.values())
        found[group] = {label: share / total for label, share in possible.items()}
        mass.append(max(total, _LEAST_MASS))
    return found, np.array(mass)


def adapt_number(engine: DuckDBEngine, tables: LinkTables, model: Model, sample: str) -> Model:
    """Carry the m of the number on, in each group by its own records.

    Args:
        engine: where the tables are.
        tables: names; ``facts``, ``settled``, ``features`` and ``candidates`` are read.
        model: the weights that the candidates have.
        sample: table of the records that are looked at.

    Returns:
        The model with ``number_m``; the same if no number is compared.
    """
    number = model.compared("personal_id")
    if number is None:
        return model
    start, mass = shares_of_levels(number, model.m[number.name])
    given = _candidates(engine, tables, model, number, sample)
    if given.records == 0:
        return model
    comparisons = [_within(number, group, share) for group, share in zip(start, mass, strict=True)]
    weight = {group: MODEL_RECORDS * share for group, share in zip(start, mass, strict=True)}
    outcome = maximise(given, comparisons, start, start_records=weight)
    return replace(model, number_m=outcome.m)


def _within(number: FieldComparison, group: str, mass: float) -> FieldComparison:
    """The comparison among the records of one group, which are so large a part of all.

    What is least likely among all records is so much likelier among those that can show it.
    """
    impossible = set(number.labels) - {*_MISTYPED} if group == NOBODYS else set()
    levels = tuple(
        replace(
            level,
            least=_IMPOSSIBLE if level.label in impossible else min(level.least / mass, _MOST),
        )
        for level in number.comparison.levels
    )
    return FieldComparison(group, replace(number.comparison, levels=levels), first=True)


def _candidates(
    engine: DuckDBEngine, tables: LinkTables, model: Model, number: FieldComparison, sample: str
) -> Candidates:
    """The candidates of the sampled records; only the number's m is open, and only in the groups."""
    groups = engine.frame(
        "SELECT f.number_group AS state, count(*) AS total, count(z.idx_l) AS settled"
        f' FROM {sample} s JOIN "{tables.facts}" f USING (idx)'
        f' LEFT JOIN "{tables.settled}" z ON z.idx_l = s.idx GROUP BY ALL ORDER BY state'
    )
    pairs = engine.frame(
        f'SELECT c.idx_l, f.number_group AS state, c.match_weight, c."gamma_{number.name}" AS level'
        f' FROM "{tables.candidates}" c JOIN {sample} s ON s.idx = c.idx_l'
        f' JOIN "{tables.facts}" f ON f.idx = c.idx_l ORDER BY c.idx_l, c.idx_r'
    )
    level = pairs["level"].to_numpy().astype(np.int64)
    is_open = pairs["state"].is_in([OWN, NOBODYS]).to_numpy() & (level >= 0)
    known = np.log2(np.array([model.m[number.name][label] for label in number.labels]))
    place = dict(zip(groups["state"], range(groups.height), strict=True))
    total = dict(zip(groups["state"], groups["total"], strict=True))
    return Candidates(
        record=pairs["idx_l"].rank("dense").to_numpy().astype(np.int64) - 1,
        records=int(groups["total"].sum()),
        levels={
            group: np.where(is_open & (pairs["state"] == group).to_numpy(), level, -1)
            for group in (OWN, NOBODYS)
        },
        fixed=pairs["match_weight"].to_numpy() - np.where(is_open, known[np.maximum(level, 0)], 0),
        states=States(
            pairs["state"].replace_strict(place, return_dtype=pl.Int64).to_numpy(),
            groups["total"].to_numpy().astype(np.float64),
            groups["settled"].to_numpy().astype(np.float64),
            _settled(engine, tables, number, sample),
            np.array([least_outside(state, total) for state in groups["state"]]),
        ),
    )


def _settled(
    engine: DuckDBEngine, tables: LinkTables, number: FieldComparison, sample: str
) -> dict[str, Floats]:
    """How many settled pairs of each group show each level."""
    read = number.comparison.features
    columns = [f"{number.field}__{feature}" for feature in read]
    both = ", ".join(f'l."{c}" AS "{c}_l", r."{c}" AS "{c}_r"' for c in columns)
    people = people_with(engine, REGISTER_FEATURES, columns)
    shown = engine.frame(
        f"SELECT number_group, {number.number_sql()} AS level FROM (SELECT number_group, {both}"
        f' FROM "{tables.settled}" z JOIN {sample} s ON s.idx = z.idx_l'
        f' JOIN "{tables.facts}" f ON f.idx = z.idx_l'
        f' JOIN "{tables.subjects}" l ON l.idx = z.idx_l'
        f" JOIN {people} r ON r.idx = z.idx_r)"
    ).filter(pl.col("level") >= 0)
    size = len(number.labels)
    return {
        group: np.bincount(
            shown.filter(pl.col("number_group") == group)["level"].to_numpy().astype(np.int64),
            minlength=size,
        ).astype(np.float64)
        for group in (OWN, NOBODYS)
    }


def weigh_numbers(engine: DuckDBEngine, tables: LinkTables, model: Model) -> None:
    """Give the number's level the weight that it has in the record's group.

    Args:
        engine: where the tables are.
        tables: names; ``facts`` is read, ``candidates`` made again.
        model: the weights that the candidates have; its ``number_m``, or, where the run has not
            adapted it, what its one m says of each group.
    """
    number = model.compared("personal_id")
    if number is None:
        return
    pooled = model.m[number.name]
    by_group = model.number_m or shares_of_levels(number, pooled)[0]
    cases = " ".join(
        f"WHEN f.number_group = '{group}' AND \"gamma_{number.name}\" = {number.gamma(label)}"
        f" THEN {float(np.log2(m / pooled[label]))!r}"
        for group, levels in by_group.items()
        for label, m in levels.items()
        if m > _IMPOSSIBLE
    )
    unlisted, joined = _unlisted(engine, number)
    gained, column = f"CASE {cases}{unlisted} ELSE 0.0 END", f"w_{number.name}"
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.candidates}" AS SELECT c.* REPLACE'
        f' (match_weight + {gained} AS match_weight, "{column}" + {gained} AS "{column}")'
        f' FROM "{tables.candidates}" c JOIN "{tables.facts}" f ON f.idx = c.idx_l{joined}'
    )


def _unlisted(engine: DuckDBEngine, number: FieldComparison) -> tuple[str, str]:
    """A case and a join for candidates without an old number, where nobody has the record's."""
    ages = count_unlisted(engine, number)
    if ages is None:
        return "", ""
    none, generation = _none_listed(engine, number)
    case = (
        f" WHEN f.number_group = '{OLD_UNKNOWN}' AND \"gamma_{number.name}\" = -1 AND p.has_none"
        f" THEN greatest(0.0, log2({_HAS_NONE_LISTED} / a.without))"
    )
    people = f"SELECT idx, {none} AS has_none, {generation} AS generation FROM {REGISTER_FEATURES}"
    joined = (
        f" LEFT JOIN ({people}) p ON p.idx = c.idx_r"
        f' LEFT JOIN "{ages}" a ON a.generation IS NOT DISTINCT FROM p.generation'
    )
    return case, joined


def count_unlisted(engine: DuckDBEngine, number: FieldComparison) -> str | None:
    """Make the table of how many people of each generation have no old number listed.

    Returns:
        The table's name: ``generation, without`` (a share); None where the register lists none.
    """
    none, generation = _none_listed(engine, number)
    if not none:
        return None
    table = f"unlisted_{number.field}"
    if not engine.has(table):  # a registry before may have made it
        counted = (
            f"SELECT {generation} AS generation, count(*) AS people,"
            f" count(*) FILTER ({none}) AS without FROM {REGISTER_FEATURES} GROUP BY ALL"
        )
        engine.run(
            f'CREATE TABLE "{table}" AS SELECT generation,'
            f" (without + {_OF_ALL} * sum(without) OVER () / sum(people) OVER ())"
            f" / (people + {_OF_ALL}) AS without FROM ({counted})"
        )
    return table


def _none_listed(engine: DuckDBEngine, number: FieldComparison) -> tuple[str, str]:
    """SQL over people: no old number is listed, ``''`` where the register has none; the generation."""
    old, year = f"{number.field}__old_numbers", "birth_date__year"
    known = engine.columns(REGISTER_FEATURES)
    none = f'coalesce(len("{old}"), 0) = 0' if old in known else ""
    return none, f'"{year}" // {YEARS}' if year in known else "NULL"
