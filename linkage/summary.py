"""What a command says of a run when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage import console

if TYPE_CHECKING:
    from linkage.result import RunResult


def summarise(result: RunResult, seconds: float) -> None:
    """Counts by registry, how long it took, and where the lists are."""
    from linkage.life.shown import told

    console.table(result.summary)
    console.line()
    count = "1 registry" if len(result) == 1 else f"{len(result)} registries"
    console.line(f"{result.manifest['job']}: {count} in {seconds:.1f} s")
    console.line(f"lists:  {result.path}")
    if resumed := result.manifest.get("resumed"):
        console.line(
            f"continued: {resumed['steps_skipped']} steps were finished by the run of"
            f" {resumed['began']}, which was killed"
        )
    for text in told(result.manifest):
        console.line(text)
    if result.path is not None:
        console.line(f"report: {result.path / 'report.html'}")
