"""Cleaning: a raw frame becomes typed values with their parts and issues; the raw value is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final, Protocol

import polars as pl

from linkage.columns import INDEX, RECORD_ID, ROW, part
from linkage.cross_checks import cross_issues
from linkage.fields import FIELD_TYPES, CleanContext


class DeclaredField(Protocol):
    """What cleaning needs to know of a declared field."""

    @property
    def type(self) -> str:
        """Name of the field type."""

    @property
    def values(self) -> Mapping[str, Sequence[str]]:
        """Vocabulary of a ``category`` field; empty for others."""


@dataclass(frozen=True)
class ColumnHealth:
    """How readable one column turned out to be.

    Attributes:
        field: standard name.
        filled: rows with a value in the source.
        unreadable: of these, rows whose value the cleaner could not use.
        strange: names with a sign that no name has, as a wrong encoding makes them.
        issues: issue code to number of rows.
        rows: all rows.
        required: whether the declaration requires the field.
    """

    field: str
    filled: int
    unreadable: int
    strange: int
    issues: Mapping[str, int]
    rows: int
    required: bool


def clean_frame(
    raw: pl.DataFrame,
    fields: Mapping[str, DeclaredField],
    context: CleanContext,
    *,
    first: int = 0,
    cleaned: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """Clean every declared field of a raw frame.

    A row is cleaned by itself: a frame may be cleaned in pieces.

    Args:
        raw: columns ``row``, ``record_id`` and mapped fields as strings; unmapped ones are absent.
        fields: the declaration's fields by standard name.
        context: the job's reference date.
        first: ``idx`` of the first row.
        cleaned: gives the struct of every field in place of their expressions, for who has them at
            hand already.

    Returns:
        One row per raw row, in order: ``idx`` (``first`` and on), ``row``, ``record_id`` and, for
        each field, the value, ``__<part>`` columns, ``__issues`` and ``__raw``.
    """
    cleanable = {name: f for name, f in fields.items() if f.type != "key"}
    absent = [pl.lit(None, dtype=pl.String).alias(f) for f in cleanable if f not in raw.columns]
    complete = raw.with_columns(absent)
    if cleaned is None:
        structs = complete.select(
            clean_expression(name, field, context) for name, field in cleanable.items()
        )
    else:
        structs = cleaned(complete)
    structs = structs.with_columns(cross_issues({name: f.type for name, f in cleanable.items()}))
    flattened = structs.select(
        part_ for name, field in cleanable.items() for part_ in _flattened(name, field.type)
    )
    place = pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(INDEX)
    written = (pl.col(f).alias(part(f, "raw")) for f in cleanable)
    kept = complete.select(place, ROW, RECORD_ID, *written)
    return pl.concat([kept, flattened], how="horizontal")


def raw_is_blank(field: str) -> pl.Expr:
    """Whether the source holds nothing in a cleaned field."""
    raw = pl.col(part(field, "raw"))
    return raw.is_null() | (raw.str.strip_chars() == "")


def clean_expression(name: str, field: DeclaredField, context: CleanContext) -> pl.Expr:
    """The struct expression that cleans one field."""
    values = {standard: tuple(written) for standard, written in field.values.items()}
    return FIELD_TYPES[field.type].clean(name, CleanContext(context.reference_date, values))


def _flattened(name: str, field_type: str) -> Iterator[pl.Expr]:
    """The parts of one cleaned field as columns; the value under the field's own name."""
    for kept in ("value", *FIELD_TYPES[field_type].parts, "issues"):
        yield pl.col(name).struct[kept].alias(name if kept == "value" else part(name, kept))


def column_health(
    cleaned: pl.DataFrame, fields: Mapping[str, DeclaredField]
) -> tuple[ColumnHealth, ...]:
    """Count filled and unreadable values and issues of every cleaned field."""
    return tuple(
        _health(cleaned, name, declared)
        for name, declared in fields.items()
        if declared.type != "key"
    )


def add_health(
    before: tuple[ColumnHealth, ...], more: tuple[ColumnHealth, ...]
) -> tuple[ColumnHealth, ...]:
    """The counts of two pieces of one frame together; ``before`` may be empty.

    Example:
        >>> one = ColumnHealth("sex", 2, 1, 0, {"unknown_sex": 1}, 3, False)
        >>> add_health((), (one,)) == (one,)
        True
        >>> both = add_health((one,), (one,))[0]
        >>> both.rows, both.issues
        (6, {'unknown_sex': 2})
    """
    if not before:
        return more
    return tuple(
        replace(
            a,
            filled=a.filled + b.filled,
            unreadable=a.unreadable + b.unreadable,
            strange=a.strange + b.strange,
            issues=dict(sorted((Counter(a.issues) + Counter(b.issues)).items())),
            rows=a.rows + b.rows,
        )
        for a, b in zip(before, more, strict=True)
    )


def total_health(pieces: Iterable[tuple[ColumnHealth, ...]]) -> tuple[ColumnHealth, ...]:
    """The counts of all pieces of one frame together."""
    empty: tuple[ColumnHealth, ...] = ()
    return reduce(add_health, pieces, empty)


_STRANGE: Final = r"[^\p{L}\p{M}\p{N}\s.,;:'’‘`´~\-()\[\]/&?\"]"
"""Signs that stand in no name of a person or an organisation."""


def _health(cleaned: pl.DataFrame, field: str, declared: DeclaredField) -> ColumnHealth:
    raw, value = cleaned[part(field, "raw")], cleaned[field]
    usable = value.is_not_null()
    if part(field, "year") in cleaned.columns:
        usable = usable | cleaned[part(field, "year")].is_not_null()
    filled = ~cleaned.select(raw_is_blank(field)).to_series()
    issues = cleaned[part(field, "issues")].explode().drop_nulls().value_counts()
    counts = dict(zip(issues[issues.columns[0]], issues[issues.columns[1]], strict=True))
    return ColumnHealth(
        field=field,
        filled=int(filled.sum()),
        unreadable=int((filled & ~usable).sum()),
        strange=int(raw.str.contains(_STRANGE).sum()) if declared.type == "person_name" else 0,
        issues=dict(sorted(counts.items())),
        rows=cleaned.height,
        required=bool(getattr(declared, "required", False)),
    )
