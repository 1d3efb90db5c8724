"""Which kind a column is of, from a small sample of its values and, weakly, from its name."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl

from cleaners.profiling.kinds import BIRTH, BIRTH_HINT, KINDS, Kind
from cleaners.text import fold

__all__ = ["Column", "Found", "detect", "every_nth", "is_missing_marker"]

_BY_KIND: Final = {kind.name: kind for kind in KINDS}
# What a fitting column name adds, to evidence that is not negligible.
_HINT: Final = 0.2
_LEAST: Final = 0.15
# A kind is named only where at least this much speaks for it.
_ENOUGH: Final = 0.35
# With this much for a form that nothing else has, no other kind is tried.
_CERTAIN: Final = 0.9
# A column of fewer different values holds no places; their cleaner has the dearest start.
_PLACES: Final = 10
# A cleaner is tried only where this share of the values has the rough form of its kind.
_FORMED: Final = 0.3
_NUMBER: Final = r"^[+-]?(?:[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]+)(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_CODE: Final = r"^\s*[A-Za-z0-9][A-Za-z0-9./_\-]*\s*$"
_WORDS: Final = r"\p{L} +\p{L}+ .*\p{L}"
# Values that say that there is none.
_MARKER: Final = (
    r"(?i)^\W*(?:kh[oô]ng(?: c[oó]| r[oõ]| bi[eế]t| x[aá]c [dđ][iị]nh)?|"
    r"ch[uư]a (?:c[oó]|c[aấ]p|r[oõ]|c[aậ]p nh[aậ]t|x[aá]c [dđ][iị]nh)|null|none|nan|n/?a|nil|"
    r"unknown|missing|(?:(?:b[oỏ]|[dđ][eể]) )?tr[oố]ng|undefined)?\W*$"
)
_OTHER_DATES: Final = (
    "cap|hethan|hieuluc|dangky|kichhoat|tungay|denngay|mat$|chet|issue|expir|creat|updat|start|end"
)
# Years between the 5th and the 95th percentile of a whole people's dates of birth, at least.
_GENERATIONS: Final = 40


@dataclass(frozen=True)
class Column:
    """What is known of a column before its kind is.

    Attributes:
        name: the column's name.
        values: a sample of its values as text, without blanks and missing markers.
        filled: rows that are not blank, of all rows.
        distinct: different values among them.
        is_running: whether none is blank and they end in numbers that run on, as keys do.
    """

    name: str
    values: pl.Series
    filled: int
    distinct: int
    is_running: bool

    @property
    def is_repetitive(self) -> bool:
        """Whether few values come again and again."""
        return self.distinct <= max(200, 0.001 * self.filled) and self.distinct * 10 <= self.filled


@dataclass(frozen=True)
class Found:
    """What a column looks like.

    Attributes:
        looks_like: a kind with a cleaner, or key, category, number, text, empty.
        confidence: 0 to 1; None where there is nothing to look at.
        kind: the kind with its cleaner, if it has one.
    """

    looks_like: str
    confidence: float | None
    kind: Kind | None = None


def is_missing_marker(column: pl.Expr) -> pl.Expr:
    """Whether a text only says that there is no value: ``null``, ``không có``, ``-``."""
    return column.str.contains(_MARKER).fill_null(value=False)


def every_nth(series: pl.Series, count: int) -> pl.Series:
    """At most ``count`` values, evenly over the whole; no chance in it."""
    if len(series) <= count:
        return series
    return series.gather(pl.int_range(count, eager=True) * len(series) // count)


@lru_cache(maxsize=1024)
def _squashed(name: str) -> str:
    """A column's name, folded, without spaces."""
    folded = pl.select(fold(pl.lit(name))).item()
    return (folded or "").replace(" ", "")


def _evidence(values: pl.Series, kind: Kind, reference_date: datetime.date) -> float:
    """Mean evidence of the values for one kind; zero unless enough have its rough form."""
    raw = every_nth(values, kind.tried).alias("raw").to_frame()
    if _share(raw["raw"], kind.form) < _FORMED:
        return 0.0
    cleaned = raw.with_columns(kind.clean(pl.col("raw"), reference_date).alias("c"))
    return _number(cleaned.select(kind.fits().mean()))


def _share(values: pl.Series, pattern: str) -> float:
    """Share of the values that match a pattern."""
    return _number(values.to_frame("v").select(pl.col("v").str.contains(pattern).mean()))


def _number(single: pl.DataFrame) -> float:
    """The number in a frame of one cell; zero for null."""
    found: float | None = single.item()
    return found or 0.0


def _by_cleaner(column: Column, reference_date: datetime.date) -> dict[str, float]:
    """Score of each kind that has a cleaner: evidence, and a little for the name."""
    name = _squashed(column.name)
    scores = {}
    for kind in KINDS:
        if kind.name == "address" and column.distinct < _PLACES and column.is_repetitive:
            continue
        score = _evidence(column.values, kind, reference_date)
        if kind.name == "person_name" and column.is_repetitive:
            score *= 0.3
        if score >= _LEAST and re.search(kind.hint, name):
            score += _HINT
        scores[kind.name] = score
        if kind.is_certain and score >= _CERTAIN:
            break
    return scores


def _by_shape(column: Column) -> dict[str, float]:
    """Score of the kinds that are known by their distribution only."""
    values = column.values
    is_code = _share(values, _CODE)
    scores = {
        "text": 0.2 + 0.2 * _share(values, _WORDS),
        "number": 0.45 * _share(values.str.strip_chars(), _NUMBER),
    }
    if column.is_running:
        scores["key"] = 0.95 * is_code
    elif column.distinct > 0.95 * column.filled and column.filled > 20:
        scores["key"] = 0.42 * is_code
    if column.is_repetitive:
        scores["category"] = 0.8
    elif column.distinct < 0.5 * column.filled:
        scores["category"] = 0.41
    elif column.distinct < 0.9 * column.filled:
        scores["category"] = 0.41 * is_code
    return scores


def _is_birth(column: Column, reference_date: datetime.date) -> bool:
    """Whether dates are of birth: by the column's name, else because they span generations."""
    name = _squashed(column.name)
    if re.search(BIRTH_HINT, name):
        return True
    if re.search(_OTHER_DATES, name):
        return False
    raw = column.values.alias("raw").to_frame()
    years = raw.select(_BY_KIND["date"].clean(pl.col("raw"), reference_date).struct["year"])
    early, late = (years.select(pl.col("year").quantile(q)).item() for q in (0.05, 0.95))
    return early is not None and late - early >= _GENERATIONS


def detect(column: Column, reference_date: datetime.date) -> Found:
    """Name the kind of a column.

    Args:
        column: a sample of its values and what is known of the whole.
        reference_date: for reading dates with two-digit years.
    """
    if column.values.is_empty():
        return Found("empty" if column.filled == 0 else "text", None)
    scores = _by_cleaner(column, reference_date) | _by_shape(column)
    best = max(scores, key=lambda name: scores[name])
    rival = max(score for name, score in scores.items() if name != best)
    lead = scores[best] - rival
    confidence = min(1.0, scores[best]) * min(1.0, 0.5 + lead)
    kind = _BY_KIND.get(best) if scores[best] >= _ENOUGH else None
    if kind is None and best in _BY_KIND:
        best = "text"
    if best == "date" and _is_birth(column, reference_date):
        best, kind = "birth_date", BIRTH
    return Found(best, round(confidence, 2), kind)
