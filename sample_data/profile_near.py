"""Profile ``near``: like ``life``, but the same mistakes take other shapes, and people are missing.

All rates are assumed unless the source says otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .rates import LIFE, Insurance, People, Profile, Sims, Vehicles, by_registry

#: Kind of error: (driver licences, health insurance, vehicles, SIMs), source.
NEAR_RATES: Final = {
    "number_missing": ((0.025, 0.035, 0.35, 0.025), "published 4.6 % with the next; vehicles: set"),
    "number_malformed": ((0.006, 0.008, 0.01, 0.01), "as in life"),
    "old_number": ((0.1, 0.09, 0.25, 0.08), "assumed"),
    "digit_wrong": ((0.012, 0.018, 0.015, 0.018), "as in life"),
    "digits_transposed": ((0.006, 0.008, 0.006, 0.007), "as in life"),
    "zeros_lost": ((0.012, 0.022, 0.0, 0.02), "as in life"),
    "both_numbers": ((0.008, 0.006, 0.012, 0.006), "assumed"),
    "tones_lost": ((0.025, 0.05, 0.04, 0.055), "assumed"),
    "tone_wrong": ((0.008, 0.014, 0.008, 0.012), "assumed"),
    "name_typo": ((0.014, 0.02, 0.016, 0.022), "assumed"),
    "name_abbreviated": ((0.012, 0.01, 0.01, 0.012), "assumed"),
    "middle_missing": ((0.003, 0.004, 0.002, 0.005), "as in life"),
    "order_swapped": ((0.002, 0.003, 0.001, 0.003), "as in life"),
    "kindred_name": ((0.002, 0.002, 0.002, 0.002), "as in life"),
    "typo_twice": ((0.003, 0.005, 0.004, 0.006), "assumed"),
    "given_and_initials": ((0.003, 0.002, 0.002, 0.003), "assumed"),
    "letters_confused": (
        (0.01, 0.012, 0.01, 0.012),
        "confusion published by example, rate assumed",
    ),
    "name_note": ((0.004, 0.008, 0.006, 0.006), "assumed"),
    "tone_style": ((0.3, 0.3, 0.3, 0.3), "assumed"),
    "birth_typo": ((0.01, 0.016, 0.0, 0.014), "assumed"),
    "day_month_swapped": ((0.008, 0.012, 0.0, 0.011), "assumed"),
    "year_only": ((0.02, 0.028, 0.0, 0.022), "as in life"),
    "first_january": ((0.025, 0.025, 0.0, 0.022), "as in life"),
    "year_wrong": ((0.002, 0.003, 0.0, 0.003), "assumed"),
    "year_digit": ((0.005, 0.008, 0.0, 0.007), "assumed"),
    "address_pre_2025": ((0.85, 0.5, 0.6, 0.7), "assumed"),
    "address_abbreviated": ((0.35, 0.3, 0.45, 0.5), "assumed"),
    "address_tones_lost": ((0.08, 0.1, 0.08, 0.12), "as in life"),
    "address_detail_missing": ((0.15, 0.2, 0.06, 0.4), "assumed"),
    "address_missing": ((0.01, 0.015, 0.005, 0.03), "assumed"),
    "address_types_missing": ((0.12, 0.12, 0.12, 0.12), "as in life"),
    "address_is_current": ((0.3, 0.6, 0.35, 0.5), "assumed"),
    "address_before_move": ((0.85, 0.6, 0.9, 0.8), "assumed"),
    "address_no_house": ((0.25, 0.3, 0.2, 0.3), "assumed"),
    "address_district_bare": ((0.06, 0.06, 0.06, 0.06), "assumed"),
    "address_extra_words": ((0.02, 0.03, 0.02, 0.03), "assumed"),
    "address_reversed": ((0.01, 0.01, 0.01, 0.02), "assumed"),
    "address_no_commas": ((0.06, 0.06, 0.05, 0.08), "assumed"),
}

NEAR: Final = Profile(
    "near",
    errors=by_registry({kind: shares for kind, (shares, _) in NEAR_RATES.items()}),
    people=People(  # all assumed
        son_named_as_father=0.01,
        cmnd_known_to_register=0.6,
        absent=0.03,
        absent_households=0.3,
        name_concentration=1.25,
        provincial_surnames=0.12,
        surname_communes=0.15,
        surname_share=0.4,
        siblings_alike=0.08,
        cousins_alike=0.006,
        households_moved=0.03,
        current_unknown=0.4,
        village_homes_without_number=0.4,
    ),
    licences=replace(LIFE.licences, sex_blank=0.15),
    insurance=Insurance(sex_as_digit=0.15),
    vehicles=Vehicles(foreigners=0.004),
    sims=Sims(on_relatives_papers=0.05, relatives_number=0.003, nobody=0.012),
)
