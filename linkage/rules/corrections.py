"""Corrections: for confidently linked records, what the register knows better, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from linkage.clean import DeclaredField
from linkage.contracts import CORRECTIONS
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE, REGISTER_FEATURES
from linkage.rules.flags import case_id

LEAST_PROBABILITY: Final = 0.99
"""Nothing is proposed from a weaker link."""


def corrections(
    engine: DuckDBEngine,
    tables: LinkTables,
    fields: Mapping[str, DeclaredField],
    pairing: Pairing,
) -> pl.DataFrame:
    """Make the corrections list of a registry.

    Args:
        engine: holds the cleaned registry, its features and decisions, and the people.
        tables: names of the registry's tables.
        fields: declared fields.
        pairing: which fields it shares with the population.

    Returns:
        The list as the contract has it: one row per record and field to correct.
    """
    builders = {
        "person_name": _name,
        "birth_date": _birth_date,
        "personal_id": _number,
        "sex": _sex,
        "address": _address,
    }
    made = [
        Proposal(own, *builders[pairing.types[field]](field, own))
        for field, own in pairing.own.items()
        if pairing.types[field] in builders
    ]
    made += [_renumbered(name) for name, f in fields.items() if f.type == "phone"]
    if not made:
        return CORRECTIONS.empty()
    # In order of the fields, so that their numbers can be sorted in place of their names.
    return engine.frame(_sql(tables, sorted(made, key=lambda proposal: proposal.own)))


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one field; kind and value are SQL over records r, f and people p, g.

    Attributes:
        own: field of the registry.
        kind: of the correction; null for none.
        proposed: the value; null for none.
        source: where it comes from.
    """

    own: str
    kind: str
    proposed: str
    source: str = "population"


def _sql(tables: LinkTables, made: Sequence[Proposal]) -> str:
    """SQL of the list: all fields beside each other, then a row for each that has a proposal."""
    columns = "".join(
        f", {one.kind} AS kind_{n}, ({one.proposed})::VARCHAR AS proposed_{n},"
        f' r."{one.own}__raw" AS current_{n}'
        for n, one in enumerate(made)
    )
    there = ", ".join(
        f"CASE WHEN kind_{n} IS NOT NULL AND proposed_{n} IS NOT NULL THEN {n} END"
        for n in range(len(made))
    )

    def chosen(values: Iterable[str]) -> str:
        return f"CASE n {' '.join(f'WHEN {n} THEN {sql}' for n, sql in enumerate(values))} END"

    current, proposed, kind = (
        chosen(f"{name}_{n}" for n in range(len(made))) for name in ("current", "proposed", "kind")
    )
    field, source = (
        chosen(f"'{word}'" for word in words)
        for words in ((one.own for one in made), (one.source for one in made))
    )
    return f"""
    WITH compared AS (
        SELECT r.idx, r.record_id, p.person_id, d.match_probability AS confidence{columns}
        FROM "{tables.cleaned}" r
        JOIN "{tables.decisions}" d USING (idx)
        JOIN {PEOPLE} p ON p.idx = d.person
        JOIN "{tables.features}" f ON f.idx = r.idx
        JOIN {REGISTER_FEATURES} g ON g.idx = d.person
        WHERE d.link_status = 'linked' AND d.match_probability >= {LEAST_PROBABILITY}
    ), listed AS (
        SELECT *, unnest(list_filter([{there}], lambda n: n IS NOT NULL)) AS n FROM compared
    ), told AS (
        SELECT idx, n, record_id, person_id, {field} AS field, {current} AS current,
            {proposed} AS proposed, {kind} AS kind, {source} AS source, confidence
        FROM listed
    )
    SELECT {case_id(tables.registry, "field")} AS case_id, record_id, person_id, field, current,
        proposed, kind, source, confidence, 'new' AS status
    FROM told ORDER BY idx, n
    """


def _name(field: str, own: str) -> tuple[str, str]:
    kind = (
        f"CASE WHEN r.\"{own}\" IS NULL THEN 'missing'"
        f' WHEN f."{field}__tone" = g."{field}__tone" THEN NULL'
        f' WHEN f."{field}__fold" = g."{field}__fold" THEN \'diacritics\''
        f" WHEN f.\"{field}__abbreviated\" THEN 'format' ELSE 'typo' END"
    )
    return kind, f'p."{field}"'


def _birth_date(field: str, own: str) -> tuple[str, str]:
    kind = (
        f'CASE WHEN g."{field}__exact" IS NULL OR f."{field}__exact" = g."{field}__exact" THEN NULL'
        f' WHEN f."{field}__exact" IS NULL AND r."{own}__year" IS NULL THEN \'missing\''
        f" WHEN f.\"{field}__exact\" IS NULL THEN 'missing' ELSE 'typo' END"
    )
    return kind, f'p."{field}"'


def _number(field: str, own: str) -> tuple[str, str]:
    kind = (
        f'CASE WHEN r."{own}" = p."{field}" THEN'
        f" CASE WHEN list_contains(r.\"{own}__issues\", 'leading_zero_lost') THEN 'format' END"
        f" WHEN r.\"{own}__kind\" = 'passport'"
        f' AND list_has_any(f."{field}__numbers", g."{field}__numbers") THEN NULL'
        f' WHEN r."{own}__raw" IS NULL'
        f" OR list_contains(r.\"{own}__issues\", 'placeholder_number') THEN 'missing'"
        f" WHEN r.\"{own}__kind\" <> 'personal_number' THEN 'outdated' ELSE 'typo' END"
    )
    return kind, f'p."{field}"'


def _sex(field: str, own: str) -> tuple[str, str]:
    kind = (
        f'CASE WHEN r."{own}" = p."{field}" THEN NULL'
        f" WHEN r.\"{own}\" IS NULL THEN 'missing' ELSE 'typo' END"
    )
    return kind, f'p."{field}"'


def _address(field: str, own: str) -> tuple[str, str]:
    """Another ward than the register's, or a ward in retired units."""
    kind = (
        f"CASE WHEN r.\"{own}\" IS NULL THEN 'missing'"
        f" WHEN r.\"{own}__edition\" = 'pre-2025' THEN 'outdated'"
        f' WHEN list_has_any(f."{field}__wards", g."{field}__wards") THEN NULL'
        f" WHEN f.\"{field}__wards\" IS NOT NULL THEN 'outdated' END"
    )
    # An old address of the place where the person is registered stays there, in today's units.
    registered = f'list_contains(f."{field}__wards", p."{field}__ward")'
    return kind, (
        f'CASE WHEN {registered} THEN p."{field}"'
        f' ELSE coalesce(p."current_{field}", p."{field}") END'
    )


def _renumbered(own: str) -> Proposal:
    """Phones written with eleven digits before the renumbering of 2018."""
    renumbered = f"list_contains(r.\"{own}__issues\", 'renumbered_phone')"
    kind = f"CASE WHEN {renumbered} THEN 'outdated' END"
    return Proposal(own, kind, f'r."{own}"', "renumbering of 2018")
