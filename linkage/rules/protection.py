"""Protections: reasons to ask somebody instead of acting, and what they hold back.

``LINK_NOT_SURE_ENOUGH`` and ``VICTIM_OF_BORROWED_IDENTITY`` hold back every rule; the others hold back
the rules that name them (``held_by``). They are on unless a job or a declaration switches them off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.rules.rule import Parameter, Protection

VICTIM: Final = "VICTIM_OF_BORROWED_IDENTITY"
"""Protects the own numbers of a person in whose name a block was opened: ask, do not act."""

UNSURE: Final = "LINK_NOT_SURE_ENOUGH"
"""Protects the holder of a record whose link is not as sure as the action asks: ask, do not act."""

_PROTECTIONS: Final = (
    Protection(
        code=VICTIM,
        description={
            "en": "Own number of a person in whose name a block of numbers was opened.",
            "vi": "Số của chính người bị lợi dụng giấy tờ để mở dãy số.",
        },
        basis="The block is somebody else's doing; the victim needs a telephone.",
        predicate="person_has_block AND block_size IS NULL",
        strong=True,
    ),
    Protection(
        code="SEEN_ALIVE_LATER",
        description={
            "en": "Another registry shows a sign of life after the date of death.",
            "vi": "Sổ đăng ký khác cho thấy người này còn sống sau ngày mất đã ghi.",
        },
        basis="Deaths are sometimes entered for the wrong person.",
        predicate="person_last_seen > person_death_date + {days}",
        parameters={"days": Parameter(0, "days after the death that a sign of life may come")},
        strong=True,
    ),
    Protection(
        code="ELDERLY_HOLDER",
        description={
            "en": "The holder is old: a letter or a visit before any step.",
            "vi": "Chủ thuê bao cao tuổi: cần thư hoặc gặp trực tiếp trước khi xử lý.",
        },
        basis="Instructions on Circular 08/2026: support for the elderly.",
        predicate="person_age >= {from_age} AND NOT coalesce(person_is_dead, false)",
        parameters={"from_age": Parameter(80, "age on the reference date")},
    ),
    Protection(
        code="LIVING_ABROAD",
        description={
            "en": "The holder lives abroad and cannot come in person.",
            "vi": "Chủ thuê bao đang ở nước ngoài, không thể đến trực tiếp.",
        },
        basis="Instructions on Circular 08/2026: support for people abroad.",
        predicate="person_lives_abroad",
    ),
    Protection(
        code="RELATIVES_SIM",
        description={
            "en": "Somebody of the household may be the user, or papers of one household were mixed.",
            "vi": "Có thể người cùng hộ đang sử dụng, hoặc lẫn giấy tờ trong cùng một hộ.",
        },
        basis="Instructions on Circular 08/2026: numbers held by relatives.",
        predicate="is_within_household OR (household_size > 1"
        " AND held_outside_blocks <= {per_member} * household_size)",
        parameters={"per_member": Parameter(3, "numbers for each member of the household")},
    ),
    Protection(
        code="ONLY_SIM_OF_PERSON",
        description={
            "en": "The only number of a person: losing it cuts them off.",
            "vi": "Số duy nhất của một người: mất số là mất liên lạc.",
        },
        basis="Harm weighs more than the gain.",
        predicate="held = 1 AND NOT coalesce(person_is_dead, false)",
    ),
)

PROTECTIONS: Final[Mapping[str, Protection]] = {one.code: one for one in _PROTECTIONS}

EVERYWHERE: Final = (VICTIM,)
"""Protections that hold back every rule."""
