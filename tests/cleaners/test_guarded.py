"""Guards give a lone value the answer that they give a column."""

from __future__ import annotations

import polars as pl
import pytest

from cleaners import text
from cleaners.addresses import cut
from cleaners.guarded import Matching, only_where
from cleaners.legacy import oddness
from cleaners.names import kinship, markers, titles

GUARDS = {
    "clean": text.CLEAN,
    "composed": text._COMPOSED,
    "misplaced": text.MISPLACED,
    "odd": oddness._ODD,
    "marker": markers._MAYBE,
    "title": titles._MAYBE,
    "kinship": kinship.NEEDED,
}
PLAIN = ["", " ", "a", "A", "Nguyễn Thị Hoà", "toàn", "qúy", "12 Hàng Bè, Hà Nội", "vo thi", "ong"]
ENDS = ["a\n", "a\r\n", "\n", "â\n", "a ", " a", "a  b", "ông.", "Ông\x1cA", "Bà\u00a0B", "BS./X"]
ODD = [
    "NguyÔn V¨n",
    "Nguy?n",
    "traàn",
    "d9",
    "ſ",
    "K",
    "İ",
    "ı",
    "H'Hen",
    "H Hen",
    "Đ",
    "ﬁ",
    "x\u0301",
]
LETTERS = [chr(code) for code in range(1, 0x2100)]
IN_WORDS = [f"ng{chr(code)}n a" for code in (*range(1, 0x250), *range(0x1E00, 0x2070))]
VALUES = [*PLAIN, *ENDS, *ODD, *LETTERS, *IN_WORDS]


@pytest.mark.parametrize("denied", [False, True])
@pytest.mark.parametrize("guard", GUARDS)
def test_a_pattern_means_the_same_in_python(guard: str, denied: bool) -> None:
    matching = Matching(GUARDS[guard], denied=denied)
    column = pl.DataFrame({"v": VALUES}).select(matching(pl.col("v"))).to_series().to_list()
    differ = [v for v, said in zip(VALUES, column, strict=True) if said != matching.says(v)]
    assert differ == []


def test_a_lone_value_is_repaired_like_one_of_many() -> None:
    shout = only_where("v", Matching("[ab]$"), lambda expr: expr.str.to_uppercase())
    frame = pl.DataFrame({"v": ["xa", "xb\n", "xc", None]})
    alone = [frame.slice(row, 1).select(shout).item() for row in range(frame.height)]
    assert frame.select(shout)["v"].to_list() == alone == ["XA", "xb\n", "xc", None]


def test_values_that_all_need_it_are_all_repaired() -> None:
    frame = pl.DataFrame({"v": ["a", "b"]})
    done = frame.select(only_where("v", Matching("[ab]"), lambda expr: expr + "!"))
    assert done["v"].to_list() == ["a!", "b!"]


@pytest.mark.parametrize("value", ["P. Phúc Xá, Q. Ba Đình, Hà Nội", "Hoan Kiem District, Ha Noi"])
def test_the_parts_of_one_tail_are_those_of_several(value: str) -> None:
    both = cut.parts_of(pl.DataFrame({"tail": [value, "X. A, H. B, Nghệ An"]}))
    assert cut.parts_of(pl.DataFrame({"tail": [value]})).row(0) == both.row(0)
