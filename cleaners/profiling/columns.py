"""One column of a profile: what it is, how much of it is valid, and what is odd."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from cleaners import legacy
from cleaners.profiling.detect import Column, Found, detect, every_nth, is_missing_marker

__all__ = ["OF_TEXT", "line"]

#: Kinds whose values are words, which an old encoding can have damaged.
OF_TEXT: Final = frozenset({"person_name", "address", "text", "category", "sex"})
_NO_CODES: Final = pl.lit([], dtype=pl.List(pl.String))
# An old encoding is named from this share of the values on.
_NOTED: Final = 0.005
# Values that an old encoding can have damaged: not plain, or two words of plain letters (Telex).
_NOT_PLAIN: Final = r"[^\x00-\x7f]"
_WORDS: Final = r"[A-Za-z]{2} [A-Za-z]{2}"
# From this share of such values on, a column is looked at.
_SOME: Final = 0.005
# Values on which kinds are tried; more only cost time.
_TRIED: Final = 1_000
# Whole numbers below this are exact as floats.
_EXACT: Final = 1e15
# Running numbers: at least so many, and so many numbers to one that is used at most.
_FEW: Final = 5
_GAPS: Final = 20


def _as_text(series: pl.Series) -> pl.Series | None:
    """A column as text; None for lists, structs and bytes."""
    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        return None
    if series.dtype.is_float():
        whole = series.drop_nulls().drop_nans()
        if ((whole == whole.floor()) & (whole.abs() < _EXACT)).all():
            series = series.cast(pl.Int64, strict=False)
    return series.cast(pl.String)


def _is_running(series: pl.Series) -> bool:
    """Whether values end in numbers that ascend without wide gaps, as keys given in order do."""
    numbers = series.str.extract("([0-9]{1,15})$").cast(pl.Int64)
    if len(series) < _FEW or numbers.null_count():
        return False
    steps = numbers.diff().drop_nulls()
    return bool((steps > 0).all() and steps.sum() <= _GAPS * len(series))


def _has_words(values: pl.Series) -> bool:
    """Whether more than a few values could be words in an old encoding; codes cannot."""
    return values.str.contains(f"{_NOT_PLAIN}|{_WORDS}").sum() > _SOME * len(values)


def _described(series: pl.Series) -> tuple[Column, pl.Series]:
    """What is known of a text column before cleaning, and its filled values."""
    filled = series.filter((series.str.strip_chars() != "").fill_null(value=False))
    tried = every_nth(filled, _TRIED).alias("v").to_frame()
    tried = tried.filter(~is_missing_marker(pl.col("v")))
    values = tried.select(legacy.repaired("v") if _has_words(tried["v"]) else "v").to_series()
    runs = len(filled) == len(series) and _is_running(filled)
    return Column(series.name, values, len(filled), filled.n_unique(), runs), filled


@dataclass(frozen=True)
class Counts:
    """What cleaning a column's values showed.

    Attributes:
        valid: share of usable values; None for kinds without a cleaner.
        issues: code, rows and share of the values, commonest first.
        encoding: the commonest old encoding that was converted.
    """

    valid: float | None = None
    issues: list[dict[str, Any]] = field(default_factory=list)
    encoding: str | None = None


def _repaired(frame: pl.DataFrame, found: Found) -> pl.DataFrame:
    """Adds ``text``, ``encoding`` and ``remarks``: damage by old encodings, in columns of text."""
    if found.looks_like not in OF_TEXT or not _has_words(frame["raw"]):
        nothing = pl.lit(None, dtype=pl.String).alias("encoding")
        return frame.with_columns(nothing, text=pl.col("raw"), remarks=_NO_CODES)
    read = frame.with_columns(read=legacy.clean("raw"))
    part = pl.col("read").struct
    converted = pl.when(part["issues"].list.contains("legacy_encoding")).then(part["encoding"])
    return read.with_columns(text=part["value"], encoding=converted, remarks=part["issues"])


def _counted(filled: pl.Series, found: Found, date: datetime.date) -> Counts:
    """Clean the filled values and count."""
    if filled.is_empty():
        return Counts()
    frame = _repaired(filled.alias("raw").to_frame().with_row_index("row"), found)
    marker = pl.when(is_missing_marker(pl.col("raw"))).then(["missing_marker"]).otherwise(_NO_CODES)
    lists, valid = [marker, pl.col("remarks")], None
    if found.kind is not None:
        frame = frame.with_columns(c=found.kind.clean(pl.col("text"), date))
        lists.append(pl.col("c").struct["issues"])
        valid = frame.select(found.kind.is_valid().fill_null(value=False).mean()).item()
    # One list at a time: most are empty, and two may hold the same code of a row.
    parts = [
        frame.select("row", code=codes).filter(pl.col("code").list.len() > 0).explode("code")
        for codes in lists
    ]
    counts = pl.concat(parts).unique().group_by("code").agg(rows=pl.len().cast(pl.Int64))
    listed = counts.with_columns(share=pl.col("rows") / frame.height)
    ordered = listed.sort("rows", "code", descending=[True, False])
    return Counts(valid, ordered.to_dicts(), _encoding(frame["encoding"]))


def _encoding(met: pl.Series) -> str | None:
    """The commonest encoding, if more than a few values have it."""
    ranked = met.drop_nulls().value_counts().sort("count", "encoding", descending=[True, False])
    often = ranked.filter(pl.col("count") >= _NOTED * len(met))
    return str(often["encoding"][0]) if often.height else None


def line(
    series: pl.Series, sample: int | None, date: datetime.date
) -> tuple[dict[str, Any], Found]:
    """One column's line of the profile, and what the column was found to be."""
    text = _as_text(series)
    if text is None:
        filled = 1 - series.null_count() / max(1, len(series))
        row = {"looks_like": "text", "filled": filled, "encoding": None, "issues": []}
        return row, Found("text", None)
    column, values = _described(text)
    found = detect(column, date)
    counts = _counted(values if sample is None else every_nth(values, sample), found, date)
    return {
        "looks_like": found.looks_like,
        "confidence": found.confidence,
        "filled": column.filled / len(text) if len(text) else None,
        "distinct": column.distinct / column.filled if column.filled else None,
        "valid": counts.valid,
        "encoding": counts.encoding,
        "issues": counts.issues,
    }, found
