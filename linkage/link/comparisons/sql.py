"""Conditions in SQL over two sides of a field; ``{f}`` stands for the field."""

from __future__ import annotations


def both(column: str) -> str:
    """Both sides have a value."""
    return f'"{{f}}__{column}_l" IS NOT NULL AND "{{f}}__{column}_r" IS NOT NULL'


def same(column: str) -> str:
    """Both sides have one value."""
    return f'"{{f}}__{column}_l" = "{{f}}__{column}_r"'


def shared(column: str) -> str:
    """Two lists have a member in common."""
    return f'list_has_any("{{f}}__{column}_l", "{{f}}__{column}_r")'


def seen(column: str) -> str:
    """A member of one side's list is among those that other registries show of the other side."""
    own, elsewhere = f'"{{f}}__{column}', f'"{{f}}__seen_{column}'
    return (
        f'(coalesce(list_has_any({own}_l", {elsewhere}_r"), false)'
        f' OR coalesce(list_has_any({elsewhere}_l", {own}_r"), false))'
    )


def missing(column: str) -> str:
    """A side has no value."""
    return f'"{{f}}__{column}_l" IS NULL OR "{{f}}__{column}_r" IS NULL'


def edits(column: str, most: int) -> str:
    """At most so many edits, two neighbours changing places counting as one."""
    left, right = f'"{{f}}__{column}_l"', f'"{{f}}__{column}_r"'
    return f"(abs(length({left}) - length({right})) <= {most} AND {_apart(left, right, most)})"


def one_digit(column: str, ends: int) -> str:
    """At most one edit between numbers of one length: one of their ends must be the same."""
    left, right = f'"{{f}}__{column}_l"', f'"{{f}}__{column}_r"'
    return (
        f"((left({left}, {ends}) = left({right}, {ends})"
        f" OR right({left}, {ends}) = right({right}, {ends}))"
        f" AND {_apart(left, right, 1)})"
    )


def _apart(left: str, right: str, most: int) -> str:
    """DuckDB's ``damerau_levenshtein`` of at most so much, mostly without computing it.

    It takes six times as long as ``levenshtein``, in which the same edits count as often or, where
    neighbours change places, twice: only between the two is there anything to compute.
    """
    plain = f"levenshtein({left}, {right})"
    return (
        f"CASE WHEN {plain} <= {most} THEN true WHEN {plain} > {2 * most} THEN false"
        f" ELSE damerau_levenshtein({left}, {right}) <= {most} END"
    )


def alike(column: str, least: float) -> str:
    """Jaro-Winkler similarity of at least so much."""
    return f'jaro_winkler_similarity("{{f}}__{column}_l", "{{f}}__{column}_r") >= {least}'


def holds(column: str) -> str:
    """All members of one list stand in the other."""
    left, right = f'"{{f}}__{column}_l"', f'"{{f}}__{column}_r"'
    return f"(list_has_all({left}, {right}) OR list_has_all({right}, {left}))"
