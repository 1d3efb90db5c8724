"""Lists put aside on disk: the same frames, read when they are asked for, and nothing left behind."""

from __future__ import annotations

import gc
import pickle
from pathlib import Path

import polars as pl
import pytest

import linkage
from linkage.shelf import Lists, PutAside, part_of
from tests.linkage.test_resume import job_in

FLAGS = pl.DataFrame(
    {
        "case_id": ["a", "b", "c"],
        "reasons": [["X"], [], ["X", "Y"]],
        "confidence": [0.5, None, 1.0],
        "status": ["new", "resolved", "dismissed"],
    }
)
RECORDS = pl.DataFrame({"record_id": ["Nguyễn", None], "row": [1, 2]})


@pytest.fixture(params=["on disk", "in memory"])
def lists(request: pytest.FixtureRequest, tmp_path: Path) -> Lists:
    place = tmp_path if request.param == "on disk" else None
    return Lists.of({"records": RECORDS, "flags": FLAGS}, place)


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_a_list_comes_back_as_it_was(lists: Lists) -> None:
    assert [*lists] == ["records", "flags"]
    assert lists["flags"].equals(FLAGS)
    assert lists["flags"].schema == FLAGS.schema
    assert lists["records"].equals(RECORDS)


def test_some_columns_of_a_list_are_read(lists: Lists) -> None:
    assert lists.part("flags", "confidence", "case_id").equals(
        FLAGS.select("confidence", "case_id")
    )
    assert lists.height("flags") == 3


def test_the_living_leave_closed_cases_out(lists: Lists) -> None:
    assert lists.living["flags"]["case_id"].to_list() == ["a"]
    assert lists.living.part("flags", "case_id").rows() == [("a",)]
    assert lists.living.height("flags") == 1
    assert lists.living.height("records") == 2  # no cases, and none are left out


def test_a_list_in_the_place_of_another_leaves_the_first_lists_as_they_are(lists: Lists) -> None:
    other = FLAGS.head(1)
    then = lists.replaced({"flags": other})
    assert then["flags"].equals(other)
    assert lists["flags"].equals(FLAGS)


def test_a_list_that_comes_in_pieces_is_one_list(lists: Lists) -> None:
    pieces = (FLAGS.slice(n, 1) for n in range(3))
    then = lists.put("flags", pieces)
    assert then["flags"].equals(FLAGS)
    assert pl.concat(then.pieces("flags")).equals(FLAGS)
    assert pl.concat(then.living.pieces("flags"))["case_id"].to_list() == ["a"]
    assert lists["flags"].equals(FLAGS)


def test_a_list_without_rows_is_one_piece(lists: Lists) -> None:
    then = lists.put("flags", iter([FLAGS.clear()]))
    assert [piece.shape for piece in then.pieces("flags")] == [(0, 4)]
    assert then["flags"].schema == FLAGS.schema


def test_there_is_no_list_of_another_name(lists: Lists) -> None:
    assert "sims" not in lists
    with pytest.raises(KeyError):
        lists["sims"]


def test_files_have_no_name(tmp_path: Path) -> None:
    lists = Lists.of({"flags": FLAGS}, tmp_path)
    assert [*tmp_path.iterdir()] == []
    assert lists["flags"].equals(FLAGS)


def test_a_file_that_loses_its_name_is_still_read(tmp_path: Path) -> None:
    FLAGS.write_ipc(tmp_path / "flags.arrow", compression="lz4")
    put = PutAside.at(tmp_path / "flags.arrow")
    (tmp_path / "flags.arrow").unlink()
    assert put.read().equals(FLAGS)
    assert put.read().equals(FLAGS)


def test_files_are_closed_with_the_lists(tmp_path: Path) -> None:
    gc.collect()
    before = open_files()
    lists = Lists.of({"flags": FLAGS, "records": RECORDS}, tmp_path)
    assert open_files() == before + 2
    del lists
    gc.collect()
    assert open_files() == before


def test_lists_in_another_process_are_the_same(lists: Lists) -> None:
    found = pickle.loads(pickle.dumps(lists))
    assert found["flags"].equals(FLAGS)


def test_plain_frames_are_lists_too() -> None:
    assert part_of({"flags": FLAGS}, "flags", "case_id").columns == ["case_id"]


def test_a_run_that_was_written_over_keeps_its_own_lists(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    first = linkage.run(job)
    before = first["sim"].records
    then = linkage.run(job, formats=["csv"])
    assert first["sim"].records.equals(before)
    assert then["sim"].records.equals(before)
    assert then["sim"].junk_sims["status"].to_list() == ["open"]
    assert first["sim"].junk_sims["status"].to_list() == ["new"]
