"""The probabilistic pass: what blocking proposes, scored with the trained model."""

from __future__ import annotations

from typing import Final

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
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
    records, asked = f"{tables.pairs}_records", f"{tables.pairs}_people"
    only = f's.{INDEX} IN (SELECT idx_r FROM "{tables.pairs}")'  # the people who are asked about
    lists = engine.list_columns(people)
    for table, source, which in ((records, tables.residual, "true"), (asked, people, only)):
        side = side_sql(model, source, frequencies, which, lists=lists)
        engine.run(f'CREATE OR REPLACE TEMP TABLE "{table}" AS {side}')
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.candidates}" AS'
        f" FROM ({scored_sql(model, records, asked, tables.pairs, lists=lists)})"
        f" QUALIFY {WEIGHT} >= {LEAST_WEIGHT} OR {_same_number(model)}"
        f" OR {WEIGHT} = max({WEIGHT}) OVER (PARTITION BY idx_l)"
    )
    engine.drop(records, asked)
    return engine.number(f'SELECT count(*) FROM "{tables.candidates}"')


def _same_number(model: Model) -> str:
    number = model.compared("personal_id")
    return f'"gamma_{number.name}" = {number.gamma("same number")}' if number else "false"
