"""Cells of CSV texts: whole rows, and rows that are not whole."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.read.csv_cells import Cells, scan


def cells_of(text: str, width: int = 3) -> Cells:
    return scan(text.encode(), width, ";", '"')


def rows(cells: Cells) -> list[tuple[str, ...]]:
    columns = [cells.column(i).to_list() for i in range(cells.ends.shape[1])]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1;2;3\n4;;6\n", [("1", "2", "3"), ("4", "", "6")]),
        ("1;2;3", [("1", "2", "3")]),
        ("1;2;3\r\n4;5;6\r\n", [("1", "2", "3"), ("4", "5", "6")]),
        ("1;2;3\n\n\r\n4;5;6\n", [("1", "2", "3"), ("4", "5", "6")]),
        (';;\n"";"";""\n', [("", "", ""), ("", "", "")]),
        ('1;"a;b";3\n', [("1", "a;b", "3")]),
        ('1;"a\nb;c\nd";3\n', [("1", "a\nb;c\nd", "3")]),
        ('1;"a\nb";"c\nd"\n', [("1", "a\nb", "c\nd")]),
        ('"a ""b""";2;"3"\r\n', [('a "b"', "2", "3")]),
        ('"1;";2;"x""\n"\n', [("1;", "2", 'x"\n')]),
        ('1;ngõ "Tý";a"b\n', [("1", 'ngõ "Tý"', 'a"b')]),
        ("1;Nguyễn Văn Thường Dài;3\n", [("1", "Nguyễn Văn Thường Dài", "3")]),
        ("", []),
        ("\n\n", []),
    ],
)
def test_whole_rows_are_read_as_they_stand(text: str, expected: list[tuple[str, ...]]) -> None:
    cells = cells_of(text)
    assert rows(cells) == expected
    assert cells.row.tolist() == list(range(1, len(expected) + 1))
    assert cells.broken.is_empty()


@pytest.mark.parametrize(
    ("text", "whole", "broken"),
    [
        ("1;2;3\n4;5\n7;8;9\n", [1, 3], [(2, "RAGGED_ROW", "4;5")]),
        ("1;2;3\n4;5;6;7;8\n7;8;9\n", [1, 3], [(2, "RAGGED_ROW", "4;5;6;7;8")]),
        ("1;2\r\n", [], [(1, "RAGGED_ROW", "1;2")]),
        ('1;"b;3\n4;5;6\n7;"8";9\n', [2, 3], [(1, "UNTERMINATED_QUOTE", '1;"b;3')]),
        ('1;2;3\n4;5;"6', [1], [(2, "UNTERMINATED_QUOTE", '4;5;"6')]),
        ('1;"b;3\n4;5;6\n7;"8\n9";9\n', [2, 3], [(1, "UNTERMINATED_QUOTE", '1;"b;3')]),
        (
            '1;"b;3\n4;"5;6\n7;8;9\n',
            [3],
            [(1, "UNTERMINATED_QUOTE", '1;"b;3'), (2, "UNTERMINATED_QUOTE", '4;"5;6')],
        ),
    ],
)
def test_rows_that_are_not_whole_are_set_aside_alone(
    text: str, whole: list[int], broken: list[tuple[int, str, str]]
) -> None:
    cells = cells_of(text)
    assert cells.row.tolist() == whole
    assert cells.broken.rows() == broken


def test_quotes_are_ordinary_characters_when_there_is_no_quote() -> None:
    assert rows(scan(b'1;"2;3"\n', 3, ";", None)) == [("1", '"2', '3"')]


def test_a_single_quoted_column_may_hold_empty_cells() -> None:
    assert rows(scan(b'a\n""\nb\n', 1, ";", '"')) == [("a",), ("",), ("b",)]


VALUES = st.text(alphabet='aé";\n x0123456789', max_size=16)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), max_size=6)
)


@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_a_csv_writer_writes_is_read_back(
    table: list[list[str]], line_end: str, quote_all: bool
) -> None:
    stream = io.StringIO(newline="")
    writer = (
        csv.writer(stream, delimiter=";", lineterminator=line_end, quoting=csv.QUOTE_ALL)
        if quote_all
        else csv.writer(stream, delimiter=";", lineterminator=line_end)
    )
    writer.writerows(table)
    cells = cells_of(stream.getvalue(), len(table[0]) if table else 2)
    assert rows(cells) == [tuple(row) for row in table]
    assert cells.broken.is_empty()


@given(st.text(alphabet='aé";\n\r', max_size=60), st.integers(1, 4))
def test_no_row_of_any_text_is_lost_or_counted_twice(text: str, width: int) -> None:
    cells = cells_of(text, width)
    numbers = sorted([*cells.row.tolist(), *cells.broken["row"].to_list()])
    assert numbers == list(range(1, cells.total + 1))
    assert len(rows(cells)) == len(cells.row)


def in_parts(text: str, size: int) -> tuple[list[tuple[str, ...]], list[int], list[int]]:
    """Rows, their numbers and those of broken ones, of a text read in parts of whole lines."""
    body = text.encode()
    lines = [line + b"\n" for line in body.split(b"\n")]
    parts = [b"".join(lines[i : i + size]) for i in range(0, len(lines), size)]
    found: list[tuple[str, ...]] = []
    numbers: list[int] = []
    broken: list[int] = []
    before, rest = 0, b""
    for place, part in enumerate(parts):
        whole = rest + part
        cells = scan(whole, 3, ";", '"', final=place == len(parts) - 1)
        found += rows(cells)
        numbers += (cells.row + before).tolist()
        broken += (cells.broken["row"] + before).to_list()
        before, rest = before + cells.total, whole[cells.used :]
    assert not rest
    return found, numbers, broken


@given(
    st.text(alphabet=st.sampled_from(list('ab;"\n\n;;')), max_size=80),
    st.integers(min_value=1, max_value=5),
)
def test_a_text_read_in_parts_is_the_text_read_whole(text: str, size: int) -> None:
    cells = cells_of(text)
    whole = (rows(cells), cells.row.tolist(), cells.broken["row"].to_list())
    assert in_parts(text, size) == whole
