"""The contract that every identifier module meets: the same verbs, scalar and columnar.

The scalar verbs are the readable specification and serve a single value; the expression twins
(``valid``, ``clean``) are the fast path for a column. Tests prove that they agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import polars as pl

from cleaners.errors import CleanerError
from cleaners.text import as_expr, only_where

__all__ = ["Identifier", "compacted", "is_valid_by", "squeeze", "without_float_residue"]

_SEPARATORS = " .-_/,'’‘`\t\n\r\u00a0\u200b\ufeff\x00"
_SEPARATOR_TABLE = str.maketrans("", "", _SEPARATORS)
_NEEDS_COMPACTING = r"[^0-9A-Z]"


class Identifier(Protocol):
    """What a module of ``cleaners.identifiers`` offers (a module is checked like an object)."""

    def compact(self, text: str) -> str:
        """Remove separators, put letters in upper case."""
        ...

    def validate(self, text: str) -> str:
        """Return the compact form, or raise a FormatError or ComponentError."""
        ...

    def is_valid(self, text: str) -> bool:
        """Whether ``validate`` would pass."""
        ...

    def format(self, text: str) -> str:
        """The form in which people write it."""
        ...

    def valid(self, column: str | pl.Expr) -> pl.Expr:
        """Expression twin of ``is_valid``; null for null."""
        ...

    def clean(self, column: str | pl.Expr) -> pl.Expr:
        """Struct expression: value, parts, issues."""
        ...


def squeeze(text: str) -> str:
    """Remove separators and invisible characters, put letters in upper case.

    >>> squeeze(" 001.090-001 234 ")
    '001090001234'
    """
    return text.translate(_SEPARATOR_TABLE).upper()


def compacted(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``squeeze``."""
    signs = list(_SEPARATORS)

    def repair(expr: pl.Expr) -> pl.Expr:
        return expr.str.replace_many(signs, [""] * len(signs)).str.to_uppercase()

    return only_where(column, lambda expr: expr.str.contains(_NEEDS_COMPACTING), repair)


def without_float_residue(column: str | pl.Expr) -> pl.Expr:
    """Drop the ``.0`` that a spreadsheet or data frame adds to a number (``79090001234.0``)."""
    return only_where(
        column,
        lambda expr: expr.str.ends_with("0") & expr.str.contains(r"^\s*\d+\.0+$"),
        lambda expr: expr.str.replace(r"\.0+$", ""),
    )


def is_valid_by(validate: Callable[[str], str], text: str) -> bool:
    """Whether a module's ``validate`` passes."""
    try:
        validate(text)
    except CleanerError:
        return False
    return True


def blank_to_null(column: str | pl.Expr) -> pl.Expr:
    """Null for text of spaces and separators only."""
    expr = as_expr(column)
    return pl.when(expr.str.strip_chars(_SEPARATORS) != "").then(expr)
