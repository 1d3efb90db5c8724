"""The command ``linkage update``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from linkage import console
from linkage.arguments import Config
from linkage.summary import summarise

_STEPS = ("read", "clean", "link", "decide", "flag", "keep")


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program.

    Args:
        app: the program.
    """

    def update_lists(
        config: Config,
        out: Annotated[
            Path | None,
            typer.Option(metavar="DIR", help="Output folder of the run, in place of the job's."),
        ] = None,
    ) -> None:
        """Carry the lists of a run on: link only records that are new, changed or gone.

        The job keeps the state of its runs ('output: state:'). The lists are those of a run of all
        records with the same weights.
        """
        from linkage.config import load_job
        from linkage.updates.updating import update

        job, began = load_job(config), time.perf_counter()
        with console.steps(2 + len(_STEPS) * len(job.registries) + 1) as progress:
            result = update(job, out=out, progress=progress)
        for name, counts in result.manifest["updated"]["registries"].items():
            told = ", ".join(f"{n:,} {what}" for what, n in counts.items())
            console.line(f"{name}: {told}")
        summarise(result, time.perf_counter() - began)

    app.command("update")(update_lists)
