"""Progress: a run tells what it begins; who listens decides how to show it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Anything that can be told what begins now, with its counts."""

    def __call__(self, label: str) -> None:
        """Note that a step begins; the step before it has ended."""


def quiet(label: str) -> None:
    """Show nothing."""
