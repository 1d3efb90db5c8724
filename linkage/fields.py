"""Field types: what a declaration may call a field, and what each type brings with it.

A field type is a cleaner, the parts that the cleaner yields, the keys that can block on it and the
name of its default comparison. A declaration names types, never code; a new identifier scheme is one
module in ``cleaners/identifiers`` and one entry here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from cleaners import addresses, dates, names, phones, sex, text
from cleaners.columns import as_whole, by_distinct
from cleaners.identifiers import (
    chassis,
    engine,
    insurance_card,
    insurance_number,
    licence_number,
    passport,
    personal_id,
    plate,
    tax_code,
)
from cleaners.issues import collect


@dataclass(frozen=True)
class CleanContext:
    """What a cleaner may know beside the column: the job's date, and the field's own vocabulary."""

    reference_date: dt.date
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For ``category`` fields: the standard value and how the source writes it."""


@dataclass(frozen=True)
class FieldType:
    """One kind of field: cleaner, blocking keys and default comparison.

    Attributes:
        name: what a declaration calls it.
        clean: (column, context) to a struct expression with ``value``, parts and ``issues``.
        parts: the parts that linking, rules and lists use; the cleaner's others are not carried
            through a run, where each would cost memory for every row.
        keys: blocking key to the part it equates on; ``""`` is the key of the bare field name.
        comparison: name of the default comparison, or None for fields that are never compared.
    """

    name: str
    clean: Callable[[str, CleanContext], pl.Expr]
    parts: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    comparison: str | None = None


def _no_issues() -> pl.Expr:
    return pl.lit([], dtype=pl.List(pl.String)).alias("issues")


def _tidied(column: str, _: CleanContext) -> pl.Expr:
    return pl.struct(text.tidy(pl.col(column)).alias("value"), _no_issues()).alias(column)


def _words(column: str, _: CleanContext) -> pl.Expr:
    tidy = text.tidy(pl.col(column))
    folded = text.fold(tidy)
    return pl.struct(
        tidy.alias("value"), pl.when(folded != "").then(folded).alias("fold"), _no_issues()
    ).alias(column)


def _code(column: str, _: CleanContext) -> pl.Expr:
    """Letters and digits only: ``TQ13 8DF``, ``tq13-8df`` and ``TQ138DF`` are one code."""
    letters = text.fold(text.tidy(pl.col(column))).str.replace_all(" ", "", literal=True)
    return pl.struct(pl.when(letters != "").then(letters).alias("value"), _no_issues()).alias(
        column
    )


_CATEGORY: Final = pl.Struct({"value": pl.String(), "issues": pl.List(pl.String())})


def _category(column: str, context: CleanContext) -> pl.Expr:
    """A value of a vocabulary, looked up once for each way to write it."""
    if not context.values:
        return _tidied(column, context)
    spellings = {
        spelling: standard
        for standard, written in context.values.items()
        for spelling in (standard, *written)
    }
    table = (
        pl.DataFrame(
            {"spelling": list(spellings), "standard": list(spellings.values())},
            schema={"spelling": pl.String, "standard": pl.String},
        )
        .with_columns(key=text.fold(pl.col("spelling")))
        .unique("key", keep="first")
    )
    mapping = dict(zip(table["key"], table["standard"], strict=True))
    value, tidy = pl.col("value"), pl.col("tidy")
    known = text.fold("tidy").replace_strict(mapping, default=None, return_dtype=pl.String)

    def looked_up(written: pl.Series) -> pl.Series:
        frame = written.cast(pl.String).to_frame("raw").select(tidy=text.tidy("raw"))
        unknown = value.is_null() & tidy.is_not_null()
        named = frame.with_columns(value=known)
        return named.select("value", collect(unknown_category=unknown)).to_struct()

    return as_whole(column, lambda series: by_distinct(series, looked_up), _CATEGORY)


def _dated(column: str, context: CleanContext) -> pl.Expr:
    return dates.clean(column, reference_date=context.reference_date)


def _dated_in_any_era(column: str, context: CleanContext) -> pl.Expr:
    return dates.clean(column, reference_date=context.reference_date, oldest_year=1)


_NUMBER_KEYS: Final = {"": "value"}
_DATE_PARTS: Final = ("year", "month", "day", "precision", "is_placeholder")
_DATE_KEYS: Final = {
    "": "value",
    "year": "year",
    "day_month": "day_month",
    "year_month": "year_month",
}
_WORD_KEYS: Final = {
    "": "fold",
    "sorted": "sorted",
    "first": "first",
    "last": "last",
    "word": "words",
    "start": "start",
}
_CODE_KEYS: Final = {"": "value", "area": "area", "start": "start"}

FIELD_TYPES: Final[Mapping[str, FieldType]] = {
    t.name: t
    for t in (
        FieldType("key", _tidied),
        FieldType(
            "person_name",
            lambda column, _: names.clean(column),
            parts=(
                "fold",
                "tone",
                "family",
                "given",
                "initials",
                "has_abbreviation",
                "subject",
                "kindred",
                "pattern",
            ),
            keys={
                "": "fold",
                "family": "family",
                "given": "given",
                "initials": "initials",
                "family_given": "family_given",
                "sorted": "sorted",
            },
            comparison="person_name",
        ),
        FieldType(
            "personal_id",
            lambda column, _: personal_id.clean(column),
            parts=("kind", "sex", "birth_year"),
            keys={"": "value", "tail": "tail"},
            comparison="personal_id",
        ),
        FieldType("passport", lambda column, _: passport.clean(column), keys=_NUMBER_KEYS),
        FieldType(
            "birth_date",
            _dated,
            parts=_DATE_PARTS,
            keys=_DATE_KEYS,
            comparison="birth_date",
        ),
        FieldType(
            "historical_date",
            _dated_in_any_era,
            parts=_DATE_PARTS,
            keys=_DATE_KEYS,
            comparison="birth_date",
        ),
        FieldType("date", _dated, parts=("year",)),
        FieldType("sex", lambda column, _: sex.clean(column), keys={"": "value"}, comparison="sex"),
        FieldType("phone", lambda column, _: phones.clean(column), keys=_NUMBER_KEYS),
        FieldType(
            "address",
            lambda column, _: addresses.clean(column),
            parts=("detail", "house", "ward", "ward_candidates", "province", "edition"),
            keys={"ward": "ward", "province": "province", "detail": "detail", "house": "house"},
            comparison="address",
        ),
        FieldType(
            "licence_number", lambda column, _: licence_number.clean(column), keys=_NUMBER_KEYS
        ),
        FieldType(
            "insurance_number", lambda column, _: insurance_number.clean(column), keys=_NUMBER_KEYS
        ),
        FieldType(
            "insurance_card",
            lambda column, _: insurance_card.clean(column),
            parts=("number",),
            keys={"": "value", "number": "number"},
        ),
        FieldType("plate", lambda column, _: plate.clean(column), keys=_NUMBER_KEYS),
        FieldType("chassis", lambda column, _: chassis.clean(column), keys=_NUMBER_KEYS),
        FieldType("engine", lambda column, _: engine.clean(column), keys=_NUMBER_KEYS),
        FieldType("tax_code", lambda column, _: tax_code.clean(column), keys=_NUMBER_KEYS),
        FieldType("category", _category),
        FieldType("text", _tidied),
        # Of any country: what has no cleaner of its own, but is to be compared.
        FieldType("name_words", _words, ("fold",), _WORD_KEYS, comparison="name_words"),
        FieldType("words", _words, ("fold",), _WORD_KEYS, comparison="words"),
        FieldType("code", _code, keys=_CODE_KEYS, comparison="code"),
        FieldType("choice", _category, keys=_NUMBER_KEYS, comparison="choice"),
        FieldType(
            "contact_phone",
            lambda column, _: phones.clean(column),
            keys=_CODE_KEYS,
            comparison="code",
        ),
    )
}

_BY_NAME: Final = ("name_words", "words", "code", "choice", "contact_phone")
"""Types that say little of what a field means: compared with the field of the same name alone."""
_LINKING: Final = (
    "person_name", "personal_id", "birth_date", "historical_date", "address", "sex", "phone",
    *_BY_NAME,
)  # fmt: skip
_ASIDE: Final = ("old_ids", "current_address")
"""Population fields that add to another one: old numbers to the number, an address to the address."""


def linkable(population: Mapping[str, str]) -> dict[str, str]:
    """The population's fields that a registry can be linked on.

    Args:
        population: field name to field type.
    """
    return {
        name: type_
        for name, type_ in population.items()
        if type_ in _LINKING and name not in _ASIDE
    }


def shared_fields(registry: Mapping[str, str], population: Mapping[str, str]) -> dict[str, str]:
    """Pair fields by name, else by type where the registry has just one field of that type.

    Args:
        registry: field name to field type.
        population: field name to field type, of the fields that can be linked on.

    Returns:
        Population field to registry field.

    Example:
        >>> shared_fields({"owner": "person_name"}, {"full_name": "person_name"})
        {'full_name': 'owner'}
    """
    own: dict[str, str] = {}
    for person, type_ in population.items():
        of_type = [name for name, other in registry.items() if other == type_]
        if person in of_type:
            own[person] = person
        elif type_ not in _BY_NAME and len(of_type) == 1 and of_type[0] not in population:
            own[person] = of_type[0]
    return own
