"""How common a name is where its bearers live, and among those of their age.

Names hang together with places and years: a rare surname fills one village, a given name comes and
goes with its generation. Where two people of one ward, or of one age, share a name, that says less than
the frequency of the name in the whole register makes it seem, and ward and year have been counted
already. So the weight of the name is lowered there to what the name is worth among the people of that
ward and of that generation:

    bits = log2(P(name | ward) / P(name)) + log2(P(name | generation) / P(name)), neither below -1

A name may be rarer there than elsewhere, and then says more; counting only what lowers would claim too
little of everybody. But an invented person has a name from anywhere, so that it says one bit more at
most.

Both are counted in the register, the candidate himself left out; where few people tell, the surname
of the ward and the given names of the generation stand in. On generated registers, which give
villages their surnames and generations their given names, same-named strangers of one ward are 1.5 to
2.2 times, of one year 1.6 to 2.1 times as frequent as independence would have it.
"""

from __future__ import annotations

from typing import Final

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import FieldComparison, Model
from linkage.population import PEOPLE_FEATURES

YEARS: Final = 10
"""Years of birth that make one generation."""
MOST_GAINED: Final = 1.0
"""Bits that a name may say more where it is rarer than elsewhere."""
_OF_NAMES: Final = 1000.0
"""People whom the stand-in counts for, beside those of the ward or generation itself."""
_OF_PARTS: Final = 100.0
_IN_ONE_WARD: Final = ("same ward",)
_OF_ONE_AGE: Final = (
    "same date", "same year, day unknown", "day and month swapped", "one digit apart",
    "within two days", "same year",
)  # fmt: skip


def lower_common_names(engine: DuckDBEngine, model: Model, candidates: str) -> None:
    """Lower the weights of names that are common in the candidate's ward or generation.

    Args:
        engine: holds the features of the population.
        model: says which comparisons there are; without names nothing is done.
        candidates: table with ``idx_r``, ``match_weight``, and ``gamma_*`` and ``w_*`` of every
            comparison; ``match_weight`` and the weight of the name are lowered.
    """
    name = model.compared("person_name")
    bits = bits_sql(model)
    if name is None or bits == "0.0":
        return
    contexts = count_contexts(engine, model)
    engine.run(
        f'CREATE OR REPLACE TABLE "{candidates}" AS SELECT c.* REPLACE'
        f' (match_weight - {bits} AS match_weight, "w_{name.name}" - {bits} AS "w_{name.name}")'
        f' FROM "{candidates}" c LEFT JOIN "{contexts}" x ON x.{INDEX} = c.idx_r'
    )


def bits_sql(model: Model) -> str:
    """SQL for the bits that a pair's name is worth less, over its levels and the table of contexts."""
    name = model.compared("person_name")
    if name is None:
        return "0.0"
    shared = _at(name, tuple(level.label for level in name.scored if level.frequency))
    place, birth = model.compared("address"), model.compared("birth_date")
    terms = [
        f"CASE WHEN {shared} AND {_at(compared, labels)} THEN coalesce({bits}, 0) ELSE 0 END"
        for compared, labels, bits in (
            (place, _IN_ONE_WARD, "in_ward"),
            (birth, _OF_ONE_AGE, "in_generation"),
        )
        if compared is not None
    ]
    return " + ".join(terms).join("()") if terms else "0.0"


def _at(compared: FieldComparison, labels: tuple[str, ...]) -> str:
    numbers = ", ".join(str(compared.gamma(label)) for label in labels)
    return f'"gamma_{compared.name}" IN ({numbers})'


def count_contexts(engine: DuckDBEngine, model: Model) -> str:
    """Make the table of contexts, of the fields that a registry shares with the population.

    Returns:
        The table's name: ``idx, in_ward, in_generation``, bits by which a person's name is
        commoner there. Registries that share the same fields share the table.
    """
    kinds = ("person_name", "address", "birth_date")
    fields = [c.field if (c := model.compared(kind)) else "" for kind in kinds]
    table = "__".join(("name_contexts", *fields))
    if engine.has(table):
        return table
    known = engine.columns(PEOPLE_FEATURES)

    def feature(kind: str, part: str, of_it: str = "{}") -> str:
        compared = model.compared(kind)
        column = f"{compared.field}__{part}" if compared else ""
        return of_it.format(f'"{column}"') if column in known else "NULL"

    people = (
        f"SELECT {INDEX}, {feature('person_name', 'fold')} AS name,"
        f" {feature('person_name', 'family')} AS family, {feature('person_name', 'given')} AS given,"
        f" {feature('address', 'ward')} AS ward,"
        f" {feature('birth_date', 'year', f'{{}} // {YEARS}')} AS generation FROM {PEOPLE_FEATURES}"
    )
    counts = ("name", "family", "given", "ward", "generation", "name, ward", "family, ward",
              "name, generation", "given, generation")  # fmt: skip
    counted = ", ".join(
        f"count(*) OVER (PARTITION BY {columns}) AS n_{columns.replace(', ', '_')}"
        for columns in counts
    )
    engine.run(
        f'CREATE TABLE "{table}" AS'
        f" WITH counted AS (SELECT *, {counted}, count(*) OVER ()::DOUBLE AS people FROM ({people}))"
        f" SELECT {INDEX}, {_bits('ward', 'family')} AS in_ward,"
        f" {_bits('generation', 'given')} AS in_generation FROM counted"
    )
    return table


def _bits(group: str, by: str) -> str:
    """SQL for log2(P(name | group) / P(name)), one bearer and one of the group left out."""
    of_part = (
        f"(n_{by}_{group} - 1 + {_OF_PARTS} * n_{by} / people) / (n_{group} - 1 + {_OF_PARTS})"
        f" / (n_{by} / people)"
    )
    lift = (
        f"(n_name_{group} - 1 + {_OF_NAMES} * n_name / people * {of_part})"
        f" / (n_{group} - 1 + {_OF_NAMES}) / (n_name / people)"
    )
    unknown = f"name IS NULL OR {by} IS NULL OR {group} IS NULL"
    return f"CASE WHEN {unknown} THEN 0.0 ELSE greatest({-MOST_GAINED}, log2({lift})) END"
