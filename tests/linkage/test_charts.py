"""Charts: their marks, their figures, and that no text of the data becomes markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.charts import Chart, as_percent, bar_chart, stacked_bars, waterfall
from linkage.errors import ConfigError

SVG = "{http://www.w3.org/2000/svg}"


def bars(chart: Chart) -> list[tuple[float, float]]:
    """Left end and length of each bar (bars carry a note, the background and legend do not)."""
    root = ElementTree.fromstring(chart.svg)
    return [
        (float(rect.attrib["x"]), float(rect.attrib["width"]))
        for rect in root.iter(f"{SVG}rect")
        if rect.find(f"{SVG}title") is not None
    ]


def texts(chart: Chart) -> list[str]:
    root = ElementTree.fromstring(chart.svg)
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_bars_are_as_long_as_their_values() -> None:
    chart = bar_chart(pl.DataFrame({"rule": ["a", "b"], "n": [100, 25]}), "rule", "n")
    (_, longest), (_, shorter) = bars(chart)
    assert shorter == pytest.approx(longest / 4, abs=0.1)


def test_bars_carry_their_figures_with_unit() -> None:
    chart = bar_chart(pl.DataFrame({"s": ["a"], "n": [1234.5]}), "s", "n", unit=" s")
    assert texts(chart) == ["a", "1,234.50 s"]


def test_a_missing_value_has_no_bar() -> None:
    chart = bar_chart(pl.DataFrame({"s": ["a"], "n": [None]}), "s", "n")
    assert bars(chart) == []
    assert "no value" in texts(chart)


def test_parts_fill_the_whole_bar() -> None:
    frame = pl.DataFrame({"r": ["x", "y"], "linked": [1, 30], "review": [3, 10]})
    chart = stacked_bars(frame, "r", ["linked", "review"])
    (x1, w1), (x2, w2), (x3, w3), (x4, w4) = bars(chart)
    assert (x2, x4) == pytest.approx((x1 + w1, x3 + w3), abs=0.2)
    assert w1 + w2 == pytest.approx(w3 + w4, abs=0.2)
    assert w1 == pytest.approx((w1 + w2) / 4, abs=0.2)


def test_shares_are_written_where_they_fit() -> None:
    frame = pl.DataFrame({"r": ["x"], "linked": [999], "review": [1]})
    shown = texts(stacked_bars(frame, "r", ["linked", "review"]))
    assert "99.9\u00a0%" in shown
    assert "0.1\u00a0%" not in shown


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0"), (1e-6, "<0.1"), (0.04, "4.0"), (0.5, "50"), (0.996, "99.6"), (0.99999, ">99.9")],
)
def test_only_everything_is_a_hundred_percent(share: float, text: str) -> None:
    assert as_percent(share) == f"{text}\u00a0%"


def test_legend_names_the_parts() -> None:
    frame = pl.DataFrame({"r": ["x"], "not_applicable": [1], "other": [2]})
    chart = stacked_bars(frame, "r", ["not_applicable", "other"], names={"other": "the rest"})
    assert texts(chart)[:2] == ["not applicable", "the rest"]


def test_a_row_without_counts_has_no_bars() -> None:
    frame = pl.DataFrame({"r": ["x"], "linked": [0], "review": [0]})
    assert bars(stacked_bars(frame, "r", ["linked", "review"])) == []


def test_weights_begin_where_the_last_one_ended() -> None:
    steps = pl.DataFrame({"label": ["prior", "name", "birth"], "weight": [-10.0, 15.0, -2.0]})
    prior, name, birth, total = bars(waterfall(steps))
    assert name[0] == pytest.approx(prior[0], abs=0.2)
    assert name[0] + name[1] == pytest.approx(birth[0] + birth[1], abs=0.2)
    assert total[0] + total[1] == pytest.approx(birth[0], abs=0.2)
    assert total[1] / prior[1] == pytest.approx(3 / 10, abs=0.01)


def test_weights_have_signs_and_a_sum() -> None:
    steps = pl.DataFrame({"label": ["prior", "name"], "weight": [-10.0, 13.5]})
    shown = texts(waterfall(steps))
    assert [text for text in shown if text[0] in "+−" and "." in text] == ["−10.0", "+13.5", "+3.5"]


@pytest.mark.parametrize(
    "chart",
    [
        bar_chart(pl.DataFrame(schema={"a": pl.String, "b": pl.Int64}), "a", "b"),
        stacked_bars(pl.DataFrame(schema={"a": pl.String, "b": pl.Int64}), "a", ["b"]),
        waterfall(pl.DataFrame(schema={"label": pl.String, "weight": pl.Float64})),
    ],
)
def test_an_empty_frame_says_so(chart: Chart) -> None:
    assert "nothing to show" in texts(chart)


def test_long_labels_are_shortened_and_whole_in_the_note() -> None:
    name = "a very long label that does not fit beside any bar at all"
    chart = bar_chart(pl.DataFrame({"s": [name], "n": [1]}), "s", "n")
    assert any(text.endswith("…") for text in texts(chart))
    assert name in chart.svg


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_no_text_becomes_markup(text: str) -> None:
    frame = pl.DataFrame({"label": [text], "weight": [1.0]})
    chart = waterfall(frame, title=text, total="sum")
    tags = {re.sub(r"\{.*\}", "", node.tag) for node in ElementTree.fromstring(chart.svg).iter()}
    assert tags <= {"svg", "rect", "text", "line", "title"}


def test_markup_in_labels_is_escaped() -> None:
    frame = pl.DataFrame({"s": ["<script>x</script>"], "n": [1]})
    assert "<script" not in bar_chart(frame, "s", "n", title='"><script>').svg


def test_nothing_is_fetched() -> None:
    svg = bar_chart(pl.DataFrame({"s": ["a"], "n": [1]}), "s", "n").svg
    assert svg.count("http") == 1  # the namespace
    assert "href" not in svg


@pytest.mark.parametrize(
    ("values", "found"), [([-1.0], "1 others"), ([float("nan"), float("inf")], "2 others")]
)
def test_values_that_cannot_be_drawn_are_refused(values: list[float], found: str) -> None:
    frame = pl.DataFrame({"s": ["a"] * len(values), "n": values})
    with pytest.raises(ConfigError, match=found):
        bar_chart(frame, "s", "n")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ConfigError, match="did you mean 'weight'"):
        waterfall(pl.DataFrame({"label": ["a"], "weights": [1.0], "weight": [1]}), weight="wieght")


def test_its_short_form_holds_no_label() -> None:
    chart = bar_chart(pl.DataFrame({"s": ["Nguyễn Thị Lan"], "n": [1]}), "s", "n", title="Lan")
    width = ElementTree.fromstring(chart.svg).attrib["width"]
    assert repr(chart) == f"<Chart {width} px wide>"


def test_a_notebook_shows_it() -> None:
    chart: Any = bar_chart(pl.DataFrame({"s": ["a"], "n": [1]}), "s", "n")
    assert chart._repr_svg_().startswith("<svg")


def test_a_chart_is_saved(tmp_path: Path) -> None:
    chart = bar_chart(pl.DataFrame({"s": ["Số lượng"], "n": [1]}), "s", "n")
    assert chart.save(tmp_path / "c.svg").read_text(encoding="utf-8") == chart.svg


@pytest.mark.parametrize("name", ["c.png", "no/such/c.svg"])
def test_only_svg_files_in_folders_that_exist(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be saved"):
        bar_chart(pl.DataFrame({"s": ["a"], "n": [1]}), "s", "n").save(tmp_path / name)
