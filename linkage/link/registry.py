"""Link one registry: features, exact pass, blocking, scoring, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import polars as pl

from linkage.clean import DeclaredField, raw_is_blank
from linkage.columns import INDEX, part
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.adapt import adapt
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
        f'CREATE OR REPLACE TABLE "{tables.residual}" AS FROM "{tables.subjects}"'
        f' WHERE idx NOT IN (SELECT idx_l FROM "{tables.settled}")'
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
    group_records(engine, tables, model)
    candidates = score_pairs(engine, model, population, tables, PEOPLE_FEATURES)
    engine.drop(tables.residual, tables.pairs)  # what is asked from here on is asked of candidates
    lower_common_names(engine, model, tables.candidates)
    if rules.adapt:
        model = learn_holders(engine, tables, model)
    weigh_holders(engine, tables, model)
    if rules.adapt:
        model = adapt(engine, tables, model)
    weigh_numbers(engine, tables, model)
    subjects = engine.number(f'SELECT count(*) FROM "{tables.subjects}"')
    return LinkResult(subjects, settled, blocked, candidates, model)


def load_records(
    engine: DuckDBEngine,
    pieces: Iterable[pl.DataFrame],
    fields: Mapping[str, DeclaredField],
    pairing: Pairing,
    tables: LinkTables,
) -> None:
    """Put a cleaned registry, its facts and its features into the engine.

    Args:
        engine: where to.
        pieces: the registry, one row per record that was not rejected; cleaned in one piece or
            in several, one at least.
        fields: its declared fields.
        pairing: which fields it shares with the population.
        tables: names of the tables to make.
    """
    engine.drop(tables.cleaned, tables.facts, tables.features, tables.subjects)
    for position, cleaned in enumerate(pieces):
        store = engine.append if position else engine.put
        store(tables.cleaned, cleaned.drop(_unread(cleaned, fields, pairing)))
        facts = record_facts(cleaned, fields, pairing)
        store(tables.facts, facts)
        of_person = facts["subject_type"] != "organisation"
        features = pairing.record_features(cleaned)
        store(tables.features, features.with_columns(of_person.alias("is_subject")))
    engine.run(
        f'CREATE OR REPLACE VIEW "{tables.subjects}" AS'
        f' SELECT * EXCLUDE (is_subject) FROM "{tables.features}" WHERE is_subject'
    )


def _unread(
    cleaned: pl.DataFrame, fields: Mapping[str, DeclaredField], pairing: Pairing
) -> list[str]:
    """Columns of cleaned records that nothing asks for once they have been counted.

    What the source holds is shown where the register holds it too or it must be there, and of
    phones; issues are asked for of numbers and phones.
    """
    shown = {*pairing.own.values(), *(n for n, f in fields.items() if _is_shown(f))}
    judged = {name for name, f in fields.items() if f.type in ("personal_id", "phone")}
    read = {"raw": shown, "issues": judged}
    return [
        column
        for column in cleaned.columns
        if (named := column.rpartition("__"))[2] in read and named[0] not in read[named[2]]
    ]


def _is_shown(field: DeclaredField) -> bool:
    return field.type == "phone" or bool(getattr(field, "required", False))


def record_facts(
    cleaned: pl.DataFrame, fields: Mapping[str, DeclaredField], pairing: Pairing
) -> pl.DataFrame:
    """What deciding must know of a record beside its candidates.

    Returns:
        ``idx``, ``subject_type`` (person, organisation, unknown), ``number_state`` (none, malformed,
        foreign, old, own), ``has_birth_date``, ``can_link`` (it has a readable name or number) and
        ``lacks_required``.
    """
    required = [name for name, f in fields.items() if getattr(f, "required", False)]
    lacking = pl.any_horizontal(
        pl.lit(False),
        *(pl.col(name).is_null() & raw_is_blank(name) for name in required if name in cleaned),
    )
    name, number = pairing.own.get("full_name"), pairing.own.get("personal_id")
    birth = pairing.own.get("birth_date")
    readable = [pl.col(field).is_not_null() for field in (name, number) if field]
    return cleaned.select(
        INDEX,
        (pl.col(part(name, "subject")) if name else pl.lit("unknown"))
        .fill_null("unknown")
        .alias("subject_type"),
        _number_state(number).alias("number_state"),
        (pl.col(part(birth, "year")).is_not_null() if birth else pl.lit(False)).alias(
            "has_birth_date"
        ),
        pl.any_horizontal(pl.lit(False), *readable).alias("can_link"),
        lacking.alias("lacks_required"),
    )


def _number_state(field: str | None) -> pl.Expr:
    if field is None:
        return pl.lit("none")
    return (
        pl.when(raw_is_blank(field))
        .then(pl.lit("none"))
        .when(pl.col(field).is_null())
        .then(pl.lit("malformed"))
        .when(pl.col(part(field, "kind")) == "passport")
        .then(pl.lit("foreign"))
        .when(pl.col(part(field, "kind")) == "cmnd")
        .then(pl.lit("old"))
        .otherwise(pl.lit("own"))
    )
