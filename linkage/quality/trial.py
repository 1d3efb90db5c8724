"""Trials: what linking decides about records of which something else tells whose they are.

Two sources of truth. *Hidden numbers*: records whose own number says who holds them are linked again
without it; no label is needed. *Labels*: pairs that a person has judged, or generated truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from linkage.columns import INDEX, PERSON_ID, RECORD_ID
from linkage.decide import DecisionInput, Thresholds, decide
from linkage.errors import ConfigError, SourceError, did_you_mean
from linkage.explain import AllByModel
from linkage.link import LinkTables
from linkage.link.pairing import Pairing
from linkage.link.posterior import estimate_shares
from linkage.population import PEOPLE_FEATURES
from linkage.quality.attributes import how_written, strata_of
from linkage.quality.holders import Holders, hide_numbers, holders
from linkage.quality.proposals import proposals
from linkage.session import Session

REST: Final = {"written": pl.String, "records": pl.Int64}
HIDDEN: Final = "hidden number"
LABELS: Final = "labels"


@dataclass(frozen=True, repr=False)
class Trial:
    """Decisions of a registry's records beside what is known of whose they are.

    Attributes:
        registry: where the records stand.
        records: one row per record that could be linked: ``record_id``, ``link_status``,
            ``person_id`` (person linked, or null), ``best_id`` (best candidate, or null),
            ``true_person`` (null: known to be nobody's, or at least not the best candidate's),
            ``match_weight``, ``match_probability`` (the record's, of the best candidate),
            ``pair_probability`` (as if it were the only candidate: review is decided by it; null
            for what the exact pass settled), ``runner_up_margin`` (bits; null: no other candidate),
            ``decided_by``; strata ``sex``, ``age_band``, ``province``, ``urban``, ``name_kind``,
            ``number_kind``, ``written`` (null: unknown); where it was asked for, ``proposed_by``,
            the blocking rules that propose the true pair.
        thresholds: those in force.
        source: ``hidden number`` or ``labels``.
        sampled: records drawn.
        population: records that they stand for.
        registered: all records of the registry that may be linked.
        absent: share of the records whose holder was taken out of the candidates.
        rest: ``written, records``: how the registry's other records are written, those whose number
            does not tell the holder; empty with labels.
    """

    registry: str
    records: pl.DataFrame
    thresholds: Thresholds
    source: str
    sampled: int
    population: int
    registered: int = 0
    absent: float = 0.0
    rest: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REST))

    def __repr__(self) -> str:
        """Counts only."""
        return (
            f"<Trial {self.registry}: {self.sampled:,} of {self.population:,} records,"
            f" by {self.source}>"
        )


def hidden_number_trial(
    session: Session,
    name: str,
    *,
    sample: int | None = 20_000,
    seed: int = 1,
    cleaned: pl.DataFrame | None = None,
    absent: float | None = None,
    rules: bool = False,
) -> Trial:
    """Hide the numbers of records whose holder is known by them, and link on the rest.

    It measures the records that have *no* number to link on; where a number agrees, links are as
    good as the number. Three biases remain. Records count only where name and birth date are close
    to the owner's (else a borrowed number would pass for truth), so the worst damaged are missing
    and recall is somewhat too high. Records that never had a number may be written worse than
    those that do, or better: ``rest`` says what can be seen of it, and estimates for the registry
    are weighted by it. And corroboration or competition sees the drawn records only.

    Args:
        session: the job at work.
        name: a registry of the job.
        sample: most records to draw; None for all.
        seed: which are drawn.
        cleaned: the registry's cleaned records, if they are at hand; else they are read.
        absent: share of the drawn records that play a holder whom the register lacks: their
            holder is taken out of their candidates, so that any link is wrong. None takes the
            share that the registry's own numbers show; 0 for none.
        rules: also note which blocking rules propose the true pair (``proposed_by``); it costs
            about as much as linking the drawn records once more.

    Returns:
        Decisions and true holders of the drawn records.

    Raises:
        ConfigError: the registry shares no number and name with the register, or none agrees.
    """
    declaration = session.job.registries[name]
    tables, pairing = LinkTables(f"trial_{name}"), session.pairing(declaration)
    if cleaned is None:
        cleaned = session.clean(name, session.read(name).rows)
    session.load_records(name, cleaned, tables, pairing)
    found = holders(session.engine, pairing, tables)
    if not found.known.height:
        raise _nothing_known(name, found)
    subjects = session.engine.frame(f'SELECT idx AS {INDEX} FROM "{tables.subjects}"')
    drawn = _drawn(session, found.known, sample, seed)
    share = found.absent if absent is None else absent
    missing = drawn.head(round(share * drawn.height))
    known = drawn.sort(INDEX)
    records = cleaned.join(known, on=INDEX, how="inner", maintain_order="left")
    hidden = hide_numbers(records.drop("holder"), declaration.fields)
    by_model = AllByModel([*declaration.link.exact, *declaration.link.block])
    session.link(name, hidden, tables, pairing, session.model(name, pairing), rules=by_model)
    _take_out(session, tables, missing)
    truth = known.with_columns(
        true=pl.when(~pl.col(INDEX).is_in(missing[INDEX].to_list())).then("holder")
    )
    asked = declaration.link.block if rules else None
    decided = _decided(session, name, tables, records, truth, asked)
    session.engine.drop(*tables.all)
    return Trial(
        registry=name,
        records=decided,
        thresholds=declaration.link.thresholds,
        source=HIDDEN,
        sampled=known.height,
        population=found.known.height,
        registered=subjects.height,
        absent=missing.height / known.height,
        rest=_rest(cleaned, subjects.join(found.known, on=INDEX, how="anti"), pairing),
    )


def labelled_trial(
    session: Session,
    name: str,
    labels: pl.DataFrame,
    *,
    cleaned: pl.DataFrame | None = None,
    rules: bool = False,
) -> Trial:
    """Link a whole registry as a run does, and keep the records that labels tell about.

    Args:
        session: the job at work.
        name: a registry of the job.
        labels: ``record_id, person_id, is_match``: judged pairs, or the truth (a null
            ``person_id`` with ``is_match`` says that the record is nobody's). A record with
            nothing but refused pairs counts where its best candidate is one of them: then
            ``true_person`` is null, for the best candidate is known to be wrong.
        cleaned: the registry's cleaned records, if they are at hand; else they are read.
        rules: also note which blocking rules propose the true pair (``proposed_by``).

    Returns:
        Decisions and true holders of the labelled records.

    Raises:
        SourceError: columns are missing, a record has two holders, or no label fits a record.
    """
    _check_labels(name, labels)
    declaration = session.job.registries[name]
    tables, pairing = LinkTables(f"trial_{name}"), session.pairing(declaration)
    if cleaned is None:
        cleaned = session.clean(name, session.read(name).rows)
    session.link(name, cleaned, tables, pairing, session.model(name, pairing))
    registered = session.engine.number(f'SELECT count(*) FROM "{tables.subjects}"')
    people = session.population.cleaned.select(PERSON_ID, pl.col(INDEX).alias("holder"))
    judged = (
        labels.select(pl.col(RECORD_ID, PERSON_ID).cast(pl.String), "is_match")
        .unique()
        .join(cleaned.select(RECORD_ID, INDEX), on=RECORD_ID, how="inner")
        .join(people, on=PERSON_ID, how="left")
    )
    true = judged.filter("is_match").select(INDEX, "holder", true="holder")
    refused = judged.filter(~pl.col("is_match")).join(true, on=INDEX, how="anti")
    told = refused.select(INDEX).unique().with_columns(
        holder=pl.lit(None, dtype=pl.Int64), true=pl.lit(None, dtype=pl.Int64)
    )  # fmt: skip
    truth = pl.concat([true, told]).sort(INDEX)
    records = cleaned.join(truth.select(INDEX, "holder"), on=INDEX, how="inner")
    asked = declaration.link.block if rules else None
    decided = _decided(session, name, tables, records.sort(INDEX), truth, asked)
    session.engine.drop(*tables.all)
    refused_best = refused.select(RECORD_ID, pl.col(PERSON_ID).alias("best_id"))
    only_refused = decided[RECORD_ID].is_in(refused[RECORD_ID].unique().to_list())
    kept = pl.concat(
        [
            decided.filter(~only_refused),
            decided.filter(only_refused).join(
                refused_best, on=[RECORD_ID, "best_id"], how="semi", maintain_order="left"
            ),
        ]
    )
    if not kept.height:
        message = f"no label fits a record of '{name}'"
        raise SourceError(
            message,
            expected="record_id and person_id as in the lists",
            found=f"{labels.height} labels of other records or candidates",
            hint="take the labels that were drawn from this source",
        )
    return Trial(
        registry=name,
        records=kept,
        thresholds=declaration.link.thresholds,
        source=LABELS,
        sampled=kept.height,
        population=registered,
        registered=registered,
    )


# --- what both have in common ---------------------------------------------------------------------


def _drawn(session: Session, known: pl.DataFrame, sample: int | None, seed: int) -> pl.DataFrame:
    """Known holders in an order that follows the seed alone, cut off at the sample."""
    session.engine.put("__known", known)
    limit = "" if sample is None else f" LIMIT {int(sample)}"
    drawn = session.engine.frame(
        f"SELECT {INDEX}, holder FROM __known"
        f" ORDER BY hash({INDEX} + {int(seed)} * 1000003), {INDEX}{limit}"
    )
    session.engine.drop("__known")
    return drawn


def _rest(cleaned: pl.DataFrame, others: pl.DataFrame, pairing: Pairing) -> pl.DataFrame:
    """How the records are written whose number does not tell the holder."""
    return (
        cleaned.join(others, on=INDEX, how="semi")
        .select(how_written(pairing, cleaned.columns))
        .group_by("written")
        .agg(records=pl.len().cast(pl.Int64))
        .sort("written")
    )


def _take_out(session: Session, tables: LinkTables, missing: pl.DataFrame) -> None:
    """Remove the true holders of some records from the candidates."""
    session.engine.put("__missing", missing)
    session.engine.run(
        f'DELETE FROM "{tables.candidates}" c USING __missing m'
        " WHERE c.idx_l = m.idx AND c.idx_r = m.holder"
    )
    session.engine.drop("__missing")


def _decided(
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
    )
    decisions = decide(session.engine, given, tables).filter(
        pl.col("link_status") != "not_applicable"
    )
    best = session.engine.frame(
        f"SELECT idx_l AS {INDEX}, idx_r AS best, alone AS pair_probability"
        f' FROM "{tables.ranked}" WHERE rank = 1'
    )
    strata = strata_of(records, session.population, pairing, session.job.config.reference_date)
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
    keys = session.population.cleaned[PERSON_ID]
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


def _nothing_known(name: str, found: Holders) -> ConfigError:
    message = f"no record of '{name}' can tell by its number who holds it"
    return ConfigError(
        message,
        expected="identity numbers and names in the registry and in the population register",
        found=f"{found.numbered:,} readable numbers, {found.owned:,} of them in the register",
        hint="map 'personal_id' and 'full_name' of both, or give labels",
    )


def _check_labels(name: str, labels: pl.DataFrame) -> None:
    wanted = (RECORD_ID, PERSON_ID, "is_match")
    missing = [column for column in wanted if column not in labels.columns]
    if missing:
        message = f"the labels of '{name}' have no column '{missing[0]}'"
        raise SourceError(
            message,
            expected=", ".join(wanted),
            found=", ".join(labels.columns) or "no columns",
            hint=did_you_mean(missing[0], labels.columns),
        )
    if labels.schema["is_match"] != pl.Boolean or labels["is_match"].null_count():
        message = f"the labels of '{name}' do not say of each pair whether it is one person"
        raise SourceError(
            message,
            expected="true or false in is_match",
            found=f"{labels.schema['is_match']}, {labels['is_match'].null_count()} empty",
            hint="leave out the pairs that nobody judged",
        )
    matches = labels.filter("is_match").select(pl.col(RECORD_ID, PERSON_ID)).unique()
    several = matches.height - matches[RECORD_ID].n_unique()
    if several:
        message = f"the labels of '{name}' give some records two holders"
        raise SourceError(
            message,
            expected="one person at most per record with is_match",
            found=f"{several} more",
            hint="settle these pairs, or leave them out",
        )
