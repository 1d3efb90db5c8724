"""Feedback: what people have decided about cases and links, read strictly from a plain CSV.

The file is the memory: every run reads all of it, the latest decision on a case or a pair is in
force, and no line is dropped silently (see :data:`linkage.contracts.FEEDBACK_OUTCOMES`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from linkage.columns import FEEDBACK_COLUMNS
from linkage.config import Job
from linkage.read import read_source

ON_CASES: Final = ("confirmed", "rejected", "appealed")
"""Decisions on a case: it is right; it is wrong; its holder has appealed, and until that is settled
nothing is asked again."""
ON_LINKS: Final = ("wrong_link", "right_link")
"""Decisions on a record and a person: not one person; one person."""
WITHDRAWN: Final = "withdrawn"
"""Takes back what was decided on the case, or on the pair."""
DECISION_WORDS: Final = (*ON_CASES, *ON_LINKS, WITHDRAWN)

_PAIR: Final = ("registry", "record_id", "person_id")


@dataclass(frozen=True)
class Feedback:
    """A feedback file, judged as far as it can be without the lists.

    Attributes:
        lines: one row per line: ``row``, the columns of the file, ``on`` (case or link) and
            ``outcome``, null where the decision is in force.
        source: facts for the manifest.
    """

    lines: pl.DataFrame
    source: Mapping[str, Any]

    def cases_of(self, registry: str) -> pl.DataFrame:
        """Decisions on cases that are in force and may be of a registry."""
        mine = pl.col("registry").is_null() | (pl.col("registry") == registry)
        return self._in_force("case").filter(pl.col("decision") != WITHDRAWN, mine)

    @property
    def links(self) -> pl.DataFrame:
        """Decisions on links that are in force: ``registry, record_id, person_id, is_right``."""
        said = self._in_force("link").filter(pl.col("decision") != WITHDRAWN)
        return said.select(*_PAIR, is_right=pl.col("decision") == "right_link")

    def _in_force(self, on: str) -> pl.DataFrame:
        return self.lines.filter((pl.col("on") == on) & pl.col("outcome").is_null())


def read_feedback(job: Job, registries: Iterable[str]) -> Feedback | None:
    """Read the feedback file of a job; None if it names none.

    Args:
        job: the job.
        registries: those that run now; decisions on others wait.

    Raises:
        SourceError: no such file, or it lacks a column.
    """
    source = job.config.feedback
    if source is None:
        return None
    # Under another name: reading calls its own key of every row record_id.
    columns = {f"said_{name}": header for name, header in FEEDBACK_COLUMNS.items()}
    raw = read_source("feedback", source, columns, None)
    read = raw.rows.select(
        "row", *(pl.col(said).alias(name) for said, name in columns.items()),
        early=pl.lit(None, pl.String),
    )  # fmt: skip
    broken = raw.rejects.select(
        "row", *(pl.lit(None, pl.String).alias(name) for name in FEEDBACK_COLUMNS),
        early=pl.lit("unreadable"),
    )  # fmt: skip
    lines = pl.concat([read, broken]).sort("row")
    return Feedback(judged(lines, tuple(job.registries), tuple(registries)), raw.source)


def told_links(job: Job) -> pl.DataFrame | None:
    """What feedback says of links of any of a job's registries; None if the job names no file.

    For work beside a run that links records again: trials, tuning, labelling, explanations.

    Raises:
        SourceError: no such file, or it lacks a column.
    """
    feedback = read_feedback(job, job.registries)
    return None if feedback is None else feedback.links


def judged(lines: pl.DataFrame, known: tuple[str, ...], running: tuple[str, ...]) -> pl.DataFrame:
    """Tell which lines are in force, and what is wrong with the others.

    Args:
        lines: ``row``, the columns of the file as text, ``early``: an outcome already known.
        known: registries of the job.
        running: those that run now.
    """
    text = pl.col(*FEEDBACK_COLUMNS).str.replace("^'", "").str.strip_chars()
    case, pair = pl.col("case_id").is_not_null(), pl.all_horizontal(pl.col(_PAIR).is_not_null())
    decision, registry = pl.col("decision"), pl.col("registry")
    on_link = decision.is_in(ON_LINKS) | ((decision == WITHDRAWN) & ~case)
    told = (
        lines.with_columns(text)
        .with_columns(pl.when(pl.col(*FEEDBACK_COLUMNS) != "").then(pl.col(*FEEDBACK_COLUMNS)))
        .with_columns(
            decision.str.to_lowercase(),
            decided_on=pl.col("decided_on").str.to_date("%Y-%m-%d", strict=False),
        )
        .with_columns(on=pl.when(on_link).then(pl.lit("link")).otherwise(pl.lit("case")))
    )
    problem = pl.coalesce(
        "early",
        _says("unknown_decision", ~decision.is_in(DECISION_WORDS).fill_null(value=False)),
        _says("unreadable_date", pl.col("decided_on").is_null()),
        _says("incomplete", pl.when(pl.col("on") == "link").then(~pair).otherwise(~case)),
        _says("unknown_registry", ~registry.is_in(known)),
        _says("not_in_this_run", ~registry.is_in(running)),
    )
    return _latest(told.with_columns(outcome=problem)).drop("early")


def _says(outcome: str, condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit(outcome))


def _latest(told: pl.DataFrame) -> pl.DataFrame:
    """Of several decisions on one case or pair the latest counts; of one day, the lower line.

    A record has one holder: of its confirmed links, too, only the latest counts.
    """
    good = told.filter(pl.col("outcome").is_null()).sort("decided_on", "row")
    pair = pl.concat_str(_PAIR, separator="\x1f")
    target = pl.when(pl.col("on") == "case").then(pl.col("case_id")).otherwise(pair)
    last = good.filter(pl.struct("on", target).is_last_distinct())
    right = last.filter(pl.col("decision") == "right_link")
    kept = right.filter(pl.struct("registry", "record_id").is_last_distinct())
    in_force = pl.concat([last.filter(pl.col("decision") != "right_link")["row"], kept["row"]])
    late = pl.col("outcome").is_null() & ~pl.col("row").is_in(in_force.implode())
    return told.with_columns(
        outcome=pl.when(late).then(pl.lit("superseded")).otherwise(pl.col("outcome"))
    )
