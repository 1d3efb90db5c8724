"""Tuning for people: charts, and a page that opens offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import polars as pl

from linkage.charts import Chart, Line, line_chart
from linkage.charts.lines import Axes
from linkage.report import page as html
from linkage.report.page import heading, note, section, table
from linkage.tuning.curve import at, curve

if TYPE_CHECKING:
    from linkage.tuning.result import RegistryTuning

_COLOURS: Final = {"precision": "#1f5fa8", "recall": "#4f9d8b", "review": "#e0a526"}
_X: Final = "least probability of a link"


def curve_chart(
    registry: str,
    curve: pl.DataFrame,
    marks: Mapping[str, float],
    names: Sequence[str] = ("precision", "recall"),
) -> Chart:
    """Shares against the link threshold, with the bands of their 95 % intervals."""
    shown = curve.filter(pl.col("linked") > 0)
    title = f"{registry}: {' and '.join(names)} against the threshold"
    lines = [Line(n, f"{n}_low", f"{n}_high", colour=_COLOURS[n]) for n in names]
    axes = Axes(title=title, x_label=_X, scale="odds", percent=True)
    return line_chart(shown, "link", lines, axes=axes, marks=marks)


def cost_chart(registry: str, costs: pl.DataFrame, marks: Mapping[str, float]) -> Chart:
    """Expected cost against the link threshold, with its parts."""
    title = f"{registry}: expected cost per 10,000 records"
    lines = [
        Line("cost", "cost_low", "cost_high", name="together"),
        Line("wrong", name="wrong links", colour="#b5482f"),
        Line("missed", name="missed links", colour="#4f9d8b"),
        Line("review", name="reviews", colour="#e0a526"),
    ]
    axes = Axes(title=title, x_label=_X, scale="odds")
    return line_chart(costs, "link", lines, axes=axes, marks=marks)


def page(tuned: Sequence[RegistryTuning]) -> str:
    """A page that opens offline: a section per registry; no person's value."""
    sections = [section(one.registry, one.choice.why, body(one)) for one in tuned]
    return html.page("Link thresholds", "<h1>Link thresholds</h1>", *sections)


def body(one: RegistryTuning) -> str:
    """Thresholds, curves and changes of one registry as HTML."""
    tried = (
        f"{one.trial.sampled:,} records tried, by {one.trial.source}; {one.people:,} people in the"
        " register. Bands and ranges are 95 % intervals."
    )
    charts = [one.chart(), one.precision_chart(), one.review_chart(), one.cost_chart()]
    parts = [_limits(one), *(note(text) for text in (tried, *one.notes))]
    parts += [chart.svg for chart in charts if chart is not None]
    if one.changes is not None:
        moves = {"was": "was", "becomes": "becomes", "records": "records"}
        lists = {
            "list": "list",
            "kind": "kind",
            "entries": "entries",
            "touched": "of records that move",
            "of_lost_links": "of links that go",
        }
        parts += [
            heading("What would become of the run's records"),
            table(one.changes.moves, moves),
            heading("Entries of its lists"),
            table(one.changes.lists, lists),
        ]
    return "\n".join(parts)


def _limits(one: RegistryTuning) -> str:
    rows = [("in force", at(curve(one.trial), one.in_force.link))]
    if one.choice.reached:
        rows.append(("chosen", one.choice.row))
    shown = [
        {
            "thresholds": name,
            **{part: f"{row[of]:g}" for part, of in _PARTS.items()},
            "precision": _range(row, "precision", 5),
            "wrong_per_10k": _range(row, "wrong_per_10k", 1),
            "recall": _range(row, "recall", 4),
            "review": _range(row, "review", 4),
        }
        for name, row in rows
    ]
    return table(pl.DataFrame(shown), {name: name.replace("_", " ") for name in shown[0]})


_PARTS: Final = {"link": "link", "review at": "review_at", "margin": "margin"}


def _range(row: Mapping[str, float | None], name: str, places: int) -> str:
    share, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if share is None or low is None or high is None:
        return "–"
    return f"{share:.{places}f} ({low:.{places}f} to {high:.{places}f})"
