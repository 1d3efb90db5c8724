"""The numbering plan: which numbers exist, who was allotted them, and what changed.

Sources, read in November 2026:

* mobile conversion of 15 September 2018 (11 digits to 10): the ministry's table of 29 May 2018;
* area codes, and their change in 2017: ministry decision 2036/QĐ-BTTTT of 21 November 2016, against
  the geocoding tables of libphonenumber (Apache 2.0) before and after the change;
* ranges of operators: the carrier table of libphonenumber 9.0.43.

Areas bear the names of the 63 provinces of before July 2025; until further notice merged provinces
keep the area codes of all their parts.
"""

from __future__ import annotations

from typing import Final

__all__ = ["AREAS", "OLD_AREAS", "OPERATOR_RANGES", "RENUMBERED", "area", "operator_range"]

#: Old and new mobile prefixes of the 2018 conversion; the last seven digits stayed.
RENUMBERED: Final = {
    **{"0162": "032", "0163": "033", "0164": "034", "0165": "035"},
    **{"0166": "036", "0167": "037", "0168": "038", "0169": "039"},
    **{"0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078"},
    **{"0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082"},
    **{"0186": "056", "0188": "058", "0199": "059"},
}
#: Mobile prefix to the operator that the range was allotted to. Since November 2018 people keep
#: their number when they change operator, so the operator of a SIM is what its record says.
OPERATOR_RANGES: Final = {
    **dict.fromkeys(("031", "032", "033", "034", "035", "036", "037", "038", "039"), "Viettel"),
    **dict.fromkeys(("086", "096", "097", "098"), "Viettel"),
    **dict.fromkeys(("030", "051", "070", "076", "077", "078", "079", "090", "093"), "MobiFone"),
    **dict.fromkeys(("0896", "0897", "0898", "0899"), "MobiFone"),
    **dict.fromkeys(("081", "082", "083", "084", "085", "087", "088", "091", "094"), "VinaPhone"),
    **dict.fromkeys(("0522", "0523", "0528", "056", "058", "092"), "Vietnamobile"),
    **dict.fromkeys(("0559",), "Wintel"),
    **dict.fromkeys(("059", "0993", "0994", "0995", "0996", "0997"), "Gmobile"),
    **dict.fromkeys(("0998", "0999"), "Indochina Telecom"),
}
_AREA_TABLE: Final = """
203 Quảng Ninh,204 Bắc Giang,205 Lạng Sơn,206 Cao Bằng,207 Tuyên Quang,208 Thái Nguyên,209 Bắc Kạn,
210 Phú Thọ,211 Vĩnh Phúc,212 Sơn La,213 Lai Châu,214 Lào Cai,215 Điện Biên,216 Yên Bái,
218 Hòa Bình,219 Hà Giang,220 Hải Dương,221 Hưng Yên,222 Bắc Ninh,225 Hải Phòng,226 Hà Nam,
227 Thái Bình,228 Nam Định,229 Ninh Bình,232 Quảng Bình,233 Quảng Trị,234 Thừa Thiên Huế,
235 Quảng Nam,236 Đà Nẵng,237 Thanh Hóa,238 Nghệ An,239 Hà Tĩnh,24 Hà Nội,251 Đồng Nai,
252 Bình Thuận,254 Bà Rịa-Vũng Tàu,255 Quảng Ngãi,256 Bình Định,257 Phú Yên,258 Khánh Hòa,
259 Ninh Thuận,260 Kon Tum,261 Đắk Nông,262 Đắk Lắk,263 Lâm Đồng,269 Gia Lai,270 Vĩnh Long,
271 Bình Phước,272 Long An,273 Tiền Giang,274 Bình Dương,275 Bến Tre,276 Tây Ninh,277 Đồng Tháp,
28 Hồ Chí Minh,290 Cà Mau,291 Bạc Liêu,292 Cần Thơ,293 Hậu Giang,294 Trà Vinh,296 An Giang,
297 Kiên Giang,299 Sóc Trăng
"""
#: Area code with its zero, to the province of before July 2025.
AREAS: Final = {
    f"0{code}": name
    for code, _, name in (entry.strip().partition(" ") for entry in _AREA_TABLE.split(","))
}
_OLD_AREA_TABLE: Final = """
22-212 231-213 20-214 230-215 29-216 52-232 53-233 54-234 510-235 511-236 37-237 38-238 39-239
33-203 240-204 25-205 26-206 27-207 280-208 281-209 320-220 321-221 241-222 31-225 351-226 36-227
350-228 30-229 780-290 781-291 710-292 711-293 74-294 76-296 77-297 79-299
4-24 8-28 61-251 62-252 64-254 55-255 56-256 57-257 58-258 68-259 60-260 501-261 500-262 63-263
59-269 70-270 651-271 72-272 73-273 650-274 75-275 66-276 67-277
"""
#: Area codes until 2017 and what they became; subscriber numbers stayed. Phú Thọ, Vĩnh Phúc, Hòa
#: Bình and Hà Giang kept theirs. Ten-digit numbers in 03, 05, 07 and 08 are mobiles today.
OLD_AREAS: Final = {
    f"0{old}": f"0{new}"
    for old, _, new in (entry.partition("-") for entry in _OLD_AREA_TABLE.split())
}


def operator_range(number: str) -> str | None:
    """The operator that a mobile range was allotted to; no statement about the number today.

    Args:
        number: national number or its first four digits.

    >>> operator_range("0901234567"), operator_range("0951234567")
    ('MobiFone', None)
    """
    return OPERATOR_RANGES.get(number[:4], OPERATOR_RANGES.get(number[:3]))


def area(number: str) -> str | None:
    """The area code at the head of a landline number, with its zero.

    >>> area("02438251234"), area("02033825123"), area("02300000000")
    ('024', '0203', None)
    """
    return next((number[:n] for n in (3, 4) if number[:n] in AREAS), None)
