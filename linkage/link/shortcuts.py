"""Shortcuts for comparing pairs: the same levels for a part of the work.

A condition is evaluated for millions of pairs, a side's columns are made for thousands of records. So
what a condition asks of one side is worked out beforehand:

* lists mostly have one member. That stands as a value of its own, and two values are compared in a
  fraction of the time that looking for a common member of two lists takes;
* texts note which letters occur in them. An edit changes at most two of these, so most pairs of texts
  are seen to be too far apart without counting edits.

Conditions are found by how :mod:`linkage.link.comparisons.sql` writes them; any other is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from linkage.link.model import Model

_SIDE: Final = r'"(\w+)_([lr])"'
_IN_COMMON: Final = re.compile(rf"list_has_any\({_SIDE}, {_SIDE}\)")
_IS_NULL: Final = re.compile(rf"{_SIDE} IS (NOT )?NULL")
_EDITS: Final = re.compile(r'\((?=abs\(length\("(\w+)_l"\) - length\("\1_r"\)\) <= (\d+) AND )')
_ALIKE: Final = re.compile(r'jaro_winkler_similarity\("(\w+__fold)_l", "\1_r"\) >= (\d\.\d+)')
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Shortcuts:
    """What is worked out beforehand for the comparisons of a model.

    Attributes:
        single: list features of which a sole member stands apart, as ``<feature>__one``.
        spelt: text features whose letters are noted, as ``<feature>__letters``.
    """

    single: frozenset[str] = frozenset()
    spelt: frozenset[str] = frozenset()

    @classmethod
    def of(cls, model: Model, lists: Collection[str]) -> Self:
        """What pays for a model.

        Args:
            model: its comparisons.
            lists: features that hold lists.
        """
        conditions = " ".join(compared.number_sql() for compared in model.comparisons)
        texts = {m[1] for p in (_EDITS, _ALIKE) for m in p.finditer(conditions)}
        return cls(_single(conditions, lists), frozenset(texts))

    def side(self, column: str, *, is_list: bool) -> tuple[str, ...]:
        """Columns that stand for a feature on one side (alias ``s``).

        Args:
            column: the feature.
            is_list: whether it holds lists. Of them it only matters which members two have in
                common: each is taken as its 64-bit hash, which is compared in half the time.
        """
        hashed = f'list_transform(s."{column}", lambda member: hash(member))'
        if column in self.single:
            return (
                f'CASE WHEN len(s."{column}") <> 1 THEN {hashed} END AS "{column}"',
                f'CASE WHEN len(s."{column}") = 1 THEN hash(s."{column}"[1]) END'
                f' AS "{column}__one"',
            )
        own = f'{hashed} AS "{column}"' if is_list else f's."{column}"'
        if column in self.spelt:
            return own, f'{_letters(column)} AS "{column}__letters"'
        return (own,)

    def named(self, column: str) -> tuple[str, ...]:
        """Names of these columns."""
        if column in self.single:
            return column, f"{column}__one"
        return (column, f"{column}__letters") if column in self.spelt else (column,)

    def condition(self, sql: str) -> str:
        """A condition on pairs, over the columns of both sides suffixed ``_l`` and ``_r``."""
        short = _IN_COMMON.sub(self._in_common, sql)
        short = _IS_NULL.sub(self._is_null, short)
        short = _EDITS.sub(self._edits, short)
        return _ALIKE.sub(self._alike, short)

    def _in_common(self, found: re.Match[str]) -> str:
        if found[1] not in self.single:
            return found[0]
        (left, own), (right, other) = (
            (f'"{feature}_{side}"', f'"{feature}__one_{side}"')
            for feature, side in ((found[1], found[2]), (found[3], found[4]))
        )
        return (
            f"CASE WHEN {own} IS NOT NULL AND {other} IS NOT NULL THEN {own} = {other}"
            f" WHEN {own} IS NOT NULL THEN list_contains({right}, {own})"
            f" WHEN {other} IS NOT NULL THEN list_contains({left}, {other})"
            f" ELSE list_has_any({left}, {right}) END"
        )

    def _is_null(self, found: re.Match[str]) -> str:
        if found[1] not in self.single:
            return found[0]
        one = f'"{found[1]}__one_{found[2]}"'
        if found[3]:
            return f"({found[0]} OR {one} IS NOT NULL)"
        return f"({found[0]} AND {one} IS NULL)"

    def _edits(self, found: re.Match[str]) -> str:
        if found[1] not in self.spelt:
            return found[0]
        return f"({_letters_apart(found[1])} <= {2 * int(found[2])} AND "

    def _alike(self, found: re.Match[str]) -> str:
        """A bound on letters beside one on Jaro-Winkler similarity.

        A letter that the other text lacks has no partner there. Of lengths a and b with x and y such
        letters, Jaro's similarity is at most 1 - (x / a + y / b) / 3, and Winkler's prefix of four
        leaves six tenths of what is missing of 1.
        """
        column, least = found[1], float(found[2])
        if column not in self.spelt:
            return found[0]
        most = round(3 * (1 - least) / 0.6 + 1e-6, 6)
        longer = f'greatest(length("{column}_l"), length("{column}_r"))'
        return f"({_letters_apart(column)} <= {most} * {longer} AND {found[0]})"


def _single(conditions: str, lists: Collection[str]) -> frozenset[str]:
    """List features that are asked for nothing but members in common, and whether there are any."""
    other = _IS_NULL.sub("", _IN_COMMON.sub("", conditions))
    single = {column for column in lists if f'"{column}_' not in other}
    pairs = [(m[1], m[3]) for m in _IN_COMMON.finditer(conditions)]
    while alone := {
        c for pair in pairs for c in pair if c in single and not single.issuperset(pair)
    }:
        single -= alone
    return frozenset(single)


def _letters(column: str) -> str:
    """SQL for the set of letters in a text, as bits; null where there is no text."""
    bits = " + ".join(
        f"CASE WHEN s.\"{column}\" LIKE '%{letter}%' THEN {1 << place} ELSE 0 END"
        for place, letter in enumerate(_LETTERS)
    )
    return f'CASE WHEN s."{column}" IS NOT NULL THEN ({bits})::INTEGER END'


def _letters_apart(column: str) -> str:
    """SQL for how many letters occur in one of two texts alone."""
    return f'bit_count(xor("{column}__letters_l", "{column}__letters_r"))'
