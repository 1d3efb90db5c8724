"""Addresses of before and after July 2025, resolved to the ward and province of today.

Since 1 July 2025 an address is house, street or hamlet, ward, province; before, a district stood
in between. Both forms are in use, with type words or abbreviations (P., X., TT., Q., H., TX.,
TP.), with and without tone marks and commas, from the house up or from the province down. Ward
codes of 2025 reuse old numbers with other meanings, so a code is only ever given together with
its edition: ``ward``, ``ward_candidates`` and ``province`` are codes of 2025, ``old_ward`` and
``old_district`` codes of before.

The tail of an address (ward, district, province) repeats: it is cut off by the commas, and each
distinct tail is looked up once (``cut``, ``match``). What the tables do not hold as written is
repaired where only one unit can be meant (``repair``), read from the front (``backward``), or
word by word (``wordwise``, ``runs``). The rest is house, street and hamlet (``below``). Everything
happens on this machine; no address leaves it.

Where a name fits several wards, an old ward was split, or a repair is a guess, ``ward`` stays null
and the candidates are listed: a wrong ward is worse than none.

Issues: ``ward_split`` (the old ward became several), ``ward_ambiguous`` (candidates, but no ward
that is sure), ``ward_unknown`` (no candidate), ``ward_repaired`` (a misspelt unit was read as the
one it must mean), ``province_unknown``, ``order_reversed`` (province first), ``retired_unit`` (the
text names a unit that ended in July 2025 or earlier), ``contradictory_parts`` (the ward lies in
another district of the province than the one named), ``legacy_encoding`` (text of an old encoding,
converted before it was read).

>>> import polars as pl
>>> frame = pl.DataFrame({"a": ["Số 12, tổ 3, P. Phúc Xá, Q. Ba Đình, Hà Nội"]})
>>> done = frame.select(clean("a")).unnest("a")
>>> done.select("ward", "province", "old_ward", "edition", "house", "group").row(0)
('00097', '01', '00001', 'pre-2025', '12', '3')
"""

from __future__ import annotations

import polars as pl

from cleaners.addresses.convert import convert, to_new
from cleaners.addresses.passes import FIELDS, resolve
from cleaners.columns import as_whole, numbered

__all__ = ["clean", "convert", "to_new"]


def _run(series: pl.Series) -> pl.Series:
    """Clean a column: its distinct values, and once more those of its tails and heads."""
    raw = series.cast(pl.String)
    return resolve(*numbered(raw)).to_struct(series.name)


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean full addresses.

    Args:
        column: a String column.

    Returns:
        A struct named after the column:

        * value (tidy text), detail (folded text below the ward), house (folded house number);
        * ward (2025 code, 5 characters, only if there is one reading), ward_candidates (2025
          codes), province (2025 code), old_ward (code before July 2025), edition (``2025`` or
          ``pre-2025``: the form of the text);
        * confidence (0 to 1, that a candidate is right, shared by the candidates) and issues (see
          the module);
        * old_district (code before July 2025, named or that of ``old_ward``), street, alley
          (number of ngõ, ngách, hẻm, kiệt), hamlet (thôn, xóm, ấp, bản …) and group (number of
          the tổ or khu phố), all folded.
    """
    return as_whole(column, _run, pl.Struct(FIELDS))
