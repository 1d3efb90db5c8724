"""The words of the contract: what may stand in a column of codes, and what each code means.

They are part of :mod:`linkage.contracts`, which hands them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LINK_STATUSES: Final = ("linked", "review", "unlinked", "not_applicable", "rejected")
OUTCOMES: Final = ("MATCH", "FIELD_DIFF", "NOT_FOUND", "BAD_ID", "NOT_CHECKED")
SUBJECT_TYPES: Final = ("person", "organisation", "unknown")
SEVERITIES: Final = ("info", "low", "medium", "high")
ACTIONS: Final = ("none", "ask", "notify", "verify", "lock_outgoing", "lock_both", "terminate")
"""Severities and actions from the least to the hardest: a case takes the hardest that is due."""
DUPLICATE_ACTIONS: Final = ("none", "ask", "merge", "cancel")
CASE_STATUSES: Final = ("new", "open", "resolved", "reopened", "confirmed", "dismissed")
CLOSED_STATUSES: Final = ("resolved", "dismissed")
"""Cases that nobody acts on any more; their rows stay, so that they can reopen."""
FEEDBACK_OUTCOMES: Final[Mapping[str, str]] = {
    "applied": "in force in this run",
    "superseded": "a later decision on the same case or pair is in force",
    "evidence_changed": "made on other evidence than there is now; the case is asked again",
    "resolved": "the case is no longer there",
    "not_in_this_run": "its registry was left out of this run",
    "unknown_decision": "not one of the decisions",
    "unreadable_date": "decided_on is not a date as yyyy-mm-dd",
    "incomplete": "a column that this decision needs is empty",
    "unknown_registry": "the job has no such registry",
    "unknown_case": "no list has, or had, such a case",
    "unknown_record": "the registry has no such record",
    "unknown_person": "the population register has no such person",
    "not_a_person": "the record is an organisation's or could not be read: it has no link",
    "unreadable": "the line is broken",
}
"""What became of a line of feedback: code and meaning."""
CORRECTION_KINDS: Final = ("diacritics", "typo", "outdated", "missing", "format")

REASONS: Final[Mapping[str, str]] = {
    "AGREES_EXACTLY": "every field of an exact rule agrees with exactly one person",
    "ABOVE_THRESHOLD": "the best candidate is above the link threshold and clear of the next",
    "BETWEEN_THRESHOLDS": "the best candidate is above the review threshold only",
    "BELOW_THRESHOLD": "candidates exist, all below the review threshold",
    "LOW_MARGIN": "the next person is too close to the best",
    "TWINS": "the two best candidates share birth date, family name and household",
    "NAMESAKES": "the two best candidates have the same name",
    "BORROWED_ID": "the identity number is one person's, the name or birth date another's",
    "SECOND_OPINION": "the model would link, a second classifier would not",
    "SEEN_ELSEWHERE": "another registry's sure link shows this address or number of the person",
    "HELD_BY_ANOTHER": "the next person is another record's, and the law allows one",
    "CONFIRMED_LINK": "a person has confirmed this link (feedback)",
    "REFUSED_LINK": "a person has refused a link of this record; it is not proposed again (feedback)",
    "NO_CANDIDATE": "nobody in the register shares any blocking key",
    "NOTHING_TO_LINK_ON": "the record has no readable value in any blocking field",
    "ORGANISATION": "the holder is an organisation",
    "UNREADABLE": "the row could not be read as a record",
    "RAGGED_ROW": "the row has more or fewer cells than the header",
    "UNTERMINATED_QUOTE": "a quotation mark opens a value and never closes",
    "NUL_BYTE": "a value contains a NUL byte",
    "OVERSIZED_VALUE": "a value is longer than any field can be",
    "DUPLICATE_KEY": "an earlier row has the same record key",
    "MISSING_REQUIRED": "a required field is empty",
}
"""Why a row has its disposition: code and meaning."""

DUPLICATE_REASONS: Final[Mapping[str, str]] = {
    "HELD_BY_ONE_PERSON": "one person holds more records than the registry's law allows",
    "SAME_PERSON_BY_RECORDS": "not linked, but of one person with another record by comparison",
    "NUMBER_OF_TWO_PEOPLE": "a number that is one person's for life stands on records of two",
    "CLASS_OVERLAP": "the class of one card is contained in another of the same person",
    "UNIQUE_VALUE_REPEATED": "a value that is unique by law stands on several records",
    "ENTERED_TWICE": "the same vehicle or number stands twice for the same holder",
    "SOLD_WITHOUT_TRANSFER": "the same vehicle stands for two holders, registered on two days",
    "PLATE_ON_TWO_VEHICLES": "one plate stands on two vehicles, and the law does not allow it",
}
