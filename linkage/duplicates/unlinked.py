"""Records whose holder the register does not know, compared with the registry's other records.

A record that is linked to nobody may still be the second one of somebody. It is compared with all
records that it shares a blocking key with, by the registry's own model; the prior is how often the
registry's sure links show a further holding. Records of one person are one candidate. Nothing is
attached against the register: where a record's likeliest holder is somebody else, it stays alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from linkage.duplicates.grouping import hold_together
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.block import Blocked, block
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.link.within import score_within

_OPEN: Final = "__duplicate_open"
_PAIRS: Final = "__duplicate_pairs"
_SCORED: Final = "__duplicate_scored"
_MOST_BITS: Final = 60.0
MOST_OF_NUMBER: Final = 200
"""Records that may share a number before it proposes nothing: a placeholder stands in thousands, and
each with each would be their square."""
MOST_PAIRS: Final = 20_000_000
"""Pairs compared in all; where there are more, each record keeps those of its most telling keys."""
SCHEMA: Final = {
    "idx": pl.Int64(), "entity": pl.String(), "probability": pl.Float64(), "compared": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True)
class Comparing:
    """How records are compared with each other.

    Attributes:
        pairing: which fields are compared.
        model: the registry's weights.
        block: its blocking rules.
        least: least probability at which two records count as one person's.
        warn: told what was not compared, in counts; None if nobody wants to know.
    """

    pairing: Pairing
    model: Model
    block: Sequence[Sequence[str]]
    least: float
    warn: Callable[[str], None] | None = None


def compared(
    engine: DuckDBEngine, tables: LinkTables, given: Comparing, further: float
) -> pl.DataFrame:
    """Attach unlinked records to people that other records are linked to, or to each other.

    Args:
        engine: holds the registry's tables, decided.
        tables: their names.
        given: how to compare.
        further: share of the holders that have a further holding.

    Returns:
        ``idx, entity, probability, compared``; ``entity`` is ``p`` and the person's index, or ``r``
        and the index of the first record.
    """
    engine.run(
        f'CREATE OR REPLACE TEMP TABLE "{_OPEN}" AS SELECT f.* FROM "{tables.subjects}" f'
        f" JOIN \"{tables.decisions}\" d USING (idx) WHERE d.link_status IN ('review', 'unlinked')"
    )
    size = engine.number(f'SELECT count(*) FROM "{tables.subjects}"')
    unknown = engine.number(f'SELECT count(*) FROM "{_OPEN}"')
    if unknown == 0 or size < 2:
        engine.drop(_OPEN)
        return pl.DataFrame(schema=SCHEMA)
    blocked = block(
        engine,
        given.block,
        given.pairing,
        records=_OPEN,
        people=tables.subjects,
        pairs=_PAIRS,
        most_of_number=MOST_OF_NUMBER,
    )
    engine.run(f'DELETE FROM "{_PAIRS}" WHERE idx_l = idx_r')
    left_out = bound_pairs(engine, _PAIRS, unknown, MOST_PAIRS)
    if given.warn is not None:
        for told in _left_out(tables.registry, unknown, blocked, left_out):
            given.warn(told)
    model = replace(given.model, prior=min(further / size, 0.1))
    score_within(engine, model, records=tables.subjects, pairs=_PAIRS, scored=_SCORED)
    scored = engine.frame(_sides(tables))
    engine.drop(_OPEN, _PAIRS, _SCORED)
    attached = owners(scored, given.least)
    among = _among(scored.join(attached, on="idx", how="anti"), attached, given.least)
    return pl.concat([attached, among]).sort("idx")


def bound_pairs(engine: DuckDBEngine, pairs: str, records: int, most: int) -> int:
    """Leave out pairs beyond a number, those of the least telling keys of each record first.

    Args:
        engine: where the pairs are.
        pairs: table ``idx_l, idx_r, match_key``; keys stand in the order of the blocking rules.
        records: different ``idx_l`` that there may be.
        most: pairs in all. Each record keeps as many as any other may.

    Returns:
        How many were left out.
    """
    proposed = engine.number(f'SELECT count(*) FROM "{pairs}"')
    if proposed <= most:
        return 0
    engine.run(
        f'DELETE FROM "{pairs}" WHERE rowid IN (SELECT rowid FROM "{pairs}" QUALIFY row_number() OVER'
        f" (PARTITION BY idx_l ORDER BY match_key::INTEGER, idx_r) > {max(most // records, 1)})"
    )
    return proposed - engine.number(f'SELECT count(*) FROM "{pairs}"')


def _left_out(registry: str, unknown: int, blocked: Blocked, pairs: int) -> Iterator[str]:
    """What was not compared, in words; values that many share by nature are no news."""
    shared = max((n for rule, n in blocked.capped.items() if rule in blocked.of_numbers), default=0)
    if shared:
        yield (
            f"{registry}: of {unknown:,} records that are linked to nobody, {shared:,} or more state a"
            f" number that more than {MOST_OF_NUMBER} records state: not compared by it"
        )
    if pairs:
        yield (
            f"{registry}: {unknown:,} records are linked to nobody; of the pairs to compare among the"
            f" registry's records {pairs:,} were left out, so duplicates may be missing: is the"
            " population register the right one?"
        )


def _sides(tables: LinkTables) -> str:
    """Each pair from the side of its open record, with what the links say of both."""
    return f"""
        WITH sided AS (
            SELECT idx_l AS idx, idx_r AS other, match_weight FROM "{_SCORED}"
            UNION SELECT idx_r, idx_l, match_weight FROM "{_SCORED}"
        )
        SELECT idx::BIGINT AS idx, other::BIGINT AS other, o.person::BIGINT AS person,
            pow(2, least(max(sided.match_weight), {_MOST_BITS})) AS odds,
            o.match_probability AS sure,
            coalesce(any_value(d.candidate) <> any_value(o.person)
                AND any_value(d.match_probability) > 0.5, false) AS against
        FROM sided JOIN "{tables.decisions}" d USING (idx)
        JOIN "{tables.decisions}" o ON o.idx = other
        WHERE d.link_status IN ('review', 'unlinked')
        GROUP BY ALL ORDER BY ALL
    """


def owners(scored: pl.DataFrame, least: float) -> pl.DataFrame:
    """Open records that one linked person alone can own: people compete for a record.

    Args:
        scored: pairs of an open record with another: ``idx, person, odds, sure, against``.
        least: probability from which one owns it.

    Returns:
        ``idx, entity, probability, compared``; the same to the last digit whatever the order.
    """
    people = (
        scored.filter(pl.col("person").is_not_null())
        .group_by("idx", "person")
        .agg(pl.col("odds").max(), pl.col("sure").max(), pl.col("against").any())
        .sort("idx", "person")  # a sum hangs on the order of its terms, in its last digit
    )
    share = pl.col("odds") / (1 + pl.col("odds").sum().over("idx"))
    return (
        people.with_columns(probability=share * pl.col("sure"))
        .filter((pl.col("probability") >= least) & ~pl.col("against"))
        .select(
            "idx",
            entity=pl.lit("p") + pl.col("person").cast(pl.String),
            probability="probability",
            compared=pl.lit(value=True),
        )
    )


def _among(scored: pl.DataFrame, attached: pl.DataFrame, least: float) -> pl.DataFrame:
    """Open records that no linked person owns, grouped among themselves."""
    pairs = (
        scored.filter(pl.col("person").is_null() & (pl.col("idx") < pl.col("other")))
        .join(attached, left_on="other", right_on="idx", how="anti")
        .select(idx_l="idx", idx_r="other", probability=pl.col("odds") / (1 + pl.col("odds")))
        .filter(pl.col("probability") >= least)
    )
    best = (
        pl.concat([pairs.select("probability", idx=side) for side in ("idx_l", "idx_r")])
        .group_by("idx")
        .agg(pl.col("probability").max())
    )
    return (
        hold_together(pairs, strong=(1 + least) / 2)
        .join(best, on="idx")
        .select(
            "idx",
            entity=pl.lit("r") + pl.col("grp").cast(pl.String),
            probability="probability",
            compared=pl.lit(value=True),
        )
    )
