"""What an update takes over from the run before, and what it looks at again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import pieces
from linkage.config import FieldDeclaration
from linkage.contracts import RECORDS
from linkage.duplicates.listing import DuplicateInput
from linkage.duplicates.unlinked import SCHEMA as ATTACHED
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ContractError
from linkage.link.tables import LinkTables
from linkage.updates.layers import Layers
from linkage.updates.lists import in_pieces, in_rows, layers_of
from linkage.updates.local import TOGETHER, hang_together, is_local
from linkage.updates.rows import SCHEMA, Delta, compare, in_place
from linkage.updates.touched import moved


def rows(*named: tuple[str, int]) -> pl.DataFrame:
    """Rows by key, each with a hash."""
    return pl.DataFrame(
        [(n, n + 1, key, value) for n, (key, value) in enumerate(named)],
        schema=SCHEMA,
        orient="row",
    )


def compared(before: pl.DataFrame, now: pl.DataFrame) -> Delta:
    return in_place(compare(now, before, pl.Series([], dtype=pl.String)), before)


BEFORE = rows(("a", 1), ("b", 2), ("c", 3))


def test_rows_keep_their_index_where_one_is_gone_and_others_come_behind() -> None:
    delta = compared(BEFORE, rows(("a", 1), ("c", 4), ("d", 5)))
    assert delta.now["idx"].to_list() == [0, 2, 3]
    assert delta.gone is not None
    assert sorted(delta.gone["idx"]) == [1, 2]
    assert delta.to_link["idx"].to_list() == [2, 3]


def test_a_new_row_takes_the_place_of_one_that_is_gone() -> None:
    delta = compared(BEFORE, rows(("a", 1), ("d", 5), ("c", 3)))
    assert delta.now["idx"].to_list() == [0, 1, 2]
    assert delta.same["idx"].to_list() == [0, 2]


def test_without_room_or_in_another_order_all_rows_get_a_new_index() -> None:
    for now in (rows(("a", 1), ("d", 5), ("b", 2), ("c", 3)), rows(("c", 3), ("b", 2), ("a", 1))):
        delta = compared(BEFORE, now)
        assert delta.gone is None
        assert delta.now["idx"].to_list() == list(range(now.height))


def test_a_layer_counts_before_those_below_it(tmp_path: Path) -> None:
    folder, further = tmp_path / "then", tmp_path / "now"
    folder.mkdir()
    kept = Layers(folder, "facts", "idx")
    pl.DataFrame({"idx": [0, 1, 2], "said": ["a", "b", "c"]}).write_parquet(kept.next)
    over = kept.under(further, pl.DataFrame({"any": [1, 2]}))
    pl.DataFrame({"idx": [2, 3], "said": ["C", "D"]}).write_parquet(over.next)
    with DuckDBEngine() as engine:
        both = [engine.frame(f"FROM ({one.sql(engine)}) ORDER BY idx") for one in (kept, over)]
    assert [one["said"].to_list() for one in both] == [["a", "b", "c"], ["a", "C", "D"]]
    assert (kept.count, over.count) == (1, 2)


def layered(folder: Path, *layers: tuple[list[int], list[int]]) -> None:
    """A list of the form of the contract's review; each layer has the rows of some records."""
    (folder / "lists").mkdir(parents=True)
    table = layers_of(folder, "review")
    for number, (gone, indices) in enumerate(layers):
        said = [f"{number}.{place}" for place in range(len(indices))]
        frame = pl.DataFrame({"idx": indices, "said": said}, {"idx": pl.Int64, "said": pl.String})
        if number:
            pl.DataFrame({"idx": gone}, schema={"idx": pl.Int64}).write_parquet(table.gone(number))
        frame.write_parquet(table.rows(number))


indices = st.lists(st.integers(0, 12), max_size=12).map(sorted)


@given(st.lists(indices, min_size=1, max_size=4), st.sampled_from([1, 2, 5, 100]))
def test_a_list_in_pieces_is_the_list(made: list[list[int]], size: int) -> None:
    layers = [(sorted({*one}), one) for one in made]
    kept: list[tuple[int, str]] = []
    for number, (gone, one) in enumerate(layers):
        kept = [row for row in kept if row[0] not in gone]
        kept += [(idx, f"{number}.{place}") for place, idx in enumerate(one)]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "ROWS", size)
        layered(Path(folder), *layers)
        found = pl.concat(in_pieces(Path(folder), "review"))
    assert found.rows() == sorted(kept, key=lambda row: row[0])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6])
def test_rows_of_a_record_that_moves_keep_their_order_whatever_the_pieces(size: int) -> None:
    schema = {"said": pl.String, "idx": pl.Int64}
    kept = pl.DataFrame([("0a", 0), ("0b", 0), ("1a", 1), ("1b", 1), ("1c", 1), ("2a", 2)], schema,
                        orient="row")  # fmt: skip
    own = pl.DataFrame([("new", 1)], schema, orient="row")
    still = pl.DataFrame({"was": [0, 1], "idx": [2, 0]})
    with DuckDBEngine() as engine:
        found = pl.concat(moved(engine, kept.iter_slices(size), still, own))
        assert not engine.has("__moved")
    assert found["said"].to_list() == ["1a", "1b", "1c", "new", "0a", "0b"]
    assert found.schema == own.schema


def test_an_index_that_no_row_has_is_never_another_rows() -> None:
    absent = [pl.lit(None, dtype).alias(n) for n, dtype in RECORDS.schema.items()]
    kept = pl.DataFrame({"idx": [0, 1]}).with_columns(absent).select(*RECORDS.schema, "idx")
    none = pl.DataFrame(
        schema={"record_id": pl.String, "row": pl.Int64, "reasons": pl.List(pl.String)}
    )
    for known in ([0, 2], [0]):
        places = pl.DataFrame({"idx": known, "row": known})
        with pytest.raises(ContractError):
            pl.concat(in_rows([kept], places, none))


def test_rejected_rows_stand_where_they_stood_whatever_the_pieces() -> None:
    named = pl.DataFrame({"record_id": ["a", "b", "c"], "idx": [0, 1, 4]})
    absent = [
        pl.lit(None, dtype).alias(n) for n, dtype in RECORDS.schema.items() if n != "record_id"
    ]
    kept = named.with_columns(absent).select(*RECORDS.schema, "idx")
    places = pl.DataFrame({"idx": [0, 1, 4], "row": [2, 3, 6]})
    reasons = pl.Series([["DUPLICATE_KEY"]] * 4)
    rejects = pl.DataFrame(
        {"record_id": ["w", "x", "y", "z"], "row": [1, 4, 5, 7], "reasons": reasons}
    )
    for size in (1, 2, 3):
        pieces = kept.iter_slices(size)
        assert "".join(pl.concat(in_rows(pieces, places, rejects))["record_id"]) == "wabxycz"


class Rules:
    keep, sure, match = "newest", 0.9, 0.9
    plates_follow_owner_from = plate_kind = classes = None


FIELDS = {
    "plate": FieldDeclaration(type="plate"),
    "licence_number": FieldDeclaration(type="licence_number", unique=True),
}
GIVEN = DuplicateInput(FIELDS, Rules(), lawful=1, counted_by="licence_number")


def together(changed: list[int], then: tuple[object, ...] | None = None) -> list[int]:
    """Records 0 and 1 are of one person, 1 and 2 of one number, 3 of another, 4 of nobody."""
    cleaned = pl.DataFrame(
        {"idx": [0, 1, 2, 3, 4], "licence_number": ["x", "y", "y", "z", None]},
        schema_overrides={"idx": pl.Int64},
    ).with_columns(plate=pl.lit(None, pl.String))
    decisions = pl.DataFrame({"idx": [0, 1, 2, 3, 4], "person": [7, 7, 8, 9, None]}).with_columns(
        link_status=pl.lit("linked")
    )
    was = "SELECT 0::BIGINT AS idx, NULL::VARCHAR AS licence_number, NULL::VARCHAR AS plate"
    decided = "SELECT 0::BIGINT AS idx, NULL::BIGINT AS person, 'linked' AS link_status"
    if then is not None:
        was = f"SELECT {then[0]}::BIGINT AS idx, '{then[1]}' AS licence_number, NULL::VARCHAR AS plate"
        decided = decided.replace("0::", f"{then[0]}::")
    none = pl.DataFrame(schema=ATTACHED)
    with DuckDBEngine() as engine:
        tables = LinkTables("vehicle")
        engine.put(tables.cleaned, cleaned)
        engine.put(tables.decisions, decisions)
        before = {"cleaned": was, "decisions": decided}
        hang_together(engine, tables, before, GIVEN, (none, none), pl.DataFrame({"idx": changed}))
        return sorted(engine.frame(f"FROM {TOGETHER}")["idx"])


def test_records_hang_together_by_person_and_number_to_the_end() -> None:
    assert together([0]) == [0, 1, 2]
    assert together([3]) == [3]
    assert together([4]) == [4]


def test_records_hang_together_with_one_that_shared_their_number() -> None:
    assert together([3], then=(3, "x")) == [0, 1, 2, 3]


def test_points_of_sale_are_not_local() -> None:
    assert is_local(["phone", "full_name"])
    assert not is_local(["phone", "sales_point"])
