"""The command ``linkage rules``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from linkage import console


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("rules")(list_rules)


def list_rules(
    config: Annotated[
        Path | None,
        typer.Argument(metavar="[CONFIG]", help="A job file: its rules with their parameters."),
    ] = None,
    form: Annotated[
        Literal["text", "markdown"],
        typer.Option("--format", help="markdown writes the page of all rules that ship."),
    ] = "text",
) -> None:
    """List the rules with their parameters: all that ship, or those of a job."""
    from linkage.config import load_job
    from linkage.rules.catalogue import RULES
    from linkage.rules.chosen import active_protections, active_rules
    from linkage.rules.page import listed, markdown

    if form == "markdown":
        typer.echo(markdown(), nl=False)
        return
    if config is None:
        lines = listed({code: (rule, rule.defaults) for code, rule in RULES.items()})
        lines += ["", "protections", *listed(active_protections({}))]
    else:
        lines = []
        for name, declaration in load_job(config).registries.items():
            active = active_rules(declaration.rules, declaration.fields, name)
            lines += [f"registry {name}", "", *listed(active), ""]
            lines += ["protections", *listed(active_protections(declaration.rules)), ""]
    for line in lines:
        console.line(line)
