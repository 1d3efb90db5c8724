"""The case view: one row per record with everything that a rule may ask about.

Columns, beside the registry's own clean fields: ``link_status``, ``outcome``, ``match_probability``,
``decision_reasons``, ``candidate_id`` (of a borrowed number: whom name and birth date point to),
``number_owner_id``, ``has_foreign_document``, ``has_old_number``, ``has_birth_date``,
``reference_date``, ``opened_on`` (when the record was made), ``province``; of the person linked:
``person_id``, ``person_birth_date``, ``person_death_date``; of the holder's records together:
``held`` (records of the same person, or phone numbers where the registry has them), ``block_size``
(consecutive numbers of the holder opened within the days of CONSECUTIVE_BLOCK, null where there are
fewer than it asks for), ``held_outside_blocks``, ``person_has_block``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from linkage.clean import DeclaredField
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE

GAP: Final = 3
"""Numbers this far apart still belong to one run: a few of a batch are always sold elsewhere."""


def case_view(
    tables: LinkTables,
    fields: Mapping[str, DeclaredField],
    *,
    opened_on: str | None,
    counted_by: str | None,
    reference_date: dt.date,
    block: Mapping[str, object] | None,
) -> str:
    """SQL that makes the view ``<registry>_cases``.

    Args:
        tables: names of the registry's engine tables.
        fields: declared fields.
        opened_on: field that says when a record was made.
        counted_by: column whose distinct values count as holdings; kept for the duplicates list.
        reference_date: the only clock.
        block: parameters of CONSECUTIVE_BLOCK where the rule applies, else None.
    """
    opened = f'r."{opened_on}"' if opened_on else "NULL::DATE"
    address = next((name for name, f in fields.items() if f.type == "address"), None)
    own_province = f'r."{address}__province"' if address else "NULL::VARCHAR"
    columns = dict.fromkeys(name for name, f in fields.items() if f.type != "key")
    if counted_by:
        columns[counted_by] = None
    kept = ", ".join(f'r."{name}"' for name in columns)
    phone = next((name for name, f in fields.items() if f.type == "phone"), None)
    held = f'DISTINCT coalesce("{phone}", record_id)' if phone else "*"
    return f"""
    CREATE OR REPLACE TABLE "{tables.cases}" AS
    WITH linked AS (
        SELECT r.idx, r.record_id, {kept}, d.link_status, d.outcome, d.match_probability,
            d.reasons AS decision_reasons, d.person, c.person_id AS candidate_id,
            o.person_id AS number_owner_id, f.number_state = 'foreign' AS has_foreign_document,
            f.number_state = 'old' AS has_old_number, f.has_birth_date,
            DATE '{reference_date.isoformat()}' AS reference_date, {opened} AS opened_on,
            coalesce({own_province}, p.address__province) AS province,
            p.person_id, p.birth_date AS person_birth_date, p.death_date AS person_death_date
        FROM "{tables.cleaned}" r
        JOIN "{tables.decisions}" d USING (idx)
        JOIN "{tables.facts}" f USING (idx)
        LEFT JOIN {PEOPLE} p ON p.idx = d.person
        LEFT JOIN {PEOPLE} c ON c.idx = CASE WHEN list_contains(d.reasons, 'BORROWED_ID')
            THEN d.other_candidate ELSE d.candidate END
        LEFT JOIN {PEOPLE} o ON o.idx = d.owner
    ),
    blocks AS ({_blocks(fields, block)})
    SELECT linked.*, b.block_size,
        CASE WHEN person IS NOT NULL THEN count({held}) OVER holder END AS held,
        CASE WHEN person IS NOT NULL THEN
            count({held}) FILTER (b.block_size IS NULL) OVER holder END AS held_outside_blocks,
        person IS NOT NULL AND bool_or(b.block_size IS NOT NULL) OVER holder AS person_has_block
    FROM linked LEFT JOIN blocks b USING (idx)
    WINDOW holder AS (PARTITION BY person)
    """


def _blocks(fields: Mapping[str, DeclaredField], block: Mapping[str, object] | None) -> str:
    """Consecutive phone numbers of one holder of which enough were opened within a few days.

    The days are a window that slides over the run: a neighbour opened at another time neither makes
    nor breaks a block.
    """
    phone = next((name for name, f in fields.items() if f.type == "phone"), None)
    if block is None or phone is None:
        return "SELECT NULL::BIGINT AS idx, NULL::BIGINT AS block_size"
    number = next((name for name, f in fields.items() if f.type == "personal_id"), None)
    stated = f'"{number}"' if number else "NULL"
    holder = f"coalesce('p' || person, 'n' || {stated})"
    days = f"INTERVAL {block['within_days']} DAYS"
    return f"""
        WITH numbered AS (
            SELECT idx, {holder} AS holder, opened_on,
                TRY_CAST(substr("{phone}", 2) AS BIGINT) AS digits
            FROM linked WHERE {holder} IS NOT NULL AND opened_on IS NOT NULL
        ),
        stepped AS (
            SELECT *, coalesce(digits - lag(digits) OVER run > {GAP}, true)::INTEGER AS starts
            FROM numbered WHERE digits IS NOT NULL
            WINDOW run AS (PARTITION BY holder ORDER BY digits)
        ),
        runs AS (SELECT *, sum(starts) OVER (PARTITION BY holder ORDER BY digits) AS run
                 FROM stepped),
        starting AS (
            SELECT *, count(DISTINCT digits) OVER (PARTITION BY holder, run ORDER BY opened_on
                RANGE BETWEEN CURRENT ROW AND {days} FOLLOWING) AS together
            FROM runs
        )
        SELECT idx, max(together) OVER (PARTITION BY holder, run ORDER BY opened_on
            RANGE BETWEEN {days} PRECEDING AND CURRENT ROW) AS block_size
        FROM starting QUALIFY block_size >= {block["min_numbers"]}
    """
