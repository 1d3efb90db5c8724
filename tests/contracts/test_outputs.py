"""The output contract: golden rows pass, and each kind of breach is told without a value."""

from __future__ import annotations

import polars as pl
import pytest

from linkage import contracts
from linkage.contracts import RECORDS
from linkage.errors import ContractError
from linkage.records import check_registry
from tests.contracts.golden import GOLDEN


def golden(name: str) -> pl.DataFrame:
    table, rows = GOLDEN[name]
    return pl.DataFrame(rows, schema_overrides=table.schema)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_rows_fit_the_contract(name: str) -> None:
    table, rows = GOLDEN[name]
    assert table.check(golden(name)).height == len(rows)


@pytest.mark.parametrize("name", GOLDEN)
def test_every_column_of_the_contract_is_in_the_golden_rows(name: str) -> None:
    table, rows = GOLDEN[name]
    assert set(table.columns) <= set(rows[0])


def test_check_puts_columns_in_contract_order() -> None:
    shuffled = golden("records").select(*reversed(RECORDS.columns))
    assert RECORDS.check(shuffled).columns == list(RECORDS.columns)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (pl.lit("maybe").alias("link_status"), "outside its vocabulary"),
        (pl.lit(None, dtype=pl.String).alias("decided_by"), "is null in 4 rows"),
        (pl.col("row").cast(pl.Int32), "is Int32, not Int64"),
        (pl.lit("TB1").alias("record_id"), "repeats in 3 rows"),
        (pl.lit("x").alias("extra"), "not in the contract"),
        (pl.lit(["BECAUSE"]).alias("reasons"), "outside its vocabulary"),
    ],
)
def test_a_breach_is_named(change: pl.Expr, complaint: str) -> None:
    with pytest.raises(ContractError, match=complaint):
        RECORDS.check(golden("records").with_columns(change))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ContractError, match="column 'outcome' is missing"):
        RECORDS.check(golden("records").drop("outcome"))


def test_a_breach_never_shows_a_value() -> None:
    secret = golden("records").with_columns(link_status=pl.lit("secret-value"))
    with pytest.raises(ContractError) as caught:
        RECORDS.check(secret)
    assert "secret-value" not in str(caught.value)


def test_only_sims_have_a_phone_among_their_cases() -> None:
    assert contracts.case_table("sim").name == "junk_sims"
    assert "phone" not in contracts.case_table("vehicle").columns


def _counts(records: pl.DataFrame, read: int) -> None:
    rejects = pl.DataFrame({"record_id": ["TB1#2"]})
    check_registry("sim", read=read, rejected=1, records=records, rejects=rejects)


def test_counts_that_add_up_pass() -> None:
    _counts(golden("records"), read=4)


def test_a_lost_row_stops_the_run() -> None:
    with pytest.raises(ContractError, match="do not add up"):
        _counts(golden("records").head(3), read=4)


def test_a_row_with_two_dispositions_stops_the_run() -> None:
    doubled = golden("records").with_columns(row=pl.Series([1, 2, 3, 3]))
    with pytest.raises(ContractError, match="do not add up"):
        _counts(doubled, read=4)
