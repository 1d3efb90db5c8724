"""What each distinct word may have been: one reading for every kind of damage, and its weight.

A weight is evidence for a kind: positive where a word that is no Vietnamese becomes a syllable,
negative where a reading makes nonsense or the word speaks against it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

from cleaners.legacy import syllables
from cleaners.legacy.familiar import familiarity, familiarity_unmarked
from cleaners.legacy.losses import is_remnant, loss_patterns
from cleaners.legacy.maps import BYTE_KINDS, FILLINGS, decoded
from cleaners.legacy.typing_keys import TYPED_KINDS, strength, typed_word

__all__ = ["KINDS", "TOKEN", "read_words"]

KINDS: Final = (*BYTE_KINDS, *TYPED_KINDS)
_ENDS: Final = r" \t\r\n!-&(-/:->@\[-_{-~"
#: A word, or what stands between two; apostrophes and question marks belong to the word.
TOKEN: Final = f"[^{_ENDS}]+|[{_ENDS}]+"

# Signs and control characters that stand inside no word of any language, but for quotation marks,
# dashes and raised figures, which stand beside words.
_SIGNS: Final = (
    "[\\x00-\\x1f\\x7f-\\x{9f}¡-©«¬\\x{ad}®¯±¶-¹»¿×÷€‚ƒ„†‡ˆ‰‹›œŒŠšŽžŸ™˜]|"
    "[ªµº°][a-zà-ÿ]|[A-Za-z][ªµ]"
)
_CAPITAL_INSIDE: Final = r"\p{Ll}[À-ÖØ-ÞŠŒŽŸ]|\p{L}[À-ÖØ-Þ]\p{Ll}"
# The same in a reading; TCVN3 itself writes small toned letters among capitals.
_MIXED: Final = r"[a-z]\p{Lu}|\p{Lu}[ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠ-Ỹ--\p{Ll}][a-z]"
_VNI_PAIRS: Final = "(?i)a[âáàåãäêéèúüëùøûõï]|e[âáàåãäùøûõï]|o[âåäùøûõï]|[uyôö][ùøûõï]"
# A character that is none of windows-1252: the word comes from Unicode.
_FAR: Final = f"[^\\x00-\\x{{ff}}{''.join('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ')}]"

#: What Thị, Vũ, Văn and Tạ look like: good words, which are in no name.
_NO_NAMES: Final = {
    "vni": ["thò"],
    "tcvn3": ["vò"],
    "cp1258": ["vãn", "sõn", "tãng", "nãm"],
    "viscii": ["tõ"],
}

_LOST_HORN: Final = "(^|[^ư])([ơờởỡớợ])(ng|c|u)$"
_ONLY_CONSONANTS: Final = "^(ngh?|nh|kh|th|tr|ch|ph|gi|[bcdđghklmnrstvx])(ng|m|c|t|ng)$"


def _in_case_of(word: pl.Expr, model: pl.Expr) -> pl.Expr:
    """A lower-case word in the case of another: capitals, a capital first, or none."""
    titled = word.str.slice(0, 1).str.to_uppercase() + word.str.slice(1)
    return (
        pl.when(model.str.contains(r"\p{Lu}") & ~model.str.contains(r"\p{Ll}"))
        .then(word.str.to_uppercase())
        .when(model.str.contains(r"^\p{Lu}"))
        .then(titled)
        .otherwise(word)
    )


def _horn_restored(words: pl.DataFrame) -> pl.DataFrame:
    """TCVN3 words whose ư, a soft hyphen, was dropped on the way: D¬ng is Dương."""
    low = pl.col("tcvn3").str.to_lowercase()
    horned = low.str.replace(_LOST_HORN, "${1}ư${2}${3}").str.replace(_ONLY_CONSONANTS, "${1}ư${2}")
    found = words.select(syllables.is_syllable(low).alias("ok"), horned.alias("horned"), "w")
    better = ~found["ok"] & found.select(syllables.is_syllable("horned")).to_series()
    better &= found["horned"] != words["tcvn3"].str.to_lowercase()
    restored = found.select(_in_case_of(pl.col("horned"), pl.col("w"))).to_series()
    return words.with_columns(tcvn3=pl.when(better).then(restored).otherwise("tcvn3"))


def _bytes_filled(words: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Misread UTF-8 without some byte: the one letter that makes a syllable, where there is one."""
    seen = pl.col(kind)
    marked = words.select(seen, "w").filter(seen.str.contains("[\ue001-\ue003]")).unique()
    if not marked.height:
        return words
    capital = pl.col("w").str.contains("[A-Z]") & ~pl.col("w").str.contains("[a-z]")
    tried = pl.concat(
        marked.filter(
            seen.str.contains(stand_in, literal=True),
            seen.str.starts_with(stand_in) | (capital == letter.isupper()),
        ).with_columns(full=seen.str.replace(stand_in, letter, literal=True))
        for stand_in, letter in FILLINGS
    ).filter(syllables.is_syllable("full"))
    sole = tried.group_by(kind, "w").agg(pl.col("full").first(), pl.len().alias("n"))
    sole = sole.filter(n=1).select(kind, "w", "full")
    filled = words.join(sole, on=[kind, "w"], how="left", maintain_order="left")["full"]
    known = filled.fill_null(words[kind]).str.replace_all("[\ue001-\ue003]", "\ufffd")
    return words.with_columns(known.alias(kind))


def _read_bytes(words: pl.DataFrame) -> pl.DataFrame:
    """One column per byte kind: what the word would be, null where nothing changes."""
    plain = pl.col("w").str.contains("^[ -~]*$")
    rest = words.filter(~plain).with_columns(decoded(pl.col("w"), k).alias(k) for k in BYTE_KINDS)
    for kind in ("utf8_once", "utf8_twice"):
        rest = _bytes_filled(rest, kind)
    bare = words.filter(plain).with_columns(pl.col("w").alias(k) for k in BYTE_KINDS)
    both = _horn_restored(pl.concat([rest, bare]))
    changed = [pl.when(pl.col(k) != pl.col("w")).then(pl.col(k)).alias(k) for k in BYTE_KINDS]
    return both.with_columns(changed)


def _shapes(words: pl.DataFrame) -> pl.DataFrame:
    """What can be said of each word as it stands."""
    w, low = pl.col("w"), pl.col("low")
    known = syllables.is_syllable(low)
    shaped = words.with_columns(
        is_ascii=w.str.contains("^[ -~]*$"),
        is_known=known & ~w.str.contains(_CAPITAL_INSIDE),
        is_folded=syllables.is_syllable(low, folded=True),
        is_far=w.str.contains(_FAR),
        length=w.str.len_chars(),
    ).with_columns(is_toned=pl.col("is_known") & ~pl.col("is_ascii"))
    sayable = low.str.contains("[aeiouy]") & low.str.contains("^[a-z']*$") & (pl.col("length") > 1)
    return shaped.with_columns(
        context=pl.when("is_ascii")
        .then(
            pl.when((pl.col("length") < 2) | low.str.contains("[0-9]"))
            .then(0.0)
            .when("is_known")
            .then(0.13)
            .when("is_folded")
            .then(-0.3)
            .when(sayable)
            .then(-0.5)
            .otherwise(0.0)
        )
        .when("is_far")
        .then(-2.0)
        .when("is_known")
        .then(0.17)
        .otherwise(0.0)
    )


def _evidence(kind: str) -> pl.Expr:
    """How much a word tells that becomes a syllable when read as this kind."""
    w, length = pl.col("w"), pl.col("length")
    if kind.startswith("utf8"):
        return pl.lit(1.0)
    sure = w.str.contains(_SIGNS) | w.str.contains(_CAPITAL_INSIDE)
    if kind == "vni":
        sure |= w.str.contains(_VNI_PAIRS)
    shape_only = ~w.str.contains("[^a-zA-ZÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúý]")
    return (
        pl.when(length < 2)
        .then(0.05)
        .when(sure)
        .then(1.0)
        .when(shape_only)
        .then(pl.when(length >= 4).then(0.7).otherwise(0.4))
        .when(length >= 4)
        .then(0.85)
        .when(length == 3)
        .then(0.6)
        .otherwise(0.4)
    )


def _byte_weight(kind: str) -> pl.Expr:
    """The weight of one word for one byte kind."""
    read = pl.col(kind)
    becomes = syllables.is_syllable(read) & ~read.str.contains(_MIXED)
    common = familiarity(read)
    # Thị and Vũ come out as words that nobody is called.
    telling = pl.col("low").is_in(_NO_NAMES.get(kind, []))
    same = pl.when(telling).then(0.8).otherwise(0.13 + common * 0.5)
    gained = (
        pl.when("is_far")
        .then(-2.0)
        .when(~becomes)
        .then(-1.0)
        .when("is_known")
        .then(same)
        .otherwise(_evidence(kind) + common)
    )
    if kind.startswith("utf8"):
        gained = pl.when(is_remnant(read)).then(0.6).otherwise(gained)
    return pl.when(read.is_null()).then(0.0).otherwise(gained)


def _typed_weight(kind: str) -> pl.Expr:
    """The weight of one word for one typing method."""
    read, low = pl.col(kind), pl.col("low")
    common = familiarity(read)
    # Coong is as good a syllable as Công, but a rare one.
    rare = pl.when(common > 0).then(0.25).otherwise(0.0)
    strong = pl.when("is_known").then(rare).otherwise(strength(low, kind, common))
    return pl.when(read.is_null()).then(0.0).otherwise(strong)


@lru_cache(maxsize=1)
def _weights() -> list[pl.Expr]:
    """All weights, named ``<kind>_weight``."""
    typed = [_typed_weight(kind).alias(f"{kind}_weight") for kind in TYPED_KINDS]
    return [_byte_weight(kind).alias(f"{kind}_weight") for kind in BYTE_KINDS] + typed


def read_words(tokens: pl.Series) -> pl.DataFrame:
    """Read every distinct word in every way.

    Args:
        tokens: words and what stands between them, as ``TOKEN`` finds them.

    Returns:
        One row per distinct word: ``w``; ``low``; for each of ``KINDS`` the reading (null where
        it is the word itself) and ``<kind>_weight``, 0 where it is null; ``context`` and
        ``typed_context``, what the word as it stands says; ``is_toned``, whether it is good
        Vietnamese with marks; ``pattern`` with ``_`` for lost letters.
    """
    words = tokens.unique().drop_nulls().alias("w").to_frame()
    words = words.with_columns(low=pl.col("w").str.to_lowercase())
    words = _shapes(_read_bytes(words))
    for kind in TYPED_KINDS:
        words = typed_word(words, kind).rename({"typed": kind})
        new = ~pl.col("is_folded") | pl.col("low").str.contains("oong$|ooc$")
        typed = pl.when(new).then(_in_case_of(pl.col(kind), pl.col("w")))
        words = words.with_columns(typed.alias(kind))
    familiar = familiarity_unmarked(pl.col("low"))
    unmarked = pl.when("is_ascii").then(pl.col("context") * 0.7).otherwise(0.0)
    typed_context = pl.when(familiar > 0).then(familiar).otherwise(unmarked)
    return loss_patterns(words).with_columns(*_weights(), typed_context=typed_context)
