"""The first step: a source and a column mapping to a raw frame under standard names.

Nothing is repaired here and nothing is lost: a row is either among the ``rows``, with every value as
the source holds it, or in ``rejects``, with the reasons. Rows are kept in pieces, on disk where a
folder is given, so that the memory they take does not grow with the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from linkage.columns import RECORD_ID, ROW
from linkage.config.models import SourceConfig
from linkage.errors import ContractError
from linkage.read import files
from linkage.read.keys import record_ids
from linkage.read.parts import (
    Headers,
    Part,
    Parts,
    headers,
    of_csv,
    of_frame,
    of_table_file,
    prefixed,
)
from linkage.read.stage import Stage

UNREADABLE: Final = "UNREADABLE"
NUL_BYTE: Final = "NUL_BYTE"
OVERSIZED: Final = "OVERSIZED_VALUE"
DUPLICATE_KEY: Final = "DUPLICATE_KEY"

LONGEST_VALUE: Final = 64 * 1024
"""Bytes; a longer value is no name, number or address."""
PIECE_ROWS: Final = 150_000
"""Rows that are enough for a piece: what cleaning sets up for each piece costs as much as 60,000 rows,
and the engine writes tables at once where more than 122,880 rows come together."""
RAW_VALUE: Final = 1024
"""Characters of each value that a reject keeps."""
RAW_LINE: Final = 8 * RAW_VALUE
"""Characters of a line that a reject keeps when its cells are not known."""
_BAD: Final = pl.col("nul") | pl.col("oversized")


@dataclass(frozen=True, repr=False)
class RawSource:
    """A source as read.

    Attributes:
        height: number of usable rows.
        rejects: the other rows: ``record_id``, ``row``, ``reasons``, ``raw`` (JSON).
        source: facts for the manifest: path, format, encoding, delimiter, rows, content_hash,
            as_of, note.
    """

    height: int
    rejects: pl.DataFrame
    source: dict[str, Any]
    _stage: Stage
    _names: Stage
    _columns: Headers

    def __repr__(self) -> str:
        """Counts only."""
        return f"<RawSource: {self.height:,} rows, {self.rejects.height:,} rejects>"

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The usable rows in the order of the source, some two hundred thousand at a time.

        Yields:
            ``row``, ``record_id``, then one String column per mapped field, null where blank.
        """
        gathered: list[pl.DataFrame] = []
        for part in self._parts():
            gathered.append(part)
            if sum(one.height for one in gathered) >= PIECE_ROWS:
                yield pl.concat(gathered, rechunk=True)
                gathered = []
        if gathered:
            yield pl.concat(gathered, rechunk=True)

    def _parts(self) -> Iterator[pl.DataFrame]:
        """The usable rows as they were put aside."""
        fields = [
            _joined(self._columns[field]).alias(field)
            for field in self._columns
            if field != RECORD_ID
        ]
        before, (all_names,) = 0, self._names
        for kept in self._stage:
            # The names of a piece stand together: both are in the order of the rows.
            names = all_names.slice(before, kept.height)
            before += kept.height
            named = kept.hstack(names.drop(ROW))
            yield named.filter(~pl.col("repeated")).select(ROW, RECORD_ID, *fields)

    @property
    def rows(self) -> pl.DataFrame:
        """All usable rows in one frame; see :meth:`pieces`."""
        return pl.concat(self._parts(), rechunk=False)

    @property
    def names(self) -> pl.DataFrame:
        """``row, record_id`` of all rows, usable or not."""
        usable = (piece.filter(~pl.col("repeated")) for piece in self._names)
        named = [piece.select(ROW, RECORD_ID) for piece in (*usable, self.rejects)]
        return pl.concat(named)

    def kept(self) -> list[str | None]:
        """Have the disk hold what was put aside, for another process to go on with.

        Returns:
            Names of folders in the one given to :func:`read_source`.
        """
        return [self._stage.kept(), self._names.kept()]

    @classmethod
    def found(
        cls,
        height: int,
        rejects: pl.DataFrame,
        source: dict[str, Any],
        folders: Sequence[Path | None],
        columns: Headers,
    ) -> RawSource:
        """A source that an earlier process has read.

        Args:
            height: number of usable rows.
            rejects: the other rows.
            source: facts for the manifest.
            folders: those of :meth:`kept`; of folders that are gone there are no pieces.
            columns: the mapping that it was read with.
        """
        stage, names = (Stage.found(folder) for folder in folders)
        return cls(height, rejects, source, stage, names, columns)

    def discard(self) -> None:
        """Free what the rows take up; they cannot be read again."""
        self._stage.discard()
        self._names.discard()


def read_source(
    name: str,
    source: SourceConfig,
    columns: Headers,
    key: str | None,
    *,
    frame: object | None = None,
    folder: Path | None = None,
) -> RawSource:
    """Read a source into raw rows and rejects.

    Args:
        name: what messages call the source: ``sim``, ``population``.
        source: path, format, encoding and so on, see :class:`~linkage.config.models.SourceConfig`.
        columns: standard field to source header, or to several whose texts are joined by a
            space, blank ones left out.
        key: standard field that keys the rows; None, or one that is not mapped, keys them by
            position as ``row:<n>``.
        frame: a frame handed over in place of the path.
        folder: where the rows are kept meanwhile; in memory by default.

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
        parts = of_frame(name, frame, columns)
    else:
        path = files.locate(name, source.path)
        kind = files.detect(name, path, source.format)
        parts = (
            of_csv(name, path, source, columns)
            if kind == "csv"
            else of_table_file(name, path, kind, columns)
        )
    return settle(name, parts, columns, key, source, folder)


@dataclass
class _Sorted:
    """What settling has seen so far: keys of all rows, and the rows that cannot be used."""

    keys: list[pl.DataFrame]
    bad: list[pl.DataFrame]
    broken: list[pl.DataFrame]


def settle(
    name: str,
    parts: Parts,
    columns: Headers,
    key: str | None,
    source: SourceConfig,
    folder: Path | None,
) -> RawSource:
    """Tell usable rows from rejects, name all of them, and see that none is lost.

    The arguments are those of :func:`read_source`, with the parts of the source.
    """
    stage, names = Stage(folder), Stage(folder)
    seen, wanted = _Sorted([], [], []), headers(columns)
    key_value = _usable_key(columns[key]) if key and key in columns else _no_key()
    for part in parts:
        _sort(part, wanted, key_value, seen, stage)
    named = _named(seen)
    usable = named.filter("usable").select(ROW, RECORD_ID, "repeated")
    rejects = pl.concat(
        [
            _rejected_rows(_with_names(pl.concat(seen.bad), named), wanted),
            *_repeated_rows(usable, stage, wanted),
            _rejected_lines(_with_names(pl.concat(seen.broken), named)),
        ]
    ).sort(ROW)
    height = int((~usable["repeated"]).sum())
    total = named.height
    if height + rejects.height != total:
        msg = f"{name}: rows are lost while reading"
        raise ContractError(msg, expected=f"{total} rows",
                            found=f"{height} usable, {rejects.height} rejected")  # fmt: skip
    as_of = source.as_of.isoformat() if source.as_of else None
    facts = {**parts.facts, "rows": total, "rejected": rejects.height, "as_of": as_of}
    unsaid = {"encoding": None, "delimiter": None, "note": None}
    names.add(usable)
    return RawSource(height, rejects, {**unsaid, **facts}, stage, names, columns)


def _sort(part: Part, wanted: Sequence[str], key: pl.Expr, seen: _Sorted, stage: Stage) -> None:
    """Keep a part's usable rows, and remember its keys and its other rows."""
    table = part.table.with_columns(
        nul=pl.any_horizontal(
            pl.lit(value=False), *(_has_nul(_cell(c)) for c in wanted if part.may_hold_nul)
        ),
        oversized=pl.any_horizontal(_is_oversized(_cell(c)) for c in wanted),
    )
    seen.keys += [
        table.select(ROW, key.alias("key"), usable=~_BAD),
        part.broken.select(ROW, _no_key().alias("key"), usable=False),
    ]
    seen.bad.append(table.filter(_BAD))
    seen.broken.append(part.broken)
    stage.add(table.filter(~_BAD).drop("nul", "oversized"))


def _named(seen: _Sorted) -> pl.DataFrame:
    """Every row's name, in the order of the source: ``row, usable, record_id, repeated``."""
    rows = pl.concat(seen.keys)
    if not rows["row"].is_sorted():
        rows = rows.sort(ROW)
    return rows.select(ROW, "usable").hstack(record_ids(rows))


def _with_names(rows: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    return rows.join(named.drop("usable"), on=ROW, how="left")


def _repeated_rows(
    usable: pl.DataFrame, stage: Stage, wanted: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """Usable rows whose key another row has, found among the staged ones."""
    repeated = usable.filter("repeated")
    if not repeated.height:
        return
    for kept in stage:
        found = kept.join(repeated, on=ROW, how="inner")
        flags = found.with_columns(nul=pl.lit(value=False), oversized=pl.lit(value=False))
        yield _rejected_rows(flags, wanted)


def _cell(column: str) -> pl.Expr:
    return pl.col(prefixed(column))


def _no_key() -> pl.Expr:
    return pl.lit(None, pl.String)


def _blank_to_null(column: str) -> pl.Expr:
    value = _cell(column)
    return pl.when(value.str.strip_chars() != "").then(value)


def _joined(column: str | Sequence[str]) -> pl.Expr:
    """A column's text; of several columns, their texts that are not blank, parted by spaces."""
    if isinstance(column, str):
        return _blank_to_null(column)
    parts = [_blank_to_null(one) for one in column]
    text = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    return pl.when(pl.any_horizontal(part.is_not_null() for part in parts)).then(text)


def _usable_key(column: str | Sequence[str]) -> pl.Expr:
    value = _cell(column) if isinstance(column, str) else _joined(column)
    return pl.when(~_has_nul(value) & ~_is_oversized(value)).then(value)


def _has_nul(value: pl.Expr) -> pl.Expr:
    return value.str.contains("\0", literal=True).fill_null(value=False)


def _is_oversized(value: pl.Expr) -> pl.Expr:
    return (value.str.len_bytes() > LONGEST_VALUE).fill_null(value=False)


def _rejected_rows(rejected: pl.DataFrame, wanted: Sequence[str]) -> pl.DataFrame:
    """Rows whose cells are known, as JSON by source header."""
    reasons = pl.concat_list(
        pl.when(_BAD).then(pl.lit(UNREADABLE)),
        pl.when("nul").then(pl.lit(NUL_BYTE)),
        pl.when("oversized").then(pl.lit(OVERSIZED)),
        pl.when(~_BAD).then(pl.lit(DUPLICATE_KEY)),
    ).list.drop_nulls()
    raw = pl.struct(_cell(c).str.head(RAW_VALUE).alias(c) for c in wanted).struct.json_encode()
    return rejected.select(RECORD_ID, ROW, reasons.alias("reasons"), raw.alias("raw"))


def _rejected_lines(broken: pl.DataFrame) -> pl.DataFrame:
    """Lines whose cells are not known, as JSON with the line."""
    reasons = pl.concat_list(pl.lit(UNREADABLE), "reason")
    raw = pl.struct(pl.col("line").str.head(RAW_LINE)).struct.json_encode()
    return broken.select(RECORD_ID, ROW, reasons.alias("reasons"), raw.alias("raw"))
