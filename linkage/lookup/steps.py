"""What is asked of a lookup for records of one registry: the steps of a run, noted for a few rows.

The first steps say by what keys a record finds people. The second do what a run does with the pairs:
they weigh, rank and decide them, by the very statements of the run, over the records and the few people
found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from linkage.clean import DeclaredField
from linkage.columns import INDEX, RECORD_ID, ROW, part
from linkage.contracts import REVIEW
from linkage.decide import DecisionInput, decide
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.prepared import Composed, Steps
from linkage.link import LinkTables
from linkage.link.loading import record_facts
from linkage.link.name_context import count_contexts
from linkage.link.number_groups import count_unlisted
from linkage.link.pairing import Pairing
from linkage.link.registry import LinkRules, weigh_pairs
from linkage.lookup.content import LookupContent, asked_keys, number_key, value_sql
from linkage.population import (
    PEOPLE,
    PEOPLE_FEATURES,
    REGISTER_FEATURES,
    Population,
    is_of_what_was_seen,
)
from linkage.review import CANDIDATE, candidates_sql

PAIR: Final = 0
OWNER: Final = 1
VALUE: Final = 2
"""Kinds of what a record is looked up by: keys, its number, from the third on its values."""
_IS_SUBJECT: Final = "subject_type <> 'organisation'"
DECIDED: Final = {
    "idx": "d.idx",
    "outcome": "d.outcome",
    "diff_fields": "d.diff_fields",
    "link_status": "d.link_status",
    "person_id": "p.person_id",
    "match_probability": "d.match_probability",
    "reasons": "d.reasons",
}
"""What is told of a decision, and where it stands."""


@dataclass(frozen=True)
class Asked:
    """What records of one registry are judged by.

    Attributes:
        fields: the registry's declared fields.
        rules: exact and blocking rules.
        given: model, pairing, thresholds and shares.
        population: for term frequencies.
    """

    fields: Mapping[str, DeclaredField]
    rules: LinkRules
    given: DecisionInput
    population: Population


class AskedSteps:
    """The steps for records of one registry.

    Args:
        engine: holds the people; it is asked for the shape of its tables only.
        asked: what records are judged by.
        content: of the lookup.

    Attributes:
        values: features whose frequencies count.
        candidate: columns of the candidates, as the review list has them.
    """

    def __init__(self, engine: DuckDBEngine, asked: Asked, content: LookupContent) -> None:
        self._engine, self._asked, self._content = engine, asked, content
        self._pairing = asked.given.pairing
        self._tables = LinkTables("asked")
        self.values = [f for f in asked.given.model.frequencies() if not is_of_what_was_seen(f)]
        self.candidate = self._candidate_columns()

    def record(self, cleaned: pl.DataFrame) -> pl.DataFrame:
        """What is handed over of cleaned records: features, facts and what is shown."""
        facts = record_facts(cleaned, self._asked.fields, self._pairing).drop(INDEX)
        shown = cleaned.select(RECORD_ID, ROW, *(part(own, "raw") for own in self._shown()))
        features = self._pairing.record_features(cleaned)
        return pl.concat([features, facts, shown], how="horizontal")

    def keys(self, types: Mapping[str, str]) -> Steps:
        """What people are found by: ``idx, kind, told, value``.

        Args:
            types: of the columns that ``record`` gives.
        """
        content, table = self._content, self._tables.subjects
        asked = [(PAIR, key) for key in asked_keys(self._asked.rules, self._pairing)]
        asked += [(OWNER, key) for key in number_key(self._pairing)]
        parts = [
            f"SELECT idx, {kind} AS kind, told, NULL::VARCHAR AS value"
            f" FROM ({content.key_sql(key, table)})"
            for kind, key in asked
        ]
        parts += [
            f'SELECT idx, {VALUE + n}, {value_sql(feature)}, "{feature}"::VARCHAR'
            f' FROM "{table}" WHERE "{feature}" IS NOT NULL'
            for n, feature in enumerate(self.values)
        ]
        # Only what keys and values are made of: each column more is handed over.
        needed = {INDEX, *self.values, *(column for _, key in asked for column in key.columns)}
        given = {n: type_ for n, type_ in types.items() if n in needed or n == "subject_type"}
        subjects = f"SELECT {_listed(*sorted(needed))} FROM now_record WHERE {_IS_SUBJECT}"
        return Steps({"now_record": given}, {}, [(table, subjects)], " UNION ALL ".join(parts))

    def answer(self, types: Mapping[str, str]) -> Steps:
        """From the pairs to the decision: ``DECIDED`` and ``candidate``, a row for each candidate.

        Args:
            types: of the columns that ``record`` gives.
        """
        engine, asked, tables = self._engine, self._asked, self._tables
        kept = {column.name: column.type for column in self._content.columns}
        shares = {
            f"tf_{feature}": {feature: kept[feature], f"tf_{feature}": "DOUBLE"}
            for feature in self.values
        }
        given = {
            "now_record": types,
            "now_people": self._content.types,
            "now_pairs": {"idx_l": "BIGINT", "idx_r": "BIGINT"},
            **shares,
        }
        made = {**self._record_tables(types), **self._people_tables()}
        composed = Composed(engine, given, made)
        number = asked.given.model.compared("personal_id")
        if number and (unlisted := count_unlisted(engine, number)):
            composed.put(unlisted, engine.frame(f'FROM "{unlisted}"'))
        weigh_pairs(
            composed,
            model=asked.given.model,
            population=asked.population,
            tables=tables,
            learns=False,
        )
        decide(composed, asked.given, tables)
        decided = ", ".join(DECIDED.values())
        shown = ", ".join(f'c."{name}"' for name in self.candidate)
        candidates = candidates_sql(tables, asked.given.model, self._pairing)
        return composed.steps(
            f'SELECT {decided}, {shown} FROM "{tables.decisions}" d'
            f' JOIN "{tables.cleaned}" r ON r.idx = d.idx'
            f' LEFT JOIN "{PEOPLE}" p ON p.idx = d.person'
            f" LEFT JOIN ({candidates}) c ON c.record_id = r.record_id ORDER BY d.idx, c.rank"
        )

    def _candidate_columns(self) -> dict[str, pl.DataType]:
        """Columns of the candidates, as the review list has them."""
        sides = {"record": pl.String(), "candidate": pl.String(), "weight": pl.Float64()}
        return {name: REVIEW.schema[name] for name in CANDIDATE} | {
            f"{own}_{side}": type_ for own in self._shown() for side, type_ in sides.items()
        }

    def _shown(self) -> list[str]:
        return [own for field, own in self._pairing.own.items() if field in self._pairing.compared]

    def _record_tables(self, types: Mapping[str, str]) -> dict[str, str]:
        """The tables of a registry, for the records."""
        tables = self._tables
        features = [name for name in types if _is_feature(name, self._pairing)]
        facts = ("subject_type", "number_state", "has_birth_date", "can_link", "lacks_required")
        shown = [RECORD_ID, ROW, *(part(own, "raw") for own in self._shown())]
        named = _listed(INDEX, *features)
        nothing = "NULL::BIGINT AS idx_l, NULL::BIGINT AS idx_r"
        weight = "NULL::DOUBLE AS match_weight, NULL::VARCHAR AS decided_by"
        return {
            tables.features: f"SELECT {named}, {_IS_SUBJECT} AS is_subject FROM now_record",
            tables.subjects: f"SELECT {named} FROM now_record WHERE {_IS_SUBJECT}",
            tables.residual: f'FROM "{tables.subjects}"',
            tables.facts: f"SELECT {_listed(INDEX, *facts)} FROM now_record",
            tables.cleaned: f"SELECT {_listed(INDEX, *shown)} FROM now_record",
            tables.told: f"SELECT {nothing}, NULL::BOOLEAN AS is_right WHERE false",
            tables.settled: f"SELECT {nothing}, {weight} WHERE false",
            tables.pairs: "FROM now_pairs",
        }

    def _people_tables(self) -> dict[str, str]:
        """The tables of the register, for the people who were found."""
        content, model = self._content, self._asked.given.model
        kept = {column.name: column.type for column in content.columns}
        known = [
            f'CAST("{name}" AS {kept[name]}) AS "{name}"'
            if name in kept
            else f'NULL::{type_} AS "{name}"'
            for name, type_ in self._engine.column_types(PEOPLE_FEATURES).items()
            if name != INDEX
        ]
        shown = [c.name for c in content.columns if c.table == PEOPLE]
        given = {
            PEOPLE_FEATURES: f"SELECT idx, {', '.join(known)} FROM now_people",
            REGISTER_FEATURES: f"FROM {PEOPLE_FEATURES}",  # nothing is seen elsewhere
            PEOPLE: f"SELECT {_listed(INDEX, *shown)} FROM now_people",
        }
        if model.compared("person_name"):
            table = count_contexts(self._engine, model)
            bits = ", ".join(f'"{table}.{bit}" AS {bit}' for bit in ("in_ward", "in_generation"))
            given[table] = f"SELECT idx, {bits} FROM now_people"
        return given


def _is_feature(column: str, pairing: Pairing) -> bool:
    head, _, name = column.partition("__")
    return bool(name) and head in pairing.own and name != "raw"


def _listed(*columns: str) -> str:
    return ", ".join(f'"{column}"' for column in columns)
