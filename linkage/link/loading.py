"""Load one registry: its cleaned records, what deciding must know of them, and their features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

import polars as pl

from linkage.clean import ColumnHealth, DeclaredField, clean_frame, column_health, raw_is_blank
from linkage.columns import INDEX, part
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.work import T, Work
from linkage.fields import CleanContext
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables


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
    work = partial(_loaded, fields=fields, pairing=pairing, tables=tables)
    _make(engine, pieces, work, tables, slight=True)


def load_pieces(
    engine: DuckDBEngine,
    pieces: Iterable[pl.DataFrame],
    fields: Mapping[str, DeclaredField],
    pairing: Pairing,
    tables: LinkTables,
    context: CleanContext,
) -> list[tuple[ColumnHealth, ...]]:
    """Clean a registry piece by piece, and put it into the engine as :func:`load_records` does.

    Args:
        engine: where to.
        pieces: the registry as read, one piece at least.
        fields: its declared fields.
        pairing: which fields it shares with the population.
        tables: names of the tables to make.
        context: the job's reference date.

    Returns:
        How readable the columns of each piece are.
    """
    work = partial(_cleaned, fields=dict(fields), pairing=pairing, tables=tables, context=context)
    return _make(engine, pieces, work, tables)


def _make(
    engine: DuckDBEngine,
    pieces: Iterable[pl.DataFrame],
    work: Work[T],
    tables: LinkTables,
    *,
    slight: bool = False,
) -> list[T]:
    engine.drop(tables.cleaned, tables.facts, tables.features, tables.subjects)
    told = engine.make_of(pieces, work, slight=slight)
    show_subjects(engine, tables)
    return told


def show_subjects(engine: DuckDBEngine, tables: LinkTables) -> None:
    """Make the view of the records that may be linked: people, not organisations."""
    engine.run(
        f'CREATE OR REPLACE VIEW "{tables.subjects}" AS'
        f' SELECT * EXCLUDE (is_subject) FROM "{tables.features}" WHERE is_subject'
    )


def _cleaned(
    raw: pl.DataFrame,
    first: int,
    *,
    fields: Mapping[str, DeclaredField],
    pairing: Pairing,
    tables: LinkTables,
    context: CleanContext,
) -> tuple[dict[str, pl.DataFrame], tuple[ColumnHealth, ...]]:
    """Tables of a piece of a registry, and how readable it is."""
    cleaned = clean_frame(raw, fields, context, first=first)
    made, _ = _loaded(cleaned, first, fields=fields, pairing=pairing, tables=tables)
    return made, column_health(cleaned, fields)


def _loaded(
    cleaned: pl.DataFrame,
    first: int,
    *,
    fields: Mapping[str, DeclaredField],
    pairing: Pairing,
    tables: LinkTables,
) -> tuple[dict[str, pl.DataFrame], None]:
    """Tables of a cleaned piece of a registry, which numbers its rows itself."""
    facts = record_facts(cleaned, fields, pairing)
    of_person = facts["subject_type"] != "organisation"
    features = pairing.record_features(cleaned)
    made = {
        tables.cleaned: cleaned.drop(_unread(cleaned, fields, pairing)),
        tables.facts: facts,
        tables.features: features.with_columns(of_person.alias("is_subject")),
    }
    return made, None


def _unread(
    cleaned: pl.DataFrame, fields: Mapping[str, DeclaredField], pairing: Pairing
) -> list[str]:
    """Columns of cleaned records that nothing asks for once they have been counted.

    What the source holds is shown where the register holds it too or it must be there, and of
    phones; issues are asked for of numbers and phones. Parts of names stand among the features.
    """
    shown = {*pairing.own.values(), *(n for n, f in fields.items() if _is_shown(f))}
    judged = {name for name, f in fields.items() if f.type in ("personal_id", "phone")}
    read = {"raw": shown, "issues": judged}
    return [
        column
        for column in cleaned.columns
        if (named := column.rpartition("__"))[2] in read and named[0] not in read[named[2]]
    ] + [column for column in _in_features(pairing) if column in cleaned.columns]


_NAME_PARTS: Final = {
    "tone": "tone",
    "family": "family",
    "initials": "initials",
    "pattern": "pattern",
    "has_abbreviation": "abbreviated",
}
"""Parts of a cleaned name, and the features that are the same."""


def _in_features(pairing: Pairing) -> dict[str, str]:
    """Columns of cleaned records that are kept as features alone, with SQL to read them there."""
    found: dict[str, str] = {}
    for field, own in pairing.own.items():
        if pairing.types[field] == "person_name":
            same = {part(own, p): f's."{part(field, f)}"' for p, f in _NAME_PARTS.items()}
            kindred = f's."{part(field, "kindred")}", s."{part(field, "fold")}"'
            found |= {**same, part(own, "kindred"): f"coalesce({kindred})"}
    return found


def whole_records(
    engine: DuckDBEngine, tables: LinkTables, some: str, pairing: Pairing
) -> pl.DataFrame:
    """Cleaned records with all parts that features are made of.

    Args:
        engine: holds the registry's ``cleaned``.
        tables: names of the registry's tables.
        some: table with the features of those that are wanted, which must be people.
        pairing: which fields the registry shares with the population.

    Returns:
        As :func:`linkage.clean.clean_frame` gives them, but for what :func:`load_pieces` does not
        keep of any field; in order of ``idx``.
    """
    parts = "".join(f', {sql} AS "{column}"' for column, sql in _in_features(pairing).items())
    return engine.frame(
        f'SELECT r.*{parts} FROM "{tables.cleaned}" r JOIN "{some}" s ON s.{INDEX} = r.{INDEX}'
        f" ORDER BY r.{INDEX}"
    )


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
        *(
            pl.col(name).is_null() & raw_is_blank(name)
            for name in required
            if part(name, "raw") in cleaned
        ),
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
