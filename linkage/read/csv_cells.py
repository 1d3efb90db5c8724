"""Where the cells of a CSV text begin and end, found with array operations.

No reader at hand tells absent cells from empty ones, keeps the position of the rows that it drops
and survives a quote that is never closed. This one does, in a few passes over the bytes:

1. Delimiters and newlines cut the text into *segments*.
2. Only segments with an odd number of quotes (*events*) can change whether we stand inside a quoted
   cell. An event that starts with a quote turns the state over; any other one ends inside-ness, for
   a quote in the middle of an unquoted cell is an ordinary character.
3. Each line with events is summarised for both states it may begin in; quoted cells that run over
   several lines then pair an opening line with the next closing one. A pair that does not make a
   whole row (cells missing, text behind the closing quote) is a quote that was never closed: its
   first line alone is broken, and reading goes on at the next line.
4. Separators that stand outside of quotes delimit the cells.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.read.views import INLINE, Bytes, Positions, strings

Flags = npt.NDArray[np.bool_]

RAGGED: Final = "RAGGED_ROW"
UNTERMINATED: Final = "UNTERMINATED_QUOTE"

_NEWLINE: Final = 0x0A
_RETURN: Final = 0x0D
_CARRIED: Final = 1 << 23
"""Bytes: a quoted cell that is open for longer at the end of a part is one that was never closed."""


@dataclass(frozen=True)
class Cells:
    """The cells of a CSV body, not yet copied out.

    Attributes:
        text: the body as UTF-8, ending in a newline, padded by 12 bytes.
        quote: the quote's byte, or None if there is none in the text.
        row: position of each whole row among the data rows, from 1.
        first: where each whole row begins.
        ends: (rows x width) where each cell ends, exclusive.
        broken: the other rows: ``row``, ``reason``, ``line`` (their text).
        total: number of data rows, whole and broken; blank lines are none.
        used: bytes of the body that they take up; less than all only where a part of a file ends
            within a quoted cell.
    """

    text: Bytes
    quote: int | None
    row: Positions
    first: Positions
    ends: Positions
    broken: pl.DataFrame
    total: int
    used: int

    def column(self, index: int) -> pl.Series:
        """The cells of one column as strings, without their quotes."""
        ends = self.ends[:, index].copy()
        starts = self.first.copy() if index == 0 else self.ends[:, index - 1] + 1
        if index == self.ends.shape[1] - 1:
            ends -= (ends > starts) & (self.text[ends - 1] == _RETURN)
        if self.quote is None:
            return strings(self.text, starts, ends)
        quoted = (ends - starts >= 2) & (self.text[starts] == self.quote)
        quoted &= self.text[ends - 1] == self.quote
        values = strings(self.text, starts + quoted, ends - quoted)
        mark = chr(self.quote)
        doubled = values.str.contains(mark * 2, literal=True)
        if not doubled.any():
            return values
        undoubled = pl.col("v").str.replace_all(mark * 2, mark, literal=True)
        frame = pl.DataFrame({"v": values, "q": quoted})
        return frame.select(pl.when("q").then(undoubled).otherwise("v").alias("v")).to_series()


def scan(
    body: bytes, width: int, delimiter: str, quote: str | None, *, final: bool = True
) -> Cells:
    r"""Find the cells of a CSV body.

    Args:
        body: the rows below the header, in valid UTF-8.
        width: number of cells of a whole row.
        delimiter: one ASCII character.
        quote: one ASCII character, or None if cells are never quoted.
        final: False where more of the text follows: a quoted cell that is open at the end is left
            to be read with what follows.

    Returns:
        Cells: positions of the cells of whole rows, and the rows that are not whole.

    Example:
        >>> cells = scan(b'1;"a;b"\n2\n3;c\n', 2, ";", '"')
        >>> cells.column(1).to_list(), cells.row.tolist(), cells.broken["row"].to_list()
        (['a;b', 'c'], [1, 3], [2])
    """
    end = b"" if not body or body.endswith(b"\n") else b"\n"
    text: Bytes = np.frombuffer(b"".join((body, end, bytes(INLINE))), dtype=np.uint8)
    size = len(text) - INLINE
    separators = np.flatnonzero((text[:size] == ord(delimiter)) | (text[:size] == _NEWLINE))
    newline = text[separators] == _NEWLINE
    mark = ord(quote) if quote and quote.encode() in body else None
    bad_lines = np.zeros(0, dtype=np.int64)
    if mark is not None:
        inside, bad_lines, pending = _inside(text[:size], separators, newline, mark, width)
        if not final and pending is not None and size - pending <= _CARRIED:
            return scan(body[:pending], width, delimiter, quote)
        separators, newline = separators[~inside], newline[~inside]
    cells = _rows(text, mark, (separators, newline), bad_lines, width)
    return replace(cells, used=len(body))


def leaves_open(body: bytes, delimiter: str, quote: str) -> bool:
    r"""Whether a quoted cell is open at the end of some line, were each line begun outside of quotes.

    Args:
        body: whole lines, each with its newline.
        delimiter: one ASCII character.
        quote: one ASCII character.

    Example:
        >>> leaves_open(b'1;"a;b"\n2;c"\n', ";", '"'), leaves_open(b'1;"a\nb"\n', ";", '"')
        (False, True)
    """
    text: Bytes = np.frombuffer(body, dtype=np.uint8)
    separators = np.flatnonzero((text == ord(delimiter)) | (text == _NEWLINE))
    events = _events(text, separators, text[separators] == _NEWLINE, ord(quote))
    if events is None:
        return False
    outside = np.zeros(len(events.begin), dtype=np.bool_)
    return bool(_Summary.of(events, outside).open.any())


def none_broken() -> pl.DataFrame:
    """The frame of broken lines where there are none."""
    return pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String, "line": pl.String})


def _rows(
    text: Bytes, quote: int | None, cuts: tuple[Positions, Flags], bad_lines: Positions, width: int
) -> Cells:
    separators, newline = cuts
    last = np.flatnonzero(newline)
    ends = separators[last]
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    counts = np.diff(last, prepend=-1)
    length = ends - starts
    blank = (length == 0) | ((length == 1) & (text[starts] == _RETURN))
    number = np.cumsum(~blank)
    unclosed = np.isin(ends, bad_lines)
    whole = (counts == width) & ~unclosed & ~blank
    rest = ~whole & ~blank
    broken = pl.DataFrame(
        {
            "row": number[rest],
            "reason": np.where(unclosed[rest], UNTERMINATED, RAGGED).tolist(),
            "line": strings(text, starts[rest], ends[rest]).str.strip_suffix("\r"),
        },
        schema={"row": pl.Int64, "reason": pl.String, "line": pl.String},
    )
    cells = separators if whole.all() else separators[np.repeat(whole, counts)]
    total = int(number[-1]) if len(number) else 0
    matrix = cells.reshape(-1, width)
    return Cells(text, quote, number[whole], starts[whole], matrix, broken, total, 0)


# --- quotes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Events:
    """Segments with an odd number of quotes, and what they do within their line."""

    segment: Positions
    """Index into the separators."""
    turns: Flags
    """Starts with a quote: turns the state over. The others end inside-ness."""
    sound: Flags
    """Ends in a quote, as the end of a quoted cell must."""
    line: Positions
    """Index of the event's line among the lines with events."""
    begin: Positions
    """Per line with events: its first segment."""
    stop: Positions
    """Per line with events: one past its last segment."""

    def after(self, initial: Flags) -> Flags:
        """State behind each event, when its line begins in the given state (one per line)."""
        first = np.diff(self.line, prepend=-1) != 0
        turned = np.cumsum(self.turns)
        anchor = np.maximum.accumulate(np.where(first | ~self.turns, np.arange(len(turned)), 0))
        base = np.where(self.turns, turned - 1, turned)[anchor]
        state = np.where(self.turns, initial[self.line], False)[anchor]
        result: Flags = state ^ ((turned - base) % 2 == 1)
        return result

    def reach(self) -> Positions:
        """Number of segments from each event to the next one, or to the end of its line."""
        following = np.append(self.segment[1:], 0)
        is_last = np.diff(self.line, append=-1) != 0
        return np.where(is_last, self.stop[self.line], following) - self.segment


def _events(text: Bytes, separators: Positions, newline: Flags, quote: int) -> _Events | None:
    # Counted in bytes, which run over without harm: whether there are two or none is the same.
    is_odd = np.cumsum(text == quote, dtype=np.uint8)[separators] % 2 == 1
    segment = np.flatnonzero(np.diff(is_odd, prepend=False))
    if not len(segment):
        return None
    begins = np.where(segment > 0, separators[segment - 1] + 1, 0)
    ends = separators[segment]
    ends = ends - (newline[segment] & (text[ends - 1] == _RETURN))
    line_ends = np.flatnonzero(newline)
    lines, line = np.unique(np.searchsorted(line_ends, segment), return_inverse=True)
    begin = np.where(lines > 0, line_ends[lines - 1] + 1, 0)
    return _Events(
        segment,
        text[begins] == quote,
        text[ends - 1] == quote,
        line.astype(np.int64),
        begin,
        line_ends[lines] + 1,
    )


def _inside(
    text: Bytes, separators: Positions, newline: Flags, quote: int, width: int
) -> tuple[Flags, Positions, int | None]:
    """Which separators stand inside quotes, and where the lines with unclosed quotes end.

    Thirdly, where the line begins whose quoted cell is still open at the end of the text.
    """
    inside = np.zeros(len(separators), dtype=np.bool_)
    events = _events(text, separators, newline, quote)
    if events is None:
        return inside, np.zeros(0, dtype=np.int64), None
    pairs, broken, still_open = _pair_lines(events, width)
    carried = np.zeros(len(events.begin), dtype=np.bool_)
    edge = np.zeros(len(separators) + 1, dtype=np.int64)
    for opening, closing in pairs:
        carried[opening + 1 : closing + 1] = True
    within = np.flatnonzero(carried)
    edge[events.stop[within - 1]] += 1  # lines without events between two with, if there are any
    np.add.at(edge, events.begin[within], -1)
    state = events.after(carried) & ~broken[events.line]
    before = np.append(False, state[:-1])
    first = np.diff(events.line, prepend=-1) != 0
    before = np.where(first, carried[events.line], before)
    np.add.at(edge, events.segment[state], 1)
    np.add.at(edge, (events.segment + events.reach())[state], -1)
    lead = first & before
    np.add.at(edge, events.begin[events.line][lead], 1)
    np.add.at(edge, events.segment[lead], -1)
    inside = np.cumsum(edge[:-1]) > 0
    pending = None
    if still_open is not None:
        begin = int(events.begin[still_open])
        pending = int(separators[begin - 1]) + 1 if begin else 0
    return inside, separators[events.stop[np.flatnonzero(broken)] - 1], pending


def _pair_lines(events: _Events, width: int) -> tuple[list[tuple[int, int]], Flags, int | None]:
    """Lines that open a quoted cell with the lines that close it; lines that are broken.

    Thirdly, the first line whose cell no line closes.

    The loop runs over opening lines only, with plain integers: whether a line counts as an opening
    one hangs on all before it.
    """
    lines = len(events.begin)
    outer = _Summary.of(events, np.zeros(lines, dtype=np.bool_))
    inner = _Summary.of(events, np.ones(lines, dtype=np.bool_))
    cells = np.append(0, np.cumsum(inner.cells))
    unsound = np.append(0, np.cumsum(inner.unsound))
    broken = outer.unsound & ~outer.open
    closings = np.flatnonzero(~inner.open).tolist()
    pairs: list[tuple[int, int]] = []
    still_open: int | None = None
    done = -1
    for opening in np.flatnonzero(outer.open).tolist():
        if opening <= done:
            continue
        place = bisect_right(closings, opening)
        closing = closings[place] if place < len(closings) else lines
        whole = closing < lines and (
            outer.cells[opening] + cells[closing + 1] - cells[opening + 1] == width
            and not outer.unsound[opening]
            and unsound[closing + 1] == unsound[opening + 1]
        )
        if whole:
            pairs.append((opening, closing))
            broken[opening : closing + 1] = False
            done = closing
        else:
            broken[opening] = True
            if closing == lines and still_open is None:
                still_open = opening
    return pairs, broken, still_open


@dataclass(frozen=True)
class _Summary:
    """What a line with events amounts to when it begins in a given state."""

    open: Flags
    """Ends inside quotes."""
    cells: Positions
    """Number of separators outside of quotes."""
    unsound: Flags
    """Has text behind a closing quote."""

    @classmethod
    def of(cls, events: _Events, initial: Flags) -> _Summary:
        after = events.after(initial)
        first = np.diff(events.line, prepend=-1) != 0
        last = np.diff(events.line, append=-1) != 0
        before = np.where(first, initial[events.line], np.append(False, after[:-1]))
        lead = (events.segment[first] - events.begin) * initial
        hidden = np.bincount(events.line, weights=events.reach() * after).astype(np.int64)
        unsound = np.bincount(events.line, weights=before & ~after & ~events.sound) > 0
        return cls(after[last], events.stop - events.begin - lead - hidden, unsound)
