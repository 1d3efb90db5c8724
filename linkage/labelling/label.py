"""Labelling a registry: draw pairs, weigh the answers, and say whether to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import polars as pl

from linkage.config import Job, load_job
from linkage.errors import ConfigError, SourceError
from linkage.labelling.estimate import Labelled, estimate
from linkage.labelling.pairs_csv import read_pairs, write_pairs
from linkage.labelling.pool import Pool, pool_of
from linkage.labelling.sample import draw
from linkage.life.feedback import told_links
from linkage.pipeline import linking_order
from linkage.progress import Progress, quiet
from linkage.quality.report import learn_from
from linkage.session import Session, check_sources, registries_of


@dataclass(frozen=True, repr=False)
class Labelling:
    """Where labelling a registry stands.

    Attributes:
        path: the file of pairs.
        drawn: pairs written by this call.
        labelled: what the answers say so far; None before the first draw.
        is_enough: whether the interval is as narrow as wanted.
        more: about how many more labels it takes, where that can be told.
    """

    path: Path
    drawn: int
    labelled: Labelled | None
    is_enough: bool
    more: int | None

    def __repr__(self) -> str:
        """Counts only."""
        return f"<Labelling {self.path.name}: {self.drawn:,} drawn, {self.labelled!r}>"


def label_pairs(
    config: Path | str | Mapping[str, Any] | Job,
    registry: str,
    out: Path | str,
    *,
    count: int = 200,
    width: float = 0.01,
    seed: int = 1,
    sources: Mapping[str, object] | None = None,
    progress: Progress = quiet,
) -> Labelling:
    """Draw pairs of records and candidates to label, or go on where labelling stands.

    Without the file, pairs are drawn into it. With it, its answers are weighed up; once none is
    open and the interval of the precision is still wider than wanted, further pairs are added.

    Args:
        config: a job file, the same as a mapping, or a job already loaded.
        registry: a registry of the job.
        out: the file of pairs: ``.csv``, or ``.json`` for recordlinkage's annotator.
        count: pairs to draw at a time.
        width: of the 95 % interval of the precision at which it is enough.
        seed: which pairs are drawn.
        sources: frames to read in place of files.
        progress: called with a label as work begins.

    Raises:
        ConfigError: no such registry or folder, or another kind of file.
        SourceError: the file's answers cannot be read, or are of other records.
    """
    path = Path(out)
    _check(path, count, width)
    job = config if isinstance(config, Job) else load_job(config)
    (name,) = registries_of(job, [registry])
    check_sources(job, sources or {})
    before = read_pairs(path) if path.exists() else None
    with Session(job, dict(sources or {}), progress, told=told_links(job)) as session:
        progress(f"{name}: linking")
        for before_it in takewhile(name.__ne__, linking_order(session, job.registries)):
            # as in a run of the job: they tell this one what they have found of people
            learn_from(session, before_it, session.clean(before_it, session.read(before_it).rows))
        with pool_of(session, name) as pool:
            return _labelling(pool, path, before, count, width, seed)


def _labelling(
    pool: Pool, path: Path, before: pl.DataFrame | None, count: int, width: float, seed: int
) -> Labelling:
    if before is None:
        none = pool.pairs.clear()
        return Labelling(path, _add(pool, path, none, count, seed), None, False, None)
    _check_keys(pool, path, before)
    labelled = estimate(pool, before)
    is_enough, more = labelled.is_enough(width), labelled.more(width)
    drawn = 0
    if not is_enough and not labelled.open:
        drawn = _add(pool, path, before, count, seed)
    return Labelling(path, drawn, labelled, is_enough, more)


def _add(pool: Pool, path: Path, before: pl.DataFrame, count: int, seed: int) -> int:
    """Draw further pairs and write them behind those that are there."""
    chosen = draw(pool.pairs, before.select("record_id"), count, seed=seed)
    if not chosen.height:
        return 0
    values = pool.values(chosen)
    fields = [name for name in values.columns if name != "idx"]
    kept = before if "is_match" in before.columns else None
    first = 0 if kept is None else kept.height
    new = chosen.join(values, on="idx", how="left", maintain_order="left").select(
        pl.int_range(first + 1, first + chosen.height + 1).cast(pl.String).alias("pair"),
        pl.lit("").alias("is_match"),
        "record_id",
        "person_id",
        *fields,
        "stratum",
        pl.col("stratum_size").cast(pl.Int64),
    )
    if kept is not None:
        marked = kept.with_columns(pl.col("is_match").replace("unsure", "?"))
        new = pl.concat([marked, new], how="diagonal_relaxed")
    write_pairs(path, new)
    return chosen.height


def _check(path: Path, count: int, width: float) -> None:
    if path.suffix.lower() not in (".csv", ".json") or path.is_dir():
        message = f"pairs cannot be written to {path.name}"
        raise ConfigError(
            message,
            expected="a file name ending in .csv, or .json for recordlinkage's annotator",
            found=path.suffix or "no ending",
            hint=f"{path.stem}.csv",
        )
    if not path.parent.is_dir():
        message = f"there is no folder {path.parent}"
        raise ConfigError(message, expected="a folder that exists", found="nothing")
    if count < 1 or not 0 < width < 1:
        message = "this draw means nothing"
        raise ConfigError(
            message, expected="at least one pair, and a width between 0 and 1",
            found=f"{count} pairs, width {width:g}",
        )  # fmt: skip


def _check_keys(pool: Pool, path: Path, pairs: pl.DataFrame) -> None:
    known = pairs.join(pool.pairs.select("record_id"), on="record_id", how="semi")
    if pairs.height and known.height < 0.5 * pairs.height:
        message = f"{path.name} is about other records than '{pool.registry}' has now"
        raise SourceError(
            message,
            expected=f"record_id of its {pool.pairs.height:,} records with a candidate",
            found=f"{known.height:,} of {pairs.height:,} pairs",
            hint="was the file saved by a program that rewrites numbers? write to another file",
        )
