"""Writing: a finished run is published whole or not at all, private to its owner.

Everything is written to a hidden folder beside the target, which then takes the target's place with
a rename. A run that dies before leaves the previous output as it was.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.contracts import REGISTRY_TABLES, SCHEMA_VERSION, case_table
from linkage.errors import ConfigError

MANIFEST: Final = "manifest.json"
REPORT: Final = "report.html"

_SENSITIVE: Final = (
    "person_id", "candidate_id", "runner_up_id", "phone", "current", "proposed", "raw",
)  # fmt: skip
_DATE: Final = r"^\s*\d{1,4}[/. -]\d{1,2}[/. -]\d{1,4}"
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
    check_target(out, output.registries)
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    tidy(out)
    staging = out.with_name(f".{out.name}.{os.getpid()}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    previous_mask = os.umask(0o077)
    try:
        staging.mkdir()
        for name, frame in output.top.items():
            write_list(staging, name, frame, formats, masked=masked)
        for registry, lists in output.registries.items():
            (staging / registry).mkdir()
            for name, frame in lists.items():
                write_list(staging / registry, name, frame, formats, masked=masked)
        (staging / REPORT).write_text(output.report, encoding="utf-8")
        (staging / MANIFEST).write_text(manifest_text(output.manifest), encoding="utf-8")
        _swap(staging, out)
    finally:
        _restore(out)
        os.umask(previous_mask)
        shutil.rmtree(staging, ignore_errors=True)


def manifest_at(out: Path) -> str | None:
    """The manifest in an output folder; None if there is none."""
    path = out / MANIFEST
    return path.read_text(encoding="utf-8") if path.is_file() else None


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """A manifest as it is written."""
    return json.dumps(manifest, ensure_ascii=False, indent=2)


def check_target(out: Path, registries: Iterable[str] | None = None) -> None:
    """Refuse an output folder that cannot be written, or in which something would be lost.

    Args:
        out: the output folder.
        registries: what the run will write; None if that is not known yet.

    Raises:
        ConfigError: names the folder and what to do; nothing was touched.
    """
    out = out.resolve()  # "." has no name, and a rename is of the folder, not of a link to it
    _restore(out)
    _check_place(out)
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / MANIFEST).is_file():
        message = f"the output folder {out} is not empty and holds no {MANIFEST}"
        raise ConfigError(
            message,
            expected="a new or empty folder, or the output of an earlier run",
            found="files that no run wrote" if out.is_dir() else "a file",
            hint="choose another folder with --out or 'output: path:', or empty this one",
        )
    _check_contents(out, registries)


def _check_place(out: Path) -> None:
    """The folder takes its place by a rename beside it: that must be possible."""
    if out.exists() and os.path.ismount(out):
        message = f"the output folder {out} is a mount point and cannot be replaced as a whole"
        raise ConfigError(
            message,
            expected="a folder inside the mounted one",
            found="the mount point itself",
            hint=f"{out / 'lists'}, with --out or 'output: path:'",
        )
    parent = next(folder for folder in out.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        message = f"the output folder {out} cannot be written"
        raise ConfigError(
            message,
            expected="a folder that you may write to",
            found=f"{parent} is not writable",
            hint="choose another folder with --out or 'output: path:'",
        )


def _check_contents(out: Path, registries: Iterable[str] | None) -> None:
    """Replacing the folder must lose nothing but the lists that the run makes again."""
    content = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    before = set(content.get("registries", {}))
    own = {MANIFEST, REPORT, "population_issues", "decisions"}
    own |= {f"{name}/{table}" for name in before for table in _list_names(name)}
    files = (path.relative_to(out) for path in out.rglob("*") if path.is_file())
    foreign = sorted(
        str(path)
        for path in files
        if str(path) not in own
        and not (path.suffix in {".parquet", ".csv"} and str(path.with_suffix("")) in own)
    )
    lost = sorted(before - set(registries)) if registries is not None else []
    if not foreign and not lost:
        return
    what = "files that no run wrote" if foreign else "lists of registries that this run leaves out"
    message = f"the output folder {out} would be replaced, and with it {what}"
    raise ConfigError(
        message,
        expected="nothing in it but lists that this run makes again",
        found=", ".join((foreign or lost)[:5]) + (" …" if len(foreign or lost) > 5 else ""),
        hint="write to another folder with --out" + (", or move these files away" * bool(foreign)),
    )


def _list_names(registry: str) -> tuple[str, ...]:
    return tuple(table.name for table in (*REGISTRY_TABLES, case_table(registry)))


def _retired(out: Path) -> Path:
    return out.with_name(f".{out.name}.previous")


def _swap(staging: Path, out: Path) -> None:
    _discard_retired(out)
    if out.exists():
        out.rename(_retired(out))
    staging.rename(out)
    _discard_retired(out)


def _discard_retired(out: Path) -> None:
    """Delete the previous output; under another name, so that half of it is never put back."""
    dying = out.with_name(f".{out.name}.previous.{os.getpid()}.partial")
    shutil.rmtree(dying, ignore_errors=True)
    if (retired := _retired(out)).exists():
        retired.rename(dying)
        shutil.rmtree(dying, ignore_errors=True)


def _restore(out: Path) -> None:
    """Put back the previous output if a run was killed, or failed, between the two renames."""
    retired = _retired(out)
    if retired.exists() and not out.exists():
        retired.rename(out)


def tidy(out: Path) -> None:
    """Remove what runs that were killed while writing have left beside the target."""
    out = out.resolve()
    if out.exists():
        _discard_retired(out)
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


def write_list(
    folder: Path, name: str, frame: pl.DataFrame, formats: Sequence[str], *, masked: bool
) -> None:
    """Write one list in every format asked for; a CSV is safe to open in a spreadsheet."""
    shown = mask(frame) if masked else frame
    if "parquet" in formats:
        shown.write_parquet(
            folder / f"{name}.parquet",
            compression_level=1,  # of zstd: files of about the same size in three quarters of the time
            metadata={"schema_version": SCHEMA_VERSION, "list": name},
        )
    if "csv" in formats:
        spreadsheet_safe(shown).write_csv(folder / f"{name}.csv", include_bom=True)


def spreadsheet_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists joined by ``;`` and text that a spreadsheet would run as a formula made plain text.

    A signed number such as a phone is no formula and stays as it is.

    Example:
        >>> spreadsheet_safe(pl.DataFrame({"name": ["=cmd()", "An"]}))["name"].to_list()
        ["'=cmd()", 'An']
    """
    lists = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
    flat = frame.with_columns(pl.col(lists).list.join(";")) if lists else frame
    if pl.String not in flat.dtypes:
        return flat
    return flat.with_columns(_plain(pl.col(pl.String)))


def _plain(text: pl.Expr) -> pl.Expr:
    number = text.str.contains(r"^[+-]?\d+([.,]\d+)?$")
    return pl.when(number).then(text).otherwise(text.str.replace(_FORMULA, "'${1}"))


def mask(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the first and last three characters of personal values, hide the rest.

    A record's key is hidden where it looks like a phone or personal number; ``case_id`` still tells
    which case is meant.

    Example:
        >>> mask(pl.DataFrame({"phone": ["+84912345678"]}))["phone"].to_list()
        ['+84***678']
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
    """The ends of long values; nothing of short ones and of dates, whose ends say most of them."""
    value = pl.col(name)
    long = (value.str.len_chars() > 8) & ~value.str.contains(_DATE)
    ends = pl.concat_str(value.str.head(3), pl.lit("***"), value.str.tail(3))
    return (
        pl.when(only & long)
        .then(ends)
        .when(only & value.is_not_null())
        .then(pl.lit("***"))
        .otherwise(value)
        .alias(name)
    )
