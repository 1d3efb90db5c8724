"""The hash of the code: another one as soon as any of it is other."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage import fingerprints


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one module in a folder of its own."""
    monkeypatch.setitem(fingerprints._PACKAGES, "rules", tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "rule.py").write_text("one")
    return tmp_path


def now() -> str:
    return fingerprints.code_hash.__wrapped__("rules")


def test_other_code_and_other_places_are_told(package: Path) -> None:
    before = now()
    (package / "sub" / "rule.py").write_text("two")
    after = now()
    (package / "sub" / "rule.py").rename(package / "rule.py")
    assert len({before, after, now()}) == 3


def test_a_table_beside_the_code_counts(package: Path) -> None:
    before = now()
    (package / "wards.csv").write_text("one")
    assert now() != before


def test_what_python_compiles_does_not_count(package: Path) -> None:
    before = now()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "rule.pyc").write_text("one")
    assert now() == before
