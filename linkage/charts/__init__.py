"""Charts that show themselves in a notebook and in the report, as plain SVG."""

from linkage.charts.lines import Line, line_chart
from linkage.charts.shapes import Chart, as_percent, bar_chart, stacked_bars, waterfall

__all__ = [
    "Chart",
    "Line",
    "as_percent",
    "bar_chart",
    "line_chart",
    "stacked_bars",
    "waterfall",
]
