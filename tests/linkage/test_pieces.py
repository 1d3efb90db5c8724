"""Pieces that are made while somebody works on the ones before them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from linkage.pieces import ahead


def test_pieces_that_are_made_ahead_come_in_order() -> None:
    assert [*ahead(iter(range(5)))] == [0, 1, 2, 3, 4]
    assert [*ahead(iter([]))] == []


def test_what_goes_wrong_in_a_piece_is_told_where_it_is_wanted() -> None:
    def pieces() -> Iterator[int]:
        yield 1
        yield 1 // 0

    found = ahead(pieces())
    assert next(found) == 1
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_who_stops_before_the_end_leaves_what_makes_the_pieces_at_rest() -> None:
    told = []

    def pieces() -> Iterator[int]:
        try:
            yield from range(5)
        finally:
            told.append("closed")

    with closing(ahead(pieces())) as found:
        assert next(found) == 0
        assert told == []
    assert told == ["closed"]
