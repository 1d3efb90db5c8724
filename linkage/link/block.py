"""Blocking: which pairs are worth comparing.

Each rule is a list of keys; a pair is proposed where all keys of one rule agree. A key that is a list
(every number a person has had, every ward an address may mean) agrees on any common member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.work import Statements
from linkage.link.pairing import Pairing
from linkage.population import SEEN, people_with

MOST_PEOPLE: Final = 200
"""People per value of a rule with one key: a name that more people share proposes nothing by itself.
Values that are skipped so are counted, never silent."""
MOST_TOGETHER: Final = 100
"""People per values of a rule with several keys: a name that a hundred people of one province bear
tells none of them apart, and costs a hundred pairs a record."""


@dataclass(frozen=True)
class Blocked:
    """What blocking proposed.

    Attributes:
        pairs: rule (``full_name + birth_date``) to pairs that it was the first to propose.
        capped: rule to records whose value too many people share, so that it proposed nothing.
        of_numbers: those of the rules that ask for a number.
    """

    pairs: Mapping[str, int]
    capped: Mapping[str, int]
    of_numbers: frozenset[str] = frozenset()


def block(
    engine: DuckDBEngine,
    rules: Sequence[Sequence[str]],
    pairing: Pairing,
    *,
    records: str,
    people: str,
    pairs: str,
    seen: bool = True,
    most_of_number: int | None = None,
) -> Blocked:
    """Propose candidate pairs into a table ``idx_l, idx_r, match_key``.

    Args:
        engine: where the feature tables are.
        rules: blocking rules as declared; rules on fields that the population lacks propose nothing.
        pairing: which fields the two sides share.
        records: table of record features.
        people: table of population features.
        pairs: name of the table to make; each pair once, under the first rule that proposes it.
        seen: whether what other registries show of a person counts as well.
        most_of_number: most rows of ``people`` that may share a number; above, the number proposes
            nothing. None for no cap: in a register a number is one person's.

    Returns:
        Counts of what was proposed, and of what the cap on common values kept back.
    """
    lists = engine.list_columns(people)
    keys = {number: _keys(rule, pairing) for number, rule in enumerate(rules)}
    joins = {
        number: _Join(
            columns,
            _keyed(f'"{records}"', columns, lists),
            _keyed_people(engine, people, columns, lists, seen=seen),
            most_of_number,
        )
        for number, columns in keys.items()
        if columns
    }
    proposed = f"{pairs}_proposed"
    with engine.joining(records) as sql:
        sql.run(
            f'CREATE OR REPLACE TEMP TABLE "{proposed}" (idx_l BIGINT, idx_r BIGINT, rule INTEGER)'
        )
        told = {number: join.propose(sql, proposed, number) for number, join in joins.items()}
        sql.run(
            f'CREATE OR REPLACE TEMP TABLE "{pairs}" AS'
            f' SELECT idx_l, idx_r, min(rule)::VARCHAR AS match_key FROM "{proposed}"'
            " GROUP BY idx_l, idx_r"
        )
        sql.drop(proposed, *_OF_ONE_RULE)
    capped = {number: count and count() for number, count in told.items()}
    counted = engine.frame(f'SELECT match_key, count(*) AS n FROM "{pairs}" GROUP BY match_key')
    counts: Mapping[str, int] = dict(zip(counted["match_key"], counted["n"], strict=True))
    return Blocked(
        pairs={_named(rule): counts.get(str(number), 0) for number, rule in enumerate(rules)},
        capped={
            _named(rules[number]): count
            for number, count in capped.items()
            if count is not None and (count or len(joins[number].keys) == 1)
        },
        of_numbers=frozenset(_named(rules[n]) for n, join in joins.items() if join.has_number),
    )


def _named(rule: Sequence[str]) -> str:
    return " + ".join(rule)


def _keys(rule: Sequence[str], pairing: Pairing) -> list[str] | None:
    """Feature columns of a rule; None if the population lacks one."""
    columns = [pairing.key_column(key) for key in rule]
    return [column for column in columns if column] if all(columns) else None


@dataclass(frozen=True)
class _Join:
    """One rule as a join of two key tables."""

    keys: Sequence[str]
    left: str
    right: str
    most_of_number: int | None = None

    @property
    def most(self) -> int | None:
        """People who may share a value before it proposes nothing; None for no cap."""
        if self.has_number:
            return self.most_of_number
        return MOST_PEOPLE if len(self.keys) == 1 else MOST_TOGETHER

    @property
    def has_number(self) -> bool:
        """Whether a number is among the keys."""
        return any(key.endswith("__numbers") for key in self.keys)

    @property
    def _columns(self) -> str:
        return ", ".join(f"k{i}" for i in range(len(self.keys)))

    def propose(self, sql: Statements, table: str, number: int) -> Callable[[], int] | None:
        """Put the rule's pairs behind those of a table.

        Returns:
            How many records have a value that is too common to propose anything; None where no
            value is.
        """
        if self.most is None:
            self._join(sql, table, number, f"({self.left})", f"({self.right})")
            return None
        columns = self._columns
        left, right, common = _OF_ONE_RULE
        sql.run(f"CREATE OR REPLACE TEMP TABLE {left} AS {self.left}")
        # People are first narrowed to those who share a value with some record: values are counted
        # among them, not in the whole register.
        sql.run(
            f"CREATE OR REPLACE TEMP TABLE {right} AS SELECT * FROM ({self.right})"
            f" SEMI JOIN {left} USING ({columns})"
        )
        sql.run(
            f"CREATE OR REPLACE TEMP TABLE {common} AS SELECT {columns} FROM {right}"
            f" GROUP BY ALL HAVING count(*) > {self.most}"
        )
        capped = sql.count(
            f"SELECT count(DISTINCT {INDEX}) FROM {left} SEMI JOIN {common} USING ({columns})"
        )
        is_needed = sql.is_lazy or capped() > 0
        rarer = (
            f"(SELECT * FROM {left} ANTI JOIN {common} USING ({columns}))" if is_needed else left
        )
        self._join(sql, table, number, rarer, right)
        return capped

    def _join(self, sql: Statements, table: str, number: int, left: str, right: str) -> None:
        sql.run(
            f'INSERT INTO "{table}" SELECT l.{INDEX}, r.{INDEX}, {number}'
            f" FROM {left} l JOIN {right} r USING ({self._columns})"
        )


@dataclass(frozen=True)
class RuleKey:
    """What a rule looks people up by.

    Attributes:
        columns: feature columns that must agree.
        most: people who may share their values before these propose nothing; None for no cap.
    """

    columns: tuple[str, ...]
    most: int | None

    @property
    def name(self) -> str:
        """Tells it from other keys; rules of several registries may have the same."""
        return "+".join(self.columns)

    def values_sql(self, table: str, lists: frozenset[str]) -> str:
        """SQL for ``idx, k0, k1, …`` of a table of features: one row per value, as blocking has it."""
        return _keyed(f'"{table}"', self.columns, lists)


def rule_keys(rules: Sequence[Sequence[str]], pairing: Pairing) -> tuple[RuleKey, ...]:
    """The keys of rules, each once, without those on fields that the population lacks."""
    joins = [_Join(columns, "", "") for rule in rules if (columns := _keys(rule, pairing))]
    return tuple(dict.fromkeys(RuleKey(tuple(join.keys), join.most) for join in joins))


_OF_ONE_RULE: Final = ("__left", "__right", "__common")
"""Passing tables of a rule: records, people who share a value with some, values too many share."""


def _keyed_people(
    engine: DuckDBEngine, people: str, keys: Sequence[str], lists: frozenset[str], *, seen: bool
) -> str:
    """The key columns of people, with what other registries show of them where it counts."""
    elsewhere = {key: _elsewhere(key) for key in keys if seen and _elsewhere(key) in lists}
    shown = [key for key in elsewhere if people_with(engine, people, [elsewhere[key]]) == people]
    own = people_with(engine, people, keys)
    if not shown:
        return _keyed(f'"{own}"', keys, lists)
    if own == people or len(shown) > 1:  # the features are one table, or crossed with each other
        united = ", ".join(f'{_united(key, elsewhere[key])} AS "{key}"' for key in shown)
        return _keyed(f'(SELECT * REPLACE ({united}) FROM "{people}")', keys, lists)
    # Few have been seen elsewhere: what the register says of people, and behind it what others do.
    key = shown[0]
    known = f'coalesce(list_contains(f."{key}", member), false)'
    more = f'list_filter(s."{elsewhere[key]}", lambda member: NOT {known})'
    few = (
        f'(SELECT f.* REPLACE ({more} AS "{key}") FROM "{own}" f'
        f' JOIN (SELECT {INDEX}, "{elsewhere[key]}" FROM {SEEN}) s ON s.{INDEX} = f.{INDEX})'
    )
    both = (_keyed(source, keys, lists) for source in (f'"{own}"', few))
    return " UNION ALL ".join(both)


def _keyed(source: str, keys: Sequence[str], lists: frozenset[str]) -> str:
    """The key columns of one side; one row per member where a key is a list."""
    selected = ", ".join(
        f'unnest("{key}") AS k{i}' if key in lists else f'"{key}" AS k{i}'
        for i, key in enumerate(keys)
    )
    present = " AND ".join(f'"{key}" IS NOT NULL' for key in keys)
    # Two unnests in one SELECT run in step, not crossed: nest them where a rule has several lists.
    several = [key for key in keys if key in lists]
    if len(several) <= 1:
        return f"SELECT {INDEX}, {selected} FROM {source} WHERE {present}"
    for key in several:
        source = f'(SELECT * REPLACE (unnest("{key}") AS "{key}") FROM {source})'
    flat = ", ".join(f'"{key}" AS k{i}' for i, key in enumerate(keys))
    return f"SELECT {INDEX}, {flat} FROM {source} WHERE {present}"


def _elsewhere(key: str) -> str:
    """The feature that holds what other registries show of a list."""
    field, _, name = key.partition("__")
    return f"{field}__seen_{name}"


def _united(key: str, elsewhere: str) -> str:
    """A list's members with those that other registries show, each once."""
    return (
        f'CASE WHEN "{elsewhere}" IS NULL THEN "{key}"'
        f' ELSE list_distinct(list_concat(coalesce("{key}", []), "{elsewhere}")) END'
    )
