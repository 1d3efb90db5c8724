"""Splink over records and people, with the frequencies of the population register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from splink import Linker

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import Model
from linkage.population import Population


def frequencies_of(engine: DuckDBEngine, model: Model, population: Population) -> dict[str, str]:
    """Make the tables of all frequencies that adjust a weight: feature to table name."""
    return {feature: population.frequencies(engine, feature) for feature in model.frequencies()}


def linker_of(
    engine: DuckDBEngine,
    model: Model,
    population: Population,
    records: str,
    people: str,
    *,
    settings: Mapping[str, Any] | None = None,
) -> Linker:
    """Build a linker that compares records with people as a model says.

    Args:
        engine: where the tables are.
        model: what is compared, and its weights.
        population: gives term frequencies.
        records: table of record features.
        people: table of population features.
        settings: Splink settings in place of the model's own.
    """
    frequencies = frequencies_of(engine, model, population)
    columns = (INDEX, *model.features())
    return engine.linker(records, people, columns, settings or model.settings(), frequencies)
