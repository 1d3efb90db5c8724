"""Charts that show themselves in a notebook and in the report, as plain SVG."""

from linkage.charts.shapes import Chart, as_percent, bar_chart, stacked_bars, waterfall

__all__ = ["Chart", "as_percent", "bar_chart", "stacked_bars", "waterfall"]
