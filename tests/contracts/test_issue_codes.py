from __future__ import annotations

import ast
from pathlib import Path

from cleaners.issue_codes import MEANINGS

CLEANERS = Path(__file__).parents[2] / "cleaners"
# The profile's own, which no cleaner emits.
OWN = {"missing_marker"}


def _is_collect(called: ast.expr) -> bool:
    """``collect(...)`` or ``issues.collect(...)``; a frame's own ``collect()`` is something else."""
    if isinstance(called, ast.Attribute):
        owner = called.value
        return called.attr == "collect" and isinstance(owner, ast.Name) and owner.id == "issues"
    return isinstance(called, ast.Name) and called.id == "collect"


def _emitted() -> set[str]:
    """Keyword names in calls of ``issues.collect``."""
    codes: set[str] = set()
    for path in CLEANERS.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if _is_collect(call.func):
                codes |= {keyword.arg for keyword in call.keywords if keyword.arg}
    return codes


def test_every_code_that_a_cleaner_emits_has_a_meaning() -> None:
    assert sorted(_emitted() - set(MEANINGS)) == []


def test_every_meaning_belongs_to_a_code_that_is_emitted() -> None:
    assert sorted(set(MEANINGS) - _emitted() - OWN) == []


def test_meanings_are_short_lines_in_alphabetical_order() -> None:
    assert list(MEANINGS) == sorted(MEANINGS)
    assert all(0 < len(text) <= 90 and "\n" not in text for text in MEANINGS.values())
