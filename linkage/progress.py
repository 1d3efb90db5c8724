"""Progress: a run tells what it begins; who listens decides how to show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

Step = tuple[str, str]
"""Whose step it is (a registry, ``population``, or nobody's), and its name."""

WRITING: Final[Step] = ("", "write")
"""The step that writes the lists of all registries."""


class Begun(str):
    """A label that also says of which step it is; to who shows labels it is one.

    Attributes:
        step: the step that begins.
        is_finished: whether a run that was killed had finished it, so that it is not done again.

    Example:
        >>> label = Begun.of("sim: reading", ("sim", "read"))
        >>> label, label.step
        ('sim: reading', ('sim', 'read'))
    """

    step: Step
    is_finished: bool

    @classmethod
    def of(cls, label: str, step: Step, *, is_finished: bool = False) -> Begun:
        """Label a step."""
        begun = cls(label)
        begun.step, begun.is_finished = step, is_finished
        return begun


class Progress(Protocol):
    """Anything that can be told what begins now, with its counts."""

    def __call__(self, label: str) -> None:
        """Note that a step begins; the step before it has ended."""


@runtime_checkable
class Expecting(Protocol):
    """A progress that wants to know beforehand what a run will take."""

    def expect(self, told: str, seconds: Mapping[Step, float]) -> None:
        """Note what is to come.

        Args:
            told: one line for people.
            seconds: about how long each step takes, in order.
        """


def quiet(label: str) -> None:
    """Show nothing."""


TRUST: Final = 0.1
"""Share of the expected time after which a run's own pace counts as much as the estimate."""


@dataclass
class Pace:
    """How far a run is, and how much time is left: as estimated, corrected by its pace so far.

    It reads no clock: whoever shows it says what time it is, in seconds.

    Attributes:
        seconds: expected of each step.

    Example:
        >>> pace = Pace({("sim", "read"): 10.0, ("sim", "link"): 90.0})
        >>> pace.begin(("sim", "read"), at=0.0)
        >>> pace.done, pace.total, pace.left(at=0.0)
        (0, 2, 100.0)
        >>> pace.begin(("sim", "link"), at=30.0)  # three times as long as expected
        >>> pace.done, pace.left(at=30.0)
        (1, 180.0)
    """

    seconds: Mapping[Step, float]
    _begun: dict[Step, bool] = field(default_factory=dict, init=False)
    _since: float = field(default=0.0, init=False)
    _spent: float = field(default=0.0, init=False)
    _worth: float = field(default=0.0, init=False)
    _now: Step | None = field(default=None, init=False)

    def begin(self, step: Step, *, at: float, is_finished: bool = False) -> None:
        """Note that a step begins, and that the one before it has ended.

        Args:
            step: need not be among those that were expected.
            at: the time.
            is_finished: it was finished before, and takes no time now.
        """
        if self._now is not None:
            self._spent += at - self._since
            self._worth += self.seconds.get(self._now, 0.0)
        self._begun[step] = is_finished
        self._now, self._since = None if is_finished else step, at

    @property
    def done(self) -> int:
        """Steps that are finished."""
        return len(self._begun) - (self._now is not None)

    @property
    def total(self) -> int:
        """All steps."""
        return len({**self.seconds, **self._begun})

    @property
    def _factor(self) -> float:
        trust = TRUST * sum(self.seconds.values())
        return (self._spent + trust) / (self._worth + trust) if trust else 1.0

    def left(self, *, at: float) -> float:
        """Seconds that are left, about; a step that takes longer than expected ends any moment."""
        to_come = sum(s for step, s in self.seconds.items() if step not in self._begun)
        present = self.seconds.get(self._now, 0.0) if self._now else 0.0
        present = max(present * self._factor - (at - self._since), 0.0)
        return to_come * self._factor + present


def duration(seconds: float) -> str:
    """A time that is about right, in words.

    Example:
        >>> duration(8.4), duration(400), duration(9000)
        ('8 s', '7 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
