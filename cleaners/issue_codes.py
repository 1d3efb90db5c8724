"""What each issue code means, in one line: the catalogue of everything that the cleaners remark on.

>>> MEANINGS["old_number"]
'an old 9-digit number, no longer valid since 2025'
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["MEANINGS"]

#: Issue code to its meaning, in alphabetical order.
MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "abbreviated_name": "a word of the name is abbreviated",
        "ambiguous_sex": "a digit for the sex, and nobody said which digit means what",
        "approximate_date": "a date said to be about right, such as khoảng 1990",
        "benefit_disagrees": "a benefit level that the card's group does not have",
        "class_changed_meaning": "class A1 or B1 without a day of issue: since 2025 it means another",
        "class_date_disagrees": "a licence class that did not exist on the day of issue",
        "contradictory_parts": "the parts of the address belong to different places",
        "diacritics_lost": "written without tone marks",
        "digits_in_name": "digits in a person's name",
        "digits_lost": "written as 7.9E+10: the last digits are lost for good",
        "excel_serial": "a date as a spreadsheet's day number",
        "extension_removed": "an extension after the phone number, left out",
        "group_age_disagrees": "a card for small children, and a holder who is none",
        "holder_too_young": "the holder was too young for a licence when it was issued",
        "impossible_century": "a century that has not come yet",
        "impossible_date": "a day that the calendar does not have, such as 30/02",
        "leading_zero_lost": "a leading zero was missing and was put back",
        "legacy_encoding": "text in an old encoding, converted",
        "licence_digit_disagrees": "sex or century in the licence number is not the holder's",
        "licence_too_early": "the licence number says that the test was passed too young",
        "lost_letters": "question marks where letters with accents were",
        "lunar_date": "a date said to be of the lunar calendar",
        "malformed_number": "not the form of this kind of number",
        "malformed_phone": "not the form of a phone number",
        "malformed_plate": "not the form of a plate",
        "misread_letters": "I, O or Q in a chassis number, read as 1 and 0",
        "missing_marker": "a text that says that there is no value, such as NULL",
        "note_in_brackets": "a note in brackets beside the name",
        "number_without_card": "the ten digits only, without the card's first five characters",
        "old_number": "an old 9-digit number, no longer valid since 2025",
        "order_reversed": "the address begins with the province",
        "order_swapped": "the family name stood last and was put first",
        "out_of_range": "a date too early, or after the reference date",
        "paper_licence": "the number of a licence on paper",
        "personal_number_given": "a 12-digit personal number in place of another number",
        "placeholder_date": "a stand-in for an unknown day, mostly 1 January",
        "placeholder_number": "a number typed to fill the field, such as 000000000",
        "province_unknown": "no province was recognised in the address",
        "renumbered_landline": "a landline with an area code from before 2017, given the new one",
        "renumbered_phone": "a mobile number from before 2018, given its new prefix",
        "retired_unit": "a ward, district or province that is no more since July 2025",
        "several_names": "more than one person's name",
        "several_numbers": "more than one phone number; the first was taken",
        "sex_digit_disagrees": "the personal number is of the other sex",
        "shared_number_range": "an old number from a range that two provinces issued",
        "single_word": "a name of one word only",
        "suspected_encoding": "perhaps text in an old encoding; left as it is",
        "swapped_day_month": "day and month seem to have changed places",
        "tax_code_in_name": "a tax code beside the name",
        "text_removed": "words beside the phone number, left out",
        "title_removed": "a title in front of the name, left out",
        "two_digit_year": "the year was written with two digits",
        "typed_letters": "letters typed for digits, such as O for 0",
        "unallocated_prefix": "a phone prefix that no operator is known to have",
        "under_14": "the holder is not yet 14",
        "unknown_class": "no class of driving licence",
        "unknown_group": "a group of the insured that is not listed",
        "unknown_prefix": "an old number whose prefix no province is known to have used",
        "unknown_province": "a province code that does not exist",
        "unreadable_date": "not a date",
        "unreadable_name": "no letter in the name",
        "unreadable_sex": "neither male nor female",
        "unusual_series": "letters that ordinary plates do not use, often misread",
        "utc_midnight": "midnight in another time zone, moved to the Vietnamese day",
        "ward_ambiguous": "several wards bear this name",
        "ward_repaired": "the ward was found only after a small error was allowed for",
        "ward_split": "the old ward was divided among several new ones",
        "ward_unknown": "no ward was recognised in the address",
        "wrong_check_digit": "the check digit disagrees with the others",
        "year_digit_disagrees": "the personal number means another year of birth",
    }
)
