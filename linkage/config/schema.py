"""JSON Schema of the job file and the registry declaration, for editors."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from linkage.config.models import JobConfig, RegistryDeclaration
from linkage.fields import FIELD_TYPES
from linkage.rules.added import AddedRule
from linkage.rules.catalogue import SETTINGS
from linkage.rules.rule import Protection, Rule

_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


def json_schema() -> dict[str, Any]:
    """One schema with the definitions ``JobConfig`` and ``RegistryDeclaration``.

    Field types, rule codes and rule parameters are listed, so that an editor can offer them.

    Example:
        >>> schema = json_schema()
        >>> "phone" in schema["$defs"]["FieldDeclaration"]["properties"]["type"]["enum"]
        True
    """
    forms = [
        (JobConfig, "validation"),
        (RegistryDeclaration, "validation"),
        (AddedRule, "validation"),
    ]
    _, schema = models_json_schema(forms, title="registry-linkage configuration")  # type: ignore[arg-type]
    definitions = schema["$defs"]
    definitions["FieldDeclaration"]["properties"]["type"]["enum"] = list(FIELD_TYPES)
    rules = {code: _rule(rule) for code, rule in SETTINGS.items()}
    for form in ("RegistryDeclaration", "RegistryJob"):
        definitions[form]["properties"]["rules"] |= {
            "properties": rules,
            "additionalProperties": {
                "anyOf": [
                    {"$ref": "#/$defs/AddedRule"},
                    {"type": ["object", "boolean"], "not": {"required": ["predicate"]}},
                ]
            },
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "oneOf": [{"$ref": "#/$defs/JobConfig"}, {"$ref": "#/$defs/RegistryDeclaration"}],
    }


def _rule(rule: Rule | Protection) -> dict[str, Any]:
    parameters = {
        name: {"type": _JSON_TYPES[type(default)], "default": default}
        for name, default in rule.defaults.items()
    }
    settings = {"type": "object", "properties": parameters, "additionalProperties": False}
    return {"description": rule.description["en"], "anyOf": [{"type": "boolean"}, settings]}
