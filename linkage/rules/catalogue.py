"""The rules that ship with the toolkit, most severe first within a case.

Facts behind them: Decree 163/2024 (numbers per document, holders under 14), Circular
08/2026/TT-BKHCN (match against the population register, ladder of locks) and the ministry's
definition of a junk SIM (wrong subscriber information, or another user).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.rules.rule import Rule

_RULES: tuple[Rule, ...] = (
    Rule(
        code="CONSECUTIVE_BLOCK",
        description={
            "en": "One of many consecutive numbers activated for one holder within days.",
            "vi": "Thuộc dãy số liên tiếp kích hoạt cho một người trong vài ngày.",
        },
        basis="Practice of the 2023 campaign against holders of 10 and more numbers.",
        predicate="block_size >= {min_numbers}",  # the days are in block_size, see cases
        severity="'high'",
        action="'verify'",
        confidence="0.98",
        parameters={"min_numbers": 10, "within_days": 3},
        evidence=("block_size", "opened_on", "sales_point"),
        requires=("phone", "activated_on"),
    ),
    Rule(
        code="BORROWED_ID",
        description={
            "en": "The identity number is one person's, the name and birth date are not.",
            "vi": "Số giấy tờ là của người khác với họ tên và ngày sinh đã khai.",
        },
        basis="Circular 08/2026/TT-BKHCN: number, full name and birth date must agree.",
        predicate="list_contains(decision_reasons, 'BORROWED_ID')",
        severity="'high'",
        action="'verify'",
        confidence="0.97",
        evidence=("number_owner_id", "candidate_id", "outcome"),
        requires=("personal_id", "full_name"),
    ),
    Rule(
        code="NUMBER_OF_NOBODY",
        description={
            "en": "The identity number belongs to nobody, and nobody resembles the holder.",
            "vi": "Số giấy tờ không thuộc về ai và không có ai giống chủ thuê bao.",
        },
        basis="Circular 08/2026/TT-BKHCN; ministry's definition of junk SIMs, (a).",
        predicate="outcome = 'NOT_FOUND' AND link_status = 'unlinked' AND NOT has_foreign_document",
        # The register does not know every old number, and a name alone, without a birth date,
        # finds nobody who moved: there an absent number proves little (and where the registry has
        # no birth dates at all, the rule is not asked).
        severity="CASE WHEN has_old_number OR NOT has_birth_date THEN 'low' ELSE 'high' END",
        action="CASE WHEN has_old_number OR NOT has_birth_date THEN 'ask' ELSE 'verify' END",
        confidence="CASE WHEN has_old_number OR NOT has_birth_date THEN 0.6 ELSE 0.98 END",
        evidence=("outcome", "match_probability"),
        requires=("personal_id", "full_name", "birth_date"),
    ),
    Rule(
        code="HOLDER_DECEASED",
        description={
            "en": "The holder died; opened after the death is graver than before.",
            "vi": "Chủ thuê bao đã mất; đăng ký sau ngày mất nặng hơn trước ngày mất.",
        },
        basis="Identification Law 26/2023, art. 9: the register holds the date of death.",
        predicate="person_death_date <= reference_date",
        severity="CASE WHEN opened_on > person_death_date THEN 'high' ELSE 'medium' END",
        action="CASE WHEN opened_on > person_death_date THEN 'verify' ELSE 'notify' END",
        confidence="0.995",
        evidence=("person_death_date", "opened_on"),
    ),
    Rule(
        code="OVER_LIMIT",
        description={
            "en": "The holder has more numbers than may be registered without a contract.",
            "vi": "Chủ thuê bao đứng tên nhiều số hơn mức không cần hợp đồng.",
        },
        basis="Decree 163/2024: from the fourth number a contract; 2023-24 campaigns on 10 and more.",
        predicate="held >= {ask_from}",
        severity="CASE WHEN held_outside_blocks >= {verify_from} THEN 'medium' ELSE 'info' END",
        action="CASE WHEN held_outside_blocks >= {verify_from} THEN 'verify' ELSE 'ask' END",
        parameters={"ask_from": 4, "verify_from": 10},
        evidence=("held", "held_outside_blocks"),
        requires=("phone",),
    ),
)

RULES: Final[Mapping[str, Rule]] = {rule.code: rule for rule in _RULES}
