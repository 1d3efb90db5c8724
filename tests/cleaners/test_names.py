"""Names of people and organisations."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import names
from cleaners.text import fold


def clean(raw: str | None) -> dict[str, object]:
    return (
        pl.select(names.clean(pl.lit(raw, dtype=pl.String).alias("n")))
        .unnest("n")
        .row(0, named=True)
    )


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("NGUYỄN VĂN AN", "Nguyễn Văn An"),
        ("nguyễn thị lan", "Nguyễn Thị Lan"),
        ("NGUYễN THị THUỷ", "Nguyễn Thị Thuỷ"),
        ("Nguyễn  Văn\u00a0An ", "Nguyễn Văn An"),
        ("Lê McDonald", "Lê McDonald"),
        ("H'Hen Niê", "H'Hen Niê"),
    ],
)
def test_display_form(raw: str, value: str) -> None:
    assert clean(raw)["value"] == value


@pytest.mark.parametrize(
    ("raw", "family", "middle", "given_name", "initials"),
    [
        ("Nguyễn Văn An", "nguyen", "van", "an", "n v a"),
        ("Trần Thị Ngọc Ánh", "tran", "thi ngoc", "anh", "t t n a"),
        ("Lê Hoa", "le", None, "hoa", "l h"),
        ("Hoa", None, None, "hoa", "h"),
        ("Y Bih Mlô", "y", "bih", "mlo", "y b m"),
    ],
)
def test_parts(raw: str, family: str, middle: str, given_name: str, initials: str) -> None:
    done = clean(raw)
    parts = [done[field] for field in ("family", "middle", "given", "initials")]
    assert parts == [family, middle, given_name, initials]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Ông Trần Văn Bình", "Trần Văn Bình"),
        ("Bà: Lê Thị Hoa", "Lê Thị Hoa"),
        ("MR. LÊ NAM", "Lê Nam"),
        ("Ông Thị Lan", "Ông Thị Lan"),
        ("Anh Thơ", "Anh Thơ"),
    ],
)
def test_title_goes_and_a_name_that_looks_like_one_stays(raw: str, value: str) -> None:
    assert clean(raw)["value"] == value


@pytest.mark.parametrize(
    "raw",
    [
        "Công ty TNHH Hoa Sen",
        "CTY CP ABC",
        "UBND xã Tân Hòa",
        "HTX nông nghiệp 1",
        "Trường Tiểu học Kim Đồng",
        "Ngân hàng TMCP Á Châu",
        "truong thpt le loi",
        "Hộ kinh doanh Nguyễn Văn An",
        "Văn phòng luật sư An Bình",
        "Bệnh viện Bạch Mai",
        "Trường TH Kim Đồng",
    ],
)
def test_organisations_are_told_apart_and_not_split(raw: str) -> None:
    done = clean(raw)
    assert (done["subject"], done["family"], done["initials"]) == ("organisation", None, None)


@pytest.mark.parametrize(
    "raw",
    [
        "Nguyễn Công Tý",
        "NGUYEN CONG TY",
        "Công Tý Nguyễn",
        "Trần Ngân Hằng",
        "tran ngan hang",
        "Trương Tiểu Hoa",
        "Hồ Kinh Doanh",
        "Nguyễn Chí Nhánh",
        "Văn Phong",
        "Lê Văn Phong",
        "Phan Thị Sở",
        "Đoàn Thanh Niên",
        "TRƯƠNG TH ỊHẰNG",
        "Trương Th Thủy",
    ],
)
def test_a_person_never_becomes_an_organisation(raw: str) -> None:
    assert clean(raw)["subject"] == "person"


@pytest.mark.parametrize("raw", ["Ng. V. An", "Ng Văn An", "Trần T. Hoa", "Lê T Hoa", "Đ.V. Nam"])
def test_abbreviations_are_noticed(raw: str) -> None:
    assert clean(raw)["has_abbreviation"] is True


@pytest.mark.parametrize("raw", ["Nguyễn Văn A", "K' Brêu", "H'Hen Niê", "Y Moan", "Lê Ý"])
def test_short_words_that_are_names_are_no_abbreviation(raw: str) -> None:
    assert clean(raw)["has_abbreviation"] is False


@pytest.mark.parametrize(
    ("raw", "issues"),
    [
        ("Lê Văn An (đã mất)", ["note_in_brackets"]),
        ("12345", ["unreadable_name"]),
        ("Nguy?n Văn An", ["lost_letters"]),
        ("Lê Văn An", []),
        ("  ", []),
        (None, []),
    ],
)
def test_issues(raw: str | None, issues: list[str]) -> None:
    assert clean(raw)["issues"] == issues


def test_nothing_gives_nulls() -> None:
    done = clean(" ")
    assert {key: value for key, value in done.items() if value is not None} == {"issues": []}


def test_result_is_named_after_the_column_and_keeps_the_order() -> None:
    frame = pl.DataFrame({"ho_ten": ["Lê An", None, "Lê An", "Võ Bình"]})
    done = frame.select(names.clean("ho_ten"))
    assert done.columns == ["ho_ten"]
    assert done["ho_ten"].struct["given"].to_list() == ["an", None, "an", "binh"]


@given(st.lists(st.text(alphabet="aăâđêôơưNTLĐẮẾ ạếộ.'(", max_size=25), min_size=1, max_size=5))
def test_cleaning_a_clean_value_changes_nothing(values: list[str]) -> None:
    once = pl.DataFrame({"n": values}).select(names.clean("n").struct["value"].alias("n"))
    twice = once.select(names.clean("n").struct["fold"])
    assert twice["fold"].equals(once.select(fold("n").alias("fold"))["fold"])
