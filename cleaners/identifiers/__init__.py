"""Identifier schemes, one module each, all with the same verbs (see ``protocol``).

>>> sorted(SCHEMES)[:3]
['chassis', 'cmnd', 'engine']
>>> SCHEMES["plate"].format("30a12345")
'30A-123.45'
"""

from collections.abc import Mapping
from typing import Final

from cleaners.identifiers import (
    chassis,
    cmnd,
    engine,
    insurance_card,
    insurance_number,
    licence_class,
    licence_number,
    passport,
    personal_id,
    personal_number,
    plate,
    tax_code,
)
from cleaners.identifiers.protocol import Identifier

__all__ = [
    "SCHEMES",
    "Identifier",
    "chassis",
    "cmnd",
    "engine",
    "insurance_card",
    "insurance_number",
    "licence_class",
    "licence_number",
    "passport",
    "personal_id",
    "personal_number",
    "plate",
    "tax_code",
]

#: Every scheme by its module's name.
SCHEMES: Final[Mapping[str, Identifier]] = {
    "chassis": chassis,
    "cmnd": cmnd,
    "engine": engine,
    "insurance_card": insurance_card,
    "insurance_number": insurance_number,
    "licence_number": licence_number,
    "passport": passport,
    "personal_id": personal_id,
    "personal_number": personal_number,
    "plate": plate,
    "tax_code": tax_code,
}
