"""Identifier schemes, one module each, all with the same verbs (see ``protocol``)."""

from cleaners.identifiers import (
    chassis,
    insurance_card,
    insurance_number,
    licence_number,
    passport,
    personal_id,
    plate,
    tax_code,
)

__all__ = [
    "chassis",
    "insurance_card",
    "insurance_number",
    "licence_number",
    "passport",
    "personal_id",
    "plate",
    "tax_code",
]
