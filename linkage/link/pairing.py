"""Which field of a registry is compared with which field of the population."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from linkage.columns import INDEX
from linkage.features import features_of
from linkage.fields import FIELD_TYPES, shared_fields


@dataclass(frozen=True)
class Pairing:
    """Fields that a registry and the population both have.

    Attributes:
        own: population field to the registry's field; the population's name is the canonical one.
        types: population field to field type.
    """

    own: Mapping[str, str]
    types: Mapping[str, str]

    @property
    def compared(self) -> dict[str, str]:
        """Canonical field to comparison name, for fields that are compared and not only blocked."""
        named = {field: FIELD_TYPES[type_].comparison for field, type_ in self.types.items()}
        return {field: name for field, name in named.items() if name}

    def canonical(self, field: str) -> str | None:
        """The population's name of a registry field, or None if the population has no such field."""
        return next((name for name, own in self.own.items() if own == field), None)

    def only(self, mapped: Collection[str]) -> Pairing:
        """The same for the registry fields that a job maps: lists show no others of a person."""
        own = {field: name for field, name in self.own.items() if name in mapped}
        return Pairing(own, {field: self.types[field] for field in own})

    def key_column(self, key: str) -> str | None:
        """Feature behind a blocking key such as ``full_name.given``; None if not shared."""
        field, _, name = key.partition(".")
        canonical = self.canonical(field)
        if canonical is None:
            return None
        return f"{canonical}__{_FEATURE.get((self.types[canonical], name)) or name or 'value'}"

    def record_features(self, cleaned: pl.DataFrame) -> pl.DataFrame:
        """Features of a cleaned registry under canonical names, with the record index."""
        own_names = {own: name for name, own in self.own.items()}
        renamed = [
            pl.col(column).alias(own_names[head] + column[len(head) :])
            for column in cleaned.columns
            if (head := column.partition("__")[0]) in own_names
        ]
        return cleaned.select(INDEX, *renamed).select(INDEX, *features_of(self.types))


_FEATURE: Mapping[tuple[str, str], str] = {
    ("person_name", ""): "fold",
    ("personal_id", ""): "numbers",
    ("name_words", ""): "fold",
    ("name_words", "word"): "words",
    ("words", ""): "fold",
    ("words", "word"): "words",
    ("address", "ward"): "wards",
    ("address", "province"): "provinces",
    ("address", "detail"): "places",
    ("address", "house"): "houses",
}
"""Keys whose feature has another name than the key: lists block on any common member."""


def pair_fields(registry: Mapping[str, str], population: Mapping[str, str]) -> Pairing:
    """Pair a registry's fields with the population's (:func:`linkage.fields.shared_fields`).

    Args:
        registry: field name to field type.
        population: field name to field type, of the fields that can be linked on.
    """
    own = shared_fields(registry, population)
    return Pairing(own, {field: population[field] for field in own})
