"""Comparisons: how two values of one field type may agree, from best to worst.

A comparison is an ordered list of levels; the first level whose condition holds is the pair's level,
and each level carries a match weight log2(m/u). Conditions are SQL over the features of
:mod:`linkage.features`, symmetric in left and right, because Splink decides which side is left.

Correlated evidence is counted once:

* tone marks are judged only where the folded names are equal (else they say what the name said);
* the digits of a personal number that repeat sex, birth year and province are not compared again:
  the number agrees as a whole, or is an edit apart, or differs;
* a place below the ward is judged only where the wards are the same and both sides name one, and as
  rare as it is among the people of the ward;
* day and month are not judged where either side holds a year only or a placeholder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linkage.link.comparisons.addresses import ADDRESS, PLACE
from linkage.link.comparisons.births import BIRTH
from linkage.link.comparisons.level import ELSE, Comparison, Level
from linkage.link.comparisons.names import NAME, TONES
from linkage.link.comparisons.numbers import NUMBER
from linkage.link.comparisons.plain import CHOICE, CODE, SEX
from linkage.link.comparisons.words import NAME_WORDS, WORDS

__all__ = ["COMPARISONS", "ELSE", "Comparison", "Level"]

COMPARISONS: Final[Mapping[str, tuple[Comparison, ...]]] = {
    "person_name": (NAME, TONES),
    "personal_id": (NUMBER,),
    "birth_date": (BIRTH,),
    "address": (ADDRESS, PLACE),
    "sex": (SEX,),
    "name_words": (NAME_WORDS,),
    "words": (WORDS,),
    "code": (CODE,),
    "choice": (CHOICE,),
}
"""Default comparisons of a field type (:attr:`linkage.fields.FieldType.comparison`)."""
