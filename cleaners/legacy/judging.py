"""Whole values: what the words of each make likely, and how it reads then."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.legacy.maps import BYTE_KINDS
from cleaners.legacy.words import KINDS, TOKEN, read_words

__all__ = ["judged"]

#: How much likelier the others are than these; it decides between readings that are as good.
_RARITY: Final = {"viscii": 0.12, "cp1258": 0.05}
#: Words that change nothing are weak evidence, however many they are.
_MOST_CONTEXT: Final = 0.4
_MOST_TYPED_CONTEXT: Final = 0.3
#: A word that is foreign for certain.
_FOREIGN: Final = -0.4
# TCVN3 letters that have a byte for the capital, so that the small one is meant.
_SMALL_TCVN3: Final = "[a-z¨©ª«¬\u00ad®]"
_BIG_TCVN3: Final = "[A-Z¡¢£¤¥¦§]"
_TONED: Final = "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_UTF8_SIGNS: Final = "á[º»]|[ÃÄÆ][\u0080-\u00bf\u0152-\u2122]"


def _shares(words: pl.DataFrame, kinds: list[str]) -> pl.DataFrame:
    """What each word adds to the score of each kind: all columns can simply be summed."""
    shares = [pl.col("is_toned").cast(pl.Int32)]
    for kind in kinds:
        is_read = pl.col(kind).is_not_null()
        context = pl.col("context" if kind in BYTE_KINDS else "typed_context")
        is_foreign = ~is_read & pl.col("is_ascii") & (pl.col("context") < _FOREIGN)
        shares += [
            is_read.cast(pl.Int32).alias(f"{kind}_count"),
            pl.when(is_read).then(0.0).otherwise(context).alias(f"{kind}_context"),
            is_foreign.cast(pl.Int32).alias(f"{kind}_foreign"),
        ]
    return words.with_columns(shares)


def _score(kind: str) -> pl.Expr:
    """The evidence for a kind in one value: of its words that change, and of the others."""
    score, context = pl.col(f"{kind}_weight"), pl.col(f"{kind}_context")
    if kind in BYTE_KINDS:
        score += context.clip(upper_bound=_MOST_CONTEXT)
    else:
        score += context.clip(upper_bound=_MOST_TYPED_CONTEXT) - pl.col(f"{kind}_foreign")
        # Where other words have their marks, the driver was on: more likely a slip of the finger.
        score -= (pl.col("is_toned") > 0).cast(pl.Float64)
    return pl.when(pl.col(f"{kind}_count") > 0).then(score).otherwise(-9.0).alias(kind)


def _likeliest(tokens: pl.DataFrame, kinds: list[str], expect: str | None) -> pl.DataFrame:
    """One row per value: the likeliest kind and its score."""
    parts = ("weight", "count", "context", "foreign")
    sums = pl.col("is_toned", *(f"{kind}_{part}" for kind in kinds for part in parts)).sum()
    scores = tokens.group_by("i", maintain_order=True).agg(sums)
    scores = scores.select("i", *map(_score, kinds))
    if expect in kinds:
        scores = scores.with_columns(pl.col(expect) + 1.0)
    # Of two kinds that explain a value as well, the commoner stands first.
    rank = {k: (pl.col(k) - _RARITY.get(k, 0.0)).round(6) for k in kinds}
    best = pl.max_horizontal(rank.values())
    chosen = [pl.when(rank[k] == best) for k in kinds]
    kind = pl.coalesce(c.then(pl.lit(k)) for c, k in zip(chosen, kinds, strict=True))
    score = pl.coalesce(c.then(pl.col(k)) for c, k in zip(chosen, kinds, strict=True))
    return scores.select("i", kind.alias("kind"), score.alias("score"))


def judged(values: pl.DataFrame, expect: str | None) -> pl.DataFrame:
    """Find the likeliest kind of damage for each value, and the value without it.

    Args:
        values: ``i``, a number of its own for each, and ``form``, composed text.
        expect: the kind that is expected.

    Returns:
        The same rows, and ``kind``; ``score``, the evidence for it; ``full``, the value read as
        that kind; for this reading and for the value as it is, ``lost_read`` and ``lost_unread``,
        with ``_`` for lost letters, and ``has_lost_read`` and ``has_lost_unread``.
    """
    pieces = _spaces_back(pl.col("form")).str.extract_all(TOKEN)
    tokens = values.select("i", w=pieces).explode("w", empty_as_null=False)
    words = read_words(tokens["w"])
    kinds = [k for k in KINDS if words[k].null_count() < words.height] or [KINDS[0]]
    words = _shares(words, kinds)
    tokens = tokens.join(words, on="w", how="left", maintain_order="left")
    likeliest = _likeliest(tokens, kinds, expect)
    tokens = tokens.join(likeliest, on="i", how="left", maintain_order="left")
    chosen = pl.coalesce(pl.when(pl.col("kind") == k).then(pl.col(k)) for k in kinds)
    tokens = tokens.with_columns(chosen=chosen)
    # A word keeps its lost letters where it was not read; a reading has its own.
    mended = pl.coalesce(pl.col("chosen").str.replace_all("\ufffd", "_", literal=True), "pattern")
    tokens = tokens.with_columns(mended=mended)
    whole = tokens.group_by("i", maintain_order=True).agg(
        pl.col("kind", "score").first(),
        pl.coalesce("chosen", "w").str.join("").alias("full"),
        pl.coalesce("pattern", "w").str.join("").alias("lost_unread"),
        pl.coalesce("mended", "w").str.join("").alias("lost_read"),
        pl.col("pattern").is_not_null().any().alias("has_lost_unread"),
        pl.col("mended").str.contains("_", literal=True).any().alias("has_lost_read"),
    )
    cased = _cased(pl.col("form"), pl.col("full"))
    return values.join(whole, on="i", how="left", maintain_order="left").with_columns(
        full=pl.when(pl.col("kind") == "tcvn3").then(cased).otherwise("full")
    )


def _cased(form: pl.Expr, full: pl.Expr) -> pl.Expr:
    """TCVN3 has no capitals with a tone mark: their case comes from the rest of the value."""
    shouted = ~form.str.contains(_SMALL_TCVN3) & form.str.contains(f"{_BIG_TCVN3}[^ ]*{_BIG_TCVN3}")
    titled = form.str.contains(_BIG_TCVN3) & ~form.str.contains("(?:^| )[a-z]")
    small_or_title = pl.when(titled).then(_capitalised(full)).otherwise(full)
    return pl.when(shouted).then(full.str.to_uppercase()).otherwise(small_or_title)


def _capitalised(full: pl.Expr) -> pl.Expr:
    """Capitals for toned letters at the start of a word."""
    find = [before + letter for before in ("\ue010", " ") for letter in _TONED]
    result = [before + letter.upper() for before in ("", " ") for letter in _TONED]
    return ("\ue010" + full).str.replace_many(find, result).str.strip_prefix("\ue010")


def _spaces_back(form: pl.Expr) -> pl.Expr:
    """Misread UTF-8 whose last byte, a space that does not break, was made plain or trimmed."""
    bent = form.str.replace_all("áº ", "áº\u00a0", literal=True)
    # In capitals the same sight is Á, Í or Ý, whose last byte is undefined.
    small = form.str.contains(_UTF8_SIGNS) & form.str.contains("[a-z]")
    return pl.when(small).then(bent.str.replace_all("Ã( |$)", "Ã\u00a0${1}")).otherwise(bent)
