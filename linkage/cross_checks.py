"""Checks between a record's fields, as issues of the number that disagrees with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from cleaners import checks
from cleaners.issues import collect
from linkage.long_columns import in_two_ways

ISSUED_ON: Final = "issued_on"
"""The standard name of the day on which a licence was issued."""


def _of_type(types: Mapping[str, str], wanted: str) -> str | None:
    """The field of a type, where the record has just one; the one named like the type comes first."""
    found = [name for name, type_ in types.items() if type_ == wanted]
    if wanted in found:
        return wanted
    return found[0] if len(found) == 1 else None


def _number_checks(types: Mapping[str, str], number: str) -> dict[str, pl.Expr]:
    """Personal number against sex and birth year."""
    own = pl.col(number).struct["value"]
    sex, birth = _of_type(types, "sex"), _of_type(types, "birth_date")
    found = {}
    if sex:
        of_sex = pl.col(sex).struct["value"]
        found["sex_digit_disagrees"] = checks.sex_digit_disagrees(own, of_sex)
    if birth:
        year = pl.col(birth).struct["year"]
        found["year_digit_disagrees"] = checks.year_digit_disagrees(own, year)
    return found


def _licence_checks(types: Mapping[str, str], licence: str) -> dict[str, pl.Expr]:
    """Licence number against the personal number, issue date against the birth date."""
    own = pl.col(licence).struct["value"]
    number, birth = _of_type(types, "personal_id"), _of_type(types, "birth_date")
    found = {}
    if number:
        held = pl.col(number).struct["value"]
        found["licence_digit_disagrees"] = checks.licence_digit_disagrees(own, held)
    if birth and types.get(ISSUED_ON) == "date":
        date, issued = pl.col(birth).struct, pl.col(ISSUED_ON).struct["value"]
        born = pl.when(~date["is_placeholder"]).then(date["value"])
        found["holder_too_young"] = checks.holder_too_young(born, date["year"], issued)
    return found


def cross_issues(types: Mapping[str, str]) -> list[pl.Expr]:
    """Struct expressions that add what disagrees to the issues of the number.

    Args:
        types: field name to field type.

    Returns:
        For each number that can be checked, the cleaned struct column with its longer ``issues``.
    """
    checkers = {"personal_id": _number_checks, "licence_number": _licence_checks}
    longer = []
    for type_, checker in checkers.items():
        field = _of_type(types, type_)
        codes = checker(types, field) if field else {}
        if field and codes:
            both = _with(codes, pl.col(field).struct["issues"])
            longer.append(pl.col(field).struct.with_fields(both.alias("issues")))
    return longer


def _with(codes: Mapping[str, pl.Expr], issues: pl.Expr) -> pl.Expr:
    """The issues and, behind them, the codes that hold; lists are joined in the few rows with one."""
    flags = {code: pl.col(code) for code in codes}

    def longer(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        return frame.select(pl.concat_list("issues", collect(**flags)).alias("all")).to_series()

    def run(rows: pl.Series) -> pl.Series:
        held = pl.any_horizontal(*codes).fill_null(value=False)
        few = rows.struct.unnest().select(held.alias("few")).to_series()
        return in_two_ways(rows, few, longer, lambda same: same.struct["issues"])

    both = pl.struct(issues.alias("issues"), *(held.alias(code) for code, held in codes.items()))
    return both.map_batches(run, return_dtype=pl.List(pl.String()), is_elementwise=True)
