"""SIMs on the papers of somebody else of the household, wholly or by the number alone."""

from __future__ import annotations

import numpy as np
import polars as pl

from .people import Chunk
from .truth import kinds
from .world import World


def papers(
    rng: np.random.Generator, world: World, part: Chunk, lawful: pl.DataFrame
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The SIMs given, some on a relative's papers; and those with a relative's number only.

    On a relative's papers a SIM is the relative's, as the law sees it. A relative's number under
    one's own name and birth date is a borrowed number.
    """
    rates = world.profile.sims
    if rates.on_relatives_papers == rates.relatives_number == 0:
        return lawful, []
    draw = pl.Series(rng.random(len(lawful)))
    wholly = draw < rates.on_relatives_papers
    mixed = ~wholly & (draw < rates.on_relatives_papers + rates.relatives_number)
    rows = lawful.with_row_index("row")
    pairs = _relatives(rng, part, rows.filter(wholly | mixed))
    theirs = pairs.filter(pl.col("row").is_in(rows.filter(wholly)["row"].implode()))
    number = pairs.join(theirs, on="row", how="anti").filter(~pl.col("relative_absent"))
    taken = pl.concat([theirs["row"], number["row"]]).implode()
    own = rows.filter(~pl.col("row").is_in(taken)).drop("row")
    people = theirs.select("relative").join(
        part.people, left_on="relative", right_on="number", how="left", maintain_order="left"
    )
    people = people.rename({"relative": "number"}).select(part.people.columns)
    people = people.with_columns(person_id="number", kind=kinds(people))
    shown = rows.join(
        number.select("row", "relative"), on="row", how="inner", maintain_order="left"
    )
    borrowed = shown.drop("row", "number").rename({"relative": "number"})
    borrowed = borrowed.with_columns(
        person_id=pl.lit(None, dtype=pl.String),
        kind=pl.lit("borrowed_number"),
        cmnd=pl.lit(None, dtype=pl.String),
    )
    return pl.concat([own, people.select(own.columns)]), [borrowed]


def _relatives(rng: np.random.Generator, part: Chunk, sims: pl.DataFrame) -> pl.DataFrame:
    """``row`` of a SIM and ``relative``, the number of a grown-up citizen of the household."""
    grown = part.people.filter(
        (pl.col("age") >= 18) & pl.col("died").is_null() & pl.col("passport").is_null()
    ).select(
        "household",
        relative="number",
        relative_name="full_name",
        relative_born="born",
        relative_absent="absent",
    )
    citizens = sims.filter(pl.col("passport").is_null() & pl.col("died").is_null())
    pairs = citizens.select("row", "household", "full_name", "born").join(
        grown, on="household", how="inner", maintain_order="left_right"
    )
    differ = (pl.col("full_name") != pl.col("relative_name")) & (
        pl.col("born") != pl.col("relative_born")
    )
    pairs = pairs.filter(differ)
    shuffled = pairs[rng.permutation(len(pairs))]
    return shuffled.unique("row", keep="first", maintain_order=True).sort("row")
