"""The rules that ship with the toolkit.

Facts behind them: Decree 163/2024 (numbers per document, holders under 14), Circular
08/2026/TT-BKHCN (match against the population register, ladder of locks) and the ministry's
definition of a junk SIM (wrong subscriber information, or another user).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.rules.holder import HOLDER_RULES
from linkage.rules.number import NUMBER_RULES
from linkage.rules.protection import PROTECTIONS
from linkage.rules.rule import Protection, Rule
from linkage.rules.sim import SIM_RULES

RULES: Final[Mapping[str, Rule]] = {
    rule.code: rule for rule in (*SIM_RULES, *NUMBER_RULES, *HOLDER_RULES)
}
"""Code to rule."""

SETTINGS: Final[Mapping[str, Rule | Protection]] = {**RULES, **PROTECTIONS}
"""Everything that the section ``rules`` of a job or a declaration may name."""
