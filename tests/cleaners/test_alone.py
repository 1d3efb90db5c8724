"""Readers of one plain value, held to the cleaners whose twins they are."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners import addresses, names, one_value
from cleaners.addresses.alone import AloneReader
from cleaners.addresses.tails import understood, usual
from cleaners.identifiers import alone as number_alone
from cleaners.identifiers import personal_id
from cleaners.legacy.oddness import is_odd, is_odd_value
from cleaners.names import alone as name_alone
from cleaners.text import VIETNAMESE, fold, tidy, tone_normal
from tests.cleaners import damage

PLAIN_TEXT = st.text(st.sampled_from(f"{VIETNAMESE} aeiouyAEIOUYnghxt,./-'\"0159"), max_size=30)
Cleaned = dict[str, Any]


def cleaned(cleaner: Any, values: list[str]) -> list[Cleaned]:
    done = pl.DataFrame({"v": values}).select(cleaner("v")).to_series()
    assert isinstance(done, pl.Series)
    return done.to_list()


def as_column(form: Any, text: str) -> str | None:
    found: str | None = pl.select(form(pl.lit(text))).item()
    return found


@given(PLAIN_TEXT)
def test_text_is_folded_and_toned_as_in_a_column(text: str) -> None:
    if one_value.is_plain(text):
        assert as_column(tidy, text) == text
        assert one_value.folded(text) == as_column(fold, text)
        kept = one_value.folded(text, ",/")
        assert kept == as_column(lambda column: fold(column, keep=",/"), text)
        assert one_value.toned(text) == as_column(tone_normal, text)


@given(PLAIN_TEXT)
def test_one_value_is_odd_where_it_is_so_in_a_column(text: str) -> None:
    assert is_odd_value(text) == is_odd(pl.Series([text, "Nguyễn Văn An"]))[0]


NAME_WORDS = (
    "Nguyễn Thị Lan Võ Huỳnh Trần Văn Hoà Thuý Quí Quý An Anh Ông Công Ty Ngân Hàng Trường Y A H Ka Niê"
    " nguyen tran van thi duc le vo huynh ly QUÝ TOàN NGUYễN THị Nguy?n NguyÔn Ng. V. va và (chết) Hòa,"
)
WRITTEN = (str, str.upper, str.lower, str.title)


@given(
    st.lists(st.sampled_from(NAME_WORDS.split()), min_size=1, max_size=5).map(" ".join),
    st.sampled_from(WRITTEN),
)
def test_a_name_is_read_as_in_a_column_or_left(name: str, written: Any) -> None:
    found = name_alone.read(written(name))
    assert found is None or found == cleaned(names.clean, [written(name)])[0]


@pytest.mark.parametrize("written", WRITTEN)
def test_nearly_all_names_are_read(written: Any) -> None:
    every = [written(name) for name in damage.names(3_000, seed=11)]
    found = [name_alone.read(name) for name in every]
    expected = cleaned(names.clean, every)
    assert [own for own in found if own] == [
        right for own, right in zip(found, expected, strict=True) if own
    ]
    assert sum(own is not None for own in found) > 0.95 * len(every)


@pytest.mark.parametrize(
    "name",
    [
        "Công ty Minh Phát",  # may be an organisation
        "Ông Nguyễn An",  # a title
        "Lan Nguyễn Thị",  # another order
        "NguyÔn ThÞ Lan",  # an old encoding
        "Trần T Hoa",  # abbreviated
        "Lan",  # a single word
        " Trần Hoa",  # not tidy
        "Trần  Hoa",
        "Lê Văn An và Lê Thị Bé",
        "",
    ],
)
def test_a_name_that_is_not_plain_is_left(name: str) -> None:
    assert name_alone.read(name) is None


DIGITS = st.text(st.sampled_from("0123456789"), min_size=7, max_size=13)
NUMBERS = st.one_of(
    DIGITS,
    st.tuples(DIGITS, st.sampled_from(" -.+O"), DIGITS).map("".join),
    st.sampled_from(["271450001", "271500001", "123456789012", "111111111", "001190012345"]),
    st.integers(1, 96).map(lambda place: f"{place:03}190012345"),
    st.integers(1, 96).map(lambda place: f"{place:03} 190 012 345"),
)


@given(NUMBERS)
def test_a_number_is_read_as_in_a_column_or_left(number: str) -> None:
    found = number_alone.read(number)
    assert found is None or found == cleaned(personal_id.clean, [number])[0]


@pytest.mark.parametrize(
    ("number", "is_read"),
    [
        ("001190012345", True),
        ("001 190 012345", True),
        ("011987654", True),
        ("271450001", False),  # from the range that was issued twice
        ("1190012345", False),  # a lost zero
        ("999190012345", False),
        ("C1234567", False),
        ("", False),
    ],
)
def test_only_ordinary_numbers_are_read(number: str, is_read: bool) -> None:
    assert (number_alone.read(number) is not None) == is_read


TAILS = (
    *("Phường Ba Đình, Thành phố Hà Nội", "P. Phúc Xá, Q. Ba Đình, TP. Hà Nội"),
    *("Phuc Xa, Ba Dinh, Ha Noi", "Phường 1, Quận 3, Hồ Chí Minh"),
    *("Xã Tân Hòa, Huyện Vũ Thư, Tỉnh Thái Bình", "Xã Sa Pả, Thị xã Sa Pa, Tỉnh Lào Cai"),
)
DISTRICTS = [tail.partition(", ")[2] for tail in TAILS]
HEADS = (
    *(
        "12 Đội Cấn",
        "Số 12/3A",
        "ngõ 5, đường Lê Lợi",
        "Tổ 5",
        "tổ dân phố 7",
        "Thôn Hạ",
        "xóm 3",
        "",
    ),
    *("sn 4 , ", "hẻm 45/2 Trần Phú", "10 Main Street", "chung cư A", "phường 5", "Nguyễn Văn A"),
    "Lô B; tầng 3",
)


@pytest.fixture(scope="module")
def address() -> AloneReader:
    return AloneReader(pl.Series([*TAILS, *DISTRICTS]))


@given(
    st.lists(st.sampled_from(HEADS), max_size=3),
    st.sampled_from((*TAILS, *DISTRICTS, "Xã Không Đâu, Hà Nội", "Hà Nội")),
    st.sampled_from([", ", ",", " , ", "; ", " "]),
    st.sampled_from(WRITTEN),
)
def test_an_address_is_read_as_in_a_column_or_left(
    address: AloneReader, head: list[str], tail: str, comma: str, written: Any
) -> None:
    raw = written(comma.join([*head, tail]))
    found = address(raw)
    assert found is None or found == cleaned(addresses.clean, [raw])[0]


def test_plain_addresses_are_read(address: AloneReader) -> None:
    raw = [f"{head}, {tail}" for head in ("Số 12 Đội Cấn", "Tổ 5, Thôn Hạ") for tail in TAILS]
    assert [address(text) for text in raw] == cleaned(addresses.clean, raw)


@pytest.mark.parametrize(
    "raw",
    [
        "12 Đội Cấn",  # no tail
        "12 Đội Cấn, Phường Nào, Hà Nội",  # an unknown one
        "12 Đội Cấn - Phường Ba Đình - Thành phố Hà Nội",
        "12 Đội Cấn, Phường Ba Đình, Thành phố Hà Nội, Việt Nam",
        "12 §éi CÊn, Phường Ba Đình, Thành phố Hà Nội",
        "",
    ],
)
def test_an_address_that_is_not_plain_is_left(address: AloneReader, raw: str) -> None:
    assert address(raw) is None


def test_writing_and_spacing_of_units_do_not_matter(address: AloneReader) -> None:
    for raw in (
        "5 Đội Cấn,P.Phúc Xá,Q.Ba Đình,TP.Hà Nội",
        "5 ĐỘI CẤN, P. PHÚC XÁ , Q BA ĐÌNH, TP HÀ NỘI",
    ):
        assert address(raw) == cleaned(addresses.clean, [raw])[0] is not None


def test_usual_tails_are_understood() -> None:
    read = understood(usual().gather_every(10))
    assert read["is_plain"].mean() > 0.95  # type: ignore[operator]
