"""Legacy encodings."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import encodings, text
from cleaners.errors import EncodingError

SMALL = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ "
LETTERS = SMALL + SMALL.upper()


@pytest.mark.parametrize("encoding", ["vni", "viscii", "cp1258", "utf-8"])
@given(value=st.text(alphabet=LETTERS, max_size=40))
def test_every_letter_survives_the_round_trip(encoding: str, value: str) -> None:
    assert encodings.decode(encodings.encode(value, encoding), encoding) == value


@given(st.text(alphabet=LETTERS, max_size=40))
def test_tcvn3_round_trip_folds_to_the_same(value: str) -> None:
    back = encodings.decode(encodings.encode(value, "tcvn3"), "tcvn3")
    folded = [pl.select(text.fold(pl.lit(v))).item() for v in (value, back)]
    assert folded[0] == folded[1]


def test_tcvn3_toned_capitals_share_small_bytes() -> None:
    assert encodings.decode(encodings.encode("NGUYỄN ĐỨC", "tcvn3"), "abc") == "NGUYễN ĐứC"


@pytest.mark.parametrize(
    ("data", "encoding", "expected"),
    [
        (b"Nguy\xd4n \xae\xf8c", "tcvn3", "Nguyễn đức"),
        ("Traàn Thò Ñöùc".encode("cp1252"), "vni", "Trần Thị Đức"),
        ("TRAÀN ÑÖÙC".encode("cp1252"), "VNI", "TRẦN ĐỨC"),
        (b"Nguy\xadn", "viscii", "Nguyễn"),
        (unicodedata.normalize("NFC", "Hà").encode("cp1258"), "cp1258", "Hà"),
        (b"\xef\xbb\xbfabc", "utf-8-sig", "abc"),
    ],
)
def test_known_bytes_decode(data: bytes, encoding: str, expected: str) -> None:
    assert encodings.decode(data, encoding) == expected


def test_undecodable_byte_is_named_by_offset_without_content() -> None:
    with pytest.raises(EncodingError, match="byte offset 5") as caught:
        encodings.decode(b"Tran \x81 Binh", "tcvn3")
    assert "Tran" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_character_outside_the_encoding_is_refused() -> None:
    with pytest.raises(EncodingError, match="position 3"):
        encodings.encode("abc中", "viscii")


def test_unknown_encoding_is_refused_with_the_known_ones() -> None:
    assert not encodings.known("klingon")
    with pytest.raises(EncodingError, match="tcvn3, vni, viscii"):
        encodings.decode(b"", "klingon")
    with pytest.raises(EncodingError):
        encodings.encode("", "klingon")


def test_vni_marks_without_a_letter_of_theirs_are_kept() -> None:
    assert encodings.decode("â nù Aø".encode("cp1252"), "vni") == "\u0302 \u0144 À"
    assert encodings.decode(b"", "vni") == ""


def test_vni_capital_letter_takes_a_small_mark() -> None:
    assert encodings.decode("Aùnh AÙNH".encode("cp1252"), "vni") == "Ánh ÁNH"
