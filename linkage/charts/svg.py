"""Marks of a drawing as SVG text: text, bars, lines, a legend, all of it escaped."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

INK: Final = "#1d2733"
FAINT: Final = "#5b6673"
GRID: Final = "#e3e7ec"
PAPER: Final = "#ffffff"
SIZE: Final = 12.5
ROW: Final = 26.0
EDGE: Final = 12.0
GAP: Final = 10.0
LONGEST_LABEL: Final = 40

_EM: Final = 0.6
"""Width of a letter in font sizes, on the wide side: text is never cut off by its neighbour."""
_BAR: Final = 16.0
_FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
)


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is, in pixels.

    Example:
        >>> text_width("abcd", size=10)
        24.0
    """
    return len(text) * size * _EM


class Pen:
    """Collects the marks of one drawing, from top to bottom."""

    def __init__(self, width: int, title: str) -> None:
        """Begin a drawing of a width in pixels; the title may be empty."""
        self.width, self.title, self.y = width, title, EDGE
        self._marks: list[str] = []
        self._rows = 0
        if title:
            self.text(EDGE, self.y + 8, title, INK, size=14, weight=600)
            self.y += 28

    def next_row(self, name: str, left: float) -> float:
        """Write a row's label and return the height of the row's middle."""
        middle, self.y, self._rows = self.y + ROW / 2, self.y + ROW, self._rows + 1
        short = name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
        self.text(left, middle, short, INK, "end", note=name if short != name else "")
        return middle

    def text(
        self,
        x: float,
        y: float,
        text: str,
        colour: str,
        anchor: str = "start",
        size: float = SIZE,
        *,
        weight: int = 400,
        note: str = "",
        halo: bool = False,
    ) -> None:
        """Write text whose middle is at a height."""
        tip = f"<title>{escape(note)}</title>" if note else ""
        edge = f' paint-order="stroke" stroke="{PAPER}" stroke-width="3"' if halo else ""
        self._marks.append(
            f'<text x="{x:.1f}" y="{y + size * 0.36:.1f}" text-anchor="{anchor}" fill="{colour}"'
            f' font-size="{size}" font-weight="{weight}"{edge}>{tip}{escape(text)}</text>'
        )

    def bar(self, x: float, middle: float, length: float, colour: str, note: str) -> None:
        """Draw a bar with a white edge and a note that shows on pointing at it."""
        if length > 0:
            self._marks.append(
                f'<rect x="{x:.1f}" y="{middle - _BAR / 2:.1f}" width="{length:.1f}"'
                f' height="{_BAR:.0f}" fill="{colour}" stroke="{PAPER}" stroke-width="0.75">'
                f"<title>{escape(note)}</title></rect>"
            )

    def grid(
        self, places: Mapping[float, float], top: float, bottom: float, *, zero: float
    ) -> None:
        """Draw vertical lines at figures, the one at zero darker."""
        for figure, x in places.items():
            self.text(x, bottom + 8, f"{figure:g}".replace("-", "−"), FAINT, "middle", 10.5)
        lines = [(x, GRID) for x in places.values()] + [(zero, FAINT)]
        self._marks += [
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" stroke="{colour}"/>'
            for x, colour in lines
        ]

    def line(
        self, points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False
    ) -> None:
        """Draw a line through points; a single point draws nothing."""
        if len(points) > 1:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            dash = ' stroke-dasharray="4 3"' if dashed else ""
            self._marks.append(
                f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.75"'
                f' stroke-linejoin="round"{dash}/>'
            )
            self._rows += 1

    def area(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """Draw a pale area inside a closed line."""
        if len(points) > 2:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            self._marks.append(
                f'<polygon points="{path}" fill="{colour}" fill-opacity="0.16" stroke="none"/>'
            )

    def dot(self, x: float, y: float, colour: str, note: str, radius: float = 2.6) -> None:
        """Draw a dot with a note that shows on pointing at it."""
        self._marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}">'
            f"<title>{escape(note)}</title></circle>"
        )
        self._rows += 1

    def stroke(
        self, start: tuple[float, float], end: tuple[float, float], colour: str, *,
        dashed: bool = False,
    ) -> None:  # fmt: skip
        """Draw one thin straight line."""
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._marks.append(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
            f' stroke="{colour}"{dash}/>'
        )

    def legend(self, entries: Sequence[tuple[str, str]]) -> None:
        """Write names beside their colours, on as many lines as needed."""
        x, middle = EDGE, self.y + 8
        for name, colour in entries:
            length = 16 + text_width(name) + 14
            if x > EDGE and x + length > self.width - EDGE:
                x, middle = EDGE, middle + 18
            self._marks.append(
                f'<rect x="{x:.1f}" y="{middle - 5:.1f}" width="11" height="11" fill="{colour}"/>'
            )
            self.text(x + 16, middle, name, FAINT, size=12)
            x += length
        self.y = middle + 14

    def finish(self) -> str:
        """The drawing as a whole ``<svg>`` element."""
        if not self._rows:
            self.text(EDGE, self.y + 8, "nothing to show", FAINT)
            self.y += 20
        height = math.ceil(self.y + EDGE)
        name = escape(self.title or "chart", quote=True)
        marks = "\n".join(self._marks)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}"'
            f' width="{self.width}" height="{height}" viewBox="0 0 {self.width} {height}"'
            f' style="max-width:100%;height:auto" font-family="{_FONT}">\n'
            f'<rect width="100%" height="100%" fill="{PAPER}"/>\n{marks}\n</svg>'
        )
