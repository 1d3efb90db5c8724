"""What a lookup holds, and the SQL that makes it of the register and asks it for a record.

Three things: which people have a key of some blocking rule, how frequent a value is, and what is
known of a person. Keys and values are 64-bit hashes: that two of a register of a hundred million people
with ten keys each share one with a record's happens once in 10^10 records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from linkage.columns import INDEX, PERSON_ID, part
from linkage.config import RegistryDeclaration
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.block import RuleKey, rule_keys
from linkage.link.model import Model, comparisons_of
from linkage.link.name_context import count_contexts
from linkage.link.pairing import Pairing, pair_fields
from linkage.link.registry import LinkRules
from linkage.population import PEOPLE, PEOPLE_FEATURES, Population, is_of_what_was_seen

JSON_TYPES: Final = (
    "VARCHAR", "VARCHAR[]", "BOOLEAN", "TINYINT", "INTEGER", "BIGINT", "DOUBLE",
)  # fmt: skip
"""Types that JSON gives back as they were; others are kept as text."""


@dataclass(frozen=True)
class Column:
    """One thing that is known of a person.

    Attributes:
        name: in the lookup.
        table: where it is, by ``idx``.
        source: column there.
        type: as DuckDB writes it.
    """

    name: str
    table: str
    source: str
    type: str

    @property
    def kept_as(self) -> str:
        """The type in which it is kept."""
        return self.type if self.type in JSON_TYPES else "VARCHAR"


@dataclass(frozen=True)
class LookupContent:
    """What a lookup holds.

    Attributes:
        keys: that people are found by.
        frequencies: features to the table of their frequencies.
        columns: what is known of a person.
        lists: features that hold lists.
    """

    keys: tuple[RuleKey, ...]
    frequencies: dict[str, str]
    columns: tuple[Column, ...]
    lists: frozenset[str]

    @property
    def types(self) -> dict[str, str]:
        """The columns of people and the types in which they are kept."""
        return {INDEX: "BIGINT"} | {column.name: column.kept_as for column in self.columns}

    def key_sql(self, key: RuleKey, table: str) -> str:
        """SQL for ``told, idx``: every value of a key that a row has, told from those of other keys."""
        values = (f"k{n}::VARCHAR" for n in range(len(key.columns)))
        return (
            f"SELECT {_told(key.name, *values)} AS told, {INDEX}"
            f" FROM ({key.values_sql(table, self.lists)})"
        )

    def people_by_key(self, key: RuleKey) -> str:
        """SQL for ``h, idx`` of the register, without values that too many people share."""
        every = f"SELECT hash(told) AS h, {INDEX} FROM ({self.key_sql(key, PEOPLE_FEATURES)})"
        if key.most is None:
            return every
        return (
            f"WITH every AS MATERIALIZED ({every}) FROM every WHERE h NOT IN"
            f" (SELECT h FROM every GROUP BY h HAVING count(*) > {key.most})"
        )

    def frequency_sql(self) -> Iterator[str]:
        """SQL for ``h, tf`` of each feature."""
        for feature, table in self.frequencies.items():
            yield (f'SELECT hash({value_sql(feature)}) AS h, "tf_{feature}" AS tf FROM "{table}"')

    def rows_sql(self) -> str:
        """SQL for ``idx, known``: what is known of each person, as a JSON list."""
        tables = dict.fromkeys(column.table for column in self.columns)
        names = {table: f"t{n}" for n, table in enumerate(tables)}
        values = ", ".join(
            f'{names[c.table]}."{c.source}"' + ("::VARCHAR" if c.kept_as != c.type else "")
            for c in self.columns
        )
        first, *others = names.items()
        shared = {table: f'"{feature}"' for feature, table in self.frequencies.items()}
        joins = "".join(
            f' LEFT JOIN "{table}" {name} ON {name}.{on} = {first[1]}.{on}'
            for table, name in others
            for on in (shared.get(table, INDEX),)
        )
        return (
            f"SELECT {first[1]}.{INDEX} AS idx, json_array({values})::VARCHAR AS known"
            f' FROM "{first[0]}" {first[1]}{joins}'
        )


def value_sql(feature: str) -> str:
    """SQL for a value of a feature, told from those of others."""
    return _told(feature, f'"{feature}"::VARCHAR')


def _told(name: str, *values: str) -> str:
    return f"concat_ws(chr(31), '{name}', {', '.join(values)})"


def number_key(pairing: Pairing) -> tuple[RuleKey, ...]:
    """The key that says who has the record's number, whether or not a rule asks for it."""
    fields = [name for name, type_ in pairing.types.items() if type_ == "personal_id"]
    return tuple(RuleKey((part(name, "numbers"),), None) for name in fields[:1])


def asked_keys(rules: LinkRules, pairing: Pairing) -> tuple[RuleKey, ...]:
    """The keys that records of a registry are looked up by."""
    return rule_keys([*rules.exact, *rules.block], pairing)


def content_of(
    engine: DuckDBEngine, declarations: Iterable[RegistryDeclaration], population: Population
) -> LookupContent:
    """What a lookup must hold for some registries.

    Args:
        engine: holds the people; what is counted of them is counted if need be.
        declarations: of the registries.
        population: the people.
    """
    keys: list[RuleKey] = []
    frequencies: dict[str, str] = {}
    contexts: list[str] = []
    shown: list[str] = []
    for declaration in declarations:
        types = {name: field.type for name, field in declaration.fields.items()}
        pairing = pair_fields(types, population.types)
        model = Model(comparisons_of(pairing.compared), {}, prior=0.5, source="", sha256="")
        keys += [*asked_keys(declaration.link, pairing), *number_key(pairing)]
        for feature in model.frequencies():
            if not is_of_what_was_seen(feature):  # nothing has been seen
                frequencies[feature] = population.frequencies(engine, feature)
        if model.compared("person_name"):
            contexts.append(count_contexts(engine, model))
        shown += pairing.compared
    features = [
        Column(name, PEOPLE_FEATURES, name, type_)
        for name, type_ in engine.column_types(PEOPLE_FEATURES).items()
        if name != INDEX and "__seen_" not in name and "__written_" not in name
    ]
    people = [Column(name, PEOPLE, name, "VARCHAR") for name in dict.fromkeys((PERSON_ID, *shown))]
    bits = [
        Column(f"{table}.{name}", table, name, "DOUBLE")
        for table in dict.fromkeys(contexts)
        for name in ("in_ward", "in_generation")
    ]
    shares = [Column(f"tf_{f}", table, f"tf_{f}", "DOUBLE") for f, table in frequencies.items()]
    return LookupContent(
        tuple(dict.fromkeys(keys)),
        frequencies,
        (*features, *people, *bits, *shares),
        engine.list_columns(PEOPLE_FEATURES),
    )
