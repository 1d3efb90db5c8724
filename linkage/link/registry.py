"""Link one registry: features, exact pass, blocking, scoring, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import polars as pl

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.adapt import adapt, adapt_as
from linkage.link.block import Blocked, block
from linkage.link.exact import settle
from linkage.link.holder_profile import learn_holders, weigh_holders
from linkage.link.linker import frequencies_of
from linkage.link.model import Model
from linkage.link.name_context import lower_common_names
from linkage.link.number_groups import group_records, weigh_numbers
from linkage.link.pairing import Pairing
from linkage.link.score import score_pairs
from linkage.link.tables import LinkTables
from linkage.link.told import load_told, without_told
from linkage.population import PEOPLE_FEATURES, Population


class LinkRules(Protocol):
    """How a registry is linked; see the declaration."""

    @property
    def exact(self) -> Sequence[Sequence[str]]:
        """Fields that settle a record when all agree."""

    @property
    def block(self) -> Sequence[Sequence[str]]:
        """Keys that propose a pair when all agree."""

    @property
    def adapt(self) -> bool:
        """Whether m follows the records that are linked (:mod:`linkage.link.adapt`)."""


@dataclass(frozen=True)
class AllByModel:
    """Link rules that leave every record to the model, with the exact rules among the blocks."""

    block: Sequence[Sequence[str]]
    exact: Sequence[Sequence[str]] = ()
    adapt: bool = False

    @classmethod
    def of(cls, rules: LinkRules, *, adapt: bool = False) -> Self:
        """What a registry declares, every rule a block; exact rules first."""
        return cls([*rules.exact, *rules.block], adapt=adapt)


@dataclass(frozen=True)
class LinkResult:
    """Counts of one registry's linking, for the manifest and the progress display.

    Attributes:
        subjects: records that may be linked (people, not organisations).
        settled: of these, settled by the exact pass.
        blocked: pairs by blocking rule, and what the cap on common values kept back.
        candidates: pairs that scored high enough to matter.
        model: the weights that they have, adapted to the records where the rules say so.
    """

    subjects: int
    settled: int
    blocked: Blocked
    candidates: int
    model: Model


def link_registry(
    engine: DuckDBEngine,
    rules: LinkRules,
    *,
    pairing: Pairing,
    model: Model,
    population: Population,
    tables: LinkTables,
    told: pl.DataFrame | None = None,
    frozen: Model | None = None,
) -> LinkResult:
    """Fill the engine tables that deciding reads.

    Args:
        engine: holds the population (:func:`linkage.population.load_population`) and the registry
            (:func:`load_records`) already.
        rules: exact and blocking rules.
        pairing: which fields it shares with the population.
        model: weights.
        population: for term frequencies.
        tables: names of the tables to make.
        told: what people have said of links (:mod:`linkage.link.told`).
        frozen: the weights that a former run came to, to be taken as they are; None adapts them to
            these records where the rules say so.
    """
    load_told(engine, told, tables)
    frequencies_of(engine, model, population)
    settled = settle(
        engine,
        rules.exact,
        pairing,
        model,
        records=tables.subjects,
        people=PEOPLE_FEATURES,
        settled=tables.settled,
        told=tables,
    )
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.residual}" AS SELECT s.* FROM "{tables.subjects}" s'
        f' ANTI JOIN "{tables.settled}" z ON z.idx_l = s.idx'
    )
    blocked = block(
        engine,
        rules.block,
        pairing,
        records=tables.residual,
        people=PEOPLE_FEATURES,
        pairs=tables.pairs,
    )
    without_told(engine, tables, tables.pairs)
    candidates, model = weigh_pairs(
        engine,
        model=model,
        population=population,
        tables=tables,
        learns=rules.adapt,
        frozen=frozen,
    )
    subjects = engine.number(f'SELECT count(*) FROM "{tables.subjects}"')
    return LinkResult(subjects, settled, blocked, candidates, model)


def weigh_pairs(
    engine: DuckDBEngine,
    *,
    model: Model,
    population: Population,
    tables: LinkTables,
    learns: bool,
    frozen: Model | None = None,
) -> tuple[int, Model]:
    """Score the proposed pairs into ``tables.candidates``, with all that bears on their weights.

    Args:
        engine: where the tables are.
        model: weights.
        population: for term frequencies.
        tables: names; ``residual``, ``pairs``, ``features`` and ``settled`` are read, ``facts`` is
            made again.
        learns: whether the weights follow the records that are linked.
        frozen: weights that a former run has learnt, taken as they are.

    Returns:
        Number of candidates kept, and the model whose weights they have.
    """
    group_records(engine, tables, model)
    candidates = score_pairs(engine, model, population, tables, PEOPLE_FEATURES)
    engine.drop(tables.residual, tables.pairs)  # what is asked from here on is asked of candidates
    lower_common_names(engine, model, tables.candidates)
    if frozen is not None:
        model = replace(model, holder_bits=frozen.holder_bits)
    elif learns:
        model = learn_holders(engine, tables, model)
    weigh_holders(engine, tables, model)
    if frozen is not None:
        model = adapt_as(engine, tables, model, frozen)
    elif learns:
        model = adapt(engine, tables, model)
    weigh_numbers(engine, tables, model)
    return candidates, model
