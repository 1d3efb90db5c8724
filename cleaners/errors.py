"""Errors of the package: one base and three children.

Every message says what was expected, what was found, and what to try. None repeats a value: a
value may be somebody's name or number, and messages travel to logs.
"""

from __future__ import annotations

__all__ = ["CleanerError", "ComponentError", "EncodingError", "FormatError"]


class CleanerError(ValueError):
    """Base of every error that this package raises on purpose."""

    def __init__(self, *, expected: str, found: str, hint: str) -> None:
        """Compose the message.

        Args:
            expected: what would have been right.
            found: what was there instead, described without the value itself.
            hint: what the caller can try.

        >>> str(FormatError(expected="12 digits", found="7 digits", hint="check"))
        'expected 12 digits, found 7 digits; try: check'
        """
        super().__init__(f"expected {expected}, found {found}; try: {hint}")
        self.expected = expected
        self.found = found
        self.hint = hint


class FormatError(CleanerError):
    """A value has the wrong length or the wrong kind of characters."""


class ComponentError(CleanerError):
    """A value has the right form, but a part of it means nothing (an unknown province, say)."""


class EncodingError(CleanerError):
    """Bytes or text that an encoding cannot express, or an encoding that is not known."""
