"""One plain address, read without a query: its tail is known, and what stands before it is plain text.

There are some fourteen thousand wards, and few ways in which most people write them: all of these are
read beforehand. Any other address is left to the query.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import polars as pl

from cleaners.addresses import below, cut, judge
from cleaners.addresses.tails import understood, usual
from cleaners.guarded import searching
from cleaners.one_value import extracting, folded, is_plain, replacing, squeezed

__all__ = ["AloneReader"]

_IS_ODD: Final = searching(cut.ODD)
_ENDS_ODD: Final = searching(cut.ENDS_ODD)
_SHORTEN: Final = replacing(list(below.LONG), list(below.LONG.values()))
_HOUSE, _STREET, _AFTER_HOUSE, _ALLEY, _HAMLET = map(
    extracting, (below.HOUSE, below.STREET, below.AFTER_HOUSE, below.ALLEY, below.HAMLET)
)
_NO_STREET, _ENGLISH_STREET = map(searching, (below.NO_STREET, below.ENGLISH_STREET))
_GROUPS: Final = [extracting(pattern) for pattern in below.GROUPS]
_NOTHING: Final = dict.fromkeys(below.FIELDS)


def _below(head: str) -> dict[str, str | None]:
    """What stands below the ward, as :func:`cleaners.addresses.below.read` has it."""
    text = folded(head, ",/")
    if text is None:
        return _NOTHING
    short = _SHORTEN(text)
    house = _HOUSE(text)
    return {
        "detail": squeezed(text.replace(",", " ").replace("/", " ")),
        "house": house and house.replace(" ", ""),
        "street": _STREET(short) or _street(short),
        "alley": _ALLEY(short),
        "hamlet": _HAMLET(short),
        "group": next((found for group in _GROUPS if (found := group(short)) is not None), None),
    }


def _street(short: str) -> str | None:
    """The street right behind the house number."""
    found = _AFTER_HOUSE(short)
    if found is None:
        return None
    english = _ENGLISH_STREET(found)
    bare = found[: english.start()] if english else found
    return None if _NO_STREET(bare) else bare


class AloneReader:
    """Reads addresses one by one.

    Example:
        >>> read = AloneReader(pl.Series(["Phường Ba Đình, Thành phố Hà Nội"]))
        >>> found = read("12 Lê Lợi, phường Ba Đình, thành phố Hà Nội")
        >>> found["ward"], found["house"], found["street"], read("gần chợ")
        ('00004', '12', 'le loi', None)
    """

    def __init__(self, tails: pl.Series | None = None) -> None:
        """Read tails beforehand: all usual ones, or those that are given."""
        self._known = _usual() if tails is None else _by_key(tails)

    def __call__(self, raw: str) -> dict[str, Any] | None:
        """The fields of a plain address; None if it is not plain."""
        if "," not in raw or not is_plain(raw) or _IS_ODD(raw) or _ENDS_ODD(raw):
            return None
        parts = raw.split(",")
        count, tail = 2, self._tail(parts, 2)
        if tail and tail["is_deep"]:
            count, tail = 3, self._tail(parts, 3)
        if not tail or not tail["is_plain"]:
            return None
        judged = {name: tail[name] for name in judge.FIELDS}
        return {"value": raw, **_below(",".join(parts[:-count])), **judged}

    def _tail(self, parts: list[str], count: int) -> dict[str, Any] | None:
        return self._known.get(_key(",".join(parts[-count:])))


def _by_key(tails: pl.Series) -> dict[str, dict[str, Any]]:
    return {_key(tail["tail"]): tail for tail in understood(tails).to_dicts()}


@cache
def _usual() -> dict[str, dict[str, Any]]:
    return _by_key(usual())


def _key(tail: str) -> str:
    """Tails are read without regard to case, dots and outer spaces."""
    units = tail.replace(".", " ").lower().split(",")
    return ",".join(" ".join(unit.split()) for unit in units)
