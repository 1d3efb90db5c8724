"""What one would use instead of the cleaners: a function for one value, called once per value.

Each maker imports its library and returns the function; a library that is not installed raises
ImportError, and the benchmark says so. ``pip install .[benchmark]`` brings them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from cleaners.errors import CleanerError
from cleaners.identifiers import chassis as chassis_
from cleaners.identifiers import insurance_card as insurance_card_
from cleaners.identifiers import insurance_number as insurance_number_
from cleaners.identifiers import licence_number as licence_number_
from cleaners.identifiers import personal_id as personal_id_
from cleaners.identifiers import plate as plate_

__all__ = ["PEERS", "Peer"]

OneValue = Callable[[str], object]


@dataclass(frozen=True)
class Peer:
    """One alternative: what it is called, and how to make its function of one value.

    Attributes:
        name: shown in the table.
        make: imports the library, returns the function.
        is_library: whether somebody else's library does the work; only then a ratio is aimed at.
    """

    name: str
    make: Callable[[], OneValue]
    is_library: bool = True


def _unidecode() -> OneValue:
    from unidecode import unidecode

    return lambda text: unidecode(text).lower()


def _dateutil() -> OneValue:
    from dateutil import parser

    def read(text: str) -> object:
        try:
            return parser.parse(text, dayfirst=True)
        except (ValueError, OverflowError):
            return None

    return read


def _phonenumbers() -> OneValue:
    import phonenumbers

    def read(text: str) -> object:
        try:
            number = phonenumbers.parse(text, "VN")
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return read


def _human_name() -> OneValue:
    from nameparser import HumanName
    from unidecode import unidecode

    def read(text: str) -> object:
        name = HumanName(text)
        return name.first, name.middle, name.last, unidecode(text).lower()

    return read


def _split_name() -> OneValue:
    from unidecode import unidecode

    def read(text: str) -> object:
        folded = unidecode(text).lower()
        words = folded.split()
        return folded, words[0], words[1:-1], words[-1], " ".join(word[0] for word in words)

    return read


def _admin_units() -> OneValue:
    """The address library; its only call of a web service is in ``convert``, and is cut off too."""
    from vietnamadminunits import ParseMode, parse_address
    from vietnamadminunits.converter import converter_2025

    converter_2025.get_geo_location = lambda _: None

    def read(text: str) -> object:
        # Five parts and more were written before July 2025, as a person would have to guess.
        mode = ParseMode.LEGACY if text.count(",") >= 4 else ParseMode.FROM_2025
        try:
            return parse_address(text, mode=mode).ward_code
        except (ValueError, AttributeError, TypeError, KeyError, IndexError):
            return None

    return read


def _tax_code() -> OneValue:
    from stdnum.exceptions import ValidationError
    from stdnum.vn import mst

    def read(text: str) -> object:
        try:
            return mst.validate(text)
        except ValidationError:
            return None

    return read


def _sex() -> OneValue:
    words = {"nam": "male", "nữ": "female", "nu": "female", "1": "male", "2": "female"}
    return lambda text: words.get(text.strip().lower())


def _scalar(module: ModuleType) -> Callable[[], OneValue]:
    """Our own verb for one value, where nobody else offers the scheme."""

    def read(text: str) -> object:
        try:
            return module.parse(text)
        except CleanerError:
            return None

    return lambda: read


def _own(module: ModuleType) -> Peer:
    return Peer("own parse(), per value", _scalar(module), is_library=False)


#: Kind of value, or name of the cleaner, to the alternatives; the first is the one compared with.
PEERS: dict[str, tuple[Peer, ...]] = {
    "fold": (Peer("unidecode + lower", _unidecode),),
    "name": (
        Peer("nameparser + unidecode", _human_name),
        Peer("unidecode + split", _split_name, is_library=False),
    ),
    "date": (Peer("dateutil", _dateutil),),
    "phone": (Peer("phonenumbers", _phonenumbers),),
    "address": (Peer("vietnamadminunits", _admin_units),),
    "tax_code": (Peer("python-stdnum vn.mst", _tax_code),),
    "sex": (Peer("dict.get(lower)", _sex, is_library=False),),
    "personal_id": (_own(personal_id_),),
    "licence_number": (_own(licence_number_),),
    "insurance_number": (_own(insurance_number_),),
    "insurance_card": (_own(insurance_card_),),
    "plate": (_own(plate_),),
    "chassis": (_own(chassis_),),
}
