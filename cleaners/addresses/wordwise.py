"""The second pass: addresses that their commas do not explain.

Most of them lack commas but have type words, and those say where the commas belong: they are put
in, and the text is read like any other. What is still open is read word by word (``runs``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

from cleaners.addresses import cut, keys, runs
from cleaners.addresses.match import OUTCOME, match
from cleaners.addresses.repair import FLAGS
from cleaners.text import fold

__all__ = ["read"]

_MARKS: Final = r"[,.()\-–\s]+"
_SIX_WORDS: Final = r"(?:[^ ]+ ){0,5}[^ ]+$"
_SAFE: Final = ("Phường", "Thị trấn", "Đặc khu", "Quận", "Huyện", "Thị xã", "Thành phố", "Tỉnh")
_TONED: Final = ("Xã",)  # without its tone mark it is a syllable of many names
_SHORT: Final = ("P", "X", "Q", "H", "TT", "TX", "TP", "T")


@lru_cache(maxsize=1)
def _commas() -> tuple[list[str], list[str]]:
    """Type words with spaces around them, and the same behind a comma."""
    bare = pl.Series(_SAFE).to_frame("w").select(fold("w"))["w"].to_list()
    words = [form for word in (*_SAFE, *_TONED) for form in (word, word.lower(), word.upper())]
    words += [word.title() for word in _SAFE]
    words += [
        form for word in bare for form in (word, word.capitalize(), word.title(), word.upper())
    ]
    words += [form for word in _SHORT for form in (word, word.lower(), word.capitalize())]
    words += ["Xa", "XA", "xa"]
    found = [f" {word} " for word in dict.fromkeys(words)]
    return found, [f",{word[1:]}" for word in found]


def _province_sizes(windows: pl.DataFrame) -> pl.DataFrame:
    """Bytes of the province at the end of distinct ``window`` texts: window, size."""
    table = keys.provinces().select("key")
    folded = windows.with_columns(folded=fold("window"))
    found = []
    for length in range(1, 7):
        last = rf"(?:^| )((?:[^ ]+ ){{{length - 1}}}[^ ]+)$"
        run = folded.with_columns(
            key=pl.col("folded").str.extract(last).str.replace_all(" ", "", literal=True),
            size=pl.col("window").str.extract(last).str.len_bytes().cast(pl.Int64),
            before=pl.col("folded").str.extract(rf"([^ ]+) (?:[^ ]+ ){{{length - 1}}}[^ ]+$"),
        )
        hit = run.drop_nulls("key").join(table, on="key", how="semi")
        found.append(hit.filter(~pl.col("before").is_in(runs.LOWER_TYPES).fill_null(value=False)))
    return pl.concat(found).group_by("window").agg(pl.col("size").max())


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose province stands at the end, with ``text`` that has commas at its type words."""
    plain = pl.col("text").str.replace_all(_MARKS, " ").str.strip_chars(" ")
    found = rows.with_columns(plain=plain).with_columns(
        window=pl.col("plain").str.extract(_SIX_WORDS, 0)
    )
    sizes = _province_sizes(found.select("window").drop_nulls().unique())
    found = found.join(sizes, on="window", how="inner")
    bytes_ = pl.col("plain").cast(pl.Binary)
    cut_at = pl.col("plain").str.len_bytes().cast(pl.Int64) - pl.col("size")
    before = bytes_.bin.head(cut_at).cast(pl.String).str.replace_many(*_commas())
    after = bytes_.bin.slice(cut_at).cast(pl.String)
    return found.select("id", text=pl.concat_str(before.str.strip_chars(" "), after, separator=","))


def _with_typed_commas(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read by commas put in; only what is beyond doubt: id, head, outcome; and the outcomes."""
    found, outcomes = cut.by_commas(_typed(rows))
    whole = pl.col("path").is_in(["old", "new"]) & (pl.col("rank") < 2)
    # Without its tone mark "xa" may be a syllable of the ward's or district's name.
    alone = pl.col("path").is_in(["lone_new", "lone_old"]) & (pl.col("rank") == 0)
    toned = pl.col("tail").str.contains(r"(?i)^(?:phường|thị trấn|đặc khu|xã) ")
    behind = pl.col("tail").str.contains(r"(?i)^(?:phuong|p|thi tran|tt|dac khu|dk) ")
    changed = pl.any_horizontal(*FLAGS)
    outcomes = outcomes.with_columns(needs_number=alone & behind)
    outcomes = outcomes.filter(whole | (alone & (toned | behind)), ~changed)
    kept = found.join(outcomes.select("outcome", "needs_number"), on="outcome")
    kept = kept.with_columns(pl.col("head").cast(pl.String))
    # "minh phuong viet tri phu tho" is Minh Phương; "to 3 phuong viet tri" is not.
    certain = ~pl.col("needs_number") | pl.col("head").str.contains(r"^$|\d[a-z]?$")
    return kept.filter(certain).select("id", "outcome", "head"), outcomes.drop("needs_number")


def _word_by_word(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read what is left, word by word."""
    texts = rows.select("id", "text", folded=fold("text"))
    distinct = texts.select("folded").drop_nulls().unique().with_row_index("place")
    tails = runs.tails(distinct.select(id="place", text="folded"))
    read = match(tails.with_columns(is_ward3=pl.lit(value=True)))
    known = read.filter(pl.col("used") > 0).join(distinct, left_on="id", right_on="place")
    # The raw text stays with its outcome: its tone marks tell wards apart.
    found = texts.join(known.drop("id"), on="folded", how="inner").with_row_index("outcome")
    return found.select("id", "outcome", "head"), found.select("outcome", *OUTCOME, tail="text")


def read(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read addresses without usable commas.

    Args:
        rows: ``id`` and ``text``.

    Returns:
        The rows that were understood: id, head, outcome; and the outcomes, with ``tail``.
    """
    first, first_outcomes = _with_typed_commas(rows)
    left = rows.join(first, on="id", how="anti")
    second, second_outcomes = _word_by_word(left)
    base = int(first_outcomes["outcome"].max() or 0) + 1 if first_outcomes.height else 0  # type: ignore[arg-type]
    moved = pl.col("outcome") + base
    columns = ["outcome", "tail", *OUTCOME]
    return (
        pl.concat([first, second.with_columns(moved)], how="diagonal_relaxed"),
        pl.concat(
            [first_outcomes.select(columns), second_outcomes.with_columns(moved).select(columns)],
            how="vertical_relaxed",
        ),
    )
