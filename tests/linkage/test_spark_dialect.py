"""DuckDB's statements as Spark understands them."""

from __future__ import annotations

import pytest
from sqlglot import exp

from linkage.engines.spark.dialect import asked_of, narrowed, parsed, spark_sql


def translated(sql: str) -> str:
    return spark_sql(parsed(sql), lambda table: f"our_{table.name}")


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ('SELECT unnest("a__numbers") AS k0 FROM t', "SELECT EXPLODE(`a__numbers`) AS k0"),
        ("SELECT * EXCLUDE (a) FROM t", "SELECT * EXCEPT (a)"),
        ("SELECT * REPLACE (x + 1 AS x) FROM t", "SELECT * EXCEPT (`x`), x + 1 AS x"),
        ("SELECT f.* REPLACE (s.a AS a) FROM t f", "SELECT f.* EXCEPT (`a`), s.a AS a"),
        (
            'SELECT list_distinct(list_concat(coalesce("k", []), "s")) AS k FROM t',
            "SELECT ARRAY_DISTINCT(CONCAT(COALESCE(`k`, ARRAY()), `s`)) AS k",
        ),
        ("SELECT min(rule)::VARCHAR AS r FROM t", "SELECT CAST(MIN(rule) AS STRING) AS r"),
    ],
)
def test_what_joins_ask_for_is_written_as_spark_writes_it(duckdb: str, spark: str) -> None:
    assert translated(duckdb).startswith(f"{spark} FROM `our_t`")


def test_a_column_may_be_qualified_by_its_tables_own_name() -> None:
    assert translated("SELECT t.a FROM t") == "SELECT t.a FROM `our_t` AS `t`"


def test_every_table_of_a_query_is_named_anew_but_those_of_its_own() -> None:
    sql = "WITH x AS (SELECT k FROM a) SELECT * FROM x SEMI JOIN b USING (k)"
    assert translated(sql) == (
        "WITH x AS (SELECT k FROM `our_a` AS `a`) SELECT * FROM x SEMI JOIN `our_b` AS `b` USING (k)"
    )


def asked(sql: str, wanted: set[str] | None = None) -> set[str] | None:
    query = parsed(sql)
    return asked_of(next(query.find_all(exp.Table)), wanted)


def test_only_what_a_query_names_is_read() -> None:
    assert asked("SELECT a FROM t WHERE b > 0") == {"a", "b", "t"}


def test_a_star_asks_for_all_unless_less_is_asked_of_it() -> None:
    assert asked("SELECT * FROM t WHERE b > 0") is None
    assert asked("SELECT * FROM t WHERE b > 0", {"a"}) == {"a", "b", "t"}
    assert asked("SELECT DISTINCT * FROM t", {"a"}) is None


def test_a_view_is_narrowed_to_the_columns_that_are_wanted() -> None:
    assert narrowed(parsed("SELECT x AS a, y AS b FROM t"), {"b"}).sql() == "SELECT y AS b FROM t"
    whole = "SELECT DISTINCT a, b FROM t"
    assert narrowed(parsed(whole), {"b"}).sql() == whole
