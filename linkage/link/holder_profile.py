"""Who holds such records: the chance of a person before anything is compared, by age and sex.

A child has no car and nobody is born with a licence, so of two namesakes in one ward, a grown man and
a boy, the man is meant. A registry without birth dates cannot compare ages, but it shows what ages its
holders have: those of its sure links against all people of the register. The prior of a candidate is
that of a random person, raised or lowered by how much oftener than a random person somebody of his year
of birth and sex holds a record of this registry:

    bits = log2(holders among the sure links / holders expected if everybody held alike)

A year that few sure links tell of stays with what everybody's is. Whether a person has died is left
out on purpose: that a record belongs to one who is dead is for a rule to find.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from linkage.columns import INDEX, part
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.model import Model
from linkage.link.tables import LinkTables
from linkage.population import REGISTER_FEATURES

SURE_BITS: Final = 10.0
"""Match weight, and lead over the next candidate, of a link that tells of holders: 1 in 1,000 wrong."""
LEAST: Final = -5.0
MOST: Final = 3.0
"""Bits that age and sex may say: agencies err, and a boy may inherit a car."""
_EXPECTED: Final = 5.0
"""Holders expected in a group, beside its own, who hold as everybody does."""
_TOLD: Final = "__holders"
_YEAR, _SEX = part("birth_date", "year"), part("sex", "value")


def learn_holders(engine: DuckDBEngine, tables: LinkTables, model: Model) -> Model:
    """Learn from a registry's sure links who holds its records.

    Args:
        engine: holds the features of the population.
        tables: names; ``settled`` and ``candidates`` are read.
        model: the weights that the candidates were scored with.

    Returns:
        The model with ``holder_bits``: none where the register has no birth dates, or no link is
        sure.
    """
    people = _people(engine)
    if people is None:
        return model
    bits = engine.frame(
        f"WITH people AS ({people}), sure AS ({_sure(tables)})"
        f" SELECT holders, round(bits, 6) AS bits FROM ({_BITS}) ORDER BY holders"
    )
    if (bits["bits"] == 0).all():  # nobody was seen to hold anything
        return model
    return replace(model, holder_bits=dict(zip(bits["holders"], bits["bits"], strict=True)))


def weigh_holders(engine: DuckDBEngine, tables: LinkTables, model: Model) -> None:
    """Raise or lower the candidates' match weights by who holds such records.

    Args:
        engine: holds the features of the population.
        tables: names; ``candidates`` is read and made again. The bits are part of no comparison:
            they are the pair's prior.
        model: its ``holder_bits``.
    """
    people = _people(engine)
    if people is None or not model.holder_bits:
        return
    told = pl.DataFrame({"holders": model.holder_bits.keys(), "bits": model.holder_bits.values()})
    engine.put(_TOLD, told)
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.candidates}" AS'
        " SELECT c.* REPLACE (match_weight + coalesce(b.bits, 0.0) AS match_weight)"
        f' FROM "{tables.candidates}" c JOIN ({people}) p ON p.{INDEX} = c.idx_r'
        f" LEFT JOIN {_TOLD} b ON b.holders = p.holders"
    )
    engine.drop(_TOLD)


def _people(engine: DuckDBEngine) -> str | None:
    """SQL for ``idx, year, sex, holders``; None where the register has no birth dates."""
    known = engine.columns(REGISTER_FEATURES)
    if _YEAR not in known:
        return None
    sex = f'"{_SEX}"' if _SEX in known else "NULL::VARCHAR"
    return (
        f'SELECT {INDEX}, "{_YEAR}" AS year, {sex} AS sex,'
        f""" "{_YEAR}" || ' ' || coalesce({sex}, '') AS holders FROM {REGISTER_FEATURES}"""
    )


def _sure(tables: LinkTables) -> str:
    """People of the links that are sure: what the exact pass settled, and what leads by far.

    Each once: a thousand SIMs on one identity tell of one holder.
    """
    return f"""
        SELECT idx_r FROM "{tables.settled}" UNION
        SELECT idx_r FROM (
            SELECT idx_r, match_weight, lead(match_weight, 1, -1000.0) OVER best AS next,
                row_number() OVER best AS rank
            FROM "{tables.candidates}"
            WINDOW best AS (PARTITION BY idx_l ORDER BY match_weight DESC, idx_r)
        ) WHERE rank = 1 AND match_weight >= {SURE_BITS} AND match_weight - next >= {SURE_BITS}
    """


_BITS: Final = f"""
    SELECT holders, greatest({LEAST}, least({MOST}, log2(
        (held + {_EXPECTED} * (held_in_year + {_EXPECTED}) / (expected_in_year + {_EXPECTED}))
        / (expected + {_EXPECTED})
    ))) AS bits
    FROM (
        SELECT *, sum(held) OVER (PARTITION BY year) AS held_in_year,
            sum(expected) OVER (PARTITION BY year) AS expected_in_year
        FROM (
            SELECT g.year, g.holders, coalesce(h.n, 0)::DOUBLE AS held,
                g.people * sum(coalesce(h.n, 0)) OVER () / sum(g.people) OVER () AS expected
            FROM (SELECT year, holders, count(*) AS people FROM people GROUP BY ALL) g
            LEFT JOIN (
                SELECT p.holders, count(*) AS n FROM sure s JOIN people p ON p.{INDEX} = s.idx_r
                GROUP BY ALL
            ) h ON h.holders IS NOT DISTINCT FROM g.holders
        )
    ) WHERE holders IS NOT NULL
"""
"""SQL for the bits of every year and sex, over ``people`` and ``sure``."""
