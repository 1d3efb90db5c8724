"""Names written with the family name elsewhere than first.

Three forms are recognised: the family name last (*Văn An Nguyễn*, *An Van Nguyen*), the given name
first (*An Nguyễn Văn*), and a comma that sets one of them apart (*Van An, NGUYEN*). Given names are
family names too (Lê Hoàng, Vũ Nguyên, Vũ Nguyễn Minh Anh), so the order counts as swapped only where
a very common family name stands in the wrong place and no family name stands first.
"""

from __future__ import annotations

import polars as pl

from cleaners.names.words import FAMILIES, FAMILY_FIRST, LETTER, any_of, listed

__all__ = ["MAYBE", "may_be_reordered", "reordered"]

# With its marks the family name Nguyễn differs from the given name Nguyên, Trần from Trân; families
# that are given names too (Hoàng, Vũ, Dương, Lý) are left out.
_COMMON = any_of(
    listed(
        "nguyễn trần lê phạm huỳnh phan võ bùi ngô đặng đỗ trương trịnh đinh đoàn phùng quách lưu tống "
        "nguyen tran le pham huynh vo bui ngo"
    )
)
_FAMILY_LAST = rf" {_COMMON}$"
_GIVEN_FIRST = rf"^[^ ]+ {_COMMON} "
# Whatever the family, the middle names Văn and Thị follow it; nobody is called Thị.
_GIVEN_AND_MIDDLE = rf"^[^ ]+ {any_of(FAMILIES)} (?:van|thi)(?: |$)"
_ENDS_IN_THI = r"^[^ ]+ [^ ]+ thị$"
_WESTERN = r"^[^ ]+ (?:văn|thị) [^ ]+$|^[a-z]+ (?:van|thi) [a-z]+$"
_MIDDLE_FIRST = r"^(?:văn|van|thị|thi) "
# Above with any signs between the words.
MAYBE = rf"^[^ ,]+[ ,]+{_COMMON} |[ ,]{_COMMON}$|^[^ ]+ [^ ]+ (?:văn|van|thị|thi)(?: |$)"


def may_be_reordered(tone: pl.Expr) -> pl.Expr:
    """A quick test of a name in lower case with its marks; ``reordered`` decides."""
    return tone.str.contains(MAYBE)


def reordered(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add ``reordered``: the name in Vietnamese order, null unless it seems to be in another.

    Args:
        frame: has ``bare`` (as written, for its comma), ``person`` (folded) and ``tone``.
    """
    bare, folded, words = pl.col("bare"), pl.col("candidate"), pl.col("words")
    letters = pl.col("tone").str.replace_all(f"[^{LETTER} ]+", " ").str.replace_all("  +", " ")
    candidate = may_be_reordered(pl.col("tone"))
    first, last = folded.str.extract("^([^ ]+)"), folded.str.extract("([^ ]+)$")
    family_last = pl.concat_str(last, folded.str.extract("^(.+) [^ ]+$"), separator=" ")
    given_first = pl.concat_str(folded.str.extract("^[^ ]+ (.+)$"), first, separator=" ")
    # An Van Nguyen: the middle name stands between the given name and the family name.
    between = folded.str.replace("^([^ ]+) ([^ ]+) ([^ ]+)$", "$3 $2 $1")
    after_comma = bare.str.contains(rf"^[^,]+, ?[{LETTER}]+$")
    western = words.str.contains(_WESTERN) & ~words.str.contains(_MIDDLE_FIRST)
    swapped, ends = ~folded.str.contains(FAMILY_FIRST), words.str.contains(_FAMILY_LAST)
    begins = words.str.contains(_GIVEN_FIRST) | folded.str.contains(_GIVEN_AND_MIDDLE)
    other = (
        pl.when(swapped & ends & western)
        .then(between)
        .when((swapped | after_comma) & ends)
        .then(family_last)
        .when((swapped & begins) | words.str.contains(_ENDS_IN_THI))
        .then(given_first)
    )
    return (
        frame.with_columns(candidate=pl.when(candidate).then("person"))
        .with_columns(words=pl.when(candidate).then(letters).str.strip_chars(" "))
        .with_columns(reordered=other)
    )
