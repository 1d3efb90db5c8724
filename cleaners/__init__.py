"""Cleaners for Vietnamese registry values, at dataframe speed.

Each module turns a text column into one struct: the clean value, its parts, and a list of issues.
It knows values, never registries, and works alone::

    import cleaners
    frame.with_columns(cleaners.phones.clean("so_dt").alias("phone"))
"""

from cleaners import (
    addresses,
    dates,
    encodings,
    errors,
    identifiers,
    names,
    phones,
    reference,
    sex,
    text,
)
from cleaners.errors import CleanerError, ComponentError, EncodingError, FormatError

__all__ = [
    "CleanerError",
    "ComponentError",
    "EncodingError",
    "FormatError",
    "addresses",
    "dates",
    "encodings",
    "errors",
    "identifiers",
    "names",
    "phones",
    "reference",
    "sex",
    "text",
]
