"""Steps as one statement of SQLite: for a few rows.

DuckDB sets up every operator of a statement for thousands of rows: some hundred operators take it tens
of milliseconds, however few rows there are. SQLite, which comes with Python, steps from row to row and
sets up next to nothing. Lists are JSON in bytes here, and what SQLite has no function for is one of
Python's.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import lru_cache
from typing import Any, Final

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler, Levenshtein

from linkage.engines.prepared.composed import Steps
from linkage.engines.prepared.connection import Prepared, failed
from linkage.engines.prepared.dialect import Columns, cannot_be_written, sqlite_sql

_SINCE: Final = (3, 35)  # MATERIALIZED
_ALIKE: Final = "asked_whether_alike"
_ROUND: Final = 1e-9


class FewRows:
    """Steps prepared.

    Args:
        steps: what is done.
        prepared: asked how like two texts are where it is a matter of the last digit.

    Raises:
        ContractError: SQLite cannot do them.

    Example:
        >>> steps = Steps({"t": {"a": "BIGINT"}}, {}, [("u", 'SELECT 2 * a AS b FROM "t"')], 'FROM "u"')
        >>> with Prepared() as prepared, FewRows(steps, prepared) as few:
        ...     few.rows({"a": [3, 4]})
        [(6,), (8,)]
    """

    def __init__(self, steps: Steps, prepared: Prepared) -> None:
        # Whoever asks sees to it that one thread asks at a time.
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False
        )
        self._read = _Lists()
        self._given = tuple(steps.given)
        self._columns: dict[str, Columns] = {}
        with ExitStack() as opened:
            opened.callback(self._connection.close)
            self._connection.execute("PRAGMA temp_store = MEMORY")  # nothing of a record on disk
            _add_functions(self._connection, self._read, prepared)
            for table, types in steps.given.items():
                self._make(table, tuple(types))
            for table, frame in steps.constants.items():
                self._make(table, tuple(frame.columns))
                self._fill(table, frame.to_dict(as_series=False))
            try:
                self._statement = self._composed(steps)
                self._connection.execute(self._statement)
            except sqlite3.Error as error:  # of names: there is no value yet
                raise cannot_be_written(str(error)) from None
            opened.pop_all()

    @staticmethod
    def is_possible() -> bool:
        """Whether Python's SQLite is new enough, of 2021 or later, and reads JSON."""
        if sqlite3.sqlite_version_info < _SINCE:
            return False
        with closing(sqlite3.connect(":memory:")) as connection:
            try:
                connection.execute("SELECT value FROM json_each('[1]')")
            except sqlite3.Error:
                return False
        return True

    def __enter__(self) -> FewRows:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def rows(self, *tables: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Execute the steps.

        Args:
            tables: columns to their values, for each table that is given, in order; columns that the
                table does not have are left out.

        Raises:
            ContractError: they cannot be executed; SQLite's own text is left out.
        """
        try:
            for name, columns in zip(self._given, tables, strict=True):
                self._fill(name, columns)
            found = self._connection.execute(self._statement).fetchall()
            return [tuple(map(self._decoded, row)) for row in found]
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            kind = type(error).__name__
        finally:
            for name in self._given:
                self._connection.execute(f'DELETE FROM "{name}"')
            self._read.clear()
        raise failed(kind)  # out here, so that nothing of the error's own text hangs on it

    def _composed(self, steps: Steps) -> str:
        """The statement; of each part its columns are asked, for stars in the next ones."""
        parts, columns = "", dict(self._columns)
        for name, sql in steps.parts:
            query = sqlite_sql(sql, columns)
            asked = f"{parts and f'WITH {parts}'} SELECT * FROM ({query}) LIMIT 0"
            columns[name] = tuple(c[0] for c in self._connection.execute(asked).description)
            parts += f'{parts and ", "}"{name}" AS MATERIALIZED ({query})'
        return f"{parts and f'WITH {parts}'} {sqlite_sql(steps.query, columns)}"

    def _make(self, name: str, columns: Columns) -> None:
        named = ", ".join(f'"{column}"' for column in columns)
        self._connection.execute(f'CREATE TABLE "{name}" ({named})')
        self._columns[name] = columns

    def _fill(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        known = self._columns[name]
        places = ", ".join("?" * len(known))
        values = zip(*(map(_bound, columns[column]) for column in known), strict=True)
        self._connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', values)

    def _decoded(self, value: Any) -> Any:
        return self._read(value) if isinstance(value, bytes) else value


def _bound(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False).encode()
    return value.isoformat() if isinstance(value, dt.date) else value


class _Lists(dict[bytes, list[Any]]):
    """Lists that were read in one call: each is asked for again and again."""

    def __missing__(self, written: bytes) -> list[Any]:
        found: list[Any] = json.loads(written)
        self[written] = found
        return found

    def __call__(self, written: bytes) -> list[Any]:
        return self[written]


def _of_what_is_there(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is null where one of its arguments is."""

    def asked(*values: Any) -> Any:
        return None if None in values else function(*values)

    return asked


def _add_functions(connection: sqlite3.Connection, read: _Lists, prepared: Prepared) -> None:
    """Functions of DuckDB that SQLite lacks or means otherwise."""

    def listed(*values: Any) -> bytes:
        return json.dumps([v for v in values if v is not None], ensure_ascii=False).encode()

    def member(written: bytes, place: int) -> Any:
        members = read(written)
        return members[place] if 0 <= place < len(members) else None

    prepared.prepare(_ALIKE, "SELECT jaro_winkler_similarity($1::VARCHAR, $2::VARCHAR)")

    def alike(a: str, b: str) -> float:
        """Their last digit differs: where it may decide, beside a round bound, DuckDB is asked."""
        found = JaroWinkler.similarity(a.encode(), b.encode())
        if abs(found - round(found, 2)) > _ROUND:
            return found
        exactly: float = prepared.rows(_ALIKE, a, b)[0][0]
        return exactly

    strict: dict[str, tuple[int, Callable[..., Any]]] = {
        "list_has_any": (2, lambda a, b: not set(read(a)).isdisjoint(read(b))),
        "list_has_all": (2, lambda a, b: set(read(a)) >= set(read(b))),
        "list_contains": (2, lambda a, value: value in read(a)),
        "list_hashed": (1, lambda a: json.dumps([hash(value) for value in read(a)]).encode()),
        "list_text": (1, bytes.decode),
        "list_member": (2, member),
        "hash": (1, hash),
        "length": (1, lambda a: len(read(a)) if isinstance(a, bytes) else len(a)),
        "text_start": (2, lambda text, count: text[:count]),
        "text_end": (2, lambda text, count: text[-count:] if count else ""),
        "starts_with": (2, str.startswith),
        "like": (2, lambda pattern, text: _like(pattern).fullmatch(text) is not None),
        # Of bytes, as DuckDB has it.
        "levenshtein": (2, lambda a, b: Levenshtein.distance(a.encode(), b.encode())),
        "damerau_levenshtein": (
            2,
            lambda a, b: DamerauLevenshtein.distance(a.encode(), b.encode()),
        ),
        "jaro_winkler_similarity": (2, alike),
        "xor": (2, lambda a, b: a ^ b),
        "bit_count": (1, int.bit_count),
        "days_apart": (2, lambda a, b: (_day(b) - _day(a)).days),
        "log2": (1, math.log2),
        "pow": (2, _power),
    }
    for name, (count, function) in strict.items():
        asked = _of_what_is_there(function)
        connection.create_function(name, count, asked, deterministic=True)
    # As in DuckDB, what is null does not count.
    open_: dict[str, Callable[..., Any]] = {
        "greatest": lambda *values: max((v for v in values if v is not None), default=None),
        "least": lambda *values: min((v for v in values if v is not None), default=None),
        "concat_ws": lambda sign, *values: sign.join(str(v) for v in values if v is not None),
        "list_present": listed,
    }
    for name, function in open_.items():
        connection.create_function(name, -1, function, deterministic=True)


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@lru_cache(maxsize=256)
def _like(pattern: str) -> re.Pattern[str]:
    """A pattern of ``LIKE``, which asks for the same case in DuckDB."""
    signs = {"%": ".*", "_": "."}
    return re.compile("".join(signs.get(sign) or re.escape(sign) for sign in pattern), re.DOTALL)
