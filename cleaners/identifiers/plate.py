"""Vehicle plates: civil, army, and foreign missions.

Civil: two digits for the province, a series of one letter, a letter and a digit, or two letters,
then five digits, or four (before 2010 [recalled]): ``30A-123.45``, ``29-B1 123.45``. The letters of
ordinary series are ABCDEFGHKLMNPSTUVXYZ (Circular 58/2020); I, J, O, Q, R, W are misreadings or
special (issue ``unusual_series``). Đ in a series (TĐ, MĐ) is written D here. Army: two letters and
four digits. Foreign missions: two digits, three digits of the country, NG, QT, CV or NN, two or
three digits [recalled]. Place 80 is the central agencies.

Odd cases: since 15 August 2023 (Circular 24/2023) a plate belongs to its owner and may move between
vehicles; after the 2025 merger a province keeps its partners' codes. Without separators
``29B11234`` can be B and five digits or B1 and four: five are assumed, unless ``clean`` sees a
separator before the last four.

>>> parse("30A-123.45")
Plate(kind='civil', province='30', series='A', serial='12345')
>>> is_valid("29-B1 123.45"), is_valid("1234")
(True, False)
>>> format("30A12345"), format("29B11234"), format("29mđ12345"), format("KC1234")
('30A-123.45', '29B-112.34', '29MD-123.45', 'KC-1234')
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import polars as pl

from cleaners import reference
from cleaners.identifiers.compacting import digits_for_letters, numbered
from cleaners.identifiers.protocol import Scheme
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "Plate",
    "clean",
    "compact",
    "compacted",
    "format",
    "formatted",
    "is_valid",
    "parse",
    "parsed",
    "valid",
    "validate",
    "validated",
]

_FORM = "^(?:[0-9]{2}[A-Z][A-Z0-9]?[0-9]{4,5}|[A-Z]{2}[0-9]{4}|[0-9]{5}(?:NG|QT|CV|NN)[0-9]{2,3})$"
_CENTRAL = "80"


class Plate(NamedTuple):
    """The parts; province is the two digits in front, none on army plates."""

    kind: str
    province: str | None
    series: str
    serial: str


def _split(plate: str) -> Plate:
    if plate[0].isalpha():
        return Plate("army", None, plate[:2], plate[2:])
    if plate[2].isdigit():
        return Plate("foreign", plate[:2], plate[5:7], plate[7:])
    is_long = len(plate) == 9 or (len(plate) == 8 and plate[3].isalpha())
    cut = 4 if is_long else 3
    return Plate("civil", plate[:2], plate[2:cut], plate[cut:])


def _kind(plate: pl.Expr) -> pl.Expr:
    """Kind of valid compact plates: digits sort before letters."""
    return (
        pl.when(plate.str.head(1) >= "A")
        .then(pl.lit("army"))
        .when(plate.str.slice(2, 1) < "A")
        .then(pl.lit("foreign"))
        .when(plate.is_not_null())
        .then(pl.lit("civil"))
    )


def _cut(plate: pl.Expr, kind: pl.Expr, is_four: pl.Expr) -> dict[str, pl.Expr]:
    """Province, series and serial; ``is_four``: the serial is known to have four digits."""
    length = plate.str.len_bytes()
    is_long = (length == 9) | ((length == 8) & ((plate.str.slice(3, 1) >= "A") | is_four))
    is_civil = kind == "civil"
    start = pl.when(is_civil).then(2).when(kind == "foreign").then(5).otherwise(0)
    width = pl.when(is_civil & ~is_long).then(1).otherwise(2)
    return {
        "province": pl.when(kind != "army").then(plate.str.head(2)),
        "series": plate.str.slice(start, width),
        "serial": plate.str.slice(start + width),
    }


def _columns(plate: pl.Expr) -> dict[str, pl.Expr]:
    """Twin of ``_split``."""
    kind = _kind(plate)
    return {"kind": kind, **_cut(plate, kind, pl.lit(value=False))}


def _write(plate: str) -> str:
    serial = _split(plate).serial
    dotted = f"{serial[:3]}.{serial[3:]}" if len(serial) == 5 else serial
    return f"{plate[: -len(serial)]}-{dotted}"


def _written(plate: pl.Expr) -> pl.Expr:
    serial = _columns(plate)["serial"]
    length = serial.str.len_bytes()
    front = plate.str.head(plate.str.len_bytes() - length)
    dot = pl.when(length == 5).then(pl.lit(".")).otherwise(pl.lit(""))
    return pl.concat_str(front, pl.lit("-"), serial.str.head(3), dot, serial.str.slice(3))


_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "series", "serial", "province"), pl.String()),
    "issues": pl.List(pl.String()),
}
_SCHEME: Final = Scheme(
    form=_FORM,
    expected="a civil, army or foreign-mission plate",
    hint="check the column",
    split=_split,
    types=dict.fromkeys(Plate._fields, pl.String()),
    columns=_columns,
    write=_write,
    written=_written,
    letters={"Đ": "D"},
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed


@lru_cache(maxsize=1)
def _places() -> pl.Series:
    """The province of today, at the index that the two digits in front make."""
    exploded = reference.provinces().explode("plates")
    today = dict(zip(exploded["plates"], exploded["new_code"], strict=True))
    return pl.Series([today.get(f"{place:02}") for place in range(100)], dtype=pl.String)


def _with_digits(plate: pl.Expr) -> pl.Expr:
    """Plates without a form, with digits for O, I and L in the province and the serial."""
    odd = pl.when(~_SCHEME.well_formed(plate)).then(plate)
    front, back = digits_for_letters(odd.str.head(2)), digits_for_letters(odd.str.slice(4))
    return pl.concat_str(front, odd.str.slice(2, 2), back)


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    plate, value, kind, place = (pl.col(c) for c in ("plate", "value", "kind", "place"))
    # Four digits after a separator: 29-B1 1234.
    is_four = (kind == "civil") & pl.col("raw").str.slice(-5, 1).is_in(list(" .-"))
    parts = _cut(value, kind, is_four)
    fixed = pl.col("fixed")
    return (
        numbered(raw)
        .with_columns(plate=pl.col("number").str.replace_all("Đ", "D", literal=True))
        .with_columns(fixed=_with_digits(plate))
        .with_columns(
            value=pl.when(fixed.is_null()).then(plate).when(_SCHEME.well_formed(fixed)).then(fixed)
        )
        .with_columns(kind=_kind(value))
        .with_columns(series=parts["series"], serial=parts["serial"], place=parts["province"])
        .with_columns(
            province=pl.lit(_places()).gather(place.cast(pl.UInt32, strict=False)),
        )
        .with_columns(
            collect(
                malformed_plate=plate.is_not_null() & kind.is_null(),
                typed_letters=value != plate,
                unknown_province=place.is_not_null()
                & pl.col("province").is_null()
                & (place != _CENTRAL),
                unusual_series=(kind == "civil") & pl.col("series").str.contains("[IJOQRW]"),
            ),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean plates.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (compact, upper case), kind (civil, army, foreign),
        series, serial, province (2025 code; null for army and central plates), issues
        (``malformed_plate``, ``typed_letters``: O, I or L read as digits, ``unknown_province``,
        ``unusual_series``).

    >>> frame = pl.DataFrame({"plate": ["29-B1 1234", "3OA-123.45"]})
    >>> frame.select(clean("plate")).unnest("plate").select("value", "series", "serial").rows()
    [('29B11234', 'B1', '1234'), ('30A12345', 'A', '12345')]
    """
    return staged(column, _stages, _FIELDS)
