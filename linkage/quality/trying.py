"""Steps of a trial: which records are drawn, what is decided about them, how the rest is written."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from linkage.columns import INDEX, RECORD_ID, drawn
from linkage.decide import DecisionInput, decide, decisions_of
from linkage.link import LinkTables
from linkage.link.pairing import Pairing
from linkage.link.posterior import estimate_shares
from linkage.population import PEOPLE_FEATURES
from linkage.quality.attributes import GROUPED, how_written, strata_of
from linkage.quality.proposals import proposals
from linkage.session import Session


def draw(
    session: Session, known: pl.DataFrame, sample: int | None, seed: int, absent: float
) -> pl.DataFrame:
    """Draw records whose holder is known; some of them play a holder whom the register lacks.

    Args:
        session: the job at work.
        known: ``idx, holder``.
        sample: most records to draw; None for all.
        seed: the order of the draw follows it and the indices alone.
        absent: share that plays an absent holder.

    Returns:
        ``idx, holder, true`` in order of ``idx``; ``true`` is null where the holder is absent.
    """
    session.engine.put("__known", known)
    found = session.engine.frame(f"SELECT {INDEX}, holder FROM __known {drawn(seed, sample)}")
    session.engine.drop("__known")
    missing = pl.int_range(pl.len()) < round(absent * found.height)
    return found.with_columns(true=pl.when(~missing).then("holder")).sort(INDEX)


def rest_of(cleaned: pl.DataFrame, others: pl.DataFrame, pairing: Pairing) -> pl.DataFrame:
    """How the records are written whose number does not tell the holder."""
    return (
        cleaned.join(others, on=INDEX, how="semi")
        .select(how_written(pairing, cleaned.columns))
        .group_by("written")
        .agg(records=pl.len().cast(pl.Int64))
        .sort("written")
    )


def take_out(session: Session, tables: LinkTables, truth: pl.DataFrame) -> None:
    """Remove absent holders from the candidates of their records."""
    session.engine.put("__missing", truth.filter(pl.col("true").is_null()))
    session.engine.run(
        f'DELETE FROM "{tables.candidates}" c USING __missing m'
        " WHERE c.idx_l = m.idx AND c.idx_r = m.holder"
    )
    session.engine.drop("__missing")


def decided(
    session: Session,
    name: str,
    tables: LinkTables,
    records: pl.DataFrame,
    truth: pl.DataFrame,
    rules: Sequence[Sequence[str]] | None,
) -> pl.DataFrame:
    """Decide what was linked; the rows of a trial.

    Args:
        session: the job at work.
        name: the registry.
        tables: linked, not yet decided.
        records: cleaned records of the trial with ``holder``, whose strata they belong to.
        truth: ``idx, holder, true``: indices; ``true`` is null where no link is right.
        rules: blocking rules to ask who proposes the pair, or None.
    """
    declaration = session.job.registries[name]
    pairing = session.pairing(declaration)
    given = DecisionInput(
        session.model(name, pairing),
        pairing,
        declaration.link.thresholds,
        PEOPLE_FEATURES,
        estimate_shares(session.engine, tables),
        differing=False,
    )
    decide(session.engine, given, tables)
    decisions = decisions_of(session.engine, tables).filter(
        pl.col("link_status") != "not_applicable"
    )
    best = session.engine.frame(
        f"SELECT idx_l AS {INDEX}, idx_r AS best, alone AS pair_probability"
        f' FROM "{tables.ranked}" WHERE rank = 1'
    )
    session.engine.put("__holders", records.select(pl.col("holder").unique()))
    people = session.population.people(
        session.engine, *GROUPED, which=f"{INDEX} IN (SELECT holder FROM __holders)"
    )
    session.engine.drop("__holders")
    strata = strata_of(records, people, pairing, session.job.config.reference_date)
    whole = (
        records.select(INDEX, RECORD_ID)
        .join(truth, on=INDEX, how="left", maintain_order="left")
        .join(decisions, on=INDEX, how="inner", maintain_order="left")
        .join(best, on=INDEX, how="left", maintain_order="left")
        .join(strata, on=INDEX, how="left", maintain_order="left")
    )
    extra = []
    if rules is not None:
        known = truth.drop_nulls("holder").select(INDEX, "holder")
        extra = ["proposed_by"]
        proposed = proposals(session.engine, pairing, tables, rules, known)
        whole = whole.join(proposed, on=INDEX, how="left", maintain_order="left")
    # What the exact pass settled has no candidates.
    whole = whole.with_columns(best=pl.coalesce("best", "person"))
    keys = session.population.keys(session.engine)
    named = {"person_id": "person", "best_id": "best", "true_person": "true"}
    return whole.select(
        RECORD_ID,
        "link_status",
        *(keys.gather(whole[index]).alias(column) for column, index in named.items()),
        "match_weight",
        "match_probability",
        "pair_probability",
        pl.col("runner_up_margin").cast(pl.Float64),
        "decided_by",
        *strata.columns[1:],
        *extra,
    )
