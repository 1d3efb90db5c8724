"""What a name may also be: abbreviations, other order, kindred spellings, highland markers."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import names

WORDS = "nguyen ngo van viet thi tran truong an anh a y"
FOLDED = st.lists(st.sampled_from(WORDS.split()), min_size=2, max_size=5)


def clean(raw: str) -> dict[str, object]:
    return pl.select(names.clean(pl.lit(raw).alias("n"))).unnest("n").row(0, named=True)


@pytest.mark.parametrize(
    ("raw", "pattern"),
    [
        ("Ng. V. An", "ng% v% an"),
        ("NG. V. AN", "ng% v% an"),
        ("Ng.V.An", "ng% v% an"),
        ("N.V.An", "n% v% an"),
        ("Ng~ Văn An", "ng% van an"),
        ("Ng\u0303 Văn An", "ng% van an"),
        ("Ng Văn An", "ng% van an"),
        ("Trg. Văn A", "tr% van a"),
        ("Trần T Hoa", "tran t% hoa"),
        ("Lê Á. Hoa", "le a% hoa"),
        ("Đ.V. Nam", "d% v% nam"),
        ("Phạm Ph. Th. Hà", "pham ph% th% ha"),
        ("H. Thị Lan", "h% thi lan"),
    ],
)
def test_abbreviated_words_become_prefixes(raw: str, pattern: str) -> None:
    done = clean(raw)
    assert (done["pattern"], done["has_abbreviation"]) == (pattern, True)
    assert "abbreviated_name" in done["issues"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "raw",
    [
        "Nguyễn Văn A",
        "K' Brêu",
        "H'Hen Niê",
        "Y Moan",
        "Lê Ý",
        "Lê Văn An.",
        "Lê.Văn.An",
        "Trnh Quy",
    ],
)
def test_short_words_and_slips_are_no_abbreviation(raw: str) -> None:
    done = clean(raw)
    assert (done["pattern"], done["has_abbreviation"]) == (None, False)


@pytest.mark.parametrize(
    ("pattern", "folded", "fits"),
    [
        ("ng% v% an", "nguyen van an", True),
        ("ng% v% an", "ngo viet an", True),
        ("ng% v% an", "nguyen thi van an", False),
        ("ng% v% an", "nguyen van anh", False),
        ("ng% v% an", "nguyen an", False),
        ("nguy_n van an", "nguyen van an", True),
        ("nguy_n van an", "nguyn van an", False),
        ("l_ an", "le van", False),
        ("n% _n", "nguyen an", True),
        ("le van an", "le van an", True),
        ("ng% v% an", None, None),
        (None, "le van an", None),
    ],
)
def test_a_pattern_fits_word_by_word(
    pattern: str | None, folded: str | None, fits: bool | None
) -> None:
    frame = pl.DataFrame({"p": [pattern], "f": [folded]}, schema={"p": pl.String, "f": pl.String})
    assert frame.select(names.matches("p", "f")).item() is fits


@given(FOLDED, st.data())
def test_a_pattern_fits_what_it_was_made_from(words: list[str], data: st.DataObject) -> None:
    lengths = [data.draw(st.integers(0, len(word))) for word in words]
    pattern = " ".join(
        word[:length] + "%" if length < len(word) else word
        for word, length in zip(words, lengths, strict=True)
    )
    frame = pl.DataFrame({"p": [pattern], "f": [" ".join(words)]})
    assert frame.select(names.matches("p", "f")).item()


@pytest.mark.parametrize(
    ("raw", "reordered"),
    [
        ("An Nguyễn Văn", "nguyen van an"),
        ("Văn An Nguyễn", "nguyen van an"),
        ("Van An NGUYEN", "nguyen van an"),
        ("An Van Nguyen", "nguyen van an"),
        ("An Nguyễn", "nguyen an"),
        ("Van An, NGUYEN", "nguyen van an"),
        ("Mai Nguyễn Thị", "nguyen thi mai"),
        ("Út Dương Văn", "duong van ut"),
        ("Anh Nguyễn Hoàng", "nguyen hoang anh"),
        ("Thị Vân Nguyễn", "nguyen thi van"),
    ],
)
def test_another_order_is_noticed_and_the_value_left_alone(raw: str, reordered: str) -> None:
    done = clean(raw)
    assert done["reordered"] == reordered
    assert "order_swapped" in done["issues"]  # type: ignore[operator]
    assert done["fold"] != reordered


@pytest.mark.parametrize(
    "raw",
    [
        "NGUYEN, Van An",
        "Lê Hoàng",
        "Vũ Nguyên",
        "Vũ Nguyễn Minh Anh",
        "Lê Kim Thi",
        "Le Nguyen Thi",
        "Mai Trần Lê",
        "Sầm Hoàng Anh",
        "Y Trần Niê",
        "Smith John",
    ],
)
def test_correct_order_raises_no_alarm(raw: str) -> None:
    assert clean(raw)["reordered"] is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Huỳnh Văn An", "Hoàng Văn An"),
        ("Võ Thị Hoa", "Vũ Thị Hoa"),
        ("Lê Hữu Phước", "Lê Hữu Phúc"),
        ("Lê Thị Kiểng", "Lê Thị Cảnh"),
        ("Lê Nhựt Anh", "Lê Nhật Anh"),
        ("Lê Quí Đôn", "Lê Quý Đôn"),
        ("Lí Mĩ Kì", "Lý Mỹ Kỳ"),
        ("Lê Tường Vi", "Lê Tường Vy"),
        ("Huỳnh Phước Quí", "hoang phuc quy"),
        ("Trần Phước Phước", "Trần Phúc Phúc"),
        ("Võ Vi Phước", "Vũ Vy Phúc"),
        ("Võ Quí", "Vũ Quý"),
    ],
)
def test_kindred_names_have_one_key(one: str, other: str) -> None:
    assert clean(one)["kindred"] == clean(other)["kindred"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trần Vũ", "Trần Võ"),
        ("Vi Văn An", "Vy Văn An"),
        ("Lê Thi", "Lê Thy"),
        ("Lê Ý", "Lê I"),
        ("Lê Khoang", "Lê Khuynh"),
    ],
)
def test_other_names_keep_keys_of_their_own(one: str, other: str) -> None:
    assert clean(one)["kindred"] != clean(other)["kindred"]


@pytest.mark.parametrize(
    ("raw", "marker", "folded"),
    [
        ("H'Hen Niê", "h", "hhen nie"),
        ("H' Hen Niê", "h", "hhen nie"),
        ("H’HEN NIÊ", "h", "hhen nie"),
        ("H Hen Niê", "h", "hhen nie"),
        ("h`hen niê", "h", "hhen nie"),
        ("H. Hen Niê", "h", "hhen nie"),
        ("K'Brêu", "k", "kbreu"),
        ("K Brêu", "k", "kbreu"),
        ("Ka Hiền", "ka", "ka hien"),
        ("A Phủ", "a", "a phu"),
        ("Y Bhăm Niê", "y", "y bham nie"),
        ("Y'Bhăm Niê", "y", "y bham nie"),
    ],
)
def test_markers_are_one_name_however_written(raw: str, marker: str, folded: str) -> None:
    done = clean(raw)
    assert (done["marker"], done["fold"]) == (marker, folded)


@pytest.mark.parametrize(
    "raw",
    [
        "Ý Nhi",
        "H. Văn An",
        "H Thị Lan",
        "K. Văn An",
        "Hà Hen",
        "Ái Vân",
        "Y",
        "Nguyễn Y Vân",
        "Hồ Thị H' Lan",
    ],
)
def test_other_beginnings_are_no_marker(raw: str) -> None:
    assert clean(raw)["marker"] is None
