"""Vietnamese text before Unicode: TCVN3 (ABC), VNI and VISCII bytes to text and back.

TCVN3 (TCVN 5712:1993, the "ABC" fonts) and VISCII (RFC 1456) give each letter one byte. TCVN3 has
no bytes for capitals with a tone mark: its fonts come in pairs, and capital text is written with
the lower-case bytes. ``decode`` therefore gives ``NGUYễN``; ``names.clean`` restores the case.
VNI writes a base letter and a mark as two bytes of windows-1252. Any codec that Python knows
(``utf-8-sig``, ``cp1258`` ...) works too, and its text comes back composed (NFC).

Tables agree with iconv (TCVN, VISCII). All work is done by codecs and whole-text operations, so
100 MB takes seconds. Text that was already read with a wrong encoding is the matter of
``cleaners.legacy``.

>>> decode(bytes([0x4E, 0x67, 0x75, 0x79, 0xD4, 0x6E]), "tcvn3")
'Nguyễn'
>>> decode("Nguyeãn".encode("cp1252"), "vni")
'Nguyễn'
"""

from __future__ import annotations

import codecs
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from cleaners.errors import EncodingError

__all__ = ["decode", "encode", "known"]

_UNDEFINED = "\ufffe"
_ASCII = "".join(map(chr, range(0x80)))
# 0x80-0x9F are unused in TCVN3; B0-B4 are combining marks; the letters follow from A1.
_TCVN3 = (
    _ASCII
    + _UNDEFINED * 32
    + "\xa0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò"
    + "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_VISCII_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_VISCII = "".join(_VISCII_LOW.get(code, chr(code)) for code in range(0x80)) + (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_CHARMAPS = {"tcvn3": _TCVN3, "viscii": _VISCII}
_ALIASES = {"tcvn": "tcvn3", "abc": "tcvn3", "tcvn-3": "tcvn3", "tcvn5712": "tcvn3"}
# VNI: windows-1252 letters that are marks on the letter before them, in lower-case form.
_VNI_MARKS = {
    **{"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"},
    **{"â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309"},
    **{"ã": "\u0302\u0303", "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301"},
    **{"è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323"},
}
_VNI_LETTERS = {
    "ô": "ơ",
    "ö": "ư",
    "í": "í",
    "ì": "ì",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "î": "ỵ",
    "ñ": "đ",
}


def _name(encoding: str) -> str:
    """The encoding's name as this module writes it."""
    plain = encoding.strip().lower().replace("_", "-")
    return _ALIASES.get(plain, plain)


def known(encoding: str) -> bool:
    """Whether ``decode`` can read this encoding.

    >>> known("tcvn3"), known("utf-8"), known("klingon")
    (True, True, False)
    """
    name = _name(encoding)
    if name in _CHARMAPS or name == "vni":
        return True
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


@lru_cache(maxsize=1)
def _vni_tables() -> tuple[str, dict[str, str]]:
    """A decoding table of single characters, and what the stand-ins among them mean."""
    table = [bytes([code]).decode("cp1252", errors="replace") for code in range(256)]
    marks = _VNI_MARKS | {mark.upper(): seq for mark, seq in _VNI_MARKS.items()}
    letters = _VNI_LETTERS | {k.upper(): v.upper() for k, v in _VNI_LETTERS.items()}
    stand_ins: dict[str, str] = {}
    for code, character in enumerate(table):
        if character in letters:
            table[code] = letters[character]
        elif character in marks:
            sequence = marks[character]
            stand_in = sequence if len(sequence) == 1 else chr(0xE000 + code)
            table[code] = stand_in
            if len(sequence) > 1:
                stand_ins[stand_in] = sequence
        elif character == "\ufffd":
            table[code] = _UNDEFINED
    return "".join(table), stand_ins


@lru_cache(maxsize=1)
def _vni_pairs() -> npt.NDArray[np.uint16]:
    """The letter that two VNI bytes make, at 256 times the first plus the second; else 0."""
    pairs = np.zeros(1 << 16, dtype=np.uint16)
    for code, written in _vni_letters().items():
        if len(written) == 2:
            base, mark = written.encode("cp1252")
            for either in {mark, *written[1].swapcase().encode("cp1252")}:
                pairs[base << 8 | either] = code
    return pairs


def _decode_vni(data: bytes) -> str:
    """Decode VNI: pairs of bytes all at once, marks on their own one by one."""
    table, stand_ins = _vni_tables()
    codes = np.frombuffer(data, dtype=np.uint8)
    singles = np.array([ord(character) for character in table], dtype=np.uint16)[codes]
    if not data or (singles == ord(_UNDEFINED)).any():
        return codecs.charmap_decode(data, "strict", table)[0]
    letters = np.zeros(len(codes), dtype=np.uint16)
    letters[:-1] = _vni_pairs()[codes[:-1].astype(np.uint16) << 8 | codes[1:]]
    is_second = np.concatenate(([False], letters[:-1] != 0))
    joined = np.where(letters != 0, letters, singles)[~is_second]
    text = joined.astype("<u2").tobytes().decode("utf-16-le")
    if (joined >= ord(min(stand_ins))).any():
        for stand_in, sequence in stand_ins.items():
            text = text.replace(stand_in, sequence)
    return text


def _decode_charmap(data: bytes, encoding: str) -> str:
    """Decode one of this module's own encodings."""
    if encoding == "vni":
        return _decode_vni(data)
    return codecs.charmap_decode(data, "strict", _CHARMAPS[encoding])[0]


def decode(data: bytes, encoding: str) -> str:
    """Turn bytes into composed (NFC) text.

    Args:
        data: the bytes, a whole file at once if need be.
        encoding: ``tcvn3`` (``abc``), ``vni``, ``viscii``, or any name that Python knows.

    Raises:
        EncodingError: unknown encoding, or a byte that the encoding does not define; the message
            gives the offset, never the content.
    """
    name = _name(encoding)
    if not known(encoding):
        raise EncodingError(
            expected="a known encoding",
            found=f"{encoding!r}",
            hint="tcvn3, vni, viscii, cp1258, utf-8-sig or another Python codec",
        )
    try:
        text = (
            _decode_charmap(data, name) if name in _CHARMAPS or name == "vni" else data.decode(name)
        )
    except UnicodeError as error:
        place = f"at byte offset {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise EncodingError(
            expected=f"text in {name}",
            found=f"a byte that {name} does not define {place}".rstrip(),
            hint="another encoding (utf-8-sig, cp1258, tcvn3, vni, viscii)",
        ) from None
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=1)
def _lower_toned() -> dict[int, str]:
    """Capitals without a byte of their own in TCVN3, and the small letters that stand for them."""
    small = {c for c in _TCVN3[0xA8:] if c.isalpha() and c.islower()} - set("ăâêôơưđ")
    return {ord(c.upper()): c for c in small}


@lru_cache(maxsize=1)
def _vni_letters() -> dict[int, str]:
    """Every composed Vietnamese letter as VNI writes it."""
    marks = {sequence: mark for mark, sequence in _VNI_MARKS.items()}
    table = {ord(letter): written for written, letter in _VNI_LETTERS.items()}
    for base in "aeouyơư":
        for sequence, mark in marks.items():
            composed = unicodedata.normalize("NFC", base + sequence)
            if len(composed) == 1 and ord(composed) not in table:
                table[ord(composed)] = {"ơ": "ô", "ư": "ö"}.get(base, base) + mark
    return table | {ord(chr(code).upper()): text.upper() for code, text in table.items()}


@lru_cache(maxsize=2)
def _bytes_of(name: str) -> dict[int, int]:
    """The byte of each letter in one of this module's own one-byte encodings."""
    return {ord(letter): byte for byte, letter in enumerate(_CHARMAPS[name])}


@lru_cache(maxsize=1)
def _marks_apart() -> dict[int, str]:
    """Letters that windows-1258 lacks, as the letter and the combining tone mark that it has."""
    table = {}
    for small in (c for c in _VISCII if not c.isascii() and not _codable(c, "cp1258")):
        parts = unicodedata.normalize("NFD", small)
        tone = next(part for part in parts if part in _TONE_MARKS)
        table[ord(small)] = unicodedata.normalize("NFC", parts.replace(tone, "")) + tone
    return table


def _codable(character: str, encoding: str) -> bool:
    """Whether one of Python's codecs can express the character."""
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False


def encode(text: str, encoding: str) -> bytes:
    """Turn text into bytes, as an old system would have stored it.

    Args:
        text: any text; it is composed (NFC) first.
        encoding: as in ``decode``. In ``tcvn3`` capitals with a tone mark become small letters.

    Raises:
        EncodingError: unknown encoding, or a character that it cannot express.

    >>> decode(encode("TRẦN THỊ Thuỷ", "tcvn3"), "tcvn3")
    'TRầN THị Thuỷ'
    """
    name = _name(encoding)
    text = unicodedata.normalize("NFC", text)
    if not known(encoding):
        raise EncodingError(
            expected="a known encoding", found=f"{encoding!r}", hint="tcvn3, vni or viscii"
        )
    try:
        if name == "vni":
            return text.translate(_vni_letters()).encode("cp1252")
        if name == "cp1258":
            return text.translate(_marks_apart()).encode(name)
        if name not in _CHARMAPS:
            return text.encode(name)
        if name == "tcvn3":
            text = text.translate(_lower_toned())
        return codecs.charmap_encode(text, "strict", _bytes_of(name))[0]
    except UnicodeEncodeError as error:
        raise EncodingError(
            expected=f"text that {name} can express",
            found=f"another character at position {error.start}",
            hint="utf-8, or remove the character",
        ) from None
