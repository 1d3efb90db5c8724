"""What hangs together across a configuration: fields, keys, columns, thresholds, rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from linkage.config.added import check_added
from linkage.config.document import Document, KeyPath
from linkage.config.models import (
    EngineConfig,
    FieldDeclaration,
    LinkDeclaration,
    LinkOverrides,
    RegistryDeclaration,
    Thresholds,
)
from linkage.errors import did_you_mean
from linkage.fields import FIELD_TYPES, linkable, shared_fields
from linkage.rules.added import is_definition
from linkage.rules.catalogue import RULES, SETTINGS

Fields = Mapping[str, FieldDeclaration]


def check_types(document: Document, where: KeyPath, fields: Fields) -> bool:
    """Note unknown field types; say whether all are known."""
    unknown = {name: field.type for name, field in fields.items() if field.type not in FIELD_TYPES}
    for name, kind in unknown.items():
        document.note((*where, name, "type"), f"unknown field type {kind!r}",
                      " | ".join(FIELD_TYPES), kind, did_you_mean(kind, FIELD_TYPES))  # fmt: skip
    return not unknown


def check_engine(document: Document, engine: EngineConfig) -> None:
    """Note settings of Spark where Spark is not asked for."""
    if engine.name == "spark":
        return
    for key in sorted(engine.model_fields_set & {"master", "options", "spark_from"}):
        document.note(("engine", key), f"the engine {engine.name} has no {key!r}",
                      "engine: name: spark", engine.name)  # fmt: skip


def check_declaration(document: Document, declaration: RegistryDeclaration, people: Fields) -> None:
    """Note what in a declaration does not hang together.

    Args:
        document: the declaration's file.
        declaration: what it says.
        people: fields of the population register; a registry is linked on what both have.
    """
    if not check_types(document, ("fields",), declaration.fields):
        return
    for key in ("holds_by", "opened_on"):
        name, _, part = (getattr(declaration, key) or "").partition(".")
        if name and name not in declaration.fields:
            document.note((key,), f"{name!r} is not a field of the registry",
                          " | ".join(declaration.fields), name,
                          did_you_mean(name, declaration.fields))  # fmt: skip
        elif part and part not in (keys := FIELD_TYPES[declaration.fields[name].type].keys):
            document.note((key,), f"{name!r} has no part {part!r}",
                          _some([f"{name}.{known}" for known in keys if known]), part,
                          did_you_mean(part, keys))  # fmt: skip
    opened = declaration.fields.get(declaration.opened_on or "")
    if opened and opened.type not in ("date", "birth_date"):
        document.note(("opened_on",), "the field is no date", "a field of type date", opened.type)
    for key in ("plate_kind", "classes"):
        name = getattr(declaration.duplicates, key)
        if name and name not in declaration.fields:
            document.note(("duplicates", key), f"{name!r} is not a field of the registry",
                          " | ".join(declaration.fields), name,
                          did_you_mean(name, declaration.fields))  # fmt: skip
    check_link(document, ("link",), declaration.fields, people, declaration.link)
    check_thresholds(document, ("link", "thresholds"), declaration.link.thresholds)
    check_rules(document, ("rules",), declaration.rules, declaration)


def check_link(
    document: Document,
    where: KeyPath,
    fields: Fields,
    people: Fields,
    link: LinkDeclaration | LinkOverrides,
) -> None:
    """Note exact and block entries that are no keys of fields that both registers have."""
    own = {name: field.type for name, field in fields.items()}
    others = linkable({name: field.type for name, field in people.items()})
    shared = list(shared_fields(own, others).values())
    known = [(name, key) for name in shared for key in FIELD_TYPES[fields[name].type].keys]
    bare = [name for name, key in known if not key]
    keys = [*bare, *(f"{name}.{key}" for name, key in known if key)]
    for part, entries, choices in (("exact", link.exact, bare), ("block", link.block, keys)):
        for i, entry in enumerate(entries or ()):
            for j, key in enumerate(entry):
                if key not in choices:
                    what = _why_no_key(key, fields, shared)
                    document.note((*where, part, i, j), what, _some(choices), key,
                                  did_you_mean(key, choices))  # fmt: skip


def _why_no_key(key: str, fields: Fields, shared: Sequence[str]) -> str:
    name = key.split(".")[0]
    if name not in fields:
        return f"{name!r} is not a field of the registry"
    if name not in shared:
        return f"the population register has no field {name!r} to agree with"
    return f"{key!r} is not a key of the field type {fields[name].type!r}"


def check_thresholds(document: Document, where: KeyPath, thresholds: Thresholds) -> None:
    """Note a review threshold above the link threshold, and one to link down to above it."""
    high, down_to = thresholds.link, thresholds.link_down_to
    if thresholds.review > thresholds.link:
        document.note((*where, "review"), "the review threshold lies above the link threshold",
                      f"at most {thresholds.link}", str(thresholds.review))  # fmt: skip
    elif down_to is not None and down_to > high:
        document.note((*where, "link_down_to"), "links cannot go down to this probability",
                      f"at most the link threshold, {high}", str(down_to))  # fmt: skip


def check_rules(
    document: Document,
    where: KeyPath,
    rules: Mapping[str, Any],
    declaration: RegistryDeclaration,
) -> None:
    """Note unknown rules, unknown parameters and parameters of the wrong type, and added rules.

    Args:
        document: the file.
        where: place of its section ``rules``.
        rules: what the section says.
        declaration: the registry's, whose own rules a job may change.
    """
    added = {code: own for code, own in declaration.rules.items() if is_definition(own)}
    known: dict[str, Mapping[str, Any]] = {c: one.defaults for c, one in SETTINGS.items()}
    known |= {code: own.get("parameters") or {} for code, own in added.items()}
    for code, setting in rules.items():
        if code not in SETTINGS and is_definition(setting):
            check_added(document, (*where, code), code, setting, declaration.fields)
            continue
        if code not in known:
            document.note((*where, code), f"unknown rule {code!r}", " | ".join(known), code,
                          did_you_mean(code, known)
                          or "a rule of your own needs a predicate")  # fmt: skip
            continue
        made_for = RULES[code].registries if code in RULES else None
        if setting is not False and made_for and declaration.registry not in made_for:
            document.note((*where, code), f"the rule {code} is not made for this registry",
                          " | ".join(made_for), declaration.registry)  # fmt: skip
        parameters = known[code]
        if not isinstance(setting, dict | bool):
            document.note((*where, code), "neither parameters nor a switch",
                          "{parameter: value}, true or false",
                          _shown(document, (*where, code), setting))  # fmt: skip
        for name, value in setting.items() if isinstance(setting, dict) else ():
            place = (*where, code, name)
            if name not in parameters:
                document.note(place, f"the rule {code} has no parameter {name!r}",
                              " | ".join(parameters) or "{}: no parameters", name,
                              did_you_mean(name, parameters))  # fmt: skip
            elif not _is_like(value, parameters[name]):
                document.note(place, "the parameter has the wrong type",
                              _kind(parameters[name]),
                              _shown(document, place, value))  # fmt: skip


def _shown(document: Document, place: KeyPath, value: object) -> str:
    text = document.texts.get(place, value)
    return f"the text {text!r}" if isinstance(value, str) else str(text)


def _is_like(value: object, default: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))


def _kind(default: object) -> str:
    names = {"bool": "true or false", "int": "a whole number", "float": "a number"}
    return f"{names.get(type(default).__name__, 'text')}, such as {default}"


def check_columns(
    document: Document, where: KeyPath, fields: Fields, columns: Mapping[str, str]
) -> None:
    """Note mapped fields that are not declared, and required ones that are not mapped."""
    for name in columns:
        if name not in fields:
            document.note((*where, name), f"{name!r} is not a standard field here",
                          _some(list(fields)), name, did_you_mean(name, fields))  # fmt: skip
    for name, field in fields.items():
        if field.required and name not in columns:
            document.note(where, f"the required field {name!r} is not mapped",
                          f"{name}: <column of the source>")  # fmt: skip


def _some(choices: Sequence[str]) -> str:
    """Choices, not too many of them."""
    return " | ".join(choices[:24]) + (" …" if len(choices) > 24 else "")
