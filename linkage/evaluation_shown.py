"""An evaluation as a terminal shows it: fewer and shorter columns, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

import polars as pl

from linkage.evaluation import Evaluation

EXPLAINED: Final[Mapping[str, str]] = {
    "links": "true links: records whose person is known; unlabelled: records without truth; wrong"
    " per 10k: wrong links per 10,000 linked; review: share of records in review",
    "by_reason": "a record with two reasons counts under both; shown: share of reviewed records"
    " whose true person is among the candidates shown",
    "cases": "true: records that the truth flags; correct: those that are flagged on both sides",
    "duplicates": "extra: records beyond the first of each group; pairs: two records of one group;"
    " precision and recall count pairs",
    "groups": "extra: as above; found: listed beside another of its group, and not to keep; pure:"
    " groups that hold one thing; recall: of extra records; no reason: the whole list",
    "lists": "true: records that the truth holds grave (more than 4 to 9 numbers of one holder);"
    " correct: flagged for what the truth says; by kind, flagged with severity medium and above",
    "harm": "wrongful: cases of honest holders; per 10k: of 10,000 honest holders; automatic: beyond"
    " notify; leaving aside the mere count of numbers of severity info",
    "corrections": "other person: the record is not of the person linked; other value: the truth has"
    " another; no kind: the whole list",
}
"""Part of an evaluation to a line that says what its columns mean."""

_NOT_FOR_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "by_reason": ("recall", "f1"),  # within one disposition they are 0 or 1 by definition
    "duplicates": ("true_groups", "found_groups"),
}


_WITH_INTERVALS: Final = ("links", "groups", "lists", "harm", "corrections")


def for_people(found: Evaluation) -> dict[str, pl.DataFrame]:
    """The frames of an evaluation as a terminal shows them: with fewer and shorter columns.

    Returns:
        Part to frame, in the order of :class:`Evaluation`.
    """
    parts = {one.name: getattr(found, one.name) for one in fields(found)}
    shown = {name: part.drop(_NOT_FOR_PEOPLE.get(name, ())) for name, part in parts.items()}
    return {
        name: with_intervals(frame) if name in _WITH_INTERVALS else frame
        for name, frame in shown.items()
    }


def with_intervals(links: pl.DataFrame) -> pl.DataFrame:
    """The ``links`` frame for people: both bounds of an interval in one column, as text."""
    shown = []
    for name in links.columns:
        if name.endswith("_low"):
            bounds = (name, name.replace("_low", "_high"))
            places = (
                pl.col(bound).round(4).cast(pl.String).str.pad_end(6, "0") for bound in bounds
            )
            shown.append(pl.concat_str(places, separator=" to ").alias(f"95 % of {name[:-4]}"))
        elif not name.endswith("_high"):
            shown.append(pl.col(name))
    return links.select(shown)
