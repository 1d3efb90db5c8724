"""The truth about a registry's records, read and checked; only evaluation reads it, never a job."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from linkage.errors import SourceError, did_you_mean

_LISTS: Final = ("reasons", "errors")


def read_truth(folder: Path, registry: str) -> pl.DataFrame:
    """Read and check the truth about one registry.

    Args:
        folder: holds ``<registry>.parquet`` or ``<registry>.csv``.
        registry: which one.

    Returns:
        One row per record: ``record_id`` and ``person_id`` as strings, further columns as they are;
        in a CSV, lists are split at ``;`` and empty cells are null.

    Raises:
        SourceError: no file, not readable, a column missing, or a record named twice.
    """
    frame = _read(folder, registry)
    missing = [name for name in ("record_id", "person_id") if name not in frame.columns]
    if missing:
        message = f"the truth about '{registry}' has no column '{missing[0]}'"
        raise SourceError(
            message,
            expected="record_id and person_id",
            found=", ".join(frame.columns) or "no columns",
            hint=did_you_mean(missing[0], frame.columns),
        )
    keys = frame["record_id"].cast(pl.String)
    repeated, empty = keys.len() - keys.n_unique(), keys.null_count()
    if repeated or empty:
        message = f"the truth about '{registry}' does not name each record once"
        raise SourceError(
            message,
            expected="one row per record_id",
            found=f"{repeated} repeated and {empty} empty of {keys.len()}",
            hint="keep one row per record; people with several records have several rows",
        )
    return frame.with_columns(pl.col("record_id", "person_id").cast(pl.String))


def read_people(folder: Path) -> pl.DataFrame | None:
    """The true values of people, where the truth has a file ``population``; None where not.

    Raises:
        SourceError: it is not readable, has no ``person_id``, or names a person twice.
    """
    if not any((folder / f"population.{ending}").is_file() for ending in ("parquet", "csv")):
        return None
    frame = _read(folder, "population")
    keys = frame.get_column("person_id", default=pl.Series([None, None])).cast(pl.String)
    if keys.null_count() or keys.n_unique() < keys.len():
        message = "the truth about the population does not name each person once"
        raise SourceError(
            message,
            expected="one row per person_id, and standard fields",
            found=f"{keys.len() - keys.n_unique()} repeated, {keys.null_count()} empty"
            if "person_id" in frame.columns
            else ", ".join(frame.columns),
            hint=None,
        )
    return frame.with_columns(keys)


def _read(folder: Path, registry: str) -> pl.DataFrame:
    table, text = folder / f"{registry}.parquet", folder / f"{registry}.csv"
    try:
        if table.is_file():
            return pl.read_parquet(table)
        if text.is_file():
            return _from_csv(pl.read_csv(text, infer_schema=False, encoding="utf8"))
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"the truth about '{registry}' cannot be read"
        raise SourceError(
            message,
            expected="a Parquet file, or a CSV in UTF-8 with commas",
            found=type(error).__name__,
            hint="write it again; it may be cut off",
        ) from None
    others = sorted(file.name for file in folder.glob("*.*")) if folder.is_dir() else []
    message = f"there is no truth about '{registry}'"
    raise SourceError(
        message,
        expected=f"{table.name} or {text.name} in {folder}",
        found=", ".join(others) or ("nothing in it" if folder.is_dir() else "no such folder"),
        hint=did_you_mean(table.name, others) or "name registries that have one with --registry",
    )


def _from_csv(frame: pl.DataFrame) -> pl.DataFrame:
    """Split lists and take empty cells for null."""
    clean = frame.with_columns(
        pl.when(pl.all().str.strip_chars() != "").then(pl.all().str.strip_chars())
    )
    lists = [name for name in _LISTS if name in clean.columns]
    return clean.with_columns(pl.col(name).fill_null("").str.split(";") for name in lists)
