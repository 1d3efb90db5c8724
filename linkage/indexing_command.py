"""The command ``linkage index``."""

from __future__ import annotations

from typing import Annotated

import typer

from linkage import console
from linkage.arguments import Config


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("index")(index_population)


def index_population(
    config: Config,
    force: Annotated[bool, typer.Option("--force", help="Make it again even if it fits.")] = False,
) -> None:
    """Make the population index that the job names, if the one there does not fit."""
    from linkage.config import load_job
    from linkage.indexing import index_register

    job = load_job(config)
    with console.steps(2) as progress:
        index, reasons = index_register(job, anew=force, progress=progress)
    made = f"made: {', '.join(reasons)}" if reasons else "fits, nothing to do"
    megabytes = index.path.stat().st_size / 1e6
    console.line(
        f"index: {index.path}, {index.about['size']:,} people, {megabytes:,.0f} MB; {made}"
    )
