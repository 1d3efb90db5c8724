"""Letters that became ``?`` or the replacement character: kept as wildcards, never guessed.

A question mark is a lost letter only where a Vietnamese letter with a mark can have stood: in
``Nguy?n V?n An?`` the last one is a question. The pattern is folded, with ``_`` for each lost
letter, ready for SQL's LIKE: ``nguy_n v_n an``.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Final

import polars as pl

from cleaners.legacy import syllables
from cleaners.text import fold

__all__ = ["MARK", "is_remnant", "loss_patterns"]

#: What a loss looks like, as a regular expression.
MARK: Final = "[?\ufffd]"


@lru_cache(maxsize=1)
def _masked() -> pl.Series:
    """Every folded syllable with some of its marked letters masked."""
    found = set()
    table = syllables.table()
    for syllable, folded in zip(table["syllable"], table["folded"], strict=True):
        places = [at for at, letter in enumerate(syllable) if not letter.isascii()]
        for count in range(1, len(places) + 1):
            for chosen in itertools.combinations(places, count):
                found.add("".join("_" if at in chosen else c for at, c in enumerate(folded)))
    return pl.Series("pattern", sorted(found))


def is_remnant(word: pl.Expr) -> pl.Expr:
    """Whether a word with replacement characters, one a letter, is a syllable but for these."""
    masked = fold(word.str.replace_all("\ufffd", "_", literal=True), keep="_")
    return word.str.contains("\ufffd", literal=True) & masked.is_in(_masked().implode())


def loss_patterns(words: pl.DataFrame) -> pl.DataFrame:
    """Find the words with lost letters, and what is left of them.

    Args:
        words: distinct words in a column ``low`` (lower case).

    Returns:
        The same rows in the same order, and ``pattern``: the folded word with ``_`` for each lost
        letter; null where no letter was lost.
    """
    low = pl.col("low")
    lossy = pl.when(low.str.contains(MARK)).then(low)
    kept = words.select(
        low,
        literal=fold(lossy.str.replace_all(MARK, "_"), keep="_"),
        # A letter of two or three bytes leaves as many replacement characters.
        pairs=fold(lossy.str.replace_all(f"{MARK}{{1,2}}", "_"), keep="_"),
        runs=fold(lossy.str.replace_all(f"{MARK}+", "_"), keep="_"),
    )
    known = [pl.col(name).is_in(_masked().implode()) for name in ("literal", "pairs", "runs")]
    pattern = (
        pl.when(~low.str.contains(MARK) | ~low.str.contains(r"[\p{L}\x{fffd}]"))
        .then(None)
        .when(known[0])
        .then("literal")
        .when(known[1])
        .then("pairs")
        .when(known[2])
        .then("runs")
        .when(low.str.contains("\ufffd", literal=True))
        .then("runs")
    )
    return words.with_columns(pattern=kept.select(pattern.alias("pattern"))["pattern"])
