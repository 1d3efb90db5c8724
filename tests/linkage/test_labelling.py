"""Pairs to label: which are drawn, how they are written, and what the answers are worth."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.errors import SourceError
from linkage.labelling import annotator
from linkage.labelling.estimate import weights_of
from linkage.labelling.pairs_csv import ANSWERS, read_labels, read_pairs, write_pairs
from linkage.labelling.pool import in_strata
from linkage.labelling.sample import allocate, draw

PAIRS = pl.DataFrame(
    {
        "pair": ["1", "2", "3"],
        "is_match": ["", "", ""],
        "record_id": ["000123", "=cmd()", "r3"],
        "person_id": ["079088001234", "001190012345", "P3"],
        "full_name_record": ["Nguyễn Thị Lan", "+HYPERLINK(1)", None],
        "full_name_candidate": ["Nguyễn Thị Lan", "Trần Bảo", "Lê Hải"],
        "birth_date_record": ["03/04/1990", "1990", "không rõ"],
        "stratum": [1, 1, 2],
        "stratum_size": [10, 10, 4],
    }
)


def drawn_from(count: int) -> pl.DataFrame:
    """Pairs of which a few are doubtful."""
    return in_strata(
        pl.DataFrame(
            {
                "record_id": [f"r{n:04}" for n in range(count)],
                "match_probability": [0.5 if n % 20 == 0 else 0.9999 for n in range(count)],
                "pattern": ["=x" if n % 3 else "==" for n in range(count)],
            }
        )
    )


NONE = pl.DataFrame(schema={"record_id": pl.String})


# --- which pairs ----------------------------------------------------------------------------------


def test_bands_and_patterns_make_strata() -> None:
    pairs = pl.DataFrame(
        {"match_probability": [0.3, 0.3, 0.3, 0.995], "pattern": ["=x", "=x", "==", "=="]}
    )
    assert in_strata(pairs)["stratum"].to_list() == [2, 2, 1, 3]


def test_rare_patterns_of_a_band_are_one_stratum() -> None:
    patterns = [f"{n:02}" for n in range(20) for _ in range(20 - n)]
    pairs = pl.DataFrame({"match_probability": [0.3] * len(patterns), "pattern": patterns})
    found = in_strata(pairs)
    assert found["stratum"].n_unique() == 7
    assert set(found.filter(pattern="other")["stratum"]) == {7}


def test_doubtful_pairs_are_drawn_more_often_than_chance_would() -> None:
    pairs = drawn_from(2000)
    drawn = draw(pairs, NONE, 100)
    doubtful = drawn.filter(pl.col("match_probability") == 0.5).height
    assert doubtful > 3 * 100 * 0.05
    assert drawn.filter(pl.col("match_probability") > 0.9).height > 30
    assert drawn["match_probability"].head(2).to_list() == [0.5, 0.5]


def test_every_stratum_gets_a_pair_where_there_are_enough() -> None:
    drawn = draw(drawn_from(500), NONE, 8)
    assert drawn["stratum"].n_unique() == 4


def test_pairs_are_drawn_once() -> None:
    pairs = drawn_from(300)
    first = draw(pairs, NONE, 50)
    second = draw(pairs, first, 50)
    assert not set(first["record_id"]) & set(second["record_id"])
    assert draw(pairs, pairs, 50).height == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 120), st.integers(1, 150), st.integers(0, 3), st.randoms())
def test_a_draw_hangs_on_the_seed_alone(size: int, count: int, seed: int, random: object) -> None:
    pairs = drawn_from(size)
    drawn = draw(pairs, NONE, count, seed=seed)
    assert drawn.height == min(size, count)
    assert drawn["record_id"].n_unique() == drawn.height
    mixed = pairs.sample(fraction=1, shuffle=True, seed=random.randint(0, 99))  # type: ignore[attr-defined]
    assert (
        draw(mixed, NONE, count, seed=seed)["record_id"].to_list() == drawn["record_id"].to_list()
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 1000), st.floats(0, 1), st.floats(0.05, 0.5)),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 3000),
)
def test_draws_are_shared_out_whole(strata: list[tuple[int, float, float]], count: int) -> None:
    frame = pl.DataFrame(
        {
            "stratum": list(range(len(strata))),
            "size": [size for size, _, _ in strata],
            "left": [int(size * share) for size, share, _ in strata],
            "spread": [spread for *_, spread in strata],
        }
    )
    found = allocate(frame, count)
    assert found["draw"].sum() == min(count, frame["left"].sum())
    assert found.filter((pl.col("draw") < 0) | (pl.col("draw") > pl.col("left"))).is_empty()


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pairs.csv", "pairs.json"])
def test_what_is_written_is_read_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_pairs(path, PAIRS.with_columns(is_match=pl.Series(["yes", "no", ""])))
    found = read_labels(path)
    assert found["record_id"].to_list() == PAIRS["record_id"].to_list()
    assert found["person_id"].to_list() == PAIRS["person_id"].to_list()
    assert found["is_match"].to_list() == [True, False, None]
    assert found["stratum_size"].to_list() == [10, 10, 4]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_spreadsheet_runs_and_rewrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    write_pairs(path, PAIRS)
    cells = pl.read_csv(path, infer_schema=False)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    texts = cells.select(pl.exclude("pair", "stratum", "stratum_size", "is_match"))
    for column in texts.iter_columns():
        for value in column.drop_nulls():
            assert value[0] not in "=+-@"
            assert not value.replace("/", "").isdigit()
    assert cells["is_match"].to_list() == [None, None, None]


def test_the_file_is_private_from_the_start(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        write_pairs(tmp_path / "pairs.csv", PAIRS)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "pairs.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize("answer", ["Yes", " 1 ", "TRUE", "Có", "đúng"])
def test_many_ways_to_say_yes(answer: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"record_id,person_id,is_match\na,b,{answer}\n", encoding="utf-8")
    assert read_labels(path)["is_match"].to_list() == [True]


def test_question_marks_and_blanks_are_no_labels(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("record_id;person_id;is_match\na;b;?\nc;d;\n", encoding="utf-8")
    assert read_labels(path)["is_match"].to_list() == [None, None]
    assert read_pairs(path)["is_match"].to_list() == ["unsure", ""]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,b,yes\nc,d,perhaps NGUYEN", "row 3: an answer that is not known"),
        ("a,b,yes\na,b,no", "row 3: a pair that stands further up already"),
        ("a,b,yes\n,d,no", "row 3: no record_id or person_id"),
    ],
)
def test_rows_that_say_nothing_clear_are_named_by_number(
    rows: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"record_id,person_id,is_match\n{rows}\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_pairs(path)
    assert said in str(caught.value)
    assert "NGUYEN" not in str(caught.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("record_id,person_id,ismatch\na,b,1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="did you mean 'ismatch'"):
        read_pairs(path)


@pytest.mark.parametrize("content", ["", "{}", '{"pairs": [1]}', "[]", "\xff"])
def test_other_json_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(SourceError, match="not an annotation file"):
        read_pairs(path)


def test_answers_are_of_four_kinds() -> None:
    assert set(ANSWERS.values()) == {"yes", "no", "unsure", ""}


# --- recordlinkage's own format -------------------------------------------------------------------


# The library warns about its own use of pandas.
@pytest.mark.filterwarnings("ignore")
def test_recordlinkage_reads_what_we_write(tmp_path: Path) -> None:
    recordlinkage = pytest.importorskip("recordlinkage")
    path = tmp_path / "pairs.json"
    write_pairs(path, PAIRS.with_columns(is_match=pl.Series(["yes", "no", ""])))
    found = recordlinkage.read_annotation_file(str(path))
    assert found.version == annotator.VERSION
    assert list(found.links) == [("000123", "079088001234")]
    assert list(found.distinct) == [("=cmd()", "001190012345")]
    assert list(found.unknown) == [("r3", "P3")]


@pytest.mark.filterwarnings("ignore")
def test_we_read_what_recordlinkage_writes(tmp_path: Path) -> None:
    recordlinkage = pytest.importorskip("recordlinkage")
    pandas = pytest.importorskip("pandas")
    if pandas.__version__.startswith("3"):
        pytest.skip("recordlinkage's writer needs pandas 2")
    path = tmp_path / "pairs.json"
    ours = pandas.DataFrame({"full_name": ["Lan"]}, index=["r1"])
    theirs = pandas.DataFrame({"full_name": ["Lân"]}, index=["p1"])
    pairs = pandas.MultiIndex.from_tuples([("r1", "p1")])
    recordlinkage.write_annotation_file(str(path), pairs, ours, theirs, "a", "b")
    found = read_pairs(path)
    assert found.select("record_id", "person_id", "is_match").rows() == [("r1", "p1", "")]
    assert found.select("full_name_record", "full_name_candidate").rows() == [("Lan", "Lân")]


# --- what answers are worth -----------------------------------------------------------------------


def test_labels_stand_for_their_stratum() -> None:
    labels = pl.DataFrame(
        {"record_id": ["a", "b", "c"], "is_match": [True, True, False], "stratum": [1, 1, 2],
         "stratum_size": [100, 100, 3]}
    )  # fmt: skip
    weights = weights_of(labels)
    assert weights is not None
    assert weights.sort("record_id")["weight"].to_list() == [50.0, 50.0, 3.0]


def test_labels_from_elsewhere_weigh_the_same() -> None:
    assert weights_of(pl.DataFrame({"record_id": ["a"], "is_match": [True]})) is None
