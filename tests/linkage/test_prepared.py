"""Steps for a few rows: what SQLite makes of them is what DuckDB does."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.engines.prepared import Either, FewRows, ManyRows, Prepared, Steps
from linkage.engines.prepared.dialect import sqlite_sql
from linkage.errors import ContractError

GIVEN = {
    "t": {
        "k": "BIGINT", "a": "VARCHAR", "b": "VARCHAR", "n": "DOUBLE", "yes": "BOOLEAN", "day": "DATE",
        "xs": "VARCHAR[]", "ys": "VARCHAR[]",
    }
}  # fmt: skip
ROWS: dict[str, list[Any]] = {
    "k": [1, 2, 3, 4],
    "a": ["nguyen van an", "tran", None, ""],
    "b": ["nguyen van na", "tran", "le", "x"],
    "n": [0.25, None, 8.0, 3.0],
    "yes": [True, False, None, True],
    "day": ["1990-03-12", "1990-03-14", None, "2001-01-01"],
    "xs": [["x", "y"], [], None, ["z"]],
    "ys": [["y"], ["x"], ["x"], ["z", "w"]],
}
CONSTANTS = {"bits": pl.DataFrame({"k": [1, 3], "bit": [0.5, -1.0]})}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Prepared]:
    with Prepared() as opened:
        yield opened


def both(prepared: Prepared, query: str, parts: tuple[tuple[str, str], ...] = ()) -> None:
    """Have both execute a query, and compare."""
    steps = Steps(GIVEN, CONSTANTS, parts, query)
    expected = ManyRows(prepared, "asked", steps).rows(ROWS)
    with FewRows(steps, prepared) as few:
        found = few.rows(ROWS)
    assert expected
    assert [tuple(map(as_text, row)) for row in found] == [
        tuple(map(as_text, row)) for row in expected
    ]


def as_text(value: Any) -> Any:
    """SQLite has dates as text; true is 1 to Python as well."""
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize(
    "value",
    [
        "list_has_any(xs, ys)",
        "list_has_all(ys, xs)",
        "list_contains(xs, 'x')",
        "len(xs)",
        "length(a)",
        "xs[1]",
        "xs[2]",
        "list_filter([a, CASE WHEN yes THEN b END], lambda m: m IS NOT NULL)",
        "coalesce(xs, [])",
        "left(a, 3) || '|' || right(a, 2)",
        "starts_with(a, 'tr')",
        "a LIKE 'ng%an'",
        "a LIKE 'TR%'",
        "a LIKE '%'",
        "concat_ws(chr(31), 'key', a, k::VARCHAR)",
        "greatest(n, 1.0)",
        "least(n, k)",
        "pow(2, n)",
        "least(pow(2, 2000 * k), 1e30)",
        "right(a, 0)",
        "log2(n)",
        "k // 2",
        "xor(k, 3)",
        "bit_count(k)",
        "levenshtein(a, b)",
        "damerau_levenshtein(a, b)",
        "jaro_winkler_similarity(a, b) >= 0.94",
        "date_diff('day', day, DATE '2000-01-01')",
        "a IS NOT DISTINCT FROM b",
        "coalesce(n, 0) / (1 + k)",
        "day::VARCHAR",
        "CASE WHEN k IN (1, 2) THEN 'few' ELSE 'many' END",
    ],
)
def test_a_function_gives_the_same(prepared: Prepared, value: str) -> None:
    both(prepared, f"SELECT k, {value} AS value FROM t ORDER BY k")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * EXCLUDE (xs, ys, yes, day) FROM t ORDER BY k",
        "SELECT * EXCLUDE (ys, yes, day) REPLACE (n + 1 AS n) FROM t ORDER BY k",
        "SELECT s.* EXCLUDE (yes, day), bit FROM t s LEFT JOIN bits USING (k) ORDER BY k",
        "SELECT k, unnest(xs) AS x FROM t ORDER BY k, x",
        "SELECT k FROM t SEMI JOIN bits USING (k) ORDER BY k",
        "SELECT k FROM t WHERE k NOT IN (SELECT k FROM bits) ORDER BY k",
        "SELECT k, n FROM t QUALIFY n = max(n) OVER () OR k = 1 ORDER BY k",
        "SELECT yes, count(*), max(k), sum(n) FROM t GROUP BY yes ORDER BY yes",
        "SELECT max(n) FILTER (k < 3), min(k) FILTER (yes) FROM t",
        "SELECT k, row_number() OVER best AS rank, lead(k) OVER best FROM t"
        " WINDOW best AS (ORDER BY n DESC NULLS LAST, k) ORDER BY k",
        "FROM (WITH u AS (SELECT *, k + 1 AS up FROM t) SELECT * EXCLUDE (yes, day) FROM u) ORDER BY k",
        "SELECT k FROM t WHERE false UNION ALL SELECT k FROM bits ORDER BY k",
    ],
)
def test_a_query_gives_the_same(prepared: Prepared, query: str) -> None:
    both(prepared, query)


def test_whether_any_and_all_are_true_gives_the_same(prepared: Prepared) -> None:
    query = "SELECT bool_or(yes) AS x, bool_and(yes) AS y, bool_or(yes) FILTER (k > 9) AS z FROM t"
    both(prepared, f"SELECT CASE WHEN x AND NOT y THEN 'some' END, z IS NULL FROM ({query})")


def test_parts_are_tables_for_the_next_ones(prepared: Prepared) -> None:
    parts = (
        ("few", "SELECT * EXCLUDE (yes, day) FROM t WHERE k < 3"),
        (
            "few:2",
            'SELECT f.* REPLACE (k + coalesce(bit, 0) AS k) FROM "few" f LEFT JOIN bits USING (k)',
        ),
    )
    both(prepared, 'FROM "few:2" ORDER BY k', parts)


TEXTS = st.text(st.sampled_from("abcđê %_"), max_size=8)


@given(a=TEXTS, b=TEXTS)
def test_any_texts_are_compared_alike(prepared: Prepared, a: str, b: str) -> None:
    alike = ", ".join(
        f"jaro_winkler_similarity(a, b) >= {bound}" for bound in (0.8, 0.9, 0.92, 0.94)
    )
    asked = f"levenshtein(a, b), damerau_levenshtein(a, b), a LIKE b, {alike}"
    steps = Steps({"t": {"a": "VARCHAR", "b": "VARCHAR"}}, {}, (), f"SELECT {asked} FROM t")
    rows = {"a": [a], "b": [b]}
    expected = ManyRows(prepared, "texts", steps).rows(rows)
    with FewRows(steps, prepared) as few:
        assert few.rows(rows) == expected


def test_nothing_of_a_call_is_left_for_the_next(prepared: Prepared) -> None:
    with FewRows(Steps(GIVEN, {}, (), "SELECT count(*), count(a) FROM t"), prepared) as few:
        assert few.rows(ROWS) == [(4, 3)]
        assert few.rows({name: values[:1] for name, values in ROWS.items()}) == [(1, 1)]
        left = few._connection.execute('SELECT count(*) FROM "t"').fetchone()
    assert left == (0,)


@pytest.mark.parametrize("executor", ["few", "many"])
def test_a_failure_tells_no_value(prepared: Prepared, executor: str) -> None:
    steps = Steps(GIVEN, {}, (), "SELECT date_diff('day', a::DATE, day) FROM t")
    with FewRows(steps, prepared) as few, pytest.raises(ContractError) as error:
        (few if executor == "few" else ManyRows(prepared, "failing", steps)).rows(ROWS)
    assert "nguyen" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_another_function_of_members_is_refused() -> None:
    with pytest.raises(ContractError, match="SQLite"):
        sqlite_sql("SELECT list_filter(xs, lambda m: m > 'a') FROM t", {"t": ("xs",)})


def test_what_sqlite_cannot_do_is_refused_before_it_is_asked(prepared: Prepared) -> None:
    asked = ("no_such_function(a)", "lower(a)", "a ILIKE 'x'", "day::TIMESTAMP", "arg_max(a, k)")
    for query in (
        *(f"SELECT {one} FROM t" for one in asked),
        "SELECT x FROM (SELECT k FROM t) u(x)",
    ):
        with pytest.raises(ContractError, match="SQLite"):
            FewRows(Steps(GIVEN, {}, (), query), prepared)


def test_what_sqlite_cannot_do_is_left_to_duckdb(
    prepared: Prepared, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(
        Either(prepared, "lowered", Steps(GIVEN, {}, (), "SELECT max(lower(a)) FROM t"))
    ) as way:
        assert not way.has_both
        assert way.rows(ROWS, are_few=True) == [("tran",)]
    assert "lower" in caplog.text.lower()


def test_it_may_be_asked_from_another_thread(prepared: Prepared) -> None:
    found: list[Any] = []
    with FewRows(Steps(GIVEN, {}, (), "SELECT max(k) FROM t"), prepared) as few:
        asking = threading.Thread(target=lambda: found.extend(few.rows(ROWS)))
        asking.start()
        asking.join()
    assert found == [(4,)]
