"""Results drawn with the repository's own charts: growth over sizes, or the steps of one size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.scale.table import TITLES
from linkage.charts import Chart, Line, bar_chart, line_chart
from linkage.charts.lines import Axes

COLOURS: Final = {"ours": "#1f5fa8", "splink": "#b5482f", "floor": "#aab2bd"}


def known(root: Path, registries: Sequence[str]) -> list[dict[str, Any]]:
    """Results of every size under ``root`` that were run with exactly these registries."""
    found = [json.loads(path.read_text("utf-8")) for path in root.glob("*/scale/results.json")]
    return [run for run in found if run["registries"] == list(registries)]


def drawn(runs: Sequence[dict[str, Any]], registries: Sequence[str]) -> Chart:
    """Seconds per million records over the size of the register; of one size, seconds in all."""
    rows = per_million(runs)
    what = ", ".join(registries)
    if len(rows) == 1:
        one = pl.DataFrame(
            {"contender": TITLES[name], "seconds": result}
            for name in COLOURS
            if (result := _seconds(runs[0], name)) is not None
        )
        title = f"{runs[0]['people']:,} people × {what}: seconds"
        return bar_chart(one, "contender", "seconds", title=title)
    lines = [
        Line(name, name=TITLES[name], colour=COLOURS[name])
        for name in COLOURS
        if rows[name].count()
    ]
    title = f"Seconds per million records: {what}"
    axes = Axes(title=title, x_label="people in the register", scale="log")
    return line_chart(rows, "people", lines, axes=axes)


def per_million(runs: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """One row a size: ``people`` and, by contender, seconds per million records; null: not run."""
    rows = [
        {"people": run["people"]}
        | {
            name: None if (seconds := _seconds(run, name)) is None else 1e6 * seconds / records
            for name in COLOURS
        }
        for run in runs
        if (records := sum(run["records"].values()))
    ]
    schema = {"people": pl.Int64, **dict.fromkeys(COLOURS, pl.Float64)}
    # Two runs of one size, of two seeds say: their mean.
    return pl.DataFrame(rows, schema=schema).group_by("people").mean().sort("people")


def _seconds(run: dict[str, Any], name: str) -> float | None:
    return next(
        (r["seconds"] for r in run["contenders"] if r["contender"] == name and not r["stopped"]),
        None,
    )
