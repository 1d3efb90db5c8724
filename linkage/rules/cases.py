"""The case view: one row per record with everything that a rule may ask about.

Its columns, beside the registry's own clean fields, are documented in :mod:`linkage.rules.columns`;
``idx`` and ``person`` are the engine's indices of record and person. What is counted over many records
stands in :mod:`linkage.rules.counts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final

from linkage.clean import DeclaredField
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE
from linkage.rules.counts import blocks, first_of, identities, points

SURE: Final = 0.99
"""Least probability of a link that can repair what differs: the corrections' own."""


def case_view(
    tables: LinkTables,
    fields: Mapping[str, DeclaredField],
    *,
    opened_on: str | None,
    counted_by: str | None,
    reference_date: dt.date,
    block: Mapping[str, object] | None,
    people: Collection[str] = (),
) -> str:
    """SQL that makes the view ``<registry>_cases``.

    Args:
        tables: names of the registry's engine tables.
        fields: declared fields.
        opened_on: field that says when a record was made.
        counted_by: column whose distinct values count as holdings; kept for the duplicates list.
        reference_date: the only clock.
        block: parameters of CONSECUTIVE_BLOCK where the rule applies, else None.
        people: columns that the register has beside those that every register has.
    """
    phone = first_of(fields, "phone")
    held = f'DISTINCT coalesce("{phone}", record_id)' if phone else "*"
    contract = "contract = 'postpaid'" if "contract" in fields else "NULL::BOOLEAN"
    number = f'linked."{phone}"' if phone else "NULL::VARCHAR"
    point = "linked.sales_point" if "sales_point" in fields else "NULL::VARCHAR"
    return f"""
    CREATE OR REPLACE TABLE "{tables.cases}" AS
    WITH cleaned AS (FROM "{tables.cleaned}"),
    linked AS ({_linked(tables, fields, opened_on, counted_by, reference_date, people)}),
    blocks AS ({blocks(fields, block)}),
    identities AS ({identities(fields)}),
    points AS ({points(fields)}),
    passed_on AS (
        SELECT {number} AS number, max(opened_on) AS latest FROM linked
        WHERE person IS NOT NULL AND {number} IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT person) > 1
    ),
    joined AS (
        SELECT linked.*, {contract} AS has_contract, b.block_size, i.* EXCLUDE (idx),
            s.* EXCLUDE (sales_point), coalesce({contract}, false) AS exempt,
            CASE WHEN person IS NOT NULL AND o.latest > opened_on THEN o.latest END
                AS other_holder_since
        FROM linked LEFT JOIN blocks b USING (idx) LEFT JOIN identities i USING (idx)
        LEFT JOIN points s ON s.sales_point = {point}
        LEFT JOIN passed_on o ON o.number = {number}
    ),
    -- Counted by person and joined: a window would sort every column of every record.
    holders AS (
        SELECT person, count({held}) AS held,
            count({held}) FILTER (NOT exempt) AS held_without_contract,
            count({held}) FILTER (NOT exempt AND block_size IS NULL) AS held_outside_blocks,
            bool_or(block_size IS NOT NULL) AS has_block
        FROM joined WHERE person IS NOT NULL GROUP BY person
    )
    SELECT joined.* EXCLUDE (exempt), h.held, h.held_without_contract, h.held_outside_blocks,
        coalesce(h.has_block, false) AS person_has_block
    FROM joined LEFT JOIN holders h USING (person)
    """


def _linked(
    tables: LinkTables,
    fields: Mapping[str, DeclaredField],
    opened_on: str | None,
    counted_by: str | None,
    reference_date: dt.date,
    people: Collection[str],
) -> str:
    """One row per record with its decision, and what the register says of the person."""
    opened = f'r."{opened_on}"' if opened_on else "NULL::DATE"
    address = first_of(fields, "address")
    own_province = f'r."{address}__province"' if address else "NULL::VARCHAR"
    columns = dict.fromkeys(name for name, f in fields.items() if f.type != "key")
    if counted_by:
        columns[counted_by] = None
    kept = ", ".join(f'r."{name}"' for name in columns)
    home, size, within = _households("household_id" in people)
    abroad = "p.living_abroad = 'yes'" if "living_abroad" in people else "NULL::BOOLEAN"
    today = f"DATE '{reference_date.isoformat()}'"
    return f"""
        SELECT r.idx, r.record_id, {kept}, d.link_status, d.outcome, d.match_probability,
            d.reasons AS decision_reasons, d.person, c.person_id AS candidate_id,
            o.person_id AS number_owner_id,
            d.link_status = 'linked' AND d.match_probability >= {SURE} AS is_sure,
            f.number_state = 'foreign' AS has_foreign_document,
            f.number_state = 'old' AS has_old_number, f.has_birth_date,
            {today} AS reference_date, {opened} AS opened_on,
            coalesce({own_province}, p.address__province) AS province,
            p.person_id, p.birth_date AS person_birth_date, p.death_date AS person_death_date,
            CASE WHEN d.person IS NOT NULL
                    AND (SELECT count(death_date) > 0 FROM {PEOPLE})
                THEN coalesce(p.death_date <= {today}, false) END AS person_is_dead,
            date_sub('year', p.birth_date, {today}) AS person_age,
            date_sub('year', p.birth_date, {opened}) AS person_age_at_opening,
            {abroad} AS person_lives_abroad,
            -- Known once all registries are decided: linkage.rules.alive.
            NULL::DATE AS person_last_seen, NULL::VARCHAR AS last_seen_in,
            {size} AS household_size, {within} AS is_within_household
        FROM "{tables.cleaned}" r
        JOIN "{tables.decisions}" d USING (idx)
        JOIN "{tables.facts}" f USING (idx)
        LEFT JOIN {PEOPLE} p ON p.idx = d.person
        LEFT JOIN {PEOPLE} c ON c.idx = CASE WHEN list_contains(d.reasons, 'BORROWED_ID')
            THEN d.other_candidate ELSE d.candidate END
        LEFT JOIN {PEOPLE} o ON o.idx = d.owner
        {home}
    """


def _households(known: bool) -> tuple[str, str, str]:
    """Join, size and likeness of households; all unknown where the register has none."""
    if not known:
        return "", "NULL::BIGINT", "NULL::BOOLEAN"
    join = (
        f"LEFT JOIN (SELECT household_id, count(*) AS members FROM {PEOPLE}"
        " WHERE household_id IS NOT NULL GROUP BY household_id) h"
        " ON h.household_id = p.household_id"
    )
    within = (
        "CASE WHEN list_contains(d.reasons, 'BORROWED_ID')"
        " THEN o.household_id = c.household_id AND o.idx <> c.idx END"
    )
    return join, "h.members", within
