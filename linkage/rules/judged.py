"""SQL of the case list: rules judged, protections weighed, the steps that are due."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from linkage.contracts import ACTIONS, SEVERITIES
from linkage.link.tables import LinkTables
from linkage.rules.ladder import after
from linkage.rules.protection import EVERYWHERE, UNSURE
from linkage.rules.rule import Protection, Rule, Step, filled

Chosen = Mapping[str, tuple[Rule, Mapping[str, Any]]]
Protecting = Mapping[str, tuple[Protection, Mapping[str, Any]]]

ASK: Final = ACTIONS.index("ask") + 1
"""Place of the question among the actions, counted from 1 as SQL does."""
_NOTIFY: Final = ACTIONS.index("notify") + 1


def cases_sql(
    tables: LinkTables,
    rules: Chosen,
    protections: Protecting,
    *,
    columns: Collection[str],
    registry: str,
    reference_date: dt.date,
    unsure: str,
) -> str:
    """The rest of a ``SELECT`` over the failing records, from ``province`` on.

    Args:
        tables: names of the registry's tables; the case view is there.
        rules: rules in force with their parameters.
        protections: protections in force with theirs.
        columns: columns of the case view.
        registry: whose ladders hold.
        reference_date: the day of the first step.
        unsure: SQL that holds where the step ``due`` asks for a surer link.
    """
    failing = ", ".join(
        _failing(rule, parameters, protections, columns, registry, reference_date)
        for rule, parameters in rules.values()
    )
    # Asked first: what a case says is put together for the few that are one.
    fails = " OR ".join(
        f"({filled(rule.predicate, parameters)})" for rule, parameters in rules.values()
    )
    severities, actions = (sql_list(words) for words in (SEVERITIES, ACTIONS))
    question = _ladder("ask", (), reference_date)
    return f"""province,
        list_transform(failing, lambda r: r.code) AS reasons,
        {severities}[gravity] AS severity,
        rule_confidence * CASE link_status WHEN 'linked' THEN match_probability
            WHEN 'unlinked' THEN 1 - coalesce(match_probability, 0) ELSE 1 END AS confidence,
        {actions}[CASE WHEN is_unsure THEN least(due, {ASK}) ELSE due END] AS action,
        CASE WHEN is_unsure THEN list_append(shields, '{UNSURE}') ELSE shields END AS protected,
        '{{' || array_to_string(list_transform(failing,
            lambda r: '"' || r.code || '":' || r.evidence), ',') || ',"ladder":'
            || CASE WHEN is_unsure AND due > {ASK} THEN {question}
               ELSE list_filter(failing, lambda r: r.due = due)[1].ladder END || '}}' AS evidence,
        'new' AS status
    FROM (
        SELECT *, {unsure} AS is_unsure,
            -- Of the rules that ask for the step: others do not make it surer.
            list_max(list_transform(list_filter(failing, lambda r: r.due = due),
                lambda r: r.confidence)) AS rule_confidence,
            CASE WHEN due = {ASK} THEN list_sort(list_distinct(flatten(
                list_transform(failing, lambda r: r.held)))) ELSE []::VARCHAR[] END AS shields
        FROM (
            SELECT *, list_max(list_transform(failing, lambda r: r.gravity)) AS gravity,
                list_max(list_transform(failing, lambda r: r.due)) AS due
            FROM (SELECT *, list_sort(list_transform(list_filter([{failing}],
                        lambda r: r IS NOT NULL), {_WITH_DUE}), 'DESC') AS failing
                  FROM "{tables.cases}" WHERE {fails})
        )
    ) ORDER BY idx
    """


_WITH_DUE: Final = (
    "lambda r: struct_pack(gravity := r.gravity, step := r.step, code := r.code,"
    " confidence := r.confidence, evidence := r.evidence, held := r.held,"
    f" due := CASE WHEN len(r.held) > 0 THEN least(r.step, {ASK}) ELSE r.step END,"
    f" ladder := r.ladders[CASE WHEN len(r.held) > 0 THEN least(r.step, {ASK}) ELSE r.step END])"
)


def counts_sql(tables: LinkTables, rules: Chosen) -> str:
    """How many records fail, pass and cannot be judged, rule by rule."""
    return " UNION ALL ".join(
        f"SELECT '{code}' AS rule, count(*) FILTER (WHERE verdict) AS failed,"
        " count(*) FILTER (WHERE NOT verdict) AS passed,"
        " count(*) FILTER (WHERE verdict IS NULL) AS unknown"
        f" FROM (SELECT ({filled(rule.predicate, parameters)})::BOOLEAN AS verdict"
        f' FROM "{tables.cases}")'
        for code, (rule, parameters) in rules.items()
    )


def _failing(
    rule: Rule,
    parameters: Mapping[str, Any],
    protections: Protecting,
    columns: Collection[str],
    registry: str,
    reference_date: dt.date,
) -> str:
    """A struct where the rule fails, null where it passes or cannot be judged."""
    severity, action, confidence, predicate = (
        filled(sql, parameters)
        for sql in (rule.severity, rule.action, rule.confidence, rule.predicate)
    )
    step = f"list_position({sql_list(ACTIONS)}, {action})"
    shown = [column for column in rule.evidence if column in columns]
    packed = ", ".join(f'"{column}" := "{column}"' for column in shown)
    evidence = f"to_json(struct_pack({packed}))::VARCHAR" if shown else "'{}'"
    steps = rule.ladders.get(registry, ())
    ladders = ", ".join(_ladder(first, steps, reference_date) for first in ACTIONS)
    return (
        f"CASE WHEN coalesce({predicate}, false) THEN struct_pack("
        f"gravity := list_position({sql_list(SEVERITIES)}, {severity}), step := {step},"
        f" code := '{rule.code}', confidence := ({confidence})::DOUBLE, evidence := {evidence},"
        f" held := {_held(rule, step, protections)}, ladders := [{ladders}]) END"
    )


def _held(rule: Rule, step: str, protections: Protecting) -> str:
    """Codes of the protections that hold the rule's step back."""
    members = [
        f"CASE WHEN coalesce({filled(protection.predicate, parameters)}, false)"
        f"{'' if protection.strong else f' AND {step} > {_NOTIFY}'} THEN '{code}' END"
        for code, (protection, parameters) in protections.items()
        if code in rule.held_by or code in EVERYWHERE
    ]
    listed = f"[{', '.join(members)}]" if members else "[]"
    return f"list_filter({listed}::VARCHAR[], lambda c: c IS NOT NULL)"


def _ladder(first: str, steps: Sequence[Step], day: dt.date) -> str:
    """The steps from a first one on with their days, as a JSON literal."""
    told = [
        {"step": action, "on": (day + dt.timedelta(days=days)).isoformat()}
        for action, days in after(first, steps)
        if action != "none"
    ]
    return "'" + json.dumps(told, separators=(",", ":")) + "'"


def sql_list(words: Sequence[str]) -> str:
    """Words as a SQL list."""
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"
