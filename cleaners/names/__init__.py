"""Names of people, and organisations told apart from them.

A Vietnamese name is family, middle (none to several), given; people go by the last word. Names
come in capitals, without tone marks, abbreviated (``Ng. V. An``), with a title, in another order, or
with a note in brackets. An organisation in a name field is a subject of its own and is never split
into parts. Nothing is guessed: what a name may also be stands in fields of its own beside it.

==================  ================================================================================
field               meaning
==================  ================================================================================
value               as to be displayed; without title, note and tax code
fold, tone          folded; in lower case with its marks, one placement of the tone mark
family, given       first and last folded word; middle: what is between
initials            ``n v a``
has_abbreviation    a word is abbreviated
pattern             the abbreviated name as ``ng% v% an`` (see ``matches``), else null
kindred             key in which Huỳnh and Hoàng, Quí and Quý are one (see ``kindred``)
reordered           folded in Vietnamese order where the name seems to be in another, else null
marker              y, h, k, a, ka before names of the Central Highlands, else null
note                what stood in brackets, else null
tax_code            ``0101234567`` or ``0101234567-001`` where one stands in the text, else null
subject             person, organisation, unknown
issues              see ``clean``
==================  ================================================================================

>>> import polars as pl
>>> frame = pl.DataFrame({"name": ["NGUYỄN THỊ LAN", "Cty TNHH Hoa Sen"]})
>>> cleaned = frame.select(clean("name")).unnest("name")
>>> cleaned.select("value", "family", "given", "subject").rows()
[('Nguyễn Thị Lan', 'nguyen', 'lan', 'person'), ('Cty TNHH Hoa Sen', None, None, 'organisation')]
"""

from __future__ import annotations

import polars as pl

from cleaners.columns import as_whole, numbered
from cleaners.names.abbreviations import matches
from cleaners.names.kinship import kindred
from cleaners.names.organisations import is_organisation
from cleaners.names.reading import FIELDS, read

__all__ = ["clean", "is_organisation", "kindred", "matches"]


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean names.

    Args:
        column: a String column.

    Returns:
        A struct named after the column with the fields above. Null gives nulls and no issue.
        Issues: ``unreadable_name`` (no letter), ``note_in_brackets``, ``title_removed``,
        ``tax_code_in_name``, ``lost_letters`` (``Nguy?n``), ``abbreviated_name``,
        ``order_swapped``, ``diacritics_lost``, ``digits_in_name``, ``single_word``,
        ``several_names``, ``legacy_encoding`` (damaged letters, repaired: see ``cleaners.legacy``),
        ``suspected_encoding`` (damaged, it seems; left as it was).

    >>> pl.select(clean(pl.lit("Ông TRẦN VĂN B (chết)").alias("n"))).unnest("n").row(0)[:4]
    ('Trần Văn B', 'tran van b', 'trần văn b', 'tran')
    """
    return as_whole(column, _clean, pl.Struct(FIELDS))


def _clean(names: pl.Series) -> pl.Series:
    """Read each distinct name once and spread what was read."""
    distinct, places = numbered(names.cast(pl.String))
    done, order = read(distinct)
    # As one column: gathering column by column takes longer.
    return done.to_struct(names.name).gather(order.gather(places))
