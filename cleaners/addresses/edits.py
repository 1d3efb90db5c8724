"""Names one letter away from a name in a list: a letter lost, added, replaced, or two swapped.

Both sides are spelt with each letter left out in turn, and joined: no pair is compared that does
not share such a form.
"""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["one_edit_apart"]

_LONGEST: Final = 24
_SHORTEST: Final = 5  # below that, every second name is one letter away


def _forms(names: pl.DataFrame) -> pl.DataFrame:
    """Every name whole (``at`` -1) and with each of its letters left out: scope, name, form, at."""
    whole = names.select("scope", "name", form="name", at=pl.lit(-1, dtype=pl.Int64))
    size = pl.col("name").str.len_bytes().cast(pl.Int64)
    without = [
        names.filter(size > at).select(
            "scope",
            "name",
            form=pl.col("name").str.head(at) + pl.col("name").str.slice(at + 1),
            at=pl.lit(at, dtype=pl.Int64),
        )
        for at in range(_LONGEST)
    ]
    return pl.concat([whole, *without])


def one_edit_apart(asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pair names.

    Args:
        asked: scope and name (``a-z`` only; others find nothing).
        known: scope and name, more columns allowed.

    Returns:
        The distinct pairs: scope, name (as asked), meant (a known name); never equal ones.
    """
    size = pl.col("name").str.len_bytes()
    plain = pl.col("name").str.contains("^[a-z]+$") & size.is_between(_SHORTEST, _LONGEST)
    few = asked.select("scope", "name").filter(plain).unique()
    near = known.select("scope", "name").join(few.select("scope").unique(), on="scope", how="semi")
    near = near.filter(plain).unique()
    if few.is_empty() or near.is_empty():
        return few.clear().with_columns(meant=pl.lit(None, dtype=pl.String))
    pairs = _forms(few).join(_forms(near), on=["scope", "form"], suffix="_known")
    i, j = pl.col("at"), pl.col("at_known")
    swapped = ((i - j).abs() == 1) & (
        pl.col("name").str.slice(i.clip(lower_bound=0), 1)
        == pl.col("name_known").str.slice(j.clip(lower_bound=0), 1)
    )
    one = pl.when((i < 0) | (j < 0)).then(pl.lit(value=True)).otherwise((i == j) | swapped)
    return (
        pairs.filter(one, pl.col("name") != pl.col("name_known"))
        .select("scope", "name", meant="name_known")
        .unique()
    )
