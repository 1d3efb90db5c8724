"""The fixed verbs for phone numbers, scalar and columnar."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import polars as pl

from cleaners.errors import CleanerError, ComponentError, FormatError
from cleaners.phones.numbering import AREAS
from cleaners.phones.plan import parts, parts_of, rows_of
from cleaners.staged import staged
from cleaners.text import only_where

__all__ = [
    "SERVICE",
    "Phone",
    "compact",
    "compacted",
    "format",
    "formatted",
    "is_valid",
    "parse",
    "parsed",
    "squeezed",
    "valid",
    "validate",
    "validated",
]

_SEPARATORS: Final = (
    " .-_/()[]{}'’‘`\"“”=·•\t\n\x0b\x0c\r\x00\x85\xa0\xad\u2007\u2009\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202c\u202d\u202f\u2060\u3000\ufeff‐‑‒–—―−"
)
_TABLE: Final = {
    **dict.fromkeys(_SEPARATORS, ""),
    **{chr(0xFEE0 + ord(sign)): sign for sign in "0123456789+"},
}
_TRANSLATION: Final = str.maketrans(_TABLE)
_FLOAT: Final = r"^[ \t\r\n]*([0-9]+)\.0+[ \t\r\n]*$"
# National numbers without their zero. Old area codes of three digits in 02 have no successor there.
_MOBILE: Final = "[35789][0-9]{8}"
_LANDLINE: Final = "2(?:[0125-79][0-9]|[348][2-9])[0-9]{7}"
_OLD_LANDLINE: Final = "2[348][01][0-9]{7}"
_OLD_MOBILE: Final = "1(?:[0-7][0-9]{2}|[89][1-9][0-9]|[89]0[1-9])[0-9]{6}"
_SERVICE: Final = "1[89]00[0-9]{4,6}|1[0-9]{2,3}"
_FOREIGN: Final = r"\+(?:[1-79][0-9]|8[0-35-9])[0-9]{6,13}"
_WITH_ZERO: Final = (
    rf"^(?:(?:\+84|0084|084|84)0?|0)({_MOBILE}|{_LANDLINE}|{_OLD_LANDLINE}|{_OLD_MOBILE})$"
)
#: A service number, alone or behind the country code.
SERVICE: Final = rf"^(?:\+84|0084)?({_SERVICE})$"
_NEEDS_NOTHING: Final = rf"^(?:0|\+84){_MOBILE}$"
_VALID: Final = rf"^\+84(?:{_MOBILE}|{_LANDLINE}|{_SERVICE})$"


class Phone(NamedTuple):
    """The parts of a number.

    Attributes:
        national: as dialled within the country (``0901234567``, ``19001234``).
        kind: mobile, landline or service.
        prefix: ``090``; area code of a landline (``024``, ``0203``); 1800 or 1900.
        operator_range: who was allotted the range of a mobile. Numbers move between operators
            since November 2018, so this does not name the operator of the number.
        area: the province (of before July 2025) that a landline's area code belongs to.
        service: toll_free, premium, emergency or short.
    """

    national: str
    kind: str
    prefix: str | None
    operator_range: str | None
    area: str | None
    service: str | None


def squeezed(column: str | pl.Expr) -> pl.Expr:
    """Digits and plus signs without separators; anything else stays. Drops a float's ``.0``."""

    def repair(text: pl.Expr) -> pl.Expr:
        whole = only_where(
            text,
            lambda t: t.str.contains(".0", literal=True) & t.str.contains(_FLOAT),
            lambda t: t.str.replace(_FLOAT, "$1"),
        )
        return whole.str.replace_many(list(_TABLE), list(_TABLE.values()))

    return only_where(column, lambda text: text.str.contains("[^0-9+]"), repair)


def _once(expr: pl.Expr, work: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Work that uses a text several times, on text that is computed once."""

    def run(series: pl.Series) -> pl.Series:
        return series.alias("text").to_frame().select(work(pl.col("text"))).to_series()

    return expr.map_batches(run, return_dtype=pl.String, is_elementwise=True)


def compact(text: str) -> str:
    """The international form without separators; text that is no number only loses those.

    >>> compact("(024) 3825.1234"), compact("84 90 123 4567"), compact("không có")
    ('+842438251234', '+84901234567', 'khôngcó')
    """
    whole = re.fullmatch(_FLOAT, text)
    digits = (whole[1] if whole else text).translate(_TRANSLATION)
    found = re.fullmatch(_WITH_ZERO, digits) or re.fullmatch(SERVICE, digits)
    return f"+84{found[1]}" if found else digits


def validate(text: str) -> str:
    """Return the compact number, if it is a Vietnamese number of today.

    Raises:
        ComponentError: another country's number, or one of before 2017 or 2018.
        FormatError: no such length, or other characters.
    """
    number = compact(text)
    if re.fullmatch(_VALID, number):
        return number
    if re.fullmatch(_FOREIGN, number):
        raise ComponentError(
            expected="a Vietnamese number", found="another country's", hint="kind, from clean()"
        )
    if re.fullmatch(rf"\+84(?:{_OLD_MOBILE}|{_OLD_LANDLINE})", number):
        raise ComponentError(
            expected="a number of today",
            found="an 11-digit one of before 2018",
            hint="clean(), which renumbers it",
        )
    raise FormatError(
        expected="a mobile (0 and 9 digits), a landline (02 and 9), 1800, 1900 or a short number",
        found=f"{len(number)} characters",
        hint="clean(), which puts back a lost zero and reads words around a number",
    )


def is_valid(text: str) -> bool:
    """Whether a text is a Vietnamese number of today."""
    try:
        validate(text)
    except CleanerError:
        return False
    return True


def parse(text: str) -> Phone:
    """The parts of a number; raises like ``validate``."""
    rest = validate(text)[3:]
    national = rest if rest.startswith("1") else f"0{rest}"
    return Phone(national, *parts_of(national))


def format(text: str) -> str:
    """The number as people write it within the country; raises like ``validate``.

    >>> format("+84912345678"), format("02438251234"), format("19001234")
    ('0912 345 678', '024 3825 1234', '1900 1234')
    """
    national, kind, prefix = parse(text)[:3]
    if kind == "mobile":
        return f"{national[:4]} {national[4:7]} {national[7:]}"
    if kind == "landline":
        start = 3 if national[:3] in AREAS else 4
        return f"{national[:start]} {national[start : start + 4]} {national[start + 4 :]}"
    return f"{prefix} {national[4:]}" if prefix else national


def compacted(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``compact``."""

    def with_code(text: pl.Expr) -> pl.Expr:
        is_national = text.str.starts_with("0") & text.str.contains(_NEEDS_NOTHING)
        return pl.when(is_national).then(pl.lit("+84") + text.str.slice(1)).otherwise(text)

    odd = only_where(
        squeezed(column),
        lambda text: ~text.str.contains(_NEEDS_NOTHING),
        lambda text: text.str.replace(_WITH_ZERO, "+84$1").str.replace(SERVICE, "+84$1"),
    )
    return _once(odd, with_code)


def validated(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``validate``: null where that raises."""
    return _once(
        compacted(column), lambda number: pl.when(number.str.contains(_VALID)).then(number)
    )


def valid(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``is_valid``: Boolean, null for null."""
    return compacted(column).str.contains(_VALID)


def parsed(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``parse``: a struct, its fields null where that raises."""
    rest, is_service = pl.col("rest"), pl.col("is_service")

    def stages(raw: pl.LazyFrame) -> pl.LazyFrame:
        return (
            raw.select(rest=validated("raw").str.slice(3))
            .with_columns(is_service=rest.str.starts_with("1"))
            .with_columns(row=rows_of(rest, ~is_service))
            .select(
                pl.when(is_service).then(rest).otherwise(pl.lit("0") + rest).alias("national"),
                *(pl.lit(parts()[name]).gather("row").alias(name) for name in Phone._fields[1:]),
            )
        )

    return staged(column, stages, dict.fromkeys(Phone._fields, pl.String()))


def formatted(column: str | pl.Expr) -> pl.Expr:
    """Expression twin of ``format``: null where that raises."""

    def written(number: pl.Expr) -> pl.Expr:
        head, rest = number.str.slice(3, 1), number.str.slice(3)

        def grouped(first: int, second: int) -> pl.Expr:
            pieces = [rest.str.slice(0, first), rest.str.slice(first, second - first)]
            return pl.lit("0") + pl.concat_str(*pieces, rest.str.slice(second), separator=" ")

        is_short_area = rest.str.slice(0, 2).is_in(["24", "28"])
        return (
            pl.when(head.is_in(list("35789"))).then(grouped(3, 6))
            .when((head == "2") & is_short_area).then(grouped(2, 6))
            .when(head == "2").then(grouped(3, 7))
            .when(rest.str.contains("^1[89]00.")).then(
                pl.concat_str(rest.str.slice(0, 4), rest.str.slice(4), separator=" ")
            )
            .otherwise(rest)
        )  # fmt: skip

    return _once(validated(column), written)
