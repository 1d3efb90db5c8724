"""Which blocking rule proposes the pairs that are known to be true."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.block import block
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE_FEATURES

PROPOSED_BY: pl.List = pl.List(pl.String)


def proposals(
    engine: DuckDBEngine,
    pairing: Pairing,
    tables: LinkTables,
    rules: Sequence[Sequence[str]],
    known: pl.DataFrame,
) -> pl.DataFrame:
    """Block rule by rule and note which rules propose each known pair.

    Args:
        engine: holds the population and ``tables.subjects``.
        pairing: which fields the two sides share.
        tables: names of the registry's tables.
        rules: blocking rules.
        known: ``idx, holder`` (indices) of the pairs that are known to be true.

    Returns:
        ``idx`` and ``proposed_by``: names of the rules, in their order; empty where none does.
    """
    pairs, asked = f"{tables.registry}_one_rule", f"{tables.registry}_asked"
    engine.put(asked, known.select(INDEX, "holder"))
    engine.run(
        f'CREATE OR REPLACE TABLE "{asked}_features" AS FROM "{tables.subjects}"'
        f' WHERE idx IN (SELECT idx FROM "{asked}")'
    )
    found = [known.select(INDEX).clear().with_columns(rule=pl.lit(None, dtype=pl.String))]
    for rule in rules:
        block(
            engine,
            [rule],
            pairing,
            records=f"{asked}_features",
            people=PEOPLE_FEATURES,
            pairs=pairs,
        )
        proposed = engine.frame(
            f'SELECT a.idx FROM "{asked}" a JOIN "{pairs}" p ON p.idx_l = a.idx'
            " AND p.idx_r = a.holder ORDER BY a.idx"
        )
        found.append(proposed.with_columns(rule=pl.lit(" + ".join(rule))))
    engine.drop(pairs, asked, f"{asked}_features")
    listed = pl.concat(found, how="vertical_relaxed").group_by(INDEX, maintain_order=True)
    return (
        known.select(INDEX)
        .join(listed.agg(proposed_by="rule"), on=INDEX, how="left", maintain_order="left")
        .with_columns(pl.col("proposed_by").fill_null([]).cast(PROPOSED_BY))
    )
