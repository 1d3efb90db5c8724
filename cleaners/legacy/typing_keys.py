"""Words typed with the keyboard driver off: Telex letters and VNI digits still in the text.

Whatever the order of the strokes, a syllable is known by its bare letters and the set of its
marks, so one small table serves both methods and every habit of typing: *Nguyeenx*, *Nguye6n4*,
*Nguyen64*, *Duwowng*, *Duowng* and *Duongw* are all read. How much such a word proves is another
matter (``strength``): *Too* and *Lees* are good Telex, and good English.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

from cleaners.legacy import syllables

__all__ = ["TYPED_KINDS", "strength", "typed_word"]

TYPED_KINDS: Final = ("telex", "vni_typing")

#: Stroke of each tone, in the order of ``syllables.TONES``; quality marks of letters.
_TONE_DIGITS: Final = ("", "2", "1", "3", "4", "5")
_QUALITIES: Final = {"â": "a6", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "ă": "a8", "đ": "d9"}
_TELEX: Final = {
    **{"aa": "a6", "ee": "e6", "oo": "o6", "w": "7"},
    **{"s": "1", "f": "2", "r": "3", "x": "4", "j": "5"},
}
#: English and foreign words and names that are also good Telex.
_FOREIGN: Final = (
    "ans as ax bar beef been beep beer bees beet bis boar boo boom boon boot bow box bus "
    "cans car cars chef chess choo cook coon cow dans das dawn days deep deer dex dis doom "
    "door dos dow down ens ex fans far fawn foot for fox gas gens goo gos gown guns hans har "
    "has hawn hens her hers hex him his hood hoof hook hoot how if is jar kar keef keen keep "
    "kees khan khoo khor koo lawn lee lees leex lens lex look loom loon loot los low lux "
    "mans mar mars max meer meet mens mer mir mis mix moms moo moon moor mos mow nam namh "
    "nas nir noir nook noon noor nor nos now nox oar oas of ons or ox pax pays peep peer "
    "pens pins phoon poor queen rays reef rex roar roof rook room root ros row says seem seen seep "
    "seer sees sex sis six soar son sons soon soot sow sox tar tas tax teem teen tens ter "
    "tex this thor thus tins tis toms too took tool toom toon toot tor tow town us vans ver "
    "vex ways woo yes zoo"
)
#: Words of addresses that are written together with a number.
_PLACES: Final = (
    "ap|to|khu|thon|xa|lo|so|doi|ngo|hem|duong|tang|phong|nha|can|cum|ban|xom|buon|lang|quan|ngach|"
    "kiet|toa|khom|phuong|huyen|tinh|km|lau|ho"
)


def _typed_marks(level: str) -> tuple[str, str]:
    """Bare letters, and marks in order: 6 circumflex, 7 horn, 8 breve, 9 bar."""
    letters = "".join(_QUALITIES.get(letter, letter)[0] for letter in level)
    marks = {_QUALITIES[letter][1] for letter in level if letter in _QUALITIES}
    return letters, "".join(sorted(marks))


@lru_cache(maxsize=2)
def _keys(kind: str) -> pl.DataFrame:
    """``key`` (bare letters, bar, marks in order) and the ``typed`` syllable that it means."""
    rows: dict[str, str] = {}
    usual = syllables.table().filter("usual")
    for syllable, level, tone in zip(usual["syllable"], usual["level"], usual["tone"], strict=True):
        letters, marks = _typed_marks(level)
        # In Telex the w is horn and breve alike.
        marks = marks.replace("8", "7") if kind == "telex" else marks
        rows.setdefault(f"{letters}|{_TONE_DIGITS[tone]}{marks}", syllable)
    return pl.DataFrame({"key": list(rows), "typed": list(rows.values())})


def _strokes(word: pl.Expr, kind: str) -> pl.Expr:
    """The word in lower case, with its marks as the digits of VNI typing."""
    if kind == "vni_typing":
        return word
    word = pl.when(~word.str.contains("[0-9]|^w")).then(word)
    onset = word.str.extract("^([^aeiouyw]*)").str.replace("^dd$", "d9")
    rest = word.str.strip_prefix(word.str.extract("^([^aeiouyw]*)"))
    return onset + rest.str.replace_many(list(_TELEX), list(_TELEX.values()), leftmost=True)


def typed_word(words: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Read words as strokes of one typing method.

    Args:
        words: distinct words in a column ``low`` (lower case).
        kind: one of ``TYPED_KINDS``.

    Returns:
        The same rows in the same order, and ``typed``: the syllable in lower case, null where the
        word is none or has no stroke in it.
    """
    strokes = words.select(strokes=_strokes(pl.col("low"), kind)).with_columns(
        letters=pl.col("strokes").str.replace_all("[0-9]", ""),
        digits=pl.col("strokes").str.replace_all("[^0-9]", ""),
    )
    digits = pl.col("digits")
    marks = [
        pl.when(digits.str.contains(d, literal=True)).then(pl.lit(d)).otherwise(pl.lit(""))
        for d in "123456789"
    ]
    keyed = strokes.select(
        key=pl.when(digits != "").then(pl.concat_str("letters", pl.lit("|"), *marks))
    )
    read = keyed.join(_keys(kind), on="key", how="left", maintain_order="left")
    return words.with_columns(typed=read["typed"])


def strength(low: pl.Expr, kind: str, common: pl.Expr) -> pl.Expr:
    """How unmistakable a word is as strokes of a typing method: 0.05 to 3.

    Args:
        low: the word in lower case; only for words that ``typed_word`` can read.
        kind: one of ``TYPED_KINDS``.
        common: how common the reading is in names (``familiarity``).
    """
    if kind == "vni_typing":
        place = low.str.contains(f"^(?:{_PLACES})[0-9]+$")
        two = low.str.contains("[0-9].*[0-9]")
        inside = low.str.contains("[aeiou][6-8][a-z]|^d9")
        return (
            pl.when(place)
            .then(0.05)
            .when(two & inside)
            .then(2.0)
            .when(inside)
            .then(1.5)
            .when(two)
            .then(0.6)
            .otherwise(0.3)
        ) + common
    bar = low.str.contains("^dd[aeiouyw]")
    quality = low.str.contains("aa|ee|oo|[aou]w")
    tone = low.str.contains("[aeiouyw](?:ch|ng|nh|[cmnpt])?[sfrxj]")
    closed = low.str.contains("[aeiouyw][sfrxj]?(?:ch|ng|nh|[cmnpt])")
    never_english = low.str.contains(
        "j$|^(?:ngh?|nh|kh|tr|gi)|ng[fxrj]?$|uow|uw|f(?:ch|ng|nh|[cmnpt])|uy[sfrxj]|^[tcp]h.*[fxj]$"
    )
    shape = (
        pl.when((bar & (quality | tone)) | (quality & tone & closed))
        .then(2.0)
        .when(bar | (quality & (tone | closed)) | (tone & closed))
        .then(0.7)
        .when(low.str.contains("(?:ao|oa|ay)[sfrxj]$|[fx]$"))
        .then(0.43)
        .otherwise(0.3)
    )
    told = shape + common + pl.when(never_english).then(0.5).otherwise(0.0)
    return pl.when(low.is_in(_FOREIGN.split())).then(0.2 + common).otherwise(told)
