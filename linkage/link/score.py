"""The probabilistic pass: what blocking proposes, scored with the trained model."""

from __future__ import annotations

from functools import partial
from typing import Final

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.work import AskedOfPairs, Side
from linkage.link.compiled import WEIGHT, scored_sql, side_sql
from linkage.link.linker import frequencies_of
from linkage.link.model import Model
from linkage.link.tables import LinkTables
from linkage.population import Population

LEAST_WEIGHT: Final = -7.0
"""Candidates below one in 128 do not matter; the best and the owner of the number are kept always."""


def score_pairs(
    engine: DuckDBEngine, model: Model, population: Population, tables: LinkTables, people: str
) -> int:
    """Score the blocked pairs into ``tables.candidates``.

    Args:
        engine: where the tables are.
        model: weights and comparisons.
        population: gives term frequencies.
        tables: names; ``residual`` and ``pairs`` are read.
        people: table of population features.

    Returns:
        Number of candidates kept.
    """
    frequencies = frequencies_of(engine, model, population)
    lists = engine.list_columns(people)
    only = f's.{INDEX} IN (SELECT idx_r FROM "{tables.pairs}")'  # the people who are asked about
    best = f"{WEIGHT} = max({WEIGHT}) OVER (PARTITION BY idx_l)"
    left, right = (
        Side(table, frequencies, side_sql(model, table, frequencies, which, lists=lists))
        for table, which in ((tables.residual, "true"), (people, only))
    )
    asked = AskedOfPairs(
        left,
        right,
        query=partial(scored_sql, model, lists=lists),
        keep=f"{WEIGHT} >= {LEAST_WEIGHT} OR {_same_number(model)} OR {best}",
    )
    engine.make_of_pairs(tables.candidates, tables.pairs, asked)
    return engine.number(f'SELECT count(*) FROM "{tables.candidates}"')


def _same_number(model: Model) -> str:
    number = model.compared("personal_id")
    return f'"gamma_{number.name}" = {number.gamma("same number")}' if number else "false"
