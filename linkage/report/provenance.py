"""The parts of the report that come from the manifest: certainty, columns, sources, steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from linkage.charts import as_percent, bar_chart
from linkage.report import page

WIDE: Final = 1000
"""Width of the report's charts, in pixels."""

_ISSUES_SHOWN: Final = 4
_REGISTRY: Final = {"registry": "registry"}


def certainty(manifest: Mapping[str, Any]) -> str:
    """How many links and cases the model itself expects to be wrong."""
    rows = []
    for name, entry in manifest["registries"].items():
        parts = {"links": entry["expected_wrong_links"], **entry["expected_wrongful_cases"]}
        rows += [
            {
                "registry": name,
                "list": part,
                "entries": given["entries"],
                "per_10k": float(given["per_10k"]),
                "interval": f"{given['low']:,.2f} to {given['high']:,.2f}",
            }
            for part, given in parts.items()
            if given["per_10k"] is not None
        ]
    heads = {
        "list": "list",
        "entries": "entries",
        "per_10k": "expected wrong per 10,000",
        "interval": "95 % interval",
    }
    return page.section(
        "How many entries are expected to be wrong",
        "Per 10,000 entries of a list. This is what the model's own probabilities add up to;"
        " whether it is right to believe them, only labelled records can say (linkage evaluate).",
        page.table(_frame(rows), {**_REGISTRY, **heads}, code=["registry", "list"]),
        *_wrongful(manifest),
    )


_HARM: Final = {
    "list": "list",
    "action": "step",
    "cases": "cases",
    "per_10k": "expected wrongful",
    "interval": "95 % interval",
    "source": "from",
    "limit": "limit",
    "moved": "became questions",
}


def _wrongful(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Wrongful cases of every list and step, per 10,000 records, and what a limit changed."""
    rows = [
        {
            "registry": name,
            "list": part,
            "action": action,
            "cases": given["cases"],
            "per_10k": f"{given['per_10k']:,.2f}",
            "interval": f"{given['per_10k_low']:,.2f} to {given['per_10k_high']:,.2f}",
            "source": given["source"],
            "limit": "–" if given["limit"] is None else f"{given['limit']:,g}",
            "moved": given["moved"],
        }
        for name, entry in manifest["registries"].items()
        for part, harm in entry.get("harm", {}).items()
        for action, given in harm.get("by_action", {}).items()
        if action != "none" and given["per_10k"] is not None
    ]
    if not rows:
        return ()
    return (
        page.heading("By step, per 10,000 records of the registry"),
        page.table(_frame(rows), {**_REGISTRY, **_HARM}, code=["registry", "list", "action"]),
        page.note(
            "A limit (max_wrongful_per_10k) holds a step and all harder ones together to the upper end"
            " of the interval: the least confident cases become questions."
        ),
        page.note(_trials(manifest)),
    )


def _trials(manifest: Mapping[str, Any]) -> str:
    """What the trials with hidden numbers said of links for which no number speaks."""
    told = {
        name: entry.get("measured_wrong_links") for name, entry in manifest["registries"].items()
    }
    found = [
        f"{name} {one['without_number']['per_10k']:,.1f}"
        f" ({one['without_number']['low']:,.1f} to {one['without_number']['high']:,.1f};"
        f" {one['without_number']['tried']:,} records tried)"
        for name, one in told.items()
        if one
    ]
    without = [name for name, one in told.items() if not one]
    return (
        "From 'measured': records linked again without their number were more often wrong than the"
        " probabilities say. Wrong of 10,000 such links: "
        + ("; ".join(found) or "nothing was tried")
        + (f". Not tried: {', '.join(without)}." if found and without else ".")
    )


def columns(manifest: Mapping[str, Any]) -> str:
    """How readable each field of each registry was."""
    rows = []
    for name, entry in manifest["registries"].items():
        usable = sum(n for s, n in entry["dispositions"].items() if s != "rejected")
        for field, health in entry["columns"].items():
            issues = sorted(health["issues"].items(), key=lambda issue: (-issue[1], issue[0]))
            rows.append(
                {
                    "registry": name,
                    "field": field,
                    "filled": health["filled"],
                    "share": percent(health["filled"], usable),
                    "unreadable": health["unreadable"],
                    "lost": percent(health["unreadable"], health["filled"]),
                    "issues": ", ".join(f"{c} ({n:,})" for c, n in issues[:_ISSUES_SHOWN]),
                }
            )
    heads = {
        "field": "field",
        "filled": "filled",
        "share": "of rows",
        "unreadable": "unreadable",
        "lost": "of filled",
        "issues": "most frequent issues",
    }
    return page.section(
        "Health of the columns",
        "How many rows have a value, how many of these values no cleaner could read, and what is"
        " most often odd about them.",
        page.table(_frame(rows), {**_REGISTRY, **heads}, code=["registry", "field", "issues"]),
    )


def sources(manifest: Mapping[str, Any], issues: int) -> str:
    """What was read; ``issues`` is the number of entries of the population's own list."""
    read = {"population": manifest["population"]}
    read |= {name: entry["source"] for name, entry in manifest["registries"].items()}
    rows = [
        {
            "name": name,
            "file": _file_name(given.get("path")),
            "form": " ".join(str(given[k]) for k in ("format", "encoding") if given.get(k)),
            "as_of": given.get("as_of"),
            "rows": given.get("rows"),
            "rejected": given.get("rejected"),
            "hash": short_hash(given.get("content_hash")),
        }
        for name, given in read.items()
    ]
    heads = {
        "name": "source",
        "file": "file",
        "form": "form",
        "as_of": "as of",
        "rows": "rows",
        "rejected": "set aside",
        "hash": "content hash",
    }
    return page.section(
        "Sources",
        "What was read. The hash tells whether a file is still the same.",
        page.table(_frame(rows), heads, code=["name", "file", "hash"]),
        page.note(f"Issues found in the population register itself: {issues:,}."),
    )


_LINKING: Final = {
    "subjects": "records with something to link on",
    "settled_exactly": "settled by an exact rule",
    "candidates": "candidate pairs scored",
}


def work(manifest: Mapping[str, Any]) -> str:
    """Rows, seconds and memory of every step, and how much was linked how."""
    heads = {
        "registry": "source",
        "step": "step",
        "rows_in": "rows in",
        "rows_out": "rows out",
        "rows_set_aside": "set aside",
        "seconds": "seconds",
        "peak_memory_mb": "peak memory, MB",
    }
    steps = _frame([{key: step.get(key) for key in heads} for step in manifest["steps"]])
    linking = _frame(
        [
            {"registry": name, **{key: entry["linking"].get(key) for key in _LINKING}}
            for name, entry in manifest["registries"].items()
        ]
    )
    chart = ""
    if steps.height:
        seconds = steps.group_by("registry", maintain_order=True).agg(pl.col("seconds").sum())
        chart = bar_chart(
            seconds, "registry", "seconds", title="Seconds", unit=" s", width=WIDE
        ).svg
    return page.section(
        "The work",
        "Rows in and out of every step, and what it took.",
        chart,
        _continued(manifest),
        _updated(manifest),
        page.table(steps, heads, code=["registry", "step"]),
        page.heading("Linking"),
        page.table(linking, {**_REGISTRY, **_LINKING}, code=["registry"]),
        page.note(", ".join(f"{name} {v}" for name, v in manifest.get("versions", {}).items())),
    )


def _continued(manifest: Mapping[str, Any]) -> str:
    """That some of the steps were done by a run before, where it is so."""
    resumed = manifest.get("resumed")
    if not resumed:
        return ""
    return page.note(
        f"Continued {moment(resumed['at'])}: {resumed['steps_skipped']} steps were finished by the run"
        f" of {moment(resumed['began'])}, which was killed."
    )


def _updated(manifest: Mapping[str, Any]) -> str:
    """That only what is different was linked, where it is so."""
    updated = manifest.get("updated")
    if not updated:
        return ""
    heads = {key: key for key in ("same", "new", "changed", "vanished")}
    rows = [{"registry": name, **counts} for name, counts in updated["registries"].items()]
    return page.note(
        f"Updated: only new and changed records were linked, as the run of {moment(updated['since'])}"
        " linked the others. What is said of columns and pairs is of these records."
    ) + page.table(_frame(rows), {**_REGISTRY, **heads}, code=["registry"])


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def percent(part: int, whole: int) -> str:
    """A share with one decimal, a dash where there is no whole."""
    return as_percent(part / whole, places=1) if whole else "–"


def short_hash(digest: object) -> str:
    """The first twelve digits of a hash."""
    return str(digest)[:12] if digest else "–"


def moment(text: object) -> str:
    """An ISO time as people read it."""
    return str(text).replace("T", " ").replace("+00:00", " UTC")


def _file_name(path: object) -> str:
    return str(path).replace("\\", "/").rsplit("/", 1)[-1] if path else "handed over as a frame"
