"""Validation errors of pydantic as problems that people can act on."""

from __future__ import annotations

import re
import types
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from linkage.config.document import Document, KeyPath
from linkage.errors import did_you_mean

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED: Final = {
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "path_type": "a path",
    "date_type": "a date as yyyy-mm-dd",
    "date_parsing": "a date as yyyy-mm-dd",
    "date_from_datetime_parsing": "a date as yyyy-mm-dd",
    "date_from_datetime_inexact": "a date as yyyy-mm-dd",
    "dict_type": "key: value pairs",
    "model_type": "key: value pairs",
    "model_attributes_type": "key: value pairs",
    "list_type": "a list",
    "too_short": "at least one entry",
}
_SHAPES: Final = {
    "job": "letters, digits, '.', '-' and '_'",
    "purpose": "what the job is for, in words; it goes into the manifest",
    "memory_limit": "a size such as 4GB or 60%",
    "registry": "small letters, digits and '_'",
}
_MISSING: Final = {**_SHAPES, "reference_date": "a date: the only clock that rules know"}


def validate(document: Document, model: type[Model], data: object, where: KeyPath) -> Model | None:
    """Validate a part of a document; what is wrong is noted there.

    Args:
        document: takes the problems.
        model: the form.
        data: the part.
        where: key path of the part.

    Returns:
        The model, or None if something is wrong.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _note(document, model, detail, where)
        return None


def _note(
    document: Document, model: type[BaseModel], detail: ErrorDetails, prefix: KeyPath
) -> None:
    loc: KeyPath = tuple(part for part in detail["loc"] if part != "[key]")
    where = (*prefix, *loc)
    last = str(loc[-1]) if loc else ""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        names = _keys_at(model, loc[:-1])
        document.note(where, f"unknown key {last!r}", expected=" | ".join(names), found=last,
                      hint=did_you_mean(last, names))  # fmt: skip
    elif kind == "missing":
        document.note(where, f"the key {last!r} is missing", expected=_MISSING.get(last))
    elif kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        found = _found(document, where, detail["input"])
        document.note(where, "not one of the choices", " | ".join(choices), found,
                      did_you_mean(str(detail["input"]), choices))  # fmt: skip
    else:
        expected = _EXPECTED.get(kind) or context.get("expected")
        if kind == "string_pattern_mismatch":
            expected = _SHAPES.get(last, f"text that matches {context['pattern']}")
        message = detail["msg"] if "expected" in context else "the value does not fit"
        found = _found(document, where, detail["input"])
        document.note(where, message, expected or _plain(detail["msg"]), found)


def _plain(message: str) -> str:
    """Pydantic's words without its subject: 'Input should be greater than 0'."""
    return message.removeprefix("Input should be ").removeprefix("Value error, ")


def _found(document: Document, where: KeyPath, value: object) -> str:
    """What the file says there, before variables were expanded: those may be credentials."""
    if where in document.texts:
        return document.texts[where] or "nothing"
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"key: value pairs ({', '.join(map(str, list(value)[:5]))})" if value else "{}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return f"{type(value).__name__} {_written(document, where)!r}"


def _written(document: Document, where: KeyPath) -> object:
    part: Any = document.written
    for key in where:
        try:
            part = part[key]
        except (KeyError, IndexError, TypeError):
            return "…"
    return part


def _keys_at(model: type[BaseModel], loc: KeyPath) -> list[str]:
    """Keys that the form knows at a place."""
    here: Any = model
    for part in loc:
        here = _inner(here, part)
    here = _unwrapped(here)
    is_model = isinstance(here, type) and issubclass(here, BaseModel)
    return list(here.model_fields) if is_model else []


def _inner(annotation: Any, part: str | int) -> Any:
    annotation = _unwrapped(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = get_args(annotation)
    return arguments[-1] if arguments else None


def _unwrapped(annotation: Any) -> Any:
    """The annotation without Optional."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(a for a in get_args(annotation) if a is not type(None))
    return annotation
