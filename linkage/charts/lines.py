"""Lines over a number: curves with the bands of their intervals, and marked places on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from linkage.charts.shapes import PALETTE, Chart
from linkage.charts.svg import EDGE, FAINT, GAP, GRID, INK, Pen, text_width
from linkage.errors import ConfigError, did_you_mean

Scale = Literal["linear", "odds", "log"]

_ODDS_TICKS: Final = (
    0.001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99995, 0.99999,
)  # fmt: skip
"""Where thresholds are usually set."""
_APART: Final = 4.0
"""Least room between two figures on an axis, in pixels."""


@dataclass(frozen=True)
class Line:
    """One curve of a chart.

    Attributes:
        y: column with its height; null leaves a gap.
        low: column with the lower bound of its band, or None.
        high: column with the upper bound.
        name: what the legend calls it; the column's name by default.
        colour: as SVG writes it; the next of the palette by default.
    """

    y: str
    low: str | None = None
    high: str | None = None
    name: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Axes:
    """How a chart of lines is laid out.

    Attributes:
        title: stands above, may be empty.
        x_label: stands below the horizontal axis.
        scale: of the horizontal axis: ``odds`` gives 0.99, 0.999 and 0.9999 equal steps.
        percent: show heights as percentages.
        y_range: lowest and highest height shown; by default what the lines need.
        diagonal: draw the line on which height and place are equal.
        width: in pixels.
        height: of the drawing's inside, in pixels.
    """

    title: str = ""
    x_label: str = ""
    scale: Scale = "linear"
    percent: bool = False
    y_range: tuple[float, float] | None = None
    diagonal: bool = False
    width: int = 720
    height: int = 260


def line_chart(
    frame: pl.DataFrame,
    x: str,
    lines: Sequence[Line],
    *,
    axes: Axes | None = None,
    marks: Mapping[str, float] | None = None,
) -> Chart:
    """Draw lines over a number, each with the band of its interval.

    Args:
        frame: one row per place, in any order.
        x: column with the places; strictly between 0 and 1 on the scale ``odds``.
        lines: what is drawn.
        axes: layout.
        marks: name to place: vertical lines, for example the threshold in force.

    Raises:
        ConfigError: a column is missing, or a number cannot be drawn.

    Example:
        >>> rows = pl.DataFrame({"link": [0.9, 0.99], "recall": [0.98, 0.95]})
        >>> line_chart(rows, "link", [Line("recall")]).svg.count("<polyline")
        1
    """
    look = axes or Axes()
    rows = _read(frame, x, lines, look.scale).sort(x)
    places: list[float] = rows[x].to_list()
    low, high = look.y_range or _heights(rows, lines, [x] if look.diagonal else [])
    pen = Pen(look.width, look.title)
    colours = _colours(lines)
    if len(lines) > 1:
        pen.legend([(line.name or line.y, colours[line.y]) for line in lines])
    steps = _steps(low, high)
    figure = _percent(steps) if look.percent else _plain(steps)
    left = EDGE + max(text_width(figure(step), 10.5) for step in steps) + GAP
    area = _Area(
        left=left, right=look.width - EDGE - GAP, top=pen.y + 8 + (16 if marks else 0),
        bottom=pen.y + 8 + (16 if marks else 0) + look.height, scale=look.scale,
        x_range=_x_range(places, list((marks or {}).values()), look.scale), y_range=(low, high),
    )  # fmt: skip
    _grid(pen, area, steps, figure)
    if look.diagonal:
        pen.line([area.at(v, v) for v in _fine(area)], FAINT, dashed=True)
    _bands(pen, area, rows, x, lines, colours)
    _curves(pen, area, rows, x, lines, colours, figure)
    _marks(pen, area, marks or {})
    pen.y = area.bottom + 20
    if look.x_label:
        pen.text((area.left + area.right) / 2, pen.y + 8, look.x_label, FAINT, "middle", 11)
        pen.y += 18
    return Chart(pen.finish())


@dataclass(frozen=True)
class _Area:
    """The inside of a drawing: from numbers to pixels."""

    left: float
    right: float
    top: float
    bottom: float
    scale: Scale
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def x(self, place: float) -> float:
        low, high = (_scaled(end, self.scale) for end in self.x_range)
        return self.left + (_scaled(place, self.scale) - low) / ((high - low) or 1.0) * (
            self.right - self.left
        )

    def y(self, height: float) -> float:
        low, high = self.y_range
        share = min(max((height - low) / ((high - low) or 1.0), 0.0), 1.0)
        return self.bottom - share * (self.bottom - self.top)

    def at(self, place: float, height: float) -> tuple[float, float]:
        return self.x(place), self.y(height)


def _scaled(place: float, scale: Scale) -> float:
    if scale == "odds":
        return math.log10(place / (1 - place))
    return math.log10(place) if scale == "log" else place


def _x_range(places: Sequence[float], marks: Sequence[float], scale: Scale) -> tuple[float, float]:
    known = [*places, *marks]
    if not known:
        return (0.1, 0.9)
    if min(known) < max(known):
        return min(known), max(known)
    if scale == "linear":
        return min(known) - 0.5, max(known) + 0.5
    return min(known) / 2, (1 + max(known)) / 2 if scale == "odds" else max(known) * 2


def _fine(area: _Area) -> list[float]:
    low = max(area.x_range[0], area.y_range[0])
    high = min(area.x_range[1], area.y_range[1])
    return [low + (high - low) * n / 60 for n in range(61)] if low < high else []


def _heights(rows: pl.DataFrame, lines: Sequence[Line], more: Sequence[str]) -> tuple[float, float]:
    """The range that the lines and bands fill, a little widened; no wider than the numbers go."""
    names = [c for line in lines for c in (line.y, line.low, line.high) if c] + list(more)
    found = [v for name in names for v in rows[name].drop_nulls().to_list()]
    if not found:
        return 0.0, 1.0
    low, high = min(found), max(found)
    if low == high:
        room = abs(low) * 0.05 or 0.05
        return low - room if low - room > 0 or low < 0 else 0.0, high + room
    room = (high - low) * 0.05
    lowest = low - room if low < 0 or low - room > 0 else 0.0
    highest = high + room if high > 1 or high + room < 1 else 1.0
    return lowest, highest


def _steps(low: float, high: float) -> list[float]:
    """Round numbers across a range, about five of them."""
    rough = (high - low) / 5
    base = 10.0 ** math.floor(math.log10(rough))
    step = next(m * base for m in (1, 2, 5, 10) if m * base >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def _places(steps: Sequence[float], most: int) -> int:
    """Decimals that tell all steps apart."""
    return next(
        (n for n in range(most) if all(math.isclose(round(s, n), s, abs_tol=1e-12) for s in steps)),
        most,
    )


def _percent(steps: Sequence[float]) -> Callable[[float], str]:
    decimals = _places([100 * step for step in steps], 4)
    return lambda share: f"{100 * share:.{decimals}f}\u00a0%"


def _plain(steps: Sequence[float]) -> Callable[[float], str]:
    decimals = _places(steps, 6)
    return lambda number: f"{number:,.{decimals}f}".replace("-", "−")


def _grid(pen: Pen, area: _Area, steps: Sequence[float], figure: Callable[[float], str]) -> None:
    for step in steps:
        y = area.y(step)
        pen.stroke((area.left, y), (area.right, y), GRID)
        pen.text(area.left - 6, y, figure(step), FAINT, "end", 10.5)
    last = -math.inf
    for tick in _x_ticks(area):
        x = area.x(tick)
        pen.stroke((x, area.top), (x, area.bottom), GRID)
        shown = (f"{tick:,.0f}" if abs(tick) >= 1e6 else f"{tick:,.6g}").replace("-", "−")
        half = text_width(shown, 10.5) / 2
        middle = min(x, area.right + GAP - half)  # a long figure at the right edge stays in sight
        if middle - half >= last + _APART:
            pen.text(middle, area.bottom + 10, shown, FAINT, "middle", 10.5)
            last = middle + half


def _x_ticks(area: _Area) -> list[float]:
    low, high = area.x_range
    if area.scale == "odds":
        return [tick for tick in _ODDS_TICKS if low <= tick <= high]
    if area.scale == "log":
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [m * 10.0**power for power in powers for m in (1, 2, 5)]
        return [tick for tick in ticks if low <= tick <= high * 1.0001]
    return [step for step in _steps(low, high) if low <= step <= high]


def _bands(
    pen: Pen, area: _Area, rows: pl.DataFrame, x: str, lines: Sequence[Line],
    colours: Mapping[str, str],
) -> None:  # fmt: skip
    for line in lines:
        if line.low and line.high:
            known = rows.select(x, line.low, line.high).drop_nulls().rows()
            upper = [area.at(place, high) for place, _, high in known]
            lower = [area.at(place, low) for place, low, _ in reversed(known)]
            pen.area([*upper, *lower], colours[line.y])


def _curves(
    pen: Pen, area: _Area, rows: pl.DataFrame, x: str, lines: Sequence[Line],
    colours: Mapping[str, str], figure: Callable[[float], str],
) -> None:  # fmt: skip
    for line in lines:
        known = rows.select(x, line.y).drop_nulls().rows()
        pen.line([area.at(place, height) for place, height in known], colours[line.y])
        for row in rows.drop_nulls([x, line.y]).to_dicts():
            note = f"{line.name or line.y} at {row[x]:g}: {row[line.y]:.5g}"
            if line.low and line.high and row[line.low] is not None and row[line.high] is not None:
                note += f" ({row[line.low]:.5g} to {row[line.high]:.5g})"
            pen.dot(*area.at(row[x], row[line.y]), colours[line.y], note)


def _marks(pen: Pen, area: _Area, marks: Mapping[str, float]) -> None:
    taken = -math.inf
    for name, place in sorted(marks.items(), key=lambda mark: mark[1]):
        x = area.x(place)
        pen.stroke((x, area.top - 4), (x, area.bottom), INK, dashed=True)
        half = text_width(name, 11) / 2
        middle = min(max(x, area.left + half, taken + half + 6), area.right - half)
        pen.text(middle, area.top - 12, name, INK, "middle", 11, halo=True)
        taken = middle + half


def _colours(lines: Sequence[Line]) -> dict[str, str]:
    plain = (colour for _ in lines for colour in PALETTE)
    return {line.y: line.colour or next(plain) for line in lines}


def _read(frame: pl.DataFrame, x: str, lines: Sequence[Line], scale: Scale) -> pl.DataFrame:
    """The columns that are drawn, as numbers, checked."""
    names = dict.fromkeys([x, *(c for ln in lines for c in (ln.y, ln.low, ln.high) if c)])
    for name in names:
        if name not in frame.columns:
            message = f"the chart's frame has no column '{name}'"
            raise ConfigError(
                message,
                expected=f"one of {', '.join(frame.columns)}",
                found=name,
                hint=did_you_mean(name, frame.columns),
            )
    rows = frame.select(pl.col(name).cast(pl.Float64) for name in names).drop_nulls(x)
    for name in names:
        _refuse(name, "finite numbers", int((~rows[name].is_finite()).sum()))
    if scale == "odds":
        outside = ~rows[x].is_between(0, 1, closed="none")
        _refuse(x, "numbers between 0 and 1, on the scale 'odds'", int(outside.sum()))
    if scale == "log":
        _refuse(x, "numbers above 0, on the scale 'log'", int((rows[x] <= 0).sum()))
    return rows


def _refuse(name: str, expected: str, count: int) -> None:
    if count:
        message = f"the chart's column '{name}' cannot be drawn"
        raise ConfigError(message, expected=expected, found=f"{count} others")
