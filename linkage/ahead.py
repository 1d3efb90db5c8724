"""Two cores for work in pieces: one makes the next piece while the other works on the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

T = TypeVar("T")


def ahead(pieces: Iterable[T]) -> Iterator[T]:
    """The same pieces in order, each made while somebody works on the one before it.

    Example:
        >>> [*ahead(n * n for n in (1, 2, 3))]
        [1, 4, 9]
    """
    own, end = iter(pieces), object()
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(next, own, end)
        while (piece := coming.result()) is not end:
            coming = other.submit(next, own, end)
            yield cast(T, piece)
