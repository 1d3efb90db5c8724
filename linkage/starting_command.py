"""The commands ``linkage sample`` and ``linkage init``."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated, Final

import typer

from linkage import console
from linkage.arguments import Registries

_SEED: Final = 20_261_001
"""That of the committed sample."""

Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]


def add_commands(app: typer.Typer) -> None:
    """Add both commands to the program."""
    app.command("sample")(sample_data)
    app.command("init")(init_configs)


def sample_data(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    people: Annotated[
        int, typer.Option(min=100, metavar="N", help="People in the population register.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same files.")] = _SEED,
    error_scale: Annotated[
        float, typer.Option(min=0, max=10, help="Multiplies every error rate; 1 is as in life.")
    ] = 1.0,
    communes: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Communes lived in; people/10000 as in life."),
    ] = None,
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="life; near or far: other errors and people.")
    ] = "life",
    registry: Registries = None,
    force: Force = False,
) -> None:
    """Make a synthetic population, registries and their truth."""
    from linkage.starting import make_sample

    with console.counted(people, "making people and their records", "people") as show:
        make_sample(
            folder,
            people,
            seed,
            error_scale=error_scale,
            communes=communes,
            profile=profile,
            registries=registry or None,
            force=force,
            progress=show,
        )
    console.line(f"{people:,} people and their records: {folder}")


def init_configs(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the copies go.")],
    force: Force = False,
) -> None:
    """Copy the declarations, models and sample job out, to edit."""
    from linkage.starting import copy_configs

    count = len(copy_configs(folder, force=force))
    job = shlex.quote(str(folder / "sample.yaml"))
    data = shlex.quote(os.path.normpath(folder / ".." / "sample_data"))
    console.line(f"{count} files: {folder}")
    console.line("next:")
    console.line(f"  linkage sample {data} --people 20000")
    console.line(f"  linkage check {job}")
    console.line(f"  linkage run {job}")
