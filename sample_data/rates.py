"""Every rate of the default profile ``life``; README.md says which are published, which assumed.

The other profiles stand in ``profile_near.py`` and ``profile_far.py``.

Error rates (``Errors``) are multiplied by ``error_scale``; shares that say what a registry holds
(``Junk``, ``People``, ``Licences`` ...) are facts of the invented country and are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final


@dataclass(frozen=True)
class Errors:
    """Share of a registry's records that carry each kind of difference from the register."""

    # the identity number
    number_missing: float
    number_malformed: float
    old_number: float
    digit_wrong: float
    digits_transposed: float
    zeros_lost: float
    # the name
    tones_lost: float
    tone_wrong: float
    name_typo: float
    name_abbreviated: float
    middle_missing: float
    order_swapped: float
    kindred_name: float
    tone_style: float
    # the birth date
    birth_typo: float
    day_month_swapped: float
    year_only: float
    first_january: float
    year_wrong: float
    # the address
    address_pre_2025: float
    address_abbreviated: float
    address_tones_lost: float
    address_detail_missing: float
    address_missing: float
    address_types_missing: float  # of addresses before 2025: "Nhơn Đức, Nhà Bè, Hồ Chí Minh"
    # of people who moved: where they live now, though registered at the old home; ...
    address_is_current: float
    # ... and where they lived before the register took the new home
    address_before_move: float

    # more shapes of mistakes, none in ``life``: the number (``mistakes_near``, ``mistakes_far``)
    both_numbers: float = 0.0
    digit_left_out: float = 0.0
    digit_twice: float = 0.0
    two_digits_wrong: float = 0.0
    letters_for_digits: float = 0.0
    number_prefixed: float = 0.0
    spreadsheet_number: float = 0.0
    # the name
    typo_twice: float = 0.0
    given_and_initials: float = 0.0
    letters_confused: float = 0.0
    name_note: float = 0.0
    sounds_alike: float = 0.0
    words_glued: float = 0.0
    name_cut_off: float = 0.0
    letters_lost: float = 0.0
    typing_residue: float = 0.0
    thi_missing: float = 0.0
    other_given_name: float = 0.0
    western_order: float = 0.0
    stray_marks: float = 0.0
    # the birth date
    year_digit: float = 0.0
    day_beside: float = 0.0
    lunar_date: float = 0.0
    years_off: float = 0.0
    day_unknown: float = 0.0
    birth_missing: float = 0.0
    unrelated_date: float = 0.0
    # the address (``address_habits``)
    address_no_house: float = 0.0  # of addresses in villages: the hamlet alone
    address_district_bare: float = 0.0  # of addresses before 2025: the district without its type
    address_extra_words: float = 0.0
    address_reversed: float = 0.0
    address_no_commas: float = 0.0
    address_mixed_editions: float = 0.0  # of addresses before 2025: old ward, new province
    address_no_province: float = 0.0
    address_no_district: float = 0.0  # of addresses before 2025
    address_house_wrong: float = 0.0
    address_typo: float = 0.0
    address_capitals: float = 0.0
    address_dashes: float = 0.0
    address_tight: float = 0.0

    def scaled(self, factor: float) -> Errors:
        """The same table with every rate multiplied; none passes 0.95."""
        return replace(
            self, **{f.name: min(0.95, getattr(self, f.name) * factor) for f in fields(self)}
        )


@dataclass(frozen=True)
class People:
    """What the population looks like."""

    twins: float = 0.011
    son_named_as_father: float = 0.002
    moved_adults: float = 0.125
    moved_still_at_old_home_in_register: float = 0.4
    year_only_before_1960: float = 0.05
    first_january_before_1975: float = 0.03
    born_abroad: float = 0.001
    born_in_other_province: float = 0.2
    has_cmnd_before_2000: float = 0.9
    has_cmnd_2000_to_2004: float = 0.5
    second_cmnd: float = 0.03
    cmnd_known_to_register: float = 0.8
    double_issued_cmnd: float = 0.05
    resident_foreigners: float = 0.004
    highland_minority: float = 0.25
    # none of these in ``life``
    absent: float = 0.0  # people who hold records but are not in the register
    absent_households: float = 0.0  # of those, the share that is away with the whole household
    name_concentration: float = 1.0  # power of the shares of middle and given names
    provincial_surnames: float = 0.0  # people with one of five surnames of their province
    surname_communes: float = 0.0  # communes in which one surname ...
    surname_share: float = 0.4  # ... is held by so many
    siblings_alike: float = 0.0  # children with a sibling's middle name and a name that rhymes
    cousins_alike: float = 0.0  # people with all names of somebody of the commune near in age
    households_moved: float = 0.0  # with all members, to one new home
    current_unknown: float = 0.0  # of people who live elsewhere: the register does not know it
    village_homes_without_number: float = 0.0


@dataclass(frozen=True)
class Licences:
    """Driver licences per adult, and what is held twice."""

    men: float = 0.66
    women: float = 0.43
    paper_name_and_year: float = 0.10
    paper_without_number: float = 0.28
    paper_with_old_number: float = 0.45
    sex_blank: float = 0.10
    second_card_same_number: float = 0.08
    second_number: float = 0.02


@dataclass(frozen=True)
class Insurance:
    """Health insurance per person, and what is held twice."""

    living: float = 0.90
    dead: float = 0.25
    second_number: float = 0.015
    number_blank: float = 0.30
    sex_as_digit: float = 0.08
    group_blank: float = 0.02


@dataclass(frozen=True)
class Vehicles:
    """Vehicles per adult, their owners, and what is registered twice."""

    per_adult: float = 0.45
    cars: float = 0.09
    organisations: float = 0.06
    foreigners: float = 0.003
    registered_twice: float = 0.008
    mistyped_again: float = 0.15  # of those: the chassis number the second time
    sold: float = 0.006  # and registered by the buyer, the seller's record left
    plate_moved: float = 0.004  # to another vehicle of its owner, lawfully
    plate_copied: float = 0.001


@dataclass(frozen=True)
class Sims:
    """SIMs per adult (chance of 0, 1, 2, 3, 4 to 9, 10 to 14) and junk per lawful SIM."""

    counts: tuple[float, ...] = (0.18, 0.57, 0.16, 0.0736, 0.016, 0.0004)
    city_extra: float = 0.12
    farms_per_person: float = 0.0003
    farm_smallest: int = 12
    farm_largest: int = 60
    dead_without: float = 0.5
    activated_after_death: float = 0.10
    nobody: float = 0.015
    borrowed_number: float = 0.012
    borrowed_by_nobody: float = 0.5
    foreigners: float = 0.006
    old_eleven_digits: float = 0.35
    forms: tuple[float, ...] = (0.7, 0.14, 0.1, 0.06)  # 0..., 84..., +84..., zero lost
    ported: float = 0.05
    postpaid: float = 0.12
    on_relatives_papers: float = 0.0  # of SIMs: all papers are those of another of the household
    relatives_number: float = 0.0  # of SIMs: own name and birth date, number of another


#: Kind of error: share in driver licences, health insurance, vehicles, SIMs.
_BY_KIND: Final = {
    "number_missing": (0.02, 0.03, 0.33, 0.02),
    "number_malformed": (0.006, 0.008, 0.01, 0.01),
    "old_number": (0.1, 0.09, 0.28, 0.09),
    "digit_wrong": (0.012, 0.018, 0.015, 0.018),
    "digits_transposed": (0.006, 0.008, 0.006, 0.007),
    "zeros_lost": (0.012, 0.022, 0.0, 0.02),
    "tones_lost": (0.03, 0.06, 0.04, 0.065),
    "tone_wrong": (0.006, 0.012, 0.006, 0.01),
    "name_typo": (0.018, 0.026, 0.02, 0.028),
    "name_abbreviated": (0.02, 0.015, 0.015, 0.018),
    "middle_missing": (0.003, 0.004, 0.002, 0.005),
    "order_swapped": (0.002, 0.003, 0.001, 0.003),
    "kindred_name": (0.002, 0.002, 0.002, 0.002),
    "tone_style": (0.25, 0.2, 0.2, 0.2),
    "birth_typo": (0.012, 0.02, 0.0, 0.017),
    "day_month_swapped": (0.008, 0.014, 0.0, 0.013),
    "year_only": (0.02, 0.028, 0.0, 0.022),
    "first_january": (0.025, 0.025, 0.0, 0.022),
    "year_wrong": (0.005, 0.007, 0.0, 0.006),
    "address_pre_2025": (0.9, 0.55, 0.65, 0.75),
    "address_abbreviated": (0.35, 0.25, 0.45, 0.5),
    "address_tones_lost": (0.08, 0.1, 0.08, 0.12),
    "address_detail_missing": (0.15, 0.2, 0.05, 0.45),
    "address_missing": (0.01, 0.01, 0.005, 0.03),
    "address_types_missing": (0.12, 0.12, 0.12, 0.12),
    "address_is_current": (0.3, 0.6, 0.3, 0.5),
    "address_before_move": (0.85, 0.6, 0.95, 0.8),
}

REGISTRIES: Final = ("driver_licence", "health_insurance", "vehicle", "sim")


def by_registry(table: Mapping[str, tuple[float, ...]]) -> dict[str, Errors]:
    """A table by kind as one by registry."""
    return {
        registry: Errors(**{kind: shares[place] for kind, shares in table.items()})
        for place, registry in enumerate(REGISTRIES)
    }


ERRORS: Final = by_registry(_BY_KIND)


@dataclass(frozen=True)
class Profile:
    """One invented country: its people, what its registries hold, how its agencies err."""

    name: str
    errors: Mapping[str, Errors]
    people: People = People()
    licences: Licences = Licences()
    insurance: Insurance = Insurance()
    vehicles: Vehicles = Vehicles()
    sims: Sims = Sims()
    layout: str = "usual"  # headers and formats of the files, see ``layouts``


LIFE: Final = Profile("life", ERRORS)
