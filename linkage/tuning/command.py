"""The commands ``linkage tune`` and ``linkage label``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage import console
from linkage.arguments import Config, Registries

if TYPE_CHECKING:
    from linkage.labelling.label import Labelling
    from linkage.tuning.choose import Costs
    from linkage.tuning.result import RegistryTuning, Tuning

Share = Annotated[
    float | None,
    typer.Option(metavar="SHARE", help="Least share of right links, with confidence [0.999]."),
]


def add_commands(app: typer.Typer) -> None:
    """Add both commands to the program."""
    app.command("tune")(tune_thresholds)
    app.command("label")(label_pairs)


def tune_thresholds(
    config: Config,
    registry: Registries = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Judged pairs of one registry (record_id, person_id, is_match);"
            " without it, identity numbers are hidden for a trial.",
        ),
    ] = None,
    precision: Share = None,
    cost_wrong: Annotated[
        float | None, typer.Option(metavar="COST", help="Of a wrong link: least cost decides.")
    ] = None,
    cost_missed: Annotated[
        float | None, typer.Option(metavar="COST", help="Of a missed link [1].")
    ] = None,
    cost_review: Annotated[
        float | None, typer.Option(metavar="COST", help="Of a record that a person looks at [0.2].")
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(min=0, metavar="BITS", help="Least lead over the runner-up, to try another."),
    ] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(
            "--action",
            metavar="ACTION=SHARE",
            help="Links that an action may rest on must be right so often, as lock_both=0.9999;"
            " may be repeated.",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT", help="A finished run, to tell what changes [the job's output folder]."
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the thresholds into the job file, in place.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the curves as a page.")
    ] = None,
    sample: Annotated[
        int, typer.Option(min=100, metavar="N", help="Most records tried per registry.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Which records are tried.")] = 1,
) -> None:
    """Choose link thresholds: for a wanted precision, or for the least cost.

    Shows what they would change in the lists; the job file changes with --write alone.
    """
    from linkage.config import load_job
    from linkage.labelling.pairs_csv import write_private
    from linkage.session import registries_of
    from linkage.tuning.tune import finished_run, tune

    job = load_job(config)
    names = registries_of(job, registry)
    with console.steps(2 + len(names)) as progress:
        tuning = tune(
            job,
            registries=registry,
            labels=labels,
            precision=precision,
            costs=_costs(cost_wrong, cost_missed, cost_review),
            margin=margin,
            actions=dict(_action(text) for text in action or ()),
            run=run if run is not None else finished_run(job),
            sample=sample,
            seed=seed,
            progress=progress,
        )
    for one in tuning.values():
        _show(one)
    for name, why in tuning.skipped.items():
        sys.stderr.write(f"warning: {name}: not tried: {why}; label pairs to tune it\n")
    if html is not None:
        write_private(html, tuning.html.encode("utf-8"))
        console.line(f"curves: {html}")
    _finish(tuning, config, write=write)


def _costs(wrong: float | None, missed: float | None, review: float | None) -> Costs | None:
    from linkage.tuning.choose import Costs

    given = {"wrong": wrong, "missed": missed, "review": review}
    told = {name: cost for name, cost in given.items() if cost is not None}
    return Costs(**told) if told else None


def _action(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name, float(share)
    except ValueError:
        message = f"'{text}' is not an action and a share, such as lock_both=0.9999"
        raise typer.BadParameter(message) from None


def _show(one: RegistryTuning) -> None:
    console.line(f"{one.registry}: {one.trial.sampled:,} records tried, by {one.trial.source}")
    console.table(one.summary)
    console.line(one.choice.why)
    for name, choice in one.actions.items():
        least = f"from {choice.thresholds.link:g}" if choice.reached else "not reached"
        console.line(f"{name}: {least}: {choice.why}")
    for note in one.notes:
        console.line(f"note: {note}")
    if one.changes is not None:
        _show_changes(one)
    console.line()


def _show_changes(one: RegistryTuning) -> None:
    assert one.changes is not None
    if not one.changes.moves.height:
        console.line("in the lists of the finished run nothing would change")
        return
    console.line("in the lists of the finished run:")
    console.table(one.changes.moves)
    touched = one.changes.lists.filter(one.changes.lists["touched"] > 0)
    if touched.height:
        console.table(touched)
    console.line("what newly linked records would add to the lists, only a run can tell")


def _finish(tuning: Tuning, config: Path, *, write: bool) -> None:
    from linkage.errors import ConfigError

    missed = [f"{name} ({', '.join(one.missed)})" for name, one in tuning.items() if one.missed]
    if not write:
        console.line(f"nothing was written; --write sets them in {config}")
    elif any(one.values for one in tuning.values()):
        changed = tuning.write()
        console.line(f"thresholds: {config}" if changed else f"{config} says so already")
    if write and missed:
        message = f"not written for {', '.join(missed)}: no threshold reaches what was asked"
        raise ConfigError(
            message,
            expected="a threshold whose precision is shown to be as wanted",
            found="none; see above",
            hint="ask for less, try more records (--sample), or label pairs",
        )


def label_pairs(
    config: Config,
    registry: Annotated[str, typer.Option("--registry", metavar="NAME", help="Which registry.")],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="Pairs to label: .csv, or .json for recordlinkage's annotator."
        ),
    ],
    count: Annotated[
        int, typer.Option("--n", min=1, metavar="N", help="Pairs to draw at a time.")
    ] = 200,
    width: Annotated[
        float,
        typer.Option(
            metavar="SHARE", help="Width of the precision's 95 % interval that is enough."
        ),
    ] = 0.01,
    seed: Annotated[int, typer.Option(min=0, help="Which pairs are drawn.")] = 1,
) -> None:
    """Draw pairs for people to judge, or weigh up their answers and go on.

    Fill the column is_match with yes, no or ?, save, and run the same command again: it says how
    sure the precision is, and adds pairs until it is sure enough. The file holds personal values.
    """
    from linkage.labelling import label

    with console.busy("linking the registry"):
        state = label.label_pairs(config, registry, out, count=count, width=width, seed=seed)
    if state.labelled is not None:
        _show_labels(state, width)
    if state.drawn:
        console.line(f"{state.drawn:,} pairs to label: {out}")
        console.line("fill is_match with yes, no or ? (cannot be told), save, and run this again")
    elif state.labelled is None:
        console.line("no record has a candidate: there is nothing to label")
    elif state.is_enough:
        console.line("enough: the interval is as narrow as wanted")
        console.line(f"next: linkage tune {config} --registry {registry} --labels {out}")
    elif state.labelled.open:
        console.line(f"{state.labelled.open:,} pairs are still without an answer: {out}")
    else:
        console.line("every record with a candidate is labelled; there are no more to draw")


def _show_labels(state: Labelling, width: float) -> None:
    import polars as pl

    labelled = state.labelled
    assert labelled is not None
    console.line(
        f"{labelled.labelled:,} labelled, {labelled.unsure:,} cannot be told, {labelled.open:,}"
        f" open; strata with an answer hold {labelled.covered:.1%} of the records"
    )
    if not labelled.labelled:
        return
    near = [0.5, 0.9, 0.95, 0.99, 0.995, 0.999, labelled.row["link"]]
    shown = labelled.curve.filter(pl.col("link").is_in(near)).select(
        "link", "precision", "precision_low", "precision_high", "recall", "recall_low",
        "recall_high", "effective_links",
    )  # fmt: skip
    console.table(shown)
    if labelled.width is not None:
        console.line(
            f"precision at {labelled.row['link']:g}: the interval is {labelled.width:.4f} wide,"
            f" wanted {width:g}"
        )
    if state.more and not state.is_enough:
        console.line(f"about {state.more:,} more labels will do")
