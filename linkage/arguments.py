"""Arguments and options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path, typer.Argument(metavar="CONFIG", help="The job file, as configs/sample.yaml.")
]
Run = Annotated[Path, typer.Argument(metavar="OUT", help="The folder that a run wrote.")]
Registries = Annotated[
    list[str] | None,
    typer.Option("--registry", metavar="NAME", help="Only this registry; may be repeated."),
]
