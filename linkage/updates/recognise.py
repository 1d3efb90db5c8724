"""Rows that an update need not read: their line is one that was there before, byte by byte.

The rows of a CSV file are told by a hash of their line (:mod:`linkage.read.lines`). A known line
is the row that it was, under the name that it had; all others are read and named as in any run. Names
hang together: where a row that is read has the name of one that is not, that one is read as well, until
none has. So every row has the name that it would have had, had all been read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from linkage.columns import INDEX, RECORD_ID, ROW
from linkage.read import Lines, RawSource, lines_of, locate, settle
from linkage.session import Session
from linkage.updates.rows import HASH, Delta, all_hashed, delta_of

LINE: Final = "line"
_MADE_UP: Final = r"^row:"
"""Names that a row has by its place: another place, another name."""
_REPEATED: Final = r"(#\d+)+$"
"""Ends the names of rows whose key another row has."""


def lines_at(session: Session, name: str) -> Lines | None:
    """The lines of a registry's source as it is now; None where they cannot be told apart."""
    config = session.job.config.registries[name]
    if name in session.frames or session.key_of(name) not in config.columns:
        return None  # without a key a row's name is its place
    return lines_of(name, locate(name, config.source.path), config.source, config.columns)


def keep_lines(lines: Lines | None, path: Path, source: dict[str, object]) -> None:
    """Write the hashes of a source's lines, in the order of its rows.

    Args:
        lines: of the file; None where they cannot be told apart.
        path: Parquet file to make.
        source: facts about what was read: if the file is another now, nothing is written.
    """
    if lines is not None and lines.facts["content_hash"] == source["content_hash"]:
        pl.DataFrame({LINE: lines.prints}).write_parquet(path, compression="lz4")


def recognise(
    session: Session,
    name: str,
    lines: Lines,
    kept: pl.DataFrame,
    repeated: pl.Series,
    again: pl.Series,
) -> tuple[RawSource, Delta]:
    """Read the rows of a registry's source that are not known, and tell what is different.

    Args:
        session: the job at work.
        name: of the registry.
        lines: of its source as it is now.
        kept: rows as they were: ``idx, row, record_id, hash, line``.
        repeated: keys that several rows had.
        again: keys that count as changed whatever their rows say.

    Returns:
        The source, of whose usable rows the pieces are those that were read; and the difference.
    """
    known = _known(lines, kept, (*repeated, *again))
    config, folder = session.job.config.registries[name], session.folder
    while True:
        wanted = np.ones(len(lines.prints), dtype=np.bool_)
        wanted[known[ROW].to_numpy() - 1] = False
        parts = lines.read(wanted, config.columns)
        source = settle(name, parts, config.columns, session.key_of(name), config.source, folder)
        apart = known.join(source.names, on=RECORD_ID, how="anti", maintain_order="left")
        if apart.height == known.height:
            break
        known = apart
        source.discard()
    rows = len(lines.prints)
    whole = replace(
        source, height=source.height + known.height, source={**source.source, "rows": rows}
    )
    return whole, delta_of(known, all_hashed(source), kept, again)


def _known(lines: Lines, kept: pl.DataFrame, apart: Collection[str]) -> pl.DataFrame:
    """Rows whose lines are known: ``was, row, record_id, hash``, in order of the rows now.

    Args:
        lines: as they are now.
        kept: rows as they were.
        apart: names of rows that are read in any case.
    """
    once = ~pl.col(LINE).is_duplicated()
    then = kept.filter(
        once,
        ~pl.col(RECORD_ID).str.contains(_MADE_UP),
        ~pl.col(RECORD_ID).is_in(pl.Series(list(apart), dtype=pl.String).implode()),
    ).select(LINE, RECORD_ID, HASH, was=INDEX)
    now = pl.DataFrame({LINE: lines.prints}).with_row_index(ROW, 1).with_columns(
        pl.col(ROW).cast(pl.Int64)
    )  # fmt: skip
    found = now.filter(once).join(then, on=LINE, maintain_order="left")
    return found.select("was", ROW, RECORD_ID, HASH)


def keys_of_repeated(rejects: pl.DataFrame) -> pl.Series:
    """Keys that several rows had, by the names of those that were set aside for it."""
    numbered = rejects.filter(pl.col(RECORD_ID).str.contains(_REPEATED))
    return numbered[RECORD_ID].str.replace(_REPEATED, "").unique()
