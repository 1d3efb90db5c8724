"""A single record is cleaned as in a frame, also where its values are known beforehand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from linkage.clean import clean_frame
from linkage.config import load_job
from linkage.fields import CleanContext
from linkage.lookup import RecordCleaner
from linkage.resources import shipped

CONTEXT = CleanContext(dt.date(2026, 10, 1))
FIELDS = {
    name: field
    for name, field in load_job(shipped("configs", "sample.yaml")).registries["sim"].fields.items()
    if name in ("full_name", "birth_date", "personal_id", "address")
}
BORN = {
    "usual": "17/01/1986",
    "of a data bank": "1986-01-17",
    "stand-in": "01/01/1980",
    "of today": "01/10/2026",
    "of tomorrow": "02/10/2026",
    "long ago": "05/06/1899",
    "no such day": "30/02/1990",
    "other marks": "17-01-1986",
    "with blanks": " 17/01/1986 ",
    "year alone": "1986",
    "blank": "",
    "none": None,
}


@pytest.fixture(scope="module")
def cleaner() -> RecordCleaner:
    return RecordCleaner(FIELDS, CONTEXT)


@pytest.mark.parametrize("kind", BORN)
def test_a_date_is_cleaned_as_in_a_frame(cleaner: RecordCleaner, kind: str) -> None:
    values = {"full_name": "Lý Công Tâm", "birth_date": BORN[kind], "personal_id": "060086263962"}
    raw = pl.DataFrame(
        {"row": [1], "record_id": ["a"], **{name: [value] for name, value in values.items()}},
        schema_overrides={"row": pl.Int64, "birth_date": pl.String},
    )
    assert_frame_equal(cleaner(raw), clean_frame(raw, FIELDS, CONTEXT))


def test_plain_values_are_read_without_a_query(cleaner: RecordCleaner) -> None:
    plain = {
        "full_name": "Lý Công Tâm",
        "birth_date": "17/01/1986",
        "personal_id": "060086263962",
        "address": "12 Lê Lợi, Phường Ba Đình, Thành phố Hà Nội",
    }
    found = {name: cleaner._known[name].of(pl.Series([value])) for name, value in plain.items()}
    assert [name for name, value in found.items() if value is None] == []
