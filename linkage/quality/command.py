"""The command ``linkage quality``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage import console
from linkage.arguments import Config, Registries

if TYPE_CHECKING:
    from linkage.quality.report import RegistryQuality


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("quality")(measure_quality)


def measure_quality(
    config: Config,
    registry: Registries = None,
    sample: Annotated[
        int, typer.Option(min=1, metavar="N", help="Most records to try per registry.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Which records are drawn.")] = 1,
    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder with <registry>.parquet or .csv (record_id, person_id): try all records"
            " against it, in place of hidden numbers.",
        ),
    ] = None,
) -> None:
    """Measure what links are worth: no labels needed.

    Hides the identity numbers of records whose holder they tell, links on the rest, and prints
    precision, recall, bias by kind of person, what blocking misses, and calibration.
    """
    from linkage.config import load_job
    from linkage.quality.report import quality_report
    from linkage.session import registries_of

    job = load_job(config)
    names = registries_of(job, registry)
    with console.steps(2 + len(names)) as progress:
        report = quality_report(
            job, registries=names, sample=sample, seed=seed, truth=truth, progress=progress
        )
    for name, quality in report.items():
        _print(name, quality)
    for name, why in report.skipped.items():
        sys.stderr.write(f"warning: {name}: {why}\n")


def _print(name: str, quality: RegistryQuality) -> None:
    from linkage.quality.shown import tables

    trial = quality.trial
    console.line(
        f"{name}: {trial.sampled:,} of {trial.population:,} records tried, by {trial.source}"
    )
    console.line()
    for text, frame in tables(quality).items():
        console.table(frame)
        console.line(text)
        console.line()
