"""Checks of rules that a declaration or a job adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from linkage.clean import DeclaredField
from linkage.config.document import Document, KeyPath
from linkage.config.findings import validate
from linkage.errors import did_you_mean
from linkage.rules.added import AddedRule
from linkage.rules.columns import known_columns
from linkage.rules.expression import faults
from linkage.rules.protection import PROTECTIONS
from linkage.rules.rule import filled

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def check_added(
    document: Document,
    where: KeyPath,
    code: str,
    definition: Mapping[str, Any],
    fields: Mapping[str, DeclaredField],
) -> None:
    """Note what is wrong with a rule that is added.

    Args:
        document: the file that adds it.
        where: its place there.
        code: what it is called.
        definition: what it says.
        fields: the registry's declared fields.
    """
    if not _CODE.fullmatch(code):
        document.note(where, "this is no rule code", "capital letters, digits and '_'", code)
    form = validate(document, AddedRule, definition, where)
    if form is None:
        return
    columns = known_columns(fields)
    known = [("evidence", form.evidence, columns), ("held_by", form.held_by, PROTECTIONS)]
    for key, names, choices in known:
        for i, name in enumerate(names):
            if name not in choices:
                document.note((*where, key, i), f"unknown name {name!r}",
                              " | ".join(sorted(choices)), name,
                              did_you_mean(name, choices))  # fmt: skip
    if "en" not in form.description:
        document.note((*where, "description"), "the description has no English text", "en: …")
    place = (*where, "predicate")
    missing = [n for n in _PLACEHOLDER.findall(form.predicate) if n not in form.parameters]
    for name in missing:
        document.note(place, f"the rule has no parameter {name!r}",
                      " | ".join(form.parameters) or "parameters: {name: default}", f"{{{name}}}",
                      did_you_mean(name, form.parameters))  # fmt: skip
    if not missing:
        for fault in faults(filled(form.predicate, form.parameters), columns):
            document.note(place, fault.message, fault.expected, fault.found, fault.hint)
