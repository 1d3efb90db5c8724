"""The commands ``linkage lists`` and ``linkage feedback``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from linkage import console
from linkage.arguments import Registries, Run

_LISTS = "junk_sims|flags|duplicates|corrections|review"
_BY = "province|operator|action|status|severity|reason|kind|field"


def add_commands(app: typer.Typer) -> None:
    """Add both commands to the program."""
    app.command("lists")(write_lists)
    app.command("feedback")(add_feedback)


def write_lists(
    out: Run,
    table: Annotated[
        str | None,
        typer.Option("--list", metavar=_LISTS, help="Which list [the flagged records]."),
    ] = None,
    registry: Registries = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar=_BY, help="One file for each value.")
    ] = None,
    action: Annotated[
        list[str] | None, typer.Option(metavar="ACTION", help="Only this; may be repeated.")
    ] = None,
    severity: Annotated[
        list[str] | None, typer.Option(metavar="SEVERITY", help="Only this; may be repeated.")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATUS", help="Only this; may be repeated [not resolved, dismissed]."
        ),
    ] = None,
    fmt: Annotated[str, typer.Option("--format", metavar="csv|parquet")] = "csv",
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A new or empty folder [OUT_lists].")
    ] = None,
) -> None:
    """Write a run's cases in batches for those who must act.

    The files hold personal values, for acting on them; they are readable by their owner alone.
    """
    import polars as pl

    from linkage.life.batches import INDEX, Choice, batches, write_batches

    if fmt not in ("csv", "parquet"):
        message = f"'{fmt}' is not one of csv, parquet"
        raise typer.BadParameter(message)
    choice = Choice(table, registry, by, action or (), severity or (), status or ())
    cut, manifest = batches(out, choice)
    if not cut:
        console.line("no case fits; nothing was written")
        return
    folder = to if to is not None else out.resolve().with_name(f"{out.resolve().name}_lists")
    note = {
        "list": table, "registries": registry, "by": by, "action": action,
        "severity": severity, "status": status,
    }  # fmt: skip
    write_batches(folder, out, cut, manifest, fmt, note)
    console.table(
        pl.DataFrame(
            [{"file": f"{batch.name}.{fmt}", "cases": batch.cases.height} for batch in cut]
        )
    )
    console.line()
    console.line(f"purpose: {manifest['purpose']}")
    console.line(f"lists:   {folder} (counts and purpose in {INDEX})")


def add_feedback(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The job's feedback file; made.")],
    decision: Annotated[
        str,
        typer.Option(
            metavar="confirmed|rejected|appealed|wrong_link|right_link|withdrawn",
            help="What was decided.",
        ),
    ],
    on: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The day of the decision.")],
    case: Annotated[str | None, typer.Option(metavar="CASE_ID", help="The case.")] = None,
    registry: Annotated[str | None, typer.Option(metavar="NAME", help="Of the link.")] = None,
    record: Annotated[str | None, typer.Option(metavar="RECORD_ID", help="Of the link.")] = None,
    person: Annotated[str | None, typer.Option(metavar="PERSON_ID", help="Of the link.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="For people.")] = None,
) -> None:
    """Add a decision on a case or a link to the feedback file; the next run follows it."""
    from linkage.life.append import Decision, append_feedback

    try:
        day = dt.date.fromisoformat(on)
    except ValueError:
        message = f"'{on}' is not a date as yyyy-mm-dd"
        raise typer.BadParameter(message) from None
    one = Decision(decision, day, case, registry, record, person, note)
    total = append_feedback(file, [one])
    console.line(f"{file}: {total:,} lines; the next run follows them")
