"""Organisations told from people, and the tax code beside a name."""

from __future__ import annotations

import polars as pl
import pytest

from cleaners import names


def clean(raw: str) -> dict[str, object]:
    return pl.select(names.clean(pl.lit(raw).alias("n"))).unnest("n").row(0, named=True)


@pytest.mark.parametrize(
    "raw",
    [
        "Công ty TNHH Hoa Sen",
        "CTY CP ABC",
        "CT CP Hoa Sen",
        "UBND xã Tân Hòa",
        "HTX nông nghiệp 1",
        "DNTN Thành Công",
        "Tổ hợp tác Thành Công",
        "Trường Tiểu học Kim Đồng",
        "Trường TH Kim Đồng",
        "truong thpt le loi",
        "Ngân hàng TMCP Á Châu",
        "Hộ kinh doanh Nguyễn Văn An",
        "Hộ KD Nguyễn Văn An",
        "Cơ sở may mặc Hồng Nhung",
        "Văn phòng luật sư An Bình",
        "Bệnh viện Bạch Mai",
        "Nhà thuốc Minh Châu",
        "Chùa Bửu Long",
        "Liên đoàn Lao động tỉnh Nghệ An",
        "Phong Phu Corporation",
        # Known only by the last word, and by marks after what may be a family name.
        "Công Ty",
        "Trường Mầm Non",
        "Nguyễn Công Ty",
        "Đình Làng Vẽ",
    ],
)
def test_organisations_are_told_apart_and_not_split(raw: str) -> None:
    done = clean(raw)
    parts = ("subject", "family", "initials", "kindred", "pattern", "has_abbreviation")
    assert [done[part] for part in parts] == ["organisation", None, None, None, None, None]


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
        "Tô Hợp Tác",
        "Chu Bửu Long",
        "Viên Thị Kiểm Sát",
        "Bế Xê",
    ],
)
def test_a_person_never_becomes_an_organisation(raw: str) -> None:
    assert clean(raw)["subject"] == "person"


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ("Cty TNHH Hoa Sen (MST 0101234567)", "Cty TNHH Hoa Sen", "0101234567"),
        ("Cty TNHH Hoa Sen - mã số thuế: 0101234567-001", "Cty TNHH Hoa Sen", "0101234567-001"),
        ("Nguyễn Văn An, MST 0101234567", "Nguyễn Văn An", "0101234567"),
        ("Cty Hoa Sen 0100233488", "Cty Hoa Sen", "0100233488"),
        ("Cty Hoa Sen 0100233488-001", "Cty Hoa Sen", "0100233488-001"),
    ],
)
def test_a_tax_code_beside_the_name_stands_apart(raw: str, value: str, code: str) -> None:
    done = clean(raw)
    assert (done["value"], done["tax_code"]) == (value, code)
    assert done["issues"] == ["tax_code_in_name"]


@pytest.mark.parametrize(
    "raw", ["Nguyễn Văn An 0100233488", "Cty Hoa Sen 0912345678", "Cty Hoa Sen số 1"]
)
def test_other_numbers_are_no_tax_code(raw: str) -> None:
    done = clean(raw)
    assert (done["value"], done["tax_code"]) == (raw, None)
