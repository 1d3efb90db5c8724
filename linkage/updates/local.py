"""Which records an update can have changed the cases or duplicates of: those that hang together.

What a rule asks, and what makes a duplicate, is said of a record alone or counted over records that
share something: a person, a number, a mark, an identity that is nobody's. So records and what they
share form a graph, and nothing can have changed but in the parts of it that hold a record that is
different, or did. Only points of sale are weighed against the whole registry; where a registry has
them, all is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import polars as pl

from linkage.columns import INDEX
from linkage.duplicates.listing import DuplicateInput
from linkage.duplicates.things import Marks, repeatable
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables
from linkage.rules.counts import first_of

OF_RECORD: Final = frozenset({
    "link_status", "outcome", "match_probability", "decision_reasons", "person_id", "candidate_id",
    "number_owner_id", "is_sure", "has_foreign_document", "has_old_number", "has_birth_date",
    "reference_date", "opened_on", "province", "person_birth_date", "person_death_date",
    "person_is_dead", "person_age", "person_age_at_opening", "person_lives_abroad",
    "household_size", "is_within_household", "has_contract",
})  # fmt: skip
"""Columns of the case view that a record, its decision and the register say."""
OF_GROUP: Final = frozenset({
    "held", "held_without_contract", "held_outside_blocks", "block_size", "person_has_block",
    "same_identity", "same_identity_documents", "same_address", "same_address_names",
    "other_holder_since",
})  # fmt: skip
"""Columns that are counted over records that share a key (:func:`_keys`)."""
OF_OTHERS: Final = frozenset({"person_last_seen", "last_seen_in"})
"""Columns that are filled when all registries have been seen."""
OF_REGISTRY: Final = frozenset({"point_records", "point_bad", "point_share", "usual_share"})
"""Columns that are weighed against the whole registry; only points of sale have them."""
_POINT: Final = "sales_point"

KEYS: Final = "__keys"
TOGETHER: Final = "__together"


def is_local(columns: Collection[str]) -> bool:
    """Whether nothing that rules ask of a registry's records hangs on all of them.

    Args:
        columns: fields that its source has.
    """
    return _POINT not in columns


def hang_together(
    engine: DuckDBEngine,
    now: LinkTables,
    then: Mapping[str, str],
    given: DuplicateInput,
    attached: tuple[pl.DataFrame, pl.DataFrame],
    changed: pl.DataFrame,
) -> int:
    """Make the table ``__together`` (``idx``) of all records that may have other cases or duplicates.

    Args:
        engine: holds the registry's tables as they are now.
        now: their names.
        then: SQL of ``cleaned`` and ``decisions`` as they were, under the same ``idx``.
        given: fields, and what counts as a holding.
        attached: whose unlinked records are by comparison, then and now.
        changed: ``idx`` of records that are new, gone, changed, or decided otherwise.

    Returns:
        How many there are.
    """
    before, after = attached
    moved = [a.join(b, on=a.columns, how="anti") for a, b in ((before, after), (after, before))]
    seeds = pl.concat([changed.select(INDEX), *(one.select(INDEX) for one in moved)]).unique()
    engine.put(TOGETHER, seeds)
    entities = pl.concat([before, after]).select(INDEX, "entity").unique()
    engine.put("__entities_of", entities)
    keys = ", ".join(_keys(given))
    sides = (
        (f'FROM "{now.cleaned}"', f'FROM "{now.decisions}"'),
        *(
            (f"FROM ({then['cleaned']}) SEMI JOIN {TOGETHER} USING (idx)",
             f"FROM ({then['decisions']}) SEMI JOIN {TOGETHER} USING (idx)"),
        ),
    )  # fmt: skip
    each = " UNION ALL ".join(
        f"SELECT idx, unnest([{keys}]) AS key FROM ({cleaned}) r JOIN ({decisions}) d USING (idx)"
        for cleaned, decisions in sides
    )
    engine.run(
        f"CREATE OR REPLACE TABLE {KEYS} AS SELECT idx, key FROM ({each}) WHERE key IS NOT NULL"
        f" UNION ALL SELECT idx, {_key('entity', 'entity')} FROM __entities_of"
    )
    _spread(engine)
    engine.drop(KEYS, "__entities_of")
    return engine.number(f"SELECT count(*) FROM {TOGETHER}")


def _spread(engine: DuckDBEngine) -> None:
    """Add the records that share a key with some, until there are no more."""
    engine.run(f"CREATE OR REPLACE TEMP TABLE __newest AS FROM {TOGETHER}")
    while engine.number("SELECT count(*) FROM __newest"):
        engine.run(
            "CREATE OR REPLACE TEMP TABLE __newest AS SELECT DISTINCT idx FROM"
            f" {KEYS} SEMI JOIN (FROM {KEYS} SEMI JOIN __newest USING (idx)) USING (key)"
            f" ANTI JOIN {TOGETHER} USING (idx)"
        )
        engine.run(f"INSERT INTO {TOGETHER} BY NAME FROM __newest")
    engine.drop("__newest")


def _keys(given: DuplicateInput) -> Iterator[str]:
    """SQL of what a record ``r`` with its decision ``d`` shares with others."""
    fields = given.fields
    yield _key("entity", "'p' || d.person")
    numbers = {n for n, f in fields.items() if f.type == "insurance_number"}
    for column in dict.fromkeys([*([given.counted_by] if given.counted_by else []), *numbers]):
        yield _key("holding", f'r."{column}"')
    for column in dict.fromkeys([*repeatable(fields), *Marks.of(fields).names]):
        yield _key(column, f'r."{column}"')
    if phone := first_of(fields, "phone"):
        yield _key("phone", f'r."{phone}"')
    number, name, birth, address = (
        first_of(fields, type_) for type_ in ("personal_id", "person_name", "birth_date", "address")
    )
    if phone and number:
        stated = _key("number", f'r."{number}"')
        yield f"CASE WHEN d.person IS NULL THEN {stated} END"
    nobodys = "d.link_status IN ('unlinked', 'review')"
    if name and birth:
        same = f'r."{name}__fold" || chr(31) || r."{birth}"'
        yield f"CASE WHEN {nobodys} THEN {_key('identity', same)} END"
    if address:
        house = f'r."{address}__detail" || chr(31) || r."{address}__ward"'
        yield f"CASE WHEN {nobodys} THEN {_key('house', house)} END"


def _key(kind: str, value: str) -> str:
    return f"CASE WHEN {value} IS NOT NULL THEN hash('{kind}', ({value})::VARCHAR) END"
