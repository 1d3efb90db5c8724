"""Match the records of one registry among themselves: pairs with match weights, and groups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.columns import INDEX, RECORD_ID
from linkage.config import Job, load_job
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ConfigError
from linkage.fields import FIELD_TYPES
from linkage.limits import beside
from linkage.link.model import Model, comparisons_of
from linkage.link.pairing import Pairing
from linkage.link.train_within import Sides, expected_matches, train_blocks, with_weights
from linkage.link.within import block_within, group_within, score_within
from linkage.progress import Progress, quiet
from linkage.session import Session, check_sources, registries_of

THRESHOLD: Final = 0.95
"""Probability from which a pair counts as one person by default."""
_RECORDS: Final = "within_records"
_PAIRS: Final = "within_pairs"
_SCORED: Final = "within_scored"
_GROUPS: Final = "within_groups"


@dataclass(frozen=True, repr=False)
class WithinResult:
    """Records of one registry that are of one person.

    Attributes:
        pairs: ``record_id_l, record_id_r, match_weight, match_probability``: each unordered pair
            once, best first, none of a record with itself.
        groups: ``record_id, group_id, group_size``: every record, in order of the source; the id of
            a group is that of its first record.
        model: the weights used.
        proposed: pairs by blocking rule, each under the first that proposes it.
    """

    pairs: pl.DataFrame
    groups: pl.DataFrame
    model: Model
    proposed: Mapping[str, int]

    def __repr__(self) -> str:
        """Counts only."""
        people = self.groups["group_id"].n_unique()
        return (
            f"<WithinResult: {self.groups.height:,} records in {people:,} groups,"
            f" {self.pairs.height:,} pairs>"
        )


def match_within(
    config: Path | str | Mapping[str, Any] | Job,
    registry: str | None = None,
    *,
    block: Sequence[Sequence[str]] | None = None,
    threshold: float = THRESHOLD,
    model: Model | None = None,
    sources: Mapping[str, object] | None = None,
    seed: int = 1,
    progress: Progress = quiet,
) -> WithinResult:
    """Find the records of one registry that are of one person, the population register aside.

    Args:
        config: a job file, the same as a mapping, or a job already loaded.
        registry: which of its registries; may be left out where it has only one.
        block: blocking rules in place of the registry's ``link: block:``.
        threshold: probability above 0 and below 1 from which records on average count as one
            person's when groups are made; pairs are returned below it too.
        model: weights of an earlier result; by default they are trained on the records themselves,
            without labels.
        sources: frames to read in place of files.
        seed: for training. The same input and seed give the same result.
        progress: called with a label as each step begins.

    Returns:
        Pairs with match weights, and groups.

    Raises:
        ConfigError: the job does not hang together, or has no such registry.
        SourceError: the source cannot be read.
    """
    if not 0 < threshold < 1:
        message = "the threshold is no probability"
        raise ConfigError(message, expected="above 0 and below 1", found=str(threshold))
    job = config if isinstance(config, Job) else load_job(config)
    check_sources(job, sources or {})
    name = _only(job, registry)
    rules = block or job.registries[name].link.block
    session = Session(job, dict(sources or {}), progress)
    progress(f"{name}: reading and cleaning")
    cleaned = session.clean(name, session.read(name).rows)
    limits = job.config.engine
    with DuckDBEngine(
        limits.memory_limit, limits.temp_directory, limits.threads, beside=beside(0)
    ) as engine:
        within = _Within(engine, pairing_within(job, name), rules, cleaned, progress)
        return within.run(model, threshold, seed)


def pairing_within(job: Job, name: str) -> Pairing:
    """Every field that a registry's records can be compared on."""
    types = {
        field: declared.type
        for field, declared in job.registries[name].fields.items()
        if field in job.config.registries[name].columns and FIELD_TYPES[declared.type].comparison
    }
    return Pairing({field: field for field in types}, types)


def _only(job: Job, registry: str | None) -> str:
    names = registries_of(job, [registry] if registry else None)
    if len(names) > 1:
        message = "the job has several registries"
        raise ConfigError(message, expected="the name of one", found="none",
                          hint="match_within(config, 'sim')")  # fmt: skip
    return names[0]


@dataclass(frozen=True)
class _Within:
    """One registry in an engine of its own."""

    engine: DuckDBEngine
    pairing: Pairing
    rules: Sequence[Sequence[str]]
    cleaned: pl.DataFrame
    progress: Progress

    def run(self, model: Model | None, threshold: float, seed: int) -> WithinResult:
        engine = self.engine
        engine.put(_RECORDS, self.pairing.record_features(self.cleaned))
        self.progress("blocking")
        blocked = block_within(engine, self.rules, self.pairing, records=_RECORDS, pairs=_PAIRS)
        self.progress("training" if model is None else "scoring")
        model = model or self._trained(seed)
        weight = math.log2(threshold / (1 - threshold))
        names = {"records": _RECORDS, "scored": _SCORED}
        self.progress("scoring")
        score_within(engine, model, pairs=_PAIRS, **names)
        group_within(engine, groups=_GROUPS, weight=weight, **names)
        # How rare a name is among people, not among records: a person may have twenty. What did not
        # come near before does not now.
        engine.run(
            f'DELETE FROM "{_PAIRS}" WHERE (idx_l, idx_r) NOT IN (SELECT idx_l, idx_r FROM "{_SCORED}")'
        )
        score_within(engine, model, pairs=_PAIRS, groups=_GROUPS, **names)
        group_within(engine, groups=_GROUPS, weight=weight, **names)
        return WithinResult(self._pairs(), self._grouped(), model, blocked.pairs)

    def _trained(self, seed: int) -> Model:
        comparisons = comparisons_of(self.pairing.compared)
        untrained = Model(comparisons, {}, 0.5, "trained on the records themselves", "")
        sides = Sides(_RECORDS, _RECORDS)
        trained = train_blocks(self.engine, sides, untrained, self.pairing, self.rules, seed=seed)
        possible = max(self.cleaned.height * (self.cleaned.height - 1) / 2, 1.0)
        model = with_weights(untrained, trained, 0.5)
        matches = expected_matches(self.engine, sides, model, _PAIRS, possible)
        return with_weights(untrained, trained, min(max(matches, 1.0) / possible, 0.5))

    def _pairs(self) -> pl.DataFrame:
        keys = self.cleaned.select(INDEX, RECORD_ID)
        scored = self.engine.frame(
            f'SELECT * FROM "{_SCORED}" ORDER BY match_weight DESC, idx_l, idx_r'
        )
        return (
            scored.join(keys, left_on="idx_l", right_on=INDEX, how="left", maintain_order="left")
            .join(keys, left_on="idx_r", right_on=INDEX, how="left", suffix="_r",
                  maintain_order="left")
            .select(
                pl.col(RECORD_ID).alias("record_id_l"),
                "record_id_r",
                "match_weight",
                match_probability=1 / (1 + (-pl.col("match_weight") * math.log(2)).exp()),
            )
        )  # fmt: skip

    def _grouped(self) -> pl.DataFrame:
        keys = self.cleaned.select(INDEX, RECORD_ID)
        first = keys.rename({INDEX: "grp", RECORD_ID: "group_id"})
        return (
            self.engine.frame(f'SELECT * FROM "{_GROUPS}" ORDER BY idx')
            .join(keys, left_on="idx", right_on=INDEX, how="left", maintain_order="left")
            .join(first, on="grp", how="left", maintain_order="left")
            .select(RECORD_ID, "group_id", group_size=pl.len().over("group_id"))
        )
