"""The first step: a source and a column mapping to a raw frame under standard names.

Nothing is repaired here and nothing is lost: a row is either in ``rows``, with every value as the
source holds it, or in ``rejects``, with the reasons.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.columns import RECORD_ID, ROW
from linkage.config.models import SourceConfig
from linkage.errors import ContractError
from linkage.read import csv_cells, files, frames
from linkage.read.keys import record_ids

UNREADABLE: Final = "UNREADABLE"
NUL_BYTE: Final = "NUL_BYTE"
OVERSIZED: Final = "OVERSIZED_VALUE"
DUPLICATE_KEY: Final = "DUPLICATE_KEY"

LONGEST_VALUE: Final = 64 * 1024
"""Bytes; a longer value is no name, number or address."""
RAW_VALUE: Final = 1024
"""Characters of each value that a reject keeps."""
RAW_LINE: Final = 8 * RAW_VALUE
"""Characters of a line that a reject keeps when its cells are not known."""


Headers = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class RawSource:
    """A source as read.

    Attributes:
        rows: ``row``, ``record_id``, then one String column per mapped field, null where blank.
        rejects: the other rows: ``record_id``, ``row``, ``reasons``, ``raw`` (JSON).
        source: facts for the manifest: path, format, encoding, delimiter, rows, content_hash,
            as_of, note.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    source: dict[str, Any]


def read_source(
    name: str,
    source: SourceConfig,
    columns: Headers,
    key: str | None,
    *,
    frame: object | None = None,
) -> RawSource:
    """Read a source into a raw frame and rejects.

    Args:
        name: what messages call the source: ``sim``, ``population``.
        source: path, format, encoding and so on, see :class:`~linkage.config.models.SourceConfig`.
        columns: standard field to source header, or to several whose texts are joined by a
            space, blank ones left out.
        key: standard field that keys the rows; None, or one that is not mapped, keys them by
            position as ``row:<n>``.
        frame: a frame handed over in place of the path.

    Returns:
        RawSource: rows + rejects are all data rows of the source.

    Raises:
        SourceError: the source is not there, not readable or lacks columns.

    Example:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"ma": ["a", "b", "a"], "ho_ten": ["An", " ", "Bình"]})
        >>> mapping = {"record_id": "ma", "full_name": "ho_ten"}
        >>> raw = read_source("sim", SourceConfig(), mapping, "record_id", frame=frame)
        >>> raw.rows.rows(), raw.rejects["record_id"].to_list()
        ([(1, 'a', 'An'), (2, 'b', None)], ['a#2'])
    """
    if frame is not None:
        part = _from_frame(name, frame, columns)
    else:
        path = files.locate(name, source.path)
        kind = files.detect(name, path, source.format)
        part = (
            _from_csv(name, path, source, columns)
            if kind == "csv"
            else _from_table(name, path, kind, columns)
        )
    return _settle(name, part, source, columns, key)


@dataclass(frozen=True)
class _Part:
    """What one kind of source yields: text columns under source headers, broken lines, facts."""

    table: pl.DataFrame
    """``row`` and the mapped source columns as String."""
    broken: pl.DataFrame
    """``row``, ``reason``, ``line``."""
    facts: dict[str, Any]
    may_hold_nul: bool = True
    """False where a look at the whole text has shown that no value holds a NUL byte."""


def headers(columns: Headers) -> list[str]:
    """Every source header that a mapping names, once.

    Example:
        >>> headers({"full_name": ["first", "last"], "sort_name": "last"})
        ['first', 'last']
    """
    named = ([h] if isinstance(h, str) else h for h in columns.values())
    return list(dict.fromkeys(header for several in named for header in several))


def _table_part(text: pl.DataFrame, facts: dict[str, Any]) -> _Part:
    row = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
    none = pl.DataFrame(schema={ROW: pl.Int64, "reason": pl.String, "line": pl.String})
    table = text.rename(lambda column: f"source:{column}").select(row, pl.all())
    note = None if table.height else "header only: no rows"
    return _Part(table, none, {**facts, "note": note})


def _from_frame(name: str, frame: object, columns: Headers) -> _Part:
    table = frames.to_polars(name, frame)
    files.place_columns(name, headers(columns), table.columns)
    text = frames.as_text(name, table.select(headers(columns)))
    facts = {"path": None, "format": "frame", "content_hash": frames.fingerprint(text)}
    return _table_part(text, facts)


def _from_table(name: str, path: Path, kind: str, columns: Headers) -> _Part:
    wanted = headers(columns)
    scan = files.table_scan(path, kind)
    try:
        files.place_columns(name, wanted, scan.collect_schema().names())
        table = scan.select(wanted).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise files.broken_table(name, path, kind, error) from None
    facts = {"path": str(path), "format": kind, "content_hash": _file_hash(path)}
    return _table_part(frames.as_text(name, table), facts)


def _from_csv(name: str, path: Path, source: SourceConfig, columns: Headers) -> _Part:
    data = path.read_bytes()
    facts = {"path": str(path), "format": "csv", "content_hash": hashlib.sha256(data).hexdigest()}
    wanted = headers(columns)
    text = files.open_csv(name, data, source, wanted)
    del data
    files.place_columns(name, wanted, text.header)
    cells = csv_cells.scan(text.body, len(text.header), text.delimiter, text.quote)
    found = {f"source:{c}": cells.column(text.header.index(c)) for c in wanted}
    facts |= {"encoding": text.encoding, "delimiter": text.delimiter}
    if not cells.total:
        facts["note"] = "header only: no rows"
    table = pl.DataFrame({ROW: cells.row, **found})
    return _Part(table, cells.broken, facts, may_hold_nul=b"\0" in text.body)


def _file_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _settle(
    name: str, part: _Part, source: SourceConfig, columns: Headers, key: str | None
) -> RawSource:
    """Tell usable rows from rejects, name all of them, and see that none is lost."""
    wanted = headers(columns)
    table = part.table.with_columns(
        nul=pl.any_horizontal(
            pl.lit(value=False), *(_has_nul(_prefixed(c)) for c in wanted if part.may_hold_nul)
        ),
        oversized=pl.any_horizontal(_is_oversized(_prefixed(c)) for c in wanted),
    )
    no_key = pl.lit(None, pl.String)
    key_value = _usable_key(columns[key]) if key and key in columns else no_key
    everything = pl.concat(
        [
            table.select(ROW, key_value.alias("key"), usable=~_is_bad()),
            part.broken.select(ROW, no_key.alias("key"), usable=False),
        ]
    )
    names = record_ids(everything)
    table = table.hstack(names.head(table.height))
    broken = part.broken.hstack(names.tail(part.broken.height))
    rows = table.filter(~_is_bad() & ~pl.col("repeated")).select(
        ROW,
        RECORD_ID,
        *(_joined(columns[field]).alias(field) for field in columns if field != RECORD_ID),
    )
    rejects = pl.concat([_rejected_rows(table, wanted), _rejected_lines(broken)]).sort(ROW)
    total = everything.height
    if rows.height + rejects.height != total:
        msg = f"{name}: rows are lost while reading"
        raise ContractError(msg, expected=f"{total} rows",
                            found=f"{rows.height} usable, {rejects.height} rejected")  # fmt: skip
    as_of = source.as_of.isoformat() if source.as_of else None
    facts = {**part.facts, "rows": total, "rejected": rejects.height, "as_of": as_of}
    return RawSource(rows, rejects, {"encoding": None, "delimiter": None, "note": None, **facts})


def _prefixed(column: str) -> pl.Expr:
    return pl.col(f"source:{column}")


def _blank_to_null(column: str) -> pl.Expr:
    value = _prefixed(column)
    return pl.when(value.str.strip_chars() != "").then(value)


def _joined(column: str | Sequence[str]) -> pl.Expr:
    """A column's text; of several columns, their texts that are not blank, parted by spaces."""
    if isinstance(column, str):
        return _blank_to_null(column)
    parts = [_blank_to_null(one) for one in column]
    text = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    return pl.when(pl.any_horizontal(part.is_not_null() for part in parts)).then(text)


def _usable_key(column: str | Sequence[str]) -> pl.Expr:
    value = _prefixed(column) if isinstance(column, str) else _joined(column)
    return pl.when(~_has_nul(value) & ~_is_oversized(value)).then(value)


def _has_nul(value: pl.Expr) -> pl.Expr:
    return value.str.contains("\0", literal=True).fill_null(value=False)


def _is_oversized(value: pl.Expr) -> pl.Expr:
    return (value.str.len_bytes() > LONGEST_VALUE).fill_null(value=False)


def _is_bad() -> pl.Expr:
    return pl.col("nul") | pl.col("oversized")


def _rejected_rows(table: pl.DataFrame, wanted: list[str]) -> pl.DataFrame:
    """Rows whose cells are known, as JSON by source header."""
    rejected = table.filter(_is_bad() | pl.col("repeated"))
    reasons = pl.concat_list(
        pl.when(_is_bad()).then(pl.lit(UNREADABLE)),
        pl.when("nul").then(pl.lit(NUL_BYTE)),
        pl.when("oversized").then(pl.lit(OVERSIZED)),
        pl.when(~_is_bad()).then(pl.lit(DUPLICATE_KEY)),
    ).list.drop_nulls()
    raw = pl.struct(_prefixed(c).str.head(RAW_VALUE).alias(c) for c in wanted).struct.json_encode()
    return rejected.select(RECORD_ID, ROW, reasons.alias("reasons"), raw.alias("raw"))


def _rejected_lines(broken: pl.DataFrame) -> pl.DataFrame:
    """Lines whose cells are not known, as JSON with the line."""
    reasons = pl.concat_list(pl.lit(UNREADABLE), "reason")
    raw = pl.struct(pl.col("line").str.head(RAW_LINE)).struct.json_encode()
    return broken.select(RECORD_ID, ROW, reasons.alias("reasons"), raw.alias("raw"))
