"""Evaluate the rules of one registry: every rule on every record, a case where any fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from linkage.clean import DeclaredField
from linkage.contracts import ACTIONS, SEVERITIES, case_table
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables
from linkage.rules.cases import case_view
from linkage.rules.catalogue import RULES
from linkage.rules.rule import Rule

VICTIM: Final = "VICTIM_OF_BORROWED_IDENTITY"
"""Protects the own numbers of a person in whose name a block was opened: ask, do not act."""

UNSURE: Final = "LINK_NOT_SURE_ENOUGH"
"""Protects the holder of a record whose link is not as sure as the action asks: ask, do not act."""

CASE_ID: Final = "substr(sha256('{registry}' || chr(31) || record_id{more}), 1, 16)"
"""Stable across runs: depends on the registry and the record's key alone."""


def case_id(registry: str, *more: str) -> str:
    """SQL of a case id; ``more`` are further SQL terms that tell cases of one record apart."""
    return CASE_ID.format(
        registry=registry, more="".join(f" || chr(31) || {term}" for term in more)
    )


def active_rules(
    settings: Mapping[str, Any], fields: Mapping[str, DeclaredField]
) -> dict[str, tuple[Rule, dict[str, Any]]]:
    """Rules that are switched on and whose fields the registry has, with their parameters.

    Args:
        settings: rule code to parameters, or to true or false.
        fields: declared fields.

    Example:
        >>> sorted(active_rules({"HOLDER_DECEASED": True, "OVER_LIMIT": False}, {}))
        ['HOLDER_DECEASED']
    """
    active = {}
    for code, chosen in settings.items():
        rule = RULES[code]
        if chosen is False or any(field not in fields for field in rule.requires):
            continue
        given = dict(chosen) if isinstance(chosen, Mapping) else {}
        active[code] = (rule, {**rule.parameters, **given})
    return active


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
) -> pl.DataFrame:
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

    Returns:
        ``junk_sims`` or ``flags`` as the contract has it, one row per record with a failing rule.
    """
    rules = active_rules(settings, fields)
    block = rules["CONSECUTIVE_BLOCK"][1] if "CONSECUTIVE_BLOCK" in rules else None
    engine.run(
        case_view(
            tables,
            fields,
            opened_on=opened_on,
            counted_by=counted_by,
            reference_date=reference_date,
            block=block,
        )
    )
    table = case_table(tables.registry)
    if not rules:
        return table.empty()
    phone = next((name for name, f in fields.items() if f.type == "phone"), None)
    shown = {
        "phone": f'"{phone}"' if phone else "NULL::VARCHAR",
        "operator": "operator" if "operator" in fields else "NULL::VARCHAR",
    }
    extra = ", ".join(f"{sql} AS {name}" for name, sql in shown.items() if name in table.columns)
    more = f", {extra}" if extra else ""
    return engine.frame(_cases(tables.registry, rules, more, _unsure(least or {})))


def _unsure(least: Mapping[str, float]) -> str:
    """SQL that holds where a case's step asks for a surer link than it has."""
    steps = " ".join(
        f"WHEN {ACTIONS.index(action) + 1} THEN {float(probability)!r}"
        for action, probability in least.items()
    )
    if not steps:
        return "false"
    return f"(link_status = 'linked' AND match_probability < CASE step {steps} ELSE 0 END)"


def _cases(
    registry: str, rules: Mapping[str, tuple[Rule, Mapping[str, Any]]], extra: str, unsure: str
) -> str:
    failing = ", ".join(_failing(rule, parameters) for rule, parameters in rules.values())
    severities, actions = (_sql_list(words) for words in (SEVERITIES, ACTIONS))
    return f"""
    WITH judged AS (
        SELECT *, list_sort(list_filter([{failing}], lambda r: r IS NOT NULL), 'DESC') AS failing,
            CASE WHEN person_has_block AND block_size IS NULL THEN ['{VICTIM}']
                 ELSE []::VARCHAR[] END AS victim
        FROM "{registry}_cases"
    ),
    graded AS (
        SELECT *, list_max(list_transform(failing, lambda r: r.gravity)) AS gravity,
            list_max(list_transform(failing, lambda r: r.step)) AS step,
            list_max(list_transform(failing, lambda r: r.confidence)) AS rule_confidence
        FROM judged WHERE len(failing) > 0
    ),
    cases AS (
        SELECT *, list_concat(victim, CASE WHEN {unsure} THEN ['{UNSURE}']
                                      ELSE []::VARCHAR[] END) AS protected
        FROM graded
    )
    SELECT {case_id(registry)} AS case_id, record_id, person_id{extra}, province,
        list_transform(failing, lambda r: r.code) AS reasons,
        {severities}[gravity] AS severity,
        rule_confidence * CASE link_status WHEN 'linked' THEN match_probability
            WHEN 'unlinked' THEN 1 - coalesce(match_probability, 0) ELSE 1 END AS confidence,
        {actions}[CASE WHEN len(protected) > 0 THEN least(step, 2) ELSE step END] AS action,
        protected,
        '{{' || array_to_string(list_transform(failing,
            lambda r: '"' || r.code || '":' || r.evidence), ',') || '}}' AS evidence,
        'new' AS status
    FROM cases ORDER BY idx
    """


def _failing(rule: Rule, parameters: Mapping[str, Any]) -> str:
    """A struct where the rule fails, null where it passes or cannot be judged."""
    severity, action, confidence, predicate = (
        _filled(sql, parameters)
        for sql in (rule.severity, rule.action, rule.confidence, rule.predicate)
    )
    evidence = ", ".join(f"{column} := {column}" for column in rule.evidence)
    shown = f"to_json(struct_pack({evidence}))::VARCHAR" if evidence else "'{}'"
    return (
        f"CASE WHEN coalesce({predicate}, false) THEN struct_pack("
        f"gravity := list_position({_sql_list(SEVERITIES)}, {severity}),"
        f" step := list_position({_sql_list(ACTIONS)}, {action}),"
        f" code := '{rule.code}', confidence := ({confidence})::DOUBLE, evidence := {shown}) END"
    )


def _filled(sql: str, parameters: Mapping[str, Any]) -> str:
    for name, value in parameters.items():
        text = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
        sql = sql.replace("{" + name + "}", text)
    return sql


def _sql_list(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"
