"""Vehicle plates: civil, army, and foreign missions.

Civil: two digits for the province, a series of one letter, a letter and a digit, or two letters,
then four (before 2010) or five digits: ``30A-123.45``, ``29-B1 123.45``. Đ in a series (TĐ, MĐ)
is written D here. Army: two letters and four digits. Foreign missions: two digits, three digits
of the country, NG, QT, CV or NN, two or three digits. Since August 2023 a plate belongs to its
owner and may move between vehicles; after the 2025 merger a province keeps its partners' codes.
I, J, O, Q, R and W are not ordinary series letters. Without separators ``29B11234`` can be B and
five digits or B1 and four: five are assumed.

>>> parse("30A-123.45")
Plate(kind='civil', province='30', series='A', serial='12345')
>>> is_valid("29-B1 123.45"), is_valid("1234")
(True, False)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from cleaners import reference
from cleaners.errors import FormatError
from cleaners.identifiers.protocol import blank_to_null, compacted, is_valid_by, squeeze
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = ["Plate", "clean", "compact", "format", "is_valid", "parse", "valid", "validate"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "series", "serial", "province"), pl.String()),
    "issues": pl.List(pl.String()),
}
_CIVIL = r"^(?P<place>[0-9]{2})(?P<series>[A-Z][A-Z0-9]??)(?P<serial>[0-9]{4,5})$"
_ARMY = r"^(?P<series>[A-Z]{2})(?P<serial>[0-9]{4})$"
_FOREIGN = (
    r"^(?P<place>[0-9]{2})(?P<country>[0-9]{3})(?P<series>NG|QT|CV|NN)(?P<serial>[0-9]{2,3})$"
)
_KINDS = {"civil": _CIVIL, "army": _ARMY, "foreign": _FOREIGN}
_CENTRAL = "80"


class Plate(NamedTuple):
    """The parts of a plate; army plates have no province."""

    kind: str
    province: str | None
    series: str
    serial: str


def compact(text: str) -> str:
    """Remove separators, put letters in upper case, write Đ as D.

    >>> compact("29-mđ1 123.45")
    '29MD112345'
    """
    return squeeze(text).replace("Đ", "D")


def validate(text: str) -> str:
    """Return the compact plate; raise a FormatError for no known form."""
    plate = compact(text)
    if not any(re.fullmatch(pattern, plate) for pattern in _KINDS.values()):
        raise FormatError(
            expected="a civil, army or foreign-mission plate",
            found=f"{len(plate)} characters",
            hint="check the column",
        )
    return plate


def is_valid(text: str) -> bool:
    """Whether a text has the form of a plate."""
    return is_valid_by(validate, text)


def parse(text: str) -> Plate:
    """Split a plate into its parts; raises like ``validate``."""
    plate = validate(text)
    kind, found = next(
        (kind, match)
        for kind, pattern in _KINDS.items()
        if (match := re.fullmatch(pattern, plate)) is not None
    )
    parts = found.groupdict()
    return Plate(kind, parts.get("place"), parts["series"], parts["serial"])


def format(text: str) -> str:
    """The form people write.

    >>> format("30A12345"), format("29B11234")
    ('30A-123.45', '29B-112.34')
    """
    plate = validate(text)
    serial = parse(plate).serial
    written = f"{serial[:3]}.{serial[3:]}" if len(serial) == 5 else serial
    return f"{plate[: -len(serial)]}-{written}"


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    """Plate code to the province of today."""
    exploded = reference.provinces().explode("plates")
    return dict(zip(exploded["plates"], exploded["new_code"], strict=True))


def _compacted(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``compact``."""
    return compacted(column).str.replace_all("Đ", "D", literal=True)


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    plate = _compacted(column)
    return plate.str.contains(_CIVIL) | plate.str.contains(_ARMY) | plate.str.contains(_FOREIGN)


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    plate, kind = pl.col("plate"), pl.col("kind")
    first, second, third = (pl.lit(name) for name in _KINDS)
    found = (
        pl.when(plate.str.contains(_CIVIL))
        .then(first)
        .when(plate.str.contains(_ARMY))
        .then(second)
        .when(plate.str.contains(_FOREIGN))
        .then(third)
    )
    place = pl.when(kind != "army").then(plate.str.head(2))
    province = place.replace_strict(_places(), default=None, return_dtype=pl.String)
    groups = [
        pl.when(kind == name).then(plate.str.extract_groups(pattern).struct[part])
        for part in ("series", "serial")
        for name, pattern in _KINDS.items()
    ]
    series, serial = pl.coalesce(groups[:3]), pl.coalesce(groups[3:])
    return (
        raw.with_columns(text=blank_to_null("raw"))
        .with_columns(plate=_compacted("text"))
        .with_columns(kind=found)
        .with_columns(
            collect(
                malformed_plate=pl.col("text").is_not_null() & kind.is_null(),
                unknown_province=place.is_not_null() & province.is_null() & (place != _CENTRAL),
                unusual_series=(kind == "civil") & series.str.contains("[IJOQRW]"),
            ),
            value=pl.when(kind.is_not_null()).then(plate),
            series=series,
            serial=serial,
            province=province,
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean plates.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (compact, upper case), kind (civil, army, foreign),
        series, serial, province (2025 code; null for army and central plates), issues
        (``malformed_plate``, ``unknown_province``, ``unusual_series``).
    """
    return staged(column, _stages, _FIELDS)
