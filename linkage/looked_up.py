"""The look-up: who owns the number that a record states, and what differs from whose it is."""

from __future__ import annotations

from collections.abc import Mapping

from linkage.link.model import FieldComparison, Model
from linkage.link.tables import LinkTables


def owners(tables: LinkTables, model: Model, people: str) -> str:
    """SQL of who owns the record's number, and whether name and birth date agree with the owner.

    Args:
        tables: names; ``subjects`` and ``features`` are read, ``owners`` is made.
        model: comparisons.
        people: table of population features.
    """
    number = model.compared("personal_id")
    if number is None:
        return (
            f'CREATE OR REPLACE TABLE "{tables.owners}" AS SELECT NULL::BIGINT AS idx,'
            " NULL::BIGINT AS owner, NULL::BOOLEAN AS agrees WHERE false"
        )
    column = f"{number.field}__numbers"
    pairs = (
        "SELECT DISTINCT l.idx AS idx_l, r.idx AS idx_r"
        f' FROM (SELECT idx, unnest("{column}") AS n FROM "{tables.subjects}") l'
        f' JOIN (SELECT idx, unnest("{column}") AS n FROM "{people}") r USING (n)'
    )
    name, birth = (_agrees(model.compared(kind)) for kind in ("person_name", "birth_date"))
    return (
        f'CREATE OR REPLACE TABLE "{tables.owners}" AS'
        f" SELECT idx_l AS idx, idx_r AS owner, {name} AND {birth} AS agrees"
        f" FROM ({_side_by_side(tables, model, people, pairs)})"
    )


def differing_fields(tables: LinkTables, model: Model, people: str, own: Mapping[str, str]) -> str:
    """SQL of the fields of ``decided`` that differ from the person linked, else from the owner.

    Args:
        tables: names; ``features`` is read.
        model: comparisons.
        people: table of population features.
        own: field of the population to the registry's.

    Returns:
        ``idx, diff_fields``, of the records that have a person or whose number has an owner.
    """
    pairs = (
        "SELECT idx AS idx_l, coalesce(person, owner) AS idx_r"
        " FROM decided WHERE coalesce(person, owner) IS NOT NULL"
    )
    differs: dict[str, list[str]] = {}
    for compared in model.comparisons:
        # In a CASE what follows is not asked where a condition holds; nearly all pairs agree.
        same = [*_agreeing(compared), compared.sql(compared.missing)]
        known = " ".join(f"WHEN {sql} THEN false" for sql in same)
        differs.setdefault(compared.field, []).append(f"CASE {known} ELSE true END")
    members = ", ".join(
        f"CASE {' '.join(f'WHEN {part} THEN {own[field]!r}' for part in parts)} END"
        for field, parts in differs.items()
    )
    return (
        f"SELECT idx_l AS idx, list_filter([{members}], lambda f: f IS NOT NULL) AS diff_fields"
        f" FROM ({_side_by_side(tables, model, people, pairs)})"
    )


def _agrees(compared: FieldComparison | None) -> str:
    """SQL that holds where a look-up would call the values of a pair the same; true without them."""
    if compared is None:
        return "true"
    either = " OR ".join(f"({sql})" for sql in _agreeing(compared))
    return f"coalesce({either}, false)"


def _agreeing(compared: FieldComparison) -> list[str]:
    """SQL conditions, each of which says that a look-up would call the values of a pair the same."""
    comparison = compared.comparison
    conditions = [level.sql for level in comparison.levels if level.label in comparison.agrees]
    if comparison.equal:
        conditions.append(comparison.equal)
    return [sql.replace("{f}", compared.field) for sql in conditions]


def _side_by_side(tables: LinkTables, model: Model, people: str, pairs: str) -> str:
    """Pairs with the features of both sides, suffixed ``_l`` and ``_r`` as Splink does."""
    columns = model.features()
    both = "".join(f', l."{c}" AS "{c}_l", r."{c}" AS "{c}_r"' for c in columns)
    return (
        f"SELECT idx_l, idx_r{both} FROM ({pairs})"
        f' JOIN "{tables.features}" l ON l.idx = idx_l JOIN "{people}" r ON r.idx = idx_r'
    )
