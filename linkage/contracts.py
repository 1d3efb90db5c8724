"""The shape of every file that a run writes: columns, types, vocabularies, versions.

This module is the contract between a run and everybody who reads its lists. A change here is a new
``SCHEMA_VERSION``, a CHANGELOG entry and a reason. Frames are checked against it on writing.

Why not a schema library: the needs are few (types, nulls, uniqueness, vocabularies, one row per
group) and the messages must never carry a value, which the libraries' do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from linkage.errors import ContractError
from linkage.vocabularies import (
    ACTIONS,
    CASE_STATUSES,
    CLOSED_STATUSES,
    CORRECTION_KINDS,
    DUPLICATE_ACTIONS,
    DUPLICATE_REASONS,
    FEEDBACK_OUTCOMES,
    LINK_STATUSES,
    OUTCOMES,
    REASONS,
    SEVERITIES,
    SUBJECT_TYPES,
)

__all__ = [
    "ACTIONS",
    "CASE_STATUSES",
    "CLOSED_STATUSES",
    "CORRECTIONS",
    "CORRECTION_KINDS",
    "DECISIONS",
    "DUPLICATES",
    "DUPLICATE_ACTIONS",
    "DUPLICATE_REASONS",
    "FEEDBACK_OUTCOMES",
    "FLAGS",
    "JUNK_SIMS",
    "LINK_STATUSES",
    "OUTCOMES",
    "POPULATION_ISSUES",
    "REASONS",
    "RECORDS",
    "REGISTRY_TABLES",
    "REJECTS",
    "REVIEW",
    "SCHEMA_VERSION",
    "SEVERITIES",
    "SUBJECT_TYPES",
    "Column",
    "Table",
    "case_table",
    "living",
]  # fmt: skip

SCHEMA_VERSION: Final = "1"


@dataclass(frozen=True)
class Column:
    """One column of a list.

    Attributes:
        dtype: its polars type; dates are dates, lists are lists of strings.
        nullable: whether a null may stand in it.
        vocabulary: the only values (or list members) allowed; empty for any.
    """

    dtype: pl.DataType
    nullable: bool = True
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One list: its columns in order, and what holds across them.

    Attributes:
        name: file name without ending.
        columns: name to column, in the order of the file.
        unique: columns that together identify a row.
        extra_suffixes: further columns are allowed if their names end so (review only).
    """

    name: str
    columns: Mapping[str, Column]
    unique: tuple[str, ...] = ()
    extra_suffixes: tuple[str, ...] = field(default=())

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Polars schema of the declared columns."""
        return {name: column.dtype for name, column in self.columns.items()}

    def empty(self) -> pl.DataFrame:
        """A frame with the table's columns and no rows.

        Example:
            >>> CORRECTIONS.empty().height
            0
        """
        return pl.DataFrame(schema=self.schema)

    def check(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame in contract order, or raise.

        Args:
            frame: one row per entry of the list, in any column order.

        Returns:
            The same rows with the columns in the order of the contract, extra columns last.

        Raises:
            ContractError: names table, column, what was expected and how many rows differ; never a
                value.
        """
        faults = [*self._column_faults(frame)]
        if not faults:
            faults = [*self._value_faults(frame)]
        self._refuse(faults)
        extra = [name for name in frame.columns if name not in self.columns]
        return frame.select(*self.columns, *extra)

    def check_keys(self, frame: pl.DataFrame) -> None:
        """Prove of a list that is checked piece by piece what no piece can show: no key repeats.

        Args:
            frame: the columns that identify a row, of all rows.

        Raises:
            ContractError: as :meth:`check` does.
        """
        self._refuse(self._key_faults(frame))

    def _refuse(self, faults: Sequence[str]) -> None:
        if not faults:
            return
        message = f"the list '{self.name}' breaks the output contract"
        raise ContractError(
            message,
            expected=f"schema version {SCHEMA_VERSION} of '{self.name}'",
            found="; ".join(faults),
            hint="this is a fault of the toolkit, not of the data: please report it",
        )

    def _column_faults(self, frame: pl.DataFrame) -> list[str]:
        faults = [f"column '{n}' is missing" for n in self.columns if n not in frame.columns]
        faults += [
            f"column '{name}' is {frame.schema[name]}, not {column.dtype}"
            for name, column in self.columns.items()
            if name in frame.columns and frame.schema[name] != column.dtype
        ]
        faults += [
            f"column '{name}' is not in the contract"
            for name in frame.columns
            if name not in self.columns and not name.endswith(self.extra_suffixes or ("\0",))
        ]
        return faults

    def _value_faults(self, frame: pl.DataFrame) -> list[str]:
        faults = []
        for name, column in self.columns.items():
            nulls = frame[name].null_count()
            if nulls and not column.nullable:
                faults.append(f"column '{name}' is null in {nulls} rows")
            if column.vocabulary:
                values = frame[name].explode() if column.dtype == _LIST else frame[name]
                strangers = (~values.drop_nulls().is_in(column.vocabulary)).sum()
                if strangers:
                    faults.append(f"column '{name}' has {strangers} values outside its vocabulary")
        return faults + self._key_faults(frame)

    def _key_faults(self, frame: pl.DataFrame) -> list[str]:
        repeated = 0
        if self.unique:
            repeated = frame.height - frame.select(self.unique).unique().height
        return [f"{' + '.join(self.unique)} repeats in {repeated} rows"] if repeated else []


_LIST: Final = pl.List(pl.String())
_TEXT: Final = Column(pl.String())
_KEY: Final = Column(pl.String(), nullable=False)
_NUMBER: Final = Column(pl.Float64())
_CODES: Final = Column(_LIST, nullable=False)
_CONFIDENCE: Final = Column(pl.Float64(), nullable=False)
_STATUS: Final = Column(pl.String(), nullable=False, vocabulary=CASE_STATUSES)
_REASONS: Final = Column(_LIST, nullable=False, vocabulary=tuple(REASONS))


def _word(vocabulary: Sequence[str]) -> Column:
    return Column(pl.String(), nullable=False, vocabulary=tuple(vocabulary))


RECORDS: Final = Table(
    "records",
    {
        "record_id": _KEY,
        "row": Column(pl.Int64(), nullable=False),
        "subject_type": _word(SUBJECT_TYPES),
        "link_status": _word(LINK_STATUSES),
        "person_id": _TEXT,
        "outcome": _word(OUTCOMES),
        "diff_fields": _CODES,
        "match_weight": _NUMBER,
        "match_probability": _NUMBER,
        "runner_up_id": _TEXT,
        "runner_up_margin": _NUMBER,
        "decided_by": _KEY,
        "reasons": _REASONS,
    },
    unique=("record_id",),
)

_CASE_HEAD: Final = {"case_id": _KEY, "record_id": _KEY, "person_id": _TEXT}
_CASE_TAIL: Final = {
    "province": _TEXT,
    "reasons": _CODES,
    "severity": _word(SEVERITIES),
    "confidence": _CONFIDENCE,
    "action": _word(ACTIONS),
    "protected": _CODES,
    "evidence": _KEY,
    "status": _STATUS,
}

JUNK_SIMS: Final = Table(
    "junk_sims",
    {**_CASE_HEAD, "phone": _TEXT, "operator": _TEXT, **_CASE_TAIL},
    unique=("case_id",),
)
FLAGS: Final = Table("flags", {**_CASE_HEAD, **_CASE_TAIL}, unique=("case_id",))

DUPLICATES: Final = Table(
    "duplicates",
    {
        "case_id": _KEY,
        "group_id": _KEY,
        "record_id": _KEY,
        "person_id": _TEXT,
        "keep": Column(pl.Boolean(), nullable=False),
        "reasons": Column(_LIST, nullable=False, vocabulary=tuple(DUPLICATE_REASONS)),
        "confidence": _CONFIDENCE,
        "action": _word(DUPLICATE_ACTIONS),
        "status": _STATUS,
    },
    unique=("case_id",),
)

CORRECTIONS: Final = Table(
    "corrections",
    {
        "case_id": _KEY,
        "record_id": _KEY,
        "person_id": _KEY,
        "field": _KEY,
        "current": _TEXT,
        "proposed": _KEY,
        "kind": _word(CORRECTION_KINDS),
        "source": _KEY,
        "confidence": _CONFIDENCE,
        "status": _STATUS,
    },
    unique=("case_id",),
)

REVIEW: Final = Table(
    "review",
    {
        "record_id": _KEY,
        "candidate_id": _KEY,
        "rank": Column(pl.Int64(), nullable=False),
        "match_weight": _NUMBER,
        "match_probability": _NUMBER,
        "reasons": _REASONS,
    },
    unique=("record_id", "candidate_id"),
    extra_suffixes=("_record", "_candidate", "_weight"),
)

REJECTS: Final = Table(
    "rejects",
    {
        "record_id": _KEY,
        "row": Column(pl.Int64(), nullable=False),
        "reasons": _REASONS,
        "raw": _KEY,
    },
    unique=("record_id",),
)

POPULATION_ISSUES: Final = Table(
    "population_issues",
    {
        "person_id": _KEY,
        "field": _KEY,
        "current": _TEXT,
        "proposed": _TEXT,
        "reasons": _CODES,
        "supported_by": _CODES,
        "confidence": _CONFIDENCE,
    },
)

DECISIONS: Final = Table(
    "decisions",
    {
        "row": Column(pl.Int64(), nullable=False),
        "registry": _TEXT,
        "list": _TEXT,
        "case_id": _TEXT,
        "decision": _TEXT,
        "decided_on": Column(pl.Date()),
        "outcome": _word(tuple(FEEDBACK_OUTCOMES)),
        "evidence": _CODES,
    },
    unique=("row",),
)
"""One row per line of feedback: what became of it, and on what evidence it was made."""

REGISTRY_TABLES: Final = (RECORDS, DUPLICATES, CORRECTIONS, REVIEW, REJECTS)
"""The lists that every registry has, beside its case list (:func:`case_table`)."""


def living(cases: pl.DataFrame) -> pl.DataFrame:
    """The cases of a list that are still to be acted on: neither resolved nor dismissed.

    Example:
        >>> living(pl.DataFrame({"status": ["new", "resolved", "dismissed"]})).height
        1
    """
    return cases.filter(~pl.col("status").is_in(CLOSED_STATUSES).fill_null(value=False))


def case_table(registry: str) -> Table:
    """The list of flagged records of one registry: ``junk_sims`` for SIMs, ``flags`` for others.

    Example:
        >>> case_table("sim").name, case_table("vehicle").name
        ('junk_sims', 'flags')
    """
    return JUNK_SIMS if registry == "sim" else FLAGS
