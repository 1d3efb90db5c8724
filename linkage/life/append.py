"""Add decisions to a feedback file: checked first, written at once or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import polars as pl

from linkage.columns import FEEDBACK_COLUMNS
from linkage.errors import ConfigError, did_you_mean
from linkage.labelling.pairs_csv import write_private
from linkage.life.feedback import DECISION_WORDS, ON_CASES, ON_LINKS
from linkage.write import spreadsheet_safe

_HEAD: Final = ",".join(FEEDBACK_COLUMNS)


@dataclass(frozen=True)
class Decision:
    """One line of a feedback file.

    Attributes:
        decision: one of :data:`linkage.life.feedback.DECISION_WORDS`.
        decided_on: the day.
        case_id: the case, as the lists have it.
        registry: of the link, with record and person.
        record_id: of the link.
        person_id: of the link.
        note: for people; no run reads it.
    """

    decision: str
    decided_on: dt.date
    case_id: str | None = None
    registry: str | None = None
    record_id: str | None = None
    person_id: str | None = None
    note: str | None = None


def append_feedback(path: Path | str, decisions: Sequence[Decision]) -> int:
    """Add decisions at the end of a feedback file; a new file is made with its header.

    Args:
        path: the CSV that the job names under ``feedback:``.
        decisions: at least one.

    Returns:
        Lines in the file now.

    Raises:
        ConfigError: a decision is not one, or lacks what it is about; nothing was written. Or the
            file has another header.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "feedback.csv"
        >>> append_feedback(file, [Decision("rejected", dt.date(2026, 10, 5), "0f3a55c1d2e4b697")])
        1
    """
    for place, one in enumerate(decisions, start=1):
        _check(place, one)
    file = Path(path)
    before = _before(file)
    columns = dict.fromkeys(FEEDBACK_COLUMNS, pl.String)
    rows = [{**asdict(one), "decided_on": one.decided_on.isoformat()} for one in decisions]
    added = spreadsheet_safe(pl.DataFrame(rows).select(*columns).cast(pl.String))
    text = before + added.write_csv(include_header=False)
    write_private(file, text.encode("utf-8"))
    return pl.read_csv(text.encode("utf-8"), infer_schema=False).height


def _check(place: int, one: Decision) -> None:
    if one.decision not in DECISION_WORDS:
        message = f"decision {place}: '{one.decision}' is no decision"
        raise ConfigError(message, expected=" | ".join(DECISION_WORDS), found=one.decision,
                          hint=did_you_mean(one.decision, DECISION_WORDS))  # fmt: skip
    pair = one.registry and one.record_id and one.person_id
    needs_case, needs_pair = one.decision in ON_CASES, one.decision in ON_LINKS
    if (needs_case and not one.case_id) or (needs_pair and not pair) or not (one.case_id or pair):
        message = f"decision {place}: '{one.decision}' does not say on what"
        what = "registry, record_id and person_id" if needs_pair else "a case_id"
        raise ConfigError(message, expected=what, found="an empty one")


def _before(file: Path) -> str:
    """What the file says so far, with a line break at its end."""
    if not file.exists():
        return f"{_HEAD}\n"
    text = file.read_text(encoding="utf-8-sig")
    head = text.split("\n", 1)[0].rstrip("\r")
    if head != _HEAD:
        message = f"{file.name} has another header than a feedback file"
        raise ConfigError(message, expected=_HEAD, found=f"{len(head.split(','))} columns",
                          hint="save it as CSV with commas, UTF-8, columns in this order")  # fmt: skip
    return text if text.endswith("\n") else f"{text}\n"
