"""Time the whole job on generated data of any size, step by step, and compare with the truth.

    python -m benchmarks.pipeline --people 20000

Data are made once per size, seed and error scale, and kept in the folder given by ``--data``. The job
runs in a process of its own, so that peak memory is the job's alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

import linkage

ROOT = Path(__file__).parents[1]


def prepare(
    folder: Path, people: int, seed: int, error_scale: float, communes: int | None = None
) -> Path:
    """Make data and a job for them, unless they are there; return the job file."""
    if not (folder / "sample_data").exists():
        options = ["--people", str(people), "--seed", str(seed), "--error-scale", str(error_scale)]
        options += ["--communes", str(communes)] if communes else []
        make = [sys.executable, "-m", "linkage", "sample", str(folder / "sample_data"), *options]
        subprocess.run(make, check=True)
    (folder / "configs").mkdir(parents=True, exist_ok=True)
    job = folder / "configs" / "sample.yaml"
    shutil.copyfile(ROOT / "configs" / "sample.yaml", job)
    return job


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--error-scale", type=float, default=1.0)
    parser.add_argument("--data", type=Path, default=ROOT / "out" / "benchmarks")
    given = parser.parse_args()
    name = f"{given.people}-{given.seed}-{given.error_scale:g}"
    job = prepare(given.data / name, given.people, given.seed, given.error_scale)
    out = given.data / name / "lists"
    began = time.perf_counter()
    run = [sys.executable, "-m", "linkage", "run", str(job), "--out", str(out)]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    steps = pl.DataFrame(manifest["steps"])
    table = steps.select("registry", "step", "rows_in", "seconds", "peak_memory_mb")
    links = linkage.evaluate(out, given.data / name / "sample_data" / "truth").links
    columns = ["registry", "true_links", "linked", "precision", "recall", "f1", "review"]
    with pl.Config(tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(table)
        print(links.select(columns))
    print(f"whole job, start of the program included: {seconds:.1f} s")
    print(f"pipeline: {steps['seconds'].sum():.1f} s, {steps['peak_memory_mb'].max():,} MB at most")


if __name__ == "__main__":
    main()
