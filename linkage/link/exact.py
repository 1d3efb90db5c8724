"""The exact pass: the look-up that agencies do today, as a hash join.

A record whose fields all agree with exactly one person is settled without a model, and says which
rule settled it. Where several people agree the model decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from linkage.columns import part
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.block import block
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.link.tables import LinkTables
from linkage.link.told import confirmed, without_told


def settle(
    engine: DuckDBEngine,
    rules: Sequence[Sequence[str]],
    pairing: Pairing,
    model: Model,
    *,
    records: str,
    people: str,
    settled: str,
    told: LinkTables,
) -> int:
    """Make the table ``idx_l, idx_r, match_weight, decided_by`` of settled records.

    Args:
        engine: where the feature tables are.
        rules: exact rules as declared, in order of trust; the first that fits decides.
        pairing: which fields the two sides share.
        model: gives each link the weight of full agreement on the rule's fields.
        records: table of record features, organisations left out.
        people: table of population features.
        settled: name of the table to make.
        told: names; ``told`` is read: a confirmed pair settles its record before any rule does.

    Returns:
        Number of settled records.
    """
    pairs = f"{settled}_pairs"
    block(engine, rules, pairing, records=records, people=people, pairs=pairs, seen=False)
    without_told(engine, told, pairs)
    labels = _by_rule(f"'exact:{'+'.join(rule)}'" for rule in rules)
    weights = _by_rule(_weight(rule, pairing, model) for rule in rules)
    rarity, frequencies = _name_rarity(model)
    engine.run(
        f'CREATE OR REPLACE TABLE "{settled}" AS WITH ranked AS ('
        f'SELECT *, match_key::INTEGER AS rule FROM "{pairs}"'
        " QUALIFY rule = min(rule) OVER (PARTITION BY idx_l)), "
        "single AS (SELECT * FROM ranked QUALIFY count(*) OVER (PARTITION BY idx_l) = 1)"
        f" SELECT idx_l, idx_r, ({weights} + {rarity})::DOUBLE AS match_weight,"
        f" ({labels})::VARCHAR AS decided_by FROM single"
        f' JOIN "{people}" p ON p.idx = idx_r {frequencies}'
        f" UNION ALL {confirmed(told)}"
    )
    engine.drop(pairs)
    return engine.number(f'SELECT count(*) FROM "{settled}"')


def _by_rule(values: Iterable[str]) -> str:
    cases = "".join(f" WHEN {number} THEN {value}" for number, value in enumerate(values))
    return f"CASE rule{cases} END" if cases else "NULL"


def _weight(rule: Sequence[str], pairing: Pairing, model: Model) -> str:
    fields = [pairing.canonical(field) or field for field in rule]
    return repr(model.prior_weight + sum(model.agreement_weight(field) for field in fields))


def _name_rarity(model: Model) -> tuple[str, str]:
    """SQL term and join that add the rarity of the agreeing name, as Splink would."""
    compared = model.compared("person_name")
    if compared is None:
        return "0", ""
    best = compared.best
    if best.frequency is None:
        return "0", ""
    feature = part(compared.field, best.frequency)
    u = model.weights[compared.name][best.label][1]
    term = f'coalesce(log2({u!r} / "tf_{feature}"), 0)'
    return term, f'LEFT JOIN "tf_{feature}" t ON t."{feature}" = p."{feature}"'
