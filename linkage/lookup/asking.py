"""Records against a lookup: people found by their keys, then weighed, ranked and decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from threading import Lock
from typing import Any, Final

import numpy as np
import polars as pl

from linkage.columns import INDEX
from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.prepared import Either, ManyRows, Prepared, Steps
from linkage.lookup.steps import DECIDED, OWNER, PAIR, VALUE, Asked, AskedSteps
from linkage.lookup.store import Hashes, Lookup

_FEW_RECORDS: Final = 16
_FEW_PAIRS: Final = 200
"""Up to here SQLite is done before DuckDB has set up: half a millisecond a record, a fifth a pair."""
_HASHES: Final = Steps({"asked": {"told": "VARCHAR"}}, {}, (), 'SELECT hash(told) FROM "asked"')


class Asking:
    """A lookup made ready for records of one registry.

    Args:
        engine: holds the people; it is asked for the shape of its tables only.
        asked: what records are judged by.
        lookup: the register.
        cleaned: any cleaned record of the registry: its columns count.
    """

    def __init__(
        self, engine: DuckDBEngine, asked: Asked, lookup: Lookup, cleaned: pl.DataFrame
    ) -> None:
        self._lookup = lookup
        self._steps = AskedSteps(engine, asked, lookup.content)
        self._one_at_a_time = Lock()
        with ExitStack() as opened:
            prepared = opened.enter_context(Prepared())
            types = prepared.types_of(self._steps.record(cleaned))
            # DuckDB's own, of which the lookup is made
            self._hashes = ManyRows(prepared, "hashes", _HASHES)
            self._keys = Either(prepared, "keys", self._steps.keys(types))
            opened.callback(self._keys.close)
            self._answer = Either(prepared, "answer", self._steps.answer(types))
            opened.callback(self._answer.close)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Free what was prepared, as soon as nobody is answered."""
        with self._one_at_a_time:
            self._opened.close()

    def __call__(self, cleaned: pl.DataFrame) -> list[tuple[dict[str, Any], pl.DataFrame]]:
        """Judge records, each by itself.

        Args:
            cleaned: the records, as :func:`linkage.clean.clean_frame` returns them.

        Returns:
            For each its row of the ``records`` list, and its candidates as the review list shows
            them.
        """
        record = self._steps.record(cleaned).to_dict(as_series=False)
        with self._one_at_a_time:
            found = self._found(record)
        return [self._judged(list(rows)) for _, rows in groupby(found, lambda row: row[0])]

    def _found(self, record: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
        """The rows of the answer."""
        are_few = len(record[INDEX]) <= _FEW_RECORDS
        keys = self._keys.rows(record, are_few=are_few)
        told = {"told": [told for _, _, told, _ in keys]}
        hashes = np.array(self._hashes.rows(told), np.uint64).reshape(-1)
        records, kinds = (np.array([key[n] for key in keys], np.int64) for n in (0, 1))
        (pairs_of, pairs), (_, owners) = (
            self._lookup.people(records[kinds == wanted], hashes[kinds == wanted])
            for wanted in (PAIR, OWNER)
        )
        known = self._lookup.rows(np.union1d(pairs, owners))
        own = [(kind - VALUE, value) for _, kind, _, value in keys if kind >= VALUE]
        return self._answer.rows(
            record,
            known,
            {"idx_l": pairs_of.tolist(), "idx_r": pairs.tolist()},
            *self._shares(known, own, hashes[kinds >= VALUE]),
            are_few=are_few and len(pairs) <= _FEW_PAIRS,
        )

    def _judged(self, found: list[tuple[Any, ...]]) -> tuple[dict[str, Any], pl.DataFrame]:
        """What was found of one record, a row for each candidate."""
        count = len(DECIDED)
        decided = dict(zip(DECIDED, found[0], strict=False))
        candidates = [row[count:] for row in found if row[count] is not None]
        return decided, pl.DataFrame(candidates, self._steps.candidate, orient="row")

    def _shares(
        self, known: Mapping[str, Sequence[Any]], own: Sequence[tuple[int, str]], hashes: Hashes
    ) -> list[dict[str, list[Any]]]:
        """How frequent the people's values are, and the record's own, feature by feature."""
        tf = self._lookup.frequencies(hashes).tolist()
        shares = []
        for n, feature in enumerate(self._steps.values):
            found = dict(zip(known[feature], known[f"tf_{feature}"], strict=True))
            found |= {v: t for (place, v), t in zip(own, tf, strict=True) if place == n}
            # NaN: the register does not have it
            sure = {v: t for v, t in found.items() if v is not None and t is not None and t == t}
            shares.append({feature: list(sure), f"tf_{feature}": list(sure.values())})
        return shares
