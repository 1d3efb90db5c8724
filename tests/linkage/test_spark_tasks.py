"""What Spark's tasks do, without Spark: batches in, batches out."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pytest

from linkage.engines.duckdb import DuckDBEngine
from linkage.engines.spark.tasks import (
    PLACE,
    TOLD,
    Compare,
    Layout,
    Make,
    cell,
)
from linkage.engines.work import AskedOfPairs, Side

RAW = pl.DataFrame({PLACE: [5, 6, 7, 20, 21], "name": ["An", None, "Bình", "Chi", "Dũng"]})


def numbered(rows: pl.DataFrame, first: int) -> tuple[dict[str, pl.DataFrame], int]:
    numbers = rows.with_row_index("idx", first)
    lists = numbers.select("idx", letters=pl.col("name").str.split(""))
    return {"people": numbers, "letters": lists}, rows.height


def made_of(*batches: pl.DataFrame) -> pl.DataFrame:
    empty, _ = numbered(RAW.drop(PLACE).head(0), 0)
    task = Make(numbered, Layout.of(empty), dict(RAW.drop(PLACE).schema))

    def given() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from batch.to_arrow().to_batches()

    made = pl.from_arrow(pa.Table.from_batches(list(task(given())), task.layout.schema))
    assert isinstance(made, pl.DataFrame)
    return made


def test_rows_keep_their_place_in_the_source() -> None:
    made = made_of(RAW)
    assert made[cell(0, 0)].to_list() == [5, 6, 7, 20, 21]
    assert made[cell(0, 1)].to_list() == RAW["name"].to_list()


def test_tables_of_one_piece_lie_side_by_side() -> None:
    made = made_of(RAW)
    assert made[cell(1, 0)].equals(made[cell(0, 0)])
    assert made[cell(1, 1)][0].to_list() == ["A", "n"]


def test_each_run_of_rows_is_a_piece_of_its_own() -> None:
    assert made_of(RAW)[TOLD].is_not_null().to_list() == [True, False, False, True, False]


def test_how_rows_are_cut_into_batches_changes_nothing() -> None:
    whole, cut = (made.drop(TOLD) for made in (made_of(RAW), made_of(RAW[:2], RAW[2:])))
    assert whole.equals(cut)


def test_an_error_in_a_task_tells_no_value() -> None:
    def fails(rows: pl.DataFrame, first: int) -> tuple[dict[str, pl.DataFrame], int]:
        raise ValueError(rows["name"][0])

    task = Make(fails, Layout({}, pa.schema([])), dict(RAW.drop(PLACE).schema))
    with pytest.raises(RuntimeError) as raised:
        list(task(iter(RAW.to_arrow().to_batches())))
    assert str(raised.value) == "ValueError while making tables of rows"
    assert raised.value.__suppress_context__


PEOPLE = pl.DataFrame({"idx": [3, 4], "name": ["Nguyễn An", "Trần Bình"]})
RECORDS = pl.DataFrame({"idx": [0, 1, 2], "name": ["Nguyen An", None, "Trần Bình"]})
PAIRS = pl.DataFrame({"idx_l": [0, 0, 1, 1, 2, 2], "idx_r": [3, 4, 3, 4, 3, 4]})
SHARES = pl.DataFrame({"name": ["Nguyễn An", "Trần Bình"], "share": [0.3, 0.01]})


def of_pairs(left: str, right: str, pairs: str) -> str:
    return (
        "SELECT idx_l, idx_r, jaro_winkler_similarity(l.name, r.name) AS alike,"
        f' log2(r.share) AS bits, l.share AS own FROM "{pairs}" JOIN "{left}" l ON l.idx = idx_l'
        f' JOIN "{right}" r ON r.idx = idx_r'
    )


def side(table: str) -> Side:
    sql = f'SELECT s.idx, s.name, t.share FROM "{table}" s LEFT JOIN shares t ON t.name = s.name'
    return Side(table, {"name": "shares"}, sql)


ASKED = AskedOfPairs(
    side("records"),
    side("people"),
    of_pairs,
    "bits = max(bits) OVER (PARTITION BY idx_l) OR alike > 0.5",
)


def beside(rows: pl.DataFrame, letter: str) -> pl.DataFrame:
    """Rows of a side under the names that they have beside pairs."""
    known = pl.when(pl.col("share").is_not_null()).then(pl.struct("share"))
    return rows.join(SHARES, on="name", how="left").select(
        pl.col("idx").alias(f"{letter}0"),
        pl.col("name").alias(f"{letter}1"),
        known.alias(f"{letter}1_known"),
    )


def test_a_task_says_of_pairs_what_the_embedded_engine_says() -> None:
    wide = PAIRS.join(beside(RECORDS, "l"), left_on="idx_l", right_on="l0", coalesce=False).join(
        beside(PEOPLE, "r"), left_on="idx_r", right_on="r0", coalesce=False
    )
    task = Compare("pairs", ASKED, (("idx", "name"), ("idx", "name")))
    batches = list(task(iter(wide.to_arrow().to_batches())))
    found = pl.DataFrame(pa.Table.from_batches(batches))
    with DuckDBEngine(threads=1) as engine:
        for name in ("records", "people", "pairs", "shares"):
            engine.put(name, globals()[name.upper()])
        engine.make_of_pairs("found", "pairs", ASKED)
        expected = engine.frame("FROM found ORDER BY idx_l, idx_r")
    assert found.sort("idx_l", "idx_r").equals(expected)
    assert expected["own"].to_list()[-1] == 0.01


def test_a_partition_without_pairs_yields_nothing() -> None:
    assert list(Compare("pairs", ASKED, (("idx",), ("idx",)))(iter([]))) == []
