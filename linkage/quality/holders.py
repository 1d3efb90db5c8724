"""Records whose holder is surely known: their own number is in the register and the rest agrees.

Everything here reads feature tables and returns indices; nothing is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from linkage.clean import DeclaredField
from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.population import REGISTER_FEATURES

HIDDEN_TYPES: Final = ("personal_id", "passport", "tax_code")
"""Field types that give a person's number away (a person's tax code *is* the number)."""
MOST_ABSENT: Final = 0.5
"""Above this share of holders that the register lacks, the estimate says more about the numbers."""


@dataclass(frozen=True)
class Holders:
    """Whose the records are, as far as their numbers tell.

    Attributes:
        known: ``idx, holder`` (indices): one row per record whose holder is surely known.
        numbered: records with a readable number of the kind that the register holds.
        owned: of these, records whose number is somebody's, agreeing with that person or not.
        absent: estimated share of records whose holder the register does not hold.
    """

    known: pl.DataFrame
    numbered: int
    owned: int
    absent: float


def hide_numbers(cleaned: pl.DataFrame, fields: Mapping[str, DeclaredField]) -> pl.DataFrame:
    """Blank the identity numbers of cleaned records, as if the source had none.

    Args:
        cleaned: as :func:`linkage.clean.clean_frame` returns it.
        fields: the registry's declared fields.

    Returns:
        The same rows and columns; every column of an identity number is null, its issues empty.

    Example:
        >>> from linkage.config.models import FieldDeclaration
        >>> frame = pl.DataFrame({"idx": [0], "so": ["001190012345"], "so__raw": ["001190012345"]})
        >>> hide_numbers(frame, {"so": FieldDeclaration(type="personal_id")}).row(0)
        (0, None, None)
    """
    hidden = number_fields(fields)
    columns = [c for c in cleaned.columns if c.partition("__")[0] in hidden]
    return cleaned.with_columns(
        pl.lit([] if column.endswith("__issues") else None, dtype=cleaned.schema[column]).alias(
            column
        )
        for column in columns
    )


def number_fields(fields: Mapping[str, DeclaredField]) -> set[str]:
    """Fields that give a person's number away."""
    return {name for name, declared in fields.items() if declared.type in HIDDEN_TYPES}


def holders(engine: DuckDBEngine, pairing: Pairing, tables: LinkTables) -> Holders:
    """Find the records whose number is one person's who agrees well enough to be the holder.

    Args:
        engine: holds the population and ``tables.subjects``.
        pairing: which fields the two sides share.
        tables: names of the registry's tables.

    Returns:
        Known holders, counts, and the estimated share of holders that the register lacks. Nothing
        is known where the registry shares no number or no name with the register.
    """
    fields = {type_: field for field, type_ in pairing.types.items()}
    number, name = fields.get("personal_id"), fields.get("person_name")
    if number is None or name is None:
        known = pl.DataFrame(schema={INDEX: pl.Int64, "holder": pl.Int64})
        return Holders(known, 0, 0, 0.0)
    birth = fields.get("birth_date")
    # Made first: how many they are tells how to look up the people.
    engine.run(
        "CREATE OR REPLACE TEMP TABLE __numbers AS SELECT DISTINCT l.idx AS idx_l, r.idx AS idx_r"
        f' FROM (SELECT idx, unnest("{number}__numbers") AS n FROM "{tables.subjects}") l'
        f' JOIN (SELECT idx, unnest("{number}__numbers") AS n FROM {REGISTER_FEATURES}) r USING (n)'
    )
    alike = _alike(name, birth, fields.get("address"))
    engine.run(
        f'CREATE OR REPLACE TEMP TABLE __owned AS SELECT idx_l, idx_r, l."{number}__number" IS NOT NULL'
        f" AS own, coalesce({_agrees(name, birth)}, false) AS agrees, {alike} AS alike"
        f' FROM __numbers JOIN "{tables.subjects}" l ON l.idx = idx_l'
        f" JOIN {REGISTER_FEATURES} r ON r.idx = idx_r"
    )
    known = engine.frame(
        f"SELECT idx_l AS {INDEX}, min(idx_r) AS holder FROM __owned GROUP BY idx_l"
        " HAVING count(*) = 1 AND bool_and(agrees) ORDER BY idx_l"
    )
    numbered = engine.number(
        f'SELECT count(*) FROM "{tables.subjects}" WHERE "{number}__number" IS NOT NULL'
    )
    owned = engine.number("SELECT count(DISTINCT idx_l) FROM __owned WHERE own")
    absent = _absent(engine, tables, number, name, alike, numbered, owned)
    engine.drop("__owned", "__numbers")
    return Holders(known, numbered, owned, absent)


def _agrees(name: str, birth: str | None) -> str:
    """SQL over record ``l`` and owner ``r``: too alike for a number that was borrowed.

    Loose where two fields speak (the number has spoken already), strict where the name is alone:
    a number in the family comes with the family's surname, seldom with the same birth year.
    """
    fold = f'damerau_levenshtein(l."{name}__fold", r."{name}__fold")'
    strict = (
        f'(l."{name}__sorted" = r."{name}__sorted" OR {fold} <= 1'
        f' OR (l."{name}__abbreviated" AND l."{name}__initials" = r."{name}__initials"'
        f' AND l."{name}__given" = r."{name}__given"))'
    )
    if birth is None:
        return strict
    close = (
        f'({strict} OR {fold} <= 2 OR (l."{name}__given" = r."{name}__given"'
        f' AND (l."{name}__family" = r."{name}__family"'
        f' OR jaro_winkler_similarity(l."{name}__fold", r."{name}__fold") >= 0.9)))'
    )
    near = (
        f'(l."{birth}__year" = r."{birth}__year"'
        f' OR damerau_levenshtein(l."{birth}__digits", r."{birth}__digits") <= 1'
        f' OR abs(date_diff(\'day\', l."{birth}__exact", r."{birth}__exact")) <= 2)'
    )
    return f'CASE WHEN l."{birth}__year" IS NULL THEN {strict} ELSE {close} AND {near} END'


def _alike(name: str, birth: str | None, address: str | None) -> str:
    """SQL: one name and one birth date, or one ward; what nearly nobody shares by accident."""
    same = f'l."{name}__fold" = r."{name}__fold"'
    if birth is not None:
        return f'coalesce({same} AND l."{birth}__exact" = r."{birth}__exact", false)'
    if address is not None:
        return (
            f'coalesce({same} AND list_has_any(l."{address}__wards", r."{address}__wards"), false)'
        )
    return "false"


def _absent(
    engine: DuckDBEngine,
    tables: LinkTables,
    number: str,
    name: str,
    alike: str,
    numbered: int,
    owned: int,
) -> float:
    """Share of numbered records whose number is nobody's and is no mistyped one.

    A mistyped number leaves a holder who is found by name and birth date; how many of the holders
    are found so is known from the records whose number is right.
    """
    if alike == "false" or not numbered:
        return 0.0
    # Few are left before their names are looked for: each has hundreds of namesakes.
    nobodys = (
        f'SELECT f.* FROM "{tables.subjects}" f ANTI JOIN __owned o ON o.idx_l = f.idx'
        f' WHERE f."{number}__number" IS NOT NULL'
    )
    found = engine.number(
        f"SELECT count(DISTINCT l.idx) FROM ({nobodys}) l JOIN {REGISTER_FEATURES} r"
        f' ON l."{name}__fold" = r."{name}__fold" AND {alike}'
    )
    right = engine.number("SELECT count(*) FROM __owned WHERE own AND agrees")
    told = engine.number("SELECT count(*) FROM __owned WHERE own AND agrees AND alike")
    mistyped = found * right / told if told else 0.0
    return min(max(numbered - owned - mistyped, 0.0) / numbered, MOST_ABSENT)
