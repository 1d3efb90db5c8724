"""Batches: the cases of a finished run, cut for those who must act, one file per value of a column."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.contracts import (
    CORRECTIONS,
    DUPLICATES,
    FLAGS,
    JUNK_SIMS,
    REVIEW,
    Table,
    case_table,
    living,
)
from linkage.errors import ConfigError, SourceError, did_you_mean
from linkage.life.previous import read_list
from linkage.write import MANIFEST, write_list

LISTS: Final[Mapping[str, Table]] = {
    table.name: table for table in (JUNK_SIMS, FLAGS, DUPLICATES, CORRECTIONS, REVIEW)
}
BY: Final = ("province", "operator", "action", "status", "severity", "reason", "kind", "field")
"""What a list can be cut by: none of these tells of a person. ``reason`` is the gravest."""
INDEX: Final = "lists.json"
_MOST_FILES: Final = 1_000
_NO_VALUE: Final = "without"


@dataclass(frozen=True)
class Choice:
    """Which cases.

    Attributes:
        table: one of :data:`LISTS`; None for the case list that each registry has.
        registries: None for all of the run.
        by: one of :data:`BY`; None for one file per list.
        action: only these.
        severity: only these.
        status: only these; by default all but resolved and dismissed cases.
    """

    table: str | None = None
    registries: Sequence[str] | None = None
    by: str | None = None
    action: Sequence[str] = ()
    severity: Sequence[str] = ()
    status: Sequence[str] = ()


@dataclass(frozen=True)
class Batch:
    """One file of cases."""

    name: str
    registry: str
    table: str
    value: str | None
    cases: pl.DataFrame


def batches(out: Path, choice: Choice) -> tuple[list[Batch], dict[str, Any]]:
    """Cut a run's lists into batches.

    Args:
        out: the folder that a run wrote.
        choice: which cases, and by what.

    Returns:
        The batches that hold a case, and the run's manifest.

    Raises:
        SourceError: there is no finished run.
        ConfigError: no such registry, list, column or value.
    """
    manifest = _manifest(out)
    known = tuple(manifest["registries"])
    if choice.table is not None:
        _one_of("list", choice.table, tuple(LISTS))
    names = tuple(choice.registries or (name for name in known if _has(name, choice.table)))
    for name in names:
        _one_of("registry", name, known)
    if choice.by is not None:
        _one_of("--by", choice.by, BY)
    cut: list[Batch] = []
    for name in names:
        table = _table(name, choice)
        _check_columns(name, table, choice)
        cut += _cut(name, table, _chosen(read_list(out / name, table), choice), choice.by)
    if len(cut) > _MOST_FILES:
        message = f"'--by {choice.by}' would make {len(cut):,} files"
        raise ConfigError(message, expected=f"at most {_MOST_FILES:,}", found=f"{len(cut):,}",
                          hint="cut by province or action")  # fmt: skip
    return cut, manifest


def write_batches(
    to: Path, out: Path, cut: Sequence[Batch], manifest: Mapping[str, Any], fmt: str, note: Any
) -> None:
    """Write batches into a new folder, all of them or none, private to their owner.

    Beside them stands ``lists.json``: job, purpose, run, what was chosen, and rows per file.

    Args:
        to: a new or empty folder, outside the run's.
        out: the folder that the run wrote.
        cut: the batches.
        manifest: the run's.
        fmt: ``csv`` (safe to open in a spreadsheet) or ``parquet``.
        note: what was chosen, for ``lists.json``.

    Raises:
        ConfigError: the folder holds something, or lies in the run's folder.
    """
    to, out = to.expanduser().resolve(), out.resolve()
    _check_folder(to, out)
    to.parent.mkdir(parents=True, exist_ok=True)
    staging = to.with_name(f".{to.name}.{os.getpid()}.partial")
    before = os.umask(0o077)
    try:
        staging.mkdir()
        for batch in cut:
            write_list(staging, batch.name, batch.cases, [fmt], masked=False)
        index = {
            "job": manifest["job"],
            "purpose": manifest["purpose"],
            "run": manifest["started"],
            "chosen": note,
            "files": {f"{batch.name}.{fmt}": batch.cases.height for batch in cut},
        }
        text = json.dumps(index, ensure_ascii=False, indent=2)
        (staging / INDEX).write_text(text, encoding="utf-8")
        staging.replace(to)  # an empty folder gives way, another does not
    finally:
        os.umask(before)
        shutil.rmtree(staging, ignore_errors=True)


def _check_folder(to: Path, out: Path) -> None:
    if to == out or out in to.parents:
        message = f"{to} lies in the run's own folder, which the next run replaces"
        raise ConfigError(message, expected="a folder beside it", found="one inside it",
                          hint=f"--to {out.with_name(out.name + '_lists')}")  # fmt: skip
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        message = f"{to} is there already; nothing is overwritten"
        raise ConfigError(message, expected="a new or empty folder", found="a folder with files"
                          if to.is_dir() else "a file", hint="name another with --to")  # fmt: skip


def _manifest(out: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        message = f"{out} holds no finished run"
        raise SourceError(
            message,
            expected=f"a folder with {MANIFEST}, as linkage run writes it",
            found="no such folder" if not out.exists() else f"no readable {MANIFEST}",
        ) from None
    return content


def _one_of(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        message = f"there is no {what} '{value}'"
        raise ConfigError(message, expected=f"one of {', '.join(known)}", found=value,
                          hint=did_you_mean(value, known))  # fmt: skip


def _has(registry: str, table: str | None) -> bool:
    """Whether a registry has a list: of the two lists of flagged records, each has one."""
    return table not in ("junk_sims", "flags") or table == case_table(registry).name


def _table(registry: str, choice: Choice) -> Table:
    own = case_table(registry)
    if choice.table is None:
        return own
    if not _has(registry, choice.table):
        message = f"the registry '{registry}' has no list '{choice.table}'"
        raise ConfigError(message, expected=own.name, found=choice.table,
                          hint=f"leave --list out, or --list {own.name}")  # fmt: skip
    return LISTS[choice.table]


def _check_columns(registry: str, table: Table, choice: Choice) -> None:
    """Every column that is asked for is there, and every value is one of its words."""
    has = [
        by for by in BY if by in table.columns or (by == "reason" and "reasons" in table.columns)
    ]
    if choice.by is not None and choice.by not in has:
        message = f"the list '{table.name}' of '{registry}' has no column '{choice.by}'"
        raise ConfigError(message, expected=f"one of {', '.join(has)}", found=choice.by,
                          hint="choose the registry with --registry, or another --list")  # fmt: skip
    for name in ("action", "severity", "status"):
        wanted = getattr(choice, name)
        if wanted and name not in table.columns:
            message = f"the list '{table.name}' of '{registry}' has no column '{name}'"
            raise ConfigError(message, expected=f"no --{name}", found=f"--{name} {wanted[0]}")
        for value in wanted:
            _one_of(name, value, table.columns[name].vocabulary)


def _chosen(cases: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    if "status" in cases.columns and not choice.status:
        cases = living(cases)
    wanted = {name: getattr(choice, name) for name in ("action", "severity", "status")}
    for name, values in wanted.items():
        if values:
            cases = cases.filter(pl.col(name).is_in(list(values)))
    return cases


def _cut(registry: str, table: Table, cases: pl.DataFrame, by: str | None) -> list[Batch]:
    stem = f"{registry}_{table.name}"
    if not cases.height:
        return []
    if by is None:
        return [Batch(stem, registry, table.name, None, cases)]
    value = pl.col("reasons").list.first() if by == "reason" else pl.col(by)
    keyed = cases.with_columns(__value=value)
    parts = keyed.partition_by("__value", as_dict=True, include_key=False, maintain_order=True)
    values = sorted((key[0] for key in parts), key=lambda v: (v is None, str(v)))
    names = _file_names([None if v is None else str(v) for v in values])
    return [
        Batch(f"{stem}_{by}_{name}", registry, table.name, v, parts[(v,)])
        for v, name in zip(values, names, strict=True)
    ]


def _file_names(values: Sequence[str | None]) -> list[str]:
    """A plain file name for each value, no two the same on any system.

    Example:
        >>> _file_names(["01", "Viettel Telecom", None])
        ['01', 'Viettel_Telecom', 'without']
    """
    plain = [
        _NO_VALUE if v is None else re.sub(r"\W+", "_", unicodedata.normalize("NFC", v))[:60]
        for v in values
    ]
    folded = [name.casefold() for name in plain]
    return [
        name if folded.count(low) == 1 and name.strip("_") and (v is None or low != _NO_VALUE)
        else f"{name}_{hashlib.sha256((v or '').encode()).hexdigest()[:6]}"
        for v, name, low in zip(values, plain, folded, strict=True)
    ]  # fmt: skip
