"""Evaluate the rules of one registry: every rule on every record, a case where any fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from linkage.clean import DeclaredField
from linkage.contracts import ACTIONS, case_table
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables
from linkage.population import PEOPLE
from linkage.rules.cases import case_view
from linkage.rules.chosen import active_protections, active_rules
from linkage.rules.judged import ASK, Chosen, Protecting, cases_sql, counts_sql
from linkage.rules.protection import UNSURE, VICTIM

__all__ = ["ASK", "UNSURE", "VICTIM", "Flagged", "active_rules", "case_id", "flag"]

CASE_ID: Final = "substr(sha256('{registry}' || chr(31) || record_id{more}), 1, 16)"
"""Stable across runs: depends on the registry and the record's key alone."""


def case_id(registry: str, *more: str) -> str:
    """SQL of a case id; ``more`` are further SQL terms that tell cases of one record apart."""
    return CASE_ID.format(
        registry=registry, more="".join(f" || chr(31) || {term}" for term in more)
    )


@dataclass(frozen=True)
class Flagged:
    """What the rules of one registry found.

    Attributes:
        cases: ``junk_sims`` or ``flags`` as the contract has it, one row per record with a failing
            rule.
        counts: rule code to the number of records for which it ``failed``, ``passed``, and is
            ``unknown``.
    """

    cases: pl.DataFrame
    counts: Mapping[str, Mapping[str, int]]


def flag(
    engine: DuckDBEngine,
    tables: LinkTables,
    fields: Mapping[str, DeclaredField],
    settings: Mapping[str, Any],
    *,
    opened_on: str | None,
    counted_by: str | None,
    reference_date: dt.date,
    least: Mapping[Any, float] | None = None,
    also: Collection[str] = (),
) -> Flagged:
    """Make the case list of a registry, and the case view that other lists read.

    Args:
        engine: holds the registry's tables and the people.
        tables: names of the tables.
        fields: declared fields.
        settings: rule code to parameters.
        opened_on: field that says when a record was made.
        counted_by: column whose distinct values count as holdings.
        reference_date: the only clock.
        least: action to the least probability of the link on which it may be taken.
        also: fields that other lists read of the case view.
    """
    rules = active_rules(settings, fields, tables.registry)
    block = rules["CONSECUTIVE_BLOCK"][1] if "CONSECUTIVE_BLOCK" in rules else None
    engine.run(
        case_view(
            tables,
            fields,
            opened_on=opened_on,
            counted_by=counted_by,
            reference_date=reference_date,
            block=block,
            people=engine.columns(PEOPLE),
            shown={*_asked_for(fields, rules, active_protections(settings)), *also},
        )
    )
    return judge(
        engine,
        tables,
        fields,
        settings,
        registry=tables.registry,
        reference_date=reference_date,
        least=least,
    )


def _asked_for(
    fields: Mapping[str, DeclaredField], rules: Chosen, protections: Protecting
) -> Iterator[str]:
    """Fields of which a rule or a protection may say something, or that its cases show.

    The others, names and addresses most of all, need not be carried along.
    """
    said = [protection.predicate for protection, _ in protections.values()]
    for rule, _ in rules.values():
        said += [rule.predicate, rule.severity, rule.action, rule.confidence, *rule.evidence]
    text = " ".join(said)
    for name, field in fields.items():
        if name in text or name == "operator" or field.type == "phone":
            yield name


def judge(
    engine: DuckDBEngine,
    tables: LinkTables,
    fields: Mapping[str, DeclaredField],
    settings: Mapping[str, Any],
    *,
    registry: str,
    reference_date: dt.date,
    least: Mapping[Any, float] | None = None,
) -> Flagged:
    """Evaluate the rules of a registry on a case view that is there; see :func:`flag`."""
    rules, table = active_rules(settings, fields, registry), case_table(registry)
    if not rules:
        return Flagged(table.empty(), {})
    phone = next((name for name, f in fields.items() if f.type == "phone"), None)
    shown = {
        "phone": f'"{phone}"' if phone else "NULL::VARCHAR",
        "operator": "operator" if "operator" in fields else "NULL::VARCHAR",
    }
    extra = ", ".join(f"{sql} AS {name}" for name, sql in shown.items() if name in table.columns)
    cases = cases_sql(
        tables,
        rules,
        active_protections(settings),
        columns=frozenset(engine.columns(tables.cases)),
        registry=registry,
        reference_date=reference_date,
        unsure=_unsure(least or {}),
    )
    head = f"{case_id(registry)} AS case_id, record_id, person_id{extra and ', ' + extra}"
    counts = engine.frame(counts_sql(tables, rules))
    return Flagged(
        engine.frame(f"SELECT {head}, {cases}"),
        {row.pop("rule"): row for row in counts.to_dicts()},
    )


def _unsure(least: Mapping[str, float]) -> str:
    """SQL that holds where a case's step asks for a surer link than it has."""
    steps = " ".join(
        f"WHEN {ACTIONS.index(action) + 1} THEN {float(probability)!r}"
        for action, probability in least.items()
    )
    if not steps:
        return "false"
    return f"(link_status = 'linked' AND match_probability < CASE due {steps} ELSE 0 END)"
