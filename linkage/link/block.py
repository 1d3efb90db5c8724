"""Blocking: which pairs are worth comparing.

Each rule is a list of keys; a pair is proposed where all keys of one rule agree. A key that is a list
(every number a person has had, every ward an address may mean) agrees on any common member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.pairing import Pairing

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
            _keyed(records, columns, lists, seen=False),
            _keyed(people, columns, lists, seen=seen),
            most_of_number,
        )
        for number, columns in keys.items()
        if columns
    }
    proposed = f"{pairs}_proposed"
    engine.run(
        f'CREATE OR REPLACE TEMP TABLE "{proposed}" (idx_l BIGINT, idx_r BIGINT, rule INTEGER)'
    )
    capped = {number: join.propose(engine, proposed, number) for number, join in joins.items()}
    engine.run(
        f'CREATE OR REPLACE TABLE "{pairs}" AS'
        f' SELECT idx_l, idx_r, min(rule)::VARCHAR AS match_key FROM "{proposed}"'
        " GROUP BY idx_l, idx_r"
    )
    engine.drop(proposed)
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

    def propose(self, engine: DuckDBEngine, table: str, number: int) -> int | None:
        """Put the rule's pairs behind those of a table.

        People are first narrowed to those who share a value with some record: values are counted
        among them, not in the whole register.

        Returns:
            Records whose value is too common to propose anything; None where no value is.
        """
        columns = self._columns
        engine.run(f"CREATE OR REPLACE TEMP TABLE __left AS {self.left}")
        engine.run(
            f"CREATE OR REPLACE TEMP TABLE __right AS SELECT * FROM ({self.right})"
            f" SEMI JOIN __left USING ({columns})"
        )
        capped = None
        if self.most is not None:
            engine.run(
                f"CREATE OR REPLACE TEMP TABLE __common AS SELECT {columns} FROM __right"
                f" GROUP BY ALL HAVING count(*) > {self.most}"
            )
            capped = engine.number(
                f"SELECT count(DISTINCT {INDEX}) FROM __left SEMI JOIN __common USING ({columns})"
            )
            if capped:
                engine.run(
                    "CREATE OR REPLACE TEMP TABLE __right AS SELECT * FROM __right"
                    f" ANTI JOIN __common USING ({columns})"
                )
        engine.run(
            f'INSERT INTO "{table}" SELECT l.{INDEX}, r.{INDEX}, {number}'
            f" FROM __left l JOIN __right r USING ({columns})"
        )
        engine.drop("__left", "__right", "__common")
        return capped


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
        return _keyed(table, self.columns, lists, seen=False)


def rule_keys(rules: Sequence[Sequence[str]], pairing: Pairing) -> tuple[RuleKey, ...]:
    """The keys of rules, each once, without those on fields that the population lacks."""
    joins = [_Join(columns, "", "") for rule in rules if (columns := _keys(rule, pairing))]
    return tuple(dict.fromkeys(RuleKey(tuple(join.keys), join.most) for join in joins))


def _keyed(table: str, keys: Sequence[str], lists: frozenset[str], *, seen: bool) -> str:
    """The key columns of one side; one row per member where a key is a list."""
    values = {key: _members(key, lists, seen=seen) for key in keys}
    selected = ", ".join(
        f"unnest({values[key]}) AS k{i}" if key in lists else f"{values[key]} AS k{i}"
        for i, key in enumerate(keys)
    )
    present = " AND ".join(f"{value} IS NOT NULL" for value in values.values())
    # Two unnests in one SELECT run in step, not crossed: nest them where a rule has several lists.
    several = [key for key in keys if key in lists]
    if len(several) <= 1:
        return f'SELECT {INDEX}, {selected} FROM "{table}" WHERE {present}'
    inner = f'"{table}"'
    for key in several:
        inner = f'(SELECT * REPLACE (unnest({values[key]}) AS "{key}") FROM {inner})'
    flat = ", ".join(f'"{key}" AS k{i}' for i, key in enumerate(keys))
    return f"SELECT {INDEX}, {flat} FROM {inner} WHERE {present}"


def _members(key: str, lists: frozenset[str], *, seen: bool) -> str:
    """A key's value or members; with those that other registries show, where there are any."""
    field, _, name = key.partition("__")
    elsewhere = f"{field}__seen_{name}"
    if not seen or elsewhere not in lists:
        return f'"{key}"'
    return (
        f'CASE WHEN "{elsewhere}" IS NULL THEN "{key}"'
        f' ELSE list_distinct(list_concat(coalesce("{key}", []), "{elsewhere}")) END'
    )
