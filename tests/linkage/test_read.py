"""Sources to raw frames: every row is read or rejected, every value is as the source holds it."""

import datetime as dt
import hashlib
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cleaners import encodings
from linkage.config import SourceConfig
from linkage.errors import SourceError
from linkage.read import RawSource, read_source
from linkage.read.keys import record_ids

COLUMNS = {"record_id": "ma", "full_name": "ho_ten", "phone": "so"}


def read_text(
    folder: Path, text: str | bytes, *, encoding: str | None = None, delimiter: str | None = None
) -> RawSource:
    path = folder / "sims.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    source = SourceConfig(path=path, encoding=encoding, delimiter=delimiter)
    return read_source("sim", source, COLUMNS, "record_id")


def rejected(raw: RawSource) -> list[tuple[int, str, list[str]]]:
    return raw.rejects.select("row", "record_id", "reasons").rows()


def test_rows_come_under_standard_names_with_blanks_as_null(tmp_path: Path) -> None:
    raw = read_text(tmp_path, "ma;so;khac;ho_ten\n a ;0912;x;An\nb;  ;;Bình \n;09;y;Cường\n")
    expected = pl.DataFrame(
        {
            "row": [1, 2, 3],
            "record_id": ["a", "b", "row:3"],
            "full_name": ["An", "Bình ", "Cường"],
            "phone": ["0912", None, "09"],
        }
    )
    assert_frame_equal(raw.rows, expected)
    assert raw.rejects.is_empty()


def test_the_facts_say_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "sims.csv"
    path.write_bytes(b"ma;so;ho_ten\na;1;An\nb;2\n")
    source = SourceConfig(path=path, as_of=dt.date(2026, 9, 15))
    facts = read_source("sim", source, COLUMNS, "record_id").source
    assert facts.pop("content_hash") == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts == {
        "path": str(path),
        "format": "csv",
        "encoding": "utf-8",
        "delimiter": ";",
        "rows": 2,
        "rejected": 1,
        "as_of": "2026-09-15",
        "note": None,
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    text = "ma;ho_ten;so\na;An, Bình;1\n".replace(";", "\0").replace("\0", delimiter)
    text = text.replace("An, Bình", '"An, Bình"')
    assert read_text(tmp_path, text).rows["full_name"].to_list() == ["An, Bình"]


def test_a_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    assert read_text(tmp_path, "sep=;\r\nma;ho_ten;so\r\na;An;1\r\n").rows.height == 1


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "utf-8-sig", "utf-16", "utf-8"])
def test_encodings_are_decoded(tmp_path: Path, encoding: str) -> None:
    data = encodings.encode("ma;ho_ten;so\na;Nguyễn Thuý Đường;1\n", encoding)
    raw = read_text(tmp_path, data, encoding=encoding)
    assert raw.rows["full_name"].to_list() == ["Nguyễn Thuý Đường"]
    assert raw.source["encoding"] == encoding


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    raw = read_text(tmp_path, "ma;ho_ten;so\na;Đường;1\n".encode(encoding))
    assert raw.rows.select("record_id", "full_name").rows() == [("a", "Đường")]
    assert raw.source["encoding"] == encoding


def test_a_header_alone_is_no_error(tmp_path: Path) -> None:
    raw = read_text(tmp_path, "ma;ho_ten;so")
    assert raw.rows.columns == ["row", "record_id", "full_name", "phone"]
    assert raw.rows.dtypes == [pl.Int64, pl.String, pl.String, pl.String]
    assert raw.source["note"] == "header only: no rows"


def test_ragged_rows_are_rejected_with_their_line(tmp_path: Path) -> None:
    raw = read_text(tmp_path, "ma;ho_ten;so\na;An;1\nb;Bình\nc;Cường;3;4\nd;Dũng;4\n")
    assert raw.rows["row"].to_list() == [1, 4]
    assert rejected(raw) == [
        (2, "row:2", ["UNREADABLE", "RAGGED_ROW"]),
        (3, "row:3", ["UNREADABLE", "RAGGED_ROW"]),
    ]
    assert json.loads(raw.rejects["raw"][0]) == {"line": "b;Bình"}


def test_values_with_nul_bytes_or_of_megabytes_are_rejected(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    raw = read_text(tmp_path, f"ma;ho_ten;so\na;A\0n;1\nb;{long};2\nc\0;Cường;3\nd;Dũng;4\n")
    assert raw.rows["record_id"].to_list() == ["d"]
    assert rejected(raw) == [
        (1, "a", ["UNREADABLE", "NUL_BYTE"]),
        (2, "b", ["UNREADABLE", "OVERSIZED_VALUE"]),
        (3, "row:3", ["UNREADABLE", "NUL_BYTE"]),
    ]
    assert json.loads(raw.rejects["raw"][1]) == {"ma": "b", "ho_ten": "x" * 1024, "so": "2"}


def test_repeated_keys_are_rejected_after_their_first_row(tmp_path: Path) -> None:
    raw = read_text(tmp_path, "ma;ho_ten;so\na;An;1\na;An;2\nb;Bình;3\n a;An;4\n")
    assert raw.rows["record_id"].to_list() == ["a", "b"]
    assert rejected(raw) == [(2, "a#2", ["DUPLICATE_KEY"]), (4, "a#3", ["DUPLICATE_KEY"])]


def test_a_usable_row_keeps_the_key_of_an_unreadable_one(tmp_path: Path) -> None:
    raw = read_text(tmp_path, "ma;ho_ten;so\na;A\0n;1\na;An;2\n")
    assert raw.rows.select("row", "record_id").rows() == [(2, "a")]
    assert rejected(raw) == [(1, "a#2", ["UNREADABLE", "NUL_BYTE"])]


def test_rows_without_a_key_column_are_named_by_position(tmp_path: Path) -> None:
    path = tmp_path / "sims.csv"
    path.write_text("ho_ten\nAn\nBình\n")
    raw = read_source("sim", SourceConfig(path=path), {"full_name": "ho_ten"}, "record_id")
    assert raw.rows["record_id"].to_list() == ["row:1", "row:2"]


def test_one_column_may_feed_two_fields() -> None:
    frame = pl.DataFrame({"so": ["001"], "ten": ["An"]})
    columns = {"person_id": "so", "full_name": "ten", "personal_id": "so"}
    raw = read_source("population", SourceConfig(), columns, "person_id", frame=frame)
    assert raw.rows.to_dicts() == [
        {"row": 1, "record_id": "001", "person_id": "001", "full_name": "An", "personal_id": "001"}
    ]


@given(st.lists(st.sampled_from(["a", "a#2", "a#2#2", "row:1", "row:2", "", None]), max_size=12))
def test_names_of_rows_never_repeat(keys: list[str | None]) -> None:
    rows = pl.DataFrame(
        {"row": range(1, len(keys) + 1), "key": keys, "usable": [True] * len(keys)},
        schema={"row": pl.Int64, "key": pl.String, "usable": pl.Boolean},
    )
    named = record_ids(rows)
    assert named["record_id"].n_unique() == len(keys)
    own = set(named.filter(~pl.col("repeated"))["record_id"])
    assert {key for key in keys if key} <= own


def test_typed_columns_become_text_as_a_csv_would_hold_them() -> None:
    frame = pl.DataFrame(
        {
            "ma": [12, 13],
            "ho_ten": pl.Series(["An", None], dtype=pl.Categorical),
            "whole": [79085001234.0, float("nan")],
            "part": [0.5, None],
            "day": [dt.date(2026, 10, 1), None],
            "time": [dt.datetime(2026, 10, 1), dt.datetime(2026, 10, 1, 18, 50)],
            "money": [Decimal("12.00"), Decimal("12.50")],
            "flag": [True, None],
        }
    )
    columns = {"record_id": "ma", **{name: name for name in frame.columns if name != "ma"}}
    raw = read_source("sim", SourceConfig(), columns, "record_id", frame=frame)
    assert raw.rows.drop("row").rows() == [
        ("12", "An", "79085001234", "0.5", "2026-10-01", "2026-10-01", "12", "true"),
        ("13", None, None, None, None, "2026-10-01T18:50:00", "12.50", None),
    ]


FRAME = pl.DataFrame({"ma": ["a", "b"], "ho_ten": ["An", None], "so": ["1", "2"]})


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(FRAME, id="polars"),
        pytest.param(FRAME.lazy(), id="lazy"),
        pytest.param(FRAME.to_arrow(), id="arrow"),
        pytest.param(pd.DataFrame(FRAME.to_dict(as_series=False)), id="pandas"),
        pytest.param(
            pa.table({"ma": ["a", "b"], "ho_ten": ["An", None], "so": ["1", "2"]}), id="table"
        ),
    ],
)
def test_frames_of_all_libraries_are_read(frame: object) -> None:
    raw = read_source("sim", SourceConfig(), COLUMNS, "record_id", frame=frame)
    assert raw.rows.rows() == [(1, "a", "An", "1"), (2, "b", None, "2")]
    assert (raw.source["format"], raw.source["path"]) == ("frame", None)


def test_a_duckdb_relation_is_read() -> None:
    with duckdb.connect() as connection:
        relation = connection.sql("SELECT 'a' AS ma, 'An' AS ho_ten, 1 AS so")
        raw = read_source("sim", SourceConfig(), COLUMNS, "record_id", frame=relation)
    assert raw.rows.rows() == [(1, "a", "An", "1")]


def test_the_hash_of_a_frame_is_that_of_its_content() -> None:
    def hash_of(frame: pl.DataFrame) -> str:
        return str(
            read_source("sim", SourceConfig(), COLUMNS, "record_id", frame=frame).source[
                "content_hash"
            ]
        )

    assert hash_of(FRAME) == hash_of(pl.concat([FRAME.head(1), FRAME.tail(1)], rechunk=False))
    assert hash_of(FRAME) != hash_of(FRAME.reverse())


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_parquet_and_arrow_files_are_told_by_their_content(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sims.data"
    FRAME.write_parquet(path) if kind == "parquet" else FRAME.write_ipc(path)
    raw = read_source("sim", SourceConfig(path=path), COLUMNS, "record_id")
    assert raw.source["format"] == kind
    assert raw.rows.height == 2


# --- sources that cannot be read ------------------------------------------------------------------


def fails(folder: Path, text: str | bytes, *, encoding: str | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_text(folder, text, encoding=encoding)
    assert caught.value.message
    assert caught.value.expected
    assert caught.value.hint
    return caught.value


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "sims.csv").touch()
    with pytest.raises(SourceError, match=r"did you mean 'sims\.csv'"):
        read_source("sim", SourceConfig(path=tmp_path / "sim.csv"), COLUMNS, "record_id")


def test_a_directory_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a directory"):
        read_source("sim", SourceConfig(path=tmp_path), COLUMNS, "record_id")


def test_no_path_and_no_frame_is_an_error() -> None:
    with pytest.raises(SourceError, match="nothing to read"):
        read_source("sim", SourceConfig(), COLUMNS, "record_id")


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    assert "0 bytes" in str(fails(tmp_path, b""))


def test_blank_lines_alone_are_an_error(tmp_path: Path) -> None:
    assert "no header" in str(fails(tmp_path, b"\n \n\n"))


def test_a_header_with_an_endless_quote_is_an_error(tmp_path: Path) -> None:
    assert "header cannot be read" in str(fails(tmp_path, 'ma;"ho_ten;so\n' + "x" * 200_000))


def test_missing_columns_are_named_with_the_nearest_ones(tmp_path: Path) -> None:
    error = fails(tmp_path, "ma;Họ tên;so_thue_bao\n")
    assert error.expected == "ho_ten, so"
    assert "ho_ten: did you mean 'Họ tên'?" in str(error)


def test_a_mapped_column_that_stands_twice_is_an_error(tmp_path: Path) -> None:
    assert "more than once" in str(fails(tmp_path, "ma;ho_ten;so;so\n"))


def test_undecodable_bytes_are_placed_and_never_shown(tmp_path: Path) -> None:
    error = fails(tmp_path, encodings.encode("ma;ho_ten;so\na;Dũng;1\n", "tcvn3"))
    assert "byte offset 16" in str(error)
    assert "tcvn3" in str(error)
    assert "ng;1" not in str(error)


@pytest.mark.parametrize("encoding", ["ascii", "tcvn3"])
def test_bytes_that_a_declared_encoding_lacks_are_placed(tmp_path: Path, encoding: str) -> None:
    assert "byte offset 18" in str(fails(tmp_path, b"ma;ho_ten;so\na;An;\x81", encoding=encoding))


def test_utf_16_without_a_mark_is_recognised(tmp_path: Path) -> None:
    assert "UTF-16" in str(fails(tmp_path, "ma;ho_ten;so\n".encode("utf-16-le")))


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0"])
def test_workbooks_and_archives_are_refused(tmp_path: Path, head: bytes) -> None:
    assert "kind of file" in str(fails(tmp_path, head + bytes(100)))


def test_a_parquet_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sims.parquet"
    FRAME.write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="cut off"):
        read_source("sim", SourceConfig(path=path), COLUMNS, "record_id")


def test_a_format_that_the_file_has_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sims.csv"
    path.write_text("ma;ho_ten;so\n")
    with pytest.raises(SourceError, match=r"not what source\.format says"):
        read_source("sim", SourceConfig(path=path, format="parquet"), COLUMNS, "record_id")


@pytest.mark.parametrize("frame", [[1, 2], pd.DataFrame({"ma": ["a", 1], "ho_ten": 1, "so": 1})])
def test_objects_that_are_no_frames_are_refused_without_their_values(frame: object) -> None:
    with pytest.raises(SourceError, match="cannot be read") as caught:
        read_source("sim", SourceConfig(), COLUMNS, "record_id", frame=frame)
    assert "'a'" not in str(caught.value)


def test_nested_columns_are_refused() -> None:
    frame = pl.DataFrame({"ma": ["a"], "ho_ten": [["An"]], "so": ["1"]})
    with pytest.raises(SourceError, match="plain values"):
        read_source("sim", SourceConfig(), COLUMNS, "record_id", frame=frame)
