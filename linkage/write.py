"""Writing: a finished run is published whole or not at all, private to its owner.

Everything is written to a hidden folder beside the target, which then takes the target's place with
a rename. A run that dies before leaves the previous output as it was.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.contracts import SCHEMA_VERSION
from linkage.errors import ConfigError

MANIFEST: Final = "manifest.json"
REPORT: Final = "report.html"

_SENSITIVE: Final = (
    "person_id", "candidate_id", "runner_up_id", "phone", "current", "proposed", "raw",
)  # fmt: skip
_FORMULA: Final = r"^(\s*[=+\-@\t\r\n＝＋－＠])"


@dataclass(frozen=True)
class Output:
    """Everything that one run publishes.

    Attributes:
        top: lists beside the registries' folders, by file name.
        registries: lists by registry and file name.
        manifest: content of ``manifest.json``.
        report: the page.
    """

    top: Mapping[str, pl.DataFrame]
    registries: Mapping[str, Mapping[str, pl.DataFrame]]
    manifest: Mapping[str, Any]
    report: str


def publish(out: Path, output: Output, *, formats: Sequence[str], masked: bool = False) -> None:
    """Write a run's output and put it in place of the previous one.

    Args:
        out: the output folder; made if it does not exist, replaced if a run made it.
        output: lists, manifest and report.
        formats: ``parquet``, ``csv`` or both.
        masked: hide all but the ends of personal values, for sharing.

    Raises:
        ConfigError: if the folder holds something that no run wrote; it is left alone.
    """
    check_target(out)
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    _sweep(out)
    staging = out.with_name(f".{out.name}.{os.getpid()}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    previous_mask = os.umask(0o077)
    try:
        staging.mkdir()
        for name, frame in output.top.items():
            _write_list(staging, name, frame, formats, masked=masked)
        for registry, lists in output.registries.items():
            (staging / registry).mkdir()
            for name, frame in lists.items():
                _write_list(staging / registry, name, frame, formats, masked=masked)
        (staging / REPORT).write_text(output.report, encoding="utf-8")
        (staging / MANIFEST).write_text(
            json.dumps(output.manifest, ensure_ascii=False, indent=2), encoding="utf-8"
        )
        _swap(staging, out)
    finally:
        _restore(out)
        os.umask(previous_mask)
        shutil.rmtree(staging, ignore_errors=True)


def check_target(out: Path) -> None:
    """Refuse an output folder that holds something else than a run's output.

    Raises:
        ConfigError: names the folder and what to do.
    """
    out = out.resolve()  # "." has no name, and a rename is of the folder, not of a link to it
    _restore(out)
    if not out.exists() or (out / MANIFEST).is_file():
        return
    if out.is_dir() and not any(out.iterdir()):
        return
    message = f"the output folder {out} is not empty and holds no {MANIFEST}"
    raise ConfigError(
        message,
        expected="a new or empty folder, or the output of an earlier run",
        found="files that no run wrote" if out.is_dir() else "a file",
        hint="choose another folder with --out or 'output: path:', or empty this one",
    )


def _retired(out: Path) -> Path:
    return out.with_name(f".{out.name}.previous")


def _swap(staging: Path, out: Path) -> None:
    retired = _retired(out)
    shutil.rmtree(retired, ignore_errors=True)
    if out.exists():
        out.rename(retired)
    staging.rename(out)
    shutil.rmtree(retired, ignore_errors=True)


def _restore(out: Path) -> None:
    """Put back the previous output if a run was killed, or failed, between the two renames."""
    retired = _retired(out)
    if retired.exists() and not out.exists():
        retired.rename(out)


def _sweep(out: Path) -> None:
    """Remove what runs that were killed while writing have left beside the target."""
    for leftover in out.parent.glob(f".{out.name}.*.partial"):
        pid = leftover.suffixes[-2].removeprefix(".")
        if pid.isdigit() and not _is_running(int(pid)):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # asks only whether it is there
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write_list(
    folder: Path, name: str, frame: pl.DataFrame, formats: Sequence[str], *, masked: bool
) -> None:
    shown = mask(frame) if masked else frame
    if "parquet" in formats:
        shown.write_parquet(
            folder / f"{name}.parquet", metadata={"schema_version": SCHEMA_VERSION, "list": name}
        )
    if "csv" in formats:
        spreadsheet_safe(shown).write_csv(folder / f"{name}.csv", include_bom=True)


def spreadsheet_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists joined by ``;`` and text that a spreadsheet would run as a formula made plain text.

    Example:
        >>> spreadsheet_safe(pl.DataFrame({"name": ["=cmd()", "An"]}))["name"].to_list()
        ["'=cmd()", 'An']
    """
    lists = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
    flat = frame.with_columns(pl.col(lists).list.join(";")) if lists else frame
    if pl.String not in flat.dtypes:
        return flat
    return flat.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'${1}"))


def mask(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the first and last three characters of personal values, hide the rest.

    A record's key is hidden where it looks like a phone or personal number; ``case_id`` still tells
    which case is meant.

    Example:
        >>> mask(pl.DataFrame({"phone": ["+84912345678"]}))["phone"].to_list()
        ['+84******678']
    """
    personal = [
        name
        for name in frame.columns
        if name in _SENSITIVE or name.endswith(("_record", "_candidate"))
    ]
    hidden = [_masked(name, only=pl.lit(value=True)) for name in personal]
    if "record_id" in frame.columns:
        hidden.append(_masked("record_id", only=pl.col("record_id").str.contains(r"\d{9}")))
    if "evidence" in frame.columns:
        hidden.append(pl.lit("{}").alias("evidence"))
    return frame.with_columns(hidden)


def _masked(name: str, *, only: pl.Expr) -> pl.Expr:
    value = pl.col(name)
    stars = pl.lit("*").repeat_by(value.str.len_chars() - 6).list.join("")
    ends = pl.concat_str(value.str.head(3), stars, value.str.tail(3))
    return (
        pl.when(only & (value.str.len_chars() > 6))
        .then(ends)
        .when(only & value.is_not_null())
        .then(pl.lit("***"))
        .otherwise(value)
        .alias(name)
    )
