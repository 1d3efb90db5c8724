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
from linkage.rules.counts import blocks, first_of, holders, identities, points

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
    shown: Collection[str] | None = None,
) -> str:
    """SQL that makes the view ``<registry>_cases``, for the rest of the step alone.

    What is counted over many records is counted over few columns, and then joined.

    Args:
        tables: names of the registry's engine tables.
        fields: declared fields.
        opened_on: field that says when a record was made.
        counted_by: column whose distinct values count as holdings; kept for the duplicates list.
        reference_date: the only clock.
        block: parameters of CONSECUTIVE_BLOCK where the rule applies, else None.
        people: columns that the register has beside those that every register has.
        shown: fields of the registry that somebody asks about; None for all of them.
    """
    contract = "r.contract = 'postpaid'" if "contract" in fields else "NULL::BOOLEAN"
    opened, phone, stated, point = (
        f'r."{name}"' if name else absent
        for name, absent in (
            (opened_on, "NULL::DATE"),
            (first_of(fields, "phone"), "NULL::VARCHAR"),
            (first_of(fields, "personal_id"), "NULL::VARCHAR"),
            ("sales_point" if "sales_point" in fields else None, "NULL::VARCHAR"),
        )
    )
    own = dict.fromkeys(
        name for name, f in fields.items()
        if f.type != "key" and (shown is None or name in shown)
    )  # fmt: skip
    if counted_by:
        own[counted_by] = None
    home, size, within = _households("household_id" in people)
    return f"""
    CREATE OR REPLACE TEMP TABLE "{tables.cases}" AS
    WITH cleaned AS (FROM "{tables.cleaned}"),
    linked AS (
        SELECT r.idx, r.record_id, d.person, d.link_status, d.outcome,
            d.reasons AS decision_reasons, f.number_state, f.has_birth_date, {opened} AS opened_on,
            {phone} AS phone, {stated} AS stated, {point} AS sales_point,
            coalesce({contract}, false) AS exempt
        FROM cleaned r JOIN "{tables.decisions}" d USING (idx) JOIN "{tables.facts}" f USING (idx)
    ),
    blocks AS ({blocks(fields, block)}),
    identities AS ({identities(fields)}),
    points AS ({points(fields)}),
    passed_on AS (
        SELECT phone, max(opened_on) AS latest FROM linked
        WHERE person IS NOT NULL AND phone IS NOT NULL
        GROUP BY phone HAVING count(DISTINCT person) > 1
    ),
    holders AS ({holders(fields)})
    SELECT r.idx, r.record_id, {"".join(f'r."{name}", ' for name in own)}
        {_of_person(fields, opened, reference_date, people)},
        {size} AS household_size, {within} AS is_within_household, {contract} AS has_contract,
        b.block_size, i.* EXCLUDE (idx), s.* EXCLUDE (sales_point),
        CASE WHEN d.person IS NOT NULL AND n.latest > {opened} THEN n.latest END
            AS other_holder_since,
        h.held, h.held_without_contract, h.held_outside_blocks,
        coalesce(h.has_block, false) AS person_has_block
    FROM cleaned r
    JOIN "{tables.decisions}" d USING (idx)
    JOIN "{tables.facts}" f USING (idx)
    LEFT JOIN {PEOPLE} p ON p.idx = d.person
    LEFT JOIN {PEOPLE} c ON c.idx = CASE WHEN list_contains(d.reasons, 'BORROWED_ID')
        THEN d.other_candidate ELSE d.candidate END
    LEFT JOIN {PEOPLE} o ON o.idx = d.owner
    {home}
    LEFT JOIN blocks b ON b.idx = r.idx
    LEFT JOIN identities i ON i.idx = r.idx
    LEFT JOIN points s ON s.sales_point = {point}
    LEFT JOIN passed_on n ON n.phone = {phone}
    LEFT JOIN holders h ON h.person = d.person
    """


def _of_person(
    fields: Mapping[str, DeclaredField],
    opened: str,
    reference_date: dt.date,
    people: Collection[str],
) -> str:
    """SQL columns of a record's decision, and of what the register says of the person."""
    address = first_of(fields, "address")
    own_province = f'r."{address}__province"' if address else "NULL::VARCHAR"
    abroad = "p.living_abroad = 'yes'" if "living_abroad" in people else "NULL::BOOLEAN"
    today = f"DATE '{reference_date.isoformat()}'"
    return f"""d.link_status, d.outcome, d.match_probability,
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
            NULL::DATE AS person_last_seen, NULL::VARCHAR AS last_seen_in"""


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
