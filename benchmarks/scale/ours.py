"""Our own job as a user starts it: ``linkage index``, then ``linkage run``, which uses it."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from benchmarks.scale import made, processes
from benchmarks.scale.judging import accuracy
from benchmarks.side_by_side import ours

#: What is timed apart, in order: the population index, then the job, which uses it.
STEPS: Final = ("index", "run")


def commands(work: processes.Work) -> dict[str, list[str]]:
    """The index first, a process and a time of its own; then the whole job, lists and report."""
    job = made.job(work.folder, work.registries, work.memory_limit)
    found = {}
    if "index" in work.steps:
        found["ours: index"] = [sys.executable, "-m", "linkage", "index", str(job), "--force"]
    if "run" in work.steps:
        found["ours: run"] = ours.command(job, work.out)
    return found


def result(work: processes.Work, ran: processes.Ran) -> dict[str, Any]:
    """Figures of every registry; seconds in all are those of the processes, start included."""
    common = {"seconds": sum(ran.seconds.values())}
    if "run" not in work.steps:
        return {**common, "registries": {}}
    manifest = json.loads((work.out / "manifest.json").read_text(encoding="utf-8"))
    steps: dict[str, dict[str, float]] = {}
    for step in manifest["steps"]:
        mine = steps.setdefault(step["registry"], {})
        mine[step["step"]] = mine.get(step["step"], 0.0) + step["seconds"]
    registries = {name: _one(work, manifest, steps[name], name) for name in work.registries}
    return {**common, "population": steps.get("population", {}), "registries": registries}


def _one(
    work: processes.Work, manifest: dict[str, Any], steps: dict[str, float], registry: str
) -> dict[str, Any]:
    linking = manifest["registries"][registry].get("linking", {})
    decided = ours.decided(work.out, registry).table()
    return {
        "seconds": sum(steps.values()),
        "steps": steps,
        "pairs": sum(linking.get("pairs_by_rule", {}).values()),
        "peak_mb": None,  # one process for all registries
        **accuracy(decided, work.folder / "sample_data", registry),
    }
