"""How likely each person of the register is to have a record written as it is: the oracle's knowledge.

Expressions over pairs of a record (columns ``w_*``, as written) and a person (columns ``p_*``, as the
register has them). What is the same for all people of a record is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from sample_data.identity import CMND_PREFIXES
from sample_data.mistakes import MALFORMED
from sample_data.rates import LIFE, Errors

PEOPLE: Final = LIFE.people
NUMBER_KINDS: Final = (
    *("number_missing", "number_malformed", "old_number", "digit_wrong", "digits_transposed"),
    "zeros_lost",
)
BIRTH_KINDS: Final = ("birth_typo", "day_month_swapped", "year_only", "first_january", "year_wrong")
#: Numbers of nine digits below one prefix.
OLD_NUMBERS: Final = 1e7
PREFIXES: Final = 38
CAME: Final = (
    PEOPLE.moved_adults
    * (1 - PEOPLE.moved_still_at_old_home_in_register)
    / (1 - PEOPLE.moved_adults * PEOPLE.moved_still_at_old_home_in_register)
)
"""Share that came from elsewhere, of adults for whom the register shows no other home."""
NUMBER_OF_OLD: Final = r"^\d{9}$"


@dataclass(frozen=True)
class Shares:
    """The rates of one agency as the generator draws them: exclusive, at most 0.95 together."""

    errors: Errors
    number: Mapping[str, float]
    birth: Mapping[str, float]

    @classmethod
    def of(cls, errors: Errors) -> Shares:
        """Scaled down where they sum to more than 0.95."""
        return cls(errors, _exclusive(errors, NUMBER_KINDS), _exclusive(errors, BIRTH_KINDS))


def _exclusive(errors: Errors, kinds: tuple[str, ...]) -> dict[str, float]:
    shares = {kind: float(getattr(errors, kind)) for kind in kinds}
    total = sum(shares.values())
    factor = min(1.0, 0.95 / total) if total else 1.0
    shares = {kind: share * factor for kind, share in shares.items()}
    return {**shares, "right": 1 - sum(shares.values())}


def sex() -> pl.Expr:
    """Written right or not at all."""
    known = pl.col("w_female").is_not_null()
    return pl.when(known & (pl.col("w_female") != pl.col("p_female"))).then(0.0).otherwise(1.0)


# --- the number -----------------------------------------------------------------------------------


def number_form(text: pl.Expr) -> pl.Expr:
    """none, malformed, own (12 digits), old (9), short (zeros lost) or passport."""
    return (
        pl.when(text.is_null())
        .then(pl.lit("none"))
        .when(text.is_in(MALFORMED))
        .then(pl.lit("malformed"))
        .when(text.str.contains(r"^\d{12}$"))
        .then(pl.lit("own"))
        .when(text.str.contains(NUMBER_OF_OLD))
        .then(pl.lit("old"))
        .when(text.str.contains(r"^\d{10,11}$"))
        .then(pl.lit("short"))
        .when(text.str.contains(r"^[A-Z]\d{8}$"))
        .then(pl.lit("passport"))
        .otherwise(pl.lit("malformed"))
    )


def possible() -> pl.Expr:
    """Cheap: pairs whose number may be the person's own at all; keeps all that have a chance."""
    apart = (pl.col("w_value") - pl.col("p_value")).abs()
    near = [k * 10**j for j in range(12) for k in (*range(1, 10), *range(9, 82, 9))]
    form = pl.col("w_form")
    return (
        form.is_in(["none", "malformed"])
        | ((form == "own") & ((apart == 0) | apart.is_in(sorted(set(near)))))
        | ((form == "short") & (apart == 0))
        | ((form == "old") & _old().gt(0))
        | (
            (form == "passport")
            & (pl.col("w_number") == pl.col("p_passport")).fill_null(value=False)
        )
    )


def number(shares: Shares) -> pl.Expr:
    """P(number as written | person)."""
    p, form = shares.number, pl.col("w_form")
    no_old_one = pl.when(pl.col("p_old").is_null()).then(1 - _unlisted()).otherwise(0.0)
    starts_with_zero = pl.col("p_number").str.starts_with("0")
    kept = p["right"] + p["old_number"] * no_old_one
    kept += pl.when(starts_with_zero).then(0.0).otherwise(p["zeros_lost"])
    wrong = p["digit_wrong"] / 108 * _one_digit() + p["digits_transposed"] / 8 * _transposed()
    same = pl.col("w_value") == pl.col("p_value")
    return (
        pl.when(form == "none")
        .then(p["number_missing"])
        .when(form == "malformed")
        .then(p["number_malformed"])
        .when((form == "own") & same)
        .then(kept)
        .when(form == "own")
        .then(wrong)
        .when(form == "short")
        .then(p["zeros_lost"] * starts_with_zero)
        .when(form == "old")
        .then(p["old_number"] * _old())
        .otherwise(1.0)
    )


def old_prefix(numbers: pl.Expr) -> pl.Expr:
    """First two digits of the old number that goes with a personal one; null if born abroad."""
    pairs = (pair.split(":") for pair in CMND_PREFIXES.split())
    return (
        numbers.str.slice(0, 3)
        .cast(pl.Int64)
        .replace_strict({int(a): int(b) for a, b in pairs}, default=None, return_dtype=pl.Int64)
    )


def _old() -> pl.Expr:
    """The old number: the last one that the register lists, or one that it does not know."""
    fits = pl.col("w_number").str.slice(0, 2).cast(pl.Int64, strict=False) == pl.col("p_prefix")
    unknown = pl.when(fits.fill_null(value=False)).then(_unlisted() / OLD_NUMBERS).otherwise(0.0)
    abroad = _unlisted() / OLD_NUMBERS / PREFIXES
    unknown = pl.when(pl.col("p_prefix").is_null()).then(abroad).otherwise(unknown)
    listed = pl.when(pl.col("w_number") == pl.col("p_old")).then(1.0).otherwise(0.0)
    return pl.when(pl.col("p_old").is_null()).then(unknown).otherwise(listed)


def _unlisted() -> pl.Expr:
    """P(had an old number | the register lists none)."""

    def share(has: float) -> float:
        hidden = has * (1 - PEOPLE.cmnd_known_to_register)
        return hidden / (hidden + 1 - has)

    year = pl.col("p_year")
    return (
        pl.when(pl.col("p_passport").is_not_null() | (year >= 2005))
        .then(0.0)
        .when(year < 2000)
        .then(share(PEOPLE.has_cmnd_before_2000))
        .otherwise(share(PEOPLE.has_cmnd_2000_to_2004))
    )


def _one_digit() -> pl.Expr:
    """Exactly one of twelve digits differs."""
    w, n = pl.col("w_value"), pl.col("p_value")
    places = [
        (w // 10 ** (j + 1) == n // 10 ** (j + 1)) & (w % 10**j == n % 10**j) for j in range(12)
    ]
    return ((w != n) & pl.any_horizontal(places)).cast(pl.Float64)


def _transposed() -> pl.Expr:
    """Two neighbours exchanged, from the fourth digit on."""
    w, n = pl.col("w_value"), pl.col("p_value")
    swaps = []
    for e in range(1, 9):
        left, right = n // 10**e % 10, n // 10 ** (e - 1) % 10
        swaps.append(w == n + (right - left) * 9 * 10 ** (e - 1))
    return ((w != n) & pl.any_horizontal(swaps)).cast(pl.Float64)


# --- the birth date -------------------------------------------------------------------------------


def birth(shares: Shares) -> pl.Expr:
    """P(birth date as written | person)."""
    p = shares.birth
    year, month, day = (pl.col(f"p_{part}") for part in ("year", "month", "day"))
    w_year, w_month, w_day = (pl.col(f"w_{part}") for part in ("year", "month", "day"))
    same_year, same_month, same_day = w_year == year, w_month == month, w_day == day
    safe_day = w_day == pl.min_horizontal(day, 28)
    right = same_year & same_month & same_day
    january = same_year & (w_month == 1) & (w_day == 1)
    swapped = pl.when(day <= 12).then(same_year & (w_month == day) & (w_day == month))
    typed = (same_year & same_month & ~same_day) * (2 / 3 / 26)
    typed += (same_year & safe_day & ~same_month) * (1 / 3 / 11)
    off = (w_year - year).replace_strict({-1: 0.5, 1: 0.25, -10: 0.25}, default=0.0)
    whole = (
        p["right"] * right
        + p["first_january"] * january
        + p["day_month_swapped"] * swapped.otherwise(right)
        + p["birth_typo"] * typed
        + p["year_wrong"] * off * (same_month & safe_day)
    )
    known_day = pl.when(w_month.is_null()).then(p["year_only"] * same_year).otherwise(whole)
    only_year = pl.when(w_month.is_null()).then((1 - p["first_january"]) * same_year)
    year_alone = only_year.otherwise(p["first_january"] * january)
    return pl.when(day.is_null()).then(year_alone).otherwise(known_day)


# --- the address ----------------------------------------------------------------------------------


def at(place: str) -> pl.Expr:
    """Whether the record's address is the person's ``home`` or ``now``, as far as it says."""
    there = pl.col("w_units").list.contains(pl.col(f"{place}_unit"))
    same = pl.col("w_detail").is_null() | (pl.col("w_detail") == pl.col(f"{place}_detail"))
    return (there & same).fill_null(value=False)


def address(errors: Errors) -> pl.Expr:
    """P(address as written | person): the home, the home of now, or one the register lacks.

    Which one that is, other records may show (``p_came``, ``p_seen_units``, ``p_seen_detail``).
    """
    now = pl.when(pl.col("p_now_unit").is_not_null()).then(errors.address_is_current).otherwise(0.0)
    unknown = pl.col("p_came") * errors.address_before_move
    seen = pl.when(pl.col("p_seen_units").is_not_null()).then(_at_seen())
    elsewhere = seen.otherwise(pl.col("w_anywhere"))
    found = (1 - unknown - now) * at("p_home") + now * at("p_now") + unknown * elsewhere
    return pl.when(pl.col("w_units").is_null()).then(1.0).otherwise(found)


def _at_seen() -> pl.Expr:
    """P(address as written | it is the place that another record shows)."""
    common = pl.col("w_units").list.set_intersection(pl.col("p_seen_units"))
    wanted, given = pl.col("p_seen_detail"), pl.col("w_detail")
    detail = (
        pl.when(given.is_null())
        .then(1.0)
        .when(wanted.is_null())
        .then(pl.col("w_chance"))
        .otherwise((given == wanted).cast(pl.Float64))
    )
    return pl.when(common.list.len() > 0).then(detail).otherwise(0.0)
