"""The report of a run: one page that opens offline, counts only."""

from linkage.report.render import render

__all__ = ["render"]
