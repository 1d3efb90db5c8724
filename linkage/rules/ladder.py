"""Ladders: the steps that a regulation prescribes after each other, with the days between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from linkage.contracts import ACTIONS
from linkage.rules.rule import Step

IN_FORCE: Final = dt.date(2026, 4, 15)
"""Since when Circular 08/2026/TT-BKHCN holds."""

CIRCULAR_08_2026: Final = (
    Step("verify", 30),
    Step("lock_outgoing", 30),
    Step("lock_both", 60),
    Step("terminate", 5),
)
"""Circular 08/2026: outgoing lock where nothing was verified, two-way lock 60 days later, termination
5 days after that. The 30 days to answer are those that it gives after a change of device."""


def after(action: str, ladder: Sequence[Step]) -> list[tuple[str, int]]:
    """The steps due from a first one on, with the days counted from it.

    Args:
        action: the first step due.
        ladder: what the regulation prescribes, from the mildest step.

    Example:
        >>> after("verify", CIRCULAR_08_2026)
        [('verify', 0), ('lock_outgoing', 30), ('lock_both', 90), ('terminate', 95)]
        >>> after("ask", CIRCULAR_08_2026)
        [('ask', 0)]
    """
    steps, days = [(action, 0)], 0
    if ACTIONS.index(action) <= ACTIONS.index("ask"):
        return steps
    for step in ladder:
        if ACTIONS.index(step.action) > ACTIONS.index(action):
            days += step.days
            steps.append((step.action, days))
    return steps
