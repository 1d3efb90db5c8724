"""What became of every line of feedback, so that none is dropped silently."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from linkage.contracts import DECISIONS
from linkage.life.feedback import WITHDRAWN, Feedback
from linkage.link.told import DECIDED_BY
from linkage.shelf import part_of


def outcomes(
    feedback: Feedback,
    bound: pl.DataFrame,
    lists: Mapping[str, Mapping[str, pl.DataFrame]],
    people: pl.Series | None,
) -> pl.DataFrame:
    """The decisions list: one row per line of feedback.

    Args:
        feedback: the file.
        bound: decisions on cases that were found: ``row, registry, list, evidence, is_there, holds``.
        lists: by registry; ``records`` is read.
        people: keys of the population; None if that is not known.
    """
    found = bound.select(
        "row", "list", "evidence", "is_there", "holds", found_in="registry"
    ).unique("row", keep="first", maintain_order=True)
    links = _links(feedback, lists, people)
    open_, on_case = pl.col("outcome").is_null(), pl.col("on") == "case"
    on_cases = (
        pl.when(pl.col("decision") == WITHDRAWN)
        .then(pl.lit("applied"))
        .when(pl.col("found_in").is_null())
        .then(pl.lit("unknown_case"))
        .when(~pl.col("is_there"))
        .then(pl.lit("resolved"))
        .when(pl.col("holds"))
        .then(pl.lit("applied"))
        .otherwise(pl.lit("evidence_changed"))
    )
    told = (
        feedback.lines.join(found, on="row", how="left")
        .join(links, on="row", how="left")
        .with_columns(
            outcome=pl.when(~open_)
            .then("outcome")
            .when(on_case)
            .then(on_cases)
            .otherwise(pl.col("link_outcome").fill_null("applied")),
            registry=pl.coalesce("found_in", "registry"),
            evidence=pl.col("evidence").fill_null([]),
        )
    )
    return DECISIONS.check(told.select(*DECISIONS.columns).sort("row"))


def _links(
    feedback: Feedback,
    lists: Mapping[str, Mapping[str, pl.DataFrame]],
    people: pl.Series | None,
) -> pl.DataFrame:
    """``row, link_outcome`` of the decisions on links that are in force."""
    said = feedback.lines.filter(pl.col("outcome").is_null(), pl.col("on") == "link")
    asked = ("record_id", "decided_by", "link_status")
    records = pl.concat(
        part_of(own, "records", *asked)
        .filter(pl.col("record_id").is_in(said["record_id"].implode()))
        .with_columns(registry=pl.lit(registry))
        for registry, own in lists.items()
    )
    no_link = pl.col("link_status").is_in(["not_applicable", "rejected"])
    unheard = (pl.col("decision") == "right_link") & (pl.col("decided_by") != DECIDED_BY)
    strangers = pl.lit(value=False)
    if people is not None:
        strangers = ~pl.col("person_id").is_in(people.implode())
    outcome = (
        pl.when(pl.col("link_status").is_null())
        .then(pl.lit("unknown_record"))
        .when(strangers)
        .then(pl.lit("unknown_person"))
        .when(no_link | unheard)
        .then(pl.lit("not_a_person"))
        .otherwise(pl.lit("applied"))
    )
    return said.join(records, on=["registry", "record_id"], how="left").select(
        "row", link_outcome=outcome
    )
