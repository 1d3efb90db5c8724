"""The embedded engine: frames in and out, limits, and scoring on the same connection."""

from __future__ import annotations

import datetime as dt
import gc
import stat
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from linkage.engines.duckdb import DuckDBEngine


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


FRAME = pl.DataFrame(
    {
        "idx": [0, 1],
        "name": ["Nguyễn Thị Lan", None],
        "born": [dt.date(1990, 3, 12), None],
        "wards": [["00004", "00008"], None],
        "weight": [1.5, None],
        "trusted": [True, None],
    }
)


def test_a_frame_comes_back_as_it_went_in(engine: DuckDBEngine) -> None:
    engine.put("people", FRAME)
    assert engine.frame("FROM people ORDER BY idx").equals(FRAME)


def test_a_table_is_replaced_by_one_of_the_same_name(engine: DuckDBEngine) -> None:
    engine.put("people", FRAME)
    engine.put("people", FRAME.head(1))
    assert engine.number("SELECT count(*) FROM people") == 1


def test_a_table_does_not_follow_its_frame(engine: DuckDBEngine) -> None:
    frame = pl.DataFrame({"n": [1]})
    engine.put("numbers", frame)
    frame[0, "n"] = 2
    assert engine.number("SELECT n FROM numbers") == 1


def test_a_frame_is_let_go_of_before_the_transaction_ends(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[weakref.ref[object]] = []
    to_arrow = pl.DataFrame.to_arrow

    def noted(frame: pl.DataFrame) -> object:
        table = to_arrow(frame)
        handed.append(weakref.ref(table))
        return table

    monkeypatch.setattr(pl.DataFrame, "to_arrow", noted)
    with engine.together():
        engine.put("people", FRAME)
        engine.append("people", FRAME)
        gc.collect()
        assert [table() for table in handed] == [None, None]


def test_a_query_without_rows_keeps_its_columns(engine: DuckDBEngine) -> None:
    engine.put("people", FRAME)
    empty = engine.frame("FROM people WHERE false")
    assert empty.schema == FRAME.schema
    assert empty.height == 0


def test_no_number_is_nought(engine: DuckDBEngine) -> None:
    assert engine.number("SELECT NULL") == 0


def test_list_columns_are_told(engine: DuckDBEngine) -> None:
    engine.put("people", FRAME)
    assert engine.list_columns("people") == {"wards"}


def test_what_stands_beside_the_engine_is_taken_from_its_limit(tmp_path: Path) -> None:
    with DuckDBEngine("1GB", tmp_path, 1, beside=0.5e9) as engine:
        assert setting(engine, "memory_limit") == "476.8 MiB"


def test_what_does_not_exist_may_be_dropped(engine: DuckDBEngine) -> None:
    engine.put("people", FRAME)
    engine.drop("people", "nothing")
    engine.drop("people")
    assert engine.number("SELECT count(*) FROM duckdb_tables()") == 0


def setting(engine: DuckDBEngine, name: str) -> str:
    return str(engine.frame(f"SELECT current_setting('{name}')::VARCHAR AS s")["s"].item())


def test_limits_are_the_jobs(tmp_path: Path) -> None:
    with DuckDBEngine("1GB", tmp_path, 1) as engine:
        assert setting(engine, "memory_limit") == "953.6 MiB"
        assert Path(setting(engine, "temp_directory")).parent == engine.folder
        assert engine.folder.parent == tmp_path
        assert setting(engine, "threads") == "1"


def test_what_is_spilled_is_the_owners_alone_and_goes_with_the_engine(tmp_path: Path) -> None:
    with DuckDBEngine(temp_directory=tmp_path, threads=1):
        (spill,) = tmp_path.iterdir()
        assert stat.S_IMODE(spill.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []


def test_the_engine_fetches_no_extensions(engine: DuckDBEngine) -> None:
    assert setting(engine, "autoinstall_known_extensions") == "false"
    assert setting(engine, "autoload_known_extensions") == "false"


def test_two_engines_share_nothing(engine: DuckDBEngine) -> None:
    engine.put("people", FRAME)
    with DuckDBEngine(threads=1) as other:
        assert other.number("SELECT count(*) FROM duckdb_tables()") == 0


def test_a_closed_engine_is_closed() -> None:
    with DuckDBEngine(threads=1) as engine:
        pass
    with pytest.raises(duckdb.Error):
        engine.number("SELECT 1")


def test_tables_of_an_attached_file_are_not_the_engines_own(
    engine: DuckDBEngine, tmp_path: Path
) -> None:
    with DuckDBEngine(temp_directory=tmp_path, threads=1) as other:
        other.put("people", FRAME)
        other.run("CREATE VIEW names AS SELECT name FROM people")
        other.save_as(tmp_path / "people.duckdb")
    assert engine.attach(tmp_path / "people.duckdb", "index") == ("people",)
    assert not engine.has("people")
    engine.put("names", FRAME)
    engine.drop("names", "people")
    assert engine.number('SELECT count(*) FROM "index".people') == FRAME.height


KILLED = """
import os, signal, sys
from pathlib import Path
from linkage.engines.duckdb import DuckDBEngine
engine = DuckDBEngine(temp_directory=Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    other = tmp_path / "linkage-notes"
    other.mkdir()
    with DuckDBEngine(temp_directory=tmp_path) as alive:
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
        [dead] = set(tmp_path.iterdir()) - {other, alive.folder}
        with DuckDBEngine(temp_directory=tmp_path) as engine:
            assert not dead.exists()
            assert {*tmp_path.iterdir()} == {other, alive.folder, engine.folder}
    assert {*tmp_path.iterdir()} == {other}


def test_frames_are_stored_one_behind_the_other() -> None:
    with DuckDBEngine(threads=1) as engine:
        engine.put("numbers", pl.DataFrame({"a": [1], "b": [2]}))
        engine.append("numbers", pl.DataFrame({"b": [4], "a": [3]}))
        assert engine.frame("FROM numbers ORDER BY a").rows() == [(1, 2), (3, 4)]


def test_a_view_is_dropped_as_a_table_is() -> None:
    with DuckDBEngine(threads=1) as engine:
        engine.put("numbers", pl.DataFrame({"n": [1]}))
        engine.run("CREATE VIEW seen AS FROM numbers")
        engine.drop("seen", "numbers", "never")
        assert not engine.has("numbers")
