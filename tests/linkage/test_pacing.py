"""Progress: steps done, and the time left as estimated and as the pace so far has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from linkage.pacing import EVERY, Lines
from linkage.progress import WRITING, Begun, Pace

READ, LINK = ("sim", "read"), ("sim", "link")
SECONDS = {READ: 100.0, LINK: 300.0, WRITING: 100.0}


@pytest.fixture
def pace() -> Pace:
    return Pace(SECONDS)


def test_before_the_first_step_all_is_left(pace: Pace) -> None:
    assert (pace.done, pace.total, pace.left(at=5.0)) == (0, 3, 500.0)


def test_time_runs_while_a_step_is_at_work(pace: Pace) -> None:
    pace.begin(READ, at=0.0)
    assert pace.left(at=40.0) == 460.0


def test_a_step_that_takes_longer_than_expected_ends_any_moment(pace: Pace) -> None:
    pace.begin(READ, at=0.0)
    assert pace.left(at=1000.0) == 400.0


def test_a_run_at_the_expected_pace_is_left_at_the_estimate(pace: Pace) -> None:
    pace.begin(READ, at=0.0)
    pace.begin(LINK, at=100.0)
    assert (pace.done, pace.left(at=100.0)) == (1, 400.0)


def test_a_slow_machine_has_more_time_left(pace: Pace) -> None:
    pace.begin(READ, at=0.0)
    pace.begin(LINK, at=200.0)  # twice as long; a third of the weight is the estimate's
    assert 400 * 1.5 < pace.left(at=200.0) < 400 * 2


def test_steps_that_were_finished_before_are_done_and_say_nothing_of_the_pace(pace: Pace) -> None:
    pace.begin(READ, at=0.0, is_finished=True)
    pace.begin(LINK, at=0.1)
    assert (pace.done, pace.left(at=0.1)) == (1, 400.0)


def test_a_step_that_nobody_expected_is_counted(pace: Pace) -> None:
    pace.begin(("population", "read"), at=0.0)
    assert (pace.done, pace.total) == (0, 4)


def test_the_last_step_leaves_nothing(pace: Pace) -> None:
    for at, step in enumerate(SECONDS):
        pace.begin(step, at=100.0 * at)
    assert (pace.done, pace.left(at=9999.0)) == (2, 0.0)


# --- lines ----------------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def lines(clock: Callable[[], float], seconds: float) -> tuple[Lines, list[str]]:
    said: list[str] = []
    shown = Lines(said.append, clock)
    shown.expect("two people", {READ: seconds, LINK: seconds})
    return shown, said


def test_a_short_run_says_nothing(clock: Clock) -> None:
    shown, said = lines(clock, 5.0)
    for step in (READ, LINK):
        clock.now += 5
        shown(Begun.of("doing", step))
    assert said == []


def test_a_long_run_says_what_it_takes_and_then_a_line_a_minute_at_most(clock: Clock) -> None:
    shown, said = lines(clock, 600.0)
    shown(Begun.of("sim: reading", READ))
    clock.now += EVERY - 1
    shown("sim: still reading")
    clock.now += 541
    shown(Begun.of("sim: linking", LINK))
    assert said == ["two people\n", "1 of 2 steps done, about 10 min left: sim: linking\n"]


def test_labels_that_name_no_step_are_shown_too(clock: Clock) -> None:
    shown, said = lines(clock, 600.0)
    clock.now += EVERY
    shown("thinking")
    assert said[1:] == ["0 of 2 steps done, about 20 min left: thinking\n"]
