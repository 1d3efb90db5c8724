"""DuckDB's SQL as Spark understands it: sqlglot, and what it does not do for us."""

from __future__ import annotations

from collections.abc import Callable, Collection

import sqlglot
from sqlglot import exp


def parsed(sql: str) -> exp.Expression:
    """One statement of DuckDB's dialect."""
    found = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(found, exp.Expression)
    return found


def asked_of(table: exp.Table, wanted: Collection[str] | None = None) -> set[str] | None:
    """Names of the columns that a query may ask of one of its tables; None if that may be all.

    Args:
        table: in the query.
        wanted: columns that are asked of the query itself; None if that may be all.

    Example:
        >>> query = parsed("SELECT x.a FROM x JOIN (SELECT * FROM y) y ON x.b = y.b")
        >>> x, y = sorted(query.find_all(exp.Table), key=lambda t: t.name)
        >>> sorted(asked_of(x)), asked_of(y)
        (['a', 'b', 'x', 'y'], None)
    """
    named = {one.name for one in table.root().find_all(exp.Identifier)}
    select = table.parent_select
    if select is None or not any(_is_star(one) for one in select.expressions):
        return named
    return None if wanted is None or _is_whole(select) else named | set(wanted)


def narrowed(query: exp.Expression, wanted: Collection[str] | None) -> exp.Expression:
    """A query with those of its columns that are wanted, as far as it names them."""
    if wanted is None or not isinstance(query, exp.Select) or _is_whole(query):
        return query
    kept = [one for one in query.expressions if _is_star(one) or one.alias_or_name in wanted]
    narrow = query.copy()
    narrow.set("expressions", [one.copy() for one in kept or query.expressions[:1]])
    return narrow


def _is_whole(select: exp.Expression) -> bool:
    """Whether its rows hang on all of its columns."""
    return any(select.args.get(key) for key in ("distinct", "group"))


def _is_star(selected: exp.Expression) -> bool:
    return isinstance(selected, exp.Star) or isinstance(selected.this, exp.Star)


def spark_sql(query: exp.Expression, name_of: Callable[[exp.Table], str]) -> str:
    """A query in Spark's dialect.

    Args:
        query: as DuckDB would run it.
        name_of: what Spark calls a table of it.

    Example:
        >>> query = parsed('SELECT * EXCLUDE (a) FROM "t" SEMI JOIN u USING (k)')
        >>> spark_sql(query, lambda table: table.name)
        'SELECT * EXCEPT (a) FROM `t` AS `t` SEMI JOIN `u` AS `u` USING (k)'
    """
    query = query.copy()
    inside = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in list(query.find_all(exp.Table)):
        if table.name in inside and not table.db:
            continue
        alias = table.args.get("alias")
        joins = table.args.get("joins")
        named = exp.Table(this=exp.to_identifier(name_of(table), quoted=True), joins=joins)
        # A column may be qualified by the table's own name.
        if alias is None and table.name:
            alias = exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        named.set("alias", alias)
        table.replace(named)
    return query.transform(_rewritten).sql(dialect="spark")


def _rewritten(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Select):
        node.set("expressions", [one for e in node.expressions for one in _star_replaced(e)])
    return node


def _star_replaced(selected: exp.Expression) -> list[exp.Expression]:
    """``* REPLACE (x AS a)`` is ``* EXCEPT (a), x AS a`` but for the columns' order."""
    star = selected.this if isinstance(selected, exp.Column) else selected
    if not isinstance(star, exp.Star) or not star.args.get("replace"):
        return [selected]
    replaced = star.args["replace"]
    names = [exp.to_identifier(one.alias, quoted=True) for one in replaced]
    excluded = star.args.get("except_") or []
    star.set("replace", None)
    star.set("except_", [*excluded, *names])
    return [selected, *replaced]
