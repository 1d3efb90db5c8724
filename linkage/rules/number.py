"""Rules about the identity number that a record states."""

from __future__ import annotations

import datetime as dt
from typing import Final

from linkage.rules.ladder import CIRCULAR_08_2026, IN_FORCE
from linkage.rules.rule import Rule

_WEAK: Final = "has_old_number OR NOT has_birth_date"

NUMBER_RULES: Final = (
    Rule(
        code="BORROWED_ID",
        description={
            "en": "The identity number is one person's, the name and birth date are not.",
            "vi": "Số giấy tờ là của người khác với họ tên và ngày sinh đã khai.",
        },
        basis="Circular 08/2026/TT-BKHCN: number, full name and birth date must agree.",
        since=IN_FORCE,
        predicate="CASE WHEN outcome NOT IN ('NOT_CHECKED', 'BAD_ID')"
        " THEN list_contains(decision_reasons, 'BORROWED_ID') END",
        severity="'high'",
        action="'verify'",
        confidence="0.995",
        evidence=("number_owner_id", "candidate_id", "outcome"),
        requires=("personal_id", "full_name"),
        ladders={"sim": CIRCULAR_08_2026},
        held_by=("RELATIVES_SIM",),
    ),
    Rule(
        code="NUMBER_OF_NOBODY",
        description={
            "en": "The identity number belongs to nobody, and nobody resembles the holder.",
            "vi": "Số giấy tờ không thuộc về ai và không có ai giống người đứng tên.",
        },
        basis="Circular 08/2026/TT-BKHCN; ministry's definition of junk SIMs, (a).",
        since=IN_FORCE,
        predicate="CASE WHEN outcome NOT IN ('NOT_CHECKED', 'BAD_ID') THEN outcome = 'NOT_FOUND'"
        " AND link_status = 'unlinked' AND NOT has_foreign_document END",
        # The register does not know every old number, and a name alone, without a birth date,
        # finds nobody who moved: there an absent number proves little (and where the registry has
        # no birth dates at all, the rule is not asked).
        severity=f"CASE WHEN {_WEAK} THEN 'low' ELSE 'high' END",
        action=f"CASE WHEN {_WEAK} THEN 'ask' ELSE 'verify' END",
        confidence=f"CASE WHEN {_WEAK} THEN 0.6 ELSE 0.99 END",
        evidence=("outcome", "match_probability"),
        requires=("personal_id", "full_name", "birth_date"),
        ladders={"sim": CIRCULAR_08_2026},
    ),
    Rule(
        code="ID_MISMATCH",
        description={
            "en": "The number does not agree with name and birth date, and cannot be repaired: no"
            " link is sure enough to correct it.",
            "vi": "Số giấy tờ không khớp họ tên, ngày sinh và không thể tự sửa: chưa đủ chắc chắn"
            " là của ai.",
        },
        basis="Circular 08/2026/TT-BKHCN; ministry's definition of junk SIMs, (a). What a sure link"
        " can repair is a correction and no case.",
        since=IN_FORCE,
        predicate="CASE WHEN outcome IN ('FIELD_DIFF', 'BAD_ID')"
        " AND NOT list_contains(decision_reasons, 'BORROWED_ID')"
        " AND link_status IN ('linked', 'review', 'unlinked') THEN NOT is_sure"
        " WHEN outcome IN ('MATCH', 'NOT_FOUND', 'FIELD_DIFF') THEN false END",
        severity="'low'",
        action="'ask'",
        confidence="0.5",
        evidence=("outcome", "link_status", "number_owner_id", "candidate_id"),
        requires=("personal_id", "full_name"),
        registries=("sim",),
    ),
    Rule(
        code="ID_CANCELLED",
        description={
            "en": "The identity number was cancelled, and no sure link tells the holder's new one.",
            "vi": "Số giấy tờ đã bị hủy và chưa xác định chắc chắn số mới của người đứng tên.",
        },
        basis="Decree 58/2026: cancelled numbers stand beside the current one in the register.",
        since=dt.date(2026, 3, 15),
        predicate="number_status = 'cancelled' AND NOT is_sure",
        severity="'medium'",
        action="'verify'",
        confidence="0.95",
        evidence=("number_status", "link_status"),
        requires=("personal_id", "number_status"),
        ladders={"sim": CIRCULAR_08_2026},
        held_by=("ELDERLY_HOLDER", "LIVING_ABROAD", "ONLY_SIM_OF_PERSON"),
    ),
    Rule(
        code="DOC_EXPIRED",
        description={
            "en": "The document shown had expired; an old nine-digit number on a sure link is a"
            " correction instead.",
            "vi": "Giấy tờ đã khai hết hạn; số CMND 9 số đã xác định đúng người thì chỉ cần cập nhật.",
        },
        basis="Campaign of 2023: subscribers on expired documents were told to renew.",
        since=dt.date(2023, 3, 31),
        predicate="document_expires_on < reference_date AND NOT (has_old_number AND is_sure)",
        severity="CASE WHEN is_sure THEN 'info' ELSE 'low' END",
        action="'notify'",
        confidence="0.95",
        evidence=("document_expires_on", "has_old_number"),
        requires=("personal_id", "document_expires_on"),
    ),
)
