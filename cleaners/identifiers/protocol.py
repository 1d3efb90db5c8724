r"""The contract that every identifier module meets: the same verbs, scalar and columnar.

The scalar verbs are the readable specification and serve a single value; the expression twins are
the fast path for a column. A module states its ``Scheme``: the form, what else must hold, and the
parts, each once for a text and once for a column; the verbs follow, the same for every scheme.

==============  ===============  ===================================================
scalar          twin             gives
==============  ===============  ===================================================
``compact``     ``compacted``    the number without separators, in upper case
``validate``    ``validated``    the compact number, or an error (twin: null)
``is_valid``    ``valid``        whether ``validate`` passes (twin: null for null)
``format``      ``formatted``    the form people write, or an error (twin: null)
``parse``       ``parsed``       the parts, or an error (twin: a struct of nulls)
\               ``clean``        repairs: a struct of value, parts and issues
==============  ===============  ===================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Generic, NamedTuple, Protocol, TypeVar

import polars as pl

from cleaners.errors import CleanerError, ComponentError, FormatError
from cleaners.identifiers.compacting import compacted, squeeze
from cleaners.staged import staged
from cleaners.text import as_expr, named_like

__all__ = [
    "Check",
    "Identifier",
    "Scheme",
    "among",
    "is_valid_by",
    "unlike",
]

Parts = TypeVar("Parts", bound=tuple[object, ...], covariant=True)


class Identifier(Protocol):
    """What a module of ``cleaners.identifiers`` offers (a module is checked like an object)."""

    def compact(self, text: str, /) -> str:
        """Remove separators, put letters in upper case."""
        ...

    def validate(self, text: str, /) -> str:
        """Return the compact form, or raise a FormatError or ComponentError."""
        ...

    def is_valid(self, text: str, /) -> bool:
        """Whether ``validate`` would pass."""
        ...

    def format(self, text: str, /) -> str:
        """The form in which people write it."""
        ...

    def parse(self, text: str, /) -> tuple[object, ...]:
        """The parts, a NamedTuple."""
        ...

    def compacted(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``compact``."""
        ...

    def validated(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``validate``; null where that raises."""
        ...

    def valid(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``is_valid``; null for null."""
        ...

    def formatted(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``format``; null where that raises."""
        ...

    def parsed(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``parse``: a struct, all null where that raises."""
        ...

    def clean(self, column: str | pl.Expr, /) -> pl.Expr:
        """Struct expression: value, parts, issues."""
        ...


class Check(NamedTuple):
    """What must hold beside the form, for a compact text and for a column of them."""

    holds: Callable[[str], bool]
    column: Callable[[pl.Expr], pl.Expr]
    expected: str
    found: str
    hint: str


def among(start: int, stop: int, allowed: Collection[str], expected: str, hint: str) -> Check:
    """The characters from ``start`` to before ``stop`` are one of ``allowed``."""
    known = sorted(allowed)
    return Check(
        lambda number: number[start:stop] in known,
        lambda number: number.str.slice(start, stop - start).is_in(known),
        expected,
        "another one",
        hint,
    )


def unlike(refused: Collection[str]) -> Check:
    """The number is none of the well-known stand-ins."""
    names = sorted(refused)
    return Check(
        lambda number: number not in names,
        lambda number: ~number.is_in(names),
        "somebody's number",
        "a well-known stand-in",
        "leave it empty",
    )


def _as_it_is(number: pl.Expr) -> pl.Expr:
    """The twin of ``str`` on text."""
    return number


@dataclass(frozen=True, kw_only=True)
class Scheme(Generic[Parts]):
    r"""An identifier scheme; its methods are the verbs.

    Attributes:
        form: pattern of the compact text, with ``[0-9]`` for a digit: ``re`` and polars differ on
            what ``\d`` is.
        expected: the form in words, for the error.
        hint: what to try where the form is not met.
        split: valid compact text to its parts.
        types: the parts' names and types, in order.
        columns: the twin of ``split``: valid compact text to one expression a part; null to nulls.
        checks: what else must hold.
        write: valid compact text to the form people write.
        written: the twin of ``write``.
        letters: what to replace in compact text (Đ by D, say).
    """

    form: str
    expected: str
    hint: str
    split: Callable[[str], Parts]
    types: Mapping[str, pl.DataType]
    columns: Callable[[pl.Expr], Mapping[str, pl.Expr]]
    checks: tuple[Check, ...] = ()
    write: Callable[[str], str] = str
    written: Callable[[pl.Expr], pl.Expr] = _as_it_is
    letters: Mapping[str, str] = field(default_factory=dict)

    def compact(self, text: str, /) -> str:
        """Remove separators, put letters in upper case."""
        return reduce(lambda done, pair: done.replace(*pair), self.letters.items(), squeeze(text))

    def validate(self, text: str, /) -> str:
        """Return the compact text.

        Raises:
            FormatError: another length, or other characters.
            ComponentError: a part means nothing.
        """
        number = self.compact(text)
        if not re.fullmatch(self.form, number):
            raise FormatError(
                expected=self.expected, found=f"{len(number)} characters", hint=self.hint
            )
        for check in self.checks:
            if not check.holds(number):
                raise ComponentError(expected=check.expected, found=check.found, hint=check.hint)
        return number

    def is_valid(self, text: str, /) -> bool:
        """Whether ``validate`` passes."""
        return is_valid_by(self.validate, text)

    def format(self, text: str, /) -> str:
        """The form people write; raises like ``validate``."""
        return self.write(self.validate(text))

    def parse(self, text: str, /) -> Parts:
        """The parts; raises like ``validate``."""
        return self.split(self.validate(text))

    def well_formed(self, number: pl.Expr, /) -> pl.Expr:
        """Whether compact text is valid: Boolean, null for null."""
        tests = [check.column(number) for check in self.checks]
        return reduce(and_, tests, number.str.contains(self.form))

    def compacted(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``compact``."""
        return self._twin(column, pl.String(), _as_it_is)

    def validated(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``validate``: null where that raises."""
        return self._twin(column, pl.String(), self._good)

    def valid(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``is_valid``: Boolean, null for null."""
        return self._twin(column, pl.Boolean(), self.well_formed)

    def formatted(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``format``: null where that raises."""
        return self._twin(column, pl.String(), self._good, self.written)

    def parsed(self, column: str | pl.Expr, /) -> pl.Expr:
        """Expression twin of ``parse``: a struct, its fields null where that raises."""

        def stages(raw: pl.LazyFrame) -> pl.LazyFrame:
            good = self._compact(raw).with_columns(number=self._good(pl.col("number")))
            return good.with_columns(**self.columns(pl.col("number")))

        return staged(column, stages, dict(self.types))

    def _good(self, number: pl.Expr) -> pl.Expr:
        return pl.when(self.well_formed(number)).then(number)

    def _compact(self, raw: pl.LazyFrame) -> pl.LazyFrame:
        """Compact ``raw`` to ``number``."""
        done = compacted(raw, "raw")
        for old, new in self.letters.items():
            done = done.with_columns(pl.col("number").str.replace_all(old, new, literal=True))
        return done

    def _twin(
        self, column: str | pl.Expr, dtype: pl.DataType, *steps: Callable[[pl.Expr], pl.Expr]
    ) -> pl.Expr:
        """One step after the other, so that none repeats the work of those before."""

        def stages(raw: pl.LazyFrame) -> pl.LazyFrame:
            done = self._compact(raw)
            for step in steps:
                done = done.with_columns(number=step(pl.col("number")))
            return done

        result = staged(column, stages, {"number": dtype}).struct["number"]
        return named_like(result, as_expr(column))


def is_valid_by(validate: Callable[[str], str], text: str) -> bool:
    """Whether a module's ``validate`` passes."""
    try:
        validate(text)
    except CleanerError:
        return False
    return True
