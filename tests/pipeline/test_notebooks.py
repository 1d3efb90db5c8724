"""Notebooks run from top to bottom, and are kept with their outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from linkage.cli import call

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for notebooks beside declarations and a sample: the repository's, but smaller."""
    folder = tmp_path_factory.mktemp("small")
    assert call(["init", str(folder / "configs")]) == 0
    assert call(["sample", str(folder / "sample_data"), "--people", "3000"]) == 0
    (folder / "notebooks").mkdir()
    return folder / "notebooks"


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# The kernel's own libraries warn about event loops; they are not ours.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_the_notebook_runs(path: Path, beside: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": beside}})
    client.execute()
    assert all(cell.get("execution_count") for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_kept_with_outputs_and_without_errors(path: Path) -> None:
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    kinds = [output.output_type for cell in cells for output in cell.outputs]
    assert "error" not in kinds
    assert len([cell for cell in cells if cell.outputs]) >= len(cells) / 2
