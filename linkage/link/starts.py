"""Starting points for m: Splink's expectation maximisation, from several places.

Each session blocks on some fields and learns the others, with u fixed. Expectation maximisation finds
a local optimum; so it is begun from Splink's own starting values and from others, and what they lead
to is compared on whole records (:mod:`linkage.link.maximise`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final

from splink import Linker

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.linker import linker_of
from linkage.link.model import FieldComparison, Model, level_settings
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE_FEATURES, Population

STARTS: Final = 3
"""The first is Splink's default; the others doubt, and trust, agreement at random."""
SESSIONS: Final = (("number",), ("name", "birth"), ("name", "place"))
"""Blocks of the EM sessions; each trains the comparisons that its own block does not use."""

_BLOCKS: Final = {
    "number": ("personal_id", "number"),
    "name": ("person_name", "fold"),
    "birth": ("birth_date", "exact"),
    "place": ("address", "place_in_ward"),
}

Probabilities = dict[str, dict[str, float]]
"""Comparison to level to probability."""


def starting_points(
    engine: DuckDBEngine,
    tables: LinkTables,
    model: Model,
    pairing: Pairing,
    population: Population,
    u: Probabilities,
    *,
    seed: int,
) -> list[Probabilities]:
    """M of every level that Splink learns, once for each start.

    Args:
        engine: holds the population and ``tables.subjects``.
        tables: names of the registry's tables.
        model: gives the comparisons; its weights are not used.
        pairing: which fields are shared.
        population: for frequencies.
        u: by comparison and level; fixed.
        seed: where the further starts begin.
    """
    draw = random.Random(seed)
    firsts = [None, *(_anywhere(model, draw) for _ in range(STARTS - 1))]
    return [
        _sessions(_untrained(engine, tables, model, population, u, first), model, pairing)
        for first in firsts
    ]


def _anywhere(model: Model, draw: random.Random) -> Probabilities:
    """Random m: full agreement between 0.4 and 0.98, the rest shared out."""
    found: Probabilities = {}
    for compared in model.comparisons:
        labels = compared.labels[::-1]
        rest = [draw.random() + 0.05 for _ in labels[1:]]
        best = draw.uniform(0.4, 0.98)
        scale = (1 - best) / sum(rest)
        found[compared.name] = dict(
            zip(labels, [best, *(share * scale for share in rest)], strict=True)
        )
    return found


def _sessions(linker: Linker, model: Model, pairing: Pairing) -> Probabilities:
    fields = {pairing.types[c.field]: c.field for c in model.comparisons}
    for session in SESSIONS:
        blocks = [_BLOCKS[name] for name in session]
        if not all(type_ in fields for type_, _ in blocks):
            continue
        rule = " AND ".join(
            f'l."{fields[type_]}__{feature}" = r."{fields[type_]}__{feature}"'
            for type_, feature in blocks
        )
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    return {
        comparison["output_column_name"]: {
            level["label_for_charts"]: level["m_probability"]
            for level in comparison["comparison_levels"]
            if isinstance(level.get("m_probability"), float)
        }
        for comparison in linker.misc.save_model_to_json()["comparisons"]
    }


def _untrained(
    engine: DuckDBEngine,
    tables: LinkTables,
    model: Model,
    population: Population,
    u: Probabilities,
    m: Probabilities | None,
) -> Linker:
    """A linker with u filled in and m left to learn, from a start."""
    settings = model.settings()
    for compared, comparison in zip(model.comparisons, settings["comparisons"], strict=True):
        comparison["comparison_levels"] = [
            {
                **level_settings(compared, level, {}),
                **_fixed(u[compared.name], level.label),
                **_first(m, compared, level.label),
            }
            for level in compared.comparison.levels
        ]
    return linker_of(engine, model, population, tables.subjects, PEOPLE_FEATURES, settings=settings)


def _fixed(u: Mapping[str, float], label: str) -> dict[str, Any]:
    return {"u_probability": u[label], "fix_u_probability": True} if label in u else {}


def _first(m: Probabilities | None, compared: FieldComparison, label: str) -> dict[str, float]:
    found = (m or {}).get(compared.name, {})
    return {"m_probability": found[label]} if label in found else {}
