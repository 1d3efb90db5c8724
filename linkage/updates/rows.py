"""Which rows of a source are new, changed or gone since the run before: told by a hash of each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from linkage.columns import INDEX, RECORD_ID, ROW
from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables
from linkage.read import RawSource

HASH: Final = "hash"
SCHEMA: Final = {
    INDEX: pl.Int64(), ROW: pl.Int64(), RECORD_ID: pl.String(), HASH: pl.UInt64(),
}  # fmt: skip
_NAMED: Final = (ROW, RECORD_ID)
_NOTHING: Final = "\0\0"
"""Stands for no value: no value of a usable row holds such a byte."""


def hashed(raw: pl.DataFrame, *, first: int = 0) -> pl.DataFrame:
    """The rows of a raw frame by key, each with the hash of all that it says.

    The hash is the same for the same values in every process with these libraries.

    Args:
        raw: ``row``, ``record_id`` and fields as strings (:meth:`linkage.read.RawSource.pieces`).
        first: ``idx`` of the first row.

    Returns:
        ``idx, row, record_id, hash``.

    Example:
        >>> raw = pl.DataFrame({"row": [1, 2], "record_id": ["a", "b"], "name": ["An", "An"]})
        >>> hashed(raw)["hash"].n_unique()
        1
    """
    fields = sorted(set(raw.columns) - {ROW, RECORD_ID})
    said = pl.concat_str([pl.col(field).fill_null(_NOTHING) for field in fields], separator="\0")
    whole = said if fields else pl.lit("")
    return raw.select(
        pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(INDEX),
        pl.col(ROW).cast(pl.Int64),
        RECORD_ID,
        whole.hash().alias(HASH),
    )


def all_hashed(source: RawSource) -> pl.DataFrame:
    """All usable rows of a source (:func:`hashed`)."""
    found, first = [], 0
    for raw in source.pieces():
        found.append(hashed(raw, first=first))
        first += raw.height
    return pl.concat(found)


def note_rows(engine: DuckDBEngine, tables: LinkTables, raw: pl.DataFrame, *, first: int) -> None:
    """Put the hashes of a piece of a source behind those of the pieces before it."""
    store = engine.append if first and engine.has(tables.rows) else engine.put
    store(tables.rows, hashed(raw, first=first))


@dataclass(frozen=True)
class Delta:
    """What is different from the run before.

    Attributes:
        now: all rows as they are now: ``idx, row, record_id, hash``.
        same: rows that say what they said: ``was`` (their ``idx`` then), ``idx`` and ``row`` now.
        new: keys that were not there, as ``idx, row, record_id``.
        changed: keys that say something else; with ``was``.
        vanished: how many keys are gone.
        gone: ``idx`` then of rows that say it no longer, where all others have kept theirs; None
            where they have not (:func:`in_place`).
    """

    now: pl.DataFrame
    same: pl.DataFrame
    new: pl.DataFrame
    changed: pl.DataFrame
    vanished: int
    gone: pl.DataFrame | None = None

    @property
    def to_link(self) -> pl.DataFrame:
        """The rows that are linked again: ``idx, row, record_id``."""
        return pl.concat([self.new, self.changed.drop("was")]).sort(INDEX)

    @property
    def counts(self) -> dict[str, int]:
        """For the manifest."""
        return {
            "same": self.same.height,
            "new": self.new.height,
            "changed": self.changed.height,
            "vanished": self.vanished,
        }


def compare(now: pl.DataFrame, before: pl.DataFrame, again: pl.Series) -> Delta:
    """Tell what is different.

    Args:
        now: rows as they are now (:data:`SCHEMA`).
        before: rows as they were.
        again: keys that count as changed whatever their rows say.

    Example:
        >>> before = pl.DataFrame([(0, 1, "a", 7), (1, 2, "b", 8)], schema=SCHEMA, orient="row")
        >>> now = pl.DataFrame([(0, 1, "b", 8), (1, 2, "c", 9)], schema=SCHEMA, orient="row")
        >>> compare(now, before, pl.Series([], dtype=pl.String)).counts
        {'same': 1, 'new': 1, 'changed': 0, 'vanished': 1}
    """
    known = now.join(
        before.select(RECORD_ID, was=INDEX, hash_then=HASH),
        on=RECORD_ID,
        how="left",
        maintain_order="left",
    ).with_columns(
        is_same=(pl.col(HASH) == pl.col("hash_then")).fill_null(value=False)
        & ~pl.col(RECORD_ID).is_in(again.implode())
    )
    other = known.filter(~pl.col("is_same"))
    named = (INDEX, ROW, RECORD_ID)
    return Delta(
        now,
        known.filter("is_same").select("was", INDEX, ROW),
        other.filter(pl.col("was").is_null()).select(named),
        other.filter(pl.col("was").is_not_null()).select(*named, "was"),
        before.height - known["was"].count(),
    )


def delta_of(
    known: pl.DataFrame, read: pl.DataFrame, before: pl.DataFrame, again: pl.Series
) -> Delta:
    """Tell what is different where some rows are known to say what they said.

    Args:
        known: those: ``was, row, record_id, hash``.
        read: the other rows as they are now (:data:`SCHEMA`); their ``idx`` does not matter.
        before: all rows as they were.
        again: keys that count as changed whatever their rows say.
    """
    order = pl.concat([known.select(ROW, RECORD_ID, HASH), read.select(ROW, RECORD_ID, HASH)])
    now = order.sort(ROW).with_row_index(INDEX).select(pl.col(INDEX).cast(pl.Int64), *_NAMED, HASH)
    places = now.select(INDEX, ROW)
    own = read.drop(INDEX).join(places, on=ROW).select(now.columns)
    others = before.join(own, on=RECORD_ID, how="semi")
    delta = compare(own, others, again)
    same = known.select("was", ROW).join(places, on=ROW).select("was", INDEX, ROW)
    return Delta(
        now,
        pl.concat([same, delta.same]).sort(INDEX),
        delta.new,
        delta.changed,
        before.height - known.height - others.height,
    )


def in_place(delta: Delta, before: pl.DataFrame) -> Delta:
    """Leave to rows the ``idx`` that they had, where new ones find room between them.

    What is made of rows hangs on the order of their ``idx`` alone; a gap is left where one is gone. So
    tables need not be written again to move their rows.

    Args:
        delta: with the places of all rows as ``idx``.
        before: rows as they were.

    Returns:
        The same with rows in their former places; as it was if the order of rows is another.

    Example:
        >>> before = pl.DataFrame([(0, 1, "a", 7), (1, 2, "b", 8)], schema=SCHEMA, orient="row")
        >>> now = pl.DataFrame([(0, 1, "b", 8), (1, 2, "c", 9)], schema=SCHEMA, orient="row")
        >>> delta = compare(now, before, pl.Series([], dtype=pl.String))
        >>> in_place(delta, before).now[INDEX].to_list()
        [1, 2]
    """
    known = pl.concat([delta.same.select(INDEX, "was"), delta.changed.select(INDEX, "was")])
    row, was = pl.int_range(pl.len()), pl.col("was")
    last = pl.when(was.is_not_null()).then(row).forward_fill().fill_null(-1)
    placed = (
        delta.now.select(INDEX)
        .join(known, on=INDEX, how="left", maintain_order="left")
        .select(INDEX, place=was.forward_fill().fill_null(-1) + row - last)
    )
    if not (placed["place"].diff().drop_nulls() > 0).all():
        return delta
    new = delta.new.join(placed, on=INDEX).select(pl.col("place").alias(INDEX), *_NAMED)
    changed = delta.changed.with_columns(pl.col("was").alias(INDEX))
    return replace(
        delta,
        now=delta.now.with_columns(placed["place"].alias(INDEX)),
        same=delta.same.with_columns(pl.col("was").alias(INDEX)),
        new=new,
        changed=changed,
        gone=before.select(INDEX).join(delta.same, left_on=INDEX, right_on="was", how="anti"),
    )


def told_anew(then: pl.DataFrame, now: pl.DataFrame) -> pl.Series:
    """Keys of records of whose links people say something else than they did.

    Args:
        then: ``record_id, person_id, is_right`` as it was.
        now: as it is.
    """
    sides = ((then, now), (now, then))
    other = [one.join(two, on=one.columns, how="anti", nulls_equal=True) for one, two in sides]
    return pl.concat(other)["record_id"].unique()


def chosen(pieces: Iterator[pl.DataFrame], rows: pl.DataFrame) -> pl.DataFrame:
    """Some rows of a source in one frame, in its order.

    Args:
        pieces: the source (:meth:`linkage.read.RawSource.pieces`), one at least.
        rows: ``row`` of those that are wanted.
    """
    wanted = rows.select(ROW)
    return pl.concat(
        [piece.join(wanted, on=ROW, how="semi", maintain_order="left") for piece in pieces]
    )
