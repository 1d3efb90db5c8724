"""The values of job files and declarations: dates, characters, counts, limits."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, LiteralString, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from cleaners import encodings


def _refusal(message: LiteralString, expected: str) -> PydanticCustomError:
    kind: LiteralString = "refused"
    return PydanticCustomError(kind, message, {"expected": expected})


def _no_number(value: object) -> object:
    # pydantic would take 20261001 for seconds since 1970
    if isinstance(value, bool | int | float):
        raise _refusal(message="not a date", expected="a date as yyyy-mm-dd")
    return value


def _character(value: object) -> object:
    named = {"\\t": "\t", "tab": "\t"}.get(value, value) if isinstance(value, str) else value
    if named is not None and not (isinstance(named, str) and len(named) == 1 and named.isascii()):
        raise _refusal(message="not one character", expected="one ASCII character, or \\t")
    return named


def _encoding(value: object) -> object:
    if isinstance(value, str) and not encodings.known(value):
        raise _refusal(message="unknown encoding", expected="a Python codec, tcvn3, vni or viscii")
    return value


def _holds(value: object) -> object:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value > 0
    if value in ("one", "many") or is_count:
        return value
    raise _refusal(
        message="not a number of records", expected="one, many, or a whole number from 1"
    )


def _per_10k(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10_000:
        raise _refusal(message="not a limit", expected="a number from 0 to 10000")
    return float(value)


def _limit(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"default": _per_10k(value)}
    if isinstance(value, dict):
        return value
    raise _refusal(
        message="not a limit",
        expected="a number from 0 to 10000, or one by step, as {default: 5, lock_outgoing: 1}",
    )


Date = Annotated[dt.date, BeforeValidator(_no_number)]
Character = Annotated[str | None, BeforeValidator(_character)]
Encoding = Annotated[str | None, BeforeValidator(_encoding)]
Holds = Annotated[
    Literal["one", "many"] | int,
    BeforeValidator(_holds),
    WithJsonSchema({"anyOf": [{"enum": ["one", "many"]}, {"type": "integer", "minimum": 1}]}),
]
Text = Annotated[str, Field(min_length=1)]
Header = Text | Annotated[list[Text], Field(min_length=2)]
"""A column of a source, or several whose texts are joined by a space: ``[first_name, surname]``."""
Probability = Annotated[float, Field(gt=0, le=1, strict=True)]
Weight = Annotated[float, Field(ge=0, strict=True)]
Rate = Annotated[float, Field(gt=0, le=10_000)]
Action = Literal["notify", "verify", "lock_outgoing", "lock_both", "terminate"]
"""Steps beyond a question; see :data:`linkage.contracts.ACTIONS`."""
Keep = Literal["newest", "most_complete", "verified"]
"""Which record of a group of duplicates is kept."""
Count = Annotated[int, Field(gt=0, strict=True)]
Step = Literal[
    "default", "notify", "verify", "lock_outgoing", "lock_both", "terminate", "merge", "cancel"
]
"""What ``max_wrongful_per_10k`` can limit: a step beyond a question, or each without its own limit."""
Per10k = Annotated[float, BeforeValidator(_per_10k)]
_PER_10K: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 10_000}
WrongfulLimit = Annotated[
    dict[Step, Per10k],
    BeforeValidator(_limit),
    WithJsonSchema(
        {
            "anyOf": [
                _PER_10K,
                {
                    "type": "object",
                    "properties": {step: _PER_10K for step in get_args(Step)},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""Step to the most wrongful cases expected per 10,000 records; a number alone is the default."""
