"""Cleaning a single record: what is no person's own is cleaned beforehand, by the same cleaners.

A cleaner costs the same for one value as for a thousand. There are some forty thousand days on which
somebody who is alive can have been born, so all of them are cleaned at once, as most sources write
them, and looked up. Names, addresses and numbers that are plain are read without a query, by twins of
the cleaners. Nothing of a record is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl

from cleaners.addresses.alone import AloneReader
from cleaners.identifiers import alone as number_alone
from cleaners.names import alone as name_alone
from linkage.clean import DeclaredField, clean_expression, clean_frame
from linkage.fields import CleanContext

Alone = Callable[[str], dict[str, Any] | None]
_ALONE: Final[Mapping[str, Callable[[], Alone]]] = {
    "person_name": lambda: name_alone.read,
    "personal_id": lambda: number_alone.read,
    "address": AloneReader,
}
"""Field type to what makes a reader of one plain value; the reader gives None for any other."""
_SEXES: Final = ("Nam", "nam", "NAM", "Nữ", "nữ", "NỮ", "Nu", "nu", "NU", "M", "F", "0", "1", "2")
_WRITTEN: Final = ("%d/%m/%Y", "%Y-%m-%d")
_YEARS: Final = 110


class RecordCleaner:
    """Cleans records as they come, exactly as :func:`linkage.clean.clean_frame` does.

    Args:
        fields: the declared fields that are cleaned.
        context: the job's reference date.
    """

    def __init__(self, fields: Mapping[str, DeclaredField], context: CleanContext) -> None:
        self._fields, self._context = fields, context
        self._expressions = {
            name: clean_expression(name, field, context)
            for name, field in fields.items()
            if field.type != "key"
        }
        days = _days(context)
        usual = {"birth_date": days, "date": days, "sex": pl.Series(_SEXES)}
        alone = {type_: _ALONE[type_]() for type_ in {f.type for f in fields.values()} & {*_ALONE}}
        self._known = {
            name: _Known(
                expression,
                usual.get(fields[name].type, days.clear()),
                alone.get(fields[name].type),
            )
            for name, expression in self._expressions.items()
        }

    def __call__(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Clean records; columns as those of ``clean_frame``."""
        if raw.height > 1:
            return clean_frame(raw, self._fields, self._context)
        return clean_frame(raw, self._fields, self._context, cleaned=self._structs)

    def _structs(self, raw: pl.DataFrame) -> pl.DataFrame:
        done = {name: self._known[name].of(raw[name]) for name in self._expressions}
        asked = [self._expressions[name] for name, known in done.items() if known is None]
        found = raw.select(asked)
        return pl.DataFrame(
            [found[name] if known is None else known for name, known in done.items()]
        )


class _Known:
    """What a cleaner makes of nothing, of some values, and of one that is plain."""

    def __init__(self, expression: pl.Expr, values: pl.Series, alone: Alone | None) -> None:
        self._name = expression.meta.output_name()
        asked = pl.concat([pl.Series([None], dtype=pl.String), values]).alias(self._name)
        self._cleaned = asked.to_frame().select(expression).to_series()
        self._place = {value: place for place, value in enumerate(asked.to_list())}
        self._alone = alone

    def of(self, raw: pl.Series) -> pl.Series | None:
        """The result for a column of one value; None if it has to be cleaned."""
        value = raw.item()
        place = self._place.get(value)
        if place is not None:
            return self._cleaned.slice(place, 1)
        found = self._alone(value) if self._alone else None
        return None if found is None else pl.Series(self._name, [found], self._cleaned.dtype)


def _days(context: CleanContext) -> pl.Series:
    """Every day of the last 110 years, as text."""
    last = context.reference_date
    first = last.replace(year=last.year - _YEARS, month=1, day=1)
    days = pl.date_range(first, last, eager=True)
    return pl.concat([days.dt.strftime(form) for form in _WRITTEN])
