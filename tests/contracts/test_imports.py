"""Imports point one way, and only where the architecture says so."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEPS = {
    "linkage.read": 0,
    "linkage.clean": 1,
    "linkage.features": 1,
    "linkage.population": 2,
    "linkage.register": 3,
    "linkage.population_index": 3,
    "linkage.lookup": 4,
    "linkage.link": 3,
    "linkage.decide": 3,
    "linkage.records": 3,
    "linkage.review": 3,
    "linkage.rules": 4,
    "linkage.duplicates": 5,
    "linkage.write": 5,
    "linkage.resume": 3,
    "linkage.session": 3,
    "linkage.second_opinion": 3,
    "linkage.matching": 4,
    "linkage.pipeline": 6,
    "linkage.deceased": 7,
    "linkage.life": 7,
    "linkage.explain": 6,
    "linkage.training": 7,
    "linkage.verifying": 8,
    "linkage.quality": 7,
    "linkage.labelling": 7,
    "linkage.tuning": 7,
    "linkage.runner": 7,
    "linkage.cli": 8,
}
"""The step a module belongs to; a module never imports from a later step."""


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _imports_at_once(path: Path) -> set[str]:
    """Modules that importing this one imports: not those for type checkers, or inside functions."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _step(module: str) -> int | None:
    parts = module.split(".")
    return STEPS.get(".".join(parts[:2]))


@pytest.mark.parametrize("path", _modules("cleaners"), ids=_name)
def test_cleaners_know_nothing_of_registries(path: Path) -> None:
    assert not {name for name in _imports(path) if name.split(".")[0] == "linkage"}


@pytest.mark.parametrize(
    "path", [path for path in _modules("linkage") if _step(_name(path)) is not None], ids=_name
)
def test_no_step_imports_a_later_one(path: Path) -> None:
    own = _step(_name(path)) or 0
    later = {name for name in _imports(path) if (_step(name) or 0) > own}
    assert not later


def test_no_import_runs_in_a_circle() -> None:
    """Else what can be imported hangs on what was imported before."""
    paths = {_name(path): path for path in (*_modules("cleaners"), *_modules("linkage"))}
    needed = {
        name: {
            ".".join(parts[:end])
            for parts in (found.split(".") for found in _imports_at_once(path) & paths.keys())
            for end in range(1, len(parts) + 1)
            if not f"{name}.".startswith(".".join(parts[:end]) + ".")
        }
        for name, path in paths.items()
    }
    assert len(list(graphlib.TopologicalSorter(needed).static_order())) >= len(paths)


@pytest.mark.parametrize("module", ["linkage.read", "linkage.config", "linkage.life"])
def test_a_package_can_be_imported_alone(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("path", _modules("linkage"), ids=_name)
def test_only_the_engine_opens_a_connection_or_builds_a_linker(path: Path) -> None:
    if "engines" in path.parts:
        return
    source = path.read_text(encoding="utf-8")
    assert "duckdb.connect" not in source
    assert "Linker(" not in source


@pytest.mark.parametrize("path", [*_modules("cleaners"), *_modules("linkage")], ids=_name)
def test_no_python_per_value(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not [word for word in ("map_elements", "iter_rows", "iterrows") if word in source]


@pytest.mark.parametrize("path", [*_modules("cleaners"), *_modules("linkage")], ids=_name)
def test_only_the_manifest_reads_the_clock(path: Path) -> None:
    if path.name == "manifest.py":
        return
    source = path.read_text(encoding="utf-8")
    assert not [word for word in ("date.today", "datetime.now", "time.time(") if word in source]
