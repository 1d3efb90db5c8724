"""Records against a lookup: the steps of a run, composed to two prepared statements.

The first says by what keys a record finds people. The second does what a run does with the pairs: it
weighs, ranks and decides them, by the very statements of the run, over the records and the few people
found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np
import polars as pl

from linkage.clean import DeclaredField
from linkage.columns import INDEX, RECORD_ID, ROW, part
from linkage.contracts import REVIEW
from linkage.decide import DecisionInput, decide
from linkage.engines.composed import Composed, Prepared, as_json, columns_sql
from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkTables
from linkage.link.loading import record_facts
from linkage.link.name_context import count_contexts
from linkage.link.number_groups import count_unlisted
from linkage.link.pairing import Pairing
from linkage.link.registry import LinkRules, weigh_pairs
from linkage.lookup.content import asked_keys, number_key
from linkage.lookup.store import Lookup
from linkage.population import (
    PEOPLE,
    PEOPLE_FEATURES,
    REGISTER_FEATURES,
    Population,
    is_of_what_was_seen,
)
from linkage.review import candidates_sql

_PAIR: Final = 0
_OWNER: Final = 1
_VALUE: Final = 2
_IS_SUBJECT: Final = "subject_type <> 'organisation'"
_FIRST_SHARE: Final = 4
"""Parameters from here on are the frequencies of values, feature by feature."""
"""Kinds of hashes that a record has: of its keys, of its number, from the third on of its values."""


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


class Asking:
    """A lookup made ready for records of one registry.

    Args:
        engine: holds the people; it is asked for the shape of its tables only.
        asked: what records are judged by.
        lookup: the register.
        cleaned: any cleaned record of the registry: its columns count.
    """

    def __init__(
        self, engine: DuckDBEngine, asked: Asked, lookup: Lookup, cleaned: pl.DataFrame
    ) -> None:
        self._asked, self._lookup = asked, lookup
        self._pairing = asked.given.pairing
        self._tables = LinkTables("asked")
        self._values = [f for f in asked.given.model.frequencies() if not is_of_what_was_seen(f)]
        self._prepared = Prepared()
        record = self._record(cleaned)
        types = self._prepared.types_of(record)
        self._now_record = columns_sql("$1", types)
        tables = self._record_tables(record)
        self._prepared.prepare("keys", self._keys_sql(types))
        self._candidate = self._candidate_columns()
        self._prepared.prepare("answer", self._answer_sql(self._composed(engine, tables)))

    def close(self) -> None:
        """Free what was prepared."""
        self._prepared.close()

    def __call__(self, cleaned: pl.DataFrame) -> list[tuple[dict[str, Any], pl.DataFrame]]:
        """Judge records, each by itself.

        Args:
            cleaned: the records, as :func:`linkage.clean.clean_frame` returns them.

        Returns:
            For each its row of the ``records`` list, and its candidates as the review list shows
            them.
        """
        record = as_json(self._record(cleaned).to_dict(as_series=False))
        keys = self._prepared.rows("keys", record)
        (records, pairs), (_, owners) = (
            self._lookup.people(
                np.array([idx for idx, kind, _, _ in keys if kind == wanted], np.int64),
                np.array([h for _, kind, h, _ in keys if kind == wanted], np.uint64),
            )
            for wanted in (_PAIR, _OWNER)
        )
        known = self._lookup.rows(np.union1d(pairs, owners))
        found = self._prepared.rows(
            "answer",
            record,
            as_json(known),
            as_json({"idx_l": records.tolist(), "idx_r": pairs.tolist()}),
            *self._shares(known, [(k - _VALUE, h, v) for _, k, h, v in keys if k >= _VALUE]),
        )
        return [self._judged(list(rows)) for _, rows in groupby(found, lambda row: row[0]["idx"])]

    def _judged(self, found: list[tuple[Any, ...]]) -> tuple[dict[str, Any], pl.DataFrame]:
        """What was found of one record, a row for each candidate."""
        candidates = [candidate for _, _, candidate in found if candidate["candidate_id"]]
        decided, person, _ = found[0]
        return decided | {"person_id": person}, pl.DataFrame(candidates, self._candidate)

    def _shares(
        self, known: Mapping[str, Sequence[Any]], own: Sequence[tuple[int, int, str]]
    ) -> list[str]:
        """How frequent the people's values are, and the record's own, feature by feature."""
        tf = self._lookup.frequencies(np.array([h for _, h, _ in own], np.uint64)).tolist()
        shares = []
        for n, feature in enumerate(self._values):
            found = dict(zip(known[feature], known[f"tf_{feature}"], strict=True))
            found |= {v: t for (place, _, v), t in zip(own, tf, strict=True) if place == n}
            # NaN: the register does not have it
            sure = {v: t for v, t in found.items() if v is not None and t is not None and t == t}
            shares.append(as_json({feature: list(sure), f"tf_{feature}": list(sure.values())}))
        return shares

    def _record(self, cleaned: pl.DataFrame) -> pl.DataFrame:
        facts = record_facts(cleaned, self._asked.fields, self._pairing).drop(INDEX)
        shown = cleaned.select(RECORD_ID, ROW, *(part(own, "raw") for own in self._shown()))
        features = self._pairing.record_features(cleaned)
        return pl.concat([features, facts, shown], how="horizontal")

    def _candidate_columns(self) -> dict[str, pl.DataType]:
        """Columns of the candidates, as the review list has them."""
        sides = {"record": pl.String(), "candidate": pl.String(), "weight": pl.Float64()}
        return REVIEW.schema | {
            f"{own}_{side}": type_ for own in self._shown() for side, type_ in sides.items()
        }

    def _shown(self) -> list[str]:
        return [own for field, own in self._pairing.own.items() if field in self._pairing.compared]

    def _composed(self, engine: DuckDBEngine, record_tables: dict[str, str]) -> Composed:
        """The steps from the pairs to the decision, noted."""
        asked, tables = self._asked, self._tables
        given = {
            "now_record": self._now_record,
            "now_people": columns_sql("$2", self._lookup.content.types),
            "now_pairs": columns_sql("$3", {"idx_l": "BIGINT", "idx_r": "BIGINT"}),
            **record_tables,
            **self._people_tables(engine),
        }
        composed = Composed(engine, given, self._prepared.types_of)
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
        return composed

    def _record_tables(self, record: pl.DataFrame) -> dict[str, str]:
        """The tables of a registry, for the records."""
        tables = self._tables
        features = [name for name in record.columns if _is_feature(name, self._pairing)]
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

    def _people_tables(self, engine: DuckDBEngine) -> dict[str, str]:
        """The tables of the register, for the people who were found."""
        content, model = self._lookup.content, self._asked.given.model
        kept = {column.name: column.type for column in content.columns}
        known = [
            f'CAST("{name}" AS {kept[name]}) AS "{name}"'
            if name in kept
            else f'NULL::{type_} AS "{name}"'
            for name, type_ in engine.column_types(PEOPLE_FEATURES).items()
            if name != INDEX
        ]
        shown = [c.name for c in content.columns if c.table == PEOPLE]
        given = {
            PEOPLE_FEATURES: f"SELECT idx, {', '.join(known)} FROM now_people",
            REGISTER_FEATURES: f"FROM {PEOPLE_FEATURES}",  # nothing is seen elsewhere
            PEOPLE: f"SELECT {_listed(INDEX, *shown)} FROM now_people",
        }
        if model.compared("person_name"):
            table = count_contexts(engine, model)
            bits = ", ".join(f'"{table}.{bit}" AS {bit}' for bit in ("in_ward", "in_generation"))
            given[table] = f"SELECT idx, {bits} FROM now_people"
        for n, feature in enumerate(self._values):
            types = {feature: kept[feature], f"tf_{feature}": "DOUBLE"}
            given[f"tf_{feature}"] = columns_sql(f"${_FIRST_SHARE + n}", types)
        return given

    def _keys_sql(self, types: Mapping[str, str]) -> str:
        content, table = self._lookup.content, self._tables.subjects
        asked = [(_PAIR, key) for key in asked_keys(self._asked.rules, self._pairing)]
        asked += [(_OWNER, key) for key in number_key(self._pairing)]
        parts = [
            f"SELECT idx, {kind} AS kind, h, NULL::VARCHAR AS value"
            f" FROM ({content.key_sql(key, table)})"
            for kind, key in asked
        ]
        parts += [
            f'SELECT idx, {_VALUE + n}, hash(\'{feature}\', "{feature}"::VARCHAR), "{feature}"::VARCHAR'
            f' FROM "{table}" WHERE "{feature}" IS NOT NULL'
            for n, feature in enumerate(self._values)
        ]
        # Only what keys and values are made of: each column more is read from the JSON.
        needed = {INDEX, *self._values, *(column for _, key in asked for column in key.columns)}
        read = {n: type_ for n, type_ in types.items() if n in needed or n == "subject_type"}
        subjects = f"SELECT {_listed(*sorted(needed))} FROM now_record WHERE {_IS_SUBJECT}"
        given = f'now_record AS ({columns_sql("$1", read)}), "{table}" AS MATERIALIZED ({subjects})'
        return f"WITH {given} {' UNION ALL '.join(parts)}"

    def _answer_sql(self, composed: Composed) -> str:
        asked, tables = self._asked, self._tables
        candidates = candidates_sql(tables, asked.given.model, self._pairing)
        return composed.statement(
            f'SELECT d AS decided, p.person_id, c AS candidate FROM "{tables.decisions}" d'
            f' JOIN "{tables.cleaned}" r ON r.idx = d.idx'
            f" LEFT JOIN {PEOPLE} p ON p.idx = d.person"
            f" LEFT JOIN ({candidates}) c ON c.record_id = r.record_id ORDER BY d.idx, c.rank"
        )


def _is_feature(column: str, pairing: Pairing) -> bool:
    head, _, name = column.partition("__")
    return bool(name) and head in pairing.own and name != "raw"


def _listed(*columns: str) -> str:
    return ", ".join(f'"{column}"' for column in columns)
