"""Rules about the person who holds a record."""

from __future__ import annotations

import datetime as dt
from typing import Final

from linkage.rules.ladder import CIRCULAR_08_2026
from linkage.rules.rule import Parameter, Rule

HOLDER_RULES: Final = (
    Rule(
        code="HOLDER_DECEASED",
        description={
            "en": "The holder died; opened after the death is graver than before.",
            "vi": "Người đứng tên đã mất; đăng ký sau ngày mất nặng hơn trước ngày mất.",
        },
        basis="Identification Law 26/2023, art. 9: the register holds the date of death.",
        since=dt.date(2024, 7, 1),
        predicate="person_is_dead",
        severity="CASE WHEN opened_on > person_death_date THEN 'high' ELSE 'medium' END",
        action="CASE WHEN opened_on > person_death_date THEN 'verify' ELSE 'notify' END",
        confidence="0.995",
        evidence=("person_death_date", "opened_on", "person_last_seen", "last_seen_in"),
        ladders={"sim": CIRCULAR_08_2026},
        held_by=("SEEN_ALIVE_LATER",),
    ),
    Rule(
        code="HOLDER_UNDER_14",
        description={
            "en": "The holder is under 14 and holds the number alone; a parent as holder is lawful.",
            "vi": "Chủ thuê bao dưới 14 tuổi tự đứng tên; cha mẹ đứng tên hộ là hợp lệ.",
        },
        basis="Decree 163/2024 (before it Decree 49/2017): children under 14 through a parent or"
        " guardian.",
        since=dt.date(2024, 12, 24),
        predicate="person_age < {age}",
        severity="'low'",
        action="'ask'",
        confidence="0.9",
        parameters={"age": Parameter(14, "from this age one may hold a number alone")},
        evidence=("person_age", "person_age_at_opening"),
        requires=("phone",),
        registries=("sim",),
    ),
    Rule(
        code="OVER_LIMIT",
        description={
            "en": "The holder has more numbers than may be registered without a contract, counted"
            " over all operators and over old and new identity numbers.",
            "vi": "Chủ thuê bao đứng tên nhiều số hơn mức không cần hợp đồng, tính trên mọi nhà"
            " mạng, cả số giấy tờ cũ và mới.",
        },
        basis="Decree 163/2024: from the fourth number a contract; 2023-24 campaigns on 10 and more.",
        since=dt.date(2024, 12, 24),
        predicate="held_without_contract >= {ask_from} AND NOT coalesce(has_contract, false)",
        severity="CASE WHEN held_outside_blocks >= {verify_from} THEN 'low' ELSE 'info' END",
        action="'ask'",  # a count is no fault: honest holders of many numbers are asked, no more
        parameters={
            "ask_from": Parameter(4, "numbers without a contract from which the holder is asked"),
            "verify_from": Parameter(
                10, "such numbers, outside of blocks, from which the holder is asked first"
            ),
        },
        evidence=("held", "held_without_contract", "held_outside_blocks"),
        requires=("phone",),
        registries=("sim",),
    ),
)
