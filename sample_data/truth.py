"""The truth about each record: whose it is, of what kind, what should be flagged, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from .draws import Ints

LIST: Final = pl.List(pl.String)
SCHEMA: Final = {
    **{"record_id": pl.String, "person_id": pl.String, "kind": pl.String, "reasons": LIST},
    **{"duplicate_group": pl.String, "errors": LIST},
}


_MALFORMED: Final = pl.lit("number_malformed")


@dataclass(frozen=True)
class Registry:
    """The records of one registry in one chunk, and the truth about them, row by row."""

    records: pl.DataFrame
    truth: pl.DataFrame


def kinds(people: pl.DataFrame) -> pl.Series:
    """genuine, dead_holder, foreigner or absent for records that carry their holder's own identity."""
    return people.select(
        pl.when("absent")
        .then(pl.lit("absent"))
        .when(pl.col("passport").is_not_null())
        .then(pl.lit("foreigner"))
        .when(pl.col("died").is_not_null())
        .then(pl.lit("dead_holder"))
        .otherwise(pl.lit("genuine"))
    ).to_series()


def table(frame: pl.DataFrame) -> pl.DataFrame:
    """The truth columns of ``frame``; HOLDER_DECEASED follows from ``died``, more from ``flags``.

    ``frame`` has record_id, person_id, kind, died, errors and may have duplicate_group and flags
    (a list of further rule codes).
    """
    owner = pl.when(pl.col("kind") != "absent").then("person_id")
    frame = frame.with_columns(person_id=owner)
    dead = pl.col("died").is_not_null() & pl.col("person_id").is_not_null()
    deceased = pl.when(dead).then(pl.lit("HOLDER_DECEASED"))
    reasons = pl.concat_list(deceased).list.drop_nulls()
    if "flags" in frame.columns:
        reasons = pl.concat_list(reasons, "flags")
    if "duplicate_group" not in frame.columns:
        frame = frame.with_columns(duplicate_group=pl.lit(None, dtype=pl.String))
    return frame.with_columns(reasons=reasons).select(*SCHEMA).cast(SCHEMA)  # type: ignore[arg-type]


def listed_flags(sims: pl.DataFrame) -> pl.Series:
    """Rule codes of SIMs beside HOLDER_DECEASED, from kind, person_id and postpaid.

    Numbers held by contract are lawful, however many: they are neither counted nor flagged.
    """
    kind = pl.col("kind")
    is_counted = pl.col("person_id").is_not_null() & (kind != "absent") & ~pl.col("postpaid")
    held = pl.when(is_counted).then(is_counted.sum().over("person_id")).otherwise(0)
    codes = [
        pl.when((kind == "nobody") | _absent_number()).then(pl.lit("NUMBER_OF_NOBODY")),
        pl.when(kind == "borrowed_number").then(pl.lit("BORROWED_ID")),
        pl.when(kind == "farm").then(pl.lit("CONSECUTIVE_BLOCK")),
        pl.when(held >= 4).then(pl.lit("OVER_LIMIT")),
    ]
    return sims.select(pl.concat_list(codes).list.drop_nulls()).to_series()


def _absent_number() -> pl.Expr:
    """The well-formed number of a person who is not in the register: nobody's, as it holds."""
    shown = pl.col("number").str.contains(r"^\d{9,12}$")
    return (pl.col("kind") == "absent") & shown & ~pl.col("errors").list.contains(_MALFORMED)


def number_flags(records: pl.DataFrame) -> pl.Series:
    """Rule codes of licences and insurance cards beside HOLDER_DECEASED."""
    code = pl.when(_absent_number()).then(pl.lit("NUMBER_OF_NOBODY"))
    return records.select(pl.concat_list(code).list.drop_nulls()).to_series()


def shuffled(rng: np.random.Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in random order, so that duplicates and families do not lie side by side."""
    order: Ints = rng.permutation(len(frame))
    return frame[order]
