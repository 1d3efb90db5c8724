"""One ordinary personal number, read without a query; any other number is left to it."""

from __future__ import annotations

import re
from typing import Any, Final

from cleaners.identifiers import personal_number

__all__ = ["read"]

_TWELVE_DIGITS: Final = re.compile("[0-9]{12}")


def read(raw: str) -> dict[str, Any] | None:
    """The fields of twelve digits that are a valid number; None for anything else.

    >>> read("001190012345")["birth_year"], read("1190012345")
    (1990, None)
    """
    if not _TWELVE_DIGITS.fullmatch(raw) or not personal_number.is_valid(raw):
        return None
    parts = personal_number.parse(raw)
    return {
        "value": raw,
        "kind": "personal_number",
        "province": parts.province,
        "sex": parts.sex,
        "birth_year": parts.birth_year,
        "issues": [],
    }
