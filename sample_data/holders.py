"""How an agency wrote down the holder of a record: number, name, birth date, address.

Takes one row per record with the true holder (columns of ``people.Chunk.people``) and returns what
the record says, with the list of mistakes in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from . import address_habits, addresses, mistakes, mistakes_far, mistakes_near
from .draws import Flags, Ints, pick
from .households import CAME_FROM_ELSEWHERE, LIVES_ELSEWHERE
from .people import Chunk
from .rates import Errors
from .world import World

NUMBER: Final = {
    "number_missing": pl.lit(None, dtype=pl.String),
    "number_malformed": mistakes.malformed(),
    "old_number": pl.col("cmnd"),
    "digit_wrong": mistakes.digit_wrong(),
    "digits_transposed": mistakes.digits_transposed(),
    "zeros_lost": mistakes.zeros_lost(),
}
NAME: Final = {
    "tones_lost": mistakes.tones_lost(),
    "tone_wrong": mistakes.tone_wrong(),
    "name_typo": mistakes.name_typo(),
    "name_abbreviated": mistakes.abbreviated(),
    "middle_missing": mistakes.middle_missing(),
    "order_swapped": mistakes.order_swapped(),
    "kindred_name": mistakes.kindred(),
}
BIRTH: Final = {
    "birth_typo": mistakes.birth_typo(),
    "day_month_swapped": mistakes.day_month_swapped(),
    "year_only": mistakes.year_only(),
    "first_january": mistakes.first_january(),
    "year_wrong": mistakes.year_wrong(),
}
#: Shapes of mistakes that only some profiles make.
MORE_NUMBER: Final = {
    "both_numbers": mistakes_near.both_numbers(),
    "digit_left_out": mistakes_far.digit_left_out(),
    "digit_twice": mistakes_far.digit_twice(),
    "two_digits_wrong": mistakes_far.two_digits_wrong(),
    "letters_for_digits": mistakes_far.letters_for_digits(),
    "number_prefixed": mistakes_far.number_prefixed(),
    "spreadsheet_number": mistakes_far.spreadsheet_number(),
}
MORE_NAME: Final = {
    "typo_twice": mistakes_near.typo_twice(),
    "given_and_initials": mistakes_near.given_and_initials(),
    "letters_confused": mistakes_near.letters_confused(),
    "name_note": mistakes_near.name_note(),
    "sounds_alike": mistakes_far.sounds_alike(),
    "words_glued": mistakes_far.words_glued(),
    "name_cut_off": mistakes_far.name_cut_off(),
    "letters_lost": mistakes_far.letters_lost(),
    "typing_residue": mistakes_far.typing_residue(),
    "thi_missing": mistakes_far.thi_missing(),
    "other_given_name": mistakes_far.other_given_name(),
    "western_order": mistakes_far.western_order(),
    "stray_marks": mistakes_far.stray_marks(),
}
MORE_BIRTH: Final = {
    "year_digit": mistakes_near.year_digit(),
    "day_beside": mistakes_far.day_beside(),
    "lunar_date": mistakes_far.lunar_date(),
    "years_off": mistakes_far.years_off(),
    "day_unknown": mistakes_far.day_unknown(),
    "birth_missing": pl.lit(None, dtype=pl.String),
    "unrelated_date": mistakes_far.unrelated_date(),
}
_NEED_OLD_NUMBER: Final = ("old_number", "both_numbers")
#: Every kind of mistake about the person.
IDENTITY: Final = (*NUMBER, *NAME, *BIRTH, *MORE_NUMBER, *MORE_NAME, *MORE_BIRTH)


@dataclass(frozen=True)
class Habits:
    """How one agency writes: shares of upper-case names, and what is demanded."""

    errors: Errors
    upper: float = 0.0
    lower: float = 0.0


def written(
    rng: np.random.Generator, world: World, part: Chunk, holders: pl.DataFrame, habits: Habits
) -> pl.DataFrame:
    """Columns number, name, birth (ISO or year), address, errors; row by row of ``holders``."""
    size = len(holders)
    draws = {f"r{i}": pl.Series(rng.integers(1 << 40, size=size)) for i in (1, 2, 3)}
    frame = holders.with_columns(**draws, number=mistakes.passport_or_number())
    tables = _tables(habits.errors)
    kinds = [_kinds(rng, table, habits.errors, size) for table in tables]
    kinds[1][(kinds[0] > 0) & (kinds[2] > 0)] = 0  # at most two mistakes about the person
    kinds[0] = _possible(kinds[0], tables[0], frame)
    kinds[2] = np.where(frame["year_only"].to_numpy() & (kinds[2] != 4), 0, kinds[2])
    number = _apply(frame, kinds[0], pl.col("number"), tables[0])
    name = _apply(frame, kinds[1], pl.col("full_name"), tables[1])
    birth = _apply(frame, kinds[2], mistakes.birth_right(), tables[2])
    styled = _styled(rng, name, habits.errors.tone_style)
    address, address_errors = _addresses(rng, world, part, frame, habits.errors)
    right_birth = frame.select(mistakes.birth_right()).to_series()
    errors = [
        _label(kinds[0], tables[0], number, frame["number"]),
        _label(kinds[1], tables[1], name, frame["full_name"]),
        pl.select(pl.when(styled != name).then(pl.lit("tone_style"))).to_series(),
        _label(kinds[2], tables[2], birth, right_birth),
        *address_errors,
    ]
    said = {"number": number, "name": _cased(rng, styled, habits), "birth": birth}
    return pl.DataFrame(said | {"address": address, "errors": listed(errors)})


def listed(columns: list[pl.Series]) -> pl.Series:
    """Nullable text columns side by side as one list per row, nulls left out."""
    frame = pl.DataFrame({f"c{i}": column for i, column in enumerate(columns)})
    return frame.select(pl.concat_list(pl.all()).list.drop_nulls()).to_series()


def _tables(rates: Errors) -> list[dict[str, pl.Expr]]:
    """The mistakes about number, name and birth date that this agency makes."""
    more = (MORE_NUMBER, MORE_NAME, MORE_BIRTH)
    return [
        usual | {kind: wrong for kind, wrong in others.items() if getattr(rates, kind) > 0}
        for usual, others in zip((NUMBER, NAME, BIRTH), more, strict=True)
    ]


def _kinds(rng: np.random.Generator, table: dict[str, pl.Expr], rates: Errors, size: int) -> Ints:
    """0 for a right value, else the position of the mistake in ``table``, from 1."""
    shares = np.array([getattr(rates, kind) for kind in table])
    total = float(shares.sum())
    if total > 0.95:
        shares *= 0.95 / total
    return pick(rng, [1 - float(shares.sum()), *shares], size)


def _possible(kinds: Ints, table: dict[str, pl.Expr], frame: pl.DataFrame) -> Ints:
    """Nobody shows an old number that was never issued, and a passport has no zeros to lose."""
    needed = [1 + place for place, kind in enumerate(table) if kind in _NEED_OLD_NUMBER]
    kinds = np.where(np.isin(kinds, needed) & frame["cmnd"].is_null().to_numpy(), 0, kinds)
    return np.where((kinds > 2) & frame["passport"].is_not_null().to_numpy(), 0, kinds)


def _apply(
    frame: pl.DataFrame, kinds: Ints, right: pl.Expr, table: dict[str, pl.Expr]
) -> pl.Series:
    """Each row through the expression of its kind; only the rows of a kind are computed."""
    rows, values = [], []
    for kind, expression in enumerate([right, *table.values()]):
        chosen = np.flatnonzero(kinds == kind)
        rows.append(chosen)
        column = frame[chosen].with_columns(expression.alias("value"))["value"]
        values.append(column.cast(pl.String))
    return pl.concat(values).gather(np.argsort(np.concatenate(rows)))


def _label(kinds: Ints, table: dict[str, pl.Expr], is_now: pl.Series, was: pl.Series) -> pl.Series:
    """The mistake's name where the value did change."""
    names = pl.Series([None, *table], dtype=pl.String).gather(kinds)
    return pl.select(pl.when(is_now.ne_missing(was)).then(names)).to_series()


def _styled(rng: np.random.Generator, name: pl.Series, share: float) -> pl.Series:
    """A part of the offices writes hoà, thuý for hòa, thúy."""
    chosen = pl.Series(rng.random(len(name)) < share)
    other = mistakes.tone_style(pl.lit(name))
    return pl.select(pl.when(chosen).then(other).otherwise(name)).to_series()


def _cased(rng: np.random.Generator, name: pl.Series, habits: Habits) -> pl.Series:
    """Capitals or small letters, as the system keeps them."""
    draw = pl.Series(rng.random(len(name)))
    cased = (
        pl.when(draw < habits.upper)
        .then(pl.lit(name).str.to_uppercase())
        .when(draw > 1 - habits.lower)
        .then(pl.lit(name).str.to_lowercase())
    )
    return pl.select(cased.otherwise(name)).to_series()


def _draws(rng: np.random.Generator, size: int, *shares: float) -> list[Flags]:
    """For each share, ``size`` booleans of which that share is true."""
    return [rng.random(size) < share for share in shares]


def _addresses(
    rng: np.random.Generator, world: World, part: Chunk, frame: pl.DataFrame, rates: Errors
) -> tuple[pl.Series, list[pl.Series]]:
    """The address as written, and what about it differs from the register."""
    size = len(frame)
    moved = frame["moved"].to_numpy()
    chance = np.array([0.0, rates.address_is_current, rates.address_before_move])
    away = rng.random(size) < chance[moved]
    place = np.where(away, frame["other_place"].to_numpy(), frame["place"].to_numpy())
    old, short, bare = _draws(
        rng, size, rates.address_pre_2025, rates.address_abbreviated, rates.address_types_missing
    )
    lost, no_detail, none = _draws(
        rng, size, rates.address_tones_lost, rates.address_detail_missing, rates.address_missing
    )
    style = np.where(lost, 2, np.where(short, 1, 0)) + 3 * old
    style = np.where(old & bare & ~lost, 6, style)
    ward = part.ward[place]
    right = part.detail.gather(place)
    detail = address_habits.detail(rng, world, right, ward, rates)
    whole = addresses.write(world.land, detail, ward, style)
    tail = world.land.tails.gather(ward * len(addresses.STYLES) + style)
    text = pl.when(pl.Series(none)).then(None).when(pl.Series(no_detail)).then(tail)
    written = pl.select(text.otherwise(whole)).to_series()
    where = address_habits.Ward(world.land, ward, pl.Series(old), pl.Series(lost))
    written, habits = address_habits.varied(rng, written, where, rates)
    differs = {
        "moved": away & (moved == CAME_FROM_ELSEWHERE),
        "address_is_current": away & (moved == LIVES_ELSEWHERE),
        "address_pre_2025": old,
        "address_tones_lost": lost,
        "address_detail_missing": no_detail,
        "address_no_house": (detail != right).to_numpy() & ~no_detail,
    }
    marks = {"address_missing": none} | {name: mark & ~none for name, mark in differs.items()}
    return written, [
        pl.select(pl.when(pl.Series(mark)).then(pl.lit(name))).to_series()
        for name, mark in (marks | habits).items()
    ]


def day_first(birth: pl.Expr, separator: str = "/") -> pl.Expr:
    """yyyy-mm-dd as dd/mm/yyyy; a year alone stays."""
    parts = [birth.str.slice(8, 2), birth.str.slice(5, 2), birth.str.slice(0, 4)]
    return (
        pl.when(birth.str.len_chars() == 4)
        .then(birth)
        .otherwise(pl.concat_str(parts, separator=separator))
    )
