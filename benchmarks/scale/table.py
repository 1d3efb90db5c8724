"""Results as Markdown: the whole, each registry, seconds by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

TITLES: Final = {
    "ours": "ours: index, links, lists, report",
    "splink": "plain Splink 5: links",
    "floor": "the floor: read, join on the number",
}
_WHOLE: Final = (
    *("", "seconds", "CPU seconds", "peak memory", "pairs"),
    *("times faster than Splink", "× the floor"),
)
_EACH: Final = (
    *("registry", "records", "", "seconds", "peak memory", "pairs"),
    *("precision", "recall", "F1", "wrong per 10,000"),
)
_NOTE: Final = (
    "Ours is timed from the start of its processes to their end; of Splink and the floor only the "
    "work counts, not the start of Python. CPU seconds are of whole processes, all cores."
)


def shown(facts: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> str:
    """All tables of one run."""
    records = sum(facts["records"].values())
    title = f"{facts['people']:,} people, {records:,} records, seed {facts['seed']}"
    title += f", error rates × {facts['error_scale']:g}"
    whole = _table(_WHOLE, [_whole_row(result, ratios(results)) for result in results])
    each = _table(_EACH, _each_rows(facts, results))
    steps = _table(("", "registry", "seconds by step"), _step_rows(results))
    return "\n\n".join([title, whole, each, steps, _NOTE])


def ratios(results: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """By contender: how many times faster than Splink, how many times the floor."""
    known = {r["contender"]: r["seconds"] for r in results if not r["stopped"]}
    found: dict[str, dict[str, float]] = {name: {} for name in known}
    for name, seconds in known.items():
        if "splink" in known:
            found[name]["to_splink"] = known["splink"] / seconds
        if "floor" in known:
            found[name]["to_floor"] = seconds / known["floor"]
    return found


def _whole_row(result: Mapping[str, Any], known: Mapping[str, Mapping[str, float]]) -> list[str]:
    name = result["contender"]
    title = f"{TITLES[name]}, limit {result['memory_limit']}" if name != "floor" else TITLES[name]
    if result["stopped"]:
        stopped = f"stopped at {result['stopped']}"
        return [title, stopped, "", _memory(result["peak_mb"]), "", "", ""]
    found = known[name]
    pairs = sum(row["pairs"] for row in result["registries"].values())
    return [
        title,
        _seconds(result["seconds"]),
        _seconds(result["cpu_seconds"]),
        _memory(result["peak_mb"]),
        f"{pairs:,}",
        f"{found['to_splink']:.1f}" if "to_splink" in found else "",
        f"{found['to_floor']:.0f}" if "to_floor" in found else "",
    ]


def _each_rows(facts: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [
        [
            registry,
            f"{facts['records'][registry]:,}",
            result["contender"],
            _seconds(row["seconds"]),
            _memory(row["peak_mb"]),
            f"{row['pairs']:,}",
            _share(row["precision"]),
            _share(row["recall"]),
            _share(row["f1"]),
            f"{row['wrong_per_10k']:.1f}",
        ]
        for registry in facts["registries"]
        for result in results
        if (row := result["registries"].get(registry))
    ]


def _step_rows(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    rows = []
    for result in results:
        name = result["contender"]
        if "ours: index" in result["process_seconds"]:
            rows.append([name, "", f"index {_seconds(result['process_seconds']['ours: index'])}"])
        parts = {"population": result.get("population", {})}
        parts |= {registry: row["steps"] for registry, row in result["registries"].items()}
        rows += [[name, part, _steps(steps)] for part, steps in parts.items() if steps]
    return rows


def _steps(steps: Mapping[str, float]) -> str:
    return ", ".join(f"{step} {_seconds(seconds)}" for step, seconds in steps.items())


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.1f}"


def _memory(megabytes: float | None) -> str:
    return "" if megabytes is None else f"{megabytes / 1000:.1f} GB"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
