"""The numbering plan as lookup tables for columns of whole numbers.

A national number without its zero has nine or ten digits. Its first three and its length say what
it is, so one table answers for all numbers: what to add to renumber it, and its parts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import polars as pl

from cleaners.phones.numbering import AREAS, OLD_AREAS, RENUMBERED, area, operator_range

__all__ = ["FOREIGN", "SERVICES", "UNKNOWN", "Parts", "changes", "parts", "parts_of", "rows_of"]

#: Rows of ``parts`` after the thousand heads.
SERVICES: Final = {"toll_free": 1000, "premium": 1001, "emergency": 1002, "short": 1003}
FOREIGN: Final = 1004
UNKNOWN: Final = 1005
_EMERGENCIES: Final = ("111", "112", "113", "114", "115")
# 0672 is voice over IP today and was Đồng Tháp before: not told apart.
_VOICE_OVER_IP: Final = 672


class Parts(NamedTuple):
    """What the head of a number says."""

    kind: str
    prefix: str | None = None
    operator_range: str | None = None
    area: str | None = None
    service: str | None = None


def parts_of(national: str) -> Parts:
    """The parts of a valid national number (with its zero; service numbers have none)."""
    if not national.startswith("0"):
        if national[:4] in ("1800", "1900") and len(national) > 4:
            service = "toll_free" if national.startswith("18") else "premium"
            return Parts("service", national[:4], None, None, service)
        return Parts("service", service="emergency" if national in _EMERGENCIES else "short")
    if national.startswith("02"):
        code = area(national)
        return Parts("landline", code, None, AREAS.get(code or ""))
    return Parts("mobile", national[:3], operator_range(national))


@lru_cache(maxsize=1)
def parts() -> pl.DataFrame:
    """``Parts`` by row: 0 to 999 by the three digits after the zero, then services and the rest.

    Also is_allotted: whether an operator or area is known to have the range.
    """
    heads = [Parts("unknown")] * 1000
    for head in [*range(200, 400), *range(500, 600), *range(700, 1000)]:
        heads[head] = parts_of(f"0{head}")
    services = [parts_of(number) for number in ("18000000", "19000000", "113", "199")]
    rows = [*heads, *services, Parts("foreign"), Parts("unknown")]
    table = pl.DataFrame(rows, schema=dict.fromkeys(Parts._fields, pl.String()), orient="row")
    is_range = pl.col("kind").is_in(["mobile", "landline"])
    known = pl.coalesce("operator_range", "area").is_not_null()
    return table.with_columns(is_allotted=~is_range | known)


def rows_of(number: pl.Expr, is_ordinary: pl.Expr) -> pl.Expr:
    """The row of ``parts`` for national numbers without their zero.

    Args:
        number: valid numbers, as text.
        is_ordinary: whether it is a mobile or landline; the others are services.
    """
    service = (
        pl.when(number.str.contains("^1800.")).then(pl.lit("toll_free"))
        .when(number.str.contains("^1900.")).then(pl.lit("premium"))
        .when(number.is_in(_EMERGENCIES)).then(pl.lit("emergency"))
        .when(number.is_not_null()).then(pl.lit("short"))
    )  # fmt: skip
    head = number.str.slice(0, 3).cast(pl.UInt32, strict=False)
    return (
        pl.when(is_ordinary)
        .then(head)
        .otherwise(service.replace_strict(SERVICES, default=None, return_dtype=pl.UInt32))
    )


def _old_area(old: str, new: str) -> tuple[range, int]:
    """The rows of ``changes`` that an old area code takes, and what to add."""
    digits, code = len(old) - 1, int(old)
    if digits == 3:
        return range(1000 + code, 1001 + code), (int(new) - code) * 10**7
    if digits == 2:
        return range(code * 10, code * 10 + 10), (int(new) - code) * 10**7
    # Subscribers of the two cities start with 2 to 8: 0240 and 0241 were other areas.
    return range(code * 100 + 20, code * 100 + 90), (int(new) - code) * 10**8


@lru_cache(maxsize=1)
def changes() -> pl.DataFrame:
    """What to add to a national number (an integer) so that it follows the present plan.

    Returns:
        2000 rows, by the first three digits after the zero, plus 1000 for ten-digit numbers:
        added (null: no number of the plan), is_old_mobile, is_old_area.
    """
    mobiles = {head: 0 for head in range(300, 1000) if str(head)[0] in "35789"}
    landlines = {1000 + head: 0 for head in range(200, 300)}
    old_mobiles = {
        1000 + int(old): (int(new) - int(old)) * 10**7 for old, new in RENUMBERED.items()
    }
    old_areas = {
        row: added
        for old, new in OLD_AREAS.items()
        for rows, added in [_old_area(old, new)]
        for row in rows
        if row not in mobiles and row != _VOICE_OVER_IP
    }
    added = {**mobiles, **landlines, **old_mobiles, **old_areas}
    rows = pl.DataFrame({"row": range(2000)}, schema={"row": pl.Int32()})
    return rows.select(
        added=pl.col("row").replace_strict(added, default=None, return_dtype=pl.Int64),
        is_old_mobile=pl.col("row").is_in(list(old_mobiles)),
        is_old_area=pl.col("row").is_in(list(old_areas)),
    )
