"""Lines of a CSV file are told apart by their bytes, and read alone as they would be among all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from linkage.config.models import SourceConfig
from linkage.read import Lines, lines_of, read_source, settle

COLUMNS = {"record_id": "ma", "full_name": "ho_ten", "address": "dia_chi"}
HEADER = "ma,ho_ten,dia_chi\n"


def told_apart(folder: Path, text: str, encoding: str = "utf-8") -> Lines | None:
    path = folder / "source.csv"
    path.write_bytes(text.encode(encoding))
    return lines_of("sim", path, SourceConfig(path=path, encoding=encoding), COLUMNS)


def lines(folder: Path, text: str) -> Lines:
    found = told_apart(folder, text)
    assert found is not None
    return found


def rows(found: Lines, wanted: list[bool], folder: Path) -> pl.DataFrame:
    source = SourceConfig(path=folder / "source.csv")
    parts = found.read(np.array(wanted), COLUMNS)
    return settle("sim", parts, COLUMNS, "record_id", source, None).rows


BODY = 'a,An,"1, Lê Lợi"\n\nb,"Bình ""Bé""",\r\nc,Cúc\nd,Dung,x"y\ne,"E"m,"z"'


def test_chosen_lines_say_what_they_say_among_all(tmp_path: Path) -> None:
    found = lines(tmp_path, HEADER + BODY)
    whole = read_source("sim", SourceConfig(path=tmp_path / "source.csv"), COLUMNS, "record_id")
    assert rows(found, [True] * 5, tmp_path).equals(whole.rows)
    chosen = [False, True, True, True, False]
    wanted = pl.Series([2, 3, 4], dtype=pl.Int64)
    expected = whole.rows.filter(pl.col("row").is_in(wanted.implode()))
    assert rows(found, chosen, tmp_path).equals(expected)
    facts = {name: whole.source[name] for name in found.facts}
    assert found.facts == facts


def test_a_line_has_the_same_hash_wherever_it_stands(tmp_path: Path) -> None:
    one = lines(tmp_path, HEADER + "a,An,x\nb,Bình,y\n").prints
    other = lines(tmp_path, HEADER + "\nb,Bình,y\nc,An,x\na,An,x\n").prints
    assert set(one) & set(other) == set(one)
    assert len(set(other)) == 3


def test_under_another_header_no_line_is_the_same(tmp_path: Path) -> None:
    one = lines(tmp_path, HEADER + "a,An,x\n").prints
    other = lines(tmp_path, "ma,dia_chi,ho_ten\n" + "a,An,x\n").prints
    assert one[0] != other[0]


@pytest.mark.parametrize(
    "body",
    ['a,An,"1\nLê Lợi"\n', 'a,An,"never closed\nb,Bình,y\n', 'a,x"y,"open\nb,"B"",y\n'],
    ids=["over two lines", "never closed", "closed by none"],
)
def test_cells_over_several_lines_are_left_to_reading(tmp_path: Path, body: str) -> None:
    assert told_apart(tmp_path, HEADER + body) is None


def test_encodings_whose_lines_hang_together_are_left_to_reading(tmp_path: Path) -> None:
    assert told_apart(tmp_path, HEADER + "a,An,x\n", "utf-16") is None
    assert told_apart(tmp_path, HEADER + "a,An,x\n", "cp500") is None


def test_windows_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEADER + BODY
    whole = lines(tmp_path, text)
    monkeypatch.setattr("linkage.read.lines.WINDOW", 8)
    parted = lines(tmp_path, text)
    assert np.array_equal(whole.prints, parted.prints)
    assert rows(parted, [True] * 5, tmp_path).equals(rows(whole, [True] * 5, tmp_path))


def test_a_file_of_a_header_alone_has_no_lines(tmp_path: Path) -> None:
    found = lines(tmp_path, HEADER)
    assert len(found.prints) == 0
    assert found.facts["note"] == "header only: no rows"
    assert rows(found, [], tmp_path).height == 0
