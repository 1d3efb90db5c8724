"""Tax code (MST): ten digits with a check digit, a branch suffix of three, or a personal number.

Issuer: tax authority. Digits 1 and 2 stand for the province at first registration, 3 to 9 are a
serial, not all zeros; digit 10 checks: 10 minus the weighted sum (31 29 23 19 17 13 7 5 3) modulo
11. A branch adds ``-001`` to ``-999``. Since July 2025 people use the 12-digit personal number.

The rule is that of ``stdnum.vn.mst``, which the tests use as a second opinion; owning these lines
spares a dependency.

>>> is_valid("0100233488"), is_valid("0100233489"), is_valid("0314409058-002")
(True, False, True)
>>> parse("0314409058002"), format("0314409058002")
(TaxCode(code='0314409058', branch='002'), '0314409058-002')
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final, NamedTuple

import polars as pl

from cleaners.identifiers import personal_number
from cleaners.identifiers.compacting import prepared
from cleaners.identifiers.protocol import Check, Scheme
from cleaners.issues import collect
from cleaners.staged import staged

__all__ = [
    "TaxCode",
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

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_FORM = "^[0-9]{10}(?:[0-9]{3})?$"


class TaxCode(NamedTuple):
    """The parts of a tax code."""

    code: str
    branch: str | None


def _columns(code: pl.Expr) -> dict[str, pl.Expr]:
    is_branch = code.str.len_bytes() == 13
    return {"code": code.str.head(10), "branch": pl.when(is_branch).then(code.str.tail(3))}


def _agrees(code: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=False))
    return 10 - total % 11 == int(code[9])


def _agree(code: pl.Expr) -> pl.Expr:
    """Twin of ``_agrees``, by arithmetic on the first ten digits."""
    whole = code.str.head(10).cast(pl.Int64, strict=False)
    powers = range(9, 0, -1)
    weighted = [whole // 10**power % 10 * w for power, w in zip(powers, _WEIGHTS, strict=True)]
    check: pl.Expr = 10 - reduce(add, weighted) % 11
    return check == whole % 10


def _write(code: str) -> str:
    return code if len(code) == 10 else f"{code[:10]}-{code[10:]}"


def _written(code: pl.Expr) -> pl.Expr:
    parts = _columns(code)
    return pl.when(code.is_not_null()).then(
        pl.concat_str(parts["code"], parts["branch"], separator="-", ignore_nulls=True)
    )


_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "kind", "branch"), pl.String()),
    "issues": pl.List(pl.String()),
}
_SCHEME: Final = Scheme(
    form=_FORM,
    expected="10 or 13 digits",
    hint="pad a lost leading zero",
    split=lambda code: TaxCode(code[:10], code[10:] or None),
    types=dict.fromkeys(TaxCode._fields, pl.String()),
    columns=_columns,
    checks=(
        Check(
            lambda code: code[2:9] != "0000000",
            lambda code: code.str.slice(2, 7) != "0000000",
            *("a serial above 0", "0", "check digits 3 to 9"),
        ),
        Check(
            _agrees,
            _agree,
            *("a check digit that agrees", "another one", "check for a typing error"),
        ),
        Check(
            lambda code: code[10:] != "000",
            lambda code: code.str.slice(10) != "000",
            *("a branch from 001 to 999", "000", "drop the suffix"),
        ),
    ),
    write=_write,
    written=_written,
)
compact, compacted = _SCHEME.compact, _SCHEME.compacted
validate, validated = _SCHEME.validate, _SCHEME.validated
is_valid, valid = _SCHEME.is_valid, _SCHEME.valid
format, formatted = _SCHEME.format, _SCHEME.formatted
parse, parsed = _SCHEME.parse, _SCHEME.parsed


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, kind, branch and issues."""
    number, kind, code = pl.col("number"), pl.col("kind"), pl.col("code")
    is_lost = pl.col("is_lost").fill_null(value=False)
    is_short = number.str.len_bytes().is_in([9, 12]) & ~pl.col("is_personal")
    is_code, is_form = pl.col("is_code"), number.str.contains(_FORM)
    fixed = pl.col("fixed")
    is_typed = _SCHEME.well_formed(fixed) | personal_number.well_formed(fixed)
    return (
        prepared(raw, is_good=is_typed)
        .with_columns(is_personal=personal_number.well_formed(number))
        .with_columns(code=pl.when(is_short).then(pl.lit("0") + number).otherwise(number))
        .with_columns(is_code=_SCHEME.well_formed(code))
        .with_columns(
            kind=pl.when("is_code")
            .then(pl.lit("tax_code"))
            .when("is_personal")
            .then(pl.lit("personal_number"))
        )
        .with_columns(
            collect(
                leading_zero_lost=is_code & (code != number),
                typed_letters=pl.col("is_typed"),
                digits_lost=is_lost,
                wrong_check_digit=kind.is_null() & is_form,
                malformed_number=number.is_not_null() & kind.is_null() & ~is_form & ~is_lost,
            ),
            value=pl.when(kind.is_not_null()).then(code),
            branch=pl.when("is_code").then(_columns(code)["branch"]),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean tax codes.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (10 or 13 digits, or a 12-digit personal number),
        kind (tax_code, personal_number), branch, issues (``leading_zero_lost``,
        ``typed_letters``, ``digits_lost``, ``wrong_check_digit``, ``malformed_number``).
    """
    return staged(column, _stages, _FIELDS, distinct=True)
