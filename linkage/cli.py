"""The command line: parse, call, print, exit code. Heavy modules are imported by the commands."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage import console
from linkage.arguments import Config, Registries, Run
from linkage.indexing_command import add_commands as add_indexing
from linkage.lists_command import add_commands as add_lists
from linkage.quality.command import add_commands as add_quality
from linkage.rules.command import add_commands as add_rules
from linkage.starting_command import add_commands as add_starting
from linkage.summary import summarise
from linkage.tuning.command import add_commands as add_tuning
from linkage.update_command import add_commands as add_update

if TYPE_CHECKING:
    from linkage.config import Job

_EPILOG: Final = """\b
Exit codes:
  0    done
  1    a fault that nobody foresaw, or the disk or a permission
  2    the command, the job file or a declaration is wrong; nothing was read
  3    a source cannot be read as the job says; nothing was written
  4    counts do not add up: a fault of the toolkit; nothing was written
  130  interrupted
"""

app = typer.Typer(
    name="linkage",
    help="Match agency registries against the population register and make cleanup lists.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_FORMATS: Final = ("parquet", "csv")

_WRITING: Final = ("init", "sample", "train")
"""Commands that write file by file."""


def _version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        console.line(f"registry-linkage {metadata.version('registry-linkage')}")
    except metadata.PackageNotFoundError:
        console.line("registry-linkage, not installed as a package")
    raise typer.Exit


def _formats(given: list[str] | None) -> list[str] | None:
    unknown = [name for name in given or () if name not in _FORMATS]
    if unknown:
        message = f"'{unknown[0]}' is not one of {', '.join(_FORMATS)}"
        raise typer.BadParameter(message)
    return given


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show tracebacks; they may hold personal values."),
    ] = False,
) -> None:
    """Match agency registries against the population register and make cleanup lists."""


# --- running a job --------------------------------------------------------------------------------


@app.command("run")
def run_job(
    config: Config,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Output folder in place of the job's.")
    ] = None,
    registry: Registries = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="|".join(_FORMATS),
            callback=_formats,
            help="In place of the job's formats; may be repeated.",
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Do not continue what a killed run has left.")
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Run even if the estimate says that it does not fit."),
    ] = False,
) -> None:
    """Run a job: read, clean, link, decide, flag, and write the lists.

    A run that was killed is continued from its last finished step.
    """
    from linkage.config import load_job
    from linkage.pacing import paced
    from linkage.runner import run
    from linkage.session import registries_of

    job = load_job(config)
    names, began = registries_of(job, registry), time.perf_counter()
    with paced() as progress:
        result = run(
            job,
            registries=names,
            out=out,
            formats=formats or None,
            progress=progress,
            anew=anew,
            anyway=anyway,
        )
    summarise(result, time.perf_counter() - began)


add_update(app)


@app.command("check")
def check_job(config: Config) -> None:
    """Check a job, its sources and its output folder, without reading the data."""
    import polars as pl

    from linkage.config import check, load_job
    from linkage.preflight import check_room, estimate
    from linkage.write import check_target

    job = load_job(config)
    with console.busy("looking at the sources"):
        peeks = check(job)
    rows = [
        {
            "source": peek.name,
            "format": " ".join(part for part in (peek.format, peek.encoding) if part),
            "columns": len(peek.columns),
            "mapped": peek.mapped,
            "bytes": peek.size,
            "file": str(peek.path),
        }
        for peek in peeks
    ]
    console.table(pl.DataFrame(rows))
    console.line()
    console.table(pl.DataFrame([_files_of(job, name) for name in job.registries]))
    for peek in peeks:
        if not peek.has_rows:
            sys.stderr.write(f"warning: {peek.name}: a header and no rows\n")
    check_target(job.config.output.path)
    expected = estimate(job, peeks)
    check_room(job, expected)
    console.line()
    console.line(expected.text)
    console.line(f"{job.config.job}: ready to run, into {job.config.output.path}")


def _files_of(job: Job, name: str) -> dict[str, str]:
    """Which files a registry follows: one beside the job goes before the one that ships."""
    return {
        "registry": name,
        "declaration": str(job.declaration_paths[name] or "-"),
        "model": str(job.model_paths[name] or "the default"),
    }


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of jobs and declarations, for editors."""
    import json

    from linkage.config import json_schema

    console.line(json.dumps(json_schema(), ensure_ascii=False, indent=2))


add_indexing(app)


@app.command("train")
def train_models(
    config: Config,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the model files go.")] = Path(
        "models"
    ),
    registry: Registries = None,
    seed: Annotated[int, typer.Option(min=0, help="Which pairs are sampled.")] = 1,
    note: Annotated[str, typer.Option(help="What the records are, for the provenance.")] = "",
    allow_unseen: Annotated[
        bool,
        typer.Option("--allow-unseen", help="Do not stop where a level was never seen."),
    ] = False,
) -> None:
    """Train match weights on all records of the job's registries; no labels are needed."""
    from linkage import training
    from linkage.config import load_job

    job = load_job(config)
    with console.steps(2 + len(registry or job.registries)) as progress:
        trained = training.train_models(
            job, registries=registry, seed=seed, allow_unseen=allow_unseen, progress=progress
        )
    for path in training.write_models(trained, out, note=note):
        console.line(f"model: {path}")
    for name, weights in trained.items():
        if weights.unseen:
            sys.stderr.write(f"warning: {name}: never seen: {', '.join(weights.unseen)}\n")
    console.line("to use them: 'link: model:' in the declaration, or in the job")


add_tuning(app)
add_quality(app)
add_rules(app)


# --- looking at a run -----------------------------------------------------------------------------


@app.command("evaluate")
def evaluate_run(
    out: Run,
    truth: Annotated[
        Path,
        typer.Argument(
            metavar="TRUTH", help="Folder with <registry>.parquet or .csv: record_id, person_id."
        ),
    ],
    registry: Registries = None,
) -> None:
    """Compare a run with the truth: links, cases, duplicates and corrections.

    Precision and recall by registry, reason and rule, and how many honest holders are flagged.
    """
    from linkage.evaluation import evaluate
    from linkage.evaluation_shown import EXPLAINED, for_people

    with console.busy("comparing"):
        found = evaluate(out, truth, registries=registry)
    titles = {
        "links": "Links",
        "by_reason": "By reason",
        "cases": "Cases by rule",
        "duplicates": "Duplicates, pair by pair",
        "groups": "Duplicates, record by record and group by group",
        "lists": "Cases by severity and by kind of record",
        "harm": "Honest holders with a case",
        "corrections": "Corrections by kind",
    }
    for part, frame in for_people(found).items():
        if frame.height:
            console.line(titles[part])
            console.table(frame)
            console.line(EXPLAINED[part])
            console.line()


@app.command("explain")
def explain_record(
    out: Run,
    record: Annotated[
        str, typer.Argument(metavar="RECORD", help="A record_id of the records list.")
    ],
    registry: Annotated[
        str | None, typer.Option(metavar="NAME", help="The registry that holds the record.")
    ] = None,
) -> None:
    """Say why a record is linked or not, field by field.

    Shows the record and its best candidates with their personal values.
    """
    from linkage.result import open_run, registry_of

    with console.busy("scoring the record"):
        result = open_run(out)
        name = registry or registry_of(result, record)
        explanation = result[name].explain(record)
    console.line(str(explanation))


add_lists(app)


# --- getting started ------------------------------------------------------------------------------


add_starting(app)


# --- entry point ----------------------------------------------------------------------------------


def call(arguments: Sequence[str]) -> int:
    """Run one command line.

    Args:
        arguments: without the program's name.

    Returns:
        The exit code, see ``linkage --help``.
    """
    debug = "--debug" in arguments  # wherever it stands
    rest = [argument for argument in arguments if argument != "--debug"]
    console.forgiving_streams()
    writes = any(argument in _WRITING for argument in rest[:1])
    with console.warnings_shown():
        return console.guarded(
            lambda: app(rest, prog_name="linkage", standalone_mode=False),
            debug=debug,
            interrupted="files may be missing" if writes else console.NOTHING_WRITTEN,
        )


def main() -> None:
    """Entry point of the ``linkage`` command."""
    sys.exit(call(sys.argv[1:]))
