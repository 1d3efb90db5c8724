"""What the case view counts over many records: blocks, shared identities, points of sale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.clean import DeclaredField
from linkage.population import PEOPLE

GAP: Final = 3
"""Numbers this far apart still belong to one run: a few of a batch are always sold elsewhere."""
_Z: Final = 3.09
"""Of the one-sided interval with which a point's share is judged: 99.9 %."""


def first_of(fields: Mapping[str, DeclaredField], type_: str) -> str | None:
    """Name of the first field of a type."""
    return next((name for name, field in fields.items() if field.type == type_), None)


def blocks(fields: Mapping[str, DeclaredField], block: Mapping[str, object] | None) -> str:
    """Consecutive phone numbers of one holder of which enough were opened within a few days.

    The days are a window that slides over the run: a neighbour opened at another time neither makes
    nor breaks a block.

    Args:
        fields: declared fields.
        block: parameters of CONSECUTIVE_BLOCK, or None where the rule does not apply.

    Returns:
        SQL over ``linked`` with ``idx`` and ``block_size``.
    """
    if block is None or first_of(fields, "phone") is None:
        return "SELECT NULL::BIGINT AS idx, NULL::BIGINT AS block_size WHERE false"
    holder = "coalesce('p' || person, 'n' || stated)"
    days = f"INTERVAL {block['within_days']} DAYS"
    return f"""
        WITH numbered AS (
            SELECT idx, {holder} AS holder, opened_on,
                TRY_CAST(substr(phone, 2) AS BIGINT) AS digits
            FROM linked WHERE {holder} IS NOT NULL AND opened_on IS NOT NULL
        ),
        -- Few hold so many at all: the windows, which sort, see no others.
        many AS (
            SELECT holder FROM numbered WHERE digits IS NOT NULL
            GROUP BY holder HAVING count(*) >= {block["min_numbers"]}
        ),
        stepped AS (
            SELECT *, coalesce(digits - lag(digits) OVER run > {GAP}, true)::INTEGER AS starts
            FROM numbered SEMI JOIN many USING (holder) WHERE digits IS NOT NULL
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


def identities(fields: Mapping[str, DeclaredField]) -> str:
    """Records that are nobody's and share name and birth date, or a house.

    Returns:
        SQL over ``linked`` and the cleaned registry ``r``: ``idx`` and the four counts.
    """
    name, birth = first_of(fields, "person_name"), first_of(fields, "birth_date")
    number, address = first_of(fields, "personal_id"), first_of(fields, "address")
    folded = f'r."{name}__fold"' if name else "NULL"
    key = f'{folded} || chr(31) || r."{birth}"' if name and birth else "NULL::VARCHAR"
    house = (
        f'r."{address}__detail" || chr(31) || r."{address}__ward"' if address else "NULL::VARCHAR"
    )
    stated = f'r."{number}"' if number else "NULL"
    return f"""
        SELECT idx,
            CASE WHEN key IS NOT NULL THEN count(*) OVER same END AS same_identity,
            CASE WHEN key IS NOT NULL THEN count(DISTINCT stated) OVER same END
                AS same_identity_documents,
            CASE WHEN house IS NOT NULL THEN count(*) OVER place END AS same_address,
            CASE WHEN house IS NOT NULL THEN count(DISTINCT named) OVER place END
                AS same_address_names
        FROM (SELECT l.idx, {key} AS key, {house} AS house, {stated} AS stated, {folded} AS named
              FROM linked l JOIN cleaned r USING (idx)
              WHERE l.link_status IN ('unlinked', 'review'))
        WINDOW same AS (PARTITION BY key), place AS (PARTITION BY house)
    """


def points(fields: Mapping[str, DeclaredField]) -> str:
    """Points of sale with their bad registrations, and the share in the whole registry.

    A block counts for nothing here: it is one event, whatever its size.

    Returns:
        SQL over ``linked``: ``sales_point, point_records, point_bad, point_share, usual_share``.
    """
    if "sales_point" not in fields:
        return (
            "SELECT NULL::VARCHAR AS sales_point, NULL::BIGINT AS point_records,"
            " NULL::BIGINT AS point_bad, NULL::DOUBLE AS point_share,"
            " NULL::DOUBLE AS usual_share WHERE false"
        )
    bad = (
        "count(*) FILTER (list_contains(decision_reasons, 'BORROWED_ID')"
        " OR opened_on > p.death_date OR (outcome = 'NOT_FOUND' AND link_status = 'unlinked'"
        " AND has_birth_date AND number_state NOT IN ('old', 'foreign')))"
    )
    share = "point_bad / point_records"
    z2 = _Z * _Z
    return f"""
        SELECT *, ({share} + {z2} / (2 * point_records) - {_Z} * sqrt({share} * (1 - {share})
                / point_records + {z2} / (4 * point_records * point_records)))
                / (1 + {z2} / point_records) AS point_share,
            sum(point_bad) OVER () / sum(point_records) OVER () AS usual_share
        FROM (SELECT sales_point, count(*) AS point_records, {bad} AS point_bad
              FROM linked LEFT JOIN (FROM {PEOPLE} WHERE death_date IS NOT NULL) p ON p.idx = person
              WHERE sales_point IS NOT NULL AND link_status <> 'not_applicable'
              GROUP BY sales_point)
    """


def holders(fields: Mapping[str, DeclaredField]) -> str:
    """What each person holds: records, or phone numbers where the registry has them.

    Returns:
        SQL over ``linked`` and ``blocks``: ``person, held, held_without_contract,
        held_outside_blocks, has_block``.
    """
    counted = """
            SELECT person, NOT exempt AS free, NOT exempt AND block_size IS NULL AS outside,
                block_size IS NOT NULL AS inside, coalesce(phone, record_id) AS number
            FROM linked LEFT JOIN blocks USING (idx) WHERE person IS NOT NULL
    """
    if first_of(fields, "phone"):  # one that stands on several records is one number
        counted = f"""
            SELECT person, bool_or(free) AS free, bool_or(outside) AS outside,
                bool_or(inside) AS inside
            FROM ({counted}) GROUP BY person, number
        """
    return f"""
        SELECT person, count(*) AS held, count(*) FILTER (free) AS held_without_contract,
            count(*) FILTER (outside) AS held_outside_blocks, bool_or(inside) AS has_block
        FROM ({counted}) GROUP BY person
    """
