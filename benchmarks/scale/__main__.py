"""Make the data, run every contender, print seconds, memory, pairs, accuracy and ratios."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from benchmarks.pipeline import ROOT
from benchmarks.scale import floor, made, ours, plain_splink, plot, processes, table
from benchmarks.side_by_side.data import REGISTRIES

CONTENDERS: Final[dict[str, ModuleType]] = {"floor": floor, "splink": plain_splink, "ours": ours}


def main(arguments: list[str] | None = None) -> None:
    """Parse, run, print."""
    given = _parser().parse_args(arguments)
    registries = [name for name in REGISTRIES if name in given.registries]
    data = made.Data(given.people, given.seed, given.error_scale, given.communes)
    folder = made.prepare(given.data, data, registries)
    measured = {}
    for name in given.contenders:
        work = processes.Work(
            folder=folder,
            out=folder / "scale" / name,
            registries=tuple(registries),
            memory_limit=given.splink_memory_limit if name == "splink" else given.memory_limit,
            steps=tuple(given.step),
        )
        shutil.rmtree(work.out, ignore_errors=True)  # or ours would compare with its last lists
        measured[name] = (work, processes.run_all(CONTENDERS[name].commands(work)))
    # Only now are results read: a process starts with the memory peak of the one that starts it.
    results = [_result(name, *found) for name, found in measured.items()]
    facts = {**data.facts(), "registries": registries, "records": made.records(folder, registries)}
    (folder / "scale" / "results.json").write_text(
        json.dumps({**facts, "contenders": results}, indent=1), encoding="utf-8"
    )
    print(table.shown(facts, results))
    if given.plot is not None:
        plot.drawn(plot.known(given.data, registries), registries).save(given.plot)
        print(f"plot: {given.plot}", file=sys.stderr)


def _result(name: str, work: processes.Work, ran: processes.Ran) -> dict[str, Any]:
    """Everything about one contender, as JSON holds it."""
    common = {"contender": name, "memory_limit": work.memory_limit, **ran.facts()}
    if ran.stopped:
        return {**common, "registries": {}}
    return {**common, **CONTENDERS[name].result(work, ran)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--registries", nargs="+", choices=REGISTRIES, default=list(REGISTRIES))
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--error-scale", type=float, default=1.0)
    parser.add_argument("--communes", type=int, help="people / 10000 is as dense as in life")
    parser.add_argument("--data", type=Path, default=ROOT / "out" / "benchmarks")
    parser.add_argument("--memory-limit", default="4GB", help="in our job, engine: memory_limit")
    parser.add_argument("--splink-memory-limit", default="12GB", help="DuckDB's, for plain Splink")
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument(
        "--step",
        nargs="+",
        choices=ours.STEPS,
        default=list(ours.STEPS),
        help="of ours: the population index, the job; an index made before is used by the job",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="SVG of all sizes run so far")
    return parser


if __name__ == "__main__":
    main()
