"""The profile as text and as a table for notebooks: shares and counts only."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

import polars as pl

__all__ = ["as_html", "as_text"]

_HEAD: Final = ("column", "looks like", "sure", "filled", "distinct", "valid", "issues")
_SHOWN: Final = 4
_STYLE: Final = (
    "<style>table.profile{border-collapse:collapse;font:13px/1.5 system-ui,sans-serif;margin:0}"
    "table.profile td,table.profile th{padding:3px 12px 3px 0;"
    "text-align:left!important;vertical-align:top;"
    "border-bottom:1px solid #8884;white-space:nowrap}"
    "table.profile td.n,table.profile th.n{text-align:right!important;"
    "font-variant-numeric:tabular-nums}"
    "table.profile .bar{display:inline-block;width:46px;height:8px;margin-right:6px;"
    "background:#8883}table.profile .bar i{display:block;height:8px;background:#3b7a57}"
    "table.profile .low i{background:#c0392b}.profile .dim,.profile small{opacity:.65}"
    "table.profile td.i{white-space:normal}table.profile td.i span{margin-right:12px;"
    "display:inline-block}</style>"
)


def _percent(share: float | None) -> str:
    """A share as people read it; small and nearly full shares are not rounded away."""
    if share is None:
        return ""
    if 0 < share < 0.001:
        return "<0.1%"
    if share in (0, 1) or 0.1 <= share <= 0.995:
        return f"{share:.0%}"
    return f"{min(share, 0.999):.1%}"


def _sure(confidence: float | None) -> str:
    return "" if confidence is None else f"{confidence:.2f}"


def _kind(line: Mapping[str, Any]) -> str:
    """The kind, and the old encoding if there is one."""
    return (
        f"{line['looks_like']} ({line['encoding']})"
        if line["encoding"]
        else f"{line['looks_like']}"
    )


def _summary(rows: int, checked: int, columns: int) -> str:
    """What was looked at."""
    part = "" if checked == rows else f"; valid and issues: on at most {checked:,} values"
    return f"{rows:,} rows, {columns} columns{part}"


def _cells(line: Mapping[str, Any]) -> list[str]:
    """One column's line as text."""
    issues = [f"{i['code']} {i['rows']:,} ({_percent(i['share'])})" for i in line["issues"]]
    return [
        line["column"],
        _kind(line),
        _sure(line["confidence"]),
        *(_percent(line[name]) for name in ("filled", "distinct", "valid")),
        ", ".join(issues[:_SHOWN]) + (f", {len(issues) - _SHOWN} more" * (len(issues) > _SHOWN)),
    ]


def as_text(rows: int, checked: int, columns: pl.DataFrame) -> str:
    """The table in plain text, one line per column."""
    table = [list(_HEAD), *(_cells(line) for line in columns.to_dicts())]
    widths = [max(len(cells[place]) for cells in table) for place in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in table
    ]
    return "\n".join([_summary(rows, checked, columns.height), *lines])


def _bar(share: float | None) -> str:
    """A share as a small bar and a figure."""
    if share is None:
        return ""
    low = " low" if share < 0.9 else ""
    return f'<span class="bar{low}"><i style="width:{share:.0%}"></i></span>{_percent(share)}'


def _issue(issue: Mapping[str, Any], meanings: Mapping[str, str]) -> str:
    """One issue; its meaning shows under the pointer."""
    meaning = escape(meanings.get(issue["code"], ""), quote=True)
    count = f"{issue['rows']:,} ({_percent(issue['share'])})"
    return f'<span title="{meaning}">{issue["code"]} <small>{count}</small></span>'


def as_html(rows: int, checked: int, columns: pl.DataFrame, meanings: Mapping[str, str]) -> str:
    """The table for notebooks: self-contained, no script."""
    numeric = _HEAD[2:5]
    head = "".join(f"<th{' class=n' * (name in numeric)}>{name}</th>" for name in _HEAD)
    body = []
    for line in columns.to_dicts():
        issues = " ".join(_issue(issue, meanings) for issue in line["issues"])
        cells = [
            f"<td><b>{escape(line['column'])}</b></td>",
            f"<td>{escape(_kind(line))}</td>",
            f"<td class=n>{_sure(line['confidence'])}</td>",
            f"<td class=n>{_percent(line['filled'])}</td>",
            f"<td class=n>{_percent(line['distinct'])}</td>",
            f"<td>{_bar(line['valid'])}</td>",
            f"<td class=i>{issues}</td>",
        ]
        body.append(f"<tr>{''.join(cells)}</tr>")
    summary = _summary(rows, checked, columns.height)
    table = f'<table class="profile"><tr>{head}</tr>{"".join(body)}</table>'
    return f"{_STYLE}{table}<small>{summary}</small>"
