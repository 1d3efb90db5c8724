"""Vietnamese phone numbers in one international form, old ones renumbered.

**Structure.** National numbers start with 0. Mobiles have ten digits: ``0``, one of 3, 5, 7, 8, 9,
and eight more. Landlines have eleven: ``02``, the area code, the subscriber. Service numbers start
without a zero: 1800 (free), 1900 (paid), emergencies (111 to 115) and other short codes. The plan
is the ministry's; ``numbering`` has its tables and their sources.

**What changed.** In 2017 the area codes moved to 02x (``04`` to ``024``, ``0511`` to ``0236``). In
September 2018 the 11-digit mobiles (012x, 016x, 0186, 0188, 0199) became ten digits: the last
seven stay. Both old forms still stand in registries and are converted, with an issue; where an old
landline looks like a mobile of today (``08 3825 1234``), it is taken for the mobile.

**Number portability.** Since November 2018 people keep their number when they change operator, so
the prefix does not name the operator: ``operator_range`` is who was allotted the range, no more.
Take the operator of a number from its record.

**Odd cases.** +84, 84, 0084, +84(0); a zero lost in a spreadsheet; ``.0``; letters O and l for 0
and 1; labels (ĐT:), extensions (máy lẻ 12), several numbers in one field.

>>> format("+84 90-123-4567"), format("02438251234"), is_valid("01621234567")
('0901 234 567', '024 3825 1234', False)
>>> parse("0901234567").operator_range, parse("024 3825 1234").area, parse("113").service
('MobiFone', 'Hà Nội', 'emergency')
>>> import polars as pl
>>> frame = pl.DataFrame({"phone": ["0162 123 4567", "+84 90-123-4567", "024.3825.1234"]})
>>> frame.select(clean("phone")).unnest("phone").select("value", "kind").rows()
[('+84321234567', 'mobile'), ('+84901234567', 'mobile'), ('+842438251234', 'landline')]
"""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.phones.numbering import AREAS, OLD_AREAS, OPERATOR_RANGES, RENUMBERED
from cleaners.phones.plan import parts
from cleaners.phones.reading import READ, read
from cleaners.phones.remarks import bit, issue_lists
from cleaners.phones.verbs import (
    Phone,
    compact,
    compacted,
    format,
    formatted,
    is_valid,
    parse,
    parsed,
    valid,
    validate,
    validated,
)
from cleaners.staged import staged

__all__ = [
    "AREAS",
    "OLD_AREAS",
    "OPERATOR_RANGES",
    "RENUMBERED",
    "Phone",
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

_PARTS: Final = ("kind", "prefix", "operator_range", "area", "service")
_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", *_PARTS), pl.String()),
    "issues": pl.List(pl.String()),
}


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, parts and issues."""
    table, row = parts(), pl.col("row")
    reading = pl.col("raw").map_batches(read, return_dtype=pl.Struct(READ), is_elementwise=True)
    is_allotted = pl.lit(table["is_allotted"]).gather(row)
    return (
        raw.select(read=reading)
        .unnest("read")
        .with_columns(bits=pl.col("bits") + bit("unallocated_prefix", ~is_allotted))
        .with_columns(
            pl.lit(issue_lists()).gather("bits").alias("issues"),
            *(pl.lit(table[name]).gather(row).alias(name) for name in _PARTS),
            value=pl.lit("+") + pl.col("whole").cast(pl.String),
        )
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean phone numbers.

    Args:
        column: a String or integer column.

    Returns:
        A struct named after the column: value (``+84...``, or ``+`` and a foreign number; null if
        unusable), kind (mobile, landline, service, foreign, unknown), prefix, operator_range (of a
        mobile; not the operator of the number, see above), area (province of a landline, of
        before July 2025), service (toll_free, premium, emergency, short), issues:
        ``renumbered_phone``, ``renumbered_landline``, ``leading_zero_lost``, ``several_numbers``
        (the first is taken), ``placeholder_number``, ``malformed_phone``, ``unallocated_prefix``
        (no operator or area is known to have the range: a weak sign), ``extension_removed``,
        ``typed_letters`` (O for 0), ``text_removed`` (words beside the number).
    """
    return staged(column, _stages, _FIELDS)
