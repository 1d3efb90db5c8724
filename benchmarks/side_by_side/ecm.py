"""recordlinkage: blocks, comparisons made binary, its ECM classifier; needs the extra ``evaluate``.

It holds all pairs in memory and compares them one by one, so it gets a sample of the records, as large
as its pairs allow. Without truth ECM links at a probability; 0.95 here as for Splink.
"""

from __future__ import annotations

import time
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.side_by_side import data
from benchmarks.side_by_side.decisions import THRESHOLD, Decided

MOST_PAIRS: Final = 1_000_000
SAMPLES: Final = (20_000, 5_000, 1_000)

BLOCKS: Final = (("pid",), ("old",), ("folded", "province"), ("detail", "province"))
BLOCKS_WITH_BIRTH: Final = (("dob", "given"), ("dob", "family"), ("folded", "year"))


def run(folder: Path, registry: str) -> Decided:
    """Link a sample of one registry."""
    began = time.perf_counter()
    records = _table(data.normalised_registry(folder, registry))
    people = _table(data.normalised_people(folder))
    sampled, pairs = _sampled(records, people)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas and numpy, about what recordlinkage calls
        scored = _scored(sampled, people, pairs)
    # nearly sure pairs all have the probability 1.0: the log-odds tell them apart
    top = pl.col("log_odds") == pl.col("log_odds").max().over("id")
    best = (
        scored.filter(top)
        .group_by("id")
        .agg(
            score=pl.col("log_odds").first(),
            linked=(pl.col("score") >= THRESHOLD).first(),
            review=pl.lit(value=False),
            person_id=pl.when(pl.col("person_id").n_unique() == 1).then(
                pl.col("person_id").first()
            ),
        )
    )
    note = f"{len(sampled):,} of {len(records):,} records, {len(pairs):,} pairs"
    return Decided(sampled["id"], best, time.perf_counter() - began, note)


def _table(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(old=pl.col("cmnds").list.last()).drop("cmnds")


def _sampled(records: pl.DataFrame, people: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The largest sample whose pairs recordlinkage can hold, and its pairs by row number."""
    born = records["dob"].null_count() < len(records)
    for size in SAMPLES:
        sampled = records.sample(min(size, len(records)), seed=1)
        pairs = _pairs(sampled, people, BLOCKS + (BLOCKS_WITH_BIRTH if born else ()))
        if len(pairs) <= MOST_PAIRS:
            break
    return sampled, pairs


def _pairs(
    records: pl.DataFrame, people: pl.DataFrame, blocks: tuple[tuple[str, ...], ...]
) -> pl.DataFrame:
    """Pairs that share a block; by polars, which recordlinkage's own index would only be slower in."""
    left, right = records.with_row_index("l"), people.with_row_index("r")
    found = [
        left.select("l", *block).drop_nulls().join(right.select("r", *block), on=list(block))
        for block in blocks
    ]
    return pl.concat([pairs.select("l", "r") for pairs in found]).unique().sort("l", "r")


def _scored(records: pl.DataFrame, people: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """``id, person_id, score, log_odds`` of every pair."""
    recordlinkage, pd = (import_module(name) for name in ("recordlinkage", "pandas"))
    index = pd.MultiIndex.from_arrays([pairs["l"].to_numpy(), pairs["r"].to_numpy()])
    features = _compare(records).compute(index, _pandas(records), _pandas(people)).astype(int)
    features = features.loc[:, features.nunique() > 1]  # it cannot weigh what never varies
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    score = pl.Series("score", classifier.prob(features).to_numpy())
    likelihood = classifier.kernel._joint_log_likelihood(features.to_numpy())
    log_odds = pl.Series("log_odds", likelihood[:, 1] - likelihood[:, 0])
    return pairs.select(
        id=records["id"].gather(pairs["l"]), person_id=people["id"].gather(pairs["r"])
    ).with_columns(score.fill_nan(None), log_odds.fill_nan(None))


def _pandas(frame: pl.DataFrame) -> Any:
    """With object columns, which its string comparisons expect."""
    pd = import_module("pandas")
    return pd.DataFrame({column: frame[column].to_list() for column in frame.columns}, dtype=object)


def _compare(records: pl.DataFrame) -> Any:
    compare = import_module("recordlinkage").Compare()
    compare.string("folded", "folded", method="jarowinkler", threshold=0.95, label="name")
    compare.exact("given", "given", label="given")
    compare.exact("pid", "pid", label="number")
    compare.string("pid", "pid", method="damerau_levenshtein", threshold=0.9, label="near number")
    compare.exact("old", "old", label="old number")
    compare.string("address", "address", method="jarowinkler", threshold=0.9, label="address")
    compare.exact("detail", "detail", label="detail")
    compare.exact("ward", "ward", label="ward")
    compare.exact("province", "province", label="province")
    if records["dob"].null_count() < len(records):
        compare.exact("dob", "dob", label="birth")
        compare.exact("year", "year", label="year")
    if records["sex"].null_count() < len(records):
        compare.exact("sex", "sex", label="sex")
    return compare
