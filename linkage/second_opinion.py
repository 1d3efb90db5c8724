"""A second opinion: recordlinkage's ECM classifier on the candidate pairs of a run.

It sees the same pairs and whether each field speaks for a pair, and how well: not how much that weighs,
no name frequencies, no candidates beside each other. Where two methods that share so little disagree
strongly, a person should look. A diagnosis first (:func:`agreement`, :func:`disagreements`); a job may
ask for more with ``link: second_opinion: review``, and then a link that ECM would not make goes to
review. Without that line no list changes, whether or not the library is installed.

What the library would get wrong, and what is done about it here:

* It takes yes and no alone: a field becomes two columns, "speaks for the pair" and "agrees fully".
  One for every level was tried: the columns say the same too often, and ECM grew far too sure.
* It takes a missing value for a disagreement. Pairs are therefore judged by the fields that both
  sides have, each set of fields by a classifier of its own.
* It fails, or learns nonsense, on columns that never vary and on few pairs: these are left out, and
  there is no opinion (null) where nothing is left to judge by.
* It multiplies the logarithm of zero as soon as a class never shows a value: no chance falls below
  one in a thousand.
* A second ``fit`` adds to the first: every fit gets a new classifier.
* Its two classes may come out exchanged: an opinion under which full agreement is less likely than
  full disagreement is thrown away.
* Its run time grows with the rows: it learns from patterns, repeated by their frequency.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module, util
from typing import Any, Final, Protocol

import numpy as np
import polars as pl

from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ConfigError
from linkage.link.model import FieldComparison, Model
from linkage.link.tables import LinkTables

__all__ = [
    "agreement",
    "asked_for",
    "disagreements",
    "doubted",
    "require",
    "reviewed",
    "second_opinion",
]

UNLIKELY: Final = 0.05
"""At or below, ECM holds a pair for two people."""
LIKELY: Final = 0.95
LEAST_PAIRS: Final = 500
"""Pairs with the same fields on both sides, below which ECM has nothing to learn from."""
LEAST_FIELDS: Final = 2
LEARNT_FROM: Final = 50_000
"""Rows that it is given at most."""
LEAST_CHANCE: Final = 1e-3
"""Of any level, in either class."""
REASON: Final = "SECOND_OPINION"

_GAMMA: Final = "gamma_"


class Asking(Protocol):
    """The ``link`` part of a declaration."""

    @property
    def second_opinion(self) -> str | None:
        """``review`` or None."""


def asked_for(link: Asking) -> bool:
    """Whether a registry's links are to be held against the second opinion.

    Args:
        link: the ``link`` part of its declaration.

    Raises:
        ConfigError: they are, and recordlinkage is not installed.
    """
    if link.second_opinion is None:
        return False
    require()
    return True


def require() -> None:
    """Refuse to go on without recordlinkage.

    Raises:
        ConfigError: says how to install it.
    """
    missing = [name for name in ("recordlinkage", "pandas") if util.find_spec(name) is None]
    if missing:
        message = "a second opinion needs recordlinkage, which is not installed"
        raise ConfigError(
            message,
            expected="the extra 'evaluate'",
            found=f"no {' and no '.join(missing)}",
            hint="pip install 'registry-linkage[evaluate]', or leave out 'second_opinion: review'",
        )


def second_opinion(candidates: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The probability that each candidate pair is one person, by ECM alone.

    Args:
        candidates: ``idx_l, idx_r`` and, for every comparison of the model, ``gamma_<name>``: the
            level reached, -1 where a side lacks the field.
        model: which comparisons there are, and which of their levels speak for a pair (m above u).

    Returns:
        ``idx_l, idx_r, probability``, one row per pair in their order; the probability is null where
        the pairs with the same fields are too few or too much alike to judge.

    Raises:
        ConfigError: recordlinkage is not installed.
    """
    require()
    features = _features(candidates, model)
    names = features.columns[2:]
    patterns = features.group_by(names).len("pairs").sort(names)
    nothing = patterns.clear().select(*names, probability=pl.lit(None, dtype=pl.Float64))
    judged = pl.concat([nothing, *_judged(patterns, names)])
    found = features.join(judged, on=names, how="left", nulls_equal=True, maintain_order="left")
    return found.select("idx_l", "idx_r", "probability")


def _features(candidates: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Of each field: 0 its level speaks against the pair, 1 for it, 2 the best; null not compared."""
    return candidates.select("idx_l", "idx_r", *(_step(model, c) for c in _independent(model)))


def _step(model: Model, compared: FieldComparison) -> pl.Expr:
    weights = model.weights[compared.name].items()
    for_it = [compared.gamma(label) for label, (m, u) in weights if m > u]
    gamma = pl.col(f"{_GAMMA}{compared.name}")
    step = gamma.is_in(for_it).cast(pl.Int8) + (gamma == max(for_it, default=-1)).cast(pl.Int8)
    return pl.when(gamma >= 0).then(step).alias(compared.name)


def _independent(model: Model) -> list[FieldComparison]:
    """One comparison a field: ECM takes fields for independent."""
    return [compared for compared in model.comparisons if compared.first]


def _judged(patterns: pl.DataFrame, names: list[str]) -> Iterator[pl.DataFrame]:
    """Every pattern with its probability, one set of present fields after another."""
    present = pl.concat_list(
        pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in names
    )
    sets = patterns.with_columns(present.list.drop_nulls().alias("fields"))
    for fields in sets["fields"].unique(maintain_order=True).to_list():
        mine = sets.filter(pl.col("fields") == pl.lit(fields, pl.List(pl.String)))
        # what is known of more fields tells as much of these
        learnt_from = sets.drop_nulls(fields).group_by(fields).agg(pl.col("pairs").sum())
        opinion = _opinion(learnt_from.sort(fields), mine, fields) if fields else None
        yield mine.select(*names, probability=pl.lit(opinion, dtype=pl.Float64))


def _opinion(
    learnt_from: pl.DataFrame, judged: pl.DataFrame, fields: list[str]
) -> pl.Series | None:
    """ECM's probability of each row of ``judged``, or None if it cannot tell."""
    varying = [name for name in fields if learnt_from[name].n_unique() > 1]
    if len(varying) < LEAST_FIELDS or learnt_from["pairs"].sum() < LEAST_PAIRS:
        return None
    recordlinkage, pandas = import_module("recordlinkage"), import_module("pandas")
    share = min(1.0, LEARNT_FROM / learnt_from["pairs"].sum())
    times = np.maximum(1, np.rint(learnt_from["pairs"].to_numpy() * share)).astype(np.int64)
    steps = [
        pl.col(name).ge(level).cast(pl.Int8).alias(f"{name} {level}")
        for name in varying
        for level in learnt_from[name].unique().sort()[1:]
    ]
    ends = learnt_from.select(pl.col(varying).max()), learnt_from.select(pl.col(varying).min())
    asked = pl.concat([judged.select(varying), *ends]).select(steps)
    rows = np.repeat(learnt_from.select(steps).to_numpy(), times, axis=0)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of pandas, scikit-learn and log(0)
        classifier = _classifier(recordlinkage)
        classifier.fit(pandas.DataFrame(rows, columns=asked.columns))
        told = classifier.prob(pandas.DataFrame(asked.to_numpy(), columns=asked.columns))
    found = pl.Series(told.to_numpy(dtype=np.float64), nan_to_null=True)
    best, worst = found[-2], found[-1]
    return found[:-2] if best is not None and worst is not None and best > worst else None


def _classifier(recordlinkage: Any) -> Any:
    """A new classifier to which nothing is impossible."""
    classifier = recordlinkage.ECMClassifier()
    kernel = classifier.kernel
    likelihood = kernel._joint_log_likelihood

    def never_impossible(rows: Any) -> Any:
        kernel.feature_log_prob_ = np.clip(kernel.feature_log_prob_, np.log(LEAST_CHANCE), 0.0)
        return likelihood(rows)

    kernel._joint_log_likelihood = never_impossible
    return classifier


# --- what a job does with it ----------------------------------------------------------------------


def reviewed(engine: DuckDBEngine, tables: LinkTables, model: Model) -> None:
    """Send links that the second opinion would not make to review, for ``SECOND_OPINION``.

    Links of the exact pass stay: they have no candidate pair to judge.

    Args:
        engine: where the tables are.
        tables: names; ``candidates`` and ``decisions`` are read, ``decisions`` is changed.
        model: weights that the registry was linked with.
    """
    decisions = engine.frame(
        f'SELECT idx, link_status, person, decided_by FROM "{tables.decisions}" ORDER BY idx'
    )
    sent = doubted(decisions, second_opinion(_candidates(engine, tables, model), model))
    engine.put("__doubted", pl.DataFrame({"idx": sent}))
    engine.run(
        f"UPDATE \"{tables.decisions}\" SET link_status = 'review', person = NULL,"
        f" reasons = ['{REASON}'] WHERE idx IN (SELECT idx FROM __doubted)"
    )
    engine.drop("__doubted")


def doubted(decisions: pl.DataFrame, opinion: pl.DataFrame) -> pl.Series:
    """``idx`` of the records that the model links and ECM holds for somebody else's.

    Args:
        decisions: ``idx, link_status, person, decided_by``.
        opinion: what :func:`second_opinion` returned.
    """
    by_model = decisions.filter(
        (pl.col("link_status") == "linked") & (pl.col("decided_by") == "model")
    )
    pairs = by_model.select("idx", "person").join(
        opinion, left_on=["idx", "person"], right_on=["idx_l", "idx_r"], how="inner"
    )
    return pairs.filter(pl.col("probability") <= UNLIKELY)["idx"].sort()


def _candidates(engine: DuckDBEngine, tables: LinkTables, model: Model) -> pl.DataFrame:
    levels = "".join(f', "{_GAMMA}{compared.name}"' for compared in _independent(model))
    return engine.frame(f'SELECT idx_l, idx_r{levels} FROM "{tables.candidates}"')


# --- diagnosis ------------------------------------------------------------------------------------


def agreement(candidates: pl.DataFrame, opinion: pl.DataFrame) -> pl.DataFrame:
    """How far the two agree, pair by pair.

    Args:
        candidates: ``idx_l, idx_r, match_weight``.
        opinion: what :func:`second_opinion` returned for them.

    Returns:
        ``ours, ecm, pairs, share``: bands of the probability (``no`` up to 0.05, ``yes`` from 0.95,
        ``unsure`` between, ``none`` where ECM has no opinion), and how many pairs fall there.
    """
    both = _both(candidates, opinion)
    bands = both.select(ours=_band("ours"), ecm=_band("ecm"))
    counted = bands.group_by("ours", "ecm").len("pairs").sort("ours", "ecm")
    return counted.with_columns(share=pl.col("pairs") / both.height)


def disagreements(
    candidates: pl.DataFrame,
    opinion: pl.DataFrame,
    model: Model,
    record_ids: pl.Series,
    *,
    most: int = 20,
) -> pl.DataFrame:
    """The pairs about which the two differ most.

    Args:
        candidates: ``idx_l, idx_r, match_weight`` and the levels ``gamma_<name>``.
        opinion: what :func:`second_opinion` returned for them.
        model: names the levels.
        record_ids: keys of the records, by ``idx``.
        most: rows to return at most.

    Returns:
        ``record_id, ours, ecm`` and, per comparison, the name of the level that the pair reached
        (null: not compared); widest apart first. No value of a record or person.
    """
    levels = [
        pl.col(f"{_GAMMA}{c.name}")
        .replace_strict(dict(enumerate(c.labels)), default=None, return_dtype=pl.String)
        .alias(c.name)
        for c in _independent(model)
    ]
    apart = (pl.col("ours") - pl.col("ecm")).abs()
    rows = _both(candidates, opinion).drop_nulls("ecm")
    rows = rows.sort(apart, "idx_l", "idx_r", descending=[True, False, False]).head(most)
    return rows.select(record_ids.gather(rows["idx_l"]).alias("record_id"), "ours", "ecm", *levels)


def _both(candidates: pl.DataFrame, opinion: pl.DataFrame) -> pl.DataFrame:
    joined = candidates.join(
        opinion.rename({"probability": "ecm"}), on=["idx_l", "idx_r"], how="left", validate="1:1"
    )
    return joined.with_columns(ours=1 / (1 + 2.0 ** -pl.col("match_weight")))


def _band(column: str) -> pl.Expr:
    value = pl.col(column)
    return (
        pl.when(value.is_null())
        .then(pl.lit("none"))
        .when(value <= UNLIKELY)
        .then(pl.lit("no"))
        .when(value >= LIKELY)
        .then(pl.lit("yes"))
        .otherwise(pl.lit("unsure"))
    )
