"""Slices of a text as a column of strings that points into it: nothing is copied out."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Positions = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

INLINE: Final = 12
"""Longest value that an Arrow string view holds in itself."""
_FIRST_BYTES: Final = np.array(
    [[0xFF] * kept + [0] * (INLINE - kept) for kept in range(INLINE + 1)], dtype=np.uint8
).view("<u4")
"""Masks that keep the first 0 to 12 bytes of three words."""
_WINDOW: Final = 1 << 30
"""Distance between the buffers that views point into: their offsets are 32-bit."""


def strings(text: Bytes, starts: Positions, ends: Positions) -> pl.Series:
    """Slices of the text as a string column that points into it.

    An Arrow string view is four 32-bit words: the length; then either the value itself, when it is
    short, or its first four bytes, its buffer and its place in the buffer.

    Args:
        text: UTF-8, padded by 12 bytes.
        starts: where each slice begins.
        ends: where it ends, exclusive.
    """
    length = ends - starts
    # The bytes that begin at each byte of the text, aligned or not: looked up once a value, for most
    # of the time goes into waiting for memory.
    inline = np.ndarray((len(text) - INLINE + 1,), f"V{INLINE}", buffer=text, strides=(1,))
    views = np.empty((len(starts), 4), dtype="<u4")
    views[:, 0] = length
    found = inline[starts].view("<u4").reshape(-1, INLINE // 4)
    views[:, 1:] = found & _FIRST_BYTES[np.minimum(length, INLINE)]
    far = length > INLINE
    views[far, 2] = starts[far] // _WINDOW
    views[far, 3] = starts[far] % _WINDOW
    buffers = [
        pa.py_buffer(text[begin : begin + 2 * _WINDOW - 1])
        for begin in range(0, len(text), _WINDOW)
    ]
    array = pa.Array.from_buffers(
        pa.string_view(), len(starts), [None, pa.py_buffer(views), *buffers]
    )
    return pl.Series(array)
