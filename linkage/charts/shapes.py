"""Small charts as SVG text: they show themselves in a notebook and stand in the report.

Drawn here and not by a plotting library on purpose: altair's pages fetch their renderer from
a content network unless more packages are added, matplotlib is heavy, and the report must open
offline without scripts. Three shapes are all that a run needs. Marks are few (registries, rules,
fields), so plain loops over them are fine here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from linkage.charts.svg import EDGE, FAINT, GAP, INK, LONGEST_LABEL, PAPER, ROW, Pen, text_width
from linkage.errors import ConfigError, did_you_mean

COLOURS: Final[Mapping[str, str]] = {
    "linked": "#1f5fa8",
    "review": "#e0a526",
    "unlinked": "#b5482f",
    "not_applicable": "#aab2bd",
    "rejected": "#454d57",
    "info": "#aab2bd",
    "low": "#8fb4dc",
    "medium": "#e0a526",
    "high": "#b5482f",
}
"""Colours by meaning; they differ in lightness too, to survive print and colour blindness."""

PALETTE: Final = ("#1f5fa8", "#e0a526", "#b5482f", "#4f9d8b", "#7a5aa6", "#aab2bd", "#454d57")
"""Colours of parts without a meaning of their own, in order."""


@dataclass(frozen=True, repr=False)
class Chart:
    """A finished drawing.

    Attributes:
        svg: a whole ``<svg>`` element; no script, no outside reference.
    """

    svg: str

    def __repr__(self) -> str:
        """Its width alone: labels may be personal values."""
        width = re.search(r'<svg[^>]*? width="(\d+)"', self.svg)
        return f"<Chart {width[1] if width else '?'} px wide>"

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg

    def save(self, path: Path | str) -> Path:
        """Write the drawing to a file.

        Args:
            path: ends in ``.svg``.

        Raises:
            ConfigError: another ending, or a folder that does not exist.
        """
        target = Path(path)
        if target.suffix.lower() != ".svg" or not target.parent.is_dir():
            message = f"the chart cannot be saved as {target}"
            raise ConfigError(
                message,
                expected="a file name ending in .svg in an existing folder",
                found=target.name if target.parent.is_dir() else f"no folder {target.parent}",
                hint=f"{target.stem}.svg; other formats can be made from it",
            )
        target.write_text(self.svg, encoding="utf-8")
        return target


def bar_chart(
    frame: pl.DataFrame,
    label: str,
    value: str,
    *,
    title: str = "",
    unit: str = "",
    width: int = 720,
) -> Chart:
    """Draw one horizontal bar per row, in the order of the frame, with its figure behind it.

    Args:
        frame: one row per bar.
        label: column with the names of the bars.
        value: column with their lengths, 0 or more; null draws no bar.
        title: stands above, may be empty.
        unit: stands behind each figure, for example ``" %"``.
        width: in pixels.

    Raises:
        ConfigError: a column is missing, or a value is negative or not finite.

    Example:
        >>> counts = pl.DataFrame({"rule": ["OVER_LIMIT"], "flagged": [12]})
        >>> bar_chart(counts, "rule", "flagged").svg.count("<rect")
        2
    """
    labels, [values] = _read(frame, label, [value])
    left = _label_width(labels)
    right = max([text_width(_figure(v) + unit) for v in values if v is not None], default=0.0)
    span = max(width - left - right - 2 * GAP - EDGE, 40.0)
    scale = span / (max([v for v in values if v is not None], default=0.0) or 1.0)
    pen = Pen(width, title)
    for name, number in zip(labels, values, strict=True):
        y = pen.next_row(name, left)
        length = (number or 0.0) * scale
        text = "no value" if number is None else _figure(number) + unit
        pen.bar(left + GAP, y, length, COLOURS["linked"], f"{name}: {text}")
        pen.text(left + 2 * GAP + length - 4, y, text, FAINT if number is None else INK)
    return Chart(pen.finish())


def stacked_bars(
    frame: pl.DataFrame,
    label: str,
    parts: Sequence[str],
    *,
    title: str = "",
    names: Mapping[str, str] | None = None,
    width: int = 720,
) -> Chart:
    """Draw one bar of equal length per row, divided into the shares of its parts.

    Args:
        frame: one row per bar.
        label: column with the names of the bars.
        parts: columns with counts, 0 or more; dispositions and severities have their own colours.
        title: stands above, may be empty.
        names: what the legend calls a part, where not its column name.
        width: in pixels.

    Raises:
        ConfigError: a column is missing, or a value is negative or not finite.

    Example:
        >>> rows = pl.DataFrame({"registry": ["sim"], "linked": [3], "review": [1]})
        >>> stacked_bars(rows, "registry", ["linked", "review"]).svg.count("<rect")
        5
    """
    labels, columns = _read(frame, label, parts)
    shown = {part: (names or {}).get(part, part.replace("_", " ")) for part in parts}
    plain = iter(PALETTE * (len(parts) // len(PALETTE) + 1))
    colours = {part: COLOURS[part] if part in COLOURS else next(plain) for part in parts}
    left = _label_width(labels)
    totals = [sum(v or 0.0 for v in row) for row in zip(*columns, strict=True)]
    right = max([text_width(_figure(total)) for total in totals], default=0.0)
    span = max(width - left - right - 2 * GAP - EDGE, 40.0)
    pen = Pen(width, title)
    pen.legend([(shown[part], colours[part]) for part in parts])
    for row, (name, total) in enumerate(zip(labels, totals, strict=True)):
        y, x = pen.next_row(name, left), left + GAP
        for part, column in zip(parts, columns, strict=True):
            share = (column[row] or 0.0) / total if total else 0.0
            note = f"{name}, {shown[part]}: {_figure(column[row] or 0.0)} ({as_percent(share)})"
            pen.bar(x, y, share * span, colours[part], note)
            if share * span > text_width(as_percent(share)) + 6:
                colour = _on(colours[part])
                pen.text(x + share * span / 2, y, as_percent(share), colour, "middle", 11)
            x += share * span
        pen.text(width - EDGE, y, _figure(total), FAINT, "end")
    return Chart(pen.finish())


def waterfall(
    steps: pl.DataFrame,
    *,
    label: str = "label",
    weight: str = "weight",
    title: str = "",
    total: str = "match weight",
    width: int = 720,
) -> Chart:
    """Draw how single weights add up to a sum: from where the last one ended to its own end.

    Args:
        steps: one row per step, in order; the prior is a step like any other.
        label: column with the names of the steps.
        weight: column with what each adds (bits), negative if it speaks against; null adds nothing.
        title: stands above, may be empty.
        total: name of the last bar, the sum.
        width: in pixels.

    Raises:
        ConfigError: a column is missing, or a weight is not finite.

    Example:
        >>> steps = pl.DataFrame({"label": ["prior", "full_name"], "weight": [-14.0, 21.5]})
        >>> "+7.5" in waterfall(steps).svg
        True
    """
    labels, [weights] = _read(steps, label, [weight], negative=True)
    ends = [0.0]
    for number in weights:
        ends.append(ends[-1] + (number or 0.0))
    left = _label_width([*labels, total])
    low, high = min(ends), max(ends)
    margin = text_width("+00.0") + 10
    span = max(width - left - 2 * GAP - 2 * margin - EDGE, 40.0)
    scale = span / ((high - low) or 1.0)
    pen = Pen(width, title)
    origin = left + GAP + margin - low * scale
    top, bottom = pen.y, pen.y + ROW * (len(labels) + 1)
    pen.grid({tick: origin + tick * scale for tick in _ticks(low, high)}, top, bottom, zero=origin)
    for row, (name, number) in enumerate(zip(labels, weights, strict=True)):
        colour = COLOURS["linked"] if (number or 0.0) >= 0 else COLOURS["unlinked"]
        place = (origin + ends[row] * scale, origin + ends[row + 1] * scale)
        _step(pen, name, left, place, "no value" if number is None else f"{number:+.1f}", colour)
    if labels:
        place = (origin, origin + ends[-1] * scale)
        _step(pen, total, left, place, f"{ends[-1]:+.1f}", INK)
        pen.y += 16  # the grid's figures
    return Chart(pen.finish())


def _step(
    pen: Pen, name: str, left: float, place: tuple[float, float], text: str, colour: str
) -> None:
    """One bar of a waterfall, its figure on the side that it points to."""
    y, (start, end) = pen.next_row(name, left), place
    pen.bar(min(start, end), y, max(abs(end - start), 1.5), colour, f"{name}: {text}")
    anchor, x = ("start", end + 5) if end >= start else ("end", end - 5)
    pen.text(x, y, text.replace("-", "−"), INK, anchor, halo=True)


def _read(
    frame: pl.DataFrame, label: str, values: Sequence[str], *, negative: bool = False
) -> tuple[list[str], list[list[float | None]]]:
    """Labels and numbers of a frame, checked."""
    for column in (label, *values):
        if column not in frame.columns:
            message = f"the chart's frame has no column '{column}'"
            raise ConfigError(
                message,
                expected=f"one of {', '.join(frame.columns)}",
                found=column,
                hint=did_you_mean(column, frame.columns),
            )
    numbers = frame.select(pl.col(name).cast(pl.Float64) for name in values)
    usable = pl.all().is_finite() if negative else pl.all().is_finite() & (pl.all() >= 0)
    bad = numbers.select((~usable).sum()).row(0) if frame.height else ()
    for name, count in zip(values, bad, strict=False):
        if count:
            message = f"the chart's column '{name}' cannot be drawn"
            expected = "finite numbers" if negative else "finite numbers, 0 or more"
            raise ConfigError(message, expected=expected, found=f"{count} others")
    labels = frame[label].cast(pl.String).fill_null("").to_list()
    return labels, [numbers[name].to_list() for name in values]


def _label_width(labels: Sequence[str]) -> float:
    longest = max([min(len(name), LONGEST_LABEL) for name in labels], default=0)
    return EDGE + longest * text_width("x")


def _figure(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"


def as_percent(share: float, places: int | None = None) -> str:
    """A share as a percentage: 0 and 100 only where it is exactly that.

    Args:
        share: from 0 to 1.
        places: decimals; by default one below 10 % and above 99 %, else none.

    Returns:
        The percentage with a no-break space before its sign.

    Example:
        >>> [as_percent(share)[:-2] for share in (0.253, 0.997, 0.9999, 1.0)]
        ['25', '99.7', '>99.9', '100']
    """
    if 0 < share < 0.0005:
        return "<0.1\u00a0%"
    if 0.9995 <= share < 1:
        return ">99.9\u00a0%"
    if places is None:
        places = 1 if 0 < share < 0.0995 or 0.99 < share < 1 else 0
    return f"{share:.{places}%}".replace("%", "\u00a0%")


def _on(colour: str) -> str:
    """Black or white, whichever is legible on a colour."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else PAPER


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers across a range, about five of them."""
    if high <= low:
        return []
    rough = (high - low) / 5
    base = 10.0 ** math.floor(math.log10(rough))
    step = next(m * base for m in (1, 2, 5, 10) if m * base >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
