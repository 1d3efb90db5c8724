"""Pairs to label as a CSV that survives a spreadsheet, and the labels read back from it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

import polars as pl

from linkage.errors import ConfigError, SourceError, did_you_mean
from linkage.labelling import annotator
from linkage.write import spreadsheet_safe

ANSWERS: Final = {
    **dict.fromkeys(("1", "y", "yes", "true", "x", "c", "có", "co", "đúng", "dung"), "yes"),
    **dict.fromkeys(("0", "n", "no", "false", "k", "không", "khong", "sai"), "no"),
    **dict.fromkeys(("?", "unsure"), "unsure"),
    "": "",
}
"""What may stand in ``is_match``, in any case: yes, no, not to be told, not yet looked at."""

KEYS: Final = ("record_id", "person_id", "is_match")
_NUMBERLIKE: Final = r"^[\d\s./:+\-]+$"
"""Spreadsheets cut zeros off such texts, or turn them into dates."""
_OWN_NUMBERS: Final = ("pair", "stratum", "stratum_size", "is_match")


def write_pairs(path: Path, pairs: pl.DataFrame) -> None:
    """Write pairs for people to label, readable by the owner alone.

    Values that look like numbers or dates get an apostrophe in front, so that no spreadsheet
    rewrites them; formulas are made plain text. The score is not among the columns: it would lead
    the answer.

    Args:
        path: ends in ``.csv``, or in ``.json`` for recordlinkage's annotator.
        pairs: ``pair, is_match, record_id, person_id``, values side by side as
            ``<field>_record`` and ``<field>_candidate``, ``stratum, stratum_size``.
    """
    if path.suffix.lower() == ".json":
        write_private(path, annotator.rendered(pairs).encode("utf-8"))
        return
    texts = [c for c in pairs.columns if c not in _OWN_NUMBERS and pairs.schema[c] == pl.String]
    blank = pairs.with_columns(pl.col("is_match").replace("", None))
    safe = spreadsheet_safe(blank).with_columns(_held(name) for name in texts)
    write_private(path, b"\xef\xbb\xbf" + safe.write_csv().encode("utf-8"))


def _held(name: str) -> pl.Expr:
    """Text that a spreadsheet would take for a number, marked as text."""
    value = pl.col(name)
    mark = pl.concat_str(pl.lit("'"), value)
    return pl.when(value.str.contains(_NUMBERLIKE)).then(mark).otherwise(value).alias(name)


def write_private(path: Path, content: bytes) -> None:
    """Write a file at once or not at all, readable by its owner alone.

    Raises:
        ConfigError: there is no such folder.
    """
    if not path.parent.is_dir():
        message = f"there is no folder {path.parent}"
        raise ConfigError(message, expected="a folder that exists", found="nothing")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:  # mkstemp makes it private
            stream.write(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_pairs(path: Path | str) -> pl.DataFrame:
    """Read a file of pairs back, whatever a spreadsheet has made of it.

    Args:
        path: a CSV with commas, semicolons or tabs, or a ``.json`` of recordlinkage's annotator.

    Returns:
        Its columns as text; ``is_match`` as ``yes``, ``no``, ``unsure`` or empty; ``stratum`` and
        ``stratum_size``, where they are, as integers.

    Raises:
        SourceError: no such file, a column is missing, an answer is none of those known, or a pair
            stands in it twice. Rows are named by number, never by value.
    """
    file = Path(path)
    is_json = file.suffix.lower() == ".json"
    frame = annotator.parsed(_bytes(file), file.name) if is_json else _csv(file)
    missing = [name for name in KEYS if name not in frame.columns]
    if missing:
        message = f"{file.name} has no column '{missing[0]}'"
        raise SourceError(
            message,
            expected=", ".join(KEYS),
            found=", ".join(frame.columns[:12]) or "no columns",
            hint=did_you_mean(missing[0], frame.columns),
        )
    plain = frame.with_columns(pl.col(pl.String).str.replace("^'", ""))
    answer = pl.col("is_match").fill_null("").str.strip_chars().str.to_lowercase()
    read = plain.with_columns(
        is_match=answer.replace_strict(ANSWERS, default=None, return_dtype=pl.String)
    )
    _refuse(file, read, pl.col("is_match").is_null(), "an answer that is not known",
            "yes, no, ? (cannot be told) or nothing, in is_match")  # fmt: skip
    _refuse(file, read, pl.any_horizontal(pl.col("record_id", "person_id").fill_null("") == ""),
            "no record_id or person_id", "both, as they were written")  # fmt: skip
    _refuse(file, read, ~pl.struct("record_id", "person_id").is_first_distinct(),
            "a pair that stands further up already", "each pair once")  # fmt: skip
    numbers = [name for name in ("stratum", "stratum_size") if name in read.columns]
    return read.with_columns(pl.col(numbers).cast(pl.Int64, strict=False))


def read_labels(path: Path | str) -> pl.DataFrame:
    """Read labels: judged pairs, or the truth about records.

    Returns:
        ``record_id, person_id, is_match`` (true, false; null where nobody could tell, or has yet)
        and, where the file has them, ``stratum, stratum_size``.

    Raises:
        SourceError: see :func:`read_pairs`.
    """
    pairs = read_pairs(path)
    said = (
        pl.when(pl.col("is_match") == "yes").then(True).when(pl.col("is_match") == "no").then(False)
    )
    kept = [name for name in ("stratum", "stratum_size") if name in pairs.columns]
    return pairs.select("record_id", "person_id", said.alias("is_match"), *kept)


def _csv(file: Path) -> pl.DataFrame:
    content = _bytes(file).removeprefix(b"\xef\xbb\xbf")
    head = content.split(b"\n", 1)[0]
    separator = max((b",", b";", b"\t"), key=head.count).decode()
    try:
        return pl.read_csv(content, separator=separator, infer_schema=False, encoding="utf8-lossy")
    except pl.exceptions.PolarsError as error:
        message = f"{file.name} is not a table"
        raise SourceError(
            message,
            expected="a CSV as linkage label writes it",
            found=type(error).__name__,
            hint="save it as CSV (UTF-8) again",
        ) from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read"
        raise SourceError(
            message, expected="a file of labelled pairs", found=error.strerror
        ) from None


def _refuse(file: Path, frame: pl.DataFrame, bad: pl.Expr, found: str, expected: str) -> None:
    rows = frame.select(bad.arg_true()).to_series() + 2
    if rows.len():
        numbers = ", ".join(str(row) for row in rows.head(5)) + (" …" if rows.len() > 5 else "")
        message = f"{file.name}: row {numbers}: {found}"
        raise SourceError(
            message, expected=expected, found=f"{rows.len():,} such rows; the header is row 1"
        )
