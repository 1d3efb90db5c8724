"""Labels as the truth of a trial: checked, joined to records, and what they leave unknown."""

from __future__ import annotations

import polars as pl

from linkage.columns import INDEX, PERSON_ID, RECORD_ID
from linkage.errors import SourceError, did_you_mean


def judged(labels: pl.DataFrame, cleaned: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Labels with the indices of record and person.

    Args:
        labels: ``record_id, person_id, is_match``.
        cleaned: cleaned records.
        people: the cleaned register.

    Returns:
        ``record_id, person_id, is_match, idx, holder``, of records that are there; ``holder`` is
        null for people who are not in the register.
    """
    keys = people.select(PERSON_ID, pl.col(INDEX).alias("holder"))
    return (
        labels.select(pl.col(RECORD_ID, PERSON_ID).cast(pl.String), "is_match")
        .unique()
        .join(cleaned.select(RECORD_ID, INDEX), on=RECORD_ID, how="inner")
        .join(keys, on=PERSON_ID, how="left")
        .sort(INDEX, PERSON_ID)
    )


def truth_of(told: pl.DataFrame) -> pl.DataFrame:
    """``idx, holder, true`` of the labelled records; both null where pairs were only refused."""
    true = told.filter("is_match").select(INDEX, "holder", true="holder")
    nobody = pl.lit(None, dtype=pl.Int64)
    refused = refusals(told).select(INDEX).unique().with_columns(holder=nobody, true=nobody)
    return pl.concat([true, refused]).sort(INDEX)


def refusals(told: pl.DataFrame) -> pl.DataFrame:
    """Refused pairs of records without an accepted one."""
    accepted = told.filter("is_match")
    return told.filter(~pl.col("is_match")).join(accepted, on=INDEX, how="anti")


def without_unknown(decided: pl.DataFrame, told: pl.DataFrame, name: str) -> pl.DataFrame:
    """Drop records whose best candidate nobody judged: whether it is right is not known.

    Raises:
        SourceError: nothing is left.
    """
    refused = refusals(told).select(RECORD_ID, pl.col(PERSON_ID).alias("best_id"))
    open_ = pl.col(RECORD_ID).is_in(refused[RECORD_ID].unique().to_list())
    judged_best = decided.filter(open_).join(refused, on=[RECORD_ID, "best_id"], how="semi")
    kept = decided.filter(~open_ | pl.col(RECORD_ID).is_in(judged_best[RECORD_ID].to_list()))
    if not kept.height:
        message = f"no label fits a record of '{name}'"
        raise SourceError(
            message,
            expected="record_id and person_id as in the lists",
            found=f"{told.height} labels that fit a record, none its best candidate",
            hint="take the labels that were drawn from this source",
        )
    return kept


def check_labels(name: str, labels: pl.DataFrame) -> None:
    """Refuse labels that do not say of each pair whether it is one person, or contradict.

    Raises:
        SourceError: columns are missing or hold something else, or a record has two holders.
    """
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
