"""Records of one registry among themselves: which are of one person, and in what groups.

A pair stands once, the earlier record left; no record is paired with itself. Groups grow from
pairs by their *average*: two groups become one only if all their records, each with each, fit on
average, so that a single mistaken link does not glue two people together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.block import Blocked, block
from linkage.link.model import Model
from linkage.link.pairing import Pairing

LEAST_WEIGHT: Final = -7.0
"""Pairs below one in 128 are not kept."""
SUREST: Final = 8.0
"""Bits that one pair can say for two groups: it outvotes two that were not proposed, not three."""
UNLIKE: Final = -3.0
"""Bits of a pair that was not proposed, as one pair of a person in eight or so is not; also the least
that a pair can say against two groups."""
MOST_ROUNDS: Final = 60


def block_within(
    engine: DuckDBEngine,
    rules: Sequence[Sequence[str]],
    pairing: Pairing,
    *,
    records: str,
    pairs: str,
) -> Blocked:
    """Propose pairs of records into a table ``idx_l, idx_r, match_key`` with ``idx_l < idx_r``.

    Args:
        engine: where the feature table is.
        rules: blocking rules as declared.
        pairing: which fields are compared.
        records: table of record features.
        pairs: name of the table to make.
    """
    found = block(engine, rules, pairing, records=records, people=records, pairs=pairs)
    engine.run(f'DELETE FROM "{pairs}" WHERE idx_l >= idx_r')
    counted = engine.frame(f'SELECT match_key, count(*) AS n FROM "{pairs}" GROUP BY match_key')
    counts = dict(zip(counted["match_key"], counted["n"], strict=True))
    names = list(found.pairs)
    return Blocked(
        {name: int(counts.get(str(number), 0)) for number, name in enumerate(names)}, found.capped
    )


def score_within(
    engine: DuckDBEngine, model: Model, *, records: str, pairs: str, scored: str, groups: str = ""
) -> int:
    """Score pairs of records with Splink into a table ``idx_l, idx_r, match_weight``.

    Args:
        engine: where the tables are.
        model: weights and comparisons.
        records: table of record features.
        pairs: made by :func:`block_within`.
        scored: name of the table to make.
        groups: table ``idx, grp`` of records known to be of one person, which then count
            once for how frequent a value is; empty for none.

    Returns:
        Number of pairs kept.
    """
    if engine.number(f'SELECT count(*) FROM "{pairs}"') == 0:
        engine.run(
            f'CREATE OR REPLACE TABLE "{scored}" AS SELECT NULL::BIGINT AS idx_l,'
            " NULL::BIGINT AS idx_r, NULL::DOUBLE AS match_weight WHERE false"
        )
        return 0
    columns = tuple(dict.fromkeys((INDEX, *model.features(), *model.frequencies())))
    # Splink copies what it is given, both sides: only the records that are compared.
    compared = f"{pairs}_compared"
    selected = ", ".join(f'"{column}"' for column in columns)
    engine.run(
        f'CREATE OR REPLACE TEMP TABLE "{compared}" AS SELECT {selected} FROM "{records}"'
        f' WHERE {INDEX} IN (SELECT idx_l FROM "{pairs}" UNION SELECT idx_r FROM "{pairs}")'
    )
    frequencies = {
        f: _frequencies(engine, records, f, groups, compared) for f in model.frequencies()
    }
    linker = engine.linker(compared, compared, columns, model.settings(), frequencies)
    engine.score(
        linker,
        pairs,
        scored,
        select="idx_l, idx_r, match_weight",
        keep=f"match_weight >= {LEAST_WEIGHT}"
        " OR match_weight = max(match_weight) OVER (PARTITION BY idx_l)",
    )
    engine.drop(*frequencies.values(), compared)
    return engine.number(f'SELECT count(*) FROM "{scored}"')


def _frequencies(
    engine: DuckDBEngine, records: str, feature: str, groups: str, compared: str
) -> str:
    """Relative frequency of a feature's values among records, or among groups of them.

    Of the values of ``compared`` alone: nothing asks for others, and Splink joins them all.
    """
    table = f"tf_{records}_{feature}"
    source = f'SELECT "{feature}" FROM "{records}"'
    if groups:
        source = f'SELECT DISTINCT grp, "{feature}" FROM "{records}" JOIN "{groups}" USING (idx)'
    whole = f'SELECT count("{feature}") FROM ({source})'
    engine.run(
        f'CREATE OR REPLACE TABLE "{table}" AS SELECT "{feature}",'
        f' count(*)::DOUBLE / ({whole}) AS "tf_{feature}"'
        f' FROM ({source}) SEMI JOIN "{compared}" USING ("{feature}") GROUP BY "{feature}"'
    )
    return table


def group_within(
    engine: DuckDBEngine, *, records: str, scored: str, groups: str, weight: float
) -> int:
    """Group records into a table ``idx, grp``; ``grp`` is the first record of the group.

    Groups that are each other's best partner become one, best first, as long as their pairs
    have an average match weight above ``weight``.

    Args:
        engine: where the tables are.
        records: table of record features.
        scored: made by :func:`score_within`.
        groups: name of the table to make.
        weight: least average match weight, in bits.

    Returns:
        Number of groups, single records included.
    """
    engine.run(f'CREATE OR REPLACE TABLE "{groups}" AS SELECT idx, idx AS grp FROM "{records}"')
    engine.run(
        "CREATE OR REPLACE TABLE __edges AS SELECT idx_l AS a, idx_r AS b,"
        f" greatest(least(match_weight - {weight}, {SUREST}), {UNLIKE}) AS bits, 1 AS pairs"
        f' FROM "{scored}"'
    )
    for _ in range(MOST_ROUNDS):
        if not _merge_round(engine, groups):
            break
    engine.drop("__edges", "__merged")
    return engine.number(f'SELECT count(DISTINCT grp) FROM "{groups}"')


def _merge_round(engine: DuckDBEngine, groups: str) -> int:
    """Merge every two groups that are each other's best partner; say how many did."""
    engine.run(
        "CREATE OR REPLACE TABLE __merged AS WITH sizes AS ("
        f' SELECT grp, count(*) AS n FROM "{groups}" GROUP BY grp),'
        " averages AS (SELECT a, b,"
        f" (bits + (l.n * r.n - pairs) * {UNLIKE}) / (l.n * r.n) AS average"
        " FROM __edges JOIN sizes l ON l.grp = a JOIN sizes r ON r.grp = b),"
        " partners AS (SELECT a AS own, b AS other, average FROM averages WHERE average > 0"
        " UNION ALL SELECT b, a, average FROM averages WHERE average > 0),"
        # Ties are broken by the pair's own numbers, the same from both sides.
        " best AS (SELECT own, other FROM partners QUALIFY row_number() OVER (PARTITION BY own"
        " ORDER BY average DESC, least(own, other), greatest(own, other)) = 1)"
        " SELECT x.own AS kept, x.other AS gone FROM best x"
        " JOIN best y ON y.own = x.other AND y.other = x.own WHERE x.own < x.other"
    )
    merged = engine.number("SELECT count(*) FROM __merged")
    if merged:
        engine.run(f'UPDATE "{groups}" SET grp = kept FROM __merged WHERE grp = gone')
        engine.run(
            "CREATE OR REPLACE TABLE __edges AS SELECT least(a, b) AS a, greatest(a, b) AS b,"
            " sum(bits) AS bits, sum(pairs) AS pairs FROM ("
            " SELECT coalesce(x.kept, e.a) AS a, coalesce(y.kept, e.b) AS b, bits, pairs"
            " FROM __edges e LEFT JOIN __merged x ON x.gone = e.a"
            " LEFT JOIN __merged y ON y.gone = e.b) WHERE a <> b"
            " GROUP BY ALL"
        )
    return merged
