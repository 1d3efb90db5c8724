"""Corrections: for confidently linked records, what the register knows better, field by field."""

from __future__ import annotations

from collections.abc import Mapping
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
    proposals = [
        _proposal(own, *builders[pairing.types[field]](field, own))
        for field, own in pairing.own.items()
        if pairing.types[field] in builders
    ]
    proposals += [_renumbered(name) for name, f in fields.items() if f.type == "phone"]
    if not proposals:
        return CORRECTIONS.empty()
    return engine.frame(f"""
    WITH made AS (
        SELECT r.idx, r.record_id, p.person_id, d.match_probability AS confidence,
            list_filter([{", ".join(proposals)}], lambda made: made IS NOT NULL) AS made
        FROM "{tables.cleaned}" r
        JOIN "{tables.decisions}" d USING (idx)
        JOIN {PEOPLE} p ON p.idx = d.person
        JOIN "{tables.features}" f ON f.idx = r.idx
        JOIN {REGISTER_FEATURES} g ON g.idx = d.person
        WHERE d.link_status = 'linked' AND d.match_probability >= {LEAST_PROBABILITY}
    ), listed AS (SELECT * EXCLUDE (made), unnest(made) AS made FROM made)
    SELECT {case_id(tables.registry, "field")} AS case_id, record_id, person_id, field, current,
        proposed, kind, source, confidence, 'new' AS status
    FROM (SELECT * EXCLUDE (made), made.field, made.current, made.proposed, made.kind, made.source
          FROM listed) ORDER BY idx, field
    """)


def _proposal(own: str, kind: str, proposed: str, source: str = "population") -> str:
    """A struct where there is a proposal for a field, else null.

    ``kind`` and ``proposed`` are SQL over records r, f and people p, g.
    """
    return (
        f"CASE WHEN ({kind}) IS NOT NULL AND ({proposed}) IS NOT NULL THEN struct_pack("
        f"field := '{own}', current := r.\"{own}__raw\", proposed := ({proposed})::VARCHAR,"
        f" kind := {kind}, source := '{source}') END"
    )


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


def _renumbered(own: str) -> str:
    """Phones written with eleven digits before the renumbering of 2018."""
    renumbered = f"list_contains(r.\"{own}__issues\", 'renumbered_phone')"
    kind = f"CASE WHEN {renumbered} THEN 'outdated' END"
    return _proposal(own, kind, f'r."{own}"', "renumbering of 2018")
