"""Addresses: what stands below the ward."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from cleaners import addresses

TAIL = ", P. Phúc Xá, Q. Ba Đình, Hà Nội"
PARTS = ("house", "street", "alley", "hamlet", "group")


def parts(head: str, tail: str = TAIL) -> dict[str, Any]:
    done = pl.DataFrame({"a": [head + tail]}).select(addresses.clean("a")).unnest("a")
    return {name: done[name].item() for name in PARTS if done[name].item() is not None}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("12 Lê Lợi", {"house": "12", "street": "le loi"}),
        ("Số 12/3A Đường Trần Hưng Đạo", {"house": "12/3a", "street": "tran hung dao"}),
        ("SN 80 Đ. Trần Hưng Đạo", {"house": "80", "street": "tran hung dao"}),
        ("Số nhà 15 phố Bạch Mai", {"house": "15", "street": "bach mai"}),
        ("12 Đường số 7", {"house": "12", "street": "so 7"}),
        ("12 Đường 3/2", {"house": "12", "street": "3/2"}),
        ("12 Hang Be Street", {"house": "12", "street": "hang be"}),
        ("Phố Huế", {"street": "hue"}),
        ("Số 5, Ngõ 45, Đường Láng", {"house": "5", "alley": "45", "street": "lang"}),
        ("Số 5 hẻm 12/7 Lê Lai", {"house": "5", "alley": "12/7"}),
        ("Kiệt 5 Nguyễn Huệ", {"alley": "5"}),
        ("Số 80, Tổ 3, Thôn Tiền Phong", {"house": "80", "group": "3", "hamlet": "tien phong"}),
        ("Thôn 4", {"hamlet": "4"}),
        ("Ấp Bình An", {"hamlet": "binh an"}),
        ("Buôn Ea Kmat", {"hamlet": "ea kmat"}),
        ("Bản Nà Ngà", {"hamlet": "na nga"}),
        ("TDP 7", {"group": "7"}),
        ("Khu phố 3", {"group": "3"}),
        ("KP 3 tổ 5", {"group": "5"}),
        ("12 Đường Láng", {"house": "12", "street": "lang"}),
        ("Lô 5 chung cư A", {}),
    ],
)
def test_parts_of_the_head(head: str, expected: dict[str, str]) -> None:
    assert parts(head) == expected


def test_a_name_ends_where_the_next_part_opens_without_a_comma() -> None:
    tail = " p phuc xa q ba dinh ha noi"
    assert parts("so 12 duong le loi to 5", tail) == {
        "house": "12",
        "street": "le loi",
        "group": "5",
    }


def test_without_a_known_unit_all_of_the_text_is_the_head() -> None:
    assert parts("12 Main Street, Springfield", "") == {"house": "12", "street": "main"}
