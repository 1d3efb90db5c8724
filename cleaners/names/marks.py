"""Names that have lost their marks: plain letters, and a word that is none without marks.

Many names are complete without marks (Lam, Minh, Linh, Phan), so plain letters alone say nothing.
The spelling says it: a syllable that ends in c, ch, p or t carries a tone (Đức, Ngọc, Việt), and
*ie, ye, uo, uye* stand only as *iê, yê, uô* or *ươ, uyê* before a further letter. Beside these rules
there are common family names (Trần, Lê, Võ) and the middle names Thị and Văn.

Only names that begin with a known family name are judged: Robert and Phet may be complete.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.names.words import FAMILY_FIRST, any_of, listed

__all__ = ["LOST", "marks_lost"]

_ONSET = "(?:ngh?|nh|gh|gi|kh|ch|ph|qu|th|tr|[bcdghklmnrstvx])?"
_CHECKED = f"{_ONSET}(?:[aeiouy]|oa|oe|oo|ua|ue|uo|uy|uye|ie|ye)(?:c|ch|p|t)"
_BROKEN = f"{_ONSET}(?:ie(?:ng|[umn])|uo(?:ng|[imnu])|uyen|yen|yeu)"
# Families whose plain spelling is no name that a Vietnamese bears: not Phan, Mai, Lam, Cao.
_FAMILY = any_of(
    listed(
        "tran le pham hoang huynh vu vo dang bui do ho ngo dinh trinh dao doan ha ly ta to tu luu "
        "quach tong ton mac hua thai trieu"
    )
)
LOST: Final = rf"(?-u:\b)(?:{_CHECKED}|{_BROKEN})(?-u:\b)|^{_FAMILY} | (?:thi|van) "


def marks_lost(folded: pl.Expr, toned: pl.Expr) -> pl.Expr:
    """Whether a person's name stands in plain letters and cannot be complete without marks.

    >>> names = pl.DataFrame({"n": ["nguyen van duc", "phan minh linh", "phan minh duc", "mark lee"]})
    >>> names.select(marks_lost(pl.col("n"), pl.col("n")))["n"].to_list()
    [True, False, True, False]
    """
    return (folded == toned) & folded.str.contains(FAMILY_FIRST) & folded.str.contains(LOST)
