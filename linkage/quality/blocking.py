"""What blocking never proposes, estimated on records whose person is known."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from linkage.errors import ConfigError
from linkage.intervals import bounds, share, wilson
from linkage.quality.trial import HIDDEN, Trial


def blocking_recall(trial: Trial) -> pl.DataFrame:
    """Share of the known true pairs that no blocking rule proposes.

    Args:
        trial: made with ``rules=True``.

    Returns:
        One row for each statement, ``of, known, missed, missed_share, missed_share_low,
        missed_share_high``. The first is about the records of the trial. With hidden numbers a
        second one is about the whole registry: the number finds some of the true pairs (n1), the
        rules without it find some of these again (m), so they find m of n1 of any true pairs, also
        of those that the number does not find (Lincoln and Petersen's capture and recapture). It
        assumes that a missing or wrong number goes with other damage no more often than by chance;
        where both come together the true share is higher.

    Raises:
        ConfigError: the trial does not say which rules propose the pairs.
    """
    proposed = _proposed(trial)
    counts = proposed.select(
        known=pl.len().cast(pl.Int64),
        missed=(pl.col("proposed_by").list.len() == 0).sum().cast(pl.Int64),
    ).with_columns(of=pl.lit("records whose person is known"))
    parts = [counts.with_columns(_missed(), *wilson("missed", "known", "missed_share"))]
    if trial.source == HIDDEN and trial.registered:
        # A number that agrees finds its owner; only the others are left to the rules.
        without = max(1 - trial.population / trial.registered, 0.0)
        whole = parts[0].with_columns(
            pl.lit("all records of the registry, their numbers in use").alias("of"),
            *(pl.col(f"missed_share{end}") * without for end in ("", "_low", "_high")),
        )
        parts.append(whole.with_columns(missed=pl.lit(None, dtype=pl.Int64)))
    return pl.concat(parts).select(
        "of", "known", "missed", "missed_share", "missed_share_low", "missed_share_high"
    )


def rule_contributions(trial: Trial, rules: Sequence[Sequence[str]]) -> pl.DataFrame:
    """What each blocking rule finds of the known true pairs, and what it alone finds.

    Args:
        trial: made with ``rules=True``.
        rules: the registry's blocking rules, in their order.

    Returns:
        ``rule, found, found_share, alone, alone_share, alone_share_low, alone_share_high``. A rule
        that finds nothing alone could be dropped without losing a known pair; rules on a number
        that is hidden find nothing here.

    Raises:
        ConfigError: the trial does not say which rules propose the pairs.
    """
    proposed = _proposed(trial)
    total = pl.lit(proposed.height, dtype=pl.Int64)
    single = pl.col("proposed_by").list.len() == 1
    counts = (
        proposed.with_columns(single=single)
        .explode("proposed_by", empty_as_null=True)
        .group_by(pl.col("proposed_by").alias("rule"))
        .agg(found=pl.len().cast(pl.Int64), alone=pl.col("single").sum().cast(pl.Int64))
    )
    named = pl.DataFrame({"rule": [" + ".join(rule) for rule in rules]}, schema={"rule": pl.String})
    whole = named.join(counts, on="rule", how="left", maintain_order="left").with_columns(
        pl.col("found", "alone").fill_null(0)
    )
    alone = share(pl.col("alone"), total)
    return whole.select(
        "rule",
        "found",
        share(pl.col("found"), total).alias("found_share"),
        "alone",
        alone.alias("alone_share"),
        *bounds(pl.col("alone") / total, total, "alone_share"),
    )


def _missed() -> pl.Expr:
    return share(pl.col("missed"), pl.col("known")).alias("missed_share")


def _proposed(trial: Trial) -> pl.DataFrame:
    """``proposed_by`` of the records whose pair is known."""
    if "proposed_by" not in trial.records.columns:
        message = f"the trial of '{trial.registry}' does not say which rules propose the pairs"
        raise ConfigError(
            message,
            expected="a column proposed_by",
            found=", ".join(trial.records.columns),
            hint="make the trial with rules=True",
        )
    return trial.records.select("proposed_by").drop_nulls()
