"""A registry that says what it said: its lists and what it tells of people are had back as they are.

Nothing of it is computed. What other registries saw of its dead holders is asked at the end of every
run, and so is what all registries agree on; for that, its testimonies and signs of life are kept too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import polars as pl

from linkage.clean import ColumnHealth
from linkage.columns import INDEX, RECORD_ID
from linkage.engines.duckdb import DuckDBEngine
from linkage.link import LinkResult
from linkage.link.model import Model
from linkage.link.tables import LinkTables
from linkage.pipeline import Linked, Work
from linkage.resume import Kept, forms
from linkage.rules.alive import LAST_SEEN, unseen
from linkage.rules.testimony import TESTIMONIES
from linkage.shelf import Lists, PutAside
from linkage.updates.layers import Layers
from linkage.updates.lists import LAYERED, LISTS, keep_list, layers_of, whole_in_pieces

OUTCOME: Final = "outcome.json"
DEAD: Final = "dead"
_SHARED: Final = (TESTIMONIES, LAST_SEEN)
"""Tables that hold rows of all registries."""


@dataclass(frozen=True)
class KeptRegistry:
    """What the run of a registry has come to, beside its lists.

    Attributes:
        source: facts about the source.
        height: its usable rows.
        health: how readable each column was, as JSON has it.
        link: counts of the linking, as JSON has them.
        rules: counts of the rules.
        lists: names of its lists, in the order of a run.
    """

    source: dict[str, Any]
    height: int
    health: Any
    link: Any
    rules: dict[str, dict[str, int]]
    lists: list[str]

    @classmethod
    def of(cls, work: Work, linked: Linked, lists: Lists) -> Self:
        """That of a registry that has been flagged."""
        flagged = [step for step in work.session.journal.steps if step["registry"] == work.name]
        [rules] = [step["rules"] for step in flagged if step["step"] == "flag"]
        return cls(
            linked.source.source,
            linked.source.height,
            forms.HEALTH.keep(linked.health).plain,
            forms.of_link(linked.link.model).keep(linked.link).plain,
            rules,
            [*lists],
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The one that stands in a registry's folder."""
        return cls(**json.loads((folder / OUTCOME).read_text(encoding="utf-8")))

    def write(self, folder: Path) -> None:
        """Put it into a registry's folder."""
        (folder / OUTCOME).write_text(json.dumps(vars(self)), encoding="utf-8")

    def linking(self, model: Model) -> LinkResult:
        """Counts of the linking; ``model`` is the registry's, with any weights."""
        return forms.of_link(model).recall(Kept(self.link))

    @property
    def columns(self) -> tuple[ColumnHealth, ...]:
        """How readable each column was."""
        return forms.HEALTH.recall(Kept(self.health))


def keep_whole(engine: DuckDBEngine, tables: LinkTables, lists: Lists, folder: Path) -> None:
    """Keep the lists of a registry, before anything is carried over to them, and what it tells.

    Args:
        engine: holds the registry's tables.
        tables: their names.
        lists: its lists.
        folder: of the registry.
    """
    (folder / LISTS).mkdir(mode=0o700, exist_ok=True)
    # What an update has put in layers is there already.
    made = [name for name in lists if name not in LAYERED or not layers_of(folder, name).count]
    if any(name in LAYERED for name in made):
        places = engine.frame(f'SELECT {RECORD_ID}, {INDEX} FROM "{tables.rows}"')
    else:
        places = pl.DataFrame()
    for name in made:
        keep_list(folder, name, lists, places)
    for table in _SHARED:
        kept = Layers(folder, table, INDEX)
        if not kept.count:
            engine.save_query(f"FROM {table} WHERE registry = '{tables.registry}'", kept.next)
    engine.save_query(f'FROM "{unseen(tables).cases}"', folder / f"{DEAD}.parquet")


def whole_lists(folder: Path, names: Sequence[str], place: Path) -> Lists:
    """The lists of a registry, as they were kept.

    Args:
        folder: of the registry.
        names: of the lists.
        place: folder where they are put aside.
    """
    held = {name: PutAside.write_pieces(whole_in_pieces(folder, name), place) for name in names}
    return Lists(held, place)


def recall_whole(engine: DuckDBEngine, tables: LinkTables, folder: Path) -> None:
    """Have what a registry tells of people in the engine."""
    for table in _SHARED:
        rows = f"({Layers(folder, table, INDEX).sql(engine)})"
        begin = f"INSERT INTO {table} BY NAME" if engine.has(table) else f"CREATE TABLE {table} AS"
        engine.run(f"{begin} FROM {rows}")
    dead = engine.saved(folder / f"{DEAD}.parquet")
    engine.run(f'CREATE OR REPLACE TABLE "{unseen(tables).cases}" AS FROM {dead}')
