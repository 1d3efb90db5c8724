"""Addresses: both editions, abbreviations, no commas, splits and ambiguity."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from cleaners import addresses


def clean(raw: str | None) -> dict[str, Any]:
    return (
        pl.select(addresses.clean(pl.lit(raw, dtype=pl.String).alias("a")))
        .unnest("a")
        .row(0, named=True)
    )


@pytest.mark.parametrize(
    "raw",
    [
        "Số 12, tổ 3, Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội",
        "Số 12, tổ 3, P. Phúc Xá, Q. Ba Đình, Hà Nội",
        "Số 12, tổ 3, P.Phúc Xá, Q.Ba Đình, TP.Hà Nội, Việt Nam",
        "Số 12, tổ 3, Phúc Xá, Ba Đình, HN",
        "Số 12 - tổ 3 - P. Phúc Xá - Q. Ba Đình - Hà Nội",
        "so 12 to 3 phuong phuc xa quan ba dinh thanh pho ha noi",
        "so 12 to 3 p phuc xa q ba dinh ha noi",
        "so 12 to 3 phuc xa ba dinh ha noi",
        "SỐ 12, TỔ 3, PHƯỜNG PHÚC XÁ, QUẬN BA ĐÌNH, HÀ NỘI",
    ],
)
def test_old_form_resolves_to_the_ward_of_today(raw: str) -> None:
    done = clean(raw)
    assert [done[k] for k in ("ward", "old_ward", "province", "edition", "detail", "house")] == [
        "00097",
        "00001",
        "01",
        "pre-2025",
        "so 12 to 3",
        "12",
    ]
    assert (done["ward_candidates"], done["issues"]) == (["00097"], ["retired_unit"])
    assert done["old_district"] == "001"
    assert done["confidence"] > 0.9


@pytest.mark.parametrize(
    "raw",
    [
        "Số 12, tổ 3, Phường Hồng Hà, Hà Nội",
        "so 12 to 3 p hong ha tp ha noi",
        "Số 12, tổ 3, P. Hồng Hà, Q. Ba Đình, Hà Nội",
    ],
)
def test_new_form_is_recognised(raw: str) -> None:
    done = clean(raw)
    assert [done[k] for k in ("ward", "old_ward", "edition")] == ["00097", None, "2025"]


@pytest.mark.parametrize(
    ("raw", "ward"),
    [
        ("P.1, Q.3, TP.HCM", "27154"),
        ("P1 Q3 TPHCM", "27154"),
        ("Phường 01, Quận 3, Sài Gòn", "27154"),
        ("Phường 12, TP Vũng Tàu, BR-VT", "26542"),
        ("Phường 12, TP Vũng Tàu, Bà Rịa - Vũng Tàu", "26542"),
        ("Nghi Kim TP Vinh Nghệ An", "17920"),
        ("xã Ea Tu, Buôn Ma Thuột, Daklak", "24163"),
        ("Đặc khu Phú Quốc, An Giang", "31078"),
        ("Huyện Lý Sơn, Quảng Ngãi", "21548"),
        ("huong xa ha hoa phu tho", "08113"),
    ],
)
def test_names_in_use(raw: str, ward: str) -> None:
    assert clean(raw)["ward"] == ward


def test_tone_marks_tell_two_wards_apart() -> None:
    assert clean("Phường Sa Pả, Thị xã Sa Pa, Lào Cai")["old_ward"] == "03002"
    assert clean("Phường Sa Pa, Thị xã Sa Pa, Lào Cai")["old_ward"] == "03001"
    assert clean("phuong sa pa, thi xa sa pa, lao cai")["old_ward"] is None


def test_split_ward_gives_all_candidates_and_no_ward() -> None:
    done = clean("Thị trấn Đông Anh, Huyện Đông Anh, Hà Nội")
    assert (done["ward"], done["old_ward"]) == (None, "00454")
    assert done["issues"] == ["ward_split", "retired_unit"]
    assert done["ward_candidates"] == ["00454", "00466", "00475"]


@pytest.mark.parametrize(
    ("raw", "issues", "province"),
    [
        ("Phường 1, TP HCM", ["ward_ambiguous", "retired_unit"], "79"),
        ("12 phố X, Ba Đình, Hà Nội", ["ward_ambiguous", "retired_unit"], "01"),
        ("Xã Không Có, Huyện Đông Anh, Hà Nội", ["ward_unknown", "retired_unit"], "01"),
        ("Hà Nội", ["ward_unknown"], "01"),
        ("Phường Vĩnh Long", ["ward_unknown", "province_unknown"], None),
        ("12 Main Street, Springfield", ["ward_unknown", "province_unknown"], None),
    ],
)
def test_doubt_gives_no_ward_and_a_reason(
    raw: str, issues: list[str], province: str | None
) -> None:
    done = clean(raw)
    assert (done["ward"], done["issues"], done["province"]) == (None, issues, province)
    assert done["confidence"] <= 0.5


@pytest.mark.parametrize(
    ("raw", "house", "detail"),
    [
        ("12/3A Phố Huế, P. Phúc Xá, Q. Ba Đình, Hà Nội", "12/3a", "12 3a pho hue"),
        ("Ngõ 5, số 7, P. Phúc Xá, Q. Ba Đình, Hà Nội", "7", "ngo 5 so 7"),
        ("Thôn 4, P. Phúc Xá, Q. Ba Đình, Hà Nội", None, "thon 4"),
        ("P. Phúc Xá, Q. Ba Đình, Hà Nội", None, None),
    ],
)
def test_detail_and_house(raw: str, house: str | None, detail: str | None) -> None:
    done = clean(raw)
    assert (done["house"], done["detail"]) == (house, detail)


@pytest.mark.parametrize("raw", ["", " ", None])
def test_blank_gives_nulls_and_no_issue(raw: str | None) -> None:
    done = clean(raw)
    assert {key: value for key, value in done.items() if value is not None} == {"issues": []}


def test_rows_keep_their_order_and_repeats_their_answer() -> None:
    frame = pl.DataFrame({"a": ["P1 Q3 TPHCM", None, "x", "P1 Q3 TPHCM"]})
    done = frame.select(addresses.clean("a")).unnest("a")
    assert done["ward"].to_list() == ["27154", None, None, "27154"]
