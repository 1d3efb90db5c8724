"""Cleaners for Vietnamese registry values, at dataframe speed.

Each module turns a text column into one struct: the clean value, its parts, and a list of issues.
It knows values, never registries, and works alone::

    import cleaners

    cleaners.profile(frame)  # what each column looks like, how much of it is valid, its issues
    frame.with_columns(cleaners.phones.clean("so_dt").alias("phone"))

============================  ==================================================================
names, dates, sex, phones     one field each
identifiers                   personal number, CMND, licence, insurance, plate, tax code, ...
addresses                     parts, and wards of before and after July 2025
text, legacy, encodings       letters: tidy and folded forms, damaged text, bytes
checks                        one field against another
profile                       all of them, tried on every column of a frame
issue_codes                   what each issue means
reference                     the tables of facts: wards, provinces
============================  ==================================================================
"""

from cleaners import (
    addresses,
    checks,
    dates,
    encodings,
    errors,
    identifiers,
    issue_codes,
    legacy,
    names,
    phones,
    profiling,
    reference,
    sex,
    text,
)
from cleaners.errors import CleanerError, ComponentError, EncodingError, FormatError
from cleaners.profiling import Profile, profile

__all__ = [
    "CleanerError",
    "ComponentError",
    "EncodingError",
    "FormatError",
    "Profile",
    "addresses",
    "checks",
    "dates",
    "encodings",
    "errors",
    "identifiers",
    "issue_codes",
    "legacy",
    "names",
    "phones",
    "profile",
    "profiling",
    "reference",
    "sex",
    "text",
]
