"""Steps prepared both ways: for a few rows and for many."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from linkage.engines.prepared.composed import Steps
from linkage.engines.prepared.connection import Prepared
from linkage.engines.prepared.few_rows import FewRows
from linkage.engines.prepared.many_rows import ManyRows
from linkage.errors import ContractError

_LOGGER: Final = logging.getLogger(__name__)


class Either:
    """Steps that SQLite executes for a few rows, where it can, and else DuckDB.

    Args:
        prepared: where DuckDB executes them.
        name: tells them from others there.
        steps: what is done.
    """

    def __init__(self, prepared: Prepared, name: str, steps: Steps) -> None:
        self._many = ManyRows(prepared, name, steps)
        self._few: FewRows | None = None
        if FewRows.is_possible():
            try:
                self._few = FewRows(steps, prepared)
            except ContractError as error:  # an answer that takes longer is better than none
                _LOGGER.warning("steps are left to DuckDB: %s", error)

    @property
    def has_both(self) -> bool:
        """Whether SQLite can do them."""
        return self._few is not None

    def close(self) -> None:
        """Close what was opened for a few rows."""
        if self._few:
            self._few.close()

    def rows(self, *tables: Mapping[str, Sequence[Any]], are_few: bool) -> list[tuple[Any, ...]]:
        """Execute the steps.

        Args:
            tables: columns to their values, for each table that is given, in order.
            are_few: whether there are few rows; the result is the same.

        Raises:
            ContractError: they cannot be executed.
        """
        way = self._few if are_few and self._few else self._many
        return way.rows(*tables)
