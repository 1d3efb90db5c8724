"""Parts of a self-contained HTML page: all text escaped, styles inline, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import polars as pl

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'"
)
"""What the browser may load: the page's own styles."""

_STYLE: Final = """
:root { color-scheme: light; --ink: #1d2733; --faint: #5b6673; --line: #dfe4ea; --mark: #1f5fa8; }
* { box-sizing: border-box; }
body { margin: 0; background: #f3f5f8; color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans",
  sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
header { border-top: 5px solid var(--mark); background: #fff; padding: 24px 28px;
  border-radius: 6px; box-shadow: 0 1px 2px #1d273322; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; }
h2 { margin: 0 0 4px; font-size: 19px; }
h3 { margin: 22px 0 6px; font-size: 15px; }
p { margin: 4px 0 12px; max-width: 78ch; }
.lead, .note { color: var(--faint); }
.note { font-size: 13px; }
section { background: #fff; margin-top: 18px; padding: 22px 28px; border-radius: 6px;
  box-shadow: 0 1px 2px #1d273322; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr));
  gap: 10px 24px; margin: 16px 0 0; }
dl.facts dt { color: var(--faint); font-size: 12px; }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px;
  margin: 20px 0 4px; padding: 0; list-style: none; }
.tiles li { border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; }
.tiles strong { display: block; font-size: 23px; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.tiles span { color: var(--faint); font-size: 13px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; margin: 8px 0 4px; }
th, td { padding: 5px 10px 5px 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; font-size: 12.5px; vertical-align: bottom;
  border-bottom: 2px solid var(--line); }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: 22px; }
code { font: 12.5px/1.45 ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; }
svg { display: block; margin: 10px 0; }
footer { color: var(--faint); font-size: 13px; margin: 20px 4px; }
@media print {
  body { background: #fff; font-size: 11px; }
  main { padding: 0; max-width: none; }
  header, section { box-shadow: none; border-radius: 0; padding: 10px 0; margin-top: 8px; }
  p, svg, tr { break-inside: avoid; }
  h2, h3, .lead, .note, thead { break-after: avoid; }
  .scroll { overflow: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def page(title: str, *parts: str) -> str:
    """A whole HTML document.

    Args:
        title: plain text.
        parts: HTML of the body, as the other functions of this module make it.

    Example:
        >>> "<title>A &amp; B</title>" in page("A & B", section("Empty"))
        True
    """
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def section(title: str, lead: str = "", *parts: str) -> str:
    """A section: its title and lead are plain text, its parts are HTML."""
    intro = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    return f"<section>\n<h2>{escape(title)}</h2>\n{intro}" + "\n".join(parts) + "\n</section>"


def heading(text: str) -> str:
    """A heading within a section."""
    return f"<h3>{escape(text)}</h3>"


def note(text: str) -> str:
    """A remark in small letters."""
    return f'<p class="note">{escape(text)}</p>'


def facts(entries: Mapping[str, object]) -> str:
    """Names with their values, in columns; what is None or empty is left out."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>"
        for name, value in entries.items()
        if value not in (None, "")
    )
    return f'<dl class="facts">{items}</dl>'


def tiles(entries: Sequence[tuple[str, str]]) -> str:
    """Large figures, each with its name."""
    items = "".join(
        f"<li><strong>{escape(figure)}</strong><span>{escape(name)}</span></li>"
        for figure, name in entries
    )
    return f'<ul class="tiles">{items}</ul>'


def table(frame: pl.DataFrame, heads: Mapping[str, str], *, code: Sequence[str] = ()) -> str:
    """A table of the named columns.

    Args:
        frame: one row per row of the table.
        heads: column to its heading, in order.
        code: columns with names and codes, set in a typewriter face.

    Returns:
        HTML; a sentence where the frame has no rows. Numbers stand to the right, with thousands
        separated; null is a dash.

    Example:
        >>> table(pl.DataFrame({"n": [1234]}), {"n": "rows"}).count("1,234")
        1
    """
    if frame.height == 0:
        return note("None.")
    numbers = {name for name in heads if frame.schema[name].is_numeric()}
    head = "".join(
        f"<th{_class(is_number=name in numbers)}>{escape(text)}</th>"
        for name, text in heads.items()
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_class(is_number=name in numbers)}>{_cell(value, is_code=name in code)}</td>"
            for name, value in zip(heads, row, strict=True)
        )
        + "</tr>\n"
        for row in frame.select(*heads).rows()
    )
    return (
        f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>"
    )


def _class(*, is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _cell(value: object, *, is_code: bool) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    text = escape(str(value))
    return f"<code>{text}</code>" if is_code else text
