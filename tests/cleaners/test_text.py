"""Text: tidy, fold and tone placement."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import text

LETTERS = st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạếềểễệỉịọốổộớợủứựỳýỷỹỵ ĐẮẾỐƯ'-.,", max_size=40
)


def one(expr: pl.Expr) -> object:
    return pl.select(expr).item()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Nguyễn Thị Hòa", "nguyen thi hoa"),
        (unicodedata.normalize("NFD", "Đặng Thuỷ Ưng"), "dang thuy ung"),
        ("H'Hen Niê", "hhen nie"),
        ("K\u2019 Brêu", "k breu"),
        ("TP.HCM - Q.1", "tp hcm q 1"),
        ("A\x00B\u200bC\u00adD", "abcd"),
        ("Ｐｈòng 12", "phong 12"),
        ("...", None),
        (None, None),
    ],
)
def test_fold_keeps_letters_and_digits_only(raw: str | None, expected: str | None) -> None:
    assert one(text.fold(pl.lit(raw, dtype=pl.String))) == expected


def test_fold_leaves_kept_punctuation_in_place() -> None:
    assert one(text.fold(pl.lit("Số 12/3, Q.1"), keep=",/")) == "so 12/3, q 1"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Hà \u00a0  Nội\n", "Hà Nội"),
        ("Ðặng", "Đặng"),
        ("Ｈà Nội", "Hà Nội"),
        ("a\u200b\ufeffb\x00", "ab"),
        ("Nguy\u1ec5n V\u0430n \u0410n", "Nguyễn Van An"),  # Cyrillic а and А
        ("\u0397à Nội", "Hà Nội"),  # Greek Eta
        ("𝐍𝐠𝐮𝐲ễ𝐧 \u24b6n", "Nguyễn An"),
        (" \u3000 ", None),
        ("", None),
    ],
)
def test_tidy_repairs_form(raw: str, expected: str | None) -> None:
    assert one(text.tidy(pl.lit(raw))) == expected


@pytest.mark.parametrize(
    "clean",
    [
        "Nguyễn Thị Thuỷ",
        "Số 12/3, P. Phúc Xá (cũ)",
        "H'Hen Niê",
        "ỹ Ỵ ặ Ẵ đ Đ",
        "x",
        "Иван",
        "Сергей An",
    ],
)
def test_tidy_never_changes_clean_text(clean: str) -> None:
    assert one(text.tidy(pl.lit(clean))) == clean


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Hoà", "hòa"),
        ("hòa", "hòa"),
        ("KHOẺ Thuý", "khỏe thúy"),
        ("Quý qúy", "quý quý"),
        ("Toàn tòan", "toàn toàn"),
        ("Huỳnh Khuỷu hoài", "huỳnh khuỷu hoài"),
        ("uý uý", "úy úy"),
        (unicodedata.normalize("NFD", "Thuỷ"), "thủy"),
    ],
)
def test_tone_marks_have_one_placement(raw: str, expected: str) -> None:
    assert one(text.tone_normal(pl.lit(raw))) == expected


@given(st.lists(st.one_of(st.none(), st.text(max_size=30), LETTERS), min_size=1, max_size=8))
def test_text_forms_are_idempotent(values: list[str | None]) -> None:
    frame = pl.DataFrame({"v": values}, schema={"v": pl.String})
    for form in (text.tidy, text.fold, text.tone_normal):
        once = frame.select(form("v"))
        assert once.equals(once.select(form("v")))


@given(LETTERS)
def test_fold_ignores_the_unicode_form(value: str) -> None:
    decomposed = unicodedata.normalize("NFD", value)
    assert one(text.fold(pl.lit(value))) == one(text.fold(pl.lit(decomposed)))


@given(st.one_of(st.text(max_size=30), LETTERS))
def test_fold_of_raw_and_of_tidy_text_agree(value: str) -> None:
    raw = pl.lit(value)
    assert one(text.fold(raw)) == one(text.fold(text.tidy(raw)))


def test_only_where_repairs_only_what_needs_it() -> None:
    frame = pl.DataFrame({"v": ["a", "b!", None, "c!"]})
    done = frame.select(
        text.only_where("v", lambda e: e.str.ends_with("!"), lambda e: e.str.to_uppercase())
    )
    assert done["v"].to_list() == ["a", "B!", None, "C!"]
