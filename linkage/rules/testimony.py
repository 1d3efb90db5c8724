"""The other direction: where several registries agree against the population register.

Each registry's sure links tell how it writes a person's name, birth date and sex. Where two registries
or more say the same, none says what the register says, and no other value has as much support, it is
the register that should be looked at: a misspelt name, a missing day of birth. One registry alone is
no witness, and one that contradicts itself about a person is none either. Addresses are not asked:
registries keep those of long ago.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.columns import PERSON_ID
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE, REGISTER_FEATURES

SURE: Final = 0.999
"""Least probability of a link whose record is a witness."""
LEAST_REGISTRIES: Final = 2
DEPENDENT: Final = 0.3
"""Chance that one more registry repeats a mistake of the others: papers are copied from papers."""
AGAINST_THE_REGISTER: Final = "REGISTRIES_AGREE_AGAINST"
NOT_IN_THE_REGISTER: Final = "REGISTRIES_KNOW_MORE"
TESTIMONIES: Final = "testimonies"
"""Engine table: what sure links say of people, by registry; null for what the register says."""
_TOLD: Final = {
    # field type: what is compared, and which of the record's values tell anything
    "person_name": ("tone", 'r."{f}__has_tones" AND NOT r."{f}__abbreviated"'),
    "birth_date": ("exact", "true"),
    "sex": ("value", "true"),
}


def testify(engine: DuckDBEngine, tables: LinkTables, pairing: Pairing) -> None:
    """Note what a decided registry's sure links say of the people.

    Args:
        engine: holds people, and the registry's ``cleaned``, ``features`` and ``decisions``.
        tables: names of the registry's tables.
        pairing: which fields are shared.
    """
    engine.run(
        f"CREATE TABLE IF NOT EXISTS {TESTIMONIES}"
        " (idx BIGINT, field VARCHAR, registry VARCHAR, value VARCHAR, shown VARCHAR,"
        " register_value VARCHAR)"
    )
    for field, type_ in pairing.types.items():
        if type_ in _TOLD:
            engine.run(_told(tables, field, pairing.own[field], *_TOLD[type_]))


def _told(tables: LinkTables, field: str, own: str, name: str, tells: str) -> str:
    """What records say of one field, where those of one person say the same.

    Nearly all say what the register says: that they do is noted, and no value.
    """
    value = f'"{field}__{name}"'
    told = ", ".join(
        f"CASE WHEN NOT same THEN {column}::VARCHAR END AS {column}"
        for column in ("value", "shown", "register_value")
    )
    return f"""
        INSERT INTO {TESTIMONIES}
        SELECT person, '{field}', '{tables.registry}', min(value), min(shown), min(register_value)
        FROM (
            SELECT person, same, {told} FROM (
                SELECT d.person, r.{value} AS value, c."{own}" AS shown,
                    p.{value} AS register_value, coalesce(r.{value} = p.{value}, false) AS same
                FROM "{tables.decisions}" d JOIN "{tables.features}" r ON r.idx = d.idx
                JOIN "{tables.cleaned}" c ON c.idx = d.idx
                JOIN {REGISTER_FEATURES} p ON p.idx = d.person
                WHERE d.link_status = 'linked' AND d.match_probability >= {SURE}
                    AND r.{value} IS NOT NULL AND {tells.replace("{f}", field)}
            )
        ) GROUP BY person
        HAVING bool_and(same) OR (NOT bool_or(same) AND min(value) = max(value))
    """


def contradicted(engine: DuckDBEngine) -> pl.DataFrame:
    """What the registries that testified agree on against the register.

    Returns:
        ``person_id, field, current, proposed, reasons, supported_by, confidence``, in order of the
        register: a row per person and field. The confidence is ``1 - 0.3 ** (registries - 1)``, a
        judgement, not a measurement: agencies copy each other's papers.
    """
    if not engine.has(TESTIMONIES):
        return _nothing()
    fields = engine.frame(f"SELECT DISTINCT field FROM {TESTIMONIES} ORDER BY field")["field"]
    if not len(fields):
        return _nothing()
    current = " ".join(f"WHEN '{field}' THEN p.\"{field}\"::VARCHAR" for field in fields)
    return engine.frame(f"""
        WITH told AS (
            SELECT idx, field, value, min(shown) AS shown, min(register_value) AS register_value,
                count(*) AS registries, list(registry ORDER BY registry) AS supported_by
            -- Where all say what the register says there is nothing to weigh.
            FROM {TESTIMONIES} SEMI JOIN (
                SELECT idx, field FROM {TESTIMONIES} WHERE value IS NOT NULL
            ) USING (idx, field) GROUP BY idx, field, value
        ), ranked AS (
            SELECT *, bool_or(value IS NULL) OVER whole AS register_supported,
                lead(registries) OVER (PARTITION BY idx, field ORDER BY registries DESC, value)
                    AS next_registries,
                row_number() OVER (PARTITION BY idx, field ORDER BY registries DESC, value) AS rank
            FROM told WINDOW whole AS (PARTITION BY idx, field)
        )
        SELECT p.{PERSON_ID}, r.field, CASE r.field {current} END AS current, r.shown AS proposed,
            [CASE WHEN register_value IS NULL THEN '{NOT_IN_THE_REGISTER}'
                  ELSE '{AGAINST_THE_REGISTER}' END] AS reasons,
            r.supported_by, (1 - pow({DEPENDENT}, r.registries - 1))::DOUBLE AS confidence
        FROM ranked r JOIN {PEOPLE} p USING (idx)
        WHERE rank = 1 AND registries >= {LEAST_REGISTRIES}
            AND NOT register_supported
            AND registries > coalesce(next_registries, 0)
        ORDER BY r.idx, r.field
    """)


def _nothing() -> pl.DataFrame:
    text, texts = pl.String(), pl.List(pl.String())
    return pl.DataFrame(
        schema={
            PERSON_ID: text, "field": text, "current": text, "proposed": text,
            "reasons": texts, "supported_by": texts, "confidence": pl.Float64(),
        }
    )  # fmt: skip
