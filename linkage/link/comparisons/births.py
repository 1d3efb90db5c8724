"""Birth dates: a year alone or a placeholder says nothing about the day."""

from __future__ import annotations

from typing import Final

from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.sql import missing, one_digit, same

BIRTH: Final = Comparison(
    "birth_date",
    ("value", "year", "exact", "digits", "day", "month"),
    (
        Level("missing", missing("year"), is_null=True),
        Level("same date", same("exact")),
        Level("same year, day unknown", f"({missing('exact')}) AND {same('year')}"),
        Level(
            "day and month swapped",
            f"{same('year')} AND"
            ' "{f}__day_l" = "{f}__month_r" AND "{f}__month_l" = "{f}__day_r"',
        ),
        Level("one digit apart", one_digit("digits", 3)),
        Level("within two days", 'abs(date_diff(\'day\', "{f}__exact_l", "{f}__exact_r")) <= 2'),
        Level("same day and month", f"{same('day')} AND {same('month')}"),
        Level("same year", same("year")),
        ELSE,
    ),
    agrees=("same date",),
    equal='"{f}__value_l" IS NOT DISTINCT FROM "{f}__value_r" AND "{f}__year_l" = "{f}__year_r"'
    # 30 February has no value, but it has digits: it is neither 31 February nor a year alone.
    ' AND "{f}__digits_l" IS NOT DISTINCT FROM "{f}__digits_r"',
)
