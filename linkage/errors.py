"""What can go wrong, said once and clearly: what was expected, what was found, what to try.

Three children, told apart by who has to act: the author of the configuration, the owner of a
source, or the maintainers (counts or schemas that do not hold). No message carries a person's
value.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, at one place.

    Attributes:
        message: what is wrong, in a few words.
        place: where, as ``file:line: key.path``; empty if nowhere in particular.
        expected: what should stand there.
        found: what stands there; never a person's value.
        hint: what to try.
    """

    message: str
    place: str = ""
    expected: str | None = None
    found: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """The problem as one to four lines."""
        head = f"{self.place}: {self.message}" if self.place else self.message
        parts = (("expected", self.expected), ("found", self.found), ("try", self.hint))
        return "\n".join([head, *(f"  {label}: {text}" for label, text in parts if text)])


class LinkageError(Exception):
    """Base of all errors that the toolkit raises on purpose.

    Args:
        message: what is wrong, in one sentence.
        expected: what was expected.
        found: what was found; never a person's value.
        hint: what to try.
        problems: the single problems, when several were collected into one error.

    Example:
        >>> print(LinkageError("no such file", expected="a CSV file", hint="sims.csv"))
        no such file
          expected: a CSV file
          try: sims.csv
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        """Compose the message of its parts."""
        self.message = message
        self.expected = expected
        self.found = found
        self.hint = hint
        self.problems = tuple(problems)
        head = Problem(message, expected=expected, found=found, hint=hint)
        super().__init__("\n".join([str(head), *(str(problem) for problem in self.problems)]))

    def as_problem(self, place: str = "") -> Problem:
        """This error as one problem among others."""
        return Problem(self.message, place, self.expected, self.found, self.hint)


class ConfigError(LinkageError):
    """The job file, a declaration or an option is wrong."""

    exit_code = 2


class SourceError(LinkageError):
    """A source cannot be read as the job says."""

    exit_code = 3


class ContractError(LinkageError):
    """Counts do not add up or a frame is not what its schema says: a fault of the toolkit."""

    exit_code = 4


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that most resembles a name, or None if none does.

    Case, diacritics, spaces and punctuation do not count.

    Example:
        >>> nearest("Họ tên", ["ho_ten", "ngay_sinh"])
        'ho_ten'
        >>> nearest("zzz", ["ho_ten"]) is None
        True
    """
    by_key: dict[str, str] = {}
    for choice in choices:
        by_key.setdefault(_loose(choice), choice)
    found = difflib.get_close_matches(_loose(name), list(by_key), n=1, cutoff=0.6)
    return by_key[found[0]] if found else None


def did_you_mean(name: str, choices: Iterable[str]) -> str | None:
    """A hint with the nearest choice, or None."""
    choice = nearest(name, choices)
    return None if choice is None else f"did you mean {choice!r}?"


def _loose(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in letters if letter.isalnum())
