"""How a column of names is read: the plain ones by their pieces, the odd ones with care.

Nearly every name is a family name and further words of letters, with nothing beside it (see
``plain``). The others are read in full; reading everything in full gives the same result, only later.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cleaners import legacy
from cleaners.columns import in_slices
from cleaners.issues import collect
from cleaners.names import abbreviations, markers, organisations, titles
from cleaners.names.kinship import kindred
from cleaners.names.marks import marks_lost
from cleaners.names.order import reordered
from cleaners.names.parts import display, parts
from cleaners.names.plain import RARE, read_plain
from cleaners.text import fold, only_where, tidy, tone_normal

__all__ = ["FIELDS", "prepared", "read", "read_with_care", "undamaged"]

_FEW = 20  # names that are read with care before the tables of their pieces are made
FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(
        ("value", "fold", "tone", "family", "middle", "given", "initials"), pl.String()
    ),
    "has_abbreviation": pl.Boolean(),
    **dict.fromkeys(("kindred", *RARE, "subject"), pl.String()),
    "issues": pl.List(pl.String()),
}


def _where_given(text: pl.Expr, form: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """A form of the few texts that are not null; others cost nothing."""
    return only_where(text, lambda expr: expr.is_not_null(), form)


def _subject(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Organisation or person, and the text without tax code, note and title."""
    text, organisation, named = pl.col("text"), pl.col("organisation"), pl.col("named")
    untitled = titles.without_title(pl.col("unnoted"))
    return (
        frame.with_columns(
            organisation=organisations.names_organisation(pl.col("fold"), pl.col("tone"))
        )
        .with_columns(tax_code=organisations.tax_code(text))
        .with_columns(named=organisations.untaxed(text, pl.col("tax_code")))
        .with_columns(unnoted=pl.when(~organisation).then(titles.without_notes(named)))
        .with_columns(bare=pl.when(organisation).then(named).otherwise(untitled))
        .with_columns(readable=pl.col("bare").str.contains(r"\p{L}").fill_null(value=False))
        .with_columns(bare=pl.when("readable").then("bare"))
        .with_columns(is_person=pl.col("readable") & ~organisation)
    )


def _forms(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Folded and toned name, marker, pattern, other order; ``said`` has H and K bound."""
    bare, said, person = pl.col("bare"), pl.col("said"), pl.col("person")
    changed = pl.col("changed")
    # A marker or an abbreviation stands where the family name would have to.
    other = pl.when(pl.col("marker").is_null() & ~pl.col("has_abbreviation")).then("reordered")
    return (
        frame.with_columns(said=pl.when("is_person").then(markers.spoken(bare)).otherwise(bare))
        .with_columns(legible=abbreviations.legible(said))
        # Most names have neither note nor title: what is folded already is used again.
        .with_columns(changed=pl.when(pl.col("legible").ne_missing(pl.col("text"))).then("legible"))
        .with_columns(
            fold=pl.when("readable").then(pl.coalesce(_where_given(changed, fold), "fold")),
            tone=pl.when("readable").then(pl.coalesce(_where_given(changed, tone_normal), "tone")),
        )
        .with_columns(person=pl.when("is_person").then("fold"))
        .with_columns(
            marker=pl.when("is_person").then(markers.marker(bare, said, pl.col("tone"))),
            pattern=pl.when("is_person").then(abbreviations.pattern(said)),
            note=pl.when("is_person").then(titles.note(pl.col("named"))),
            kindred=kindred(person),
        )
        .with_columns(
            has_abbreviation=pl.when("is_person").then(
                abbreviations.is_abbreviated(pl.col("pattern"))
            )
        )
        .pipe(reordered)
        .with_columns(reordered=pl.when(other != person).then("reordered"))
    )


def _judge(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Value, subject and issues."""
    text, is_person = pl.col("text"), pl.col("is_person")
    bare, person = pl.col("bare"), pl.col("person")
    subject = (
        pl.when(text.is_null())
        .then(None)
        .when(~pl.col("readable"))
        .then(pl.lit("unknown"))
        .when("organisation")
        .then(pl.lit("organisation"))
        .otherwise(pl.lit("person"))
    )
    return frame.with_columns(
        collect(
            unreadable_name=text.is_not_null() & ~pl.col("readable"),
            note_in_brackets=~pl.col("organisation") & text.str.contains(r"[(\[{]"),
            title_removed=is_person & (bare != pl.col("unnoted")),
            tax_code_in_name=pl.col("tax_code").is_not_null(),
            lost_letters=~pl.col("organisation") & text.str.contains(abbreviations.LOST),
            abbreviated_name=pl.col("has_abbreviation"),
            order_swapped=pl.col("reordered").is_not_null(),
            diacritics_lost=marks_lost(person, pl.col("tone")),
            digits_in_name=is_person & bare.str.contains("[0-9]"),
            single_word=pl.col("marker").is_null() & ~person.str.contains(" ", literal=True),
            legacy_encoding=pl.col("is_converted"),
            suspected_encoding=pl.col("is_suspected"),
            several_names=is_person & titles.several_names(person, pl.col("tone")),
        ),
        subject=subject,
        value=pl.when(is_person).then(display(bare)).otherwise(bare),
    )


def read_with_care(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The fields of any ``prepared`` names."""
    return frame.pipe(_subject).pipe(_forms).pipe(parts).pipe(_judge)


def undamaged(raw: pl.LazyFrame) -> pl.LazyFrame:
    """The text of each ``raw`` name with its letters repaired, and whether they were."""
    said = pl.col("was").struct["issues"].list
    return raw.select(was=legacy.clean("raw")).select(
        raw=pl.col("was").struct["value"],
        is_converted=said.contains("legacy_encoding"),
        is_suspected=said.contains("suspected_encoding"),
    )


def prepared(repaired: pl.LazyFrame) -> pl.LazyFrame:
    """Tidy, toned and folded text of ``undamaged`` names."""
    return repaired.select("is_converted", "is_suspected", text=tidy("raw")).with_columns(
        tone=tone_normal("text"), fold=fold("text")
    )


def _careful(raw: pl.LazyFrame) -> pl.LazyFrame:
    """The fields of any ``undamaged`` names."""
    return raw.pipe(prepared).pipe(read_with_care).select(*FIELDS)


def read(raw: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Read the plain names by halves and the others with care.

    Args:
        raw: distinct names as they came.

    Returns:
        Every field in an order of its own, and for each name its place in there.
    """
    if raw.len() <= _FEW:
        return _slow(raw), pl.int_range(raw.len(), eager=True)
    plain, quick = read_plain(raw)
    if plain.all():
        return quick.select(*FIELDS), plain.arg_true()
    slow = _slow(raw.filter(~plain))
    order = pl.concat([plain.arg_true(), (~plain).arg_true()]).arg_sort()
    return pl.concat([quick.select(*FIELDS), slow]), order


def _slow(raw: pl.Series) -> pl.DataFrame:
    """Every field, read with care."""
    return in_slices(in_slices(raw.alias("raw").to_frame(), undamaged), _careful)
