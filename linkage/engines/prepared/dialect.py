"""DuckDB's SQL as SQLite understands it: sqlglot, and what it does not do for us.

Lists are JSON in bytes, dates their text, Booleans 0 and 1; functions that SQLite lacks are added to it
under the names that are written here (``few_rows``).

>>> sqlite_sql('SELECT * EXCLUDE (a), len(b) AS n FROM "t"', {"t": ("a", "b")})
'SELECT "t"."b", LENGTH(b) AS n FROM "t"'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.transforms import eliminate_qualify

from linkage.errors import ContractError

Columns = tuple[str, ...]
_FUNCTIONS: Final[Mapping[type[exp.Expression], str]] = {
    exp.ArrayContains: "list_contains",
    exp.ArrayContainsAll: "list_has_all",
    exp.ArrayOverlaps: "list_has_any",
    exp.BitwiseXor: "xor",
    exp.ConcatWs: "concat_ws",
    exp.Greatest: "greatest",
    exp.JarowinklerSimilarity: "jaro_winkler_similarity",
    exp.Least: "least",
    exp.Left: "text_start",
    exp.Levenshtein: "levenshtein",
    exp.Pow: "pow",
    exp.Right: "text_end",
    exp.StartsWith: "starts_with",
}
"""Expressions whose arguments go to a function of this name."""
_THE_SAME: Final = (
    exp.Abs, exp.And, exp.Case, exp.Chr, exp.Coalesce, exp.Count, exp.Exists, exp.If, exp.Lead,
    exp.Length, exp.Max, exp.Min, exp.Or, exp.RowNumber, exp.Sum,
)  # fmt: skip
"""What sqlglot counts among functions and means the same to both, or has one of that name here."""
_REWRITTEN: Final = (
    exp.Array, exp.ArrayFilter, exp.DateDiff, exp.Explode, exp.Log, exp.LogicalAnd, exp.LogicalOr,
    exp.Transform,
)  # fmt: skip
"""What is written otherwise below."""
_BY_NAME: Final = frozenset(
    {"bit_count", "damerau_levenshtein", "hash"}
    | set(_FUNCTIONS.values()) - {"text_start", "text_end"}
)
"""Functions that sqlglot may have no name for: added to SQLite under DuckDB's own."""
_TYPES: Final = {
    **dict.fromkeys(("VARCHAR", "TEXT", "DATE"), "TEXT"),
    **dict.fromkeys(("DOUBLE", "FLOAT"), "REAL"),
    **dict.fromkeys(("BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT"), "INTEGER"),
}
_MEMBER: Final = "member"


def sqlite_sql(sql: str, columns: Mapping[str, Columns]) -> str:
    """A query in SQLite's dialect.

    Args:
        sql: as DuckDB would run it.
        columns: of the tables that it may read.

    Raises:
        ContractError: it has something that SQLite cannot do.
    """
    query = sqlglot.parse_one(sql, read="duckdb")
    for node in query.walk():
        _check(node)
    for scope in traverse_scope(query):  # inner ones first
        if isinstance(scope.expression, exp.Select):
            _spell_out_stars(scope, columns)
    for select in list(query.find_all(exp.Select)):
        _join_members(select)
        _semi_join(select)
    plain = query.transform(eliminate_qualify)
    for node in reversed(list(plain.walk(bfs=True))):  # arguments before what they are given to
        assert isinstance(node, exp.Expression)
        written = _in_sqlite(node)
        if written is not node:
            node.replace(written)  # the root is a query, which stays
    try:
        return plain.sql(dialect="sqlite", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.UnsupportedError as error:
        raise cannot_be_written(str(error)) from None


def _check(node: object) -> None:
    """Refuse what has not been compared between the two engines.

    Raises:
        ContractError: nobody has looked at it.
    """
    if isinstance(node, exp.Anonymous):
        known = node.name.lower() in _BY_NAME
    elif isinstance(node, exp.Cast):
        known = _is_list(node.to) or node.to.this.name in _TYPES
    elif isinstance(node, exp.Func):
        known = isinstance(node, (*_FUNCTIONS, *_THE_SAME, *_REWRITTEN))
    else:
        known = not isinstance(node, exp.ILike | exp.RegexpLike | exp.SimilarTo | exp.Glob)
    if not known:
        assert isinstance(node, exp.Expression)
        raise cannot_be_written(node.sql(dialect="duckdb"))


def _is_list(type_: exp.DataType) -> bool:
    return bool(type_.is_type(exp.DataType.Type.ARRAY, exp.DataType.Type.LIST))


def cannot_be_written(found: str, expected: str = "what SQLite can do") -> ContractError:
    """What is said of a step that cannot be written for SQLite; before there are any values."""
    return ContractError(
        "a step cannot be written for SQLite",
        expected=expected,
        found=found,
        hint="this is a fault of the toolkit, please report it",
    )


def _spell_out_stars(scope: Scope, columns: Mapping[str, Columns]) -> None:
    """``* EXCLUDE`` and ``* REPLACE`` as the columns that they stand for."""
    select = scope.expression
    if not any(_changes(one) for one in select.expressions):
        return
    named = [
        part
        for one in select.expressions
        for part in (_spelt_out(one, scope, columns) if _changes(one) else (one,))
    ]
    select.set("expressions", named)


def _star(selected: exp.Expression) -> exp.Star | None:
    star = selected.this if isinstance(selected, exp.Column) else selected
    return star if isinstance(star, exp.Star) else None


def _changes(selected: exp.Expression) -> bool:
    star = _star(selected)
    return star is not None and bool(star.args.get("replace") or _excluded(star))


def _excluded(star: exp.Star) -> list[exp.Expression]:
    return star.args.get("except_") or []


def _spelt_out(
    selected: exp.Expression, scope: Scope, columns: Mapping[str, Columns]
) -> Iterator[exp.Expression]:
    star = _star(selected)
    assert star is not None
    without = {one.name for one in _excluded(star)}
    instead = {one.alias: one for one in star.args.get("replace") or []}
    for alias, name in _sources(selected, scope, columns):
        if name in instead:
            yield instead[name].copy()
        elif name not in without:
            yield exp.column(
                exp.to_identifier(name, quoted=True), table=exp.to_identifier(alias, quoted=True)
            )


def _sources(
    selected: exp.Expression, scope: Scope, columns: Mapping[str, Columns]
) -> Iterator[tuple[str, str]]:
    """Table and column for everything that a star stands for."""
    only = selected.table if isinstance(selected, exp.Column) else ""
    for alias, (_, source) in scope.selected_sources.items():
        if not only or alias == only:
            yield from ((alias, name) for name in _columns_of(source, columns))


def _columns_of(source: exp.Expression | Scope, columns: Mapping[str, Columns]) -> Iterator[str]:
    if isinstance(source, exp.Table):
        yield from columns[source.name]
        return
    assert isinstance(source, Scope)
    for one in source.expression.expressions:
        if _star(one) is None:
            yield one.alias_or_name
        else:
            yield from (name for _, name in _sources(one, source, columns))


def _join_members(select: exp.Select) -> None:
    """``SELECT unnest(x)`` as a join with the members of ``x``."""
    for one in select.expressions:
        if isinstance(one, exp.Alias) and isinstance(one.this, exp.Explode):
            members = _call("json_each", _call("list_text", one.this.this.copy()))
            table = exp.Table(this=members, alias=exp.TableAlias(this=exp.to_identifier(_MEMBER)))
            select.append("joins", exp.Join(this=table, kind="CROSS"))
            one.set("this", exp.column("value", table=_MEMBER))


def _semi_join(select: exp.Select) -> None:
    """``SEMI JOIN … USING (x)`` as ``WHERE x IN (…)``."""
    joins = select.args.get("joins") or []
    for join in [join for join in joins if join.kind == "SEMI"]:
        (key,) = join.args["using"]
        among = exp.select(exp.column(key.name)).from_(join.this)
        joins.remove(join)
        select.where(exp.In(this=exp.column(key.name), query=exp.Subquery(this=among)), copy=False)


def _call(name: str, *given: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=list(given))


def _arguments(node: exp.Expression) -> list[exp.Expression]:
    every = (v if isinstance(v, list) else [v] for v in node.args.values())
    return [argument for some in every for argument in some if isinstance(argument, exp.Expression)]


def _of_each(node: exp.Expression, known: str, written: exp.Expression) -> exp.Expression:
    """What stands for a function of a list and a lambda, if that does what is known.

    Raises:
        ContractError: it does something else.
    """
    function = node.expression
    member = function.expressions[0].name
    asked = re.sub(rf"\b{member}\b", "m", function.this.sql(dialect="duckdb"))
    if asked.lower() != known.lower():
        raise cannot_be_written(asked, f"a function of the members of a list that is {known}")
    return written


def _in_sqlite(node: exp.Expression) -> exp.Expression:
    """One node, whose arguments have been written already."""
    name = _FUNCTIONS.get(type(node))
    if name:
        return _call(name, *_arguments(node))
    match node:
        case exp.Cast():
            if _is_list(node.to):
                value: exp.Expression = node.this
                return value
            to = exp.DataType.build(_TYPES[node.to.this.name], dialect="sqlite")
            return exp.Cast(this=node.this, to=to)
        case exp.Array():
            return _call("list_present", *node.expressions)
        case exp.ArrayFilter():  # of what is null: no list has it here
            return _of_each(node, "NOT m IS NULL", node.this)
        case exp.Transform():
            return _of_each(node, "hash(m)", _call("list_hashed", node.this))
        case exp.Bracket():  # sqlglot counts from 0
            return _call("list_member", node.this, *node.expressions)
        case exp.DateDiff():
            return _call("days_apart", node.expression, node.this)
        case exp.Log():
            return _call("log2", node.expression)
        case exp.LogicalOr():
            return exp.Max(this=node.this)
        case exp.LogicalAnd():
            return exp.Min(this=node.this)
        case _:
            return node
