"""How a run's progress is shown: a bar with the time left on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from linkage.progress import Begun, Pace, Step, duration

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

EVERY: Final = 60.0
"""Seconds between two lines in a log file at least; a run that takes less says nothing there."""


@dataclass
class Lines:
    """Progress where there is no terminal: the estimate, then a line a minute at most.

    Attributes:
        say: writes one line.
        clock: seconds since whenever.
    """

    say: Callable[[str], object]
    clock: Callable[[], float] = time.monotonic
    _pace: Pace = field(default_factory=lambda: Pace({}))
    _said: float | None = None

    def expect(self, told: str, seconds: Mapping[Step, float]) -> None:
        """Say what is to come, if it takes long."""
        self._pace = Pace(seconds)
        self._said = self.clock()
        if sum(seconds.values()) >= EVERY:
            self.say(f"{told}\n")

    def __call__(self, label: str) -> None:
        """Say what begins and how much is left, if nothing was said for a while."""
        now = self.clock()
        if isinstance(label, Begun):
            self._pace.begin(label.step, at=now, is_finished=label.is_finished)
        if self._said is not None and now - self._said >= EVERY:
            self._said = now
            self.say(f"{told(self._pace, now)}: {label}\n")


def told(pace: Pace, at: float) -> str:
    """How far a run is, in words.

    Example:
        >>> told(Pace({("sim", "read"): 240.0}), at=0.0)
        '0 of 1 steps done, about 4 min left'
    """
    return f"{pace.done} of {pace.total} steps done, about {duration(pace.left(at=at))} left"


@dataclass
class Shown:
    """Progress on a terminal: the estimate, then a bar with the steps done and the time left."""

    bar: Bar
    task: TaskID
    pace: Pace = field(default_factory=lambda: Pace({}))

    def expect(self, told: str, seconds: Mapping[Step, float]) -> None:
        """Say what is to come."""
        self.pace = Pace(seconds)
        self.bar.console.print(told, markup=False, highlight=False)
        self.bar.update(self.task, total=self.pace.total)

    def __call__(self, label: str) -> None:
        """Show what begins."""
        if isinstance(label, Begun):
            self.pace.begin(label.step, at=time.monotonic(), is_finished=label.is_finished)
        self.bar.update(
            self.task, completed=self.pace.done, total=self.pace.total, description=str(label)
        )


@contextmanager
def paced() -> Iterator[Lines | Shown]:
    """Show a run's steps, how many are done, and about how much time is left.

    Yields:
        What a run is given as ``progress``.
    """
    if not sys.stderr.isatty():
        yield Lines(sys.stderr.write)
        return
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TextColumn
    from rich.progress import Progress as Bar
    from rich.table import Column
    from rich.text import Text

    class Left(ProgressColumn):
        """Steps done of all, and the time left now."""

        def render(self, task: Task) -> Text:
            pace = shown.pace
            left = duration(pace.left(at=time.monotonic()))
            return Text(f"{pace.done}/{pace.total} steps, about {left} left")

    columns = (
        SpinnerColumn(table_column=Column(min_width=1)),
        BarColumn(bar_width=None, table_column=Column(min_width=8, max_width=24, ratio=1)),
        Left(table_column=Column(no_wrap=True)),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=3)),
    )
    bar = Bar(*columns, console=Console(stderr=True), transient=True, expand=True)
    shown = Shown(bar, bar.add_task("starting", total=None))
    with bar:
        yield shown
