"""Steps as one statement of DuckDB whose plan is kept: for hundreds of rows, handed over as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from linkage.engines.prepared.composed import Steps
from linkage.engines.prepared.connection import Prepared, quoted


class ManyRows:
    """Steps prepared.

    Args:
        prepared: where they are executed.
        name: tells them from others there.
        steps: what is done.

    Example:
        >>> steps = Steps({"t": {"a": "BIGINT"}}, {}, [("u", 'SELECT 2 * a AS b FROM "t"')], 'FROM "u"')
        >>> with Prepared() as prepared:
        ...     ManyRows(prepared, "twice", steps).rows({"a": [3, 4]})
        [(6,), (8,)]
    """

    def __init__(self, prepared: Prepared, name: str, steps: Steps) -> None:
        self._prepared, self._name = prepared, name
        given = [
            (table, _columns_sql(f"${place}", types))
            for place, (table, types) in enumerate(steps.given.items(), 1)
        ]
        constants = [
            (table, _columns_sql(quoted(_as_json(frame.to_dict(as_series=False))), types))
            for table, frame in steps.constants.items()
            for types in (prepared.types_of(frame),)
        ]
        parts = ", ".join(
            f'"{table}" AS MATERIALIZED ({sql})'
            for table, sql in (*given, *constants, *steps.parts)
        )
        prepared.prepare(name, f"WITH {parts} {steps.query}")

    def rows(self, *tables: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Execute the steps.

        Args:
            tables: columns to their values, for each table that is given, in order.

        Raises:
            ContractError: they cannot be executed.
        """
        return self._prepared.rows(self._name, *map(_as_json, tables))


def _columns_sql(parameter: str, types: Mapping[str, str]) -> str:
    """SQL for rows that are handed over as JSON: an object with a list for each column.

    In this plain form only: where a part of the JSON is taken, DuckDB plans the statement anew.

    Args:
        parameter: ``$1``, or a literal.
        types: names of columns to their types.
    """
    shape = {name: [_shape(type_)] for name, type_ in types.items()}
    columns = ", ".join(f'unnest(c."{name}") AS "{name}"' for name in types)
    form = quoted(json.dumps(shape))
    return f"SELECT {columns} FROM (SELECT from_json({parameter}::VARCHAR, {form}) AS c)"


def _as_json(columns: Mapping[str, Any]) -> str:
    """Columns as :func:`_columns_sql` reads them; a date as its text."""
    return json.dumps(columns, ensure_ascii=False, default=str)


def _shape(type_: str) -> object:
    return [_shape(type_[:-2])] if type_.endswith("[]") else type_
