"""Lists of different members, and words in alphabetical order, made without looking into each list.

What polars does within lists of text costs microseconds a row; the same members in one long column
cost a tenth of that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from cleaners.columns import as_whole, by_distinct

_TEXTS: Final = pl.List(pl.String())
_SHORT: Final = 1_000
"""Rows up to which setting up costs more than it saves."""
_FEW: Final = 8
"""Members of a list that are compared with each other."""
_WORDS: Final = 4
"""Words that are put in order by comparing them in pairs; few names have more."""
_PAIRS: Final = ((0, 2), (1, 3), (0, 1), (2, 3), (1, 2))
"""Places to compare one after the other, so that four words are in order."""


def different(*members: pl.Expr) -> pl.Expr:
    """The different members of values and lists of a row, in their order.

    Args:
        members: text, or lists of text.

    Returns:
        A list of text; null where there is none, for an empty list would agree with nothing.

    Example:
        >>> frame = pl.DataFrame({"a": ["x", None], "b": [["y", "x", None], []]})
        >>> frame.select(different(pl.col("a"), pl.col("b"))).to_series().to_list()
        [['x', 'y'], None]
    """
    named = [member.alias(str(place)) for place, member in enumerate(members)]
    return pl.struct(*named).map_batches(_different, return_dtype=_TEXTS)


def _different(rows: pl.Series) -> pl.Series:
    frame = rows.struct.unnest().with_row_index("row")
    columns = [frame.select("row", member=name) for name in frame.columns if name != "row"]
    long = pl.concat(
        column if column.schema["member"] == pl.String else column.explode("member")
        for column in columns
    )
    long = long.drop_nulls("member").sort("row", maintain_order=True)
    lists = _first_of_each(long).group_by("row", maintain_order=True).agg("member")
    return frame.select("row").join(lists, on="row", how="left", maintain_order="left")["member"]


def _first_of_each(long: pl.DataFrame) -> pl.DataFrame:
    """Members without those that came before in their row, which stands together."""
    most = long["row"].rle().struct["len"].max() if long.height else 1
    assert isinstance(most, int)
    if most > _FEW:
        return long.unique(maintain_order=True)
    row, member = pl.col("row"), pl.col("member")
    before = range(1, most)  # comparing with those takes a fifth of the time of hashing all
    repeats = [(row == row.shift(k)) & (member == member.shift(k)) for k in before]
    return long.filter(~pl.any_horizontal(pl.lit(value=False), *repeats).fill_null(value=False))


def in_two_ways(
    rows: pl.Series,
    few: pl.Series,
    rare: Callable[[pl.Series], pl.Series],
    usual: Callable[[pl.Series], pl.Series],
) -> pl.Series:
    """What is made of few rows in one way, and of all others in another, in the order of the rows.

    Args:
        rows: what it is made of.
        few: which rows are few.
        rare: makes something of those.
        usual: makes it of any row at so little cost that it is asked for all.
    """
    made = usual(rows)
    if not few.any():
        return made
    place = pl.int_range(rows.len(), dtype=pl.UInt32, eager=True)
    behind = few.cast(pl.UInt32).cum_sum() + (rows.len() - 1)
    # In one piece: to gather lists from several takes ten times as long.
    both = pl.concat([made, rare(rows.filter(few))], rechunk=True)
    return both.gather(behind.zip_with(few, place))


def in_order(text: pl.Expr, joined: str, letters: str) -> pl.Expr:
    """The words of a text in alphabetical order: as text, and the first letters of them.

    Args:
        text: words with one space between them.
        joined: name of the column with the words.
        letters: name of the column with the letters.

    Returns:
        Both columns.

    Example:
        >>> frame = pl.DataFrame({"name": ["tran van an"]})
        >>> frame.select(in_order(pl.col("name"), "sorted", "letters")).row(0)
        ('an tran van', 'atv')
    """
    dtype = pl.Struct({joined: pl.String(), letters: pl.String()})

    def run(texts: pl.Series) -> pl.Series:
        short = texts.len() <= _SHORT
        made = _by_lists(texts) if short else by_distinct(texts, _by_pairs)
        return made.struct.rename_fields([joined, letters])

    return as_whole(text, run, dtype).struct.unnest()


def _by_lists(texts: pl.Series) -> pl.Series:
    words = pl.col("text").str.split(" ").list.sort()
    first_letters = words.list.eval(pl.element().str.head(1))
    made = texts.to_frame("text").select(
        joined=words.list.join(" "), letters=first_letters.list.join("")
    )
    return made.to_struct()


def _by_pairs(texts: pl.Series) -> pl.Series:
    """Up to four words by comparing pairs of columns, in a fraction of the time of lists."""
    many = texts.str.count_matches(" ", literal=True) >= _WORDS
    return in_two_ways(texts, many.fill_null(value=False), _by_lists, _few_words)


def _few_words(texts: pl.Series) -> pl.Series:
    names = [f"field_{place}" for place in range(_WORDS)]
    text = pl.col("text")
    frame = texts.to_frame("text").lazy()
    frame = frame.select(text, text.str.split_exact(" ", _WORDS - 1).struct.unnest())
    for left, right in ((names[i], names[j]) for i, j in _PAIRS):
        # nothing comes after every word
        keeps = pl.col(right).is_null() | (pl.col(left) <= pl.col(right))
        frame = frame.with_columns(
            pl.when(keeps).then(left).otherwise(right).alias(left),
            pl.when(keeps).then(right).otherwise(left).alias(right),
        )
    first_letters = [pl.col(name).str.head(1) for name in names]
    made = frame.select(
        joined=pl.when(text.is_not_null()).then(
            pl.concat_str(names, separator=" ", ignore_nulls=True)
        ),
        letters=pl.when(text.is_not_null()).then(pl.concat_str(first_letters, ignore_nulls=True)),
    )
    return made.collect().to_struct()
