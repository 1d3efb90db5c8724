"""From the last parts of an address to wards: the joins and the judgement.

Works on distinct tails (``c1`` the last part, ``c2`` and ``c3`` before it, as keys without
spaces), so that a million addresses cost a few thousand decisions. The rules, in order:

1. a district and one of its old wards: the old reading;
2. a district and a new ward on its territory: the new reading (beside the old one, where an
   earlier name of an old ward is meant as likely);
3. no district, a new ward of the province: the new reading, unless only the old province has that
   name and the old ward of that name went elsewhere: then both are candidates;
4. no district, old wards of the province: the old reading if there is only one.

Nothing is guessed: what fits several units keeps all of them as candidates.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from cleaners.addresses import keys
from cleaners.columns import AS_IT_IS

__all__ = ["OUTCOME", "codes_of", "match", "with_upper"]

#: Columns of an outcome: what a tail was understood to mean.
OUTCOME: Final = {
    "path": pl.String,
    "old": pl.String,
    "new": pl.String,
    "rivals": pl.String,
    "candidates": pl.String,
    "rank": pl.Int32,
    "rival": pl.Boolean,
    "is_contradicted": pl.Boolean,
    "is_new_name": pl.Boolean,
    "new_province": pl.String,
    "district": pl.String,
    "used": pl.Int32,
}


def codes_of(column: str | pl.Expr) -> pl.Expr:
    """A list of the codes that are joined in a text; null gives an empty list."""
    text = pl.col(column) if isinstance(column, str) else column
    return text.str.split(keys.SEPARATOR).fill_null(pl.lit([], dtype=pl.List(pl.String)))


def joined(codes: pl.Expr) -> pl.Expr:
    """The codes of a list as one text, sorted; null for none."""
    text = codes.list.unique().list.sort().list.join(keys.SEPARATOR)
    return pl.when(text != "").then(text)


def with_upper(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add province and district to parts c1 and c2.

    Args:
        pairs: columns c1, c2 (keys, null where there is no such part).

    Returns:
        The frame with old_province, new_province, is_new_name, district, district_rank.
    """
    placed = pairs.join(
        keys.provinces(), left_on="c1", right_on="key", how="left", maintain_order="left"
    )
    return _looked_up(placed, keys.districts(), ["old_province", "c2"], "district")


def _looked_up(frame: pl.DataFrame, table: pl.DataFrame, on: list[str], name: str) -> pl.DataFrame:
    """Add the codes and rank of ``table`` as ``name`` and ``name_rank``."""
    found = keys.lookup(frame, table, *on)
    return frame.hstack([found["codes"].alias(name), found["rank"].alias(f"{name}_rank")])


def _after(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add ``name_after``: what the old wards in ``name`` became."""
    if frame[name].null_count() == frame.height:
        return frame.with_columns(pl.lit(None, dtype=pl.String).alias(f"{name}_after"))
    table = keys.successors(frame[name]).rename({"codes": name, "after": f"{name}_after"})
    return frame.join(table, on=name, how="left", maintain_order="left")


def _readings(tails: pl.DataFrame) -> pl.DataFrame:
    """Every reading of every tail: in the district, and in the province without a district."""
    frame = with_upper(tails).with_columns(lone=pl.when(pl.col("district").is_null()).then("c2"))
    frame = _looked_up(frame, keys.old_by_district(), ["district", "c3"], "old_in")
    frame = _looked_up(frame, keys.new_by_district(), ["district", "c3"], "new_in")
    frame = _looked_up(frame, keys.new_by_province(), ["new_province", "lone"], "lone_new")
    frame = _looked_up(frame, keys.old_by_province(), ["old_province", "lone"], "lone_old")
    # "Ba Đình, Hà Nội": the old district, or the new ward of that name?
    frame = _looked_up(frame, keys.new_by_province(), ["new_province", "c2"], "namesake")
    # "Xã Hòa An, Huyện Krông Pắc" when the ward stood under another district.
    outside = pl.when(pl.col("old_in").is_null() & pl.col("new_in").is_null())
    frame = frame.with_columns(
        stray=outside.then(
            pl.when(pl.col("district").is_not_null() & pl.col("is_ward3")).then("c3")
        )
    )
    frame = _looked_up(frame, keys.old_by_province(), ["old_province", "stray"], "elsewhere")
    frame = frame.join(keys.whole_districts(), on="district", how="left", maintain_order="left")
    for name in ("old_in", "lone_old", "elsewhere"):
        frame = _after(frame, name)
    return frame


@cache
def _path() -> pl.Expr:
    """Which reading is chosen: ``path`` names the rule that applied."""
    better_old = pl.col("new_in").is_null() | (pl.col("old_in_rank") <= pl.col("new_in_rank"))
    # An earlier name of an old ward and its district are written in the old form.
    earlier = pl.col("old_in").is_not_null() & ~better_old & (pl.col("old_in_rank") == 2)
    old_first = pl.col("lone_new").is_null() | (
        (pl.col("lone_new_rank") > pl.col("lone_old_rank")) & pl.col("lone_old").is_not_null()
    )
    has_stray = pl.col("elsewhere").is_not_null() & (pl.col("elsewhere_rank") < keys.PARTNER)
    no_district = pl.col("district").is_null()
    return (
        pl.when(pl.col("old_in").is_not_null() & better_old)
        .then(pl.lit("old"))
        .when(earlier)
        .then(pl.lit("earlier"))
        .when(pl.col("new_in").is_not_null())
        .then(pl.lit("new"))
        .when(pl.col("only").is_not_null())
        .then(pl.lit("island"))
        .when(has_stray)
        .then(pl.lit("stray"))
        # A new name in a merged province, not in the province of the district's time.
        .when((pl.col("district_rank") >= keys.PARTNER) & pl.col("namesake").is_not_null())
        .then(pl.lit("namesake"))
        .when(pl.col("district").is_not_null())
        .then(pl.lit("district"))
        .when(no_district & pl.col("lone_old").is_not_null() & old_first)
        .then(pl.lit("lone_old"))
        .when(pl.col("lone_new").is_not_null())
        .then(pl.lit("lone_new"))
        .when(pl.col("new_province").is_not_null())
        .then(pl.lit("province"))
        .alias("path")
    )


def _by_path(**columns: str) -> pl.Expr:
    """The column that goes with each path."""
    cases = [
        pl.when(pl.col("path") == path).then(pl.col(column)) for path, column in columns.items()
    ]
    return pl.coalesce(cases)


@cache
def _wards() -> dict[str, pl.Expr]:
    """Old and new wards that the reading allows."""
    return {
        "old": _by_path(old="old_in", earlier="old_in", lone_old="lone_old", stray="elsewhere"),
        "new": _by_path(
            new="new_in", island="only", lone_new="lone_new", earlier="new_in", namesake="namesake"
        ),
        "after": _by_path(
            old="old_in_after",
            earlier="old_in_after",
            lone_old="lone_old_after",
            stray="elsewhere_after",
            lone_new="lone_old_after",
        ),
        "rank": _by_path(
            old="old_in_rank",
            earlier="old_in_rank",
            new="new_in_rank",
            lone_new="lone_new_rank",
            lone_old="lone_old_rank",
            stray="elsewhere_rank",
        ).fill_null(0),
    }


@cache
def _candidates() -> dict[str, pl.Expr]:
    """The wards that may be meant, and whether another reading contradicts it."""
    is_lone_new = pl.col("path") == "lone_new"
    differs = codes_of("after").list.set_difference(codes_of("new")).list.len() > 0
    rival = is_lone_new & differs
    both = (rival & ~pl.col("is_new_name")) | (pl.col("path") == "earlier")
    unsaid = (pl.col("path") == "district") & (pl.col("district_rank") == 0)
    union = joined(pl.concat_list(codes_of("new"), codes_of("after")))
    return {
        "is_contradicted": (both & differs).fill_null(value=False),
        "rival": rival.fill_null(value=False),
        "rivals": pl.when(rival).then("lone_old"),
        "candidates": pl.when(both)
        .then(union)
        .when(is_lone_new)
        .then("new")
        .otherwise(pl.coalesce("new", "after", pl.when(unsaid).then("namesake"))),
    }


@cache
def _outcome() -> list[pl.Expr]:
    """The columns of ``OUTCOME``."""
    parts = {"old": 3, "earlier": 3, "new": 3, "stray": 3, "province": 1}
    parts |= dict.fromkeys(("island", "namesake", "district", "lone_old", "lone_new"), 2)
    used = pl.col("path").replace_strict(parts, default=0, return_dtype=pl.Int32).alias("used")
    return [*(pl.col(n).cast(t) for n, t in OUTCOME.items() if n != "used"), used]


def match(tails: pl.DataFrame) -> pl.DataFrame:
    """Resolve distinct tails.

    Args:
        tails: columns c1, c2, c3 (keys, null where there is no such part), is_ward3 (whether the
            third part opens with a ward's type word), one row per tail.

    Returns:
        The frame, in order, with the columns of ``OUTCOME``: path (old, earlier, new, island,
        stray, namesake, district, lone_old, lone_new, province, or null for nothing), old (codes
        of old wards), candidates (codes of new wards), rank (how the ward's name was met), rival
        (another reading exists), is_contradicted, is_new_name, new_province, district (old codes),
        used (how many parts were understood).
    """
    read = _readings(tails).lazy().with_columns(_path())
    done = read.with_columns(**_wards()).with_columns(**_candidates())
    return done.select(*tails.columns, *_outcome()).collect(optimizations=AS_IT_IS)
