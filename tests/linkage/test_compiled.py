"""The compiled model: Splink's own match weights and levels, for every pair."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from linkage.config import load_job
from linkage.link import LinkTables
from linkage.link.block import block
from linkage.link.compiled import scored_sql, side_sql
from linkage.link.linker import frequencies_of, linker_of
from linkage.population import PEOPLE_FEATURES
from linkage.resources import shipped
from linkage.session import Session

REGISTRIES = ("driver_licence", "health_insurance", "vehicle", "sim")


@pytest.fixture(scope="module")
def opened() -> Iterator[Session]:
    with Session(load_job(shipped("configs", "sample.yaml"))) as session:
        yield session


@pytest.mark.parametrize("name", REGISTRIES)
def test_weights_and_levels_are_splinks(opened: Session, name: str) -> None:
    engine, tables = opened.engine, LinkTables(name)
    declaration = opened.job.registries[name]
    pairing = opened.pairing(declaration)
    opened.load(name, opened.read(name), tables, pairing)
    model = opened.model(name, pairing)
    sides = {"records": tables.subjects, "people": PEOPLE_FEATURES}
    proposed = block(engine, declaration.link.block, pairing, pairs=tables.pairs, **sides)
    frequencies = frequencies_of(engine, model, opened.population)
    lists = engine.list_columns(PEOPLE_FEATURES)  # as hashes, as a run compares them
    for side, table in sides.items():
        made = side_sql(model, table, frequencies, lists=lists)
        engine.run(f"CREATE OR REPLACE TABLE {side}_side AS {made}")
    ours = scored_sql(model, "records_side", "people_side", tables.pairs, lists=lists)
    engine.run(f"CREATE OR REPLACE TABLE ours AS {ours}")
    engine.score(linker_of(engine, model, opened.population, **sides), tables.pairs, "splinks")
    other = " OR ".join(f'o."gamma_{c.name}" <> s."gamma_{c.name}"' for c in model.comparisons)
    found = engine.frame(
        "SELECT count(*) AS pairs, max(abs(o.match_weight - s.match_weight)) AS apart,"
        f" count(*) FILTER ({other}) AS other_levels FROM ours o JOIN splinks s USING (idx_l, idx_r)"
    ).row(0, named=True)
    assert found["pairs"] == sum(proposed.pairs.values()) > 10_000
    assert found["apart"] < 1e-9
    assert found["other_levels"] == 0
