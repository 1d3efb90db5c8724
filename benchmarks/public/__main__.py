"""Our general machinery on public labelled sets, beside plain Splink's figures on them.

    python -m benchmarks.public --data DIR [--set essnet]

Each set is a job with declarations of its own, in ``benchmarks/public/<set>/``; weights are trained on
the set without labels. Febrl 4 comes with the extra ``evaluate``, the others are files in the data
folder. ``default`` is what a run decides by itself, ``best`` is the threshold with the highest F1,
which only somebody with the truth in hand could pick.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

import linkage
from benchmarks.public.scores import Score, best_score, group_score, judged, score, true_pairs
from benchmarks.public.sets import JOBS, SETS, PublicSet, Splink
from linkage.matching import THRESHOLD
from linkage.training import write_models

HEADER = (
    f"{'set':12} {'threshold':24} {'precision':>9} {'recall':>9} {'F1':>9} {'Splink':>9}"
    f" {'seconds':>8}"
)


def linked(name: str, given: PublicSet) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Train and run a job of two sources: links, and the best candidate of every record."""
    job = linkage.load_job(JOBS / name / "job.yaml")
    with tempfile.TemporaryDirectory() as folder:
        write_models(
            linkage.train_models(job, sources=given.frames, allow_unseen=True), Path(folder)
        )
        model = {given.registry: Path(folder) / f"{given.registry}.json"}
        trained = dataclasses.replace(job, model_paths=model)
        result = linkage.run(trained, sources=given.frames, write=False)[given.registry]
    links = result.records.filter(link_status="linked").select(
        pl.col("record_id").alias("left"), pl.col("person_id").alias("right"), "match_probability"
    )
    reviewed = result.review.filter(rank=1).select(
        pl.col("record_id").alias("left"),
        pl.col("candidate_id").alias("right"),
        "match_probability",
    )
    return links, pl.concat([links, reviewed]).unique("left", keep="first", maintain_order=True)


def scores_between(
    name: str, given: PublicSet, splink: Splink
) -> Iterator[tuple[str, Score, float]]:
    """Rows of the table for a set of two sources."""
    links, best = (judged(pairs, given) for pairs in linked(name, given))
    possible = true_pairs(given)
    yield "default", score(links, possible), splink.at_95
    found = best_score(best, possible)
    yield f"best ({found.threshold:.3f})", found, splink.best


def scores_within(
    name: str, given: PublicSet, splink: Splink
) -> Iterator[tuple[str, Score, float]]:
    """Rows of the table for a set of one source."""
    result = linkage.match_within(JOBS / name / "job.yaml", sources=given.frames)
    pairs = judged(result.pairs.rename({"record_id_l": "left", "record_id_r": "right"}), given)
    possible = true_pairs(given)
    sure = pairs.filter(pl.col("match_probability") >= THRESHOLD)
    yield f"pairs, default ({THRESHOLD})", score(sure, possible), splink.at_95
    found = best_score(pairs, possible)
    yield f"pairs, best ({found.threshold:.3f})", found, splink.best
    yield f"groups, default ({THRESHOLD})", group_score(result.groups, given), splink.grouped or 0.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the public files")
    parser.add_argument("--set", action="append", choices=list(SETS), help="one set; may repeat")
    chosen = parser.parse_args()
    print(HEADER, flush=True)
    for name in chosen.set or SETS:
        read, splink = SETS[name]
        given = read(chosen.data)
        began = time.perf_counter()
        rows = list((scores_within if given.within else scores_between)(name, given, splink))
        seconds = time.perf_counter() - began
        for label, found, theirs in rows:
            print(f"{name:12} {label:24} {found} {theirs:9.4f} {seconds:8.0f}", flush=True)


if __name__ == "__main__":
    main()
