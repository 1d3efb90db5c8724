"""Features of fields of any country: words and codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from linkage.columns import part

_START: Final = 6
"""Letters at the beginning of a field that block together: an ending may differ by much."""


def word_features(field: str) -> list[pl.Expr]:
    """Folded words: as written, in alphabetical order, one by one, the first and the last."""
    fold = pl.col(part(field, "fold"))
    words = fold.str.split(" ")
    first, last = words.list.first(), pl.when(words.list.len() > 1).then(words.list.last())
    return [
        fold,
        words.list.sort().list.join(" ").alias(part(field, "sorted")),
        words.list.unique(maintain_order=True).alias(part(field, "words")),
        first.alias(part(field, "first")),
        last.alias(part(field, "last")),
        pl.concat_str(first, last, separator=" ").alias(part(field, "ends")),
        fold.str.head(_START).alias(part(field, "start")),
    ]


def code_features(field: str) -> list[pl.Expr]:
    """The code, all but its last two signs, and its first half: postcodes narrow from left."""
    value = pl.col(field)
    length = value.str.len_chars().cast(pl.Int64)
    long = length > 3
    return [
        value.alias(part(field, "value")),
        pl.when(long).then(value.str.head(length - 2)).alias(part(field, "area")),
        pl.when(long).then(value.str.head(length // 2)).alias(part(field, "start")),
    ]


PLAIN_BUILDERS: Final[Mapping[str, Callable[[str], list[pl.Expr]]]] = {
    "name_words": word_features,
    "words": word_features,
    "code": code_features,
    "contact_phone": code_features,
}
"""Field type to what builds its features, for :func:`linkage.features.features_of`."""
