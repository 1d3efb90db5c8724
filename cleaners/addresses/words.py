"""Words and short forms that addresses use, folded: one table for every module that reads them."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CITIES",
    "CITY_WORDS",
    "DISTRICT_TYPES",
    "NUMERALS",
    "PRINCIPAL_WORDS",
    "PROVINCE_ALIASES",
    "PROVINCE_WORDS",
    "UNIT_WORDS",
    "WARD_TYPES",
]

#: Proper type word of a ward to the ways of writing it, without spaces.
WARD_TYPES: Final = {
    "phuong": ("phuong", "p", "ph", "f", "ward"),
    "xa": ("xa", "x", "commune"),
    "thi tran": ("thitran", "tt", "ttr"),
    "dac khu": ("dackhu", "dk"),
}
DISTRICT_TYPES: Final = {
    "quan": ("quan", "q", "district"),
    "huyen": ("huyen", "h"),
    "thi xa": ("thixa", "tx", "thix", "thi"),
    "thanh pho": ("thanhpho", "tp"),
}
#: Words that also stand before units of another type: communes become wards, districts towns.
PRINCIPAL_WORDS: Final = (
    *("phuong", "p", "xa", "x", "thitran", "tt", "dackhu", "dk"),
    *("quan", "q", "huyen", "h", "thixa", "tx", "thanhpho", "tp"),
)
PROVINCE_WORDS: Final = ("", "tinh", "t", "tp", "thanhpho")
CITY_WORDS: Final = ("tp", "thanhpho")
#: Old codes of the six cities that are provinces (Huế since 2025).
CITIES: Final = ("01", "31", "46", "48", "79", "92")
#: Old province code to names in use beside the official one.
PROVINCE_ALIASES: Final = {
    "01": ("hn", "hanoicity", "tphn"),
    "79": ("hcm", "hcmc", "hcmcity", "saigon", "sg", "tpsg", "hochiminhcity", "hochiminhcty"),
    "77": ("brvt", "bariavt", "brvungtau", "vungtaubaria"),
    "46": ("hue", "tthue", "tth", "huecity"),
    "66": ("daclac", "daklac", "daclak", "darlac"),
    "67": ("dacnong",),
    "62": ("contum",),
    "48": ("danangcity",),
    "92": ("canthocity",),
    "31": ("haiphongcity",),
}
#: "Quận Nhất", "Phường Tư": numbers that people write as words.
NUMERALS: Final = {
    **{"1": ("nhat", "mot"), "2": ("nhi", "hai"), "3": ("ba",), "4": ("tu", "bon")},
    **{"5": ("nam",), "6": ("sau",), "7": ("bay",), "8": ("tam",), "9": ("chin",)},
    **{"10": ("muoi",), "11": ("muoimot",), "12": ("muoihai",), "13": ("muoiba",)},
}
#: A part that opens with one of these, and a space or digit, names a ward, district or province.
UNIT_WORDS: Final = {
    "ward": ("phuong", "p", "ph", "f", "xa", "x", "thi tran", "tt", "ttr", "dac khu", "dk"),
    "district": ("quan", "q", "huyen", "h", "thi xa", "tx", "thanh pho", "tp"),
}
