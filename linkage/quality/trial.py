"""Trials: what linking decides about records of which something else tells whose they are.

Two sources of truth. *Hidden numbers*: records whose own number says who holds them are linked again
without it; no label is needed. *Labels*: pairs that a person has judged, or generated truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from linkage.columns import INDEX, PERSON_ID, drawn
from linkage.errors import ConfigError
from linkage.link import LinkTables
from linkage.link.loading import whole_records
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.link.registry import AllByModel
from linkage.quality.holders import Holders, hide_numbers, holders
from linkage.quality.labels import check_labels, judged, truth_of, without_unknown
from linkage.quality.trying import decided, draw, rest_of, take_out
from linkage.session import Session
from linkage.thresholds import Thresholds

REST: Final = {"written": pl.String, "records": pl.Int64}
LOOKED_AT: Final = 4
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


@dataclass(frozen=True)
class Linked:
    """A registry that a run has linked and not yet decided.

    Attributes:
        tables: names of its tables.
        model: the weights that it was linked with; a trial takes them as they are.
        least: known holders below which no trial is worth making.
    """

    tables: LinkTables
    model: Model
    least: int = 1


def hidden_number_trial(
    session: Session,
    name: str,
    *,
    sample: int | None = 20_000,
    seed: int = 1,
    cleaned: pl.DataFrame | None = None,
    absent: float | None = None,
    rules: bool = False,
    linked: Linked | None = None,
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
        linked: the registry as it stands in the engine; else it is loaded. Then known holders are
            looked for among :data:`LOOKED_AT` times as many records as are tried, and not among all.

    Returns:
        Decisions and true holders of the drawn records.

    Raises:
        ConfigError: the registry shares no number and name with the register, or none agrees.
    """
    declaration = session.job.registries[name]
    tables, pairing = LinkTables(f"trial_{name}"), session.pairing(declaration)
    whole = linked or Linked(tables, session.model(name, pairing))
    if linked is None:
        if cleaned is None:
            cleaned = session.clean(name, session.read(name).rows)
        session.load_records(name, cleaned, tables, pairing)
    else:  # what is asked of all of them is as well known from some
        cleaned = _some_of(session, linked, tables, pairing, seed, sample)
    found = holders(session.engine, pairing, tables)
    undecided = _without_told(session, name, cleaned, found.known)
    if undecided.height < whole.least:
        raise _nothing_known(name, found)
    subjects = session.engine.frame(f'SELECT idx AS {INDEX} FROM "{tables.subjects}"')
    truth = draw(session, undecided, sample, seed, found.absent if absent is None else absent)
    records = cleaned.join(truth.drop("true"), on=INDEX, how="inner", maintain_order="left")
    hidden = hide_numbers(records.drop("holder"), declaration.fields)
    by_model = AllByModel.of(declaration.link, adapt=linked is None and declaration.link.adapt)
    session.link(name, hidden, tables, pairing, whole.model, rules=by_model)
    take_out(session, tables, truth)
    asked = declaration.link.block if rules else None
    tried = decided(session, name, tables, records, truth, asked)
    session.engine.drop(*tables.all)
    return Trial(
        registry=name,
        records=tried,
        thresholds=declaration.link.thresholds,
        source=HIDDEN,
        sampled=truth.height,
        population=found.known.height,
        registered=subjects.height,
        absent=truth["true"].null_count() / truth.height,
        rest=rest_of(cleaned, subjects.join(found.known, on=INDEX, how="anti"), pairing),
    )


def _some_of(
    session: Session,
    linked: Linked,
    tables: LinkTables,
    pairing: Pairing,
    seed: int,
    sample: int | None,
) -> pl.DataFrame:
    """Draw some records of a linked registry for a trial; return them cleaned."""
    some = drawn(seed, None if sample is None else LOOKED_AT * sample)
    session.engine.drop(tables.subjects)
    session.engine.run(
        f'CREATE TABLE "{tables.subjects}" AS SELECT f.* FROM "{linked.tables.subjects}" f'
        f' SEMI JOIN (SELECT {INDEX} FROM "{linked.tables.subjects}" {some}) d'
        f" ON d.{INDEX} = f.{INDEX}"
    )
    return whole_records(session.engine, linked.tables, tables.subjects, pairing)


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
    check_labels(name, labels)
    declaration = session.job.registries[name]
    tables, pairing = LinkTables(f"trial_{name}"), session.pairing(declaration)
    if cleaned is None:
        cleaned = session.clean(name, session.read(name).rows)
    session.link(name, cleaned, tables, pairing, session.model(name, pairing))
    registered = session.engine.number(f'SELECT count(*) FROM "{tables.subjects}"')
    people = session.population.people(session.engine, INDEX, PERSON_ID)
    told = judged(labels, cleaned, people)
    truth = _without_told(session, name, cleaned, truth_of(told))
    records = cleaned.join(truth.select(INDEX, "holder"), on=INDEX, how="inner").sort(INDEX)
    asked = declaration.link.block if rules else None
    kept = without_unknown(decided(session, name, tables, records, truth, asked), told, name)
    session.engine.drop(*tables.all)
    return Trial(
        registry=name,
        records=kept,
        thresholds=declaration.link.thresholds,
        source=LABELS,
        sampled=kept.height,
        population=registered,
        registered=registered,
    )


def _without_told(
    session: Session, name: str, cleaned: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """Leave out what is known of records that feedback speaks of: it decides them, not the model."""
    if session.told is None:
        return known
    told = session.told.filter(pl.col("registry") == name).select("record_id")
    decided = cleaned.select(INDEX, "record_id").join(told, on="record_id", how="semi")
    return known.join(decided, on=INDEX, how="anti")


def _nothing_known(name: str, found: Holders) -> ConfigError:
    message = f"no record of '{name}' can tell by its number who holds it"
    return ConfigError(
        message,
        expected="identity numbers and names in the registry and in the population register",
        found=f"{found.numbered:,} readable numbers, {found.owned:,} of them in the register",
        hint="map 'personal_id' and 'full_name' of both, or give labels",
    )
