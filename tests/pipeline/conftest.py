"""One run of the README's job, shared by the end-to-end tests."""

from __future__ import annotations

from pathlib import Path

import pytest

import linkage
from linkage.result import RunResult

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
JOB = ROOT / "configs" / "sample.yaml"


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The sample job, written to a folder of its own."""
    return linkage.run(JOB, out=tmp_path_factory.mktemp("run") / "sample")
