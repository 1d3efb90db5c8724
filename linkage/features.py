"""Features: the columns that blocking and comparing read, the same for records and population.

Records and population describe a person differently (one number against a current and several old
ones, one address against two). Features bring both to one shape, so that every condition can be
written once and is symmetric. A feature of type list blocks and compares on any common member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import polars as pl

from linkage.columns import part
from linkage.features_plain import PLAIN_BUILDERS
from linkage.long_columns import different, in_order, in_two_ways

_TEXTS: Final = pl.List(pl.String())


def _one(member: pl.Expr) -> pl.Expr:
    """A list of one member; null where there is none."""
    return pl.when(member.is_not_null()).then(pl.concat_list(member))


def _on_few(several: pl.Expr, few: pl.Expr, most: pl.Expr) -> pl.Expr:
    """A list by one expression in the few rows that may have several members, else by a cheap one.

    Args:
        several: whether a row may have more than one member.
        few: what a list is made by in such rows.
        most: what it is made by in all others; both give a list of text.
    """
    asked = [several.fill_null(value=False).alias("several"), most.alias("made")]

    def made_of_few(rows: pl.Series) -> pl.Series:
        return rows.struct.unnest().select(few.alias("made")).to_series()

    def run(rows: pl.Series) -> pl.Series:
        mask, made = rows.struct.unnest().select(asked).get_columns()
        return in_two_ways(rows, mask, made_of_few, lambda _: made)

    read = dict.fromkeys(
        name
        for expression in (several, few, most)
        for name in expression.meta.root_names()
        if name  # not the members of a list
    )
    return pl.struct(*read).map_batches(run, return_dtype=_TEXTS, is_elementwise=True)


def _united(lists: Sequence[pl.Expr], several: pl.Expr, first: Sequence[pl.Expr]) -> pl.Expr:
    """The different members of lists or values; ``first`` are their only ones in most rows."""
    return _on_few(several, different(*lists), _one(pl.coalesce(*first)))


def name_features(field: str) -> list[pl.Expr]:
    """Folded name and its parts, for one ``person_name`` field."""
    tone, fold = pl.col(part(field, "tone")), pl.col(part(field, "fold"))
    family, given = pl.col(part(field, "family")), pl.col(part(field, "given"))
    kindred = pl.col(part(field, "kindred"))
    return [
        fold,
        tone,
        family,
        given,
        pl.col(part(field, "initials")),
        pl.concat_str(family, given, separator=" ", ignore_nulls=False).alias(
            part(field, "family_given")
        ),
        in_order(fold, part(field, "sorted"), part(field, "letters")),
        pl.col(part(field, "has_abbreviation")).alias(part(field, "abbreviated")),
        (tone != fold).alias(part(field, "has_tones")),
        pl.when(kindred != fold).then(kindred),  # most names are their own key
        pl.col(part(field, "pattern")),
    ]


def _unseen(field: str, *names: str) -> list[pl.Expr]:
    """Empty places for what other registries show (:mod:`linkage.link.sightings`)."""
    empty = pl.lit(None, dtype=pl.List(pl.String))
    return [empty.alias(part(field, f"seen_{name}")) for name in names]


_NINE: Final = r"^\d{9}$"


def _old(numbers: pl.Expr) -> pl.Expr:
    """Those of nine digits; passports may have nine too."""
    return numbers.list.filter(pl.element().str.contains(_NINE))


def number_features(
    field: str, lists: Sequence[pl.Expr] = (), texts: Sequence[pl.Expr] = ()
) -> list[pl.Expr]:
    """Every number a person has had, the current 12-digit one, and the old ones.

    Args:
        field: the ``personal_id`` field.
        lists: further numbers of the same person, as list-of-string expressions.
        texts: the same, as string expressions.
    """
    own, kind = pl.col(field), pl.col(part(field, "kind"))
    several = [other.list.len() > 0 for other in lists] + [other.is_not_null() for other in texts]
    names = part(field, "numbers"), part(field, "old_numbers")
    return [
        _numbers(own, (*lists, *texts), several, names),
        pl.when(kind == "personal_number").then(own).alias(part(field, "number")),
        pl.when(kind == "personal_number").then(own.str.tail(6)).alias(part(field, "tail")),
        *_unseen(field, "numbers"),
    ]


def _numbers(
    own: pl.Expr, others: Sequence[pl.Expr], several: Sequence[pl.Expr], names: tuple[str, str]
) -> pl.Expr:
    """All numbers and the old ones among them, as two columns."""
    more = pl.any_horizontal(pl.lit(value=False), *several)
    numbers = _on_few(more, different(own, *others), _one(own))
    all_of_them = pl.col(names[0])
    none = pl.when(all_of_them.is_not_null()).then(pl.lit([], dtype=_TEXTS))
    may_be_old = (all_of_them.list.len() > 1) | all_of_them.list.first().str.contains(_NINE)
    old = _on_few(may_be_old, _old(all_of_them), none)

    def run(rows: pl.Series) -> pl.Series:
        made = rows.struct.unnest().select(numbers.alias(names[0]))
        return made.with_columns(old.alias(names[1])).to_struct()

    read = dict.fromkeys(name for one in (own, *others) for name in one.meta.root_names())
    dtype = pl.Struct(dict.fromkeys(names, _TEXTS))
    return (
        pl.struct(*read).map_batches(run, return_dtype=dtype, is_elementwise=True).struct.unnest()
    )


def birth_features(field: str) -> list[pl.Expr]:
    """Date where day and month can be trusted, its digits and parts, and the year."""
    date = pl.col(field)
    year, month, day = (pl.col(part(field, name)) for name in ("year", "month", "day"))
    trusted = (pl.col(part(field, "precision")) == "day") & ~pl.col(part(field, "is_placeholder"))
    # As one number: a third of the time of three texts. No year has less than one digit.
    digits = (
        (year.cast(pl.Int64) * 10_000 + month.cast(pl.Int64) * 100 + day)
        .cast(pl.String)
        .str.zfill(5)
    )
    return [
        date.alias(part(field, "value")),
        year,
        pl.when(trusted).then(digits.str.tail(4)).alias(part(field, "day_month")),
        pl.when(trusted).then(digits.str.head(6)).alias(part(field, "year_month")),
        pl.when(trusted).then(date).alias(part(field, "exact")),
        pl.when(trusted).then(digits).alias(part(field, "digits")),
        pl.when(trusted).then(day).alias(part(field, "day")),
        pl.when(trusted).then(month).alias(part(field, "month")),
    ]


MOST_CANDIDATES = 5
"""No old ward was split into more new ones (Resolutions of June 2025)."""


def _within(field: str, below: str) -> list[pl.Expr]:
    """``ward|text below the ward`` for every ward that the address may mean."""
    candidates = pl.col(part(field, "ward_candidates"))
    return [
        pl.concat_str(
            candidates.list.get(position, null_on_oob=True),
            pl.lit("|"),
            pl.col(part(field, below)),
            ignore_nulls=False,
        )
        for position in range(MOST_CANDIDATES)
    ]


def address_features(
    field: str, alternatives: Sequence[str] = (), *, of_people: bool = False
) -> list[pl.Expr]:
    """Wards, places and houses that the address may mean, in today's codes.

    Args:
        field: the ``address`` field whose name the features carry.
        alternatives: further address fields of the same person (the current beside the permanent).
        of_people: whether the addresses are the register's; a record's are *written*, and how
            common the written place is counts where the person was seen there elsewhere.
    """
    fields = (field, *alternatives)
    wards = [pl.col(part(f, "ward_candidates")).fill_null([]) for f in fields]
    provinces = [pl.col(part(f, "province")) for f in fields]
    # Most people have one address, and most addresses mean one ward.
    several = pl.sum_horizontal(ward.list.len() for ward in wards) > 1
    lists = {
        "wards": _united(wards, several, [w.list.first() for w in wards]),
        "provinces": _united(
            provinces, pl.sum_horizontal(p.is_not_null() for p in provinces) > 1, provinces
        ),
    }
    for name, below in (("places", "detail"), ("houses", "house")):
        within = [_within(f, below) for f in fields]
        every = [place for places in within for place in places]
        lists[name] = _united(every, several, [places[0] for places in within])
    ward = pl.col(part(field, "ward"))
    place, house = (
        pl.when(ward.is_not_null()).then(_within(field, below)[0]) for below in ("detail", "house")
    )
    nothing = pl.lit(None, dtype=pl.String)
    return [
        *(made.alias(part(field, name)) for name, made in lists.items()),
        ward,
        place.alias(part(field, "place_in_ward")),
        house.alias(part(field, "house_in_ward")),
        (nothing if of_people else ward).alias(part(field, "written_ward")),
        (nothing if of_people else place).alias(part(field, "written_place")),
        *_unseen(field, "places", "wards"),
    ]


def plain_features(field: str) -> list[pl.Expr]:
    """The clean value itself, for fields that only block or compare exactly."""
    return [pl.col(field).alias(part(field, "value"))]


def features_of(fields: Mapping[str, str]) -> list[pl.Expr]:
    """Feature expressions of a cleaned registry.

    Args:
        fields: field name to field type, of those that link.
    """
    return [expression for name, type_ in fields.items() for expression in _features(name, type_)]


@cache  # for a single record, to put them together takes as long as to work them out
def _features(field: str, type_: str) -> tuple[pl.Expr, ...]:
    builders = {
        "person_name": name_features,
        "personal_id": number_features,
        "birth_date": birth_features,
        "address": address_features,
        "historical_date": birth_features,
        **PLAIN_BUILDERS,
    }
    return tuple(builders.get(type_, plain_features)(field))
