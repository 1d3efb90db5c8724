"""What a rule may ask about: the documented columns of the case view, beside the registry's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from linkage.clean import DeclaredField


@dataclass(frozen=True)
class ViewColumn:
    """One column of the case view.

    Attributes:
        dtype: its SQL type.
        meaning: what it says; null always means that it is not known.
    """

    dtype: str
    meaning: str


_TEXT, _DATE, _COUNT, _FLAG = "VARCHAR", "DATE", "BIGINT", "BOOLEAN"

VIEW: Final[Mapping[str, ViewColumn]] = {
    "link_status": ViewColumn(_TEXT, "linked, review, unlinked or not_applicable"),
    "outcome": ViewColumn(_TEXT, "what the look-up of the record's own number says"),
    "match_probability": ViewColumn("DOUBLE", "of the link, else of the best candidate"),
    "decision_reasons": ViewColumn("VARCHAR[]", "why the record is linked, in review or left"),
    "person_id": ViewColumn(_TEXT, "the person linked"),
    "candidate_id": ViewColumn(
        _TEXT, "the best candidate; of a borrowed number, whom name and birth date point to"
    ),
    "number_owner_id": ViewColumn(_TEXT, "whose the stated number is in the register"),
    "is_sure": ViewColumn(
        _FLAG, "whether the record is linked with a probability of 0.99 and more"
    ),
    "has_foreign_document": ViewColumn(_FLAG, "the stated number is a passport's"),
    "has_old_number": ViewColumn(_FLAG, "the stated number is one of nine digits"),
    "has_birth_date": ViewColumn(_FLAG, "the record states a birth date, if only a year"),
    "reference_date": ViewColumn(_DATE, "the job's day, the only clock"),
    "opened_on": ViewColumn(_DATE, "when the record was made"),
    "province": ViewColumn(_TEXT, "2025 code, of the record's address, else of the person's"),
    "person_birth_date": ViewColumn(_DATE, "of the person linked"),
    "person_death_date": ViewColumn(_DATE, "of the person linked"),
    "person_is_dead": ViewColumn(
        _FLAG, "the person linked died up to the reference date; null if the register has no deaths"
    ),
    "person_age": ViewColumn(_COUNT, "full years of the person linked on the reference date"),
    "person_age_at_opening": ViewColumn(_COUNT, "full years when the record was made"),
    "person_lives_abroad": ViewColumn(_FLAG, "the register says so (living_abroad)"),
    "person_last_seen": ViewColumn(
        _DATE,
        "of a person who is dead in the register: the last sign of life on a sure link of another"
        " registry of the run",
    ),
    "last_seen_in": ViewColumn(_TEXT, "that registry"),
    "household_size": ViewColumn(_COUNT, "people in the household of the person linked"),
    "is_within_household": ViewColumn(
        _FLAG, "the owner of a borrowed number and the one whom the name points to live together"
    ),
    "has_contract": ViewColumn(_FLAG, "the number is held by contract (postpaid)"),
    "held": ViewColumn(
        _COUNT, "records of the same person, or phone numbers where the registry has them"
    ),
    "held_without_contract": ViewColumn(
        _COUNT,
        "the same without those held by contract; where the registry says nothing of contracts at"
        " all, every number counts",
    ),
    "held_outside_blocks": ViewColumn(_COUNT, "held without contract and outside of blocks"),
    "block_size": ViewColumn(
        _COUNT,
        "consecutive numbers of the holder opened within the days of CONSECUTIVE_BLOCK; null where"
        " there are fewer than it asks for",
    ),
    "person_has_block": ViewColumn(_FLAG, "some number of the person is in a block"),
    "same_identity": ViewColumn(_COUNT, "records of this name and birth date that are nobody's"),
    "same_identity_documents": ViewColumn(_COUNT, "different numbers stated on those"),
    "same_address": ViewColumn(
        _COUNT, "records of this house or plot that are nobody's, organisations apart"
    ),
    "same_address_names": ViewColumn(_COUNT, "different names on those"),
    "other_holder_since": ViewColumn(
        _DATE, "since when another person's record has the same phone number"
    ),
    "point_records": ViewColumn(_COUNT, "records of the point of sale, organisations apart"),
    "point_bad": ViewColumn(
        _COUNT, "of these: number of nobody, borrowed number, or sold after the holder's death"
    ),
    "point_share": ViewColumn(
        "DOUBLE", "least share of bad records at the point, with 99.9 % confidence (Wilson)"
    ),
    "usual_share": ViewColumn("DOUBLE", "share of bad records in the whole registry"),
}
"""Columns of every registry's case view."""

_DATES: Final = ("date", "birth_date", "historical_date")


def known_columns(fields: Mapping[str, DeclaredField]) -> dict[str, str]:
    """Columns that a rule of a registry may ask about, with their SQL types.

    Args:
        fields: the registry's declared fields.

    Example:
        >>> known_columns({})["held"]
        'BIGINT'
    """
    own = {
        name: _DATE if field.type in _DATES else _TEXT
        for name, field in fields.items()
        if field.type != "key"
    }
    return {**own, **{name: column.dtype for name, column in VIEW.items()}}
