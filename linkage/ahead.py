"""Two cores for work in pieces: one makes the next piece while the other works on the one before it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

T = TypeVar("T")


def ahead(pieces: Iterable[T]) -> Generator[T]:
    """The same pieces in order, each made while somebody works on the one before it.

    Whoever may stop before the end closes it (``contextlib.closing``): what makes the pieces is at rest
    then.

    Example:
        >>> [*ahead(n * n for n in (1, 2, 3))]
        [1, 4, 9]
    """
    own, end = iter(pieces), object()
    try:
        with ThreadPoolExecutor(1) as other:
            coming = other.submit(next, own, end)
            while (piece := coming.result()) is not end:
                coming = other.submit(next, own, end)
                yield cast(T, piece)
                del piece  # whoever works on it decides how long it is held
    finally:
        if isinstance(own, Generator):
            own.close()
