"""Lines over a number: where their points stand, their bands, their axes."""

from __future__ import annotations

from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.charts import Chart, Line, line_chart
from linkage.charts.lines import Axes
from linkage.errors import ConfigError

SVG = "{http://www.w3.org/2000/svg}"
CURVE = pl.DataFrame(
    {
        "link": [0.9, 0.99, 0.999],
        "precision": [0.98, 0.99, 1.0],
        "low": [0.97, 0.98, 0.99],
        "high": [0.99, 1.0, 1.0],
    }
)


def dots(chart: Chart) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(chart.svg)
    return [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(f"{SVG}circle")]


def texts(chart: Chart) -> list[str]:
    root = ElementTree.fromstring(chart.svg)
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_odds_give_nines_equal_steps() -> None:
    chart = line_chart(CURVE, "link", [Line("precision")], axes=Axes(scale="odds"))
    (a, _), (b, _), (c, _) = dots(chart)
    assert c - b == pytest.approx(b - a, rel=0.05)


def test_a_linear_axis_does_not() -> None:
    (a, _), (b, _), (c, _) = dots(line_chart(CURVE, "link", [Line("precision")]))
    assert c - b < 0.2 * (b - a)


def test_higher_numbers_stand_higher() -> None:
    heights = [y for _, y in dots(line_chart(CURVE, "link", [Line("precision")]))]
    assert heights == sorted(heights, reverse=True)


def test_a_band_lies_around_its_line() -> None:
    chart = line_chart(CURVE, "link", [Line("precision", "low", "high")])
    root = ElementTree.fromstring(chart.svg)
    (area,) = root.iter(f"{SVG}polygon")
    corners = [tuple(map(float, p.split(","))) for p in area.attrib["points"].split()]
    upper, lower = corners[:3], corners[:2:-1]
    for (_, y), (_, above), (_, below) in zip(dots(chart), upper, lower, strict=True):
        assert above <= y <= below


def test_marks_are_named() -> None:
    chart = line_chart(CURVE, "link", [Line("precision")], marks={"in force": 0.99})
    assert "in force" in texts(chart)


def test_percentages_tell_their_steps_apart() -> None:
    shown = texts(line_chart(CURVE, "link", [Line("precision")], axes=Axes(percent=True)))
    figures = [text for text in shown if text.endswith("%")]
    assert len(figures) == len(set(figures)) > 2


def test_a_missing_height_has_no_dot() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1.0, None, 2.0]})
    assert len(dots(line_chart(frame, "x", [Line("y")]))) == 2


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_drawn_too(rows: int) -> None:
    chart = line_chart(CURVE.head(rows), "link", [Line("precision")], axes=Axes(scale="odds"))
    assert len(dots(chart)) == rows
    assert ("nothing to show" in texts(chart)) == (rows == 0)


def test_a_diagonal_is_drawn_on_request() -> None:
    chart = line_chart(CURVE, "link", [Line("precision")], axes=Axes(diagonal=True))
    assert chart.svg.count("<polyline") == 2


def test_probabilities_outside_are_refused() -> None:
    frame = pl.DataFrame({"link": [0.5, 1.0], "y": [1.0, 1.0]})
    with pytest.raises(ConfigError, match="between 0 and 1"):
        line_chart(frame, "link", [Line("y")], axes=Axes(scale="odds"))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ConfigError, match="did you mean 'precision'"):
        line_chart(CURVE, "link", [Line("precison")])


def test_names_never_become_markup() -> None:
    chart = line_chart(CURVE, "link", [Line("low"), Line("high", name="<script>")])
    assert "<script" not in chart.svg


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.001, 0.99999), st.floats(-1e6, 1e6)), min_size=1, max_size=20),
    st.sampled_from(["linear", "odds", "log"]),
)
def test_every_dot_stands_inside(points: list[tuple[float, float]], scale: str) -> None:
    frame = pl.DataFrame(points, schema=["x", "y"], orient="row")
    chart = line_chart(frame, "x", [Line("y")], axes=Axes(scale=scale))  # type: ignore[arg-type]
    root = ElementTree.fromstring(chart.svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(0 <= x <= width and 0 <= y <= height for x, y in dots(chart))
