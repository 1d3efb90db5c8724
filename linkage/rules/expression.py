"""SQL of users: one scalar expression over documented columns, and nothing that reaches further.

What is allowed is listed; everything else is refused: subqueries, table functions, aggregates,
settings, files, the clock. What runs is the expression as parsed and written anew, never the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from linkage.errors import did_you_mean

_OPERATORS: Final = (
    "Column", "Identifier", "Literal", "Boolean", "Null", "Paren", "And", "Or", "Not", "EQ", "NEQ",
    "GT", "GTE", "LT", "LTE", "NullSafeEQ", "NullSafeNEQ", "Add", "Sub", "Mul", "Div", "IntDiv",
    "Mod", "Neg", "Is", "In", "Between", "Like", "ILike", "Case", "If", "Cast", "TryCast",
    "DataType", "DataTypeParam", "Interval", "Var", "Array", "DPipe",
)  # fmt: skip
FUNCTIONS: Final[Mapping[str, str]] = {
    "abs": "Abs", "ceil": "Ceil", "coalesce": "Coalesce", "concat": "Concat", "contains": "Contains",
    "date_diff": "DateDiff", "day": "Day", "extract": "Extract", "floor": "Floor",
    "greatest": "Greatest", "least": "Least", "left": "Left", "length": "Length",
    "list_contains": "ArrayContains", "list_has_any": "ArrayOverlaps", "lower": "Lower",
    "month": "Month", "nullif": "Nullif", "regexp_matches": "RegexpLike", "replace": "Replace",
    "right": "Right", "round": "Round", "starts_with": "StartsWith", "substr": "Substring",
    "trim": "Trim", "upper": "Upper", "year": "Year",
}  # fmt: skip
"""Functions that an expression may call, and how the parser calls them."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with an expression: the parts of a :class:`linkage.errors.Problem`."""

    message: str
    expected: str
    found: str
    hint: str | None = None


def faults(sql: str, columns: Mapping[str, str], wanted: str = "BOOLEAN") -> list[Fault]:
    """What speaks against an expression; empty if nothing does.

    Args:
        sql: one scalar expression.
        columns: columns that it may use, with their SQL types.
        wanted: SQL type that it must have.

    Example:
        >>> [fault.message for fault in faults("hold >= 4", {"held": "BIGINT"})]
        ["unknown column 'hold'"]
        >>> faults("held >= 4", {"held": "BIGINT"})
        []
    """
    tree = _parsed(sql)
    if tree is None:
        return [Fault("this is no SQL expression", "one expression, such as held >= 4", sql)]
    found = [*_strangers(tree), *_unknown(tree, columns)]
    return found or _types(canonical(sql), columns, wanted)


def canonical(sql: str) -> str:
    """The expression as parsed and written anew: no comments, nothing beside it.

    Example:
        >>> canonical("held>=4 -- more than three")
        'held >= 4'
    """
    tree = _parsed(sql)
    if tree is None:
        message = "this is no SQL expression"
        raise ValueError(message)
    return str(tree.sql(dialect="duckdb", comments=False))


@cache
def _parsed(sql: str) -> Any:
    import sqlglot  # late: only those who write rules of their own need it

    try:
        trees = sqlglot.parse(sql, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return None
    return trees[0] if len(trees) == 1 else None


def _strangers(tree: Any) -> Iterator[Fault]:
    """Parts of the expression that are not on the list."""
    allowed = {*_OPERATORS, *FUNCTIONS.values()}
    seen = set()
    for node in tree.walk():
        kind = type(node).__name__
        if kind in allowed or kind in seen:
            continue
        seen.add(kind)
        name = str(node.name if kind == "Anonymous" else kind).lower()
        yield Fault(
            "this is not allowed in a rule",
            "operators, CASE, CAST and the functions " + ", ".join(FUNCTIONS),
            name,
            did_you_mean(name, FUNCTIONS)
            or "a rule is one expression over the columns that 'linkage rules' shows",
        )


def _unknown(tree: Any, columns: Mapping[str, str]) -> Iterator[Fault]:
    from sqlglot import exp

    for column in tree.find_all(exp.Column):
        name = column.name if len(column.parts) == 1 else column.sql(dialect="duckdb")
        if name not in columns:
            yield Fault(
                f"unknown column {name!r}",
                " | ".join(sorted(columns)),
                name,
                did_you_mean(name, columns),
            )


def _types(sql: str, columns: Mapping[str, str], wanted: str) -> list[Fault]:
    """Try the expression on a table without rows."""
    import duckdb

    from linkage.engines.duckdb import DuckDBEngine

    listed = ", ".join(f'"{name}" {dtype}' for name, dtype in columns.items())
    with DuckDBEngine(threads=1) as engine:
        engine.run(f"CREATE TABLE view ({listed})")
        try:
            found = engine.frame(
                f"SELECT column_type FROM (DESCRIBE SELECT {sql} AS value FROM view)"
            ).item()
        except duckdb.Error as error:
            text = re.sub(r"\s+", " ", str(error).split("LINE ")[0]).strip()
            return [Fault("the expression does not work", "types that fit each other", text)]
    if found not in (wanted, '"NULL"'):
        return [Fault("the expression has the wrong type", wanted.lower(), str(found).lower())]
    return []
