"""DuckDB's SQL as Spark understands it: sqlglot, and what it does not do for us."""

from __future__ import annotations

from collections.abc import Callable

import sqlglot
from sqlglot import exp


def parsed(sql: str) -> exp.Expression:
    """One statement of DuckDB's dialect."""
    found = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(found, exp.Expression)
    return found


def spark_sql(query: exp.Expression, name_of: Callable[[exp.Table], str]) -> str:
    """A query in Spark's dialect.

    Args:
        query: as DuckDB would run it.
        name_of: what Spark calls a table of it.

    Example:
        >>> spark_sql(parsed('SELECT * EXCLUDE (a) FROM "t" SEMI JOIN u USING (k)'), lambda t: t.name)
        'SELECT * EXCEPT (a) FROM `t` SEMI JOIN `u` USING (k)'
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
    if _is_hashing(node):
        # Members of lists are hashed to be compared faster: as text they compare the same.
        return node.this if isinstance(node.this, exp.Expression) else node
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


def _is_hashing(node: exp.Expression) -> bool:
    if not isinstance(node, exp.Transform):
        return False
    body = node.expression.this if isinstance(node.expression, exp.Lambda) else None
    return body is not None and body.sql(dialect="duckdb").upper().startswith("HASH(")
