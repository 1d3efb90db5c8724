"""Weights adapted to the run: m follows the records that are being linked.

A model was trained somewhere: another province, another year, other clerks. How often the records of
one person agree is a fact about *these* records, and they show it themselves: expectation maximisation
over their candidates (:mod:`linkage.link.maximise`) carries m on from the trained values, which count
as so many records more. A small registry stays with the model, a large one speaks for itself. What the
exact pass settled counts as pairs that are sure. u and the frequencies of names and places belong to
the register and stay.

``link: {adapt: false}`` keeps the weights of the model file as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from linkage.columns import drawn
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.maximise import Candidates, Floats, States, maximise
from linkage.link.model import Model
from linkage.link.number_groups import MODEL_RECORDS, adapt_number
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE_FEATURES

SAMPLED_RECORDS: Final = 200_000
"""Records whose candidates are looked at: a level of one true pair in 10,000 is seen 20 times."""
_SEED: Final = 1
_SAMPLE: Final = "__adapt_sample"


def adapt(engine: DuckDBEngine, tables: LinkTables, model: Model) -> Model:
    """Carry m on over a run's own candidates, and weigh them anew.

    Args:
        engine: where the tables are.
        tables: names; ``subjects``, ``facts`` and ``settled`` are read, ``candidates`` is read and
            made again with the new weights.
        model: the trained weights that the candidates were scored with.

    Returns:
        The model with the adapted m; u, prior and provenance are the same. The same tables give the
        same weights, whatever the order of their rows.
    """
    sampled = drawn(_SEED, SAMPLED_RECORDS)
    engine.run(
        f'CREATE OR REPLACE TEMP TABLE {_SAMPLE} AS SELECT idx FROM "{tables.subjects}" {sampled}'
    )
    given = _candidates(engine, tables, model)
    if given.records:
        outcome = maximise(given, model.comparisons, model.m, start_records=MODEL_RECORDS)
        adapted = model.with_m(outcome.m)
        _weigh_anew(engine, tables, model, adapted)
        model = adapt_number(engine, tables, adapted, _SAMPLE)
    engine.drop(_SAMPLE)
    return model


def adapt_as(engine: DuckDBEngine, tables: LinkTables, model: Model, frozen: Model) -> Model:
    """Weigh candidates by weights that a former run has adapted, without looking at the records.

    Args:
        engine: where the tables are.
        tables: names; ``candidates`` is made again with the new weights.
        model: the trained weights that the candidates were scored with.
        frozen: the adapted ones.
    """
    _weigh_anew(engine, tables, model, frozen)
    return replace(model, weights=frozen.weights, number_m=frozen.number_m)


def _candidates(engine: DuckDBEngine, tables: LinkTables, model: Model) -> Candidates:
    """What the sampled records show: candidates in doubt, and levels of the settled pairs."""
    states = engine.frame(
        "SELECT f.number_state AS state, count(*) AS total, count(z.idx_l) AS settled"
        f' FROM {_SAMPLE} s JOIN "{tables.facts}" f USING (idx)'
        f' LEFT JOIN "{tables.settled}" z ON z.idx_l = s.idx GROUP BY ALL ORDER BY state'
    )
    numbers = ", ".join(f'c."gamma_{compared.name}"' for compared in model.comparisons)
    pairs = engine.frame(
        f"SELECT c.idx_l, f.number_state AS state, c.match_weight, {numbers}"
        f' FROM "{tables.candidates}" c JOIN {_SAMPLE} s ON s.idx = c.idx_l'
        f' JOIN "{tables.facts}" f ON f.idx = c.idx_l ORDER BY c.idx_l, c.idx_r'
    )
    fixed = pairs["match_weight"].to_numpy().astype(np.float64)
    levels = {}
    for compared in model.comparisons:
        level = pairs[f"gamma_{compared.name}"].to_numpy().astype(np.int64)
        m = np.array([model.weights[compared.name][label][0] for label in compared.labels])
        fixed = fixed - np.where(level >= 0, np.log2(m)[np.maximum(level, 0)], 0.0)
        levels[compared.name] = level
    place = dict(zip(states["state"], range(states.height), strict=True))
    return Candidates(
        record=pairs["idx_l"].rank("dense").to_numpy().astype(np.int64) - 1,
        records=int(states["total"].sum()),
        levels=levels,
        fixed=fixed,
        states=States(
            pairs["state"].replace_strict(place, return_dtype=pl.Int64).to_numpy(),
            states["total"].to_numpy().astype(np.float64),
            states["settled"].to_numpy().astype(np.float64),
            _settled_levels(engine, tables, model),
        ),
    )


def _settled_levels(engine: DuckDBEngine, tables: LinkTables, model: Model) -> Mapping[str, Floats]:
    """How many settled pairs show each level."""
    both = ", ".join(f'l."{c}" AS "{c}_l", r."{c}" AS "{c}_r"' for c in model.features())
    numbers = ", ".join(f'{c.number_sql()} AS "{c.name}"' for c in model.comparisons)
    shown = engine.frame(
        f'SELECT {numbers} FROM (SELECT {both} FROM "{tables.settled}" z'
        f' JOIN {_SAMPLE} s ON s.idx = z.idx_l JOIN "{tables.subjects}" l ON l.idx = z.idx_l'
        f" JOIN {PEOPLE_FEATURES} r ON r.idx = z.idx_r)"
    )
    found = {}
    for compared in model.comparisons:
        level = shown[compared.name].to_numpy().astype(np.int64)
        found[compared.name] = np.bincount(
            level[level >= 0], minlength=len(compared.labels)
        ).astype(np.float64)
    return found


def _weigh_anew(engine: DuckDBEngine, tables: LinkTables, old: Model, new: Model) -> None:
    """Add what each level gained to the candidates' weights."""
    gains = {}
    for compared in old.comparisons:
        name = compared.name
        gained = " ".join(
            f"WHEN {number} THEN {_gain(old, new, name, label)!r}"
            for number, label in enumerate(compared.labels)
        )
        gains[name] = f'CASE "gamma_{name}" {gained} ELSE 0.0 END'
    parts = "".join(f', "w_{name}" + {gain} AS "w_{name}"' for name, gain in gains.items())
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.candidates}" AS SELECT * REPLACE'
        f" (match_weight + {' + '.join(gains.values())} AS match_weight{parts})"
        f' FROM "{tables.candidates}"'
    )


def _gain(old: Model, new: Model, name: str, label: str) -> float:
    return float(np.log2(new.weights[name][label][0] / old.weights[name][label][0]))
