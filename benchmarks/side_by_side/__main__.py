"""Run every contender on the same files, print one table and save it as JSON."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

from benchmarks.pipeline import ROOT, prepare
from benchmarks.side_by_side import data, ours
from benchmarks.side_by_side.report import Finished, compared, shown

CONTENDERS = ("ours", "splink_plain", "ecm", "oracle")


def main() -> None:
    """Parse, run, print."""
    given = _parser().parse_args()
    name = f"{given.people}-{given.seed}-{given.error_scale:g}"
    name += f"-{given.communes}" if given.communes else ""
    folder = given.data / name
    job = prepare(folder, given.people, given.seed, given.error_scale, given.communes)
    finished = []
    for contender in given.contenders:
        if contender == "ecm" and importlib.util.find_spec("recordlinkage") is None:
            print("recordlinkage is not installed: pip install '.[evaluate]' for its ECM")
            continue
        print(f"{contender} ...", file=sys.stderr)
        if contender == "ours" and given.lists:
            finished.append(_ours(given.lists))
        else:
            finished.append(_run(contender, folder, job, given.error_scale))
    rows = compared(finished, folder / "sample_data")
    print(f"{given.people:,} people, seed {given.seed}, error rates x {given.error_scale:g}\n")
    print(shown(rows))
    out = given.out / f"side_by_side-{name}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    facts = {"people": given.people, "seed": given.seed, "error_scale": given.error_scale}
    out.write_text(json.dumps({**facts, "rows": rows}, indent=1), encoding="utf-8")
    print(f"\nwritten to {out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.side_by_side", description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--error-scale", type=float, default=1.0)
    parser.add_argument("--communes", type=int, help="people / 10000 is as dense as in life")
    parser.add_argument("--data", type=Path, default=ROOT / "out" / "benchmarks")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    parser.add_argument(
        "--lists", type=Path, help="score these lists of ours, made of the same files, as they are"
    )
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=CONTENDERS)
    return parser


def _run(contender: str, folder: Path, job: Path, error_scale: float) -> Finished:
    """One contender in a process of its own."""
    out = folder / "side_by_side" / contender
    if contender == "ours":
        seconds, peak = _timed(ours.command(job, out))
        return _ours(out, seconds, peak)
    module = "benchmarks.side_by_side.child"
    command = [sys.executable, "-m", module, contender, str(folder / "sample_data"), str(out)]
    seconds, peak = _timed([*command, "--error-scale", str(error_scale)])
    tables = {name: pl.read_parquet(out / f"{name}.parquet") for name in data.REGISTRIES}
    facts = json.loads((out / "facts.json").read_text(encoding="utf-8"))
    own = {name: fact["seconds"] for name, fact in facts.items()}
    notes = {name: fact["note"] for name, fact in facts.items()}
    return Finished(contender, tables, own, seconds, peak, notes)


def _ours(out: Path, seconds: float | None = None, peak: float | None = None) -> Finished:
    """Our lists; time and memory as measured, else as their manifest has them."""
    decided = {name: ours.decided(out, name) for name in data.REGISTRIES}
    own = {name: d.seconds for name, d in decided.items()}
    if seconds is None or peak is None:
        seconds, peak = ours.told(out)
    return Finished("ours", {name: d.table() for name, d in decided.items()}, own, seconds, peak)


def _timed(command: list[str]) -> tuple[float, float]:
    """Run a process; seconds and the most memory, in MB, that it held."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.perf_counter() - began, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
