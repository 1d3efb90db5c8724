"""Which rules and protections are in force: what ships, as declaration and job change and add to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linkage.clean import DeclaredField
from linkage.rules.added import is_definition, rule_of
from linkage.rules.catalogue import RULES, SETTINGS
from linkage.rules.protection import PROTECTIONS
from linkage.rules.rule import Protection, Rule

Settings = Mapping[str, Any]


def effective_rules(declared: Settings, job: Settings) -> dict[str, Any]:
    """What is on, each with all of its parameters; protections that are off are false.

    Args:
        declared: the declaration's section ``rules``.
        job: the job's.

    Returns:
        Code to parameters; of an added rule, code to its definition.

    Example:
        >>> effective_rules({"OVER_LIMIT": {"ask_from": 5}, "BORROWED_ID": {}},
        ...                 {"BORROWED_ID": False})
        {'OVER_LIMIT': {'ask_from': 5, 'verify_from': 10}}
    """
    chosen: dict[str, Any] = {}
    codes = [*SETTINGS, *(code for code in {**declared, **job} if code not in SETTINGS)]
    for code in codes:
        said = [part[code] for part in (declared, job) if code in part]
        if not said:
            continue
        if said[-1] is False:
            if code in PROTECTIONS:
                chosen[code] = False
            continue
        given = [setting for setting in said if isinstance(setting, Mapping)]
        if code in SETTINGS:
            parameters: dict[str, Any] = dict(SETTINGS[code].defaults)
            for setting in given:
                parameters.update(setting)
            chosen[code] = parameters
        elif added := _added(given):
            chosen[code] = added
    return chosen


def _added(given: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The last definition, with the parameters that were changed after it."""
    definition: dict[str, Any] | None = None
    for setting in given:
        if is_definition(setting):
            definition = dict(setting)
        elif definition is not None:
            definition["parameters"] = {**definition.get("parameters", {}), **setting}
    return definition


def active_rules(
    settings: Settings, fields: Mapping[str, DeclaredField], registry: str | None = None
) -> dict[str, tuple[Rule, dict[str, Any]]]:
    """Rules that are switched on and whose fields the registry has, with their parameters.

    Args:
        settings: rule code to parameters, to a definition, or to true or false.
        fields: declared fields.
        registry: its name; None to leave aside which registries a rule is made for.

    Example:
        >>> sorted(active_rules({"HOLDER_DECEASED": True, "OVER_LIMIT": False}, {}))
        ['HOLDER_DECEASED']
    """
    active: dict[str, tuple[Rule, dict[str, Any]]] = {}
    for code, chosen in settings.items():
        if chosen is False or code in PROTECTIONS:
            continue
        given = dict(chosen) if isinstance(chosen, Mapping) else {}
        if is_definition(given):
            rule = rule_of(code, registry or "", given)
            active[code] = (rule, rule.defaults)
            continue
        rule = RULES[code]
        elsewhere = registry and rule.registries and registry not in rule.registries
        if elsewhere or any(field not in fields for field in rule.requires):
            continue
        active[code] = (rule, {**rule.defaults, **given})
    return active


def active_protections(settings: Settings) -> dict[str, tuple[Protection, dict[str, Any]]]:
    """Protections in force with their parameters: all that are not switched off.

    Example:
        >>> "ELDERLY_HOLDER" in active_protections({"ELDERLY_HOLDER": False})
        False
    """
    active = {}
    for code, protection in PROTECTIONS.items():
        chosen = settings.get(code, True)
        if chosen is not False:
            given = dict(chosen) if isinstance(chosen, Mapping) else {}
            active[code] = (protection, {**protection.defaults, **given})
    return active
