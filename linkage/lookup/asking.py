"""Records against a lookup: the steps of a run, composed to two prepared statements.

The first says by what keys a record finds people. The second does what a run does with the pairs: it
weighs, ranks and decides them, by the very statements of the run, over the records and the few people
found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from typing import Any, Final

import numpy as np
import polars as pl

from linkage.clean import DeclaredField
from linkage.columns import INDEX, RECORD_ID, ROW, part
from linkage.contracts import REVIEW
from linkage.decide import DecisionInput, decide
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.prepared import Composed, FewRows, ManyRows, Prepared, Steps
from linkage.engines.prepared.many_rows import as_json, columns_sql
from linkage.link import LinkTables
from linkage.link.loading import record_facts
from linkage.link.name_context import count_contexts
from linkage.link.number_groups import count_unlisted
from linkage.link.pairing import Pairing
from linkage.link.registry import LinkRules, weigh_pairs
from linkage.lookup.content import asked_keys, number_key, value_sql
from linkage.lookup.store import Hashes, Lookup
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
"""Kinds of what a record is looked up by: keys, its number, from the third on its values."""
_IS_SUBJECT: Final = "subject_type <> 'organisation'"
_FEW_RECORDS: Final = 16
_FEW_PEOPLE: Final = 200
"""Up to here SQLite is done before DuckDB has set up: half a millisecond a record, a fifth a pair."""
_TOLD: Final = columns_sql("$1", {"told": "VARCHAR"})
_DECIDED: Final = {
    "idx": "d.idx",
    "outcome": "d.outcome",
    "diff_fields": "d.diff_fields",
    "link_status": "d.link_status",
    "person_id": "p.person_id",
    "match_probability": "d.match_probability",
    "reasons": "d.reasons",
}
"""What is told of a decision, and where it stands."""
_CANDIDATE: Final = (
    "candidate_id", "record_id", "rank", "match_weight", "match_probability", "reasons",
)  # fmt: skip


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
        self._prepared.prepare("hashes", f"SELECT hash(told) FROM ({_TOLD})")
        record = self._record(cleaned)
        self._types = self._prepared.types_of(record)
        tables = self._record_tables(record)
        self._candidate = self._candidate_columns()
        self._steps = {"keys": self._keys(), "answer": self._answer(engine, tables)}
        self._many = {
            name: ManyRows(self._prepared, name, steps) for name, steps in self._steps.items()
        }
        self._few = (
            {name: FewRows(steps, self._prepared) for name, steps in self._steps.items()}
            if FewRows.is_possible()
            else {}
        )
        self._one_at_a_time = Lock()

    def close(self) -> None:
        """Free what was prepared."""
        for few in self._few.values():
            few.close()
        self._prepared.close()

    def __call__(self, cleaned: pl.DataFrame) -> list[tuple[dict[str, Any], pl.DataFrame]]:
        """Judge records, each by itself.

        Args:
            cleaned: the records, as :func:`linkage.clean.clean_frame` returns them.

        Returns:
            For each its row of the ``records`` list, and its candidates as the review list shows
            them.
        """
        record = self._record(cleaned).to_dict(as_series=False)
        with self._one_at_a_time:
            found = self._found(record)
        return [self._judged(list(rows)) for _, rows in groupby(found, lambda row: row[0])]

    def _found(self, record: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
        """The rows of the answer."""
        is_few = len(record[INDEX]) <= _FEW_RECORDS
        keys = self._rows("keys", is_few, record)
        told = as_json({"told": [told for _, _, told, _ in keys]})
        hashes = np.array(self._prepared.rows("hashes", told), np.uint64).reshape(-1)
        records, kinds = (np.array([key[n] for key in keys], np.int64) for n in (0, 1))
        (pairs_of, pairs), (_, owners) = (
            self._lookup.people(records[kinds == wanted], hashes[kinds == wanted])
            for wanted in (_PAIR, _OWNER)
        )
        known = self._lookup.rows(np.union1d(pairs, owners))
        own = [(kind - _VALUE, value) for _, kind, _, value in keys if kind >= _VALUE]
        return self._rows(
            "answer",
            is_few and len(known[INDEX]) <= _FEW_PEOPLE,
            record,
            known,
            {"idx_l": pairs_of.tolist(), "idx_r": pairs.tolist()},
            *self._shares(known, own, hashes[kinds >= _VALUE]),
        )

    def _rows(self, name: str, is_few: bool, *tables: Mapping[str, Sequence[Any]]) -> list[Any]:
        few = self._few.get(name) if is_few else None
        return (few or self._many[name]).rows(*tables)

    def _judged(self, found: list[tuple[Any, ...]]) -> tuple[dict[str, Any], pl.DataFrame]:
        """What was found of one record, a row for each candidate."""
        count = len(_DECIDED)
        decided = dict(zip(_DECIDED, found[0], strict=False))
        candidates = [row[count:] for row in found if row[count] is not None]
        return decided, pl.DataFrame(candidates, self._candidate, orient="row")

    def _shares(
        self, known: Mapping[str, Sequence[Any]], own: Sequence[tuple[int, str]], hashes: Hashes
    ) -> list[dict[str, list[Any]]]:
        """How frequent the people's values are, and the record's own, feature by feature."""
        tf = self._lookup.frequencies(hashes).tolist()
        shares = []
        for n, feature in enumerate(self._values):
            found = dict(zip(known[feature], known[f"tf_{feature}"], strict=True))
            found |= {v: t for (place, v), t in zip(own, tf, strict=True) if place == n}
            # NaN: the register does not have it
            sure = {v: t for v, t in found.items() if v is not None and t is not None and t == t}
            shares.append({feature: list(sure), f"tf_{feature}": list(sure.values())})
        return shares

    def _record(self, cleaned: pl.DataFrame) -> pl.DataFrame:
        facts = record_facts(cleaned, self._asked.fields, self._pairing).drop(INDEX)
        shown = cleaned.select(RECORD_ID, ROW, *(part(own, "raw") for own in self._shown()))
        features = self._pairing.record_features(cleaned)
        return pl.concat([features, facts, shown], how="horizontal")

    def _candidate_columns(self) -> dict[str, pl.DataType]:
        """Columns of the candidates, as the review list has them."""
        sides = {"record": pl.String(), "candidate": pl.String(), "weight": pl.Float64()}
        return {name: REVIEW.schema[name] for name in _CANDIDATE} | {
            f"{own}_{side}": type_ for own in self._shown() for side, type_ in sides.items()
        }

    def _shown(self) -> list[str]:
        return [own for field, own in self._pairing.own.items() if field in self._pairing.compared]

    def _answer(self, engine: DuckDBEngine, record_tables: dict[str, str]) -> Steps:
        """The steps from the pairs to the decision, and what is told of it."""
        asked, tables = self._asked, self._tables
        kept = {column.name: column.type for column in self._lookup.content.columns}
        shares = {
            f"tf_{feature}": {feature: kept[feature], f"tf_{feature}": "DOUBLE"}
            for feature in self._values
        }
        given = {
            "now_record": self._types,
            "now_people": self._lookup.content.types,
            "now_pairs": {"idx_l": "BIGINT", "idx_r": "BIGINT"},
            **shares,
        }
        composed = Composed(engine, given, {**record_tables, **self._people_tables(engine)})
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
        decided = ", ".join(_DECIDED.values())
        shown = ", ".join(f'c."{name}"' for name in self._candidate)
        candidates = candidates_sql(tables, asked.given.model, self._pairing)
        return composed.steps(
            f'SELECT {decided}, {shown} FROM "{tables.decisions}" d'
            f' JOIN "{tables.cleaned}" r ON r.idx = d.idx'
            f' LEFT JOIN "{PEOPLE}" p ON p.idx = d.person'
            f" LEFT JOIN ({candidates}) c ON c.record_id = r.record_id ORDER BY d.idx, c.rank"
        )

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
        return given

    def _keys(self) -> Steps:
        """What people are found by: ``idx, kind, told, value``."""
        content, table = self._lookup.content, self._tables.subjects
        asked = [(_PAIR, key) for key in asked_keys(self._asked.rules, self._pairing)]
        asked += [(_OWNER, key) for key in number_key(self._pairing)]
        parts = [
            f"SELECT idx, {kind} AS kind, told, NULL::VARCHAR AS value"
            f" FROM ({content.key_sql(key, table)})"
            for kind, key in asked
        ]
        parts += [
            f'SELECT idx, {_VALUE + n}, {value_sql(feature)}, "{feature}"::VARCHAR'
            f' FROM "{table}" WHERE "{feature}" IS NOT NULL'
            for n, feature in enumerate(self._values)
        ]
        # Only what keys and values are made of: each column more is handed over.
        needed = {INDEX, *self._values, *(column for _, key in asked for column in key.columns)}
        given = {n: type_ for n, type_ in self._types.items() if n in needed or n == "subject_type"}
        subjects = f"SELECT {_listed(*sorted(needed))} FROM now_record WHERE {_IS_SUBJECT}"
        return Steps({"now_record": given}, {}, [(table, subjects)], " UNION ALL ".join(parts))


def _is_feature(column: str, pairing: Pairing) -> bool:
    head, _, name = column.partition("__")
    return bool(name) and head in pairing.own and name != "raw"


def _listed(*columns: str) -> str:
    return ", ".join(f'"{column}"' for column in columns)
