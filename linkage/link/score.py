"""The probabilistic pass: Splink scores what blocking proposes."""

from __future__ import annotations

from typing import Final

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.linker import linker_of
from linkage.link.model import FieldComparison, Model
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
    if engine.number(f'SELECT count(*) FROM "{tables.pairs}"') == 0:
        engine.run(_no_candidates(model, tables.candidates))
        return 0
    linker = linker_of(engine, model, population, tables.residual, people)
    weights = ", ".join(
        f'{_weight(compared)} AS "w_{compared.name}", "gamma_{compared.name}"'
        for compared in model.comparisons
    )
    engine.score(
        linker,
        tables.pairs,
        tables.candidates,
        select=f"idx_l, idx_r, match_weight, {weights}",
        keep=f"match_weight >= {LEAST_WEIGHT} OR {_same_number(model)}"
        " OR match_weight = max(match_weight) OVER (PARTITION BY idx_l)",
    )
    return engine.number(f'SELECT count(*) FROM "{tables.candidates}"')


def _weight(compared: FieldComparison) -> str:
    adjusted = f' + "mw_tf_adj_{compared.name}"' if compared.by_frequency else ""
    return f'("mw_{compared.name}"{adjusted})'


def _same_number(model: Model) -> str:
    number = model.compared("personal_id")
    return f'"gamma_{number.name}" = {number.gamma("same number")}' if number else "false"


def _no_candidates(model: Model, table: str) -> str:
    columns = "".join(
        f', NULL::DOUBLE AS "w_{c.name}", NULL::INTEGER AS "gamma_{c.name}"'
        for c in model.comparisons
    )
    return (
        f'CREATE OR REPLACE TABLE "{table}" AS SELECT NULL::BIGINT AS idx_l,'
        f" NULL::BIGINT AS idx_r, NULL::DOUBLE AS match_weight{columns} WHERE false"
    )
