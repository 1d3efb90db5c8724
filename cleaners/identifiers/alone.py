"""One ordinary identity number, read without a query; any other number is left to it."""

from __future__ import annotations

import re
from typing import Any, Final

from cleaners.identifiers import cmnd, personal_number

__all__ = ["read"]

_PLAIN: Final = re.compile("[0-9]+(?:[ -][0-9]+)*")
_LENGTH: Final = 12
_OLD_LENGTH: Final = 9


def read(raw: str) -> dict[str, Any] | None:
    """The fields of a valid number of twelve digits or, of old cards, nine; None for anything else.

    >>> read("001 190 012345")["birth_year"], read("011987654")["issues"], read("1190012345")
    (1990, ['old_number'], None)
    """
    if not _PLAIN.fullmatch(raw):
        return None
    number = raw.replace(" ", "").replace("-", "")
    if len(number) == _LENGTH and personal_number.is_valid(number):
        parts = personal_number.parse(number)
        return {
            "value": number,
            "kind": "personal_number",
            "province": parts.province,
            "sex": parts.sex,
            "birth_year": parts.birth_year,
            "issues": [],
        }
    if len(number) == _OLD_LENGTH and cmnd.is_valid(number) and not cmnd.is_shared(int(number)):
        nothing = dict.fromkeys(("province", "sex", "birth_year"))
        return {"value": number, "kind": "cmnd", **nothing, "issues": ["old_number"]}
    return None
