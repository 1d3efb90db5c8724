"""The previous run: the lists that stand in the output folder before they are replaced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from linkage.contracts import DECISIONS, SCHEMA_VERSION, Table
from linkage.errors import ConfigError, ContractError
from linkage.pieces import read_pieces
from linkage.write import MANIFEST


@dataclass(frozen=True)
class Previous:
    """A run to compare with, or why there is none.

    Attributes:
        folder: where its lists are; None where nothing can be compared.
        why: why nothing can be compared; empty where something can.
        started: when it began.
        sha256: of its manifest.
        registries: those that it ran.
        has_feedback: whether it followed people's decisions.
    """

    folder: Path | None = None
    why: str = "nothing was written before"
    started: str | None = None
    sha256: str | None = None
    registries: frozenset[str] = field(default_factory=frozenset)
    has_feedback: bool = False

    @property
    def facts(self) -> dict[str, str | None]:
        """Which run this is, for the manifest."""
        if self.folder is None:
            return {"started": None, "sha256": None, "why": self.why}
        return {"started": self.started, "sha256": self.sha256}

    def has(self, registry: str) -> bool:
        """Whether it ran a registry."""
        return self.folder is not None and registry in self.registries

    def pieces(self, registry: str, table: Table) -> Iterator[pl.DataFrame]:
        """One of the lists of a registry that it ran, piece by piece.

        Raises:
            ContractError: the list is not what the contract says.
        """
        assert self.folder is not None
        return list_pieces(self.folder / registry, table)

    def decisions(self) -> pl.DataFrame:
        """What it knew of people's decisions.

        Raises:
            ContractError: the list is not what the contract says.
        """
        if self.folder is None or not self.has_feedback:
            return DECISIONS.empty()
        return read_list(self.folder, DECISIONS)


def find_previous(folder: Path, *, job: str, has_feedback: bool, masked: bool) -> Previous:
    """The run in an output folder, if this one continues it.

    Args:
        folder: the output folder, before it is replaced.
        job: name of the job that runs now.
        has_feedback: whether the job names a feedback file.
        masked: whether its lists are masked.

    Returns:
        The previous run; one of another job, schema version or masking is none, and says so.

    Raises:
        ConfigError: it followed people's decisions, and this one would forget them.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return Previous()
    content = path.read_bytes()
    manifest: Mapping[str, Any] = json.loads(content)
    why = _why_not(manifest, job, masked=masked)
    if why:
        return Previous(why=why)
    if manifest.get("feedback") and not has_feedback:
        message = f"the run in {folder} followed a feedback file, and this job names none"
        raise ConfigError(
            message,
            expected="'feedback: {path: …}' in the job, so that decisions are not forgotten",
            found="no feedback",
            hint="name the file again (it may hold a header only), or write elsewhere with --out",
        )
    return Previous(
        folder,
        "",
        manifest.get("started"),
        hashlib.sha256(content).hexdigest(),
        frozenset(manifest.get("registries", {})),
        bool(manifest.get("feedback")),
    )


def _why_not(manifest: Mapping[str, Any], job: str, *, masked: bool) -> str:
    was = manifest.get("config", {}).get("job", {}).get("output", {}).get("mask", False)
    if manifest.get("job") != job:
        return f"the folder held a run of the job '{manifest.get('job')}'"
    if manifest.get("schema_version") != SCHEMA_VERSION:
        return f"the folder held lists of schema version {manifest.get('schema_version')}"
    if bool(was) != masked:
        return "the folder held lists that were " + ("masked" if was else "not masked")
    return ""


def read_list(folder: Path, table: Table) -> pl.DataFrame:
    """A list from Parquet, else from CSV, as the contract has it.

    Raises:
        ContractError: it is not there, cannot be read, or is not what the contract says.
    """
    found = pl.concat(list_pieces(folder, table))
    table.check_keys(found)
    return found


def list_pieces(folder: Path, table: Table) -> Iterator[pl.DataFrame]:
    """The same piece by piece, a CSV in one; no piece knows of the others.

    Raises:
        ContractError: see :func:`read_list`.
    """
    parquet, csv = (folder / f"{table.name}.{ending}" for ending in ("parquet", "csv"))
    try:
        if not parquet.is_file():
            yield table.check(from_csv(pl.read_csv(csv, infer_schema=False), table))
            return
        for piece in read_pieces(parquet):
            yield table.check(piece)
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"the list '{table.name}' of the run cannot be read"
        raise ContractError(
            message, expected="Parquet or CSV as it was written", found=type(error).__name__
        ) from None


def from_csv(text: pl.DataFrame, table: Table) -> pl.DataFrame:
    """A list that was written as CSV, with its types back.

    Example:
        >>> from linkage.contracts import DECISIONS
        >>> text = pl.DataFrame({"row": ["1"], "evidence": ["A;B"], "decided_on": ["2026-01-02"]})
        >>> from_csv(text, DECISIONS).row(0)
        (1, ['A', 'B'], datetime.date(2026, 1, 2))
    """
    plain = pl.col(pl.String).str.replace(r"^'(\s*[=+\-@\t\r\n＝＋－＠])", "${1}")
    known = {name: dtype for name, dtype in table.schema.items() if name in text.columns}
    return text.with_columns(plain).with_columns(
        _typed(pl.col(name), dtype).alias(name) for name, dtype in known.items()
    )


def _typed(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.List(pl.String):
        filled = value.fill_null("")
        return pl.when(filled == "").then(pl.lit([], dtype=dtype)).otherwise(filled.str.split(";"))
    if dtype == pl.Date:
        return value.str.to_date("%Y-%m-%d")
    if dtype == pl.Boolean:
        return value == "true"
    return value if dtype == pl.String else value.cast(dtype)
