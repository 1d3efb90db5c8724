"""Addresses of before and after July 2025, resolved to the ward and province of today.

Since 1 July 2025 an address is house, street or hamlet, ward, province; before, a district stood
in between. Both forms are in use, with type words or abbreviations (P., X., TT., Q., H., TX.,
TP.), with and without tone marks and commas. Ward codes of 2025 reuse old numbers with other
meanings, so a code is only ever given together with its edition.

First pass: the parts between commas, from the end, are joined against lookup frames. Second pass,
for what is left: the longest run of words at the end that names a province, then a district or
ward, then a ward. Everything happens on this machine; no address leaves it.

Where a name fits several wards, or an old ward was split, ``ward`` stays null and the candidates
are listed: a wrong ward is worse than none.

>>> import polars as pl
>>> frame = pl.DataFrame({"a": ["Số 12, tổ 3, P. Phúc Xá, Q. Ba Đình, Hà Nội"]})
>>> done = frame.select(clean("a")).unnest("a")
>>> done.select("ward", "province", "old_ward", "edition", "house").row(0)
('00097', '01', '00001', 'pre-2025', '12')
"""

from __future__ import annotations

import polars as pl

from cleaners import address_keys, address_match, address_tones, address_words
from cleaners.issues import collect
from cleaners.staged import staged
from cleaners.text import fold, only_where, tidy

__all__ = ["clean"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "detail", "house", "ward"), pl.String()),
    "ward_candidates": pl.List(pl.String()),
    **dict.fromkeys(("province", "old_ward", "edition"), pl.String()),
    "confidence": pl.Float64(),
    "issues": pl.List(pl.String()),
}
_SEPARATORS = [";", "|", " - ", " – ", "\n", "\t"]
_NO_LIST = pl.lit([], dtype=pl.List(pl.String()))
_COUNTRY = r",*(?:vietnam|vn|vnm)?[,.]*(?:\d{5,6})?,*$"
_HOUSE = r"(?:^|\b(?:so nha|nha so|so|sn|nha) ?)(\d+[a-z]?(?: ?[/-] ?\d+[a-z]?)*)(?:\b|$)"
_UNIT = r"(?:^|[ ,])(?:p|x|tt|tx|q|h|phuong|xa|quan|huyen|thi (?:tran|xa|x)) ?[a-z0-9]"
# How sure each rule is, before discounts.
_TRUST = {"old": 0.99, "new": 0.97, "island": 0.95, "lone_new": 0.97, "lone_old": 0.85}
_RANK_TRUST = [1.0, 0.97, 0.95, 0.93, 0.9, 0.88]


def _parts(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Folded text with commas, and its last three parts as keys without spaces."""
    comma = only_where(
        pl.col("value"),
        lambda expr: expr.str.contains_any(_SEPARATORS),
        lambda expr: expr.str.replace_many(_SEPARATORS, [","] * len(_SEPARATORS)),
    )
    squashed = pl.col("folded").str.replace_many([" ", "/"], ["", ""])
    compounds = address_keys.compounds()
    inner = list(compounds), list(compounds.values())
    keys = squashed.str.replace_many(*inner).str.replace(_COUNTRY, "").str.split(",")
    parts = pl.col("parts")
    return (
        frame.with_columns(value=tidy("raw"))
        .with_columns(folded=fold(comma, keep=",/"))
        .with_columns(parts=keys)
        .with_columns(
            count=parts.list.len(),
            **{f"c{n}": parts.list.get(-n, null_on_oob=True) for n in (1, 2, 3)},
        )
    )


def _first_pass(frame: pl.DataFrame) -> pl.DataFrame:
    """Resolve by commas: first which c2 are districts, then distinct tails."""
    pairs = address_match.with_upper(frame.select("c1", "c2").unique())
    with_district = pairs.filter(pl.col("district").is_not_null()).select("c1", "c2")
    marked = frame.join(
        with_district.with_columns(is_deep=True), on=["c1", "c2"], how="left", maintain_order="left"
    )
    tails = marked.with_columns(c3=pl.when(pl.col("is_deep")).then("c3"))
    return _spread(tails)


def _spread(tails: pl.DataFrame) -> pl.DataFrame:
    """Match distinct tails and join the answers back, in order."""
    keys = ["c1", "c2", "c3"]
    answers = address_match.match(tails.select(keys).unique())
    return tails.join(answers, on=keys, how="left", nulls_equal=True, maintain_order="left")


def _resolve(frame: pl.DataFrame) -> pl.DataFrame:
    """First pass for all, second pass for the distinct texts that it leaves open."""
    first = _first_pass(frame).with_columns(by_words=pl.lit(value=False))
    detail = pl.col("folded").str.split(",")
    first = first.with_columns(
        detail=detail.list.head(
            (pl.col("count").cast(pl.Int64) - pl.col("used")).clip(lower_bound=0)
        ).list.join(" ")
    )
    path, empty = pl.col("path"), pl.col("candidates").list.len() == 0
    is_open = (path.is_null() | path.is_in(["district", "province"])) & empty
    todo = first.filter(is_open.fill_null(value=True) & pl.col("folded").is_not_null())
    if todo.is_empty():
        return first
    texts = todo.select("folded").unique()
    second = _spread(address_words.tails(texts)).with_columns(by_words=pl.lit(value=True))
    better = second.filter(pl.col("used") > 0).with_columns(
        detail=pl.col("words")
        .list.head(pl.col("words").list.len() - pl.col("taken"))
        .list.join(" ")
    )
    columns = ("path", "old", "candidates", "rank", "rival", "is_contradicted", "new_province")
    fields = [*columns, "used", "by_words", "detail"]
    joined = first.join(
        better.select("folded", *fields),
        on="folded",
        how="left",
        suffix="_w",
        maintain_order="left",
    )
    use = (is_open.fill_null(value=True)) & (pl.col("used_w") > pl.col("used"))
    chosen = [pl.when(use).then(f"{name}_w").otherwise(name).alias(name) for name in fields]
    return joined.with_columns(chosen)


def _is_shaky() -> pl.Expr:
    """A ward without a district, met loosely, while another unit stands before it unread."""
    is_loose = (pl.col("rank") > 0) | pl.col("by_words")
    is_lone = pl.col("path").is_in(["lone_new", "lone_old"])
    return is_lone & is_loose & pl.col("detail").str.contains(_UNIT).fill_null(value=False)


def _confidence() -> pl.Expr:
    """Trust in the rule, discounted for how the name was met."""
    path = pl.col("path")
    base = path.replace_strict(_TRUST, default=0.0, return_dtype=pl.Float64)
    by_rank = pl.col("rank").replace_strict(
        list(range(6)), _RANK_TRUST, default=0.85, return_dtype=pl.Float64
    )
    several = pl.col("candidates").list.len().clip(lower_bound=1)
    old_count = pl.col("old").list.len().fill_null(1)
    is_vague = (path == "district") | (old_count > 1) | pl.col("is_contradicted") | _is_shaky()
    trust = base * by_rank * pl.when("by_words").then(0.95).otherwise(1.0)
    trust = trust * pl.when(pl.col("rival") & (path == "lone_new")).then(0.92).otherwise(1.0)
    vague = pl.when(path == "district").then(0.5).otherwise(trust) / several
    return (
        pl.when(pl.col("candidates").list.len() == 0)
        .then(0.0)
        .when(is_vague)
        .then(vague)
        .otherwise(trust)
    )


def _judge(frame: pl.DataFrame) -> pl.DataFrame:
    """Ward, edition, confidence and issues."""
    path, candidates = pl.col("path"), pl.col("candidates")
    given = pl.col("value").is_not_null()
    count = candidates.list.len()
    is_one_old = pl.col("old").list.len() == 1
    is_vague = (path == "district") | pl.col("is_contradicted") | _is_shaky()
    is_settled = (count == 1) & ~is_vague.fill_null(value=False)
    is_split = is_one_old & (count > 1)
    house = pl.col("detail").str.extract(_HOUSE).str.replace_all(" ", "", literal=True)
    detail = pl.col("detail").str.replace_all(r"[\s,/]+", " ").str.strip_chars(" ")
    return frame.with_columns(
        collect(
            ward_split=is_split,
            ward_ambiguous=given & (count > 0) & ~is_settled & ~is_split.fill_null(value=False),
            ward_unknown=given & (count.fill_null(0) == 0),
            province_unknown=given & pl.col("new_province").is_null(),
        ),
        ward=pl.when(is_settled).then(candidates.list.first()),
        ward_candidates=pl.when(given).then(candidates.fill_null(_NO_LIST)),
        province="new_province",
        old_ward=pl.when(is_one_old).then(pl.col("old").list.first()),
        edition=pl.when(path.is_in(["old", "lone_old"]))
        .then(pl.lit("pre-2025"))
        .when(path.is_in(["new", "lone_new"]) & ~pl.col("is_contradicted"))
        .then(pl.lit("2025"))
        .when(path == "island")
        .then(pl.lit("pre-2025")),
        confidence=pl.when(given).then(_confidence()),
        house=house,
        detail=pl.when(detail != "").then(detail),
    )


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """All steps, on distinct addresses."""
    return _judge(address_tones.settle(_resolve(_parts(raw).collect()))).lazy()


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean full addresses.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (tidy text), detail (folded text below the ward),
        house (folded house number), ward (2025 code, 5 characters, only if there is one reading),
        ward_candidates (2025 codes), province (2025 code), old_ward (code before July 2025),
        edition (``2025`` or ``pre-2025``: the form of the text), confidence (0 to 1, that a
        candidate is right), issues (``ward_split``, ``ward_ambiguous``, ``ward_unknown``,
        ``province_unknown``).
    """
    return staged(column, _stages, _FIELDS, distinct=True)
