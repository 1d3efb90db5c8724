"""Rules about SIMs: where and how a number was sold, and whether anybody uses it."""

from __future__ import annotations

import datetime as dt
from typing import Final

from linkage.rules.ladder import CIRCULAR_08_2026, IN_FORCE
from linkage.rules.rule import Parameter, Rule

_LADDER: Final = {"sim": CIRCULAR_08_2026}
_SIM: Final = ("sim",)

SIM_RULES: Final = (
    Rule(
        code="CONSECUTIVE_BLOCK",
        description={
            "en": "One of many consecutive numbers activated for one holder within days.",
            "vi": "Thuộc dãy số liên tiếp kích hoạt cho một người trong vài ngày.",
        },
        basis="Practice of the 2023 campaign against holders of 10 and more numbers.",
        since=dt.date(2023, 8, 1),
        # The days are in block_size, see cases. Several numbers bought by contract are lawful.
        predicate="CASE WHEN block_size IS NOT NULL THEN block_size >= {min_numbers}"
        " AND NOT coalesce(has_contract, false)"
        " WHEN opened_on IS NOT NULL AND phone IS NOT NULL THEN false END",
        severity="'high'",
        action="'verify'",
        confidence="0.995",
        parameters={
            "min_numbers": Parameter(10, "numbers in a row, a few gaps allowed"),
            "within_days": Parameter(3, "days within which they were activated"),
        },
        evidence=("block_size", "opened_on", "sales_point"),
        requires=("phone", "activated_on"),
        registries=_SIM,
        ladders=_LADDER,
    ),
    Rule(
        code="PLACEHOLDER_IDENTITY",
        description={
            "en": "One name and birth date, or one address, over many numbers that are nobody's, with"
            " ever other documents.",
            "vi": "Một họ tên và ngày sinh, hoặc một địa chỉ, dùng cho nhiều số không xác định được"
            " người, với các số giấy tờ khác nhau.",
        },
        basis="Campaigns of 2018-23 on pre-activated SIMs.",
        since=dt.date(2018, 4, 24),
        predicate="CASE WHEN person_id IS NOT NULL THEN false"
        " ELSE (same_identity >= {min_numbers} AND same_identity_documents >= {min_documents})"
        " OR (same_address >= {min_at_address} AND same_address_names >= {min_documents}) END",
        severity="'medium'",
        action="'verify'",
        confidence="0.9",
        parameters={
            "min_numbers": Parameter(5, "records of one name and birth date"),
            "min_documents": Parameter(3, "different documents, or names at one address, on them"),
            "min_at_address": Parameter(20, "records of one house or plot"),
        },
        evidence=("same_identity", "same_identity_documents", "same_address", "same_address_names"),
        requires=("phone", "full_name", "personal_id"),
        registries=_SIM,
        ladders=_LADDER,
    ),
    Rule(
        code="RECYCLED_NUMBER",
        description={
            "en": "The number went to somebody else, or back to the operator, and still stands in the"
            " name of the earlier holder.",
            "vi": "Số đã cấp cho người khác hoặc đã thu hồi nhưng vẫn đứng tên chủ cũ.",
        },
        basis="Telecom Law 24/2023: numbers that are given up return to the operator.",
        since=dt.date(2024, 7, 1),
        predicate="coalesce(recycled_on, other_holder_since) > opened_on",
        severity="CASE WHEN recycled_on > opened_on THEN 'medium' ELSE 'low' END",
        action="CASE WHEN recycled_on > opened_on THEN 'notify' ELSE 'ask' END",
        confidence="0.9",
        evidence=("recycled_on", "other_holder_since", "opened_on"),
        requires=("phone", "activated_on", "recycled_on"),
        registries=_SIM,
    ),
    Rule(
        code="MARKED_NOT_MINE",
        description={
            "en": "The holder has declared that the number is not in use by them.",
            "vi": "Người đứng tên đã xác nhận không sử dụng số này.",
        },
        basis="Circular 08/2026/TT-BKHCN: holders mark each of their numbers in VNeID.",
        since=IN_FORCE,
        predicate="marked = 'not_mine'",
        severity="'high'",
        action="'verify'",
        confidence="0.99",
        evidence=("marked", "opened_on"),
        requires=("phone", "marked"),
        registries=_SIM,
        ladders=_LADDER,
        held_by=("ELDERLY_HOLDER", "LIVING_ABROAD", "ONLY_SIM_OF_PERSON"),
    ),
    Rule(
        code="ABNORMAL_SALES_POINT",
        description={
            "en": "The point of sale has far more bad registrations than usual: a reason to look at"
            " the point, none to act on this number.",
            "vi": "Điểm bán có tỷ lệ đăng ký sai cao bất thường: cần xem xét điểm bán, không phải số"
            " này.",
        },
        basis="Practice since agents were stopped on 10 September 2023.",
        since=dt.date(2023, 9, 10),
        predicate="point_records >= {min_records} AND point_bad >= {min_bad}"
        " AND point_share > {times} * usual_share",
        severity="'info'",
        action="'none'",
        confidence="0.9",
        parameters={
            "min_records": Parameter(20, "records of a point from which its share is judged"),
            "min_bad": Parameter(5, "least number of bad ones among them"),
            "times": Parameter(3.0, "the share is at least so many times the usual one"),
        },
        evidence=("sales_point", "point_records", "point_bad", "point_share", "usual_share"),
        requires=("sales_point", "personal_id"),
        registries=_SIM,
    ),
    Rule(
        code="INACTIVE",
        description={
            "en": "The number has not been used for long.",
            "vi": "Số không phát sinh liên lạc trong thời gian dài.",
        },
        basis="Operators' terms of service: idle prepaid numbers are recalled.",
        predicate="last_used_on < reference_date - {days}",
        severity="'low'",
        action="'notify'",
        confidence="0.9",
        parameters={"days": Parameter(180, "days without use")},
        evidence=("last_used_on",),
        requires=("phone", "last_used_on"),
        registries=_SIM,
    ),
)
